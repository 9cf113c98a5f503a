//! The way out of the display: which keys end the grab, and noticing that they were pressed.

use std::{fmt, str::FromStr};

use gtk::{gdk, glib::translate::IntoGlib};

/// The keys with which the user leaves the display; at first, Ctrl+Alt.
///
/// Either modifiers alone, which are pressed together and released with no other key in between, or
/// one key with or without modifiers, which works as soon as it is pressed. Made from words:
///
/// ```
/// use vnc_widget::ReleaseKeys;
///
/// let keys: ReleaseKeys = "Shift+F12".parse()?;
/// assert_eq!(keys.to_string(), "Shift+F12");
/// assert!("Right Ctrl".parse::<ReleaseKeys>().is_ok());
/// assert!("A".parse::<ReleaseKeys>().is_err(), "how would one type an A?");
/// # Ok::<(), vnc_widget::ParseReleaseKeysError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ReleaseKeys {
    modifiers: Vec<(Side, Modifier)>,
    key: Option<gdk::Key>,
}

/// Words that are not keys to leave the display with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseReleaseKeysError {
    /// A word names no key.
    #[error("there is no such key")]
    UnknownKey,
    /// There are two keys that are no modifiers, one before a modifier, or a modifier twice.
    #[error("write modifiers first, each once, and then at most one other key")]
    Order,
    /// The key is needed for typing.
    #[error("a key that types something needs Ctrl, Alt or Super with it")]
    Types,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Side {
    Either,
    Left,
    Right,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Modifier {
    Control,
    Alt,
    Shift,
    Super,
}

impl ReleaseKeys {
    /// Choices that a program can offer: they are on most keyboards, and few guests need them.
    pub const CHOICES: &[&str] = &[
        "Ctrl+Alt",
        "Ctrl+Alt+Shift",
        "Right Ctrl",
        "Left Ctrl+Left Alt",
        "Shift+F12",
        "Ctrl+F12",
        "Pause",
        "Scroll Lock",
    ];

    fn is_satisfied_by(&self, down: &[(Side, Modifier)]) -> bool {
        let is_down = |wanted: &(Side, Modifier)| down.iter().any(|key| covers(*wanted, *key));
        self.modifiers.iter().all(is_down) && down.iter().all(|key| self.asks_for(*key))
    }

    fn asks_for(&self, key: (Side, Modifier)) -> bool {
        self.modifiers.iter().any(|wanted| covers(*wanted, key))
    }
}

/// Whether a key that is down is one that is wanted.
fn covers((side, modifier): (Side, Modifier), (down_side, down): (Side, Modifier)) -> bool {
    modifier == down && (side == Side::Either || side == down_side)
}

impl Default for ReleaseKeys {
    fn default() -> Self {
        Self {
            modifiers: vec![
                (Side::Either, Modifier::Control),
                (Side::Either, Modifier::Alt),
            ],
            key: None,
        }
    }
}

impl FromStr for ReleaseKeys {
    type Err = ParseReleaseKeysError;

    fn from_str(words: &str) -> Result<Self, Self::Err> {
        let mut keys = Self {
            modifiers: Vec::new(),
            key: None,
        };
        for word in words.split('+').map(str::trim) {
            if keys.key.is_some() {
                return Err(ParseReleaseKeysError::Order);
            }
            match named_modifier(word) {
                Some((_, modifier)) if keys.modifiers.iter().any(|(_, m)| *m == modifier) => {
                    return Err(ParseReleaseKeysError::Order);
                }
                Some(modifier) => keys.modifiers.push(modifier),
                None => keys.key = Some(named_key(word).ok_or(ParseReleaseKeysError::UnknownKey)?),
            }
        }
        let types = keys.key.is_some_and(types_something);
        if types && keys.modifiers.iter().all(|(_, m)| *m == Modifier::Shift) {
            return Err(ParseReleaseKeysError::Types);
        }
        // Shift alone is half of every capital letter.
        if keys.key.is_none() && keys.modifiers.iter().all(|(_, m)| *m == Modifier::Shift) {
            return Err(ParseReleaseKeysError::Types);
        }
        Ok(keys)
    }
}

impl fmt::Display for ReleaseKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (side, modifier)) in self.modifiers.iter().enumerate() {
            if index > 0 {
                f.write_str("+")?;
            }
            f.write_str(match side {
                Side::Either => "",
                Side::Left => "Left ",
                Side::Right => "Right ",
            })?;
            f.write_str(match modifier {
                Modifier::Control => "Ctrl",
                Modifier::Alt => "Alt",
                Modifier::Shift => "Shift",
                Modifier::Super => "Super",
            })?;
        }
        if let Some(key) = self.key {
            if !self.modifiers.is_empty() {
                f.write_str("+")?;
            }
            let name = key.name().unwrap_or_default().replace('_', " ");
            let mut letters = name.chars();
            if let Some(first) = letters.next() {
                write!(f, "{}{}", first.to_uppercase(), letters.as_str())?;
            }
        }
        Ok(())
    }
}

fn named_modifier(word: &str) -> Option<(Side, Modifier)> {
    let lower = word.to_ascii_lowercase();
    let (side, name) = if let Some(name) = lower.strip_prefix("left ") {
        (Side::Left, name)
    } else if let Some(name) = lower.strip_prefix("right ") {
        (Side::Right, name)
    } else {
        (Side::Either, lower.as_str())
    };
    let modifier = match name.trim() {
        "ctrl" | "control" => Modifier::Control,
        "alt" => Modifier::Alt,
        "shift" => Modifier::Shift,
        "super" | "win" | "windows" => Modifier::Super,
        _ => return None,
    };
    Some((side, modifier))
}

/// A key by GDK's name, with blanks for underscores and in any case.
fn named_key(word: &str) -> Option<gdk::Key> {
    let name = word.replace(' ', "_");
    [name.clone(), name.to_ascii_lowercase()]
        .iter()
        .find_map(gdk::Key::from_name)
        .filter(|key| key.into_glib() != 0 && *key != gdk::Key::VoidSymbol)
        .map(|key| key.to_lower())
}

fn types_something(key: gdk::Key) -> bool {
    key.to_unicode().is_some_and(|c| !c.is_control())
        || matches!(
            key,
            gdk::Key::Return | gdk::Key::Tab | gdk::Key::BackSpace | gdk::Key::Delete
        )
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

    #[test]
    fn words_and_keys() {
        for words in ReleaseKeys::CHOICES {
            let keys: ReleaseKeys = words.parse().unwrap();
            assert_eq!(keys.to_string(), *words);
        }
        assert_eq!(ReleaseKeys::default(), "control + alt".parse().unwrap());
        let error = |words: &str| words.parse::<ReleaseKeys>().unwrap_err();
        assert_eq!(error(""), ParseReleaseKeysError::UnknownKey);
        assert_eq!(error("Ctrl+Nonsense"), ParseReleaseKeysError::UnknownKey);
        assert_eq!(error("F12+Ctrl"), ParseReleaseKeysError::Order);
        assert_eq!(error("Ctrl+Right Ctrl"), ParseReleaseKeysError::Order);
        assert_eq!(error("a"), ParseReleaseKeysError::Types);
        assert_eq!(error("Shift+A"), ParseReleaseKeysError::Types);
        assert_eq!(error("Shift"), ParseReleaseKeysError::Types);
        assert_eq!(error("Return"), ParseReleaseKeysError::Types);
    }
}
