//! What the user does with the guest from its window.

use std::time::Duration;

use adw::prelude::*;
use backend::Job;
use backend::model::GuestId;
use relm4::prelude::*;

use super::{
    CONSOLE, CreationEnd, GuestWindow, GuestWindowAnswer, GuestWindowInput, GuestWindowOutput, tell,
};
use crate::dialogs;
use crate::guest::creation::{Creation, CreationOutput};
use crate::guest::power::Act;
use crate::guest::scene::Scene;
use crate::screen::vnc::VncInput;

/// How long a guest gets to heed a polite request before the hard way is offered.
const HEED: Duration = Duration::from_secs(30);

impl GuestWindow {
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
        self.parts
            .around
            .toasts()
            .add_toast(dialogs::error::toast(&format!(
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
            self.parts.around.toasts().add_toast(toast);
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

    /// Does what `scene` offers.
    pub(super) fn cover_act(
        &mut self,
        scene: &Scene,
        root: &adw::ApplicationWindow,
        sender: &ComponentSender<Self>,
    ) {
        match scene {
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
