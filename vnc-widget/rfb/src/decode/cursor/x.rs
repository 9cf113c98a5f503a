//! The X Cursor pseudo-encoding (-240): two colours, which pixels have the first, which are opaque.

use super::{mask_bytes, picture};
use crate::{event::Cursor, framebuffer::Pixel, rect::Rect};

/// Red, green and blue of the foreground and of the background.
const COLOURS: usize = 6;

pub(super) fn length(rect: Rect) -> usize {
    match usize::from(rect.height) * mask_bytes(rect) {
        0 => 0,
        mask => COLOURS + 2 * mask,
    }
}

pub(super) fn decode(rect: Rect, bytes: &[u8]) -> Option<Cursor> {
    let (colours, bits) = bytes.split_first_chunk::<COLOURS>()?;
    let &[red, green, blue, back_red, back_green, back_blue] = colours;
    let front: Pixel = [blue, green, red, 255];
    let back: Pixel = [back_blue, back_green, back_red, 255];
    let (shape, mask) = bits.split_at(bits.len() / 2);
    let stride = mask_bytes(rect);
    let is_set = |bits: &[u8], column: usize| bits[column / 8] & (0x80 >> (column % 8)) != 0;
    let rows = shape.chunks_exact(stride).zip(mask.chunks_exact(stride));
    let pixels = rows
        .flat_map(|(shape, mask)| {
            (0..usize::from(rect.width)).map(move |column| {
                if !is_set(mask, column) {
                    [0; 4]
                } else if is_set(shape, column) {
                    front
                } else {
                    back
                }
            })
        })
        .collect();
    picture(rect, pixels)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_colours_and_transparency() {
        let rect = Rect::new(1, 0, 9, 1);
        let bytes = [1, 2, 3, 4, 5, 6, 0b1000_0000, 0x80, 0b1100_0000, 0x80];
        assert_eq!(length(rect), bytes.len());
        let cursor = decode(rect, &bytes).unwrap();
        assert_eq!(cursor.pixels[0], [3, 2, 1, 255]);
        assert_eq!(cursor.pixels[1], [6, 5, 4, 255]);
        assert_eq!(cursor.pixels[2], [0; 4]);
        assert_eq!(cursor.pixels[8], [3, 2, 1, 255]);
        assert_eq!(cursor.hotspot_x, 1);
    }

    #[test]
    fn an_empty_one_has_no_colours_either() {
        for rect in [
            Rect::new(0, 0, 0, 0),
            Rect::new(0, 0, 3, 0),
            Rect::new(0, 0, 0, 3),
        ] {
            assert_eq!(length(rect), 0);
            assert_eq!(decode(rect, &[]), None);
        }
    }
}
