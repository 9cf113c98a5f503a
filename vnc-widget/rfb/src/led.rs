//! The lock keys' lights (QEMU's and VMware's LED state pseudo-encodings).

/// Which locks are on at the server's keyboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Leds {
    /// Scroll Lock.
    pub scroll_lock: bool,
    /// Num Lock.
    pub num_lock: bool,
    /// Caps Lock.
    pub caps_lock: bool,
}

impl Leds {
    /// From the bits on the wire, the same in both pseudo-encodings.
    pub(crate) fn from_bits(bits: u32) -> Self {
        Self {
            scroll_lock: bits & 1 != 0,
            num_lock: bits & 2 != 0,
            caps_lock: bits & 4 != 0,
        }
    }
}
