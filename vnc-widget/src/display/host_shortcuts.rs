//! Shortcuts that stay with the host while the keyboard is grabbed.

use gtk::gdk;

/// What GTK compares of the state of the modifiers.
const MODIFIERS: gdk::ModifierType = gdk::ModifierType::SHIFT_MASK
    .union(gdk::ModifierType::CONTROL_MASK)
    .union(gdk::ModifierType::ALT_MASK)
    .union(gdk::ModifierType::SUPER_MASK)
    .union(gdk::ModifierType::HYPER_MASK)
    .union(gdk::ModifierType::META_MASK);

/// A word that is not a shortcut in GTK's notation, or one without a modifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not a shortcut with a modifier")]
pub struct ParseShortcutError(pub(super) String);

/// The shortcuts, as keys in lower case and the modifiers that go with them.
#[derive(Debug, Default)]
pub(super) struct HostShortcuts(Vec<(gdk::Key, gdk::ModifierType)>);

impl HostShortcuts {
    /// Reads GTK's notation, such as `<Alt>Tab`.
    pub(super) fn parse(accelerators: &[&str]) -> Result<Self, ParseShortcutError> {
        let parse = |words: &&str| {
            gtk::accelerator_parse(*words)
                .map(|(key, modifiers)| (normal(key), modifiers))
                .filter(|(_, modifiers)| modifiers.intersects(MODIFIERS))
                .ok_or_else(|| ParseShortcutError((*words).to_owned()))
        };
        accelerators
            .iter()
            .map(parse)
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Whether this key, pressed while these modifiers are down, is one of them.
    pub(super) fn contain(&self, key: gdk::Key, state: gdk::ModifierType) -> bool {
        self.0.contains(&(normal(key), state & MODIFIERS))
    }

    /// Whether one of them may come next, with these modifiers down.
    pub(super) fn may_follow(&self, state: gdk::ModifierType) -> bool {
        self.0
            .iter()
            .any(|(_, modifiers)| *modifiers == state & MODIFIERS)
    }
}

/// Shift changes what a key is called, and is compared by itself.
fn normal(key: gdk::Key) -> gdk::Key {
    match key {
        gdk::Key::ISO_Left_Tab => gdk::Key::Tab,
        key => key.to_lower(),
    }
}

/// The modifier that a key sets while it is down.
pub(super) fn modifier_of(key: gdk::Key) -> gdk::ModifierType {
    match key {
        gdk::Key::Control_L | gdk::Key::Control_R => gdk::ModifierType::CONTROL_MASK,
        gdk::Key::Shift_L | gdk::Key::Shift_R => gdk::ModifierType::SHIFT_MASK,
        gdk::Key::Alt_L | gdk::Key::Alt_R | gdk::Key::Meta_L | gdk::Key::Meta_R => {
            gdk::ModifierType::ALT_MASK
        }
        gdk::Key::Super_L | gdk::Key::Super_R => gdk::ModifierType::SUPER_MASK,
        _ => gdk::ModifierType::empty(),
    }
}
