//! Asks before a guest's saved memory is thrown away.

use gtk::prelude::*;

/// Says what is lost with the saved memory of the guests of those names; calls `confirmed` when the
/// user wants it.
pub fn ask(parent: &impl IsA<gtk::Window>, names: &[String], confirmed: impl FnOnce() + 'static) {
    let (heading, body) = match names {
        [name] => (
            format!("Discard the saved state of “{}”?", super::shortened(name)),
            "It starts afresh next time, as after a power cut. Whatever its programs had not saved \
             is lost.",
        ),
        _ => (
            format!(
                "Discard the saved states of {} virtual machines?",
                names.len()
            ),
            "They start afresh next time, as after a power cut. Whatever their programs had not \
             saved is lost.",
        ),
    };
    super::confirm::ask(parent, &heading, body, "_Discard", confirmed);
}
