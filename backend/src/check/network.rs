//! The default network.

use super::line::{Line, Topic};
use super::mend::{Mend, Steps};
use super::shell::Shell;
use crate::error::{Error, ErrorKind, Result};
use crate::link::Link;

/// Its name by convention.
pub(super) const NAME: &str = "default";

/// Where libvirt's packages keep its definition.
const DEFINITIONS: [&str; 2] = [
    "/usr/share/libvirt/networks/default.xml",
    "/usr/share/doc/libvirt/examples/networks/default.xml",
];

/// How it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct DefaultNetwork {
    active: bool,
    autostart: bool,
}

/// Asks the host; nothing where it has none. Blocks.
pub(super) fn read(link: &Link) -> Result<Option<DefaultNetwork>> {
    let network = match link.connect().lookup_network_by_name(NAME) {
        Ok(network) => network,
        Err(error) => return none_if_not_found(error.into()),
    };
    Ok(Some(DefaultNetwork {
        active: network.is_active()?,
        // A network without a definition that stays has none.
        autostart: network.autostart().unwrap_or(false),
    }))
}

/// What is not there is an answer too.
pub(super) fn none_if_not_found<T>(error: Error) -> Result<Option<T>> {
    if error.kind() == ErrorKind::NotFound {
        Ok(None)
    } else {
        Err(error)
    }
}

/// The file that defines it, on this computer.
pub(super) fn definition_here() -> Option<&'static str> {
    DEFINITIONS
        .into_iter()
        .find(|path| std::path::Path::new(path).is_file())
}

/// `session`: an ordinary user's own, which has no networks; `definition`: the file that defines it,
/// where the host is this computer and has it.
pub(super) fn judge(
    network: Option<DefaultNetwork>,
    session: bool,
    definition: Option<&'static str>,
    shell: &Shell,
) -> Line {
    let topic = Topic::Network;
    let start = || shell.virsh(&format!("net-start {NAME}"));
    let autostart = || shell.virsh(&format!("net-autostart {NAME}"));
    match network {
        Some(DefaultNetwork {
            active: true,
            autostart: true,
        }) => Line::good(
            topic,
            "The network “default” is there, active, and started with the host.",
        ),
        Some(DefaultNetwork {
            active: true,
            autostart: false,
        }) => Line::note(
            topic,
            "The network “default” is active, but is not started with the host.",
        )
        .with_command("Have it started with the host.", Some(autostart()))
        .with_mend(Mend::network(Steps::Autostart)),
        Some(DefaultNetwork {
            active: false,
            autostart: starts_itself,
        }) => {
            let line = Line::note(
                topic,
                "The network “default” is there and not active: guests on it cannot be started. \
                 It is started when a guest is made on it.",
            );
            if starts_itself {
                line.with_command(
                    "It should have been started with the host: start it, and see what it says.",
                    Some(start()),
                )
                .with_mend(Mend::network(Steps::Start))
            } else {
                line.with_command(
                    "Start it, now and with the host.",
                    Some(format!("{} && {}", start(), autostart())),
                )
                .with_mend(Mend::network(Steps::Both))
            }
        }
        None if session => Line::good(
            topic,
            "Your own session needs no network: its guests use QEMU's own, through this computer's.",
        ),
        None => {
            let line = Line::note(
                topic,
                "There is no network called “default”: guests use QEMU's own, in which they cannot \
                 be reached, or another that you choose.",
            );
            match definition {
                Some(path) => line
                    .with_command(
                        "Make it, as libvirt's packages define it.",
                        Some(format!(
                            "{} && {} && {}",
                            shell.virsh(&format!("net-define {path}")),
                            start(),
                            autostart()
                        )),
                    )
                    .with_mend(Mend::new_network(path)),
                None => line,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::line::Verdict;
    use super::*;

    #[test]
    fn a_network_is_good_when_it_is_there_and_stays() {
        let shell = Shell {
            uri: "qemu:///system".into(),
            ..Shell::default()
        };
        let of = |active, autostart| {
            judge(
                Some(DefaultNetwork { active, autostart }),
                false,
                None,
                &shell,
            )
        };
        assert_eq!(of(true, true).verdict, Verdict::Good);
        let command = |line: Line| line.remedy.unwrap().command.unwrap();
        assert_eq!(of(true, false).verdict, Verdict::Note);
        assert_eq!(
            command(of(true, false)),
            "virsh --connect qemu:///system net-autostart default"
        );
        assert_eq!(
            command(of(false, true)),
            "virsh --connect qemu:///system net-start default"
        );
        let both = command(of(false, false));
        assert!(both.contains("net-start") && both.contains("net-autostart"));

        let none = |session, definition| judge(None, session, definition, &shell);
        assert_eq!(none(true, None).verdict, Verdict::Good);
        assert_eq!(none(false, None).verdict, Verdict::Note);
        assert!(command(none(false, Some("/x.xml"))).contains("net-define /x.xml"));
    }
}
