//! JPEG pictures in Tight rectangles.

use zune_core::{colorspace::ColorSpace, options::DecoderOptions};
use zune_jpeg::JpegDecoder;

use super::DURING;
use crate::{
    decode::pixels::copy_opaque,
    error::{Error, Result},
    framebuffer::Framebuffer,
    rect::Rect,
};

/// The largest picture, in pixels. Tight rectangles are at most 2048 wide, and servers send far
/// smaller ones.
const MAX_PIXELS: u64 = 2048 * 2048;

/// Decodes pictures into memory of its own, then copies them: the JPEG library wants a picture's
/// rows without gaps.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    picture: Vec<u8>,
}

impl Decoder {
    pub(super) fn decode(
        &mut self,
        rect: Rect,
        data: &[u8],
        framebuffer: &mut Framebuffer,
    ) -> Result<()> {
        let damaged = |problem: String| Error::protocol(DURING, problem);
        if rect.area() > MAX_PIXELS {
            return Err(damaged(format!(
                "a JPEG picture of {} × {} pixels",
                rect.width, rect.height
            )));
        }
        let (width, height) = (usize::from(rect.width), usize::from(rect.height));
        let options = DecoderOptions::new_fast()
            .set_max_width(width)
            .set_max_height(height)
            .jpeg_set_out_colorspace(ColorSpace::BGRA);
        let mut decoder = JpegDecoder::new_with_options(data, options);
        decoder
            .decode_headers()
            .map_err(|error| damaged(format!("damaged JPEG data ({error})")))?;
        if decoder.dimensions() != Some((width, height)) {
            return Err(damaged("a JPEG picture of another size".to_owned()));
        }
        let length = width * height * 4;
        if decoder.output_buffer_size() != Some(length) {
            return Err(damaged("a JPEG picture of unknown colours".to_owned()));
        }
        if self.picture.len() < length {
            self.picture.resize(length, 0);
        }
        let picture = &mut self.picture[..length];
        decoder
            .decode_into(picture)
            .map_err(|error| damaged(format!("damaged JPEG data ({error})")))?;
        let source_rows = picture.chunks_exact(width * 4);
        for (row, source) in framebuffer.rows_mut(rect).zip(source_rows) {
            copy_opaque(row, source.as_chunks().0);
        }
        Ok(())
    }
}
