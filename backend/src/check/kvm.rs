//! KVM: there, permitted, working, and offered to guests.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::path::Path;

use super::line::{Line, Topic};
use super::processor::Processor;
use super::shell::Shell;
use super::user::{Membership, User};
use crate::hypervisor::kvm::Finding;

/// Where the kernel offers it.
const DEVICE: &str = "/dev/kvm";

/// What is at [`DEVICE`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Device {
    Absent,
    /// Something else is in its place.
    Masked,
    /// It is there.
    Present {
        /// Whether everybody may use it.
        for_everybody: bool,
    },
    /// It could not be looked at.
    Hidden,
}

/// KVM on this computer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Kvm {
    pub(super) device: Device,
    /// Whether the kernel's part is loaded.
    pub(super) loaded: bool,
    /// The processor's own part, where it can be unloaded.
    pub(super) module: Option<&'static str>,
}

impl Kvm {
    /// This computer's. Looks at files.
    pub(super) fn of_this_computer() -> Self {
        let device = match fs::metadata(DEVICE) {
            Ok(found) if found.file_type().is_char_device() => Device::Present {
                for_everybody: found.permissions().mode() & 0o006 == 0o006,
            },
            Ok(_) => Device::Masked,
            Err(error) if error.kind() == ErrorKind::NotFound => Device::Absent,
            Err(_) => Device::Hidden,
        };
        Self {
            device,
            loaded: Path::new("/sys/module/kvm").exists(),
            // What is built into the kernel has no count of its users.
            module: ["kvm_intel", "kvm_amd"]
                .into_iter()
                .find(|name| Path::new(&format!("/sys/module/{name}/refcnt")).exists()),
        }
    }

    pub(super) fn is_there(&self) -> bool {
        matches!(self.device, Device::Present { .. } | Device::Hidden)
    }
}

/// Whether the kernel has it.
pub(super) fn device(kvm: &Kvm, processor: Processor, shell: &Shell) -> Line {
    let topic = Topic::KvmDevice;
    match (kvm.device, processor) {
        (Device::Present { .. }, _) => Line::good(topic, "The kernel has KVM (/dev/kvm)."),
        (Device::Hidden, _) => Line::note(topic, "You may not see whether there is a /dev/kvm."),
        (Device::Masked, _) => Line::note(
            topic,
            "KVM is hidden on purpose: what is at /dev/kvm is not its device. Guests are \
             emulated, which is slow.",
        ),
        (Device::Absent, Processor::Virtualizes { module, .. }) if !kvm.loaded => Line::problem(
            topic,
            "The processor can run guests, but the kernel's KVM is not loaded: there is no \
             /dev/kvm.",
        )
        .with_command(
            "Load it; if it refuses, the kernel's log says why.",
            Some(shell.as_root(&format!("modprobe {module}"))),
        ),
        (Device::Absent, Processor::Virtualizes { .. }) => Line::problem(
            topic,
            "The kernel's KVM is loaded, but there is no /dev/kvm.",
        )
        .with_detail(
            "In a container the device has to be passed in; elsewhere the kernel's log says what \
             failed.",
        )
        .with_command(
            "Look what the kernel said.",
            Some(shell.as_root("dmesg | grep -i kvm")),
        ),
        (Device::Absent, Processor::Lacks { .. }) => Line::note(
            topic,
            "There is no /dev/kvm, as the processor offers no virtualization.",
        ),
        (Device::Absent, Processor::Silent) => Line::note(
            topic,
            "There is no /dev/kvm: guests are emulated, which is slow.",
        ),
    }
}

/// Whether this user may use it, which only the user's own session needs. `opened` says whether the
/// device could be opened; nothing where that was not tried.
pub(super) fn permission(
    kvm: &Kvm,
    opened: Option<bool>,
    session: bool,
    (user, groups): (&User, &str),
    shell: &Shell,
) -> Line {
    let topic = Topic::KvmPermission;
    if !kvm.is_there() {
        return Line::note(topic, "There is no KVM to have a right to.");
    }
    match opened {
        Some(true) => return Line::good(topic, "You may use KVM yourself."),
        None => {
            return Line::note(
                topic,
                "It was not found out whether you may use KVM yourself.",
            );
        }
        Some(false) => {}
    }
    let line = if session {
        Line::problem(
            topic,
            "You may not use KVM: guests of your own session are emulated, which is slow.",
        )
    } else {
        Line::note(
            topic,
            "You may not use KVM yourself. That matters to guests of your own session alone: they \
             would be emulated.",
        )
    };
    join_group(line, "kvm", (user, groups), shell)
}

/// Adds how to get into the group `name`.
pub(super) fn join_group(
    line: Line,
    name: &str,
    (user, groups): (&User, &str),
    shell: &Shell,
) -> Line {
    match user.membership(groups, name) {
        Membership::AfterLogin => line.with_command(
            format!(
                "You were added to the group “{name}” after you logged in: log in again, or go on \
                 in a shell that has it."
            ),
            Some(format!("newgrp {name}")),
        ),
        Membership::Stranger => line.with_command(
            format!("Join the group “{name}”, then log in again."),
            Some(shell.as_root(&format!("usermod -aG {name} {}", user.for_shell()))),
        ),
        Membership::Member | Membership::NoGroup => {
            line.with_advice("Ask the administrator of this computer for the right to use it.")
        }
    }
}

/// Whether it works, from a trial of this computer.
pub(super) fn trial(kvm: &Kvm, finding: Option<&Finding>, shell: &Shell) -> Line {
    let topic = Topic::KvmTrial;
    if !kvm.is_there() {
        return Line::note(topic, "There is no KVM to try.");
    }
    match finding {
        Some(Finding::Works) => Line::good(topic, "KVM works: a small machine ran in it."),
        Some(Finding::Broken(reason)) => {
            let line = Line::problem(
                topic,
                "KVM is there and does not work: guests that use it would hang. New guests are \
                 emulated instead, which is slow.",
            )
            .with_detail(format!("{reason}."));
            match kvm.module {
                Some(module) => line.with_command(
                    "If this computer is a virtual machine, its host has to offer virtualization \
                     in earnest. Until then KVM is better unloaded, so that no program takes it.",
                    Some(shell.as_root(&format!("modprobe -r {module}"))),
                ),
                None => line.with_advice(
                    "If this computer is a virtual machine, its host has to offer virtualization \
                     in earnest. Until then choose emulation wherever guests are made.",
                ),
            }
        }
        Some(Finding::NotPermitted) => Line::note(
            topic,
            "Whether KVM works was not tried, as you may not use it yourself.",
        ),
        Some(Finding::Absent) => Line::note(topic, "There is no KVM to try."),
        None => Line::note(
            topic,
            "Whether KVM works was not tried: there is no trial for this kind of processor.",
        ),
    }
}

/// Whether guests are offered it, which the host's service has found out as the user that its QEMU
/// runs as; `here` is what is known of this computer, nothing of another.
pub(super) fn offer(domain_types: &[String], here: Option<&Kvm>, shell: &Shell) -> Line {
    let topic = Topic::KvmOffer;
    if domain_types.iter().any(|kind| kind == "kvm") {
        return Line::good(topic, "The hypervisor service offers KVM to guests.");
    }
    match here {
        Some(kvm) if kvm.is_there() => {
            let line = Line::problem(
                topic,
                "The hypervisor service does not offer KVM to guests, though this computer has it.",
            );
            match kvm.device {
                Device::Present {
                    for_everybody: false,
                } => line.with_command(
                    "The user that its QEMU runs as may lack the right: see whom the device \
                     belongs to, then restart the service.",
                    Some(format!("ls -l {DEVICE}")),
                ),
                _ => super::service::restart(line, "It looks when it starts: restart it.", shell),
            }
        }
        Some(_) => Line::note(
            topic,
            "The hypervisor service offers no KVM, as this computer has none: guests are emulated, \
             which is slow.",
        ),
        None => Line::note(
            topic,
            "The host offers no KVM: guests are emulated, which is slow.",
        )
        .with_advice("Run this check on that host to see why."),
    }
}

#[cfg(test)]
mod tests {
    use super::super::line::Verdict;
    use super::super::user::tests::{GROUPS, user};
    use super::*;

    const INTEL: Processor = Processor::Virtualizes {
        name: "Intel VT-x",
        module: "kvm_intel",
    };
    const THERE: Kvm = Kvm {
        device: Device::Present {
            for_everybody: false,
        },
        loaded: true,
        module: Some("kvm_intel"),
    };
    const ABSENT: Kvm = Kvm {
        device: Device::Absent,
        loaded: false,
        module: None,
    };

    fn command(line: &Line) -> &str {
        let remedy = line.remedy.as_ref().expect("something can be done");
        remedy.command.as_deref().expect("by a command")
    }

    #[test]
    fn a_missing_device_is_told_by_its_reason() {
        let shell = Shell::default();
        assert_eq!(device(&THERE, INTEL, &shell).verdict, Verdict::Good);
        let unloaded = device(&ABSENT, INTEL, &shell);
        assert_eq!(unloaded.verdict, Verdict::Problem);
        assert_eq!(command(&unloaded), "sudo modprobe kvm_intel");
        let loaded = Kvm {
            loaded: true,
            ..ABSENT
        };
        assert!(command(&device(&loaded, INTEL, &shell)).contains("dmesg"));
        // Nothing to mend here that the line about the processor does not say.
        let lacks = Processor::Lacks { inside: false };
        assert_eq!(device(&ABSENT, lacks, &shell).verdict, Verdict::Note);
        let masked = Kvm {
            device: Device::Masked,
            ..THERE
        };
        assert_eq!(device(&masked, INTEL, &shell).verdict, Verdict::Note);
    }

    #[test]
    fn the_right_to_kvm_matters_to_the_session() {
        let shell = Shell::default();
        let joe = user("joe", &[1000]);
        let of =
            |kvm: &Kvm, opened, session| permission(kvm, opened, session, (&joe, GROUPS), &shell);
        assert_eq!(of(&THERE, Some(true), true).verdict, Verdict::Good);
        assert_eq!(of(&THERE, Some(false), false).verdict, Verdict::Note);
        assert_eq!(of(&THERE, None, true).verdict, Verdict::Note);
        assert_eq!(of(&ABSENT, Some(false), true).verdict, Verdict::Note);
        let refused = of(&THERE, Some(false), true);
        assert_eq!(refused.verdict, Verdict::Problem);
        assert_eq!(command(&refused), "sudo usermod -aG kvm joe");
        let no_group = permission(&THERE, Some(false), true, (&joe, ""), &shell);
        assert_eq!(no_group.remedy.unwrap().command, None);
    }

    #[test]
    fn only_a_trial_that_failed_is_a_problem() {
        let shell = Shell::default();
        let of = |finding| trial(&THERE, finding, &shell).verdict;
        assert_eq!(of(Some(&Finding::Works)), Verdict::Good);
        assert_eq!(of(Some(&Finding::NotPermitted)), Verdict::Note);
        assert_eq!(of(None), Verdict::Note);
        let broken = trial(
            &THERE,
            Some(&Finding::Broken("a machine in it hangs".into())),
            &shell,
        );
        assert_eq!(broken.verdict, Verdict::Problem);
        assert_eq!(broken.detail.as_deref(), Some("a machine in it hangs."));
        assert_eq!(command(&broken), "sudo modprobe -r kvm_intel");
        // A file in its place is not broken.
        let masked = Kvm {
            device: Device::Masked,
            ..THERE
        };
        let finding = Finding::Broken("no answer".into());
        assert_eq!(
            trial(&masked, Some(&finding), &shell).verdict,
            Verdict::Note
        );
    }

    #[test]
    fn what_guests_are_offered_is_what_the_service_says() {
        let shell = Shell::default();
        let both = ["qemu".to_owned(), "kvm".to_owned()];
        assert_eq!(offer(&both, None, &shell).verdict, Verdict::Good);
        assert_eq!(offer(&both[..1], None, &shell).verdict, Verdict::Note);
        let absent = offer(&both[..1], Some(&ABSENT), &shell);
        assert_eq!(absent.verdict, Verdict::Note);
        let there = offer(&both[..1], Some(&THERE), &shell);
        assert_eq!(there.verdict, Verdict::Problem);
        assert!(command(&there).contains("/dev/kvm"));
    }
}
