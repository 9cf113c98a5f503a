//! What is said of turning a server's machine off and on.

use adw::prelude::*;
use rfb::PowerAction;

use crate::dialogs;

/// That it was asked for; whether it is done is seen on the screen, if at all.
pub(super) fn asked(act: PowerAction, name: &str) -> String {
    let name = dialogs::shortened(name);
    match act {
        PowerAction::Shutdown => format!("“{name}” was asked to shut down."),
        PowerAction::Reboot => format!("“{name}” was asked to restart."),
        PowerAction::Reset => format!("“{name}” was reset."),
    }
}

/// That the server says it could not be done; why, servers do not tell.
pub(super) fn failed(act: PowerAction, name: &str) -> String {
    let name = dialogs::shortened(name);
    match act {
        PowerAction::Shutdown => format!("The server could not shut “{name}” down."),
        PowerAction::Reboot => format!("The server could not restart “{name}”."),
        PowerAction::Reset => format!("The server could not reset “{name}”."),
    }
}

/// Calls `confirmed` when the user wants the machine to be reset after all.
pub(super) fn confirm_reset(
    parent: &impl IsA<gtk::Window>,
    name: &str,
    confirmed: impl FnOnce() + 'static,
) {
    let heading = format!("Reset “{}”?", dialogs::shortened(name));
    let body = "The machine starts anew at once, as if its reset button were pressed. Whatever its \
                programs have not saved is lost.";
    dialogs::confirm::ask(parent, &heading, body, "_Reset", confirmed);
}
