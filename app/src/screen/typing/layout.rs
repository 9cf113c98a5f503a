//! Which keys make which characters on a keyboard layout.

use std::collections::HashMap;

use rfb::keyboard::{Key, X11_OFFSET};
use unicode_normalization::char::{canonical_combining_class, decompose_canonical};
use xkbcommon::xkb;

use crate::screen::keys::Stroke;

/// What has to be held for a level of a key: its keycode and keysym, and how xkb calls what it does.
const SHIFT: (u32, u32, &str) = (42, 0xffe1, xkb::MOD_NAME_SHIFT);
const ALT_GR: (u32, u32, &str) = (100, 0xfe03, "Mod5");

/// Dead keys (X11 keysyms) with the combining character that each adds to a letter.
const DEAD_KEYS: [(u32, char); 14] = [
    (0xfe50, '\u{300}'), // grave
    (0xfe51, '\u{301}'), // acute
    (0xfe52, '\u{302}'), // circumflex
    (0xfe53, '\u{303}'), // tilde
    (0xfe54, '\u{304}'), // macron
    (0xfe55, '\u{306}'), // breve
    (0xfe56, '\u{307}'), // dot above
    (0xfe57, '\u{308}'), // diaeresis
    (0xfe58, '\u{30a}'), // ring above
    (0xfe59, '\u{30b}'), // double acute
    (0xfe5a, '\u{30c}'), // caron
    (0xfe5b, '\u{327}'), // cedilla
    (0xfe5c, '\u{328}'), // ogonek
    (0xfe60, '\u{323}'), // dot below
];

/// What a dead key makes when a space follows.
const WITH_SPACE: [(char, char); 4] = [
    ('`', '\u{300}'),
    ('´', '\u{301}'),
    ('^', '\u{302}'),
    ('~', '\u{303}'),
];

/// A keyboard layout.
#[derive(Debug, Clone, Default)]
pub struct Layout {
    /// One stroke for each character that has a key.
    plain: HashMap<char, Stroke>,
    /// The strokes of dead keys, by their combining characters.
    dead: HashMap<char, Stroke>,
}

impl Layout {
    /// The layout that xkb calls `LAYOUT` or `LAYOUT:VARIANT`; `None` if it knows no such. Reads
    /// files and takes a moment.
    pub(super) fn load(id: &str) -> Option<Self> {
        let (layout, variant) = id.split_once(':').unwrap_or((id, ""));
        // Commas would ask for several layouts, and a NUL ends C's strings.
        if id.contains([',', '\0']) {
            return None;
        }
        let mut context = xkb::Context::new(xkb::CONTEXT_NO_FLAGS);
        // It would complain on the terminal of what is only an unknown name.
        context.set_log_level(xkb::LogLevel::Critical);
        let keymap = xkb::Keymap::new_from_names(
            &context,
            "evdev",
            "pc105",
            layout,
            variant,
            None,
            xkb::KEYMAP_COMPILE_NO_FLAGS,
        )?;
        Some(Self::of(&keymap))
    }

    fn of(keymap: &xkb::Keymap) -> Self {
        let mut found = Self::default();
        // The easiest way to a character counts: no held key before one, one before two.
        for held in [&[][..], &[SHIFT], &[ALT_GR], &[SHIFT, ALT_GR]] {
            let mut state = xkb::State::new(keymap);
            let mask = held.iter().fold(0, |mask, (_, _, name)| {
                let index = keymap.mod_get_index(*name);
                mask | 1u32.checked_shl(index).unwrap_or(0)
            });
            state.update_mask(mask, 0, 0, 0, 0, 0);
            let held: Vec<Key> = held
                .iter()
                .filter_map(|&(keycode, keysym, _)| Key::from_evdev(keycode, keysym))
                .collect();
            for raw in keymap.min_keycode().raw()..=keymap.max_keycode().raw() {
                let keysym = state.key_get_one_sym(raw.into()).raw();
                let key = raw
                    .checked_sub(X11_OFFSET)
                    .and_then(|keycode| Key::from_evdev(keycode, keysym));
                if let Some(key) = key {
                    found.add(&held, key);
                }
            }
        }
        found
    }

    /// Takes up what `key` makes while `held` are down, unless there is a way to it already.
    fn add(&mut self, held: &[Key], key: Key) {
        let stroke = || Stroke(held.iter().copied().chain([key]).collect());
        let dead = DEAD_KEYS.iter().find(|(keysym, _)| *keysym == key.keysym);
        if let Some((_, mark)) = dead {
            self.dead.entry(*mark).or_insert_with(stroke);
            return;
        }
        // What the keys of the keypad make depends on Num Lock.
        let keypad = 0xff80..=0xffbd;
        if keypad.contains(&key.keysym) {
            return;
        }
        let character = char::from_u32(xkb::keysym_to_utf32(key.keysym.into()));
        if let Some(character) = character.filter(|character| !character.is_control()) {
            self.plain.entry(character).or_insert_with(stroke);
        }
    }

    /// The strokes that make `character`; none if no keys of this layout do.
    pub(super) fn strokes(&self, character: char) -> Option<Vec<Stroke>> {
        let key = |keycode, keysym| Some(vec![Stroke(vec![Key::from_evdev(keycode, keysym)?])]);
        match character {
            '\n' => return key(28, 0xff0d),
            '\t' => return key(15, 0xff09),
            _ => {}
        }
        if let Some(stroke) = self.plain.get(&character) {
            return Some(vec![stroke.clone()]);
        }
        if let Some((_, mark)) = WITH_SPACE.iter().find(|(alone, _)| *alone == character) {
            let space = self.plain.get(&' ')?;
            return Some(vec![self.dead.get(mark)?.clone(), space.clone()]);
        }
        let mut parts = Vec::new();
        decompose_canonical(character, |part| parts.push(part));
        let [base, mark] = parts[..] else { return None };
        if canonical_combining_class(mark) == 0 {
            return None;
        }
        let dead = self.dead.get(&mark)?.clone();
        Some(vec![dead, self.plain.get(&base)?.clone()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The keycodes of what makes `character`, stroke by stroke.
    fn keycodes(layout: &str, character: char) -> Option<Vec<Vec<u32>>> {
        let layout = Layout::load(layout).expect(layout);
        let strokes = layout.strokes(character)?;
        Some(strokes.iter().map(Stroke::keycodes).collect())
    }

    const ENTER: u32 = 28;
    const SHIFT: u32 = 42;
    const ALT_GR: u32 = 100;

    #[test]
    fn the_same_character_is_elsewhere_on_another_layout() {
        assert_eq!(keycodes("us", 'z'), Some(vec![vec![44]]));
        assert_eq!(keycodes("de", 'z'), Some(vec![vec![21]]));
        assert_eq!(keycodes("us", '@'), Some(vec![vec![SHIFT, 3]]));
        assert_eq!(keycodes("de", '@'), Some(vec![vec![ALT_GR, 16]]));
        assert_eq!(keycodes("fr", '1'), Some(vec![vec![SHIFT, 2]]));
        assert_eq!(keycodes("de", '\n'), Some(vec![vec![ENTER]]));
    }

    #[test]
    fn dead_keys_make_accents() {
        assert_eq!(keycodes("de", 'é'), Some(vec![vec![13], vec![18]]));
        assert_eq!(keycodes("de", '^'), Some(vec![vec![41], vec![57]]));
        assert_eq!(keycodes("de:nodeadkeys", '^'), Some(vec![vec![41]]));
        assert_eq!(keycodes("fr", 'é'), Some(vec![vec![3]]));
    }

    #[test]
    fn what_a_layout_lacks_it_does_not_make() {
        assert_eq!(keycodes("us", 'é'), None);
        assert_eq!(keycodes("us", '\u{7}'), None);
        assert_eq!(keycodes("us", '漢'), None);
        for odd in ["", "no-such-layout", "us,de", "us\0"] {
            let layout = Layout::load(odd);
            // xkb falls back to its default for an empty name.
            assert!(odd.is_empty() || layout.is_none(), "{odd:?}");
        }
    }

    #[test]
    fn everything_on_a_keyboard_of_the_us_is_there() {
        let layout = Layout::load("us").unwrap();
        for character in ' '..='~' {
            assert!(layout.strokes(character).is_some(), "{character:?}");
        }
    }
}
