//! What can be done with a guest from the list.

use backend::model::{Guest, GuestId, GuestState};
use backend::{Host, Result};

/// Something to do with a guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GuestAction {
    /// Show its window.
    Open,
    /// Start it, or resume it where it was saved.
    Start,
    /// Let it go on after a pause.
    Resume,
    /// Stop it where it is.
    Pause,
    /// Ask it to shut down.
    ShutDown,
    /// Ask it to reboot.
    Reboot,
    /// Keep its memory on the host and end it.
    Save,
    /// Keep its memory in a file and end it; asks which.
    SaveToFile,
    /// Throw its saved memory away; asks first.
    DiscardSaved,
    /// Pull the plug; asks first.
    ForceOff,
    /// Give it another name; asks for it.
    Rename,
    /// Remove it; asks first.
    Delete,
}

impl GuestAction {
    /// All of them, in the order of menus.
    pub const ALL: [Self; 12] = [
        Self::Open,
        Self::Start,
        Self::Resume,
        Self::Pause,
        Self::ShutDown,
        Self::Reboot,
        Self::Save,
        Self::SaveToFile,
        Self::DiscardSaved,
        Self::ForceOff,
        Self::Rename,
        Self::Delete,
    ];

    /// Its name in the window's action group `guest`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Start => "start",
            Self::Resume => "resume",
            Self::Pause => "pause",
            Self::ShutDown => "shut-down",
            Self::Reboot => "reboot",
            Self::Save => "save",
            Self::SaveToFile => "save-to-file",
            Self::DiscardSaved => "discard-saved",
            Self::ForceOff => "force-off",
            Self::Rename => "rename",
            Self::Delete => "delete",
        }
    }

    /// Its label, with a mnemonic.
    pub fn label(self) -> &'static str {
        match self {
            Self::Open => "_Open",
            Self::Start => "_Start",
            Self::Resume => "Res_ume",
            Self::Pause => "_Pause",
            Self::ShutDown => "Shut _Down",
            Self::Reboot => "Re_boot",
            Self::Save => "Sa_ve",
            Self::SaveToFile => "Save _to File…",
            Self::DiscardSaved => "Dis_card Saved State…",
            Self::ForceOff => "_Force Off…",
            Self::Rename => "Re_name…",
            Self::Delete => "De_lete…",
        }
    }

    /// Its label without a mnemonic, for tooltips and screen readers.
    pub fn plain_label(self) -> String {
        self.label().replace(['_', '…'], "")
    }

    /// Its icon, for those that have a button.
    pub fn icon(self) -> &'static str {
        match self {
            Self::Start | Self::Resume => "media-playback-start-symbolic",
            Self::Pause => "media-playback-pause-symbolic",
            Self::ShutDown | Self::ForceOff => "system-shutdown-symbolic",
            Self::Reboot => "view-refresh-symbolic",
            Self::Save => "document-save-symbolic",
            Self::SaveToFile => "document-save-as-symbolic",
            Self::Rename => "document-edit-symbolic",
            Self::Delete | Self::DiscardSaved => "user-trash-symbolic",
            Self::Open => "video-display-symbolic",
        }
    }

    /// What a guest does while this is under way.
    pub fn doing(self) -> Option<&'static str> {
        match self {
            Self::Start => Some("starting"),
            Self::Resume => Some("resuming"),
            Self::Pause => Some("pausing"),
            Self::Save | Self::SaveToFile => Some("being saved"),
            Self::ForceOff => Some("being turned off"),
            Self::Delete => Some("being deleted"),
            // These end when the guest was asked or told, not when it did it.
            Self::Open | Self::ShutDown | Self::Reboot | Self::DiscardSaved | Self::Rename => None,
        }
    }

    /// Whether it makes sense for `guest` as it is. `host_itself`: it is Xen's domain 0.
    pub fn applies(self, guest: &Guest, host_itself: bool) -> bool {
        use GuestState::{
            Crashed, Off, Paused, PausedOnStorageError, Running, Saved, ShuttingDown, Suspended,
            Unknown,
        };
        if host_itself {
            // Its window has its memory; everything else would end every guest.
            return self == Self::Open;
        }
        match self {
            Self::Open => true,
            Self::Start => matches!(guest.state, Off | Saved | Crashed | Unknown),
            Self::Resume => matches!(guest.state, Paused | PausedOnStorageError | Suspended),
            Self::Pause | Self::Reboot => guest.state == Running,
            Self::ShutDown => matches!(guest.state, Running | ShuttingDown),
            Self::Save => matches!(guest.state, Running | Paused) && guest.persistent,
            Self::SaveToFile => matches!(guest.state, Running | Paused),
            Self::DiscardSaved => guest.state == Saved,
            Self::ForceOff => guest.state.is_active() || guest.state == Unknown,
            Self::Rename => matches!(guest.state, Off | Crashed) && guest.persistent,
            Self::Delete => guest.persistent || guest.state.is_active(),
        }
    }

    /// What the Space key does with `guest`: run it, or pause it.
    pub fn run_or_pause(guest: &Guest) -> Option<Self> {
        [Self::Start, Self::Resume, Self::Pause]
            .into_iter()
            .find(|action| action.applies(guest, false))
    }

    /// The buttons of a guest's row, from left to right.
    pub fn of_row(guest: &Guest, host_itself: bool) -> &'static [Self] {
        if host_itself {
            return &[];
        }
        match guest.state {
            GuestState::Off | GuestState::Saved | GuestState::Crashed | GuestState::Unknown => {
                &[Self::Start]
            }
            GuestState::Paused | GuestState::PausedOnStorageError | GuestState::Suspended => {
                &[Self::Resume]
            }
            GuestState::Running => &[Self::Pause, Self::ShutDown],
            GuestState::ShuttingDown | GuestState::Starting | GuestState::Rebooting => {
                &[Self::ForceOff]
            }
        }
    }

    /// Whether it needs something said of one guest alone: a name, a file.
    pub fn is_for_one(self) -> bool {
        matches!(self, Self::Rename | Self::SaveToFile)
    }

    /// Does it, for those that need nothing more than the guest.
    ///
    /// # Errors
    /// As the hypervisor says.
    pub async fn run(self, host: &Host, id: GuestId) -> Result<()> {
        match self {
            Self::Start => host.start(id).await,
            Self::Resume => host.resume(id).await,
            Self::Pause => host.pause(id).await,
            Self::ShutDown => host.shut_down(id).await,
            Self::Reboot => host.reboot(id).await,
            Self::Save => host.save(id).outcome().await,
            Self::DiscardSaved => host.discard_saved(id).await,
            Self::ForceOff => host.force_off(id).await,
            // These go through a window or a dialog of their own.
            Self::Open | Self::SaveToFile | Self::Rename | Self::Delete => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manager::testing::guest;

    #[test]
    fn space_runs_what_stands_and_pauses_what_runs() {
        for (state, expected) in [
            (GuestState::Off, Some(GuestAction::Start)),
            (GuestState::Saved, Some(GuestAction::Start)),
            (GuestState::Crashed, Some(GuestAction::Start)),
            (GuestState::Paused, Some(GuestAction::Resume)),
            (GuestState::PausedOnStorageError, Some(GuestAction::Resume)),
            (GuestState::Running, Some(GuestAction::Pause)),
            (GuestState::ShuttingDown, None),
        ] {
            assert_eq!(
                GuestAction::run_or_pause(&guest("x", state)),
                expected,
                "{state:?}"
            );
        }
    }

    #[test]
    fn buttons_of_a_row_do_something_there() {
        for state in [
            GuestState::Running,
            GuestState::Paused,
            GuestState::PausedOnStorageError,
            GuestState::ShuttingDown,
            GuestState::Starting,
            GuestState::Rebooting,
            GuestState::Off,
            GuestState::Saved,
            GuestState::Crashed,
            GuestState::Suspended,
            GuestState::Unknown,
        ] {
            let guest = guest("x", state);
            let buttons = GuestAction::of_row(&guest, false);
            assert!(!buttons.is_empty(), "{state:?}");
            for action in buttons {
                assert!(action.applies(&guest, false), "{action:?} for {state:?}");
            }
            assert!(
                GuestAction::ALL
                    .iter()
                    .all(|action| action.applies(&guest, true) == (*action == GuestAction::Open))
            );
        }
    }

    #[test]
    fn mnemonics_differ_among_the_actions_of_a_menu() {
        let mut letters: Vec<char> = GuestAction::ALL
            .iter()
            .filter_map(|action| action.label().split('_').nth(1)?.chars().next())
            .map(|letter| letter.to_ascii_lowercase())
            .collect();
        assert_eq!(letters.len(), GuestAction::ALL.len());
        letters.sort_unstable();
        letters.dedup();
        assert_eq!(letters.len(), GuestAction::ALL.len());
    }
}
