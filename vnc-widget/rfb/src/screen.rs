//! The server's arrangement of screens (`ExtendedDesktopSize`).

use crate::{
    bytes::Bytes,
    event::{ResizeOrigin, ResizeRefusal},
    rect::Rect,
};

/// One screen within the framebuffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Screen {
    pub(crate) id: u32,
    pub(crate) area: Rect,
    pub(crate) flags: u32,
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
