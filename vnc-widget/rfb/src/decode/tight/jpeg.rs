//! JPEG pictures in Tight rectangles.

use zune_core::{colorspace::ColorSpace, options::DecoderOptions};
use zune_jpeg::JpegDecoder;

use super::{DURING, picture::Picture};
use crate::{
    decode::pixels::copy_rgba,
    error::{Error, Result},
    framebuffer::Framebuffer,
    rect::Rect,
};

/// Draws a picture, which has the size of the rectangle.
pub(super) fn decode(
    rect: Rect,
    data: &[u8],
    picture: &mut Picture,
    framebuffer: &mut Framebuffer,
) -> Result<()> {
    let damaged = |problem: String| Error::protocol(DURING, problem);
    Picture::check(rect)?;
    let (width, height) = (usize::from(rect.width), usize::from(rect.height));
    // The library has wide instructions for this order only; ours comes with the copy.
    let options = DecoderOptions::new_fast()
        .set_max_width(width)
        .set_max_height(height)
        .jpeg_set_out_colorspace(ColorSpace::RGBA);
    let mut decoder = JpegDecoder::new_with_options(data, options);
    decoder
        .decode_headers()
        .map_err(|error| damaged(format!("damaged JPEG data ({error})")))?;
    if decoder.dimensions() != Some((width, height)) {
        return Err(damaged("a JPEG picture of another size".to_owned()));
    }
    if decoder.output_buffer_size() != Some(width * height * 4) {
        return Err(damaged("a JPEG picture of unknown colours".to_owned()));
    }
    let room = picture.room(rect, 4)?;
    decoder
        .decode_into(room)
        .map_err(|error| damaged(format!("damaged JPEG data ({error})")))?;
    for (row, source) in framebuffer.rows_mut(rect).zip(room.chunks_exact(width * 4)) {
        copy_rgba(row, source.as_chunks().0);
    }
    picture.done();
    Ok(())
}
