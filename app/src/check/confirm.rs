//! Shows what a remedy runs, before it is run.

use std::cell::Cell;

use adw::prelude::*;
use backend::check::{Mend, Remedy, Request};
use backend::{Host, Result};
use gtk::gio;

use crate::superuser::SuperuserCommand;

/// A remedy that can be brought about from here.
#[derive(Debug, Clone)]
pub enum Means {
    /// libvirt is asked.
    Libvirt(Request),
    /// A command is run.
    Superuser(SuperuserCommand),
}

impl Means {
    /// The means to do what `mend` says; nothing where this user has none. Looks at files.
    pub fn of(mend: &Mend) -> Option<Self> {
        match mend {
            Mend::Libvirt(request) => Some(Self::Libvirt(request.clone())),
            Mend::Superuser(words) => Some(Self::Superuser(SuperuserCommand::of(words)?)),
            _ => None,
        }
    }

    /// Does it.
    ///
    /// # Errors
    /// Why it was not done.
    pub async fn run(self, host: &Host) -> Result<()> {
        match self {
            Self::Libvirt(request) => backend::check::mend(host, &request).await,
            Self::Superuser(command) => {
                let run = gio::spawn_blocking(move || command.run());
                // It does not panic; if it does the log has it, and checking again tells.
                run.await.unwrap_or(Ok(()))
            }
        }
    }
}

/// Shows what `means` runs, and calls `confirmed` when the user wants that.
pub fn ask(
    parent: &adw::Window,
    host: &str,
    remedy: &Remedy,
    means: &Means,
    confirmed: impl FnOnce() + 'static,
) {
    let (body, command) = match means {
        Means::Libvirt(_) => (
            format!(
                "libvirt on {} is asked for what this command does:",
                crate::dialogs::shortened(host)
            ),
            remedy.command.clone().unwrap_or_default(),
        ),
        Means::Superuser(command) if command.asks() => (
            "This command is run on this computer. The system asks for a password first.".into(),
            command.text(),
        ),
        Means::Superuser(command) => (
            "This command is run on this computer:".into(),
            command.text(),
        ),
    };
    let dialog = adw::MessageDialog::builder()
        .transient_for(parent)
        .modal(true)
        .heading("Run This Now?")
        .body(format!("{}\n\n{body}", remedy.sentence))
        .extra_child(&super::rows::command(&command))
        .default_response("run")
        .close_response("cancel")
        .build();
    dialog.add_responses(&[("cancel", "_Cancel"), ("run", "_Run")]);
    dialog.set_response_appearance("run", adw::ResponseAppearance::Suggested);
    let confirmed = Cell::new(Some(confirmed));
    dialog.connect_response(Some("run"), move |_, _| {
        if let Some(confirmed) = confirmed.take() {
            confirmed();
        }
    });
    dialog.present();
}
