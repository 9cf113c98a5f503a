//! Saving the guest from its window: how far it is, over the picture, and the way back.

use backend::job::CancelHandle;
use backend::{Error, Progress};
use relm4::prelude::*;

use super::{GuestWindow, GuestWindowAnswer};
use crate::dialogs;
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
        let job = self.host.save(id);
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
                    out.emit(GuestWindowAnswer::Saved(outcome));
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

    pub(super) fn saved(&mut self, result: Result<(), Error>, root: &adw::ApplicationWindow) {
        self.saving = None;
        if let Err(error) = result {
            dialogs::error::tell(root, &self.parts.toasts, &error);
        }
        self.stage_scene();
    }
}
