//! The acts that change whether a guest runs.

use backend::model::{GuestId, GuestState};
use backend::{Error, ErrorKind, Host};

/// An act on a guest as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Start a guest that is off, or wake a saved one.
    Start,
    /// Stop it where it is.
    Pause,
    /// Let it go on.
    Resume,
    /// Ask it politely to shut down.
    ShutDown,
    /// Ask it politely to reboot.
    Reboot,
    /// Keep its memory on the host and end it.
    Save,
    /// Keep its memory in a file and end it; the file is asked for.
    SaveToFile,
    /// Pull its plug.
    ForceOff,
}

impl Act {
    /// All of them, in the order in which menus show them.
    pub(super) const ALL: [Self; 8] = [
        Self::Start,
        Self::Pause,
        Self::Resume,
        Self::ShutDown,
        Self::Reboot,
        Self::Save,
        Self::SaveToFile,
        Self::ForceOff,
    ];

    /// The name of its action within the window's group.
    pub(super) fn action(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::ShutDown => "shut-down",
            Self::Reboot => "reboot",
            Self::Save => "save",
            Self::SaveToFile => "save-to-file",
            Self::ForceOff => "force-off",
        }
    }

    /// What its button says.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Start => "Start",
            Self::Pause => "Pause",
            Self::Resume => "Resume",
            Self::ShutDown => "Shut Down",
            Self::Reboot => "Reboot",
            Self::Save => "Save",
            Self::SaveToFile => "Save to File",
            Self::ForceOff => "Force Off",
        }
    }

    /// The icon of its button.
    pub(super) fn icon(self) -> &'static str {
        match self {
            Self::Start | Self::Resume => "media-playback-start-symbolic",
            Self::Pause => "media-playback-pause-symbolic",
            Self::Reboot => "view-refresh-symbolic",
            Self::Save => "document-save-symbolic",
            Self::SaveToFile => "document-save-as-symbolic",
            Self::ShutDown | Self::ForceOff => "system-shutdown-symbolic",
        }
    }

    /// Whether a guest in `state` can take it.
    pub(super) fn suits(self, state: GuestState) -> bool {
        use GuestState as S;
        match self {
            Self::Start => matches!(state, S::Off | S::Saved | S::Crashed),
            Self::Pause => matches!(state, S::Running | S::ShuttingDown),
            Self::Resume => matches!(state, S::Paused | S::PausedOnStorageError | S::Suspended),
            // A guest that was asked and did not hear may be asked again.
            Self::ShutDown | Self::Reboot => matches!(state, S::Running | S::ShuttingDown),
            Self::Save | Self::SaveToFile => matches!(state, S::Running | S::Paused),
            Self::ForceOff => state.is_active() || state == S::Unknown,
        }
    }

    /// Does it.
    pub(super) async fn perform(self, host: &Host, id: GuestId) -> Result<(), Error> {
        let result = match self {
            Self::Start => host.start(id).await,
            Self::Pause => host.pause(id).await,
            Self::Resume => host.resume(id).await,
            Self::ShutDown => host.shut_down(id).await,
            Self::Reboot => host.reboot(id).await,
            Self::Save => host.save(id).outcome().await,
            // Goes through a dialog, and a job that is watched.
            Self::SaveToFile => Ok(()),
            Self::ForceOff => host.force_off(id).await,
        };
        match result {
            // Somebody else, or the guest itself, was quicker: what was wanted is so.
            Err(error) if error.kind() == ErrorKind::WrongState && self.is_done(host, id) => Ok(()),
            other => other,
        }
    }

    /// Whether the guest is already where the act leads.
    fn is_done(self, host: &Host, id: GuestId) -> bool {
        let snapshot = host.snapshot();
        snapshot
            .guest(id)
            .is_some_and(|guest| self.leads_to(guest.state))
    }

    /// Whether `state` is where the act leads.
    fn leads_to(self, state: GuestState) -> bool {
        match self {
            Self::Start | Self::Resume => state == GuestState::Running,
            Self::Pause => state == GuestState::Paused,
            Self::ShutDown | Self::ForceOff => {
                matches!(state, GuestState::Off | GuestState::Crashed)
            }
            Self::Save => state == GuestState::Saved,
            Self::Reboot | Self::SaveToFile => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATES: [GuestState; 11] = [
        GuestState::Running,
        GuestState::Starting,
        GuestState::Rebooting,
        GuestState::Paused,
        GuestState::PausedOnStorageError,
        GuestState::ShuttingDown,
        GuestState::Off,
        GuestState::Saved,
        GuestState::Crashed,
        GuestState::Suspended,
        GuestState::Unknown,
    ];

    #[test]
    fn there_is_a_way_out_of_every_state() {
        for state in STATES {
            assert!(
                Act::ALL.into_iter().any(|act| act.suits(state)),
                "{state:?}"
            );
        }
    }

    #[test]
    fn starting_and_stopping_exclude_each_other() {
        for state in STATES {
            assert!(
                !(Act::Start.suits(state) && Act::ForceOff.suits(state)),
                "{state:?}"
            );
            assert!(
                !(Act::Pause.suits(state) && Act::Resume.suits(state)),
                "{state:?}"
            );
        }
    }

    #[test]
    fn no_act_suits_a_state_it_leads_to_except_asking_again() {
        for act in Act::ALL {
            for state in STATES {
                assert!(
                    !(act.suits(state) && act.leads_to(state)),
                    "{act:?} {state:?}"
                );
            }
        }
    }

    #[test]
    fn action_names_are_distinct() {
        let mut names: Vec<_> = Act::ALL.into_iter().map(Act::action).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Act::ALL.len());
    }
}
