//! Restores a guest from a file: which, whether it is wise, and how long it takes.

use std::time::{Duration, Instant};

use adw::prelude::*;
use backend::model::{GuestId, SavedFile};
use backend::{Error, ErrorKind, Host};

use super::{error, host_path::HostPath};
use crate::progress;

/// How often the time is told that a restoring goes on.
const TICK: Duration = Duration::from_secs(1);

/// A guest that goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// The guest.
    pub id: GuestId,
    /// Its name, where the driver tells.
    pub name: Option<String>,
}

/// Asks for a file of one of `hosts` and restores the guest in it. Failures are told here.
pub async fn run(parent: &adw::ApplicationWindow, hosts: Vec<Host>) -> Option<Restored> {
    if hosts.is_empty() {
        let failure = Error::new(
            ErrorKind::Disconnected,
            "There is no host to restore a virtual machine on.",
        )
        .with_remedy("Connect to a host first.");
        error::present(parent, &failure);
        return None;
    }
    let (host, path) = ask(parent, &hosts).await?;
    let found = match host.saved_file(&path).await {
        Ok(found) => found.objection().map_or(Ok(found), Err),
        Err(failure) => Err(failure),
    };
    let found = match found {
        Ok(found) => found,
        Err(failure) => {
            error::present(parent, &failure);
            return None;
        }
    };
    if !confirm(parent, &found).await {
        return None;
    }
    match watch(parent, &host, &found).await {
        Ok(id) => Some(Restored {
            id,
            name: found.name().map(ToOwned::to_owned),
        }),
        Err(failure) => {
            error::present(parent, &failure);
            None
        }
    }
}

/// Asks for host and path.
async fn ask(parent: &adw::ApplicationWindow, hosts: &[Host]) -> Option<(Host, String)> {
    let dialog = adw::MessageDialog::builder()
        .transient_for(parent)
        .modal(true)
        .heading("Restore a Virtual Machine")
        .body("From a file that one was saved into.")
        .default_response("look")
        .close_response("cancel")
        .build();
    dialog.add_responses(&[("cancel", "_Cancel"), ("look", "Con_tinue")]);
    dialog.set_response_appearance("look", adw::ResponseAppearance::Suggested);
    dialog.set_response_enabled("look", false);

    let facts: Vec<(String, bool)> = hosts
        .iter()
        .map(|host| {
            let snapshot = host.snapshot();
            let local = snapshot.info.as_ref().is_some_and(|info| info.local);
            (snapshot.display_name().to_owned(), local)
        })
        .collect();
    let names: Vec<&str> = facts.iter().map(|(name, _)| name.as_str()).collect();
    let choice = gtk::DropDown::from_strings(&names);
    choice.update_property(&[gtk::accessible::Property::Label("Host")]);
    let entry = HostPath::new(
        "File",
        "Restore a Virtual Machine",
        gtk::FileChooserAction::Open,
    );
    let column = gtk::Box::new(gtk::Orientation::Vertical, 12);
    if hosts.len() > 1 {
        column.append(&choice);
    }
    column.append(entry.widget());
    dialog.set_extra_child(Some(&column));

    let shown = entry.clone();
    let of_chosen = move |choice: &gtk::DropDown| {
        if let Some((name, local)) = facts.get(choice.selected() as usize) {
            shown.of_host(name, *local);
        }
    };
    of_chosen(&choice);
    choice.connect_selected_notify(of_chosen);
    let weak = dialog.downgrade();
    entry.connect_changed(move |fits| {
        if let Some(dialog) = weak.upgrade() {
            dialog.set_response_enabled("look", fits);
        }
    });
    let answer = super::answer(&dialog);
    entry.grab_focus();
    if answer.await != "look" {
        return None;
    }
    let host = hosts.get(choice.selected() as usize)?;
    Some((host.clone(), entry.path()))
}

/// Says what will be, and what may go wrong with it.
async fn confirm(parent: &adw::ApplicationWindow, found: &SavedFile) -> bool {
    let heading = match found.name() {
        Some(name) => format!("Restore “{}”?", super::shortened(name)),
        None => "Restore the Virtual Machine?".to_owned(),
    };
    let mut body = "It goes on where it was when it was saved. The file is kept.".to_owned();
    if found.has_no_definition() {
        body.push_str(
            "\n\nThe host has no definition of it any more: it runs now, and when it stops it is \
             gone from the list.",
        );
    }
    if let Some(warning) = found.warning() {
        body.push_str("\n\n");
        body.push_str(warning);
    }
    let risky = found.disks_moved_on == Some(true);
    let dialog = adw::MessageDialog::builder()
        .transient_for(parent)
        .modal(true)
        .heading(heading)
        .body(body)
        .default_response(if risky { "cancel" } else { "restore" })
        .close_response("cancel")
        .build();
    let (label, appearance) = if risky {
        (
            "_Restore All the Same",
            adw::ResponseAppearance::Destructive,
        )
    } else {
        ("_Restore", adw::ResponseAppearance::Suggested)
    };
    dialog.add_responses(&[("cancel", "_Cancel"), ("restore", label)]);
    dialog.set_response_appearance("restore", appearance);
    super::answer(&dialog).await == "restore"
}

/// Restores it, and shows for how long that goes on.
async fn watch(
    parent: &adw::ApplicationWindow,
    host: &Host,
    found: &SavedFile,
) -> backend::Result<GuestId> {
    let dialog = adw::MessageDialog::builder()
        .transient_for(parent)
        .modal(true)
        .heading(match found.name() {
            Some(name) => format!("Restoring “{}”…", super::shortened(name)),
            None => "Restoring…".to_owned(),
        })
        .body("Its memory is read from the file; how far that is, no host tells.")
        .default_response("cancel")
        .close_response("cancel")
        .build();
    dialog.add_response("cancel", "_Cancel");
    let spinner = gtk::Spinner::builder()
        .spinning(true)
        .halign(gtk::Align::Center)
        .width_request(32)
        .height_request(32)
        .build();
    let time = gtk::Label::builder()
        .css_classes(["dim-label", "numeric"])
        .label(" ")
        .build();
    let column = gtk::Box::new(gtk::Orientation::Vertical, 12);
    column.append(&spinner);
    column.append(&time);
    dialog.set_extra_child(Some(&column));

    let job = host.restore(&found.path);
    let cancel = job.cancel_handle();
    let outcome = job.outcome();
    tokio::pin!(outcome);
    let since = Instant::now();
    let mut answer = Some(Box::pin(super::answer(&dialog)));
    loop {
        let cancelled = async {
            match &mut answer {
                Some(answer) => {
                    answer.await;
                }
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            restored = &mut outcome => {
                // Where it is closed already, the user closed it.
                dialog.close();
                return restored;
            }
            () = cancelled => {
                // The dialog is gone; the outcome says what came of it.
                answer = None;
                cancel.cancel();
            }
            () = gtk::glib::timeout_future(TICK) => {
                let so_far = progress::duration(since.elapsed().as_secs());
                time.set_label(&format!("{so_far} so far"));
            }
        }
    }
}
