//! The guest's screen in its window.

use adw::prelude::*;
use relm4::prelude::*;

use super::{GuestWindow, GuestWindowInput};
use crate::guest::scene::Face;
use crate::screen::link::Link;
use crate::screen::shown::Screen;
use crate::screen::stills::{Stills, StillsInit, StillsOutput};
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
                let init = StillsInit {
                    host: self.host.clone(),
                    id,
                    screen: 0,
                };
                let stills = Stills::builder().launch(init);
                Screen::Stills(stills.forward(sender.input_sender(), GuestWindowInput::Stills))
            }
            _ => return,
        };
        self.parts.around.attach(&screen);
        self.link = Link::Idle;
        self.parts.around.set_reachable(false);
        self.parts.screen_place.set_child(Some(screen.widget()));
        self.parts.screen = Some(screen);
    }

    pub(super) fn take_link(&mut self, link: Link) {
        self.link = link;
        self.parts.tell_protection();
        self.stage_scene();
        self.parts.around.set_reachable(self.link == Link::Up);
    }

    pub(super) fn vnc_news(&mut self, news: VncOutput) {
        // Turning a guest off and on is asked of its host.
        let news = self.parts.around.heed_vnc(news, self.parts.screen.as_ref());
        if let Some(VncOutput::Link(link)) = news {
            self.take_link(link);
        }
    }

    pub(super) fn stills_news(&mut self, news: StillsOutput, sender: &ComponentSender<Self>) {
        match news {
            StillsOutput::Link(link) => self.take_link(link),
            StillsOutput::AddVnc => self.add_vnc(sender),
            StillsOutput::Typed(result) => self.parts.around.tell_typed(result),
            // Its own words are the picture then.
            StillsOutput::Dark(_) => {}
        }
    }

    pub(super) fn tell_vnc(&self, input: VncInput) {
        if let Some(screen) = &self.parts.screen {
            screen.tell_vnc(input);
        }
    }

    /// Lets what is typed go to the guest.
    pub(super) fn focus_screen(&self) {
        if let Some(screen) = &self.parts.screen {
            screen.focus(self.parts.around.is_full_screen());
        }
    }
}
