//! Asks before the plug is pulled.

use adw::prelude::*;

/// Says what force off does to the guests of those names; calls `confirmed` when the user wants it.
pub fn ask(parent: &impl IsA<gtk::Window>, names: &[String], confirmed: impl FnOnce() + 'static) {
    let (heading, body) = match names {
        [name] => (
            format!("Force off “{}”?", super::shortened(name)),
            "It stops at once, as if its power cord were pulled. Whatever its programs have not \
             saved is lost.",
        ),
        _ => (
            format!("Force off {} virtual machines?", names.len()),
            "They stop at once, as if their power cords were pulled. Whatever their programs have \
             not saved is lost.",
        ),
    };
    let dialog = adw::MessageDialog::builder()
        .transient_for(parent)
        .modal(true)
        .heading(heading)
        .body(body)
        .default_response("cancel")
        .close_response("cancel")
        .build();
    dialog.add_responses(&[("cancel", "_Cancel"), ("force-off", "_Force Off")]);
    dialog.set_response_appearance("force-off", adw::ResponseAppearance::Destructive);
    let confirmed = std::cell::Cell::new(Some(confirmed));
    dialog.connect_response(Some("force-off"), move |_, _| {
        if let Some(confirmed) = confirmed.take() {
            confirmed();
        }
    });
    dialog.present();
}
