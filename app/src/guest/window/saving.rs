//! Saving the guest from its window: how far it is, over the picture, and the way back.

use backend::job::CancelHandle;
use backend::{Error, Job, Progress};
use relm4::prelude::*;

use super::{GuestWindow, GuestWindowAnswer, GuestWindowInput};
use crate::dialogs;
use crate::dialogs::save_to_file::{self, Target};
use crate::guest::scene::Scene;
use crate::progress;

/// A saving under way.
pub(super) struct Saving {
    cancel: CancelHandle,
    progress: Progress,
    cancelling: bool,
}

impl Saving {
    /// What lies over the picture meanwhile.
    pub(super) fn scene(&self) -> Scene {
        Scene::Saving {
            activity: self.progress.activity.clone(),
            figures: progress::figures(&self.progress),
            cancelling: self.cancelling,
        }
    }
}

impl GuestWindow {
    /// Saves the guest. Goes on when the window is closed.
    pub(super) fn save(&mut self, sender: &ComponentSender<Self>) {
        let Some(id) = self.id.filter(|_| self.saving.is_none()) else {
            return;
        };
        self.follow_saving(self.host.save(id), None, sender);
    }

    /// Asks which file the guest is to be saved into.
    pub(super) fn ask_for_file(
        &self,
        root: &adw::ApplicationWindow,
        sender: &ComponentSender<Self>,
    ) {
        let (root, host, name) = (root.clone(), self.host.clone(), self.name.clone());
        let input = sender.input_sender().clone();
        relm4::spawn_local(async move {
            if let Some(target) = save_to_file::ask(&root, &host, &name).await {
                // The window may have been closed under the question.
                let _ = input.send(GuestWindowInput::SaveTo(target));
            }
        });
    }

    /// Saves the guest into a file. Goes on when the window is closed.
    pub(super) fn save_to(&mut self, target: Target, sender: &ComponentSender<Self>) {
        let Some(id) = self.id.filter(|_| self.saving.is_none()) else {
            return;
        };
        let job = self.host.save_to(id, &target.path, target.replace);
        self.follow_saving(job, Some(target.path), sender);
    }

    fn follow_saving(
        &mut self,
        job: Job<()>,
        file: Option<String>,
        sender: &ComponentSender<Self>,
    ) {
        self.saving = Some(Saving {
            cancel: job.cancel_handle(),
            progress: Progress::of("Saving the guest’s memory"),
            cancelling: false,
        });
        sender.command(move |out, shutdown| {
            shutdown
                .register(async move {
                    let told = |now| out.emit(GuestWindowAnswer::SaveProgress(now));
                    let outcome = progress::follow(job, told).await;
                    out.emit(GuestWindowAnswer::Saved(file, outcome));
                })
                .drop_on_shutdown()
        });
        self.stage_scene();
    }

    pub(super) fn save_progress(&mut self, progress: Progress) {
        if let Some(saving) = &mut self.saving {
            saving.progress = progress;
        }
        self.stage_scene();
    }

    /// Lets the guest go on instead.
    pub(super) fn cancel_saving(&mut self) {
        if let Some(saving) = &mut self.saving {
            saving.cancelling = true;
            saving.cancel.cancel();
        }
        self.stage_scene();
    }

    pub(super) fn saved(
        &mut self,
        file: Option<String>,
        result: Result<(), Error>,
        root: &adw::ApplicationWindow,
    ) {
        self.saving = None;
        match (result, file) {
            (Ok(()), Some(path)) => {
                let text = format!("“{}” is saved in {path}.", dialogs::shortened(&self.name));
                self.parts
                    .around
                    .toasts()
                    .add_toast(dialogs::error::toast(&text));
            }
            (Ok(()), None) => {}
            (Err(error), _) => dialogs::error::tell(root, self.parts.around.toasts(), &error),
        }
        self.stage_scene();
    }
}
