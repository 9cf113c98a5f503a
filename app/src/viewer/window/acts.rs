//! What the user does with the screen from the viewer's window.

use std::rc::Rc;

use adw::prelude::*;
use gtk::glib;
use relm4::prelude::*;
use rfb::PowerAction;

use super::{ViewerInput, ViewerWindow, power};
use crate::dialogs;
use crate::screen::controls::ScreenAct;
use crate::screen::keys::{self, Stroke};
use crate::screen::link::Link;
use crate::screen::picture::Shot;
use crate::screen::recording::RecordingInput;
use crate::screen::save;
use crate::screen::typing::{self, TypeText, TypeTextInit, TypeTextInput};
use crate::screen::vnc::VncInput;

impl ViewerWindow {
    pub(super) fn screen_act(
        &mut self,
        act: ScreenAct,
        root: &adw::ApplicationWindow,
        sender: &ComponentSender<Self>,
    ) {
        match act {
            ScreenAct::SendKeys(names) => {
                if let Some(stroke) = Stroke::by_names(&names) {
                    self.screen.emit(VncInput::Press(stroke));
                }
            }
            ScreenAct::EditKeys => keys::edit(root, &self.preferences),
            ScreenAct::TypeText { from_clipboard } => {
                let init = TypeTextInit {
                    parent: root.clone().upcast(),
                    name: self.title(),
                    from_clipboard,
                    pace: typing::PACE,
                    preferences: self.preferences.clone(),
                };
                let typing = TypeText::builder()
                    .launch(init)
                    .forward(sender.input_sender(), ViewerInput::Typing);
                self.typing = Some(typing);
                self.tell_typing();
            }
            ScreenAct::Preferences => {
                dialogs::preferences::present(root, &self.preferences);
            }
            ScreenAct::Figures(show) => self.companions.show_strip(show),
            ScreenAct::Zoom(step) => {
                if let Some(act) = self.controls.zoom(self.screen.widget(), step) {
                    self.screen.emit(VncInput::Act(act));
                }
            }
            ScreenAct::ToggleFullScreen => root.set_fullscreened(!root.is_fullscreen()),
            ScreenAct::KeepPicture => self.keep_picture(root),
            ScreenAct::Record => {
                let display = self.screen.widget().clone();
                self.recording
                    .emit(RecordingInput::Toggle(display, self.title()));
            }
            ScreenAct::Power(PowerAction::Reset) => {
                let input = sender.input_sender().clone();
                power::confirm_reset(root, &self.title(), move || {
                    input.emit(ViewerInput::Power(PowerAction::Reset));
                });
            }
            ScreenAct::Power(act) => self.power(act),
            ScreenAct::Quality(quality) => {
                self.preferences
                    .update(|settings| quality.name().clone_into(&mut settings.quality));
                self.screen.emit(VncInput::Act(act));
            }
            act => self.screen.emit(VncInput::Act(act)),
        }
    }

    /// Asks the server to do this with its machine.
    pub(super) fn power(&self, act: PowerAction) {
        // It may have gone while the question was open.
        if self.link != Link::Up {
            let gone = "There is no connection: nothing was asked of the server.";
            self.toasts.add_toast(dialogs::error::toast(gone));
            return;
        }
        self.screen.emit(VncInput::Act(ScreenAct::Power(act)));
        let toast = dialogs::error::toast(&power::asked(act, &self.title()));
        let last = Rc::downgrade(&self.power_toast);
        toast.connect_dismissed(move |gone| {
            if let Some(last) = last.upgrade() {
                last.borrow_mut().take_if(|toast| toast == gone);
            }
        });
        self.toasts.add_toast(toast.clone());
        self.power_toast.replace(Some(toast));
    }

    /// The server did not do it: said in the place of what was said before, which is no longer true.
    pub(super) fn power_failed(&self, act: PowerAction) {
        let words = power::failed(act, &self.title());
        match &*self.power_toast.borrow() {
            // Not dismissed: with libadwaita 1.2 the program was seen to crash after that.
            Some(shown) => shown.set_title(&glib::markup_escape_text(&words)),
            None => self.toasts.add_toast(dialogs::error::toast(&words)),
        }
    }

    /// A text is typed only while the other side takes keys.
    pub(super) fn tell_typing(&self) {
        if let Some(typing) = &self.typing {
            typing.emit(TypeTextInput::Reachable(self.link == Link::Up));
        }
    }

    fn keep_picture(&self, root: &adw::ApplicationWindow) {
        let Some(still) = self.screen.widget().still() else {
            self.toasts
                .add_toast(dialogs::error::toast("There is no picture yet."));
            return;
        };
        let (root, toasts, name) = (root.clone(), self.toasts.clone(), self.title());
        let shot = Shot::Display(still);
        relm4::spawn_local(save::save_and_tell(root, toasts, name, shot));
    }
}
