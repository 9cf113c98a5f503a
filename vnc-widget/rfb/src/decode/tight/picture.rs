//! Memory for pictures that are decoded as a whole, by libraries that want their rows without gaps.

use super::DURING;
use crate::{
    error::{Error, Result},
    rect::Rect,
};

/// The largest picture, in pixels: as wide as a Tight rectangle may be, as high as the highest
/// screen that is accepted by default. It takes four bytes a pixel here, and up to about twice that
/// in the JPEG library while it decodes a progressive picture: 400 MiB at the very most, given
/// back afterwards.
const MAX_PIXELS: u64 = 2048 * 16384;

/// Memory up to this is kept for the next picture: servers send many small ones.
const KEPT: usize = 2048 * 2048 * 4;

/// A picture's pixels.
#[derive(Debug, Default)]
pub(super) struct Picture {
    bytes: Vec<u8>,
}

impl Picture {
    /// Memory for `rect.area() * bytes_per_pixel` bytes.
    pub(super) fn room(&mut self, rect: Rect, bytes_per_pixel: usize) -> Result<&mut [u8]> {
        Self::check(rect)?;
        let length = rect.area() as usize * bytes_per_pixel;
        if let Some(missing) = length.checked_sub(self.bytes.len()) {
            // The size is the server's word: a failure to get the memory must not end the program.
            self.bytes
                .try_reserve_exact(missing)
                .map_err(|_| too_large(rect))?;
            self.bytes.resize(length, 0);
        }
        Ok(&mut self.bytes[..length])
    }

    /// Whether a picture of this size may be decoded at all.
    pub(super) fn check(rect: Rect) -> Result<()> {
        if rect.area() > MAX_PIXELS {
            return Err(too_large(rect));
        }
        Ok(())
    }

    /// To be called after the picture was drawn.
    pub(super) fn done(&mut self) {
        if self.bytes.len() > KEPT {
            self.bytes = Vec::new();
        }
    }
}

fn too_large(rect: Rect) -> Error {
    Error::protocol(
        DURING,
        format!("a picture of {} × {} pixels", rect.width, rect.height),
    )
}
