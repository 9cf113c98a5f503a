//! Raw (RFC 6143, section 7.7.1): rows of pixels, top first.

use super::{Piece, Progress, wire::WirePixels};
use crate::{framebuffer::Framebuffer, rect::Rect};

/// Hands out whole rows as they arrive, so that a large rectangle need not be held.
#[derive(Debug)]
pub(crate) struct Reader {
    rect: Rect,
    pixel_length: usize,
    rows_done: u16,
}

impl Reader {
    pub(crate) fn new(rect: Rect, pixel_length: usize) -> Self {
        Self {
            rect,
            pixel_length,
            rows_done: 0,
        }
    }

    pub(crate) fn next(&mut self, input: &[u8]) -> Progress {
        let row = usize::from(self.rect.width) * self.pixel_length;
        let rows_left = self.rect.height - self.rows_done;
        // Rows of no width are all there.
        let rows_here = input.len().checked_div(row).unwrap_or(usize::MAX);
        let rows = rows_here.min(rows_left.into()) as u16;
        if rows == 0 && rows_left > 0 {
            return Progress::Need(row);
        }
        let rect = Rect {
            y: self.rect.y + self.rows_done,
            height: rows,
            ..self.rect
        };
        let piece = Piece {
            rect,
            work: rect.area(),
            length: usize::from(rows) * row,
            first: self.rows_done == 0,
            last: rows == rows_left,
        };
        self.rows_done += rows;
        Progress::Piece(piece)
    }
}

/// Draws pixels; a fourth byte of them, whatever it is, becomes 255.
pub(super) fn decode<P: WirePixels>(
    rect: Rect,
    bytes: &[u8],
    pixels: P,
    framebuffer: &mut Framebuffer,
) {
    let source_rows = bytes.chunks_exact((usize::from(rect.width) * P::LENGTH).max(1));
    for (row, source) in framebuffer.rows_mut(rect).zip(source_rows) {
        pixels.row(row, source);
    }
}
