//! The server's screens in a window each, over a connection each.

use adw::prelude::*;
use relm4::prelude::*;
use rfb::Screen;
use vnc_widget::VncDisplay;

use super::{ViewerInit, ViewerInput, ViewerOutput, ViewerWindow};
use crate::screen::controls;

/// The window of one screen. It closes with the one that it was opened from.
pub(super) struct OneScreen {
    id: u32,
    window: Controller<ViewerWindow>,
}

impl OneScreen {
    /// Whether it was opened for the screen of that id.
    pub(super) fn is_of(&self, id: u32) -> bool {
        self.id == id
    }
}

impl Drop for OneScreen {
    fn drop(&mut self) {
        self.window.widget().close();
    }
}

impl ViewerWindow {
    /// Shows the first screen here, and the others in windows that are not open yet. Each logs in by
    /// itself: what was typed in for this window's connection is not kept.
    pub(super) fn show_apart(&mut self, sender: &ComponentSender<Self>) {
        let screens = self.screens();
        let Some((first, others)) = screens.split_first() else {
            return;
        };
        if others.is_empty() {
            return;
        }
        self.around.choose_screen(first.id, &self.screen);
        for Screen { id, .. } in others.iter().copied() {
            if self.others.iter().any(|other| other.is_of(id)) {
                continue;
            }
            let init = ViewerInit {
                address: self.address.clone(),
                preferences: self.around.preferences().clone(),
                screen: Some(id),
            };
            let window = Self::builder()
                .launch(init)
                .forward(sender.input_sender(), move |ViewerOutput::Closed| {
                    ViewerInput::OtherClosed(id)
                });
            self.others.push(OneScreen { id, window });
        }
    }

    /// Which of several screens is shown, in words.
    pub(super) fn which_screen(&self) -> Option<String> {
        let screens = self.screens();
        let shown = self.around.chosen_screen()?;
        let place = screens.iter().position(|screen| screen.id == shown)?;
        let several = screens.len() > 1;
        several.then(|| format!("screen {} of {}", place + 1, screens.len()))
    }

    fn screens(&self) -> Vec<Screen> {
        let told = self.screen.display().map(VncDisplay::screens);
        controls::in_order(&told.unwrap_or_default())
    }
}
