//! Further displays of the guest: the menu that offers them, and the windows that show them.

use adw::prelude::*;
use relm4::prelude::*;

use super::{GuestWindow, GuestWindowInput};
use crate::guest::actions;
use crate::guest::display::{DisplayInit, DisplayInput, DisplayOutput, DisplayWindow, Standing};
use crate::guest::scene::{Face, Scene};
use crate::screen::link::Link;

/// The window of a further display.
pub(super) struct Further {
    /// The display's number, from 1 on.
    number: u32,
    link: Link,
    window: Controller<DisplayWindow>,
}

impl Drop for Further {
    fn drop(&mut self) {
        // Without the guest's window nobody would tell it anything.
        self.window.widget().close();
    }
}

impl GuestWindow {
    /// Offers the displays that the guest has beside the first one, where its host takes stills.
    pub(super) fn offer_displays(&self) {
        let screens = self.details.as_ref().map_or(1, |details| details.screens);
        let screens = if self.takes_stills() { screens } else { 1 };
        actions::offer_displays(&self.parts.displays, screens);
    }

    /// Shows the display of that number, from 1 on, in a window of its own.
    pub(super) fn open_display(&mut self, number: u32, sender: &ComponentSender<Self>) {
        let open = self.displays.iter().find(|open| open.number == number);
        if let Some(open) = open {
            open.window.emit(DisplayInput::Present);
            return;
        }
        let Some(id) = self.id else { return };
        let init = DisplayInit {
            host: self.host.clone(),
            id,
            name: self.name.clone(),
            number,
            preferences: self.preferences.clone(),
        };
        let window = DisplayWindow::builder()
            .launch(init)
            .forward(sender.input_sender(), move |output| {
                GuestWindowInput::Display(number, output)
            });
        self.displays.push(Further {
            number,
            link: Link::Idle,
            window,
        });
        self.stage_displays();
    }

    pub(super) fn display_news(
        &mut self,
        number: u32,
        news: DisplayOutput,
        root: &adw::ApplicationWindow,
        sender: &ComponentSender<Self>,
    ) {
        let Some(place) = self.displays.iter().position(|open| open.number == number) else {
            return;
        };
        match news {
            DisplayOutput::Link(link) => {
                self.displays[place].link = link;
                self.stage_displays();
            }
            DisplayOutput::Act => {
                if let Some(scene) = self.scene_of_display(&self.displays[place].link) {
                    self.cover_act(&scene, root, sender);
                }
            }
            DisplayOutput::Closed => {
                self.displays.remove(place);
            }
        }
    }

    /// Says in the windows of further displays how the guest stands.
    pub(super) fn stage_displays(&self) {
        for open in &self.displays {
            if let Some(scene) = self.scene_of_display(&open.link) {
                open.window.emit(DisplayInput::Guest(Standing {
                    name: self.name.clone(),
                    state: self.state_word(),
                    scene,
                    wanted: self.is_wanted(),
                }));
            }
        }
    }

    /// What lies over the picture of a display that is reached by `link`.
    fn scene_of_display(&self, link: &Link) -> Option<Scene> {
        self.scene_of(Some(Face::Stills), link)
    }
}
