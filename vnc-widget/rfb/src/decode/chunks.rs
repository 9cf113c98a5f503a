//! Zlib data of rectangles, inflated and drawn a little at a time.

use super::{Piece, zlib::ZlibStream};
use crate::{
    error::{Error, Result},
    framebuffer::{Framebuffer, Pixel},
    rect::Rect,
};

/// How much is inflated at a time, about: little enough to stay in a processor's cache until it is
/// drawn.
pub(super) const CHUNK: usize = 128 << 10;

/// Draws what has been inflated.
pub(super) trait Target {
    /// How many bytes may wait to be drawn: as many as the rest of the rectangle has, or a chunk. None
    /// when all is drawn.
    fn wants(&self) -> usize;

    /// Draws what is there as a whole, and returns how many bytes it took.
    fn draw(&mut self, inflated: &[u8]) -> Result<usize>;
}

/// Memory for inflated data, and what the last piece of a rectangle left in it.
#[derive(Debug, Default)]
pub(super) struct Chunks {
    bytes: Vec<u8>,
    /// Those from `start` to `end` have not been drawn.
    start: usize,
    end: usize,
}

impl Chunks {
    /// Inflates the data of a piece and draws it, as far as it goes.
    pub(super) fn inflate(
        &mut self,
        during: &'static str,
        stream: &mut ZlibStream,
        piece: &Piece,
        mut data: &[u8],
        mut target: impl Target,
    ) -> Result<()> {
        if piece.first {
            (self.start, self.end) = (0, 0);
        }
        loop {
            let wanted = target.wants();
            if wanted == 0 {
                return stream.finish(during, &mut data);
            }
            self.bytes.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
            if self.bytes.len() < wanted {
                self.bytes.resize(wanted, 0);
            }
            let room = &mut self.bytes[self.end..wanted];
            let inflated = stream.read(during, &mut data, room)?;
            if inflated == 0 {
                break;
            }
            self.end += inflated;
            self.start = target.draw(&self.bytes[..self.end])?;
        }
        if piece.last {
            return Err(Error::protocol(during, "too little zlib data"));
        }
        Ok(())
    }
}

/// Rows of a rectangle, which are all of one length.
pub(super) struct Rows<'a, D> {
    pub(super) rect: Rect,
    /// Bytes of a row.
    pub(super) row_length: usize,
    /// Rows that have been drawn.
    pub(super) done: &'a mut u16,
    pub(super) framebuffer: &'a mut Framebuffer,
    /// Draws one row.
    pub(super) draw: D,
}

impl<D: FnMut(&[u8], &mut [Pixel])> Target for Rows<'_, D> {
    fn wants(&self) -> usize {
        if self.rect.is_empty() {
            return 0;
        }
        let at_once = (CHUNK / self.row_length).max(1);
        at_once.min((self.rect.height - *self.done).into()) * self.row_length
    }

    fn draw(&mut self, inflated: &[u8]) -> Result<usize> {
        // No more than are wanted.
        let count = (inflated.len() / self.row_length) as u16;
        let place = Rect {
            y: self.rect.y + *self.done,
            height: count,
            ..self.rect
        };
        let sources = inflated.chunks_exact(self.row_length);
        for (source, row) in sources.zip(self.framebuffer.rows_mut(place)) {
            (self.draw)(source, row);
        }
        *self.done += count;
        Ok(usize::from(count) * self.row_length)
    }
}
