//! Asks before something is lost: what happens stands in the text, and the button names it.

use adw::prelude::*;

/// Calls `confirmed` when the user presses `act`; Escape, Enter and closing let things be.
pub fn ask(
    parent: &impl IsA<gtk::Window>,
    heading: &str,
    body: &str,
    act: &str,
    confirmed: impl FnOnce() + 'static,
) {
    let dialog = adw::MessageDialog::builder()
        .transient_for(parent)
        .modal(true)
        .heading(heading)
        .body(body)
        .default_response("cancel")
        .close_response("cancel")
        .build();
    dialog.add_responses(&[("cancel", "_Cancel"), ("act", act)]);
    dialog.set_response_appearance("act", adw::ResponseAppearance::Destructive);
    let confirmed = std::cell::Cell::new(Some(confirmed));
    dialog.connect_response(Some("act"), move |_, _| {
        if let Some(confirmed) = confirmed.take() {
            confirmed();
        }
    });
    dialog.present();
}
