//! Keys that are sent to the other side without being pressed here: combinations that the desktop
//! would keep for itself, and those the user made up; and the keys that stay here.

mod host_shortcuts;
mod list;
mod menu;
mod own;

use rfb::keyboard::Key;

pub use host_shortcuts::edit_host_shortcuts;
pub use menu::menu;
pub use own::{edit, fill};

/// Keys that are pressed together. What people type must not end up in logs of messages.
#[derive(Clone, PartialEq, Eq)]
pub struct Stroke(pub Vec<Key>);

impl Stroke {
    /// A combination by the names of its keys.
    pub fn by_names(names: &str) -> Option<Self> {
        rfb::keyboard::combination(names).map(Self)
    }

    /// Its Linux key codes (`KEY_*`), for sending without a display.
    pub fn keycodes(&self) -> Vec<u32> {
        self.0.iter().filter_map(|key| key.evdev()).collect()
    }
}

impl std::fmt::Debug for Stroke {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Stroke")
    }
}
