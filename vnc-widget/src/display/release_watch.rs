//! Noticing that the user wants to leave.

use gtk::gdk;

use super::release_keys::{Modifier, ReleaseKeys, Side};

/// Notices the release keys among those that are pressed.
#[derive(Debug, Default)]
pub(super) struct ReleaseWatch {
    pub(super) keys: ReleaseKeys,
    /// Modifiers that are down.
    down: Vec<(Side, Modifier)>,
    /// Just the right modifiers went down and nothing else happened since.
    armed: bool,
    /// Something else happened while one of them was down.
    spoiled: bool,
}

impl ReleaseWatch {
    /// A key went down. Whether that was the way out.
    pub(super) fn press(&mut self, keyval: gdk::Key) -> bool {
        let Some(key) = modifier(keyval) else {
            let leaves =
                self.keys.key == Some(keyval.to_lower()) && self.keys.is_satisfied_by(&self.down);
            self.spoil();
            return leaves;
        };
        if !self.down.contains(&key) {
            self.down.push(key);
        }
        if !self.keys.asks_for(key) {
            self.spoil();
        }
        self.armed =
            self.keys.key.is_none() && !self.spoiled && self.keys.is_satisfied_by(&self.down);
        false
    }

    /// A key went up. Whether that was the way out.
    pub(super) fn release(&mut self, keyval: gdk::Key) -> bool {
        let Some(key) = modifier(keyval) else {
            return false;
        };
        self.down.retain(|down| *down != key);
        if self.down.is_empty() {
            self.spoiled = false;
        }
        std::mem::take(&mut self.armed)
    }

    /// Something else happened, such as a click: Ctrl+Alt+click is for the guest.
    pub(super) fn spoil(&mut self) {
        self.armed = false;
        self.spoiled = !self.down.is_empty();
    }

    /// Nothing is down any more.
    pub(super) fn reset(&mut self) {
        self.down.clear();
        self.armed = false;
        self.spoiled = false;
    }
}

/// A key as the modifier that it is. The right Alt of many keyboards (`AltGr`) types characters and
/// is none.
fn modifier(keyval: gdk::Key) -> Option<(Side, Modifier)> {
    use gdk::Key as K;
    Some(match keyval {
        K::Control_L => (Side::Left, Modifier::Control),
        K::Control_R => (Side::Right, Modifier::Control),
        // With Ctrl or Shift held, Alt is Meta in the usual keymaps.
        K::Alt_L | K::Meta_L => (Side::Left, Modifier::Alt),
        K::Alt_R | K::Meta_R => (Side::Right, Modifier::Alt),
        K::Shift_L => (Side::Left, Modifier::Shift),
        K::Shift_R => (Side::Right, Modifier::Shift),
        K::Super_L => (Side::Left, Modifier::Super),
        K::Super_R => (Side::Right, Modifier::Super),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use gdk::Key as K;

    use super::*;

    const DOWN: bool = true;
    const UP: bool = false;

    /// Plays keys: (down, name) and returns at which steps the release keys were complete.
    fn play(keys: &str, steps: &[(bool, K)]) -> Vec<usize> {
        let mut watch = ReleaseWatch {
            keys: keys.parse().unwrap(),
            ..ReleaseWatch::default()
        };
        let fired = |(index, &(down, key)): (usize, &(bool, K))| {
            let leaves = if down {
                watch.press(key)
            } else {
                watch.release(key)
            };
            leaves.then_some(index)
        };
        steps.iter().enumerate().filter_map(fired).collect()
    }

    #[test]
    fn control_and_alt_alone_lead_out() {
        let steps = [
            (DOWN, K::Control_L),
            (DOWN, K::Alt_L),
            (UP, K::Alt_L),
            (UP, K::Control_L),
        ];
        assert_eq!(play("Ctrl+Alt", &steps), [2]);
        let steps = [(DOWN, K::Alt_L), (DOWN, K::Control_R), (UP, K::Alt_L)];
        assert_eq!(play("Ctrl+Alt", &steps), [2]);
        // Repeats of a held key do not count as other keys.
        let steps = [
            (DOWN, K::Control_L),
            (DOWN, K::Control_L),
            (DOWN, K::Meta_L),
            (DOWN, K::Meta_L),
            (UP, K::Control_L),
        ];
        assert_eq!(play("Ctrl+Alt", &steps), [4]);
    }

    #[test]
    fn combinations_with_other_keys_stay_with_the_guest() {
        let steps = [
            (DOWN, K::Control_L),
            (DOWN, K::Alt_L),
            (DOWN, K::Delete),
            (UP, K::Delete),
            (UP, K::Alt_L),
            (UP, K::Control_L),
        ];
        assert!(play("Ctrl+Alt", &steps).is_empty());
        let steps = [
            (DOWN, K::Control_L),
            (DOWN, K::c),
            (UP, K::c),
            (DOWN, K::Alt_L),
            (UP, K::Alt_L),
            (UP, K::Control_L),
        ];
        assert!(play("Ctrl+Alt", &steps).is_empty());
        let steps = [(DOWN, K::Control_L), (UP, K::Control_L), (DOWN, K::Alt_L)];
        assert!(play("Ctrl+Alt", &steps).is_empty());
        let steps = [
            (DOWN, K::Control_L),
            (DOWN, K::Alt_L),
            (DOWN, K::Shift_L),
            (UP, K::Shift_L),
            (UP, K::Alt_L),
            (UP, K::Control_L),
        ];
        assert!(play("Ctrl+Alt", &steps).is_empty());
    }

    #[test]
    fn the_way_out_works_again_after_a_combination() {
        let steps = [
            (DOWN, K::Control_L),
            (DOWN, K::c),
            (UP, K::c),
            (UP, K::Control_L),
            (DOWN, K::Control_L),
            (DOWN, K::Alt_L),
            (UP, K::Alt_L),
        ];
        assert_eq!(play("Ctrl+Alt", &steps), [6]);
    }

    #[test]
    fn one_side_of_the_keyboard() {
        let tap = |key| [(DOWN, key), (UP, key)];
        assert_eq!(play("Right Ctrl", &tap(K::Control_R)), [1]);
        assert!(play("Right Ctrl", &tap(K::Control_L)).is_empty());
        let steps = [
            (DOWN, K::Control_R),
            (DOWN, K::c),
            (UP, K::c),
            (UP, K::Control_R),
        ];
        assert!(play("Right Ctrl", &steps).is_empty());
    }

    #[test]
    fn a_key_leads_out_when_it_is_pressed() {
        let steps = [(DOWN, K::Shift_L), (DOWN, K::F12), (UP, K::F12)];
        assert_eq!(play("Shift+F12", &steps), [1]);
        assert!(play("Shift+F12", &[(DOWN, K::F12)]).is_empty());
        let steps = [(DOWN, K::Control_L), (DOWN, K::Shift_L), (DOWN, K::F12)];
        assert!(play("Shift+F12", &steps).is_empty());
        assert_eq!(play("Pause", &[(DOWN, K::Pause)]), [0]);
        let steps = [(DOWN, K::Control_L), (DOWN, K::Alt_L), (DOWN, K::Q)];
        assert_eq!(play("Ctrl+Alt+Q", &steps), [2]);
    }
}
