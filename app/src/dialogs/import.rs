//! Takes in a file that describes a guest: chosen or dropped, understood, shown, and only then made.

use std::path::PathBuf;
use std::sync::Arc;

use adw::prelude::*;
use backend::model::HostInfo;
use backend::{Error, ErrorKind, Host};
use gtk::gio;

use super::error;
use crate::import::Import;

/// The most room the notes get before they scroll.
const NOTES_HEIGHT: i32 = 240;

/// A host that a guest may be made on.
pub type Candidate = (Host, Arc<HostInfo>);

/// Asks for a file; calls `chosen` with it.
pub async fn choose(parent: &impl IsA<gtk::Window>) -> Option<PathBuf> {
    let chooser = gtk::FileChooserNative::new(
        Some("Import a Virtual Machine"),
        Some(parent),
        gtk::FileChooserAction::Open,
        Some("_Open"),
        Some("_Cancel"),
    );
    chooser.set_modal(true);
    let answer = chooser.run_future().await;
    let file = chooser.file().and_then(|file| file.path());
    chooser.destroy();
    file.filter(|_| answer == gtk::ResponseType::Accept)
}

/// Shows what the file at `path` describes, and makes it on one of `hosts` when the user wants it.
pub async fn run(parent: &adw::ApplicationWindow, hosts: Vec<Candidate>, path: PathBuf) {
    let read = gio::spawn_blocking(move || Import::read(&path)).await;
    let import = match read {
        Ok(Ok(import)) => import,
        Ok(Err(failure)) => return error::present(parent, &failure),
        // Reading does not panic; if it does the log has it.
        Err(_) => return,
    };
    let (fit, unfit): (Vec<_>, Vec<_>) = hosts
        .into_iter()
        .map(|(host, info)| (import.check(&info), host, info))
        .partition(|(fits, ..)| fits.is_ok());
    if fit.is_empty() {
        let failure = unfit.into_iter().find_map(|(fits, ..)| fits.err());
        let failure = failure.unwrap_or_else(|| {
            Error::new(
                ErrorKind::Disconnected,
                "There is no host to make the virtual machine on.",
            )
            .with_remedy("Connect to a host first.")
        });
        return error::present(parent, &failure);
    }
    let names: Vec<&str> = fit
        .iter()
        .map(|(_, _, info)| info.hostname.as_str())
        .collect();
    let Some(chosen) = confirm(parent, &import, &names).await else {
        return;
    };
    if let Some((_, host, _)) = fit.get(chosen)
        && let Err(failure) = host.define(import.xml).await
    {
        error::present(parent, &failure);
    }
}

/// Asks whether to make it, and on which of the hosts of those names. Returns its place.
async fn confirm(
    parent: &adw::ApplicationWindow,
    import: &Import,
    hosts: &[&str],
) -> Option<usize> {
    let dialog = adw::MessageDialog::builder()
        .transient_for(parent)
        .modal(true)
        .heading(format!("Import “{}”?", super::shortened(&import.name)))
        .body(match hosts {
            [only] => format!(
                "It is {}, and will be made on {only}. It is not started.",
                import.what
            ),
            _ => format!("It is {}. It is not started.", import.what),
        })
        .default_response("import")
        .close_response("cancel")
        .build();
    dialog.add_responses(&[("cancel", "_Cancel"), ("import", "_Import")]);
    dialog.set_response_appearance("import", adw::ResponseAppearance::Suggested);
    let column = gtk::Box::new(gtk::Orientation::Vertical, 12);
    let choice = gtk::DropDown::from_strings(hosts);
    choice.update_property(&[gtk::accessible::Property::Label("Host")]);
    if hosts.len() > 1 {
        column.append(&choice);
    }
    if !import.notes.is_empty() {
        column.append(&notes(&import.notes));
    }
    dialog.set_extra_child(Some(&column));
    let wanted = super::answer(&dialog).await == "import";
    wanted.then_some(choice.selected() as usize)
}

/// What is not carried over, to be read and copied.
fn notes(notes: &[String]) -> gtk::Box {
    let column = gtk::Box::new(gtk::Orientation::Vertical, 6);
    let heading = gtk::Label::builder()
        .label("Not Carried Over")
        .xalign(0.0)
        .css_classes(["heading"])
        .build();
    let text = gtk::Label::builder()
        .label(notes.join("\n\n"))
        .selectable(true)
        .wrap(true)
        .wrap_mode(gtk::pango::WrapMode::WordChar)
        .max_width_chars(60)
        .xalign(0.0)
        .yalign(0.0)
        .build();
    let scroller = gtk::ScrolledWindow::builder()
        .hscrollbar_policy(gtk::PolicyType::Never)
        .propagate_natural_height(true)
        .min_content_height(NOTES_HEIGHT.min(48 * notes.len() as i32))
        .max_content_height(NOTES_HEIGHT)
        .child(&text)
        .build();
    column.append(&heading);
    column.append(&scroller);
    column
}
