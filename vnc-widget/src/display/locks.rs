//! Caps Lock, Num Lock and Scroll Lock, the same on both sides.
//!
//! Pressed while the display has the focus, a lock key changes both sides. Pressed elsewhere, it
//! changes this side alone: when the display is turned to, what differs is put right, once, by
//! pressing the key on the server's side. A server that does not follow is left alone.

use std::cell::Cell;

use gtk::{gdk, glib::subclass::prelude::*, prelude::*};
use rfb::{Leds, keyboard};

use super::{DisplayState, VncDisplay};

/// What is known of the locks.
#[derive(Default)]
pub(super) struct Locks {
    /// Those of the server, once it has told them.
    server: Cell<Option<Leds>>,
    /// They have been put right since the display was turned to.
    settled: Cell<bool>,
}

impl VncDisplay {
    /// The server told its locks; or a new session begins, and nothing is known.
    pub(super) fn set_server_locks(&self, leds: Option<Leds>) {
        self.imp().locks().server.set(leds);
        if leds.is_none() {
            self.imp().locks().settled.set(false);
        }
        self.settle_locks();
    }

    /// The display was turned to, or left.
    pub(super) fn locks_focus_changed(&self) {
        self.imp().locks().settled.set(false);
        self.settle_locks();
    }

    /// Presses the lock keys that differ, if that has not been done yet and may be done.
    pub(super) fn settle_locks(&self) {
        let locks = self.imp().locks();
        let Some(server) = locks.server.get().filter(|_| {
            self.imp().canvas().in_use()
                && !self.is_read_only()
                && *self.imp().state() == DisplayState::Connected
        }) else {
            return;
        };
        if locks.settled.replace(true) {
            return;
        }
        if let Some(here) = host_locks(&WidgetExt::display(self)) {
            for name in differing(here, server) {
                if let Some(key) = keyboard::key_by_name(name) {
                    self.send_keys(&[key]);
                }
            }
        }
    }
}

/// The locks of this computer's keyboard.
fn host_locks(display: &gdk::Display) -> Option<Leds> {
    let keyboard = display.default_seat()?.keyboard()?;
    Some(Leds {
        scroll_lock: keyboard.is_scroll_locked(),
        num_lock: keyboard.is_num_locked(),
        caps_lock: keyboard.is_caps_locked(),
    })
}

/// The names of the keys of locks that are not the same.
fn differing(here: Leds, there: Leds) -> impl Iterator<Item = &'static str> {
    [
        ("CapsLock", here.caps_lock != there.caps_lock),
        ("NumLock", here.num_lock != there.num_lock),
        ("ScrollLock", here.scroll_lock != there.scroll_lock),
    ]
    .into_iter()
    .filter_map(|(name, differs)| differs.then_some(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_pressed() {
        let off = Leds::default();
        let caps = Leds {
            caps_lock: true,
            ..off
        };
        assert_eq!(differing(caps, caps).count(), 0);
        assert_eq!(differing(caps, off).collect::<Vec<_>>(), ["CapsLock"]);
        let all = Leds {
            scroll_lock: true,
            num_lock: true,
            caps_lock: true,
        };
        let keys: Vec<_> = differing(off, all).collect();
        assert_eq!(keys, ["CapsLock", "NumLock", "ScrollLock"]);
        assert!(
            keys.into_iter()
                .all(|key| keyboard::key_by_name(key).is_some())
        );
    }
}
