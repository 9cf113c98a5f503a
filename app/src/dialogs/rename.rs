//! Asks for a guest's new name.

use std::cell::Cell;

use adw::prelude::*;

/// Longest name libvirt's drivers take without trouble: their files carry it with a suffix.
const LONGEST: usize = 200;

/// Why `name` cannot be a guest's name; `taken` are the names of the others on its host.
pub fn objection(name: &str, taken: &[String]) -> Option<String> {
    if name.trim().is_empty() {
        Some("A virtual machine needs a name.".to_owned())
    } else if name.trim() != name {
        Some("A name cannot begin or end with a space.".to_owned())
    } else if name.contains('/') || name.chars().any(char::is_control) {
        Some("A name cannot hold “/” or control characters.".to_owned())
    } else if name.len() > LONGEST {
        Some("That is too long for a name.".to_owned())
    } else if taken.iter().any(|other| other == name) {
        Some("Another virtual machine on this host has that name.".to_owned())
    } else {
        None
    }
}

/// Asks for a new name for `name`; calls `confirmed` with one that is free and allowed.
pub fn ask(
    parent: &impl IsA<gtk::Window>,
    name: &str,
    taken: Vec<String>,
    confirmed: impl FnOnce(String) + 'static,
) {
    let dialog = adw::MessageDialog::builder()
        .transient_for(parent)
        .modal(true)
        .heading("Rename Virtual Machine")
        .default_response("rename")
        .close_response("cancel")
        .build();
    dialog.add_responses(&[("cancel", "_Cancel"), ("rename", "_Rename")]);
    dialog.set_response_appearance("rename", adw::ResponseAppearance::Suggested);
    dialog.set_response_enabled("rename", false);

    let entry = gtk::Entry::builder()
        .text(name)
        .activates_default(true)
        .build();
    entry.update_property(&[gtk::accessible::Property::Label("New Name")]);
    let problem = gtk::Label::builder()
        .xalign(0.0)
        .wrap(true)
        .css_classes(["error", "caption"])
        .build();
    let column = gtk::Box::new(gtk::Orientation::Vertical, 6);
    column.append(&entry);
    column.append(&problem);
    dialog.set_extra_child(Some(&column));

    let (weak, old) = (dialog.downgrade(), name.to_owned());
    entry.connect_changed(move |entry| {
        let objection = objection(&entry.text(), &taken);
        problem.set_label(objection.as_deref().unwrap_or_default());
        if let Some(dialog) = weak.upgrade() {
            dialog.set_response_enabled("rename", objection.is_none() && entry.text() != old);
        }
    });
    let (confirmed, typed) = (Cell::new(Some(confirmed)), entry.clone());
    dialog.connect_response(Some("rename"), move |_, _| {
        if let Some(confirmed) = confirmed.take() {
            confirmed(typed.text().into());
        }
    });
    dialog.present();
    entry.grab_focus();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_checked_with_a_reason() {
        let taken = ["web".to_owned()];
        assert_eq!(objection("db", &taken), None);
        assert_eq!(objection("Büro 😀", &taken), None);
        for bad in ["", "  ", " x", "x ", "a/b", "a\nb", "web"] {
            assert!(objection(bad, &taken).is_some(), "{bad:?}");
        }
        assert!(objection(&"x".repeat(201), &taken).is_some());
    }
}
