//! What the user does with the server's machine from the viewer's window.

use std::rc::Rc;

use gtk::glib;
use relm4::prelude::*;
use rfb::PowerAction;

use super::{ViewerInput, ViewerWindow, power};
use crate::dialogs;
use crate::screen::controls::ScreenAct;
use crate::screen::link::Link;
use crate::screen::vnc::VncInput;

impl ViewerWindow {
    /// Does what the menu says with the server's machine; a reset only when it was confirmed.
    pub(super) fn ask_power(
        &mut self,
        act: PowerAction,
        root: &adw::ApplicationWindow,
        sender: &ComponentSender<Self>,
    ) {
        if act != PowerAction::Reset {
            self.power(act);
            return;
        }
        let input = sender.input_sender().clone();
        power::confirm_reset(root, &self.title(), move || {
            input.emit(ViewerInput::Power(act));
        });
    }

    /// Asks the server to do this with its machine.
    pub(super) fn power(&self, act: PowerAction) {
        // It may have gone while the question was open.
        if self.link != Link::Up {
            let gone = "There is no connection: nothing was asked of the server.";
            self.around.toasts().add_toast(dialogs::error::toast(gone));
            return;
        }
        self.screen.tell_vnc(VncInput::Act(ScreenAct::Power(act)));
        let toast = dialogs::error::toast(&power::asked(act, &self.title()));
        let last = Rc::downgrade(&self.power_toast);
        toast.connect_dismissed(move |gone| {
            if let Some(last) = last.upgrade() {
                last.borrow_mut().take_if(|toast| toast == gone);
            }
        });
        self.around.toasts().add_toast(toast.clone());
        self.power_toast.replace(Some(toast));
    }

    /// The server did not do it: said in the place of what was said before, which is no longer true.
    pub(super) fn power_failed(&self, act: PowerAction) {
        let words = power::failed(act, &self.title());
        match &*self.power_toast.borrow() {
            // Not dismissed: with libadwaita 1.2 the program was seen to crash after that.
            Some(shown) => shown.set_title(&glib::markup_escape_text(&words)),
            None => self
                .around
                .toasts()
                .add_toast(dialogs::error::toast(&words)),
        }
    }
}
