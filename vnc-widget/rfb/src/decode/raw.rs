//! Raw (RFC 6143, section 7.7.1): rows of pixels, top first.

use super::{Piece, Progress, pixels::copy_opaque};
use crate::{
    framebuffer::{Framebuffer, Pixel},
    rect::Rect,
};

/// Hands out whole rows as they arrive, so that a large rectangle need not be held.
#[derive(Debug)]
pub(crate) struct Reader {
    rect: Rect,
    rows_done: u16,
}

impl Reader {
    pub(crate) fn new(rect: Rect) -> Self {
        Self { rect, rows_done: 0 }
    }

    pub(crate) fn next(&mut self, input: &[u8]) -> Progress {
        let row = usize::from(self.rect.width) * size_of::<Pixel>();
        let rows_left = self.rect.height - self.rows_done;
        // Rows of no width are all there.
        let rows_here = input.len().checked_div(row).unwrap_or(usize::MAX);
        let rows = rows_here.min(rows_left.into()) as u16;
        if rows == 0 && rows_left > 0 {
            return Progress::Need(row);
        }
        let piece = Piece {
            rect: Rect {
                y: self.rect.y + self.rows_done,
                height: rows,
                ..self.rect
            },
            length: usize::from(rows) * row,
            first: self.rows_done == 0,
            last: rows == rows_left,
        };
        self.rows_done += rows;
        Progress::Piece(piece)
    }
}

/// Copies pixels; their fourth byte, whatever it is, becomes 255.
pub(crate) fn decode(rect: Rect, bytes: &[u8], framebuffer: &mut Framebuffer) {
    let pixels: &[Pixel] = bytes.as_chunks().0;
    let source_rows = pixels.chunks_exact(usize::from(rect.width).max(1));
    for (row, source) in framebuffer.rows_mut(rect).zip(source_rows) {
        copy_opaque(row, source);
    }
}
