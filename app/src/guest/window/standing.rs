//! How the guest stands, and what can be done with it from here.

use backend::model::{GuestState, HostState};
use relm4::ComponentController;

use super::GuestWindow;
use crate::guest::power::Act;
use crate::guest::scene::{Face, Scene};
use crate::screen::link::Link;

impl GuestWindow {
    pub(super) fn face(&self) -> Option<Face> {
        self.details
            .as_ref()
            .map(|details| Face::of(details, self.takes_stills()))
    }

    /// Whether the host takes stills of its guests' screens.
    pub(super) fn takes_stills(&self) -> bool {
        let info = self.seen.as_ref().and_then(|seen| seen.info.as_ref());
        info.is_some_and(|info| info.capabilities.screenshot)
    }

    /// Whether the guest's screens are to be shown: it runs, or may.
    pub(super) fn is_wanted(&self) -> bool {
        self.guest.as_ref().is_some_and(|guest| {
            !matches!(
                guest.state,
                GuestState::Off
                    | GuestState::Saved
                    | GuestState::Crashed
                    // What it has is not to be asked for yet.
                    | GuestState::Starting
                    | GuestState::Rebooting
            )
        })
    }

    pub(super) fn has_console(&self) -> bool {
        let details = self.details.as_ref();
        !self.is_host_itself() && details.is_some_and(|details| details.has_console)
    }

    pub(super) fn is_connected(&self) -> bool {
        self.seen
            .as_ref()
            .is_some_and(|seen| seen.state == HostState::Connected)
    }

    /// Whether it is Xen's domain 0.
    pub(super) fn is_host_itself(&self) -> bool {
        let info = self.seen.as_ref().and_then(|seen| seen.info.as_ref());
        let kind = info.map(|info| info.kind);
        self.guest
            .as_ref()
            .is_some_and(|guest| guest.is_host_itself(kind))
    }

    pub(super) fn state(&self) -> GuestState {
        self.guest
            .as_ref()
            .map_or(GuestState::Unknown, |guest| guest.state)
    }

    pub(super) fn state_word(&self) -> &'static str {
        if let Some(creation) = &self.parts.creation {
            creation.model().word()
        } else if self.guest.is_some() && !self.is_connected() {
            "host does not answer"
        } else if self.saving.is_some() {
            "being saved"
        } else if self.guest.is_some() {
            self.state().word()
        } else {
            ""
        }
    }

    /// What the button for starting and pausing does now.
    pub(super) fn main_act(&self) -> Act {
        [Act::Start, Act::Resume]
            .into_iter()
            .find(|act| act.suits(self.state()))
            .unwrap_or(Act::Pause)
    }

    pub(super) fn takes_keys(&self) -> bool {
        self.link == Link::Up && self.scene == Scene::Clear
    }

    pub(super) fn enable_actions(&self) {
        let connected = self.is_connected();
        // What is under way is waited for, or ended for good.
        let busy = self.saving.is_some() || self.starting.is_some();
        for act in Act::ALL {
            // Only a guest with a definition can be started where it was.
            let can_return = self.guest.as_ref().is_some_and(|guest| guest.persistent);
            let enabled = connected
                && self.guest.is_some()
                && !self.is_host_itself()
                && act.suits(self.state())
                && (!busy || act == Act::ForceOff)
                && (act != Act::Save || can_return);
            self.parts.actions.enable(act.action(), enabled);
        }
        let screen = self.parts.screen.as_ref();
        let vnc = screen.is_some_and(|screen| screen.display().is_some());
        self.parts
            .around
            .enable(screen.is_some(), vnc, self.takes_keys());
        self.parts.actions.enable("memory", self.guest.is_some());
    }
}
