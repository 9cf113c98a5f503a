//! The server's screens in a window each, over a connection each.

use adw::prelude::*;
use relm4::prelude::*;
use rfb::Screen;
use vnc_widget::VncDisplay;

use super::{ViewerInit, ViewerInput, ViewerOutput, ViewerWindow};
use crate::screen::controls::{self, ScreenAct};

/// The window of one screen. It closes with the one that it was opened from.
pub(super) struct OneScreen {
    /// Tells it from others.
    serial: u32,
    window: Controller<ViewerWindow>,
}

impl OneScreen {
    pub(super) fn is(&self, serial: u32) -> bool {
        self.serial == serial
    }

    /// Whether it shows the screen of that id, which may be another than it was opened for.
    fn shows(&self, id: u32) -> bool {
        self.window.model().around.chosen_screen() == Some(id)
    }
}

impl Drop for OneScreen {
    fn drop(&mut self) {
        self.window.widget().close();
    }
}

impl ViewerWindow {
    /// Shows the first screen here, and the others in windows of their own, which do with it what this
    /// one does. Those that are open already come to the front. Each logs in by itself: what was typed in
    /// for this window's connection is not kept.
    pub(super) fn show_apart(&mut self, sender: &ComponentSender<Self>) {
        let screens = self.screens();
        let Some((first, others)) = screens.split_first() else {
            return;
        };
        // There may be more of them than when it was offered.
        if others.is_empty() || screens.len() > controls::MOST_SCREENS {
            return;
        }
        let one = |id| ScreenAct::OneScreen(Some(id));
        self.around.choose(one(first.id), &self.screen);
        for Screen { id, .. } in others.iter().copied() {
            if let Some(open) = self.others.iter().find(|other| other.shows(id)) {
                open.window.widget().present();
                continue;
            }
            let chosen = self.around.chosen().into_iter().map(|act| match act {
                ScreenAct::OneScreen(_) => one(id),
                act => act,
            });
            let init = ViewerInit {
                address: self.address.clone(),
                preferences: self.around.preferences().clone(),
                chosen: chosen.collect(),
            };
            self.opened += 1;
            let serial = self.opened;
            let window = Self::builder()
                .launch(init)
                .forward(sender.input_sender(), move |ViewerOutput::Closed| {
                    ViewerInput::OtherClosed(serial)
                });
            self.others.push(OneScreen { serial, window });
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
