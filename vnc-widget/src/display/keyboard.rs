//! Which keys the server believes to be down.

use gtk::{gdk, glib::translate::IntoGlib};
use rfb::keyboard;

use super::{release_keys::ReleaseKeys, release_watch::ReleaseWatch};
use crate::transport::KeyStroke;

/// The keys held down, by hardware keycode.
#[derive(Debug, Default)]
pub(crate) struct Keyboard {
    pressed: Vec<(u32, KeyStroke)>,
    release: ReleaseWatch,
}

impl Keyboard {
    /// The keys that lead out of the display.
    pub(crate) fn release_keys(&self) -> &ReleaseKeys {
        &self.release.keys
    }

    /// Changes the keys that lead out of the display.
    pub(crate) fn set_release_keys(&mut self, keys: ReleaseKeys) {
        self.release.reset();
        self.release.keys = keys;
    }

    /// A key went down, or repeats. Returns what to send: nothing if it leads out of the display.
    pub(crate) fn press(&mut self, keycode: u32, keyval: gdk::Key) -> Option<KeyStroke> {
        if self.release.press(keyval) {
            return None;
        }
        if let Some(&(_, key)) = self.pressed.iter().find(|(code, _)| *code == keycode) {
            // A repeat stays the key it was, so that its release matches even if Shift changed.
            return Some(key);
        }
        let key = KeyStroke {
            keysym: keyval.into_glib(),
            scancode: keyboard::scancode_from_x11(keycode),
        };
        self.pressed.push((keycode, key));
        Some(key)
    }

    /// A key went up.
    pub(crate) fn release(&mut self, keycode: u32, keyval: gdk::Key) -> Released {
        let index = self.pressed.iter().position(|(code, _)| *code == keycode);
        Released {
            key: index.map(|index| self.pressed.remove(index).1),
            leave: self.release.release(keyval),
        }
    }

    /// Something other than a key happened, such as a click: Ctrl+Alt+click is for the guest.
    pub(crate) fn interrupt_release_keys(&mut self) {
        self.release.spoil();
    }

    /// All keys go up, last pressed first. Returns what to send.
    pub(crate) fn release_all(&mut self) -> Vec<KeyStroke> {
        self.release.reset();
        self.pressed.drain(..).rev().map(|(_, key)| key).collect()
    }
}

/// What a key that went up means.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Released {
    /// What to send: nothing for keys that went down elsewhere.
    pub(crate) key: Option<KeyStroke>,
    /// The release keys are complete: the user wants to leave.
    pub(crate) leave: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    // Hardware keycodes as X11 and Wayland report them.
    const CONTROL: u32 = 37;
    const DELETE: u32 = 119;
    const A: u32 = 38;

    fn press(keycode: u32, keyval: gdk::Key) -> KeyStroke {
        Keyboard::default().press(keycode, keyval).unwrap()
    }

    #[test]
    fn keys_carry_both_meanings() {
        let key = press(DELETE, gdk::Key::Delete);
        assert_eq!((key.keysym, key.scancode), (0xffff, Some(0xd3)));
        let key = press(A, gdk::Key::q);
        assert_eq!((key.keysym, key.scancode), (0x71, Some(0x1e)));
    }

    #[test]
    fn a_key_without_a_scancode_still_has_a_meaning() {
        let key = press(9999, gdk::Key::a);
        assert_eq!((key.keysym, key.scancode), (0x61, None));
    }

    #[test]
    fn a_release_matches_its_press() {
        let mut keyboard = Keyboard::default();
        let small = keyboard.press(A, gdk::Key::a);
        assert_eq!(keyboard.press(A, gdk::Key::A), small);
        assert_eq!(keyboard.release(A, gdk::Key::A).key, small);
        assert_eq!(keyboard.release(A, gdk::Key::A).key, None);
    }

    #[test]
    fn no_key_stays_down() {
        let mut keyboard = Keyboard::default();
        let control = keyboard.press(CONTROL, gdk::Key::Control_L);
        let a = keyboard.press(A, gdk::Key::a);
        assert_eq!(keyboard.release_all(), [a.unwrap(), control.unwrap()]);
        assert!(keyboard.release_all().is_empty());
    }

    #[test]
    fn what_leads_out_is_not_sent() {
        let mut keyboard = Keyboard::default();
        keyboard.set_release_keys("Shift+F12".parse().unwrap());
        assert!(keyboard.press(50, gdk::Key::Shift_L).is_some());
        assert_eq!(keyboard.press(96, gdk::Key::F12), None);
        assert_eq!(keyboard.release(96, gdk::Key::F12).key, None);
    }
}
