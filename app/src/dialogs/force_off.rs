//! Asks before the plug is pulled.

use adw::prelude::*;

/// Says what force off does to the guests of those names, and to an installation that runs in one
/// of them; calls `confirmed` when the user wants it.
pub fn ask(
    parent: &impl IsA<gtk::Window>,
    names: &[String],
    installing: bool,
    confirmed: impl FnOnce() + 'static,
) {
    let (heading, mut body) = match names {
        [name] => (
            format!("Force off “{}”?", super::shortened(name)),
            "It stops at once, as if its power cord were pulled. Whatever its programs have not \
             saved is lost."
                .to_owned(),
        ),
        _ => (
            format!("Force off {} virtual machines?", names.len()),
            "They stop at once, as if their power cords were pulled. Whatever their programs have \
             not saved is lost."
                .to_owned(),
        ),
    };
    if installing {
        body.push_str(
            " An installation that runs ends for good: what is on the disk then does not start, \
             and the virtual machine has to be created anew.",
        );
    }
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
