//! The hypervisor service: installed, answering, permitted.

use std::path::PathBuf;

use super::kvm::join_group;
use super::line::{Line, Topic};
use super::shell::{Service, Shell};
use super::user::User;
use crate::error::{Error, ErrorKind};
use crate::local::{self, Need};
use crate::uri::Route;

/// Daemons of libvirt that serve a hypervisor on this computer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Daemons {
    /// The one for everything.
    pub(super) libvirtd: Option<PathBuf>,
    /// The modular one for the hypervisor that was asked for.
    pub(super) modular: Option<PathBuf>,
}

/// The name of the modular daemon for libvirt's driver `driver`.
fn modular_name(driver: &str) -> &'static str {
    match driver {
        "xen" => "virtxend",
        _ => "virtqemud",
    }
}

impl Daemons {
    /// This computer's, for libvirt's driver `driver`. Looks at files.
    pub(super) fn of_this_computer(driver: &str) -> Self {
        Self {
            libvirtd: local::find("libvirtd"),
            modular: local::find(modular_name(driver)),
        }
    }

    fn any(&self) -> bool {
        self.libvirtd.is_some() || self.modular.is_some()
    }

    /// What to start, without the folders; virtlogd first where nothing else starts it.
    fn to_start(&self, driver: &str, systemd: bool) -> Vec<&'static str> {
        let log = (!systemd).then_some("virtlogd");
        let main: &[&str] = match (&self.libvirtd, driver) {
            (None, "xen") => &["virtnetworkd", "virtstoraged", "virtxend"],
            (None, _) if self.modular.is_some() => &["virtnetworkd", "virtstoraged", "virtqemud"],
            _ => &["libvirtd"],
        };
        log.into_iter().chain(main.iter().copied()).collect()
    }
}

/// Which daemon is installed.
pub(super) fn daemon(daemons: &Daemons, driver: &str, shell: &Shell) -> Line {
    let topic = Topic::Daemon;
    let path = |path: &PathBuf| path.display().to_string();
    match (&daemons.libvirtd, &daemons.modular) {
        (Some(one), Some(other)) => Line::good(
            topic,
            format!(
                "libvirt is installed, as one daemon ({}) and in parts ({}); the one that is \
                 started serves.",
                path(one),
                path(other)
            ),
        ),
        (Some(one), None) => Line::good(
            topic,
            format!("libvirt is installed, as one daemon ({}).", path(one)),
        ),
        (None, Some(other)) => Line::good(
            topic,
            format!("libvirt is installed, in parts ({}).", path(other)),
        ),
        (None, None) => Line::problem(
            topic,
            format!(
                "libvirt is not installed: there is neither libvirtd nor {}.",
                modular_name(driver)
            ),
        )
        .with_command(
            "Install it.",
            shell.install(match driver {
                "xen" => Need::Xen,
                _ => Need::Hypervisor,
            }),
        ),
    }
}

/// Whether the service answers; `here` are the daemons of this computer, where it is the host.
pub(super) fn connection(
    uri: &str,
    outcome: Result<(), &Error>,
    here: Option<&Daemons>,
    shell: &Shell,
) -> Line {
    let topic = Topic::Connection;
    let driver = Route::of(uri).driver;
    let error = match outcome {
        Ok(()) => return Line::good(topic, format!("The hypervisor service answers at {uri}.")),
        Err(error) => error,
    };
    let line = match (error.kind(), here) {
        (ErrorKind::NoDaemon, Some(daemons)) if driver_is_known(driver) => {
            let line = Line::problem(
                topic,
                format!("No hypervisor service runs on this computer: nothing answers at {uri}."),
            );
            start(line, daemons, driver, shell)
        }
        (ErrorKind::PermissionDenied, Some(_)) => Line::note(
            topic,
            format!("A hypervisor service is there at {uri}, but does not let you in."),
        ),
        (ErrorKind::NotAnswering, Some(_)) => restart(
            Line::problem(
                topic,
                format!("The hypervisor service at {uri} takes a connection and does not answer."),
            ),
            "Restart it; guests go on running.",
            shell,
        ),
        (ErrorKind::NotAnswering, None) => Line::problem(topic, format!("{uri} does not answer."))
            .with_advice("Look whether the host is up, and its libvirt service."),
        _ => {
            let line = Line::problem(topic, error.message());
            match error.remedy() {
                Some(remedy) => line.with_advice(remedy),
                None => line,
            }
        }
    };
    match error.detail() {
        Some(detail) => line.with_detail(detail),
        None => line,
    }
}

/// Whether libvirt's daemons of this computer would serve that driver.
fn driver_is_known(driver: &str) -> bool {
    matches!(driver, "qemu" | "xen")
}

/// `line` with how to start the service of this computer.
fn start(line: Line, daemons: &Daemons, driver: &str, shell: &Shell) -> Line {
    if !daemons.any() {
        return line.with_advice("Install libvirt first, see above.");
    }
    let sentence = if shell.root {
        "Start it."
    } else {
        "Start it; or use your own session meanwhile, which is qemu:///session."
    };
    let daemons = daemons.to_start(driver, shell.systemd);
    line.with_command(sentence, Some(shell.service(Service::Start, &daemons)))
        .with_mend(shell.mend_service(Service::Start, &daemons))
}

/// `line` with how to restart the service of this computer.
pub(super) fn restart(line: Line, sentence: &str, shell: &Shell) -> Line {
    let daemon = match local::find("libvirtd") {
        Some(_) => "libvirtd",
        None => modular_name(Route::of(&shell.uri).driver),
    };
    line.with_command(sentence, Some(shell.service(Service::Restart, &[daemon])))
        .with_mend(shell.mend_service(Service::Restart, &[daemon]))
}

/// What this user may do with this computer's service, from how opening it went.
pub(super) fn rights(
    uri: &str,
    outcome: Result<(), &Error>,
    (user, groups): (&User, &str),
    shell: &Shell,
) -> Line {
    let topic = Topic::Rights;
    let session = Route::of(uri).path == "session";
    match outcome {
        Ok(()) if session => Line::good(topic, "Your own session is yours to use."),
        Ok(()) if user.is_root() => Line::good(
            topic,
            "You are the superuser, and may use this computer's hypervisor.",
        ),
        Ok(()) => Line::good(topic, "You may use this computer's hypervisor."),
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            let line = Line::problem(topic, "You may not use this computer's system hypervisor.");
            let line = if Route::of(uri).driver == "qemu" {
                line.with_detail(format!(
                    "Meanwhile your own session can be used, which needs no rights: {}.",
                    local::QEMU_SESSION
                ))
            } else {
                line
            };
            join_group(line, "libvirt", (user, groups), shell)
        }
        Err(_) => Line::unasked(topic),
    }
}

#[cfg(test)]
mod tests {
    use super::super::line::Verdict;
    use super::super::user::tests::{GROUPS, user};
    use super::*;

    fn shell() -> Shell {
        Shell {
            uri: "qemu:///system".into(),
            distribution: local::Distribution::of("ID=fedora\n", ""),
            ..Shell::default()
        }
    }

    fn daemons() -> Daemons {
        Daemons {
            libvirtd: Some("/usr/sbin/libvirtd".into()),
            modular: None,
        }
    }

    fn command(line: &Line) -> &str {
        let remedy = line.remedy.as_ref().expect("something can be done");
        remedy.command.as_deref().expect("by a command")
    }

    #[test]
    fn what_is_not_installed_can_be() {
        let line = daemon(&daemons(), "qemu", &shell());
        assert_eq!(line.verdict, Verdict::Good);
        let line = daemon(&Daemons::default(), "qemu", &shell());
        assert_eq!(line.verdict, Verdict::Problem);
        assert_eq!(command(&line), "sudo dnf install libvirt-daemon-kvm");
        let line = daemon(&Daemons::default(), "xen", &shell());
        assert!(line.message.contains("virtxend"), "{}", line.message);
        assert_eq!(command(&line), "sudo dnf install xen libvirt-daemon-xen");
    }

    #[test]
    fn a_service_that_does_not_run_is_told_how_to_start() {
        let error = Error::new(ErrorKind::NoDaemon, "x").with_detail("no such file");
        let of = |daemons: &Daemons, uri, systemd| {
            let shell = Shell { systemd, ..shell() };
            connection(uri, Err(&error), Some(daemons), &shell)
        };
        let line = of(&daemons(), "qemu:///system", true);
        assert_eq!(line.verdict, Verdict::Problem);
        assert_eq!(line.detail.as_deref(), Some("no such file"));
        assert_eq!(
            command(&line),
            "sudo systemctl enable --now libvirtd.socket"
        );
        let line = of(&daemons(), "qemu:///system", false);
        assert_eq!(
            command(&line),
            "sudo virtlogd --daemon; sudo libvirtd --daemon"
        );
        let modular = Daemons {
            libvirtd: None,
            modular: Some("/usr/sbin/virtxend".into()),
        };
        let line = of(&modular, "xen:///system", true);
        assert_eq!(
            command(&line),
            "sudo systemctl enable --now virtnetworkd.socket virtstoraged.socket virtxend.socket"
        );
        let line = of(&Daemons::default(), "qemu:///system", true);
        assert_eq!(line.remedy.unwrap().command, None);
    }

    #[test]
    fn other_failures_to_connect_keep_their_words() {
        let of = |kind, here: Option<&Daemons>| {
            let error = Error::new(kind, "What happened.").with_remedy("What to do.");
            connection("qemu+ssh://h/system", Err(&error), here, &shell())
        };
        let line = of(ErrorKind::Unreachable, None);
        assert_eq!(line.verdict, Verdict::Problem);
        assert_eq!(line.message, "What happened.");
        assert_eq!(line.remedy.unwrap().sentence, "What to do.");
        let line = of(ErrorKind::NotAnswering, Some(&daemons()));
        assert!(line.message.contains("does not answer"));
        assert!(line.remedy.unwrap().command.is_some());
        assert!(of(ErrorKind::NotAnswering, None).remedy.is_some());
        let good = connection("test:///default", Ok(()), None, &shell());
        assert_eq!(good.verdict, Verdict::Good);
    }

    #[test]
    fn rights_are_what_opening_showed() {
        let joe = user("joe", &[1000]);
        let of = |outcome, user: &User| rights("qemu:///system", outcome, (user, GROUPS), &shell());
        assert_eq!(of(Ok(()), &joe).verdict, Verdict::Good);
        let denied = Error::new(ErrorKind::PermissionDenied, "x").with_detail("no polkit agent");
        let line = of(Err(&denied), &joe);
        assert_eq!(line.verdict, Verdict::Problem);
        assert_eq!(command(&line), "sudo usermod -aG libvirt joe");
        let line = of(Err(&denied), &user("ann", &[1000]));
        assert_eq!(command(&line), "newgrp libvirt");
        let absent = Error::new(ErrorKind::NoDaemon, "x");
        assert_eq!(of(Err(&absent), &joe).verdict, Verdict::Note);
        // The line about the connection leaves the problem to this one.
        let line = connection("qemu:///system", Err(&denied), Some(&daemons()), &shell());
        assert_eq!(line.verdict, Verdict::Note);
    }
}
