//! Tight (TightVNC; described in the community's RFB specification): a colour, JPEG, or pixels that
//! went through a filter and one of four zlib streams. And `TightPNG`, which adds PNG.

mod gradient;
mod header;
mod jpeg;
mod picture;
mod png;

use super::{
    Piece, Progress,
    chunks::{Chunks, Rows},
    colours::Colours,
    pixels::{expand_bits, expand_bytes},
    wire::WirePixels,
    zlib::ZlibStream,
};
use crate::{
    bytes::Bytes,
    error::{Error, Result},
    framebuffer::{BLACK, Framebuffer, Pixel},
    rect::Rect,
};
use gradient::Gradient;
use header::{Agreed, Body, Data, Filter, Header};
use picture::Picture;

const DURING: &str = "a Tight rectangle";

/// Finds the end of a rectangle: its length is bounded by the format, at 4 MiB and a header.
#[derive(Debug)]
pub(crate) struct Reader {
    rect: Rect,
    agreed: Agreed,
}

impl Reader {
    pub(super) fn new(rect: Rect, pixel_length: usize, png: bool) -> Self {
        Self {
            rect,
            agreed: Agreed { pixel_length, png },
        }
    }

    pub(super) fn next(&self, input: &[u8]) -> Result<Progress> {
        let mut bytes = Bytes::new(input);
        let Some(header) = Header::read(self.rect, self.agreed, &mut bytes)? else {
            return Ok(Progress::Need(input.len() + 1));
        };
        let length = input.len() - bytes.remaining() + header.data_length();
        Ok(if length > input.len() {
            Progress::Need(length)
        } else {
            Progress::Piece(Piece::whole(self.rect, length))
        })
    }
}

/// Draws rectangles.
#[derive(Debug, Default)]
pub(crate) struct Decoder {
    streams: [ZlibStream; 4],
    chunks: Chunks,
    gradient: Gradient,
    picture: Picture,
}

impl Decoder {
    pub(super) fn decode<P: WirePixels>(
        &mut self,
        rect: Rect,
        png: bool,
        bytes: &[u8],
        pixels: P,
        colours: &Colours,
        framebuffer: &mut Framebuffer,
    ) -> Result<()> {
        let mut bytes = Bytes::new(bytes);
        let agreed = Agreed {
            pixel_length: P::LENGTH,
            png,
        };
        let Some(header) = Header::read(rect, agreed, &mut bytes)? else {
            return Err(Error::protocol(DURING, "the header is cut off"));
        };
        let data = bytes.take(header.data_length()).unwrap_or_default();
        for (stream, zlib) in self.streams.iter_mut().enumerate() {
            if header.resets & (1 << stream) != 0 {
                zlib.reset();
            }
        }
        match header.body {
            Body::Fill(pixel) => {
                let pixel = pixels.take(&mut Bytes::new(pixel)).unwrap_or(BLACK);
                framebuffer.fill(rect, pixel);
                Ok(())
            }
            Body::Jpeg(_) => jpeg::decode(rect, data, &mut self.picture, framebuffer),
            Body::Png(_) => png::decode(rect, data, &mut self.picture, framebuffer),
            Body::Basic {
                filter,
                data: kind,
                stream,
            } => {
                let zlib = match kind {
                    Data::Plain(_) => None,
                    Data::Zlib(_) => Some(stream),
                };
                self.basic(rect, &filter, zlib, data, pixels, colours, framebuffer)
            }
        }
    }

    /// Draws filtered pixels, inflating them first if they come from a stream.
    #[allow(
        clippy::too_many_arguments,
        reason = "a rectangle, its data and where it goes"
    )]
    fn basic<P: WirePixels>(
        &mut self,
        rect: Rect,
        filter: &Filter<'_>,
        stream: Option<usize>,
        data: &[u8],
        pixels: P,
        colours: &Colours,
        framebuffer: &mut Framebuffer,
    ) -> Result<()> {
        let row_length = filter.row_length(rect, P::LENGTH);
        if rect.is_empty() {
            return Ok(());
        }
        let mut palette = [BLACK; 256];
        match *filter {
            Filter::Copy => {}
            Filter::Palette(count, source) => pixels.row(&mut palette[..count], source),
            Filter::Gradient => self.gradient.start(rect.width, colours)?,
        }
        let mut draw = |source: &[u8], row: &mut [Pixel]| match filter {
            Filter::Copy => pixels.row(row, source),
            Filter::Palette(0..=2, _) => expand_bits(row, source, [palette[0], palette[1]]),
            Filter::Palette(..) => expand_bytes(row, source, &palette),
            Filter::Gradient => self.gradient.row(source, row),
        };
        let Some(stream) = stream else {
            if data.len() < row_length * usize::from(rect.height) {
                return Err(Error::protocol(DURING, "too little data"));
            }
            let sources = data.chunks_exact(row_length);
            for (row, source) in framebuffer.rows_mut(rect).zip(sources) {
                draw(source, row);
            }
            return Ok(());
        };
        let rows = Rows {
            rect,
            row_length,
            done: &mut 0,
            framebuffer,
            draw,
        };
        let zlib = &mut self.streams[stream];
        let piece = Piece::whole(rect, data.len());
        self.chunks.inflate(DURING, zlib, &piece, data, rows)
    }
}
