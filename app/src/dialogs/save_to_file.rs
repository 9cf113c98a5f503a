//! Asks for the file that a guest is to be saved into.

use adw::prelude::*;
use backend::Host;
use backend::model::SavedFile;
use gtk::glib;

use super::host_path::HostPath;

/// Where libvirt keeps images when no pool says otherwise.
const IMAGES: &str = "/var/lib/libvirt/images";

/// A file chosen for saving.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Its path on the host.
    pub path: String,
    /// Whether what it holds is to be replaced.
    pub replace: bool,
}

/// Asks where to save the guest called `name`; nothing when the user thinks better of it. A saved
/// guest that is there already is asked about.
pub async fn ask(parent: &impl IsA<gtk::Window>, host: &Host, name: &str) -> Option<Target> {
    let mut path = propose(host, name).await;
    loop {
        path = ask_path(parent, host, name, &path).await?;
        // Whatever else is there, or in the way, saving tells of it.
        let Ok(present) = host.saved_file(&path).await else {
            let replace = false;
            return Some(Target { path, replace });
        };
        if confirm_replacing(parent, &present).await {
            let replace = true;
            return Some(Target { path, replace });
        }
    }
}

/// A place for it: beside the host's images, named by guest and day.
async fn propose(host: &Host, name: &str) -> String {
    let pools = host.pools().await.unwrap_or_default();
    let folders = || {
        pools
            .iter()
            .filter(|pool| pool.active && pool.path.is_some())
    };
    let pool = folders()
        .find(|pool| pool.name == "default")
        .or_else(|| folders().next());
    let snapshot = host.snapshot();
    let folder = match (pool.and_then(|pool| pool.path.clone()), &snapshot.info) {
        (Some(folder), _) => folder,
        // The user's own daemon writes what the user can.
        (None, Some(info)) if info.session && info.local => {
            glib::home_dir().to_string_lossy().into_owned()
        }
        (None, _) => IMAGES.to_owned(),
    };
    let day = glib::DateTime::now_local().and_then(|now| now.format("%Y-%m-%d"));
    let day = day.map(|day| format!("-{day}")).unwrap_or_default();
    format!("{}/{name}{day}.save", folder.trim_end_matches('/'))
}

async fn ask_path(
    parent: &impl IsA<gtk::Window>,
    host: &Host,
    name: &str,
    proposed: &str,
) -> Option<String> {
    let dialog = adw::MessageDialog::builder()
        .transient_for(parent)
        .modal(true)
        .heading(format!("Save “{}” to a File", super::shortened(name)))
        .body(
            "Its memory is written into the file, and it ends. Restored from there, it goes on \
             where it was.",
        )
        .default_response("save")
        .close_response("cancel")
        .build();
    dialog.add_responses(&[("cancel", "_Cancel"), ("save", "_Save")]);
    dialog.set_response_appearance("save", adw::ResponseAppearance::Suggested);
    let entry = HostPath::new(
        "File",
        "Save a Virtual Machine",
        gtk::FileChooserAction::Save,
    );
    let snapshot = host.snapshot();
    let local = snapshot.info.as_ref().is_some_and(|info| info.local);
    entry.of_host(snapshot.display_name(), local);
    entry.propose(proposed);
    dialog.set_extra_child(Some(entry.widget()));
    let weak = dialog.downgrade();
    entry.connect_changed(move |fits| {
        if let Some(dialog) = weak.upgrade() {
            dialog.set_response_enabled("save", fits);
        }
    });
    let answer = super::answer(&dialog);
    entry.grab_focus();
    (answer.await == "save").then(|| entry.path())
}

async fn confirm_replacing(parent: &impl IsA<gtk::Window>, present: &SavedFile) -> bool {
    let whose = match present.name() {
        Some(name) => format!("a saved state of “{}”", super::shortened(name)),
        None => "something".to_owned(),
    };
    let dialog = adw::MessageDialog::builder()
        .transient_for(parent)
        .modal(true)
        .heading("Replace the File?")
        .body(format!(
            "{} holds {whose} already. It is deleted before the new one is written.",
            present.path
        ))
        .default_response("cancel")
        .close_response("cancel")
        .build();
    dialog.add_responses(&[("cancel", "_Choose Another"), ("replace", "_Replace")]);
    dialog.set_response_appearance("replace", adw::ResponseAppearance::Destructive);
    super::answer(&dialog).await == "replace"
}
