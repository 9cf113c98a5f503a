//! The encoding Zlib (Tridia's; described in the community's RFB specification): rows of pixels over
//! one zlib stream.

use super::{
    Piece,
    wire::WirePixels,
    zlib::{FRAME_LENGTH, ZlibStream},
};
use crate::{
    error::{Error, Result},
    framebuffer::Framebuffer,
    rect::Rect,
};

const DURING: &str = "a Zlib rectangle";

/// How much is inflated at a time, rounded to rows: small enough to stay in a processor's cache
/// until it is drawn.
const CHUNK: usize = 128 << 10;

/// Inflates and draws.
#[derive(Debug, Default)]
pub(crate) struct Decoder {
    stream: ZlibStream,
    /// Inflated rows that wait to be drawn.
    rows: Vec<u8>,
    /// The bytes of a row that is not all there yet, at the front of `rows`.
    held: usize,
    /// Rows that have been drawn.
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
        let rect = piece.rect;
        let row_length = usize::from(rect.width) * P::LENGTH;
        if piece.first {
            bytes = bytes.get(FRAME_LENGTH..).unwrap_or_default();
            self.held = 0;
            self.y = if rect.is_empty() { rect.height } else { 0 };
        }
        let rows_at_once = CHUNK.checked_div(row_length).unwrap_or(0).max(1);
        while self.y < rect.height {
            let rows = rows_at_once.min((rect.height - self.y).into());
            if self.rows.len() < rows * row_length {
                self.rows.resize(rows * row_length, 0);
            }
            let room = &mut self.rows[self.held..rows * row_length];
            let inflated = self.stream.read(DURING, &mut bytes, room)?;
            self.held += inflated;
            self.draw(rect, row_length, pixels, framebuffer);
            if inflated == 0 {
                break;
            }
        }
        if self.y < rect.height {
            if piece.last {
                return Err(Error::protocol(DURING, "too little zlib data"));
            }
            return Ok(());
        }
        self.stream.finish(DURING, &mut bytes)
    }

    /// Draws the rows that have been inflated as a whole, and keeps the rest.
    fn draw<P: WirePixels>(
        &mut self,
        rect: Rect,
        row_length: usize,
        pixels: P,
        framebuffer: &mut Framebuffer,
    ) {
        let rows = (self.held / row_length) as u16;
        let place = Rect {
            y: rect.y + self.y,
            height: rows,
            ..rect
        };
        let sources = self.rows.chunks_exact(row_length);
        for (row, source) in framebuffer.rows_mut(place).zip(sources) {
            pixels.row(row, source);
        }
        let drawn = usize::from(rows) * row_length;
        self.rows.copy_within(drawn..self.held, 0);
        self.held -= drawn;
        self.y += rows;
    }
}
