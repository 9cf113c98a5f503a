//! Xen on this computer: whether it is the domain 0, and whether the toolstack is up.

use std::fs;
use std::path::{Path, PathBuf};

use super::line::{Line, Topic};
use super::shell::Shell;
use crate::local::{self, Need, XEN_CAPABILITIES};

/// What there is of Xen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Xen {
    /// What Xen's kernel says this domain may do.
    pub(super) capabilities: String,
    /// Which hypervisor the kernel runs on, where it says so.
    hypervisor: String,
    /// Whether XenStore's daemon listens.
    store: bool,
    /// Whether the kernel has its way to XenStore.
    bus: bool,
    /// The toolstack's command.
    xl: Option<PathBuf>,
}

impl Xen {
    /// This computer's. Looks at files.
    pub(super) fn of_this_computer() -> Self {
        let text = |path| fs::read_to_string(path).unwrap_or_default();
        let exists = |paths: &[&str]| paths.iter().any(|path| Path::new(path).exists());
        Self {
            capabilities: text(XEN_CAPABILITIES),
            hypervisor: text("/sys/hypervisor/type").trim().to_owned(),
            store: exists(&["/run/xenstored/socket", "/var/run/xenstored/socket"]),
            bus: exists(&["/proc/xen/xenbus", "/dev/xen/xenbus"]),
            xl: local::find("xl"),
        }
    }

    pub(super) fn is_domain_0(&self) -> bool {
        local::is_domain_0(&self.capabilities)
    }
}

/// Whether this is a domain 0; `wanted`: Xen's driver was asked for.
pub(super) fn domain_0(xen: &Xen, wanted: bool, shell: &Shell) -> Line {
    let topic = Topic::Domain0;
    if xen.is_domain_0() {
        return Line::good(topic, "This computer runs Xen, and this is its domain 0.");
    }
    if xen.hypervisor == "xen" {
        let words =
            "This is a guest of Xen, not its domain 0: Xen's guests are managed from there.";
        return if wanted {
            Line::problem(topic, words).with_advice("Connect to the Xen host itself.")
        } else {
            Line::note(topic, words)
        };
    }
    match (wanted, &xen.xl) {
        (true, Some(_)) => Line::problem(
            topic,
            "Xen is installed, but this computer was started without it.",
        )
        .with_advice("Start it again and choose the entry with Xen in the boot menu."),
        (true, None) => Line::problem(topic, "This computer does not run Xen.").with_command(
            "Install Xen, then start the computer with it.",
            shell.install(Need::Xen),
        ),
        (false, Some(_)) => Line::note(
            topic,
            "Xen is installed, but this computer was started without it.",
        )
        .with_advice("For Xen's guests, choose the entry with Xen in the boot menu."),
        (false, None) => Line::good(
            topic,
            "This computer runs without Xen, which only Xen's own guests need.",
        ),
    }
}

/// Whether the toolstack is up, in a domain 0.
pub(super) fn toolstack(xen: &Xen, shell: &Shell) -> Line {
    let topic = Topic::Toolstack;
    if xen.xl.is_none() {
        return Line::problem(topic, "Xen's toolstack (xl) is not installed.").with_command(
            "Install it with libvirt's driver for Xen.",
            shell.install(Need::Xen),
        );
    }
    if !xen.bus {
        return Line::problem(
            topic,
            "The kernel has no way to XenStore (/proc/xen/xenbus): its file system is not mounted.",
        )
        .with_command(
            "Mount it.",
            Some(shell.as_root("mount -t xenfs xenfs /proc/xen")),
        );
    }
    if !xen.store {
        return Line::problem(
            topic,
            "XenStore does not run: nothing listens at /run/xenstored/socket, and no guest can be \
             started.",
        )
        .with_command("Start Xen's services.", Some(start_command(shell)));
    }
    Line::good(
        topic,
        "Xen's toolstack is up: XenStore runs and xl is there.",
    )
}

fn start_command(shell: &Shell) -> String {
    let script = Path::new("/etc/init.d/xen").exists();
    match (shell.systemd, script) {
        (_, true) => shell.as_root("service xen start"),
        (true, false) => shell.as_root("systemctl start xenstored xen-init-dom0 xenconsoled"),
        (false, false) => [shell.as_root("xenstored"), shell.as_root("xenconsoled")].join("; "),
    }
}

#[cfg(test)]
mod tests {
    use super::super::line::Verdict;
    use super::*;

    fn host() -> Xen {
        Xen {
            capabilities: "control_d\n".into(),
            hypervisor: "xen".into(),
            store: true,
            bus: true,
            xl: Some("/usr/sbin/xl".into()),
        }
    }

    #[test]
    fn a_domain_0_a_guest_and_neither() {
        let shell = Shell::default();
        let verdict = |xen: &Xen, wanted| domain_0(xen, wanted, &shell).verdict;
        assert_eq!(verdict(&host(), true), Verdict::Good);
        let guest = Xen {
            capabilities: "\n".into(),
            ..host()
        };
        assert_eq!(verdict(&guest, false), Verdict::Note);
        assert_eq!(verdict(&guest, true), Verdict::Problem);
        let without = Xen {
            capabilities: String::new(),
            hypervisor: String::new(),
            ..host()
        };
        assert_eq!(verdict(&without, false), Verdict::Note);
        assert_eq!(verdict(&without, true), Verdict::Problem);
        assert_eq!(verdict(&Xen::default(), false), Verdict::Good);
        assert_eq!(verdict(&Xen::default(), true), Verdict::Problem);
    }

    #[test]
    fn each_missing_part_of_the_toolstack_is_named() {
        let shell = Shell::default();
        let of = |xen: &Xen| toolstack(xen, &shell);
        assert_eq!(of(&host()).verdict, Verdict::Good);
        for (missing, word) in [
            (Xen { xl: None, ..host() }, "xl"),
            (
                Xen {
                    bus: false,
                    ..host()
                },
                "xenbus",
            ),
            (
                Xen {
                    store: false,
                    ..host()
                },
                "xenstored",
            ),
        ] {
            let line = of(&missing);
            assert_eq!(line.verdict, Verdict::Problem);
            assert!(line.message.contains(word), "{}", line.message);
            assert!(line.remedy.is_some());
        }
    }
}
