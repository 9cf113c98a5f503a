//! Key combinations that the desktop would keep for itself, sent to the guest from a menu.

use gtk::gio;
use gtk::prelude::*;

/// A combination: how it is called and the keys it is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Combination {
    /// Its keys by name, joined by `+`, as [`rfb::keyboard::combination`] understands them.
    pub names: &'static str,
    /// The same keys as Linux key codes (`KEY_*`), for sending without a display.
    pub codes: &'static [u32],
    /// How the menu calls it.
    pub label: &'static str,
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

const CTRL: u32 = 29;
const ALT: u32 = 56;
const SYSRQ: u32 = 99;

const fn key(
    part: Part,
    names: &'static str,
    label: &'static str,
    codes: &'static [u32],
) -> Combination {
    Combination {
        names,
        codes,
        label,
        part,
    }
}

/// All combinations; the action's parameter is the index into this.
pub const COMBINATIONS: &[Combination] = &[
    key(
        Part::Top,
        "Ctrl+Alt+Delete",
        "Ctrl+Alt+_Del",
        &[CTRL, ALT, 111],
    ),
    key(
        Part::Top,
        "Ctrl+Alt+Backspace",
        "Ctrl+Alt+_Backspace",
        &[CTRL, ALT, 14],
    ),
    key(Part::Desktop, "Print", "_Print", &[SYSRQ]),
    key(Part::Desktop, "Alt+Print", "A_lt+Print", &[ALT, SYSRQ]),
    key(Part::Desktop, "Alt+Tab", "_Alt+Tab", &[ALT, 15]),
    key(Part::Desktop, "Alt+F4", "Alt+F_4", &[ALT, 62]),
    key(Part::Desktop, "Super", "_Super", &[125]),
    key(Part::Desktop, "Ctrl+Escape", "Ctrl+_Esc", &[CTRL, 1]),
    key(
        Part::Consoles,
        "Ctrl+Alt+F1",
        "Ctrl+Alt+F_1",
        &[CTRL, ALT, 59],
    ),
    key(
        Part::Consoles,
        "Ctrl+Alt+F2",
        "Ctrl+Alt+F_2",
        &[CTRL, ALT, 60],
    ),
    key(
        Part::Consoles,
        "Ctrl+Alt+F3",
        "Ctrl+Alt+F_3",
        &[CTRL, ALT, 61],
    ),
    key(
        Part::Consoles,
        "Ctrl+Alt+F4",
        "Ctrl+Alt+F_4",
        &[CTRL, ALT, 62],
    ),
    key(
        Part::Consoles,
        "Ctrl+Alt+F5",
        "Ctrl+Alt+F_5",
        &[CTRL, ALT, 63],
    ),
    key(
        Part::Consoles,
        "Ctrl+Alt+F6",
        "Ctrl+Alt+F_6",
        &[CTRL, ALT, 64],
    ),
    key(
        Part::Consoles,
        "Ctrl+Alt+F7",
        "Ctrl+Alt+F_7",
        &[CTRL, ALT, 65],
    ),
    key(
        Part::Consoles,
        "Ctrl+Alt+F8",
        "Ctrl+Alt+F_8",
        &[CTRL, ALT, 66],
    ),
    key(
        Part::Consoles,
        "Ctrl+Alt+F9",
        "Ctrl+Alt+F_9",
        &[CTRL, ALT, 67],
    ),
    key(
        Part::Consoles,
        "Ctrl+Alt+F10",
        "Ctrl+Alt+F1_0",
        &[CTRL, ALT, 68],
    ),
    key(
        Part::Consoles,
        "Ctrl+Alt+F11",
        "Ctrl+Alt+F11",
        &[CTRL, ALT, 87],
    ),
    key(
        Part::Consoles,
        "Ctrl+Alt+F12",
        "Ctrl+Alt+F12",
        &[CTRL, ALT, 88],
    ),
    key(
        Part::SysRq,
        "Alt+SysRq+H",
        "Help in the kernel’s log (_H)",
        &[ALT, SYSRQ, 35],
    ),
    key(
        Part::SysRq,
        "Alt+SysRq+R",
        "Take the keyboard back (_R)",
        &[ALT, SYSRQ, 19],
    ),
    key(
        Part::SysRq,
        "Alt+SysRq+E",
        "Ask all programs to end (_E)",
        &[ALT, SYSRQ, 18],
    ),
    key(
        Part::SysRq,
        "Alt+SysRq+I",
        "Kill all programs (_I)",
        &[ALT, SYSRQ, 23],
    ),
    key(
        Part::SysRq,
        "Alt+SysRq+S",
        "Write disks (_S)",
        &[ALT, SYSRQ, 31],
    ),
    key(
        Part::SysRq,
        "Alt+SysRq+U",
        "Make disks read-only (_U)",
        &[ALT, SYSRQ, 22],
    ),
    key(
        Part::SysRq,
        "Alt+SysRq+B",
        "Reboot at once (_B)",
        &[ALT, SYSRQ, 48],
    ),
    key(
        Part::SysRq,
        "Alt+SysRq+F",
        "Kill the largest program (_F)",
        &[ALT, SYSRQ, 33],
    ),
    key(
        Part::SysRq,
        "Alt+SysRq+T",
        "List tasks (_T)",
        &[ALT, SYSRQ, 20],
    ),
    key(
        Part::SysRq,
        "Alt+SysRq+M",
        "Memory figures (_M)",
        &[ALT, SYSRQ, 50],
    ),
];

/// The menu. Each item activates `action` (with its group, such as `guest.send-keys`) with the
/// combination's index as an unsigned parameter.
pub fn menu(action: &str) -> gio::Menu {
    let section = |part| {
        let menu = gio::Menu::new();
        for (index, combination) in COMBINATIONS.iter().enumerate() {
            if combination.part == part {
                let item = gio::MenuItem::new(Some(combination.label), None);
                item.set_action_and_target_value(Some(action), Some(&(index as u32).to_variant()));
                menu.append_item(&item);
            }
        }
        menu
    };
    let menu = gio::Menu::new();
    menu.append_section(None, &section(Part::Top));
    menu.append_section(None, &section(Part::Desktop));
    let more = gio::Menu::new();
    more.append_submenu(Some("_Consoles"), &section(Part::Consoles));
    more.append_submenu(Some("Linux S_ysRq"), &section(Part::SysRq));
    menu.append_section(None, &more);
    menu
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_of_sending_press_the_same_keys() {
        for combination in COMBINATIONS {
            let by_display: Vec<u32> = rfb::keyboard::combination(combination.names)
                .expect(combination.names)
                .iter()
                .map(|key| key.scancode)
                .collect();
            let without: Vec<u32> = combination
                .codes
                .iter()
                .map(|&code| rfb::keyboard::scancode_from_evdev(code).expect(combination.names))
                .collect();
            assert_eq!(by_display, without, "{}", combination.names);
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
