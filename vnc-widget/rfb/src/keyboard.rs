//! Keys: from what a desktop reports to what servers want.
//!
//! A key event carries a keysym (what the key means with the client's layout) and, where the server
//! takes it, a scancode (which key it is, so that the guest's own layout applies). Scancodes are
//! those of QEMU's extended key event: PC/XT set 1 in one byte, in which keys with the prefix
//! `0xE0` have the highest bit set: the right Ctrl key, `E0 1D`, is `0x9D`.

/// What has to be added to an evdev keycode to get the hardware keycode that X11, Wayland
/// compositors and so GTK report.
pub const X11_OFFSET: u32 = 8;

/// The scancode for an evdev keycode (`KEY_*` of Linux's `input-event-codes.h`), or `None` for keys
/// that PC keyboards do not have.
pub fn scancode_from_evdev(keycode: u32) -> Option<u32> {
    // Linux numbered its keys after the XT scancodes as far as those had one byte.
    if let 1..=83 | 86..=88 = keycode {
        return Some(keycode);
    }
    let scancode = match keycode {
        85 => 0x76,      // Zenkaku/Hankaku
        89 => 0x73,      // Ro
        90 => 0x78,      // Katakana
        91 => 0x77,      // Hiragana
        92 => 0x79,      // Henkan
        93 => 0x70,      // Katakana/Hiragana
        94 => 0x7b,      // Muhenkan
        95 => 0x5c,      // keypad comma (Japanese)
        96 => e0(0x1c),  // keypad Enter
        97 => e0(0x1d),  // right Ctrl
        98 => e0(0x35),  // keypad /
        99 => 0x54,      // Print Screen / SysRq
        100 => e0(0x38), // right Alt
        101 => 0x5b,     // Line Feed
        102 => e0(0x47), // Home
        103 => e0(0x48), // Up
        104 => e0(0x49), // Page Up
        105 => e0(0x4b), // Left
        106 => e0(0x4d), // Right
        107 => e0(0x4f), // End
        108 => e0(0x50), // Down
        109 => e0(0x51), // Page Down
        110 => e0(0x52), // Insert
        111 => e0(0x53), // Delete
        112 => e0(0x6f), // Macro
        113 => e0(0x20), // Mute
        114 => e0(0x2e), // Volume down
        115 => e0(0x30), // Volume up
        116 => e0(0x5e), // Power
        117 => 0x59,     // keypad =
        118 => e0(0x4e), // keypad +/-
        119 => e0(0x46), // Pause
        121 => 0x7e,     // keypad comma
        122 => 0x72,     // Hangul
        123 => 0x71,     // Hanja
        124 => 0x7d,     // Yen
        125 => e0(0x5b), // left Super
        126 => e0(0x5c), // right Super
        127 => e0(0x5d), // Menu
        128 => e0(0x68), // Stop
        129 => e0(0x05), // Again
        130 => e0(0x06), // Props
        131 => e0(0x07), // Undo
        132 => e0(0x0c), // Front
        133 => e0(0x78), // Copy
        134 => 0x64,     // Open
        135 => 0x65,     // Paste
        136 => e0(0x41), // Find
        137 => e0(0x3c), // Cut
        138 => e0(0x75), // Help
        139 => e0(0x1e), // Application menu
        140 => e0(0x21), // Calculator
        142 => e0(0x5f), // Sleep
        143 => e0(0x63), // Wake up
        150 => e0(0x02), // WWW
        152 => e0(0x12), // Lock screen
        155 => e0(0x6c), // Mail
        156 => e0(0x66), // Bookmarks
        157 => e0(0x6b), // Computer
        158 => e0(0x6a), // Back
        159 => e0(0x69), // Forward
        161 => 0x6c,     // Eject
        163 => e0(0x19), // Next track
        164 => e0(0x22), // Play/pause
        165 => e0(0x10), // Previous track
        166 => e0(0x24), // Stop track
        172 => e0(0x32), // Home page
        173 => e0(0x67), // Refresh
        183 => 0x5d,     // F13
        184 => 0x5e,     // F14
        185 => 0x5f,     // F15
        186 => 0x55,     // F16
        187 => e0(0x03), // F17
        188 => e0(0x77), // F18
        189 => e0(0x04), // F19
        190 => 0x5a,     // F20
        191 => 0x74,     // F21
        192 => e0(0x79), // F22
        193 => 0x6d,     // F23
        194 => 0x6f,     // F24
        217 => e0(0x65), // Search
        226 => e0(0x6d), // Media
        _ => return None,
    };
    Some(scancode)
}

/// The scancode for a hardware keycode as GTK reports it on X11 and Wayland.
pub fn scancode_from_x11(keycode: u32) -> Option<u32> {
    scancode_from_evdev(keycode.checked_sub(X11_OFFSET)?)
}

/// The evdev keycode for a scancode: the way back from [`scancode_from_evdev`].
pub fn evdev_from_scancode(scancode: u32) -> Option<u32> {
    (1..=LAST_KEYCODE).find(|&keycode| scancode_from_evdev(keycode) == Some(scancode))
}

/// The last evdev keycode that has a scancode.
const LAST_KEYCODE: u32 = 226;

/// A key with the `0xE0` prefix, in QEMU's one-byte form.
const fn e0(scancode: u32) -> u32 {
    scancode | 0x80
}

/// A key as both kinds of server want it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    /// What the key means (X11 keysym).
    pub keysym: u32,
    /// Which key it is.
    pub scancode: u32,
}

impl Key {
    /// The key with this evdev keycode, which means `keysym` to who presses it. `None` for keys
    /// that PC keyboards do not have.
    pub fn from_evdev(keycode: u32, keysym: u32) -> Option<Self> {
        let scancode = scancode_from_evdev(keycode)?;
        Some(Self { keysym, scancode })
    }

    /// Its evdev keycode.
    pub fn evdev(self) -> Option<u32> {
        evdev_from_scancode(self.scancode)
    }
}

/// A key by its name, as people write combinations: `Ctrl`, `Alt`, `Delete`, `F2`, `A`, `7`.
/// Case does not matter. Letters and digits are those of the US layout.
pub fn key_by_name(name: &str) -> Option<Key> {
    let name = name.trim().to_ascii_lowercase();
    if let [character] = name.as_bytes() {
        return key_by_character(*character);
    }
    if let Some(number) = name.strip_prefix('f').and_then(|n| n.parse::<u32>().ok()) {
        return function_key(number);
    }
    let (keysym, keycode) = match name.as_str() {
        "ctrl" | "control" | "lctrl" => (0xffe3, 29),
        "rctrl" => (0xffe4, 97),
        "shift" | "lshift" => (0xffe1, 42),
        "rshift" => (0xffe2, 54),
        "alt" | "lalt" => (0xffe9, 56),
        "altgr" | "ralt" => (0xfe03, 100),
        "super" | "meta" | "win" | "windows" | "lsuper" => (0xffeb, 125),
        "rsuper" => (0xffec, 126),
        "menu" => (0xff67, 127),
        "backspace" => (0xff08, 14),
        "tab" => (0xff09, 15),
        "enter" | "return" => (0xff0d, 28),
        "escape" | "esc" => (0xff1b, 1),
        "space" => (0x20, 57),
        "delete" | "del" => (0xffff, 111),
        "insert" | "ins" => (0xff63, 110),
        "home" => (0xff50, 102),
        "end" => (0xff57, 107),
        "pageup" => (0xff55, 104),
        "pagedown" => (0xff56, 109),
        "left" => (0xff51, 105),
        "up" => (0xff52, 103),
        "right" => (0xff53, 106),
        "down" => (0xff54, 108),
        "print" | "printscreen" => (0xff61, 99),
        "sysrq" => (0xff15, 99),
        "pause" => (0xff13, 119),
        "capslock" => (0xffe5, 58),
        "numlock" => (0xff7f, 69),
        "scrolllock" => (0xff14, 70),
        _ => return None,
    };
    Key::from_evdev(keycode, keysym)
}

/// The keys of a combination such as `Ctrl+Alt+Delete`, in the order in which they are pressed
/// (they are released in the opposite order). `None` when one of the names is unknown.
pub fn combination(names: &str) -> Option<Vec<Key>> {
    names.split('+').map(key_by_name).collect()
}

fn key_by_character(character: u8) -> Option<Key> {
    // The rows of the US layout start at these scancodes.
    const ROWS: [(&[u8], u32); 4] = [
        (b"1234567890-=", 0x02),
        (b"qwertyuiop[]", 0x10),
        (b"asdfghjkl;'`", 0x1e),
        (b"\\zxcvbnm,./", 0x2b),
    ];
    ROWS.iter().find_map(|(row, first)| {
        let place = row.iter().position(|&key| key == character)?;
        Some(Key {
            // In the Latin-1 range the keysym of a character is its code.
            keysym: character.into(),
            scancode: first + place as u32,
        })
    })
}

fn function_key(number: u32) -> Option<Key> {
    let keycode = match number {
        1..=10 => 58 + number,
        11..=12 => 76 + number,
        13..=24 => 170 + number,
        _ => return None,
    };
    Key::from_evdev(keycode, 0xffbd + number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evdev_keys_have_qemu_scancodes() {
        assert_eq!(scancode_from_evdev(0), None);
        assert_eq!(scancode_from_evdev(1), Some(0x01));
        assert_eq!(scancode_from_evdev(88), Some(0x58));
        assert_eq!(scancode_from_evdev(97), Some(0x9d));
        assert_eq!(scancode_from_evdev(119), Some(0xc6));
        assert_eq!(scancode_from_evdev(84), None);
        assert_eq!(scancode_from_evdev(u32::MAX), None);
        assert_eq!(scancode_from_x11(9), Some(0x01));
        assert_eq!(scancode_from_x11(7), None);
    }

    #[test]
    fn no_two_keys_share_a_scancode() {
        let mut codes: Vec<u32> = (0..1000).filter_map(scancode_from_evdev).collect();
        let count = codes.len();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), count);
        assert!(codes.iter().all(|code| (1..=0xff).contains(code)));
    }

    #[test]
    fn keycodes_and_scancodes_lead_to_each_other() {
        for keycode in 0..1000 {
            if let Some(scancode) = scancode_from_evdev(keycode) {
                assert_eq!(evdev_from_scancode(scancode), Some(keycode));
            }
        }
        assert_eq!(evdev_from_scancode(0), None);
        assert_eq!(key_by_name("Delete").unwrap().evdev(), Some(111));
    }

    #[test]
    fn combinations_by_name() {
        let keys = combination("Ctrl+Alt+Delete").unwrap();
        let scancodes: Vec<u32> = keys.iter().map(|key| key.scancode).collect();
        assert_eq!(scancodes, [0x1d, 0x38, 0xd3]);
        assert_eq!(combination("Ctrl+Nothing"), None);
        assert_eq!(combination(""), None);
        let key = |name: &str| key_by_name(name).map(|key| (key.keysym, key.scancode));
        assert_eq!(key("F1"), Some((0xffbe, 0x3b)));
        assert_eq!(key("f11"), Some((0xffc8, 0x57)));
        assert_eq!(key("F24"), Some((0xffd5, 0x6f)));
        assert_eq!(key("F25"), None);
        assert_eq!(key("a"), Some((0x61, 0x1e)));
        assert_eq!(key("0"), Some((0x30, 0x0b)));
        assert_eq!(key("/"), Some((0x2f, 0x35)));
        assert_eq!(key("é"), None);
    }
}
