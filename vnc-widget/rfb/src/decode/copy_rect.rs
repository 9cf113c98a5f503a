//! `CopyRect` (RFC 6143, section 7.7.2): where to copy the rectangle from.

use super::{Piece, Progress};
use crate::{
    error::{Error, Result},
    framebuffer::Framebuffer,
    rect::Rect,
};

const LENGTH: usize = 4;

pub(crate) fn read(rect: Rect, input: &[u8]) -> Progress {
    if input.len() < LENGTH {
        Progress::Need(LENGTH)
    } else {
        Progress::Piece(Piece::whole(rect, LENGTH))
    }
}

pub(crate) fn decode(rect: Rect, bytes: &[u8], framebuffer: &mut Framebuffer) -> Result<()> {
    let &[x_high, x_low, y_high, y_low] = bytes else {
        return Err(Error::protocol("a CopyRect rectangle", "wrong length"));
    };
    let x = u16::from_be_bytes([x_high, x_low]);
    let y = u16::from_be_bytes([y_high, y_low]);
    let source = Rect { x, y, ..rect };
    if !framebuffer.bounds().contains(source) {
        return Err(Error::protocol(
            "a CopyRect rectangle",
            format!(
                "{} × {} pixels from {x}, {y} are not all on the screen",
                rect.width, rect.height
            ),
        ));
    }
    framebuffer.copy_within(x, y, rect);
    Ok(())
}
