//! Asks before the program ends in the middle of a creation.

use std::cell::Cell;

use adw::prelude::*;

/// Says that the creation of the guests of those names is cancelled by quitting; calls `confirmed`
/// when the user wants that.
pub fn ask(parent: &impl IsA<gtk::Window>, names: &[String], confirmed: impl FnOnce() + 'static) {
    let heading = match names {
        [name] => format!("“{}” is still being created", super::shortened(name)),
        _ => format!("{} virtual machines are still being created", names.len()),
    };
    let dialog = adw::MessageDialog::builder()
        .transient_for(parent)
        .modal(true)
        .heading(heading)
        .body("Quitting cancels that and removes what was made so far.")
        .default_response("stay")
        .close_response("stay")
        .build();
    dialog.add_responses(&[("stay", "_Keep Running"), ("quit", "_Cancel and Quit")]);
    dialog.set_response_appearance("quit", adw::ResponseAppearance::Destructive);
    let confirmed = Cell::new(Some(confirmed));
    dialog.connect_response(Some("quit"), move |_, _| {
        if let Some(confirmed) = confirmed.take() {
            confirmed();
        }
    });
    dialog.present();
}
