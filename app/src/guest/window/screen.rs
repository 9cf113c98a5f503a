//! The guest's screen in its window.

use adw::prelude::*;
use relm4::prelude::*;

use super::parts::Screen;
use super::{GuestWindow, GuestWindowInput};
use crate::dialogs;
use crate::guest::scene::{Face, Scene};
use crate::guest::stills::{Stills, StillsInput, StillsOutput};
use crate::screen::full_screen::FullScreenInput;
use crate::screen::link::Link;
use crate::screen::recording::RecordingInput;
use crate::screen::vnc::{VncInput, VncOutput, VncScreen, Way};

impl GuestWindow {
    /// Makes the screen that suits the guest's displays.
    pub(super) fn make_screen(&mut self, sender: &ComponentSender<Self>) {
        let Some(id) = self.id else { return };
        let screen = match (self.face(), &self.parts.screen) {
            (Some(Face::Vnc), None | Some(Screen::Stills(_))) => Screen::Vnc(
                VncScreen::builder()
                    .launch(Way::Guest(self.host.clone(), id))
                    .forward(sender.input_sender(), GuestWindowInput::Vnc),
            ),
            (Some(Face::Stills), None | Some(Screen::Vnc(_))) => {
                Screen::Stills(Stills::builder().launch((self.host.clone(), id)).forward(
                    sender.input_sender(),
                    |output| match output {
                        StillsOutput::Link(link) => GuestWindowInput::Link(link),
                        StillsOutput::AddVnc => GuestWindowInput::AddVnc,
                        StillsOutput::Typed(result) => GuestWindowInput::Typed(result),
                    },
                ))
            }
            _ => return,
        };
        let display = match &screen {
            Screen::Vnc(screen) => Some(screen.widget()),
            Screen::Stills(_) => None,
        };
        if let Some(display) = display {
            self.preferences.rule(display);
        }
        if let Screen::Vnc(screen) = &screen {
            // The one before it may have been another's, or none.
            for act in self.parts.controls.chosen() {
                screen.emit(VncInput::Act(act));
            }
        }
        self.parts.companions.attach(display);
        // What was recorded does not move any more.
        self.parts.recording.emit(RecordingInput::End);
        self.link = Link::Idle;
        self.tell_typing();
        self.parts.screen_place.set_child(Some(screen.widget()));
        self.parts.screen = Some(screen);
    }

    pub(super) fn take_link(&mut self, link: Link) {
        self.link = link;
        self.parts.tell_protection();
        self.stage_scene();
        self.tell_typing();
    }

    pub(super) fn vnc_news(&mut self, news: VncOutput, root: &adw::ApplicationWindow) {
        match news {
            VncOutput::Link(link) => self.take_link(link),
            VncOutput::Grabbed(grabbed) => {
                if grabbed && self.full_screen {
                    self.hint();
                }
            }
            VncOutput::Failed(error) => dialogs::error::tell(root, &self.parts.toasts, &error),
            // Turning a guest off and on is asked of its host.
            VncOutput::CanPower | VncOutput::PowerFailed(_) => {}
        }
    }

    /// Lets what is typed go to the guest.
    pub(super) fn focus_screen(&self) {
        match &self.parts.screen {
            Some(Screen::Vnc(screen)) if self.full_screen => screen.emit(VncInput::Grab),
            Some(Screen::Vnc(screen)) => screen.emit(VncInput::Focus),
            Some(Screen::Stills(stills)) => stills.emit(StillsInput::Focus),
            None => {}
        }
    }

    /// Tells how to get the keyboard back, where the guest has it.
    pub(super) fn hint(&self) {
        if let Some(Screen::Vnc(screen)) = &self.parts.screen
            && screen.widget().is_grabbed()
        {
            let keys = screen.widget().release_keys().to_string();
            self.parts.tab.emit(FullScreenInput::Hint(keys));
        }
    }

    pub(super) fn full_screen_changed(&mut self, on: bool) {
        self.full_screen = on;
        self.parts.tab.emit(FullScreenInput::Active(on));
        if on {
            self.hint();
        }
        if self.scene == Scene::Clear {
            self.focus_screen();
        }
    }
}
