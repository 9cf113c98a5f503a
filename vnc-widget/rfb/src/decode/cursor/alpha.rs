//! The Cursor With Alpha pseudo-encoding (-314): the number of an encoding, then pixels of four
//! bytes in it, colours multiplied by alpha.
//!
//! Servers differ from each other. TigerVNC's sends red first, QEMU blue, and QEMU before 10.1 does
//! not multiply. All send raw pixels, and other encodings are refused.

use super::picture;
use crate::{
    bytes::Bytes,
    error::{Error, Result},
    event::Cursor,
    framebuffer::Pixel,
    rect::Rect,
};

/// The number of the encoding.
const HEADER: usize = 4;
/// The one that is known.
const RAW: i32 = 0;

/// The order of bytes in a pixel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Order {
    /// Red, green, blue, alpha.
    #[default]
    Rgba,
    /// Blue, green, red, alpha.
    Bgra,
}

pub(super) fn length(rect: Rect, input: &[u8]) -> Result<usize> {
    match Bytes::new(input).i32() {
        None => Ok(HEADER),
        Some(RAW) => Ok(HEADER + rect.area() as usize * size_of::<Pixel>()),
        Some(other) => Err(Error::protocol(
            "a cursor",
            format!("its pixels are in encoding {other}, and only raw ones (0) are known"),
        )),
    }
}

pub(super) fn decode(rect: Rect, order: Order, bytes: &[u8]) -> Option<Cursor> {
    let (_, bytes) = bytes.split_first_chunk::<HEADER>()?;
    pixels(rect, order, bytes)
}

/// Raw pixels as a cursor.
pub(super) fn pixels(rect: Rect, order: Order, bytes: &[u8]) -> Option<Cursor> {
    let mut pixels: Vec<Pixel> = bytes.as_chunks().0.to_vec();
    if order == Order::Rgba {
        for pixel in &mut pixels {
            pixel.swap(0, 2);
        }
    }
    // A colour stronger than its alpha cannot have been multiplied by it.
    let multiplied = pixels
        .iter()
        .all(|&[blue, green, red, alpha]| blue.max(green).max(red) <= alpha);
    if multiplied {
        pixels.iter_mut().for_each(divide);
    }
    picture(rect, pixels)
}

/// Takes alpha out of the colours.
fn divide(pixel: &mut Pixel) {
    let [colours @ .., alpha] = pixel;
    let alpha = u32::from(*alpha);
    for colour in colours {
        // Not more than 255, for no colour is above its alpha.
        let value = (u32::from(*colour) * 255 + alpha / 2).checked_div(alpha);
        *colour = value.unwrap_or(0).min(255) as u8;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alpha_is_taken_out() {
        let rect = Rect::new(0, 0, 3, 1);
        let bytes = [0, 0, 0, 0, 64, 32, 0, 64, 255, 0, 1, 255, 0, 0, 0, 0];
        assert_eq!(length(rect, &bytes), Ok(bytes.len()));
        let cursor = decode(rect, Order::Rgba, &bytes).unwrap();
        assert_eq!(
            cursor.pixels,
            [[0, 128, 255, 64], [1, 0, 255, 255], [0, 0, 0, 0]]
        );
        let cursor = decode(rect, Order::Bgra, &bytes).unwrap();
        assert_eq!(cursor.pixels[0], [255, 128, 0, 64]);
    }

    #[test]
    fn what_was_not_multiplied_is_left() {
        let rect = Rect::new(0, 0, 1, 1);
        let cursor = pixels(rect, Order::Bgra, &[200, 10, 30, 100]).unwrap();
        assert_eq!(cursor.pixels, [[200, 10, 30, 100]]);
    }

    #[test]
    fn other_encodings_are_named() {
        let one = Rect::new(0, 0, 1, 1);
        assert_eq!(length(one, &[0; 3]), Ok(4));
        let error = length(one, &[0, 0, 0, 7]).unwrap_err();
        assert!(error.to_string().contains("encoding 7"));
        assert_eq!(decode(Rect::new(0, 0, 0, 0), Order::Rgba, &[0; 4]), None);
    }
}
