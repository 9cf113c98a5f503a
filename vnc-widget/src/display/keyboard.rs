//! Which keys the server believes to be down, and the way out of the display.

use gtk::{gdk, glib::translate::IntoGlib};
use rfb::keyboard;

use crate::transport::KeyStroke;

/// The keys held down, by hardware keycode.
#[derive(Debug, Default)]
pub(crate) struct Keyboard {
    pressed: Vec<(u32, KeyStroke)>,
    release_key: ReleaseKey,
}

impl Keyboard {
    /// A key went down, or repeats. Returns what to send.
    pub(crate) fn press(&mut self, keycode: u32, keyval: gdk::Key) -> KeyStroke {
        self.release_key.press(keyval);
        if let Some(&(_, key)) = self.pressed.iter().find(|(code, _)| *code == keycode) {
            // A repeat stays the key it was, so that its release matches even if Shift changed.
            return key;
        }
        let key = KeyStroke {
            keysym: keyval.into_glib(),
            scancode: keyboard::scancode_from_x11(keycode),
        };
        self.pressed.push((keycode, key));
        key
    }

    /// A key went up.
    pub(crate) fn release(&mut self, keycode: u32, keyval: gdk::Key) -> Released {
        let index = self.pressed.iter().position(|(code, _)| *code == keycode);
        Released {
            key: index.map(|index| self.pressed.remove(index).1),
            leave: self.release_key.release(keyval),
        }
    }

    /// Something other than a key happened, such as a click: Ctrl+Alt+click is for the guest.
    pub(crate) fn interrupt_release_key(&mut self) {
        self.release_key.spoil();
    }

    /// All keys go up, last pressed first. Returns what to send.
    pub(crate) fn release_all(&mut self) -> Vec<KeyStroke> {
        self.release_key = ReleaseKey::default();
        self.pressed.drain(..).rev().map(|(_, key)| key).collect()
    }
}

/// What a key that went up means.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Released {
    /// What to send: nothing for keys that went down elsewhere.
    pub(crate) key: Option<KeyStroke>,
    /// The release key is complete: the user wants to leave.
    pub(crate) leave: bool,
}

/// Recognizes Ctrl and Alt pressed together and released with no other key in between.
#[derive(Debug, Default)]
struct ReleaseKey {
    control: bool,
    alt: bool,
    /// Both were down together and nothing else happened since.
    armed: bool,
    /// Something else happened while one of them was down.
    spoiled: bool,
}

impl ReleaseKey {
    fn press(&mut self, keyval: gdk::Key) {
        match modifier(keyval) {
            Some(Modifier::Control) => self.control = true,
            Some(Modifier::Alt) => self.alt = true,
            None => return self.spoil(),
        }
        self.armed = self.control && self.alt && !self.spoiled;
    }

    fn release(&mut self, keyval: gdk::Key) -> bool {
        match modifier(keyval) {
            Some(Modifier::Control) => self.control = false,
            Some(Modifier::Alt) => self.alt = false,
            None => return false,
        }
        if !self.control && !self.alt {
            self.spoiled = false;
        }
        std::mem::take(&mut self.armed)
    }

    fn spoil(&mut self) {
        self.armed = false;
        self.spoiled = self.control || self.alt;
    }
}

enum Modifier {
    Control,
    Alt,
}

fn modifier(keyval: gdk::Key) -> Option<Modifier> {
    match keyval {
        gdk::Key::Control_L | gdk::Key::Control_R => Some(Modifier::Control),
        // With Ctrl or Shift held, Alt is Meta in the usual keymaps. AltGr types characters.
        gdk::Key::Alt_L | gdk::Key::Alt_R | gdk::Key::Meta_L | gdk::Key::Meta_R => {
            Some(Modifier::Alt)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Hardware keycodes as X11 and Wayland report them.
    const CONTROL: u32 = 37;
    const DELETE: u32 = 119;
    const A: u32 = 38;

    #[test]
    fn keys_carry_both_meanings() {
        let key = Keyboard::default().press(DELETE, gdk::Key::Delete);
        assert_eq!((key.keysym, key.scancode), (0xffff, Some(0xd3)));
        let key = Keyboard::default().press(A, gdk::Key::q);
        assert_eq!((key.keysym, key.scancode), (0x71, Some(0x1e)));
    }

    #[test]
    fn a_key_without_a_scancode_still_has_a_meaning() {
        let key = Keyboard::default().press(9999, gdk::Key::a);
        assert_eq!((key.keysym, key.scancode), (0x61, None));
    }

    #[test]
    fn a_release_matches_its_press() {
        let mut keyboard = Keyboard::default();
        let small = keyboard.press(A, gdk::Key::a);
        assert_eq!(keyboard.press(A, gdk::Key::A), small);
        assert_eq!(keyboard.release(A, gdk::Key::A).key, Some(small));
        assert_eq!(keyboard.release(A, gdk::Key::A).key, None);
    }

    #[test]
    fn no_key_stays_down() {
        let mut keyboard = Keyboard::default();
        let control = keyboard.press(CONTROL, gdk::Key::Control_L);
        let a = keyboard.press(A, gdk::Key::a);
        assert_eq!(keyboard.release_all(), [a, control]);
        assert!(keyboard.release_all().is_empty());
    }

    /// Plays keys: (down, name) and returns at which steps the release key was complete.
    fn play(steps: &[(bool, gdk::Key)]) -> Vec<usize> {
        let mut keys = ReleaseKey::default();
        let mut fired = Vec::new();
        for (index, &(down, key)) in steps.iter().enumerate() {
            if down {
                keys.press(key);
            } else if keys.release(key) {
                fired.push(index);
            }
        }
        fired
    }

    #[test]
    fn control_and_alt_alone_lead_out() {
        use gdk::Key as K;
        let (down, up) = (true, false);
        assert_eq!(
            play(&[
                (down, K::Control_L),
                (down, K::Alt_L),
                (up, K::Alt_L),
                (up, K::Control_L)
            ]),
            [2]
        );
        assert_eq!(
            play(&[(down, K::Alt_L), (down, K::Control_R), (up, K::Alt_L)]),
            [2]
        );
        // Repeats of a held key do not count as other keys.
        assert_eq!(
            play(&[
                (down, K::Control_L),
                (down, K::Control_L),
                (down, K::Meta_L),
                (down, K::Meta_L),
                (up, K::Control_L)
            ]),
            [4]
        );
    }

    #[test]
    fn combinations_with_other_keys_stay_with_the_guest() {
        use gdk::Key as K;
        let (down, up) = (true, false);
        assert!(
            play(&[
                (down, K::Control_L),
                (down, K::Alt_L),
                (down, K::Delete),
                (up, K::Delete),
                (up, K::Alt_L),
                (up, K::Control_L)
            ])
            .is_empty()
        );
        assert!(
            play(&[
                (down, K::Control_L),
                (down, K::c),
                (up, K::c),
                (down, K::Alt_L),
                (up, K::Alt_L),
                (up, K::Control_L)
            ])
            .is_empty()
        );
        assert!(play(&[(down, K::Control_L), (up, K::Control_L), (down, K::Alt_L)]).is_empty());
    }

    #[test]
    fn the_way_out_works_again_after_a_combination() {
        use gdk::Key as K;
        let (down, up) = (true, false);
        assert_eq!(
            play(&[
                (down, K::Control_L),
                (down, K::c),
                (up, K::c),
                (up, K::Control_L),
                (down, K::Control_L),
                (down, K::Alt_L),
                (up, K::Alt_L)
            ]),
            [6]
        );
    }
}
