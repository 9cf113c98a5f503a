//! QEMU, with KVM or emulating.

use crate::model::{HostCapabilities, VirtualizationType};
use crate::xml::capabilities::CapabilitiesView;

/// What a QEMU host can do; `local`: its /dev/kvm is that of this computer; `session`: its QEMU runs
/// as this user.
pub(crate) fn capabilities(
    said: &CapabilitiesView,
    local: bool,
    session: bool,
) -> HostCapabilities {
    let offers = |kind: &str| said.domain_types.iter().any(|offered| offered == kind);
    let (kvm, emulation) = (offers("kvm"), offers("qemu"));
    let finding = local.then(trial::of_this_machine).flatten();
    // What this user may not open, the system's QEMU may.
    let finding = finding.filter(|finding| session || *finding != Finding::NotPermitted);
    let verdict = judge(kvm, finding.as_ref());
    let mut virtualization = Vec::new();
    if kvm {
        virtualization.push(VirtualizationType::Kvm);
    }
    if emulation {
        virtualization.push(VirtualizationType::Emulation);
    }
    if !verdict.trusted {
        // It can still be chosen, by someone who knows better.
        virtualization.reverse();
    }
    HostCapabilities {
        can_install: !virtualization.is_empty(),
        virtualization,
        kvm_note: verdict.note,
        screenshot: true,
    }
}

/// Whether KVM is to be preferred, and what to tell.
#[derive(Debug, PartialEq, Eq)]
struct Verdict {
    trusted: bool,
    note: Option<String>,
}

/// What a trial of /dev/kvm showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Finding {
    /// A machine in it ran.
    Works,
    /// There is no such device.
    Absent,
    /// This user may not open it.
    NotPermitted,
    /// It does not work, with what failed.
    Broken(String),
}

/// Tries this computer's KVM, once per process; nothing on processors for which there is no trial.
/// Blocks, briefly.
pub(crate) fn try_it() -> Option<Finding> {
    trial::of_this_machine()
}

fn judge(offered: bool, finding: Option<&Finding>) -> Verdict {
    let note = match (offered, finding) {
        (true, Some(Finding::Broken(reason))) => {
            return Verdict {
                trusted: false,
                note: Some(format!(
                    "KVM is offered on this computer and does not work: {reason}. Guests are \
                     emulated, which is slow."
                )),
            };
        }
        (true, _) => None,
        (false, Some(Finding::Absent)) => Some(
            "This computer has no /dev/kvm: its processor cannot virtualise, that is switched off \
             in its firmware, or this is a virtual machine itself. Guests are emulated, which is \
             slow."
                .to_owned(),
        ),
        (false, Some(Finding::Broken(reason))) => Some(format!(
            "KVM does not work on this computer: {reason}. Guests are emulated, which is slow."
        )),
        (false, Some(Finding::NotPermitted)) => Some(
            "You may not use /dev/kvm: join the group “kvm” and log in again. Until then guests \
             are emulated, which is slow."
                .to_owned(),
        ),
        (false, _) => {
            Some("This host offers no KVM. Guests are emulated, which is slow.".to_owned())
        }
    };
    Verdict {
        trusted: true,
        note,
    }
}

#[cfg(target_arch = "x86_64")]
mod trial {
    use std::sync::{OnceLock, mpsc};
    use std::time::Duration;

    use super::Finding;
    use crate::ffi::kvm::{self, Trial};

    /// For what takes a working device milliseconds, with room for a busy computer.
    const LIMIT: Duration = Duration::from_secs(1);

    /// Beyond that the kernel itself is stuck.
    const PATIENCE: Duration = Duration::from_secs(3);

    /// Tries KVM, once per process: what works or is broken stays so. Blocks, briefly.
    pub(super) fn of_this_machine() -> Option<Finding> {
        static FINDING: OnceLock<Option<Finding>> = OnceLock::new();
        FINDING.get_or_init(attempt).clone()
    }

    fn attempt() -> Option<Finding> {
        let (tell, told) = mpsc::channel();
        std::thread::Builder::new()
            .name("kvm-trial".into())
            .spawn(move || {
                // Nobody listens any more when this took too long.
                let _ = tell.send(kvm::attempt(LIMIT));
            })
            .ok()?;
        let Ok(trial) = told.recv_timeout(PATIENCE) else {
            return Some(Finding::Broken("a machine in it hangs".into()));
        };
        tracing::debug!(?trial, "tried /dev/kvm");
        Some(match trial {
            Trial::Works => Finding::Works,
            Trial::Absent => Finding::Absent,
            Trial::NotPermitted => Finding::NotPermitted,
            Trial::Broken(reason) => Finding::Broken(reason),
        })
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn trying_ends_in_time_whatever_the_machine() {
            let (tell, told) = mpsc::channel();
            std::thread::spawn(move || tell.send(of_this_machine()));
            // Far above what it allows itself: only hanging is a failure, not a busy machine.
            let finding = told.recv_timeout(20 * PATIENCE).expect("it ends");
            assert!(finding.is_some());
            eprintln!("/dev/kvm here: {finding:?}");
        }
    }
}

#[cfg(not(target_arch = "x86_64"))]
mod trial {
    use super::Finding;

    /// Elsewhere the host's word counts.
    pub(super) fn of_this_machine() -> Option<Finding> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_broken_device_is_distrusted() {
        let broken = judge(true, Some(&Finding::Broken("it never halts".into())));
        assert!(!broken.trusted);
        assert!(broken.note.unwrap().contains("it never halts"));
        for finding in [
            None,
            Some(Finding::Works),
            Some(Finding::Absent),
            Some(Finding::NotPermitted),
        ] {
            let verdict = judge(true, finding.as_ref());
            assert_eq!((verdict.trusted, verdict.note), (true, None));
        }
        assert!(judge(false, Some(&Finding::Absent)).note.is_some());
    }

    #[test]
    fn emulation_alone_is_enough_to_install() {
        let said = CapabilitiesView {
            arch: "x86_64".into(),
            domain_types: vec!["qemu".into()],
            ..CapabilitiesView::default()
        };
        let can = capabilities(&said, false, false);
        assert_eq!(can.virtualization, [VirtualizationType::Emulation]);
        assert!(can.can_install && can.kvm_note.is_some());
    }
}
