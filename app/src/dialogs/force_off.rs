//! Asks before the plug is pulled.

use gtk::prelude::*;

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
    super::confirm::ask(parent, &heading, &body, "_Force Off", confirmed);
}
