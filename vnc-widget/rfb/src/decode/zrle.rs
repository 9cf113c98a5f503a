//! ZRLE (RFC 6143, section 7.7.6): tiles of 64 × 64, run-length or palette encoded, over one zlib
//! stream.

use super::{
    Piece,
    tile::{self, Bad},
    wire::WirePixels,
    zlib::{FRAME_LENGTH, ZlibStream},
};
use crate::{
    bytes::Bytes,
    error::{Error, Result},
    framebuffer::Framebuffer,
    rect::Rect,
};

const DURING: &str = "a ZRLE rectangle";
const TILE: u16 = 64;

/// How much is inflated at a time: small enough to stay in a processor's cache until it is drawn.
const CHUNK: usize = 128 << 10;

/// The most bytes a tile can take: a palette that is not needed, then each pixel of four bytes a run
/// of its own.
const MAX_TILE: usize = 1 + 127 * 4 + TILE as usize * TILE as usize * 5;

const _: () = assert!(CHUNK > 2 * MAX_TILE);

/// Inflates and draws.
#[derive(Debug, Default)]
pub(crate) struct Decoder {
    stream: ZlibStream,
    /// Inflated bytes; those from `start` to `end` have not been drawn.
    inflated: Vec<u8>,
    start: usize,
    end: usize,
    /// Where the next tile starts, relative to the rectangle.
    x: u16,
    y: u16,
}

impl Decoder {
    pub(super) fn decode<P: WirePixels>(
        &mut self,
        piece: &Piece,
        bytes: &[u8],
        pixels: P,
        framebuffer: &mut Framebuffer,
    ) -> Result<()> {
        let mut bytes = bytes;
        if piece.first {
            bytes = bytes.get(FRAME_LENGTH..).unwrap_or_default();
            (self.start, self.end) = (0, 0);
            self.x = 0;
            self.y = if piece.rect.is_empty() {
                piece.rect.height
            } else {
                0
            };
            self.inflated.resize(CHUNK, 0);
        }
        while self.y < piece.rect.height {
            // What is left of the last chunk is less than a tile: move it to the front.
            self.inflated.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
            let room = &mut self.inflated[self.end..];
            let inflated = self.stream.read(DURING, &mut bytes, room)?;
            self.end += inflated;
            self.draw(piece.rect, pixels, framebuffer)?;
            if inflated == 0 {
                break;
            }
        }
        if self.y < piece.rect.height {
            if piece.last {
                return Err(Error::protocol(DURING, "too little zlib data"));
            }
            return Ok(());
        }
        self.stream.finish(DURING, &mut bytes)
    }

    /// Draws all tiles that have been inflated as a whole.
    fn draw<P: WirePixels>(
        &mut self,
        rect: Rect,
        pixels: P,
        framebuffer: &mut Framebuffer,
    ) -> Result<()> {
        while self.y < rect.height {
            let area = Rect {
                x: rect.x + self.x,
                y: rect.y + self.y,
                width: TILE.min(rect.width - self.x),
                height: TILE.min(rect.height - self.y),
            };
            let mut bytes = Bytes::new(&self.inflated[self.start..self.end]);
            let before = bytes.remaining();
            match tile::draw(area, &mut bytes, pixels, framebuffer) {
                Ok(()) => {}
                Err(Bad::Truncated) => return Ok(()),
                Err(Bad::Invalid(problem)) => return Err(Error::protocol(DURING, problem)),
            }
            self.start += before - bytes.remaining();
            self.x = self.x.saturating_add(TILE);
            if self.x >= rect.width {
                self.x = 0;
                self.y = self.y.saturating_add(TILE);
            }
        }
        Ok(())
    }
}
