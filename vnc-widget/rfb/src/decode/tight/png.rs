//! PNG pictures in `TightPNG` rectangles.

use std::io::Cursor;

use png::{BitDepth, ColorType, Decoder, Limits, Transformations};

use super::{DURING, picture::Picture};
use crate::{
    decode::pixels::{expand_rgb, from_rgb},
    error::{Error, Result},
    framebuffer::{Framebuffer, Pixel},
    rect::Rect,
};

/// Memory for everything in a picture's file but its pixels.
const LIMIT: usize = 1 << 20;

/// Draws a picture, which has the size of the rectangle. What is transparent in it is not.
pub(super) fn decode(
    rect: Rect,
    data: &[u8],
    picture: &mut Picture,
    framebuffer: &mut Framebuffer,
) -> Result<()> {
    let damaged =
        |error: png::DecodingError| Error::protocol(DURING, format!("damaged PNG data ({error})"));
    Picture::check(rect)?;
    let limits = Limits {
        bytes: LIMIT + usize::from(rect.width) * 32,
    };
    let mut decoder = Decoder::new_with_limits(Cursor::new(data), limits);
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    decoder.set_transformations(Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().map_err(damaged)?;
    if reader.info().size() != (rect.width.into(), rect.height.into()) {
        return Err(Error::protocol(DURING, "a PNG picture of another size"));
    }
    let (colours, depth) = reader.output_color_type();
    let samples = match (colours, depth) {
        (ColorType::Grayscale, BitDepth::Eight) => 1,
        (ColorType::GrayscaleAlpha, BitDepth::Eight) => 2,
        (ColorType::Rgb, BitDepth::Eight) => 3,
        (ColorType::Rgba, BitDepth::Eight) => 4,
        _ => return Err(Error::protocol(DURING, "a PNG picture of unknown colours")),
    };
    let room = picture.room(rect, samples)?;
    reader.next_frame(room).map_err(damaged)?;
    let source_rows = room.chunks_exact(usize::from(rect.width) * samples);
    for (row, source) in framebuffer.rows_mut(rect).zip(source_rows) {
        match colours {
            ColorType::Rgb => expand_rgb(row, source),
            ColorType::Rgba => each(row, source, |[red, green, blue, _]| [red, green, blue]),
            ColorType::GrayscaleAlpha => each(row, source, |[gray, _]| [gray; 3]),
            _ => each(row, source, |[gray]| [gray; 3]),
        }
    }
    picture.done();
    Ok(())
}

fn each<const N: usize>(row: &mut [Pixel], source: &[u8], rgb: impl Fn([u8; N]) -> [u8; 3]) {
    for (pixel, &sample) in row.iter_mut().zip(source.as_chunks().0) {
        *pixel = from_rgb(rgb(sample));
    }
}
