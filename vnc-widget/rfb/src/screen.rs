//! The server's arrangement of screens (`ExtendedDesktopSize`).

use crate::{
    bytes::Bytes,
    event::{ResizeOrigin, ResizeRefusal},
    rect::Rect,
};

/// The most screens an arrangement can have: their number is one byte.
pub(crate) const MAX_SCREENS: usize = 255;

/// One screen (monitor) within the framebuffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Screen {
    /// What tells a screen that was moved from one that is new; no two have the same.
    pub id: u32,
    /// Its place in the framebuffer.
    pub area: Rect,
    /// Bits without a meaning so far: 0 in new screens, and kept in others.
    pub flags: u32,
}

impl Screen {
    /// Bytes on the wire.
    pub(crate) const LENGTH: usize = 16;

    pub(crate) fn read(bytes: &mut Bytes<'_>) -> Option<Self> {
        Some(Self {
            id: bytes.u32()?,
            area: Rect::new(bytes.u16()?, bytes.u16()?, bytes.u16()?, bytes.u16()?),
            flags: bytes.u32()?,
        })
    }
}

/// Whether a server may be asked for this: a framebuffer with at least one screen, none of them
/// empty or beyond its edge, and no two of the same id.
pub(crate) fn is_layout(width: u16, height: u16, screens: &[Screen]) -> bool {
    let bounds = Rect::new(0, 0, width, height);
    let mut ids: Vec<u32> = screens.iter().map(|screen| screen.id).collect();
    ids.sort_unstable();
    ids.dedup();
    (1..=MAX_SCREENS).contains(&screens.len())
        && ids.len() == screens.len()
        && screens
            .iter()
            .all(|screen| screen.area.area() > 0 && bounds.contains(screen.area))
}

/// Who caused an `ExtendedDesktopSize` rectangle: its x coordinate.
pub(crate) fn origin(reason: u16) -> ResizeOrigin {
    match reason {
        1 => ResizeOrigin::ThisClient,
        2 => ResizeOrigin::OtherClient,
        _ => ResizeOrigin::Server,
    }
}

/// What became of a request: the y coordinate of an `ExtendedDesktopSize` rectangle.
pub(crate) fn refusal(status: u16) -> Option<ResizeRefusal> {
    match status {
        0 => None,
        1 => Some(ResizeRefusal::Prohibited),
        2 => Some(ResizeRefusal::OutOfResources),
        3 => Some(ResizeRefusal::InvalidLayout),
        other => Some(ResizeRefusal::Other(other)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn screen(id: u32, x: u16, width: u16) -> Screen {
        Screen {
            id,
            area: Rect::new(x, 0, width, 10),
            flags: 0,
        }
    }

    #[test]
    fn arrangements_that_make_no_sense_are_not_asked_for() {
        assert!(is_layout(20, 10, &[screen(1, 0, 10), screen(2, 10, 10)]));
        // Screens may show the same.
        assert!(is_layout(20, 10, &[screen(1, 0, 20), screen(2, 0, 20)]));
        assert!(!is_layout(20, 10, &[]));
        assert!(!is_layout(20, 10, &[screen(1, 0, 10), screen(1, 10, 10)]));
        assert!(!is_layout(20, 10, &[screen(1, 11, 10)]));
        assert!(!is_layout(20, 10, &[screen(1, 0, 0)]));
        assert!(!is_layout(20, 9, &[screen(1, 0, 20)]));
        let many: Vec<Screen> = (0..256).map(|id| screen(id, 0, 1)).collect();
        assert!(is_layout(1, 10, &many[..255]));
        assert!(!is_layout(1, 10, &many));
    }
}
