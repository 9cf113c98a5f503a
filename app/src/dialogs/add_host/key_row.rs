//! The row with the key file for ssh.

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use adw::prelude::*;

/// What the row says while no file is chosen.
const USUAL: &str = "The usual ones";

/// A row to choose a file in, or to leave that to ssh.
#[derive(Debug)]
pub struct KeyRow(Rc<Parts>);

struct Parts {
    row: adw::ActionRow,
    clear: gtk::Button,
    path: RefCell<String>,
    changed: RefCell<Rc<dyn Fn()>>,
}

impl std::fmt::Debug for Parts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parts")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl KeyRow {
    /// A row with no file.
    pub fn new() -> Self {
        let row = adw::ActionRow::builder()
            .title("Key file")
            .use_markup(false)
            .subtitle_lines(2)
            .build();
        let clear = button("edit-clear-symbolic", "Use the Usual Keys");
        let choose = button("document-open-symbolic", "Choose a Key File");
        row.add_suffix(&clear);
        row.add_suffix(&choose);
        row.set_activatable_widget(Some(&choose));
        let parts = Rc::new(Parts {
            row,
            clear,
            path: RefCell::default(),
            changed: RefCell::new(Rc::new(|| {})),
        });
        parts.show("");
        let weak = Rc::downgrade(&parts);
        parts.clear.connect_clicked(move |_| take(&weak, ""));
        let weak = Rc::downgrade(&parts);
        choose.connect_clicked(move |button| {
            let window = button.root().and_downcast::<gtk::Window>();
            let weak = weak.clone();
            relm4::spawn_local(async move {
                if let Some(path) = choose_file(window.as_ref()).await {
                    take(&weak, &path);
                }
            });
        });
        Self(parts)
    }

    /// The widget.
    pub fn widget(&self) -> &adw::ActionRow {
        &self.0.row
    }

    /// The chosen file, or nothing.
    pub fn path(&self) -> String {
        self.0.path.borrow().clone()
    }

    /// Shows that file, or that there is none.
    pub fn set_path(&self, path: &str) {
        self.0.show(path);
    }

    /// Calls `changed` when the user chose a file or did away with it.
    pub fn connect_changed(&self, changed: impl Fn() + 'static) {
        self.0.changed.replace(Rc::new(changed));
    }
}

impl Parts {
    fn show(&self, path: &str) {
        self.row
            .set_subtitle(if path.is_empty() { USUAL } else { path });
        self.clear.set_visible(!path.is_empty());
        self.path.replace(path.to_owned());
    }
}

/// The user chose that file, or none.
fn take(parts: &Weak<Parts>, path: &str) {
    if let Some(parts) = parts.upgrade() {
        parts.show(path);
        let changed = parts.changed.borrow().clone();
        changed();
    }
}

fn button(icon: &str, label: &str) -> gtk::Button {
    let button = gtk::Button::builder()
        .icon_name(icon)
        .tooltip_text(label)
        .valign(gtk::Align::Center)
        .css_classes(["flat"])
        .build();
    button.update_property(&[gtk::accessible::Property::Label(label)]);
    button
}

async fn choose_file(parent: Option<&gtk::Window>) -> Option<String> {
    let chooser = gtk::FileChooserNative::new(
        Some("Key File for SSH"),
        parent,
        gtk::FileChooserAction::Open,
        Some("_Choose"),
        Some("_Cancel"),
    );
    chooser.set_modal(true);
    let answer = chooser.run_future().await;
    let file = chooser.file().and_then(|file| file.path());
    chooser.destroy();
    // A path that is no text cannot stand in an address.
    let path = file?.to_str()?.to_owned();
    (answer == gtk::ResponseType::Accept).then_some(path)
}
