//! Keys on their way to the hypervisor, which is given one combination after the other.

use std::collections::VecDeque;

/// What people press may wait so far for the hypervisor; more would only be pressed after they gave up.
const MOST_WAITING: usize = 64;

/// What X11, and so GTK, adds to Linux's key codes.
const X11_OFFSET: u32 = rfb::keyboard::X11_OFFSET;

/// Left and right Super, which mean something by themselves.
const SUPER: [u32; 2] = [125, 126];

/// A key as it was pressed. What people type must not end up in logs of messages.
#[derive(Clone, Copy)]
pub struct Key {
    keycode: u32,
    modifier: bool,
}

impl Key {
    /// The key of that hardware code; whether it changes the meaning of others.
    pub(super) fn new(keycode: u32, modifier: bool) -> Self {
        Self { keycode, modifier }
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key")
    }
}

/// Keys to be pressed together, as Linux key codes.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Press {
    keys: Vec<u32>,
    of_text: bool,
}

impl Press {
    /// Pressed by somebody.
    pub(super) fn of(keys: Vec<u32>) -> Self {
        Self {
            keys,
            of_text: false,
        }
    }

    /// Part of a text, of which nothing may be lost.
    pub(super) fn of_text(keys: Vec<u32>) -> Self {
        Self {
            keys,
            of_text: true,
        }
    }
}

/// What is held, what waits and what is under way.
#[derive(Default)]
pub(super) struct Presses {
    /// Keys held down that change the meaning of others.
    held: Vec<u32>,
    waiting: VecDeque<Press>,
    /// Being sent; whether it is of a text.
    under_way: Option<bool>,
}

impl Presses {
    /// A key went down; gives what that means.
    pub(super) fn pressed(&mut self, key: Key) -> Option<Press> {
        let code = key.keycode.checked_sub(X11_OFFSET)?;
        if key.modifier {
            if !self.held.contains(&code) {
                self.held.push(code);
            }
            return None;
        }
        let keys = self.held.iter().copied().chain([code]);
        Some(Press::of(keys.collect()))
    }

    /// A key went up; gives what that means.
    pub(super) fn released(&mut self, key: Key) -> Option<Press> {
        let code = key.keycode.checked_sub(X11_OFFSET)?;
        let was_alone = self.held == [code];
        self.held.retain(|&each| each != code);
        // A modifier pressed by itself, such as Super, is a key like any other. Others were sent
        // together with the key that they changed, and their going up says nothing.
        let means = key.modifier && was_alone && SUPER.contains(&code);
        means.then(|| Press::of(vec![code]))
    }

    /// Nothing is held down any more.
    pub(super) fn all_up(&mut self) {
        self.held.clear();
    }

    /// Has keys pressed after those that wait. What people press is lost when too much waits; a text
    /// is not, since whoever types it waits for each key to be taken.
    pub(super) fn add(&mut self, press: Press) {
        if press.of_text || self.waiting.len() < MOST_WAITING {
            self.waiting.push_back(press);
        }
    }

    /// What to send now, if nothing is under way.
    pub(super) fn next(&mut self) -> Option<Vec<u32>> {
        if self.under_way.is_some() {
            return None;
        }
        let press = self.waiting.pop_front()?;
        self.under_way = Some(press.of_text);
        Some(press.keys)
    }

    /// What was under way was taken, or not: then nobody wants what waits. Returns whether somebody
    /// who types a text has to be told.
    pub(super) fn sent(&mut self, taken: bool) -> bool {
        let of_text = self.under_way.take().unwrap_or_default();
        let dropped = !taken && self.clear();
        of_text || dropped
    }

    /// Drops what waits. Returns whether part of a text was among it.
    pub(super) fn clear(&mut self) -> bool {
        self.waiting.drain(..).any(|press| press.of_text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(code: u32, modifier: bool) -> Key {
        Key::new(code + X11_OFFSET, modifier)
    }

    fn keys(press: Option<Press>) -> Option<Vec<u32>> {
        press.map(|press| press.keys)
    }

    #[test]
    fn modifiers_go_with_the_key_they_change() {
        let mut presses = Presses::default();
        assert_eq!(keys(presses.pressed(key(29, true))), None);
        assert_eq!(keys(presses.pressed(key(46, false))), Some(vec![29, 46]));
        assert_eq!(keys(presses.released(key(46, false))), None);
        assert_eq!(keys(presses.released(key(29, true))), None);
        assert_eq!(keys(presses.pressed(key(46, false))), Some(vec![46]));
        // Super by itself is a key.
        presses.pressed(key(125, true));
        assert_eq!(keys(presses.released(key(125, true))), Some(vec![125]));
        assert!(presses.pressed(Key::new(3, false)).is_none());
    }

    #[test]
    fn one_after_the_other_and_a_text_loses_nothing() {
        let mut presses = Presses::default();
        for code in 0..200 {
            presses.add(Press::of(vec![code]));
        }
        presses.add(Press::of_text(vec![1000]));
        let mut sent = Vec::new();
        while let Some(keys) = presses.next() {
            assert!(presses.next().is_none(), "one is under way");
            sent.extend(keys);
            let told = presses.sent(true);
            assert_eq!(told, sent.last() == Some(&1000));
        }
        assert_eq!(sent.len(), MOST_WAITING + 1);
        assert_eq!(sent.last(), Some(&1000));
    }

    #[test]
    fn a_refusal_drops_what_waits_and_whoever_types_is_told() {
        let mut presses = Presses::default();
        presses.add(Press::of(vec![1]));
        presses.next();
        presses.add(Press::of_text(vec![2]));
        assert!(presses.sent(false));
        assert!(presses.next().is_none());
        presses.add(Press::of(vec![3]));
        presses.next();
        presses.add(Press::of(vec![4]));
        assert!(!presses.sent(false));
    }
}
