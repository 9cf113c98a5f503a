//! Which libvirt and which hypervisor, and which guests they run.

use virt::connect::Connect;

use super::line::{Line, Topic};
use super::shell::Shell;
use crate::error::Result;
use crate::hypervisor::dotted;
use crate::link::Link;
use crate::local::Need;
use crate::xml::capabilities::CapabilitiesView;

/// Versions as libvirt counts them: a million, a thousand, one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Versions {
    /// libvirt's on the host.
    pub(super) libvirt: u32,
    /// The library's in this program.
    pub(super) library: u32,
    /// What the driver calls itself: `QEMU`, `Xen`.
    pub(super) driver: String,
    /// The hypervisor's, where it has one to tell.
    pub(super) hypervisor: Option<u32>,
}

/// Asks the host. Blocks.
pub(super) fn read(link: &Link) -> Result<Versions> {
    let connect = link.connect();
    Ok(Versions {
        libvirt: connect.lib_version()?,
        library: Connect::version()?,
        driver: connect.driver_type()?,
        hypervisor: connect.hyp_version().ok().filter(|&version| version > 0),
    })
}

/// Which libvirt.
pub(super) fn libvirt(versions: &Versions) -> Line {
    let there = dotted(versions.libvirt);
    let words = if versions.libvirt == versions.library {
        format!("The host runs libvirt {there}.")
    } else {
        format!(
            "The host runs libvirt {there}; this program uses version {} of its library.",
            dotted(versions.library)
        )
    };
    Line::good(Topic::Libvirt, words)
}

/// Which hypervisor.
pub(super) fn hypervisor(versions: &Versions) -> Line {
    let topic = Topic::Hypervisor;
    let driver = &versions.driver;
    match versions.hypervisor {
        Some(version) => Line::good(
            topic,
            format!("The hypervisor is {driver} {}.", dotted(version)),
        ),
        None => Line::note(
            topic,
            format!("The hypervisor is {driver}; it does not tell its version."),
        ),
    }
}

/// Which guests can be run. `installed`: whether QEMU is on this computer, nothing of another.
pub(super) fn guests(said: &CapabilitiesView, installed: Option<bool>, shell: &Shell) -> Line {
    let topic = Topic::Guests;
    let has = |list: &[String], word: &str| list.iter().any(|known| known == word);
    if has(&said.domain_types, "xen") {
        let kinds: Vec<&str> = [("xen", "PV"), ("xenpvh", "PVH"), ("hvm", "HVM")]
            .into_iter()
            .filter(|(kind, _)| has(&said.os_types, kind))
            .map(|(_, name)| name)
            .collect();
        return Line::good(
            topic,
            format!(
                "The host runs Xen guests of these kinds: {}.",
                kinds.join(", ")
            ),
        );
    }
    let arch = &said.arch;
    if has(&said.domain_types, "qemu") || has(&said.domain_types, "kvm") {
        return Line::good(topic, format!("QEMU is there for {arch} guests."));
    }
    if has(&said.domain_types, "test") {
        return Line::good(
            topic,
            "This is libvirt's test driver: its guests are only played.",
        );
    }
    let line = Line::problem(
        topic,
        format!("The host can run no {arch} guests: it offers no emulator for them."),
    );
    match installed {
        Some(true) => super::service::restart(
            line,
            "QEMU is installed; the service looks for it when it starts: restart it.",
            shell,
        ),
        Some(false) => line.with_command("Install QEMU.", shell.install(Need::Emulator)),
        None => line.with_advice("Install QEMU there."),
    }
}

/// Whether QEMU is installed, when there is no service to ask.
pub(super) fn emulator(installed: bool, arch: &str, shell: &Shell) -> Line {
    let topic = Topic::Guests;
    if installed {
        return Line::good(topic, format!("QEMU is installed for {arch} guests."));
    }
    Line::problem(topic, format!("QEMU is not installed for {arch} guests."))
        .with_command("Install it.", shell.install(Need::Emulator))
}

/// Whether QEMU for that processor is on this computer, under any of its names. Looks at files.
pub(super) fn has_emulator(arch: &str) -> bool {
    let own = match arch {
        "x86" => "i386",
        "powerpc64" => "ppc64",
        arch => arch,
    };
    [&*format!("qemu-system-{own}"), "qemu-kvm"]
        .iter()
        .any(|name| crate::local::find(name).is_some())
}

#[cfg(test)]
mod tests {
    use super::super::line::Verdict;
    use super::*;
    use crate::xml::capabilities;

    const XEN: &str = include_str!("../../tests/data/xen/capabilities-11.3.xml");

    #[test]
    fn versions_are_told_in_words() {
        let mut versions = Versions {
            libvirt: 9_000_000,
            library: 11_003_000,
            driver: "Xen".into(),
            hypervisor: Some(4_017_005),
        };
        let line = libvirt(&versions);
        assert!(line.message.contains("9.0.0") && line.message.contains("11.3.0"));
        assert!(hypervisor(&versions).message.contains("Xen 4.17.5"));
        versions.library = versions.libvirt;
        assert_eq!(libvirt(&versions).message, "The host runs libvirt 9.0.0.");
        versions.hypervisor = None;
        assert_eq!(hypervisor(&versions).verdict, Verdict::Note);
    }

    #[test]
    fn a_real_xen_host_runs_three_kinds_of_guests() {
        let said = capabilities::read(XEN).unwrap();
        let line = guests(&said, None, &Shell::default());
        assert_eq!(line.verdict, Verdict::Good);
        assert!(line.message.ends_with("PV, PVH, HVM."), "{}", line.message);
    }

    #[test]
    fn a_host_without_an_emulator_can_run_nothing() {
        let mut said = CapabilitiesView {
            arch: "x86_64".into(),
            domain_types: vec!["qemu".into()],
            ..CapabilitiesView::default()
        };
        let shell = Shell {
            distribution: crate::local::Distribution::of("ID=arch\n", ""),
            ..Shell::default()
        };
        assert_eq!(guests(&said, None, &shell).verdict, Verdict::Good);
        said.domain_types.clear();
        let command = |installed| {
            let line = guests(&said, installed, &shell);
            assert_eq!(line.verdict, Verdict::Problem);
            line.remedy.unwrap().command
        };
        assert_eq!(
            command(Some(false)).as_deref(),
            Some("sudo pacman -S qemu-base")
        );
        assert!(command(Some(true)).unwrap().contains("virt"));
        assert_eq!(command(None), None);
        assert_eq!(emulator(true, "x86_64", &shell).verdict, Verdict::Good);
        assert_eq!(emulator(false, "x86_64", &shell).verdict, Verdict::Problem);
    }
}
