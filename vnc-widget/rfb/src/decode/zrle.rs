//! ZRLE (RFC 6143, section 7.7.6): tiles of 64 × 64, run-length or palette encoded, over one zlib
//! stream.

use super::{
    Piece,
    chunks::{CHUNK, Chunks, Target},
    tile::{self, Bad},
    wire::WirePixels,
    zlib::{self, ZlibStream},
};
use crate::{
    bytes::Bytes,
    error::{Error, Result},
    framebuffer::Framebuffer,
    rect::Rect,
};

const DURING: &str = "a ZRLE rectangle";
const TILE: u16 = 64;

/// The most bytes a tile can take: a palette that is not needed, then each pixel of four bytes a run
/// of its own.
const MAX_TILE: usize = 1 + 127 * 4 + TILE as usize * TILE as usize * 5;

const _: () = assert!(CHUNK > 2 * MAX_TILE);

/// Inflates and draws.
#[derive(Debug, Default)]
pub(crate) struct Decoder {
    stream: ZlibStream,
    chunks: Chunks,
    next: Place,
}

/// Where the next tile starts, relative to the rectangle.
#[derive(Debug, Default)]
struct Place {
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
        if piece.first {
            self.next = Place::default();
        }
        let tiles = Tiles {
            rect: piece.rect,
            next: &mut self.next,
            pixels,
            framebuffer,
        };
        let data = zlib::data(piece, bytes);
        self.chunks
            .inflate(DURING, &mut self.stream, piece, data, tiles)
    }
}

/// Tiles of a rectangle, row by row.
struct Tiles<'a, P> {
    rect: Rect,
    next: &'a mut Place,
    pixels: P,
    framebuffer: &'a mut Framebuffer,
}

impl<P: WirePixels> Target for Tiles<'_, P> {
    fn wants(&self) -> usize {
        let all_drawn = self.rect.is_empty() || self.next.y >= self.rect.height;
        if all_drawn { 0 } else { CHUNK }
    }

    fn draw(&mut self, inflated: &[u8]) -> Result<usize> {
        let rect = self.rect;
        let mut taken = 0;
        while self.next.y < rect.height {
            let Place { x, y } = *self.next;
            let area = Rect {
                x: rect.x + x,
                y: rect.y + y,
                width: TILE.min(rect.width - x),
                height: TILE.min(rect.height - y),
            };
            let mut bytes = Bytes::new(&inflated[taken..]);
            match tile::draw(area, &mut bytes, self.pixels, self.framebuffer) {
                Ok(()) => {}
                Err(Bad::Truncated) => break,
                Err(Bad::Invalid(problem)) => return Err(Error::protocol(DURING, problem)),
            }
            taken = inflated.len() - bytes.remaining();
            self.next.x = x.saturating_add(TILE);
            if self.next.x >= rect.width {
                self.next.x = 0;
                self.next.y = y.saturating_add(TILE);
            }
        }
        Ok(taken)
    }
}
