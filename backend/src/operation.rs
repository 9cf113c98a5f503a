//! What a host is asked to do: for time limits, for sentences about failures, for the log.

use std::time::Duration;

use crate::error::{Error, ErrorKind};
use crate::host::DeleteOptions;
use crate::model::GuestId;

/// A request to a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operation {
    /// To one of its guests.
    Guest(GuestId, Verb),
    /// To the host, named as the method that asks.
    Host(&'static str),
}

/// What is asked of a guest.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verb {
    /// [`crate::Host::start`]
    Start,
    /// [`crate::Host::shut_down`]
    ShutDown,
    /// [`crate::Host::reboot`]
    Reboot,
    /// [`crate::Host::force_off`]
    ForceOff,
    /// [`crate::Host::pause`]
    Pause,
    /// [`crate::Host::resume`]
    Resume,
    /// [`crate::Host::save`]
    Save,
    /// [`crate::Host::save_to`], with the path
    SaveTo(String),
    /// How far saving is
    SaveProgress,
    /// Cancelling it
    AbortSave,
    /// Cancelling [`crate::Host::restore`]
    AbortRestore,
    /// [`crate::Host::discard_saved`]
    DiscardSaved,
    /// [`crate::Host::set_memory`], in KiB
    SetMemory(u64),
    /// [`crate::Host::balloon`]
    Balloon,
    /// [`crate::Host::set_vcpus`]
    SetVcpus(u32),
    /// [`crate::Host::set_maximum_vcpus`]
    SetMaximumVcpus(u32),
    /// [`crate::Host::vcpus`]
    Vcpus,
    /// [`crate::Host::details`]
    Details,
    /// [`crate::Host::xml`]; `true` for the definition of the next start
    Xml(bool),
    /// [`crate::Host::open_display`], by number
    OpenDisplay(u32),
    /// [`crate::Host::screenshot`], by the screen's number
    Screenshot(u32),
    /// [`crate::Host::send_keys`]
    SendKeys(Vec<u32>),
    /// [`crate::Host::add_vnc_display`]
    AddVncDisplay,
    /// [`crate::Host::open_console`]
    OpenConsole,
    /// [`crate::Host::rename`]
    Rename(String),
    /// [`crate::Host::delete`]
    Delete(DeleteOptions),
}

impl Verb {
    /// Whether it needs a running guest, or one that is off, where it needs either.
    pub(crate) fn wants_active(&self) -> Option<bool> {
        match self {
            Self::Start | Self::DiscardSaved | Self::Rename(_) | Self::Delete(_) => Some(false),
            Self::SetVcpus(_)
            | Self::SetMaximumVcpus(_)
            | Self::Vcpus
            | Self::Details
            | Self::Xml(_)
            | Self::AddVncDisplay => None,
            _ => Some(true),
        }
    }
}

/// For what a healthy host does at once.
const QUICK: Duration = Duration::from_secs(10);

/// For what may move data about: starting a saved guest reads all of its memory, deleting a disk or
/// refreshing a pool walks through storage. A host that falls silent ends these earlier.
const LONG: Duration = Duration::from_mins(10);

/// For moving all of a guest's memory, which its user watches and may cancel.
const WATCHED: Duration = Duration::from_hours(24);

impl Operation {
    /// The name of the method that asks.
    pub fn name(&self) -> &'static str {
        let verb = match self {
            Self::Host(name) => return name,
            Self::Guest(_, verb) => verb,
        };
        match verb {
            Verb::Start => "start",
            Verb::ShutDown => "shut_down",
            Verb::Reboot => "reboot",
            Verb::ForceOff => "force_off",
            Verb::Pause => "pause",
            Verb::Resume => "resume",
            Verb::Save => "save",
            Verb::SaveTo(_) => "save_to",
            Verb::SaveProgress => "save_progress",
            Verb::AbortSave => "abort_save",
            Verb::AbortRestore => "abort_restore",
            Verb::DiscardSaved => "discard_saved",
            Verb::SetMemory(_) => "set_memory",
            Verb::Balloon => "balloon",
            Verb::SetVcpus(_) => "set_vcpus",
            Verb::SetMaximumVcpus(_) => "set_maximum_vcpus",
            Verb::Vcpus => "vcpus",
            Verb::Details => "details",
            Verb::Xml(_) => "xml",
            Verb::OpenDisplay(_) => "open_display",
            Verb::Screenshot(_) => "screenshot",
            Verb::SendKeys(_) => "send_keys",
            Verb::AddVncDisplay => "add_vnc_display",
            Verb::OpenConsole => "open_console",
            Verb::Rename(_) => "rename",
            Verb::Delete(_) => "delete",
        }
    }

    /// How long the host may take.
    pub(crate) fn limit(&self) -> Duration {
        match self {
            Self::Guest(_, Verb::Start | Verb::ForceOff | Verb::Delete(_)) | Self::Host(_) => LONG,
            Self::Guest(_, Verb::Save | Verb::SaveTo(_)) => WATCHED,
            Self::Guest(..) => QUICK,
        }
    }

    /// Whether it changes nothing, so that it does not matter whether it was done.
    fn is_question(&self) -> bool {
        match self {
            Self::Host(name) => matches!(*name, "pools" | "volumes" | "networks"),
            Self::Guest(_, verb) => matches!(
                verb,
                Verb::SaveProgress
                    | Verb::Balloon
                    | Verb::Details
                    | Verb::Xml(_)
                    | Verb::OpenDisplay(_)
                    | Verb::Screenshot(_)
                    | Verb::OpenConsole
            ),
        }
    }

    /// The failure in words that fit what was asked.
    pub(crate) fn explain(&self, error: Error) -> Error {
        let error = if self.is_question() {
            error.of_question()
        } else {
            error
        };
        let Self::Guest(_, verb) = self else {
            return error;
        };
        match (error.kind(), verb) {
            (ErrorKind::WrongState, Verb::Start) => {
                error.with_message("The guest is running already.")
            }
            (ErrorKind::WrongState, Verb::Save | Verb::SaveTo(_)) => error
                .with_message("The guest cannot be saved at this moment.")
                .with_remedy(
                    "It has to be running or paused, with nothing else being done with it.",
                ),
            (ErrorKind::WrongState, Verb::Resume) => error.with_message("The guest is not paused."),
            (ErrorKind::WrongState, Verb::Rename(_) | Verb::Delete(_)) => error
                .with_message("The guest is running.")
                .with_remedy("Shut it down first."),
            (ErrorKind::WrongState, verb) if verb.wants_active() == Some(true) => {
                error.with_message("The guest is not running.")
            }
            (ErrorKind::Hypervisor, Verb::OpenConsole) => error
                .with_message("The guest's console could not be opened.")
                .with_remedy("It serves one at a time: close it where else it may be open."),
            (ErrorKind::NotSupported, Verb::SetVcpus(_)) if error.detail().is_some() => error
                .with_message("The processors of this guest cannot change while it runs.")
                .with_remedy("Set them while it is off."),
            // Told by the one who looks for the way.
            (ErrorKind::NotSupported, Verb::OpenDisplay(_)) => error,
            // One without libvirt's words is in our own, which say more.
            (ErrorKind::NotSupported, _) if error.detail().is_some() => {
                error.with_message("This hypervisor cannot do that with the guest.")
            }
            _ => error,
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn failures_are_told_in_terms_of_what_was_asked() {
        let start = Operation::Guest(GuestId(Uuid::nil()), Verb::Start);
        let error = Error::new(ErrorKind::WrongState, "x").with_detail("domain is running");
        let explained = start.explain(error);
        assert_eq!(explained.message(), "The guest is running already.");
        assert_eq!(explained.detail(), Some("domain is running"));
        assert!(start.limit() > Operation::Guest(GuestId(Uuid::nil()), Verb::Pause).limit());
    }
}
