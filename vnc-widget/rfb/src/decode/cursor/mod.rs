//! Pictures of the pointer: pseudo-encodings whose rectangle's place is the hotspot.

mod alpha;
mod plain;
mod vmware;
mod x;

pub(crate) use alpha::Order;

use super::colours::Colours;
use crate::{
    error::{Error, Result},
    event::Cursor,
    framebuffer::Pixel,
    rect::Rect,
};

/// The largest side of a pointer's picture.
const MAX_SIDE: u16 = 1024;

/// The ways to send a cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Pixels and a mask.
    Plain,
    /// Two colours and two masks.
    X,
    /// Pixels with transparency.
    Alpha,
    /// Either pixels with transparency, or two pictures to be combined with what is below.
    VMware,
}

/// The bytes of a cursor behind the rectangle's head; or how many must be there to tell.
pub(crate) fn length(kind: Kind, rect: Rect, colours: &Colours, input: &[u8]) -> Result<usize> {
    if rect.width > MAX_SIDE || rect.height > MAX_SIDE {
        return Err(Error::protocol(
            "a cursor",
            format!("{} × {} pixels", rect.width, rect.height),
        ));
    }
    match kind {
        Kind::Plain => Ok(plain::length(rect, colours)),
        Kind::X => Ok(x::length(rect)),
        Kind::Alpha => alpha::length(rect, input),
        Kind::VMware => vmware::length(rect, colours, input),
    }
}

/// Makes a picture of `length(kind, rect, …)` bytes. `None` if there is nothing to see.
pub(crate) fn decode(
    kind: Kind,
    order: Order,
    rect: Rect,
    colours: &Colours,
    bytes: &[u8],
) -> Option<Cursor> {
    match kind {
        Kind::Plain => plain::decode(rect, colours, bytes),
        Kind::X => x::decode(rect, bytes),
        Kind::Alpha => alpha::decode(rect, order, bytes),
        Kind::VMware => vmware::decode(rect, colours, bytes),
    }
}

/// Bytes of a row of a bit mask.
fn mask_bytes(rect: Rect) -> usize {
    usize::from(rect.width).div_ceil(8)
}

/// A cursor of these pixels. `None` if none of them is to be seen.
fn picture(rect: Rect, pixels: Vec<Pixel>) -> Option<Cursor> {
    if pixels.iter().all(|pixel| pixel[3] == 0) {
        return None;
    }
    Some(Cursor {
        width: rect.width,
        height: rect.height,
        // A hotspot outside the picture points at nothing.
        hotspot_x: rect.x.min(rect.width.saturating_sub(1)),
        hotspot_y: rect.y.min(rect.height.saturating_sub(1)),
        pixels,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pixel_format::PixelFormat;

    #[test]
    fn hotspots_stay_inside_and_sizes_small() {
        let one = Rect::new(50, 60, 1, 1);
        let colours = Colours::new(PixelFormat::BGRX);
        let cursor = plain::decode(one, &colours, &[9, 9, 9, 9, 0x80]).unwrap();
        assert_eq!((cursor.hotspot_x, cursor.hotspot_y), (0, 0));
        for kind in [Kind::Plain, Kind::X, Kind::Alpha, Kind::VMware] {
            assert!(length(kind, Rect::new(0, 0, 65535, 1), &colours, &[]).is_err());
            assert!(length(kind, Rect::new(0, 0, 1, 65535), &colours, &[]).is_err());
        }
    }
}
