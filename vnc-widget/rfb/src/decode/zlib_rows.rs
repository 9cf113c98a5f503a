//! The encoding Zlib (Tridia's; described in the community's RFB specification): rows of pixels over
//! one zlib stream.

use super::{
    Piece,
    chunks::{Chunks, Rows},
    wire::WirePixels,
    zlib::{self, ZlibStream},
};
use crate::{
    error::Result,
    framebuffer::{Framebuffer, Pixel},
};

const DURING: &str = "a Zlib rectangle";

/// Inflates and draws.
#[derive(Debug, Default)]
pub(crate) struct Decoder {
    stream: ZlibStream,
    chunks: Chunks,
    /// Rows that have been drawn.
    done: u16,
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
            self.done = 0;
        }
        let rows = Rows {
            rect: piece.rect,
            row_length: usize::from(piece.rect.width) * P::LENGTH,
            done: &mut self.done,
            framebuffer,
            draw: |source: &[u8], row: &mut [Pixel]| pixels.row(row, source),
        };
        let data = zlib::data(piece, bytes);
        self.chunks
            .inflate(DURING, &mut self.stream, piece, data, rows)
    }
}
