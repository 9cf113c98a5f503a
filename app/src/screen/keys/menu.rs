//! The menu of key combinations.

use gtk::gio;
use gtk::prelude::*;

use crate::screen::controls;

/// A combination: how it is called and the keys it is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Combination {
    /// Its keys by name, joined by `+`, as [`rfb::keyboard::combination`] understands them.
    names: &'static str,
    /// How the menu calls it.
    label: &'static str,
    /// Which part of the menu it is in.
    part: Part,
}

/// The parts of the menu.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// At the top: what is wanted every day.
    Top,
    /// Below it.
    Desktop,
    /// A submenu: Linux's text consoles.
    Consoles,
    /// A submenu: the kernel's own keys.
    SysRq,
}

const fn key(part: Part, names: &'static str, label: &'static str) -> Combination {
    Combination { names, label, part }
}

/// All combinations that every menu has.
const COMBINATIONS: &[Combination] = &[
    key(Part::Top, "Ctrl+Alt+Delete", "Ctrl+Alt+_Del"),
    key(Part::Top, "Ctrl+Alt+Backspace", "Ctrl+Alt+_Backspace"),
    key(Part::Desktop, "Print", "_Print"),
    key(Part::Desktop, "Alt+Print", "A_lt+Print"),
    key(Part::Desktop, "Alt+Tab", "_Alt+Tab"),
    key(Part::Desktop, "Alt+F4", "Alt+F_4"),
    key(Part::Desktop, "Super", "_Super"),
    key(Part::Desktop, "Ctrl+Escape", "Ctrl+_Esc"),
    key(Part::Consoles, "Ctrl+Alt+F1", "Ctrl+Alt+F_1"),
    key(Part::Consoles, "Ctrl+Alt+F2", "Ctrl+Alt+F_2"),
    key(Part::Consoles, "Ctrl+Alt+F3", "Ctrl+Alt+F_3"),
    key(Part::Consoles, "Ctrl+Alt+F4", "Ctrl+Alt+F_4"),
    key(Part::Consoles, "Ctrl+Alt+F5", "Ctrl+Alt+F_5"),
    key(Part::Consoles, "Ctrl+Alt+F6", "Ctrl+Alt+F_6"),
    key(Part::Consoles, "Ctrl+Alt+F7", "Ctrl+Alt+F_7"),
    key(Part::Consoles, "Ctrl+Alt+F8", "Ctrl+Alt+F_8"),
    key(Part::Consoles, "Ctrl+Alt+F9", "Ctrl+Alt+F_9"),
    key(Part::Consoles, "Ctrl+Alt+F10", "Ctrl+Alt+F1_0"),
    key(Part::Consoles, "Ctrl+Alt+F11", "Ctrl+Alt+F11"),
    key(Part::Consoles, "Ctrl+Alt+F12", "Ctrl+Alt+F12"),
    key(Part::SysRq, "Alt+SysRq+H", "Help in the kernel’s log (_H)"),
    key(Part::SysRq, "Alt+SysRq+R", "Take the keyboard back (_R)"),
    key(Part::SysRq, "Alt+SysRq+E", "Ask all programs to end (_E)"),
    key(Part::SysRq, "Alt+SysRq+I", "Kill all programs (_I)"),
    key(Part::SysRq, "Alt+SysRq+S", "Write disks (_S)"),
    key(Part::SysRq, "Alt+SysRq+U", "Make disks read-only (_U)"),
    key(Part::SysRq, "Alt+SysRq+B", "Reboot at once (_B)"),
    key(Part::SysRq, "Alt+SysRq+F", "Kill the largest program (_F)"),
    key(Part::SysRq, "Alt+SysRq+T", "List tasks (_T)"),
    key(Part::SysRq, "Alt+SysRq+M", "Memory figures (_M)"),
];

/// The menu, with `own` as the part of the user's own combinations, which may change as long as the
/// menu is there.
pub fn menu(own: &gio::Menu) -> gio::Menu {
    let section = |part| {
        let menu = gio::Menu::new();
        for combination in COMBINATIONS.iter().filter(|each| each.part == part) {
            menu.append_item(&item(combination.label, combination.names));
        }
        menu
    };
    let menu = gio::Menu::new();
    menu.append_section(None, &section(Part::Top));
    menu.append_section(None, &section(Part::Desktop));
    menu.append_section(None, own);
    let more = gio::Menu::new();
    more.append_submenu(Some("_Consoles"), &section(Part::Consoles));
    more.append_submenu(Some("Linux S_ysRq"), &section(Part::SysRq));
    menu.append_section(None, &more);
    let acts = gio::Menu::new();
    acts.append(Some("Type Te_xt…"), Some(controls::TYPE_TEXT));
    acts.append(Some("Type the Cl_ipboard…"), Some(controls::TYPE_CLIPBOARD));
    acts.append(Some("Own Co_mbinations…"), Some(controls::EDIT_KEYS));
    menu.append_section(None, &acts);
    menu
}

/// An item that sends the combination of those names.
pub(super) fn item(label: &str, names: &str) -> gio::MenuItem {
    let item = gio::MenuItem::new(Some(label), None);
    item.set_action_and_target_value(Some(controls::SEND_KEYS), Some(&names.to_variant()));
    item
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_keys_are_known_both_ways() {
        for combination in COMBINATIONS {
            let keys = rfb::keyboard::combination(combination.names).expect(combination.names);
            assert!(keys.iter().all(|key| key.evdev().is_some()));
        }
    }

    #[test]
    fn mnemonics_are_distinct_within_their_part() {
        for part in [Part::Top, Part::Desktop, Part::Consoles, Part::SysRq] {
            let mut seen = Vec::new();
            for combination in COMBINATIONS.iter().filter(|each| each.part == part) {
                let mnemonic = combination
                    .label
                    .split_once('_')
                    .and_then(|(_, rest)| rest.chars().next())
                    .map(|letter| letter.to_ascii_lowercase());
                if let Some(mnemonic) = mnemonic {
                    assert!(!seen.contains(&mnemonic), "{}", combination.label);
                    seen.push(mnemonic);
                }
            }
        }
    }
}
