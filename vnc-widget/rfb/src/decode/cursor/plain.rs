//! The Cursor pseudo-encoding (RFC 6143, section 7.8.1): pixels, then a bit mask.

use super::{mask_bytes, picture};
use crate::{event::Cursor, framebuffer::Pixel, rect::Rect};

/// The bytes of a cursor.
pub(crate) fn length(rect: Rect) -> usize {
    usize::from(rect.height) * (pixel_bytes(rect) + mask_bytes(rect))
}

/// Bytes of a row of pixels.
fn pixel_bytes(rect: Rect) -> usize {
    usize::from(rect.width) * size_of::<Pixel>()
}

/// Makes a picture of `length(rect)` bytes; the rectangle's place is the hotspot. `None` if there
/// is nothing to see.
pub(crate) fn decode(rect: Rect, bytes: &[u8]) -> Option<Cursor> {
    let (pixels, mask) = bytes.split_at(usize::from(rect.height) * pixel_bytes(rect));
    if pixels.is_empty() {
        return None;
    }
    let mut pixels: Vec<Pixel> = pixels.as_chunks().0.to_vec();
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
}
