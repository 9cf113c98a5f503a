//! The forms of pixels on the wire. Decoders are compiled once for each of them, and one is picked for
//! a whole piece of a rectangle: inside their loops there is nothing left to decide.

use super::{
    colours::{Meaning, mapped},
    pixels::{copy_opaque, expand_bgr, expand_bytes, expand_rgb, from_bgr, from_rgb},
};
use crate::{bytes::Bytes, framebuffer::Pixel};

/// Pixels of one form.
pub(super) trait WirePixels: Copy {
    /// Bytes of a pixel.
    const LENGTH: usize;

    /// Takes one off the front.
    fn take(self, bytes: &mut Bytes<'_>) -> Option<Pixel>;

    /// Draws a row, as far as the source goes.
    fn row(self, row: &mut [Pixel], source: &[u8]);
}

/// A form of pixels: the one that is asked for by default, or one of those that are read with
/// tables and arithmetic.
#[derive(Debug, Clone, Copy)]
pub(super) enum Wire<'a, F> {
    Fast(F),
    One(Table<'a>),
    Two(Wide<'a, 2>),
    Three(Wide<'a, 3>),
    Four(Wide<'a, 4>),
}

/// Evaluates an expression for whichever form it is, with the pixels under a name.
macro_rules! with_pixels {
    ($wire:expr, $pixels:ident => $body:expr) => {
        match $wire {
            Wire::Fast($pixels) => $body,
            Wire::One($pixels) => $body,
            Wire::Two($pixels) => $body,
            Wire::Three($pixels) => $body,
            Wire::Four($pixels) => $body,
        }
    };
}
pub(super) use with_pixels;

/// Four bytes: blue, green, red, and one that means nothing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bgrx;

/// Three bytes: blue, green, red.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bgr;

/// Three bytes: red, green, blue.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rgb;

/// One byte, an index into all the colours there are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Table<'a>(&'a [Pixel; 256]);

/// A number of `N` bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wide<'a, const N: usize> {
    big_endian: bool,
    meaning: &'a Meaning,
}

impl<'a> Table<'a> {
    pub(super) fn new(colours: &'a [Pixel; 256]) -> Self {
        Self(colours)
    }
}

impl<'a, const N: usize> Wide<'a, N> {
    pub(super) fn new(big_endian: bool, meaning: &'a Meaning) -> Self {
        Self {
            big_endian,
            meaning,
        }
    }
}

impl WirePixels for Bgrx {
    const LENGTH: usize = 4;

    #[inline]
    fn take(self, bytes: &mut Bytes<'_>) -> Option<Pixel> {
        let &[blue, green, red, _] = bytes.array()?;
        Some([blue, green, red, 255])
    }

    #[inline]
    fn row(self, row: &mut [Pixel], source: &[u8]) {
        copy_opaque(row, source.as_chunks().0);
    }
}

impl WirePixels for Bgr {
    const LENGTH: usize = 3;

    #[inline]
    fn take(self, bytes: &mut Bytes<'_>) -> Option<Pixel> {
        bytes.array().copied().map(from_bgr)
    }

    #[inline]
    fn row(self, row: &mut [Pixel], source: &[u8]) {
        expand_bgr(row, source);
    }
}

impl WirePixels for Rgb {
    const LENGTH: usize = 3;

    #[inline]
    fn take(self, bytes: &mut Bytes<'_>) -> Option<Pixel> {
        bytes.array().copied().map(from_rgb)
    }

    #[inline]
    fn row(self, row: &mut [Pixel], source: &[u8]) {
        expand_rgb(row, source);
    }
}

impl WirePixels for Table<'_> {
    const LENGTH: usize = 1;

    #[inline]
    fn take(self, bytes: &mut Bytes<'_>) -> Option<Pixel> {
        bytes.u8().map(|byte| self.0[usize::from(byte)])
    }

    #[inline]
    fn row(self, row: &mut [Pixel], source: &[u8]) {
        expand_bytes(row, source, self.0);
    }
}

impl<const N: usize> WirePixels for Wide<'_, N> {
    const LENGTH: usize = N;

    #[inline]
    fn take(self, bytes: &mut Bytes<'_>) -> Option<Pixel> {
        let bytes = bytes.array::<N>()?;
        let value = if self.big_endian {
            big_endian(bytes)
        } else {
            little_endian(bytes)
        };
        Some(match self.meaning {
            Meaning::True(colours) => colours.pixel(value),
            Meaning::Map(map) => mapped(map, value),
        })
    }

    fn row(self, row: &mut [Pixel], source: &[u8]) {
        // A loop for each combination: there is nothing left to decide in it.
        match (self.meaning, self.big_endian) {
            (Meaning::True(colours), false) => {
                each::<N>(row, source, |bytes| colours.pixel(little_endian(bytes)));
            }
            (Meaning::True(colours), true) => {
                each::<N>(row, source, |bytes| colours.pixel(big_endian(bytes)));
            }
            (Meaning::Map(map), false) => {
                each::<N>(row, source, |bytes| mapped(map, little_endian(bytes)));
            }
            (Meaning::Map(map), true) => {
                each::<N>(row, source, |bytes| mapped(map, big_endian(bytes)));
            }
        }
    }
}

#[inline]
fn each<const N: usize>(row: &mut [Pixel], source: &[u8], pixel: impl Fn(&[u8; N]) -> Pixel) {
    for (to, from) in row.iter_mut().zip(source.as_chunks().0) {
        *to = pixel(from);
    }
}

#[inline]
pub(super) fn little_endian(bytes: &[u8]) -> u32 {
    let number = |value, &byte| value << 8 | u32::from(byte);
    bytes.iter().rev().fold(0, number)
}

#[inline]
pub(super) fn big_endian(bytes: &[u8]) -> u32 {
    let number = |value, &byte| value << 8 | u32::from(byte);
    bytes.iter().fold(0, number)
}
