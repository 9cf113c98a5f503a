//! Commands to copy: as they have to be typed on this computer, for this host.

use super::mend::Mend;
use crate::local::{self, Distribution, Need};

/// What decides how a command is written.
#[derive(Debug, Clone, Default)]
pub(super) struct Shell {
    /// The connection that the commands are about.
    pub(super) uri: String,
    /// Whether this user is the superuser already.
    pub(super) root: bool,
    /// Whether systemd starts services here.
    pub(super) systemd: bool,
    /// The distribution.
    pub(super) distribution: Distribution,
}

impl Shell {
    /// This computer's, for `uri`. Reads files.
    pub(super) fn of_this_computer(uri: &str, root: bool) -> Self {
        Self {
            uri: uri.to_owned(),
            root,
            systemd: local::has_systemd(),
            distribution: Distribution::of_this_computer(),
        }
    }

    /// A command for the superuser.
    pub(super) fn as_root(&self, command: &str) -> String {
        if self.root {
            command.to_owned()
        } else {
            format!("sudo {command}")
        }
    }

    /// The command that installs something, where the distribution is known.
    pub(super) fn install(&self, need: Need) -> Option<String> {
        Some(self.as_root(&self.distribution.install(need)?))
    }

    /// One of virsh's commands on the host that is checked.
    pub(super) fn virsh(&self, arguments: &str) -> String {
        format!("virsh --connect {} {arguments}", quoted(&self.uri))
    }

    /// The command that does `what` (`start`, `restart`) to daemons, now, and for `start` at each boot.
    pub(super) fn service(&self, what: Service, daemons: &[&str]) -> String {
        match (what, self.systemd) {
            (_, true) => self.as_root(&systemctl(what, daemons).join(" ")),
            (Service::Start, false) => self.each(daemons, &["{} --daemon"]),
            (Service::Restart, false) => self.each(daemons, &["pkill -x {}", "{} --daemon"]),
        }
    }

    /// The same by this program, where that is one command whose end tells whether it was done.
    pub(super) fn mend_service(&self, what: Service, daemons: &[&str]) -> Option<Mend> {
        let words = match (what, self.systemd) {
            (_, true) => systemctl(what, daemons),
            (Service::Start, false) => {
                let superuser = Self {
                    root: true,
                    ..self.clone()
                };
                ["sh", "-c", &superuser.service(what, daemons)]
                    .map(str::to_owned)
                    .into()
            }
            (Service::Restart, false) => return None,
        };
        Some(Mend::Superuser(words))
    }

    /// `commands` for each of `daemons`, whose name stands for the braces.
    fn each(&self, daemons: &[&str], commands: &[&str]) -> String {
        let commands: Vec<String> = daemons
            .iter()
            .flat_map(|name| commands.iter().map(|command| command.replace("{}", name)))
            .map(|command| self.as_root(&command))
            .collect();
        commands.join("; ")
    }
}

/// What asks systemd for it, word by word.
fn systemctl(what: Service, daemons: &[&str]) -> Vec<String> {
    let (verb, suffix): (&[&str], _) = match what {
        Service::Start => (&["enable", "--now"], ".socket"),
        Service::Restart => (&["restart"], ""),
    };
    let units = daemons.iter().map(|name| format!("{name}{suffix}"));
    std::iter::once("systemctl")
        .chain(verb.iter().copied())
        .map(str::to_owned)
        .chain(units)
        .collect()
}

/// What can be done with a daemon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Service {
    Start,
    Restart,
}

/// `words` as they are typed into a shell.
pub fn as_typed(words: &[String]) -> String {
    let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
    words.join(" ")
}

/// `word` as a shell takes it literally.
pub(super) fn quoted(word: &str) -> String {
    let plain = |char: char| char.is_ascii_alphanumeric() || "-_./:@+,=%".contains(char);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_as_they_have_to_be_typed_here() {
        let mut shell = Shell {
            uri: "qemu+ssh://me@h/system?no_verify=1".into(),
            ..Shell::default()
        };
        assert_eq!(
            shell.virsh("net-start default"),
            "virsh --connect 'qemu+ssh://me@h/system?no_verify=1' net-start default"
        );
        assert_eq!(shell.as_root("true"), "sudo true");
        assert_eq!(
            shell.service(Service::Start, &["virtlogd", "libvirtd"]),
            "sudo virtlogd --daemon; sudo libvirtd --daemon"
        );
        shell.root = true;
        shell.systemd = true;
        assert_eq!(
            shell.service(Service::Start, &["virtqemud"]),
            "systemctl enable --now virtqemud.socket"
        );
        assert_eq!(
            shell.service(Service::Restart, &["libvirtd"]),
            "systemctl restart libvirtd"
        );
        assert_eq!(shell.install(Need::Emulator), None);
        let words = |mend| match mend {
            Some(Mend::Superuser(words)) => as_typed(&words),
            other => panic!("{other:?}"),
        };
        assert_eq!(
            words(shell.mend_service(Service::Start, &["libvirtd"])),
            "systemctl enable --now libvirtd.socket"
        );
        shell.systemd = false;
        shell.root = false;
        assert_eq!(
            words(shell.mend_service(Service::Start, &["virtlogd", "libvirtd"])),
            "sh -c 'virtlogd --daemon; libvirtd --daemon'"
        );
        assert_eq!(shell.mend_service(Service::Restart, &["libvirtd"]), None);
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted(""), "''");
    }
}
