//! The Cursor pseudo-encoding (RFC 6143, section 7.8.1): pixels, then a bit mask.

use super::{mask_bytes, picture};
use crate::{decode::colours::Colours, event::Cursor, framebuffer::Pixel, rect::Rect};

/// The bytes of a cursor.
pub(crate) fn length(rect: Rect, colours: &Colours) -> usize {
    let row = usize::from(rect.width) * colours.lengths().pixel + mask_bytes(rect);
    usize::from(rect.height) * row
}

/// Makes a picture of `length(rect, colours)` bytes; the rectangle's place is the hotspot. `None` if there
/// is nothing to see.
pub(crate) fn decode(rect: Rect, colours: &Colours, bytes: &[u8]) -> Option<Cursor> {
    let count = rect.area() as usize;
    let (source, mask) = bytes.split_at_checked(count * colours.lengths().pixel)?;
    if source.is_empty() {
        return None;
    }
    let mut pixels: Vec<Pixel> = vec![[0; 4]; count];
    colours.row(&mut pixels, source);
    let rows = pixels.chunks_exact_mut(rect.width.into());
    for (row, mask) in rows.zip(mask.chunks_exact(mask_bytes(rect))) {
        for (column, pixel) in row.iter_mut().enumerate() {
            if mask[column / 8] & (0x80 >> (column % 8)) == 0 {
                *pixel = [0; 4];
            } else {
                pixel[3] = 255;
            }
        }
    }
    picture(rect, pixels)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pixel_format::PixelFormat;

    fn length(rect: Rect) -> usize {
        super::length(rect, &Colours::new(PixelFormat::BGRX))
    }

    fn decode(rect: Rect, bytes: &[u8]) -> Option<Cursor> {
        super::decode(rect, &Colours::new(PixelFormat::BGRX), bytes)
    }

    #[test]
    fn the_mask_makes_pixels_transparent() {
        // Nine pixels wide, so that a row of the mask takes two bytes.
        let rect = Rect::new(3, 1, 9, 2);
        let mut bytes = vec![7; 9 * 2 * 4];
        bytes.extend_from_slice(&[0b1000_0000, 0b1000_0000, 0b0000_0001, 0b0111_1111]);
        assert_eq!(length(rect), bytes.len());
        let cursor = decode(rect, &bytes).unwrap();
        assert_eq!((cursor.hotspot_x, cursor.hotspot_y), (3, 1));
        let visible: Vec<usize> = (0..18).filter(|&i| cursor.pixels[i][3] == 255).collect();
        assert_eq!(visible, [0, 8, 9 + 7]);
        assert_eq!(cursor.pixels[0], [7, 7, 7, 255]);
        assert_eq!(cursor.pixels[1], [0; 4]);
    }

    #[test]
    fn no_pixels_no_cursor() {
        assert_eq!(decode(Rect::new(0, 0, 0, 0), &[]), None);
        assert_eq!(length(Rect::new(0, 0, 5, 0)), 0);
        assert_eq!(decode(Rect::new(0, 0, 5, 0), &[]), None);
        assert_eq!(decode(Rect::new(0, 0, 1, 1), &[9, 9, 9, 9, 0]), None);
    }

    #[test]
    fn pixels_of_another_format() {
        let rect = Rect::new(0, 0, 2, 1);
        let colours = Colours::new(PixelFormat::RGB565);
        let bytes = [0x1f, 0, 0, 0xf8, 0b0100_0000];
        assert_eq!(super::length(rect, &colours), bytes.len());
        let cursor = super::decode(rect, &colours, &bytes).unwrap();
        assert_eq!(cursor.pixels, [[0; 4], [0, 0, 255, 255]]);
    }
}
