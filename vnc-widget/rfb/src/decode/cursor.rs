//! The Cursor pseudo-encoding (RFC 6143, section 7.8.1): pixels, then a bit mask.

use super::colours::Colours;
use crate::{
    error::{Error, Result},
    event::Cursor,
    framebuffer::Pixel,
    rect::Rect,
};

/// The largest side of a pointer's picture.
const MAX_SIDE: u16 = 1024;

/// The bytes of a cursor whose pixels have `pixel_length` bytes.
pub(crate) fn length(rect: Rect, pixel_length: usize) -> Result<usize> {
    if rect.width > MAX_SIDE || rect.height > MAX_SIDE {
        return Err(Error::protocol(
            "a cursor",
            format!("{} × {} pixels", rect.width, rect.height),
        ));
    }
    let row = usize::from(rect.width) * pixel_length + mask_bytes(rect);
    Ok(usize::from(rect.height) * row)
}

/// Bytes of a row of the mask.
fn mask_bytes(rect: Rect) -> usize {
    usize::from(rect.width).div_ceil(8)
}

/// Makes a picture of `length(rect, …)` bytes; the rectangle's place is the hotspot. `None` if there
/// is nothing to see.
pub(crate) fn decode(rect: Rect, bytes: &[u8], colours: &Colours) -> Option<Cursor> {
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
    if pixels.iter().all(|pixel| pixel[3] == 0) {
        return None;
    }
    Some(Cursor {
        width: rect.width,
        height: rect.height,
        // A hotspot outside the picture points at nothing.
        hotspot_x: rect.x.min(rect.width - 1),
        hotspot_y: rect.y.min(rect.height - 1),
        pixels,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pixel_format::PixelFormat;

    fn length(rect: Rect) -> Result<usize> {
        super::length(rect, 4)
    }

    fn decode(rect: Rect, bytes: &[u8]) -> Option<Cursor> {
        super::decode(rect, bytes, &Colours::new(PixelFormat::BGRX))
    }

    #[test]
    fn the_mask_makes_pixels_transparent() {
        // Nine pixels wide, so that a row of the mask takes two bytes.
        let rect = Rect::new(3, 1, 9, 2);
        let mut bytes = vec![7; 9 * 2 * 4];
        bytes.extend_from_slice(&[0b1000_0000, 0b1000_0000, 0b0000_0001, 0b0111_1111]);
        assert_eq!(length(rect), Ok(bytes.len()));
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
        assert_eq!(length(Rect::new(0, 0, 5, 0)), Ok(0));
        assert_eq!(decode(Rect::new(0, 0, 5, 0), &[]), None);
        assert_eq!(decode(Rect::new(0, 0, 1, 1), &[9, 9, 9, 9, 0]), None);
    }

    #[test]
    fn hotspots_stay_inside_and_sizes_small() {
        let cursor = decode(Rect::new(50, 60, 1, 1), &[9, 9, 9, 9, 0x80]).unwrap();
        assert_eq!((cursor.hotspot_x, cursor.hotspot_y), (0, 0));
        assert!(length(Rect::new(0, 0, 65535, 65535)).is_err());
    }

    #[test]
    fn pixels_of_another_format() {
        let rect = Rect::new(0, 0, 2, 1);
        let colours = Colours::new(PixelFormat::RGB565);
        let bytes = [0x1f, 0, 0, 0xf8, 0b0100_0000];
        assert_eq!(super::length(rect, 2), Ok(bytes.len()));
        let cursor = super::decode(rect, &bytes, &colours).unwrap();
        assert_eq!(cursor.pixels, [[0; 4], [0, 0, 255, 255]]);
    }
}
