//! What the user does with the guest from its window.

use std::time::Duration;

use adw::prelude::*;
use backend::Job;
use backend::model::GuestId;
use relm4::prelude::*;

use super::parts::Screen;
use super::{
    CONSOLE, CreationEnd, GuestWindow, GuestWindowAnswer, GuestWindowInput, GuestWindowOutput, tell,
};
use crate::dialogs;
use crate::guest::creation::{Creation, CreationOutput};
use crate::guest::power::Act;
use crate::guest::scene::Scene;
use crate::guest::stills::{self, StillsInput};
use crate::screen::controls::ScreenAct;
use crate::screen::keys::{self, Stroke};
use crate::screen::link::Link;
use crate::screen::recording::RecordingInput;
use crate::screen::save;
use crate::screen::typing::{self, TypeText, TypeTextInit, TypeTextInput};
use crate::screen::vnc::VncInput;

/// How long a guest gets to heed a polite request before the hard way is offered.
const HEED: Duration = Duration::from_secs(30);

impl GuestWindow {
    pub(super) fn screen_act(
        &mut self,
        act: ScreenAct,
        root: &adw::ApplicationWindow,
        sender: &ComponentSender<Self>,
    ) {
        match act {
            ScreenAct::SendKeys(names) => {
                if let Some(stroke) = Stroke::by_names(&names) {
                    self.press(stroke);
                }
            }
            ScreenAct::EditKeys => keys::edit(root, &self.preferences),
            ScreenAct::TypeText { from_clipboard } => self.type_text(from_clipboard, root, sender),
            ScreenAct::Preferences => {
                dialogs::preferences::present(root, &self.preferences);
            }
            ScreenAct::Figures(show) => self.parts.companions.show_strip(show),
            ScreenAct::Zoom(step) => {
                if let Some(Screen::Vnc(screen)) = &self.parts.screen
                    && let Some(act) = self.parts.controls.zoom(screen.widget(), step)
                {
                    screen.emit(VncInput::Act(act));
                }
            }
            ScreenAct::ToggleFullScreen => root.set_fullscreened(!root.is_fullscreen()),
            ScreenAct::KeepPicture => self.keep_picture(root),
            ScreenAct::Record => {
                if let Some(Screen::Vnc(screen)) = &self.parts.screen {
                    let (display, name) = (screen.widget().clone(), self.name.clone());
                    self.parts
                        .recording
                        .emit(RecordingInput::Toggle(display, name));
                }
            }
            act => self.tell_vnc(VncInput::Act(act)),
        }
    }

    pub(super) fn press(&self, stroke: Stroke) {
        match &self.parts.screen {
            Some(Screen::Vnc(screen)) => screen.emit(VncInput::Press(stroke)),
            Some(Screen::Stills(stills)) => stills.emit(StillsInput::Press(stroke)),
            None => {}
        }
    }

    /// Presses keys of a text.
    pub(super) fn type_keys(&self, stroke: Stroke) {
        if let Some(Screen::Stills(stills)) = &self.parts.screen {
            stills.emit(StillsInput::Type(stroke));
            return;
        }
        self.press(stroke);
        // Nobody else tells it, and a text that began without VNC may wait for it.
        self.tell_typed(Ok(()));
    }

    /// Keys of a text were taken, or were not.
    pub(super) fn tell_typed(&self, result: Result<(), String>) {
        if let Some(typing) = &self.parts.typing {
            typing.emit(TypeTextInput::Taken(result));
        }
    }

    fn type_text(
        &mut self,
        from_clipboard: bool,
        root: &adw::ApplicationWindow,
        sender: &ComponentSender<Self>,
    ) {
        let pace = match &self.parts.screen {
            Some(Screen::Vnc(_)) => typing::PACE,
            Some(Screen::Stills(_)) => stills::PACE,
            None => return,
        };
        let init = TypeTextInit {
            parent: root.clone().upcast(),
            name: self.name.clone(),
            from_clipboard,
            pace,
            preferences: self.preferences.clone(),
        };
        let typing = TypeText::builder()
            .launch(init)
            .forward(sender.input_sender(), GuestWindowInput::Typing);
        self.parts.typing = Some(typing);
        self.tell_typing();
    }

    /// A text is typed only while the other side takes keys.
    pub(super) fn tell_typing(&self) {
        if let Some(typing) = &self.parts.typing {
            typing.emit(TypeTextInput::Reachable(self.link == Link::Up));
        }
    }

    pub(super) fn typing_closed(&mut self) {
        self.parts.typing = None;
        self.focus_page();
    }

    pub(super) fn tell_vnc(&self, input: VncInput) {
        if let Some(Screen::Vnc(screen)) = &self.parts.screen {
            screen.emit(input);
        }
    }

    pub(super) fn act(&self, act: Act, sender: &ComponentSender<Self>) {
        let Some(id) = self.id else { return };
        let host = self.host.clone();
        sender.oneshot_command(async move {
            let result = act.perform(&host, id).await;
            GuestWindowAnswer::Acted(act, result)
        });
    }

    /// A request was taken. Whether the guest heeds a polite one is seen later.
    pub(super) fn acted(&self, act: Act, sender: &ComponentSender<Self>) {
        let words = match act {
            Act::ShutDown => "shut down",
            Act::Reboot => "reboot",
            _ => return,
        };
        self.parts.toasts.add_toast(dialogs::error::toast(&format!(
            "“{}” was asked to {words}.",
            self.name
        )));
        if act == Act::ShutDown {
            let run = self.guest.as_ref().and_then(|guest| guest.domain_id);
            sender.oneshot_command(async move {
                tokio::time::sleep(HEED).await;
                GuestWindowAnswer::Heeded(act, run)
            });
        }
    }

    pub(super) fn offer_force(&self, _act: Act, run: Option<u32>) {
        let still = self
            .guest
            .as_ref()
            .is_some_and(|guest| guest.state.is_active() && guest.domain_id == run);
        if still {
            let toast = dialogs::error::toast(&format!("“{}” has not shut down.", self.name));
            toast.set_button_label(Some("_Force Off…"));
            toast.set_action_name(Some("guest.force-off"));
            toast.set_timeout(10);
            self.parts.toasts.add_toast(toast);
        }
    }

    pub(super) fn confirm_force_off(
        &self,
        root: &adw::ApplicationWindow,
        sender: &ComponentSender<Self>,
    ) {
        let input = sender.input_sender().clone();
        let names = std::slice::from_ref(&self.name);
        let installing = self.guest.as_ref().is_some_and(|guest| guest.installing);
        dialogs::force_off::ask(root, names, installing, move || {
            input.emit(GuestWindowInput::ForceOff);
        });
    }

    pub(super) fn cover_act(
        &mut self,
        root: &adw::ApplicationWindow,
        sender: &ComponentSender<Self>,
    ) {
        match self.scene {
            Scene::Off | Scene::BetweenStages | Scene::Saved | Scene::Crashed => {
                self.start(sender);
            }
            Scene::Paused | Scene::StorageError | Scene::Asleep => self.act(Act::Resume, sender),
            Scene::Saving { .. } => self.cancel_saving(),
            Scene::HostAway { .. } | Scene::HostFailed { .. } => self.host.reconnect(),
            Scene::NoWay { .. } => self.tell_vnc(VncInput::Again),
            Scene::Gone => root.close(),
            Scene::NoScreen { .. } => self.parts.pages.set_visible_child_name(CONSOLE),
            _ => {}
        }
    }

    pub(super) fn add_vnc(&self, sender: &ComponentSender<Self>) {
        let Some(id) = self.id else { return };
        let host = self.host.clone();
        sender.oneshot_command(async move {
            GuestWindowAnswer::VncAdded(host.add_vnc_display(id).await)
        });
    }

    pub(super) fn keep_picture(&self, root: &adw::ApplicationWindow) {
        let Some(shot) = self.parts.screen.as_ref().and_then(Screen::shot) else {
            self.parts
                .toasts
                .add_toast(dialogs::error::toast("There is no picture yet."));
            return;
        };
        let (root, toasts, name) = (root.clone(), self.parts.toasts.clone(), self.name.clone());
        relm4::spawn_local(save::save_and_tell(root, toasts, name, shot));
    }

    pub(super) fn show_creation(&mut self, job: Job<GuestId>, sender: &ComponentSender<Self>) {
        let creation = Creation::builder()
            .launch(job)
            .forward(sender.input_sender(), |output| {
                GuestWindowInput::CreationEnded(match output {
                    CreationOutput::Created(id) => CreationEnd::Created(id),
                    CreationOutput::Failed => CreationEnd::Failed,
                    CreationOutput::Close => CreationEnd::Close,
                    CreationOutput::BackToSettings => CreationEnd::BackToSettings,
                })
            });
        self.parts.creation_page.set_child(Some(creation.widget()));
        self.parts.creation = Some(creation);
    }

    pub(super) fn creation_ended(
        &mut self,
        end: &CreationEnd,
        root: &adw::ApplicationWindow,
        sender: &ComponentSender<Self>,
    ) {
        match end {
            CreationEnd::Created(id) => {
                self.parts.creation = None;
                self.begin(*id, sender);
                tell(sender, GuestWindowOutput::Created(*id));
            }
            // What the header says of it is all that changes.
            CreationEnd::Failed => {}
            CreationEnd::Close => root.close(),
            CreationEnd::BackToSettings => {
                tell(sender, GuestWindowOutput::BackToSettings);
                root.close();
            }
        }
    }
}
