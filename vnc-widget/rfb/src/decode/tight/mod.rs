//! Tight (TightVNC; described in the community's RFB specification): a colour, JPEG, or pixels that
//! went through a filter and one of four zlib streams.

mod gradient;
mod header;
mod jpeg;

use super::{
    Piece, Progress,
    pixels::{expand_bits, expand_bytes, expand_rgb, from_rgb},
    zlib::ZlibStream,
};
use crate::{
    bytes::Bytes,
    error::{Error, Result},
    framebuffer::{Framebuffer, Pixel},
    rect::Rect,
};
use header::{Body, Data, Filter, Header};

const DURING: &str = "a Tight rectangle";

/// How much is inflated at a time, rounded to rows: small enough to stay in a processor's cache
/// until it is drawn.
const CHUNK: usize = 128 << 10;

/// Finds the end of a rectangle: its length is bounded by the format, at 4 MiB and a header.
pub(crate) fn read(rect: Rect, input: &[u8]) -> Result<Progress> {
    let mut bytes = Bytes::new(input);
    let Some(header) = Header::read(rect, &mut bytes)? else {
        return Ok(Progress::Need(input.len() + 1));
    };
    let length = input.len() - bytes.remaining() + header.data_length();
    Ok(if length > input.len() {
        Progress::Need(length)
    } else {
        Progress::Piece(Piece::whole(rect, length))
    })
}

/// Draws rectangles.
#[derive(Debug, Default)]
pub(crate) struct Decoder {
    streams: [ZlibStream; 4],
    /// Inflated rows that wait to be drawn.
    rows: Vec<u8>,
    gradient: gradient::Gradient,
    jpeg: jpeg::Decoder,
}

impl Decoder {
    pub(crate) fn decode(
        &mut self,
        rect: Rect,
        bytes: &[u8],
        framebuffer: &mut Framebuffer,
    ) -> Result<()> {
        let mut bytes = Bytes::new(bytes);
        let Some(header) = Header::read(rect, &mut bytes)? else {
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
                framebuffer.fill(rect, pixel);
                Ok(())
            }
            Body::Jpeg(_) => self.jpeg.decode(rect, data, framebuffer),
            Body::Basic {
                filter,
                data: kind,
                stream,
            } => {
                let zlib = match kind {
                    Data::Plain(_) => None,
                    Data::Zlib(_) => Some(stream),
                };
                self.basic(rect, &filter, zlib, data, framebuffer)
            }
        }
    }

    /// Draws filtered pixels, inflating them first if they come from a stream.
    fn basic(
        &mut self,
        rect: Rect,
        filter: &Filter<'_>,
        stream: Option<usize>,
        data: &[u8],
        framebuffer: &mut Framebuffer,
    ) -> Result<()> {
        let row_length = filter.row_length(rect);
        if rect.is_empty() {
            return Ok(());
        }
        let mut palette = [crate::framebuffer::BLACK; 256];
        if let Filter::Palette(colours) = filter {
            for (pixel, rgb) in palette.iter_mut().zip(*colours) {
                *pixel = from_rgb(*rgb);
            }
        }
        self.gradient.start(rect.width);
        let mut draw = |source: &[u8], row: &mut [Pixel]| match filter {
            Filter::Copy => expand_rgb(row, source),
            Filter::Palette([] | [_] | [_, _]) => {
                expand_bits(row, source, [palette[0], palette[1]]);
            }
            Filter::Palette(_) => expand_bytes(row, source, &palette),
            Filter::Gradient => self.gradient.row(source, row),
        };
        let mut rows = framebuffer.rows_mut(rect);
        let Some(stream) = stream else {
            for (row, source) in rows.zip(data.chunks_exact(row_length)) {
                draw(source, row);
            }
            return Ok(());
        };
        let zlib = &mut self.streams[stream];
        let mut data = data;
        let rows_at_once = (CHUNK / row_length).max(1);
        let mut rows_left = usize::from(rect.height);
        while rows_left > 0 {
            let now = rows_at_once.min(rows_left);
            let length = now * row_length;
            if self.rows.len() < length {
                self.rows.resize(length, 0);
            }
            let inflated = &mut self.rows[..length];
            zlib.read_exact(DURING, &mut data, inflated)?;
            for (source, row) in inflated.chunks_exact(row_length).zip(&mut rows) {
                draw(source, row);
            }
            rows_left -= now;
        }
        zlib.finish(DURING, &mut data)
    }
}
