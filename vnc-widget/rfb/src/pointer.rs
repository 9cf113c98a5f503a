//! Pointer movements (QEMU's pointer motion change pseudo-encoding).

/// The coordinate that means "no movement" while the pointer is relative.
const NO_MOVEMENT: i32 = 0x7fff;

/// The coordinate to send for a movement.
pub(crate) fn coordinate(movement: i16) -> u16 {
    (NO_MOVEMENT + i32::from(movement)).clamp(0, 0xffff) as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn movements_are_sent_around_the_middle() {
        assert_eq!(coordinate(0), 0x7fff);
        assert_eq!(coordinate(-5), 0x7ffa);
        assert_eq!(coordinate(i16::MAX), 0xfffe);
        assert_eq!(coordinate(i16::MIN), 0);
    }
}
