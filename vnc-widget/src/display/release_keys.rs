//! The way out of the display: which keys end the grab.

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
    pub(super) key: Option<gdk::Key>,
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
pub(super) enum Side {
    Either,
    Left,
    Right,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Modifier {
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

    pub(super) fn is_satisfied_by(&self, down: &[(Side, Modifier)]) -> bool {
        let is_down = |wanted: &(Side, Modifier)| down.iter().any(|key| covers(*wanted, *key));
        self.modifiers.iter().all(is_down) && down.iter().all(|key| self.asks_for(*key))
    }

    pub(super) fn asks_for(&self, key: (Side, Modifier)) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;

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
