//! From pixels as a server sends them to those of the framebuffer.
//!
//! A pixel has up to three forms on the wire: as it is (PIXEL), compact (CPIXEL, of TRLE and ZRLE)
//! and that of Tight (TPIXEL). [`Colours`] knows what each means in the format that was agreed on,
//! and names it as a [`Wire`].

use super::wire::{Bgr, Bgrx, Rgb, Table, Wide, Wire, WirePixels, with_pixels};
use crate::{
    framebuffer::{BLACK, Pixel},
    pixel_format::{Compact, PixelFormat, PixelLengths, mask},
};

/// An index beyond the map is black, as in a map of which nothing was told yet.
#[inline]
pub(super) fn mapped(map: &[Pixel], index: u32) -> Pixel {
    map.get(index as usize).copied().unwrap_or(BLACK)
}

/// What the value of a pixel means.
#[derive(Debug)]
pub(super) enum Meaning {
    True(TrueColour),
    Map(Vec<Pixel>),
}

/// Red, green and blue in the bits of a number.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct TrueColour {
    shift: [u32; 3],
    mask: [u32; 3],
    pub(super) max: [u32; 3],
    /// What a value is multiplied with to become one of 0 to 255, in units of 2^-24.
    scale: [u32; 3],
}

impl TrueColour {
    /// `dropped`: the bits at the lower end that are not sent.
    fn new(format: &PixelFormat, dropped: u8) -> Self {
        let mut colours = Self::default();
        for channel in 0..3 {
            let max = format.max[channel];
            // A colour that lies outside the pixel is always zero.
            let shift = u32::from(format.shift[channel].wrapping_sub(dropped));
            if max > 0 && shift < 32 {
                let max_value = u32::from(max);
                colours.shift[channel] = shift;
                colours.mask[channel] = mask(max);
                colours.max[channel] = max_value;
                colours.scale[channel] = ((255 << 24) + max_value / 2) / max_value;
            }
        }
        colours
    }

    /// Red, green and blue as they were sent.
    #[inline]
    pub(super) fn channels(&self, value: u32) -> [u32; 3] {
        std::array::from_fn(|channel| value >> self.shift[channel] & self.mask[channel])
    }

    /// A value as far as its bits go.
    #[inline]
    pub(super) fn wrapped(&self, channel: usize, value: u32) -> u32 {
        value & self.mask[channel]
    }

    /// The pixel of these values; those above the largest count as that.
    #[inline]
    pub(super) fn scaled(&self, channels: [u32; 3]) -> Pixel {
        let [red, green, blue] = std::array::from_fn(|channel| {
            let value = channels[channel].min(self.max[channel]);
            ((value * self.scale[channel] + (1 << 23)) >> 24) as u8
        });
        [blue, green, red, 255]
    }

    #[inline]
    pub(super) fn pixel(&self, value: u32) -> Pixel {
        self.scaled(self.channels(value))
    }
}

/// The colours of a connection.
#[derive(Debug)]
pub(crate) struct Colours {
    format: PixelFormat,
    lengths: PixelLengths,
    pixel: Meaning,
    compact: Meaning,
    /// Whether the forms are those that are asked for by default.
    pixel_is_bgrx: bool,
    compact_is_bgr: bool,
    tight_is_rgb: bool,
    /// All colours, where a pixel is one byte.
    table: Box<[Pixel; 256]>,
}

impl Colours {
    /// Of a format in which pixels have whole bytes, one to four.
    pub(crate) fn new(format: PixelFormat) -> Self {
        let meaning = |dropped| {
            if format.true_colour {
                Meaning::True(TrueColour::new(&format, dropped))
            } else {
                // The protocol has no way to name an index beyond 16 bits.
                Meaning::Map(vec![BLACK; 1 << format.bits_per_pixel.min(16)])
            }
        };
        let eight_bits = |shift| {
            let PixelFormat {
                true_colour,
                big_endian,
                max,
                ..
            } = format;
            true_colour && !big_endian && max == [255; 3] && format.shift == shift
        };
        let compact = format.compact();
        let mut colours = Self {
            format,
            lengths: format.lengths(),
            pixel: meaning(0),
            compact: meaning(if compact == Compact::High { 8 } else { 0 }),
            pixel_is_bgrx: format.bits_per_pixel == 32 && eight_bits([16, 8, 0]),
            compact_is_bgr: match compact {
                Compact::Low => eight_bits([16, 8, 0]),
                Compact::High => eight_bits([24, 16, 8]),
                Compact::All => false,
            },
            tight_is_rgb: format.tight_is_rgb(),
            table: Box::new([BLACK; 256]),
        };
        colours.fill_table();
        colours
    }

    /// The bytes that pixels take.
    pub(crate) fn lengths(&self) -> PixelLengths {
        self.lengths
    }

    /// PIXEL.
    pub(super) fn pixel(&self) -> Wire<'_, Bgrx> {
        self.wire(
            self.pixel_is_bgrx.then_some(Bgrx),
            self.lengths.pixel,
            &self.pixel,
        )
    }

    /// CPIXEL.
    pub(super) fn compact(&self) -> Wire<'_, Bgr> {
        self.wire(
            self.compact_is_bgr.then_some(Bgr),
            self.lengths.compact,
            &self.compact,
        )
    }

    /// TPIXEL.
    pub(super) fn tight(&self) -> Wire<'_, Rgb> {
        self.wire(
            self.tight_is_rgb.then_some(Rgb),
            self.lengths.tight,
            &self.pixel,
        )
    }

    fn wire<'a, F>(&'a self, fast: Option<F>, length: usize, meaning: &'a Meaning) -> Wire<'a, F> {
        let big_endian = self.format.big_endian;
        match (fast, length) {
            (Some(fast), _) => Wire::Fast(fast),
            (None, 0 | 1) => Wire::One(Table::new(&self.table)),
            (None, 2) => Wire::Two(Wide::new(big_endian, meaning)),
            (None, 3) => Wire::Three(Wide::new(big_endian, meaning)),
            (None, _) => Wire::Four(Wide::new(big_endian, meaning)),
        }
    }

    /// Whether TPIXEL is three bytes: red, green, blue.
    pub(super) fn tight_is_rgb(&self) -> bool {
        self.tight_is_rgb
    }

    /// Draws a row of pixels as they are on the wire, for pictures that are not part of the
    /// framebuffer.
    pub(crate) fn row(&self, row: &mut [Pixel], source: &[u8]) {
        with_pixels!(self.pixel(), pixels => pixels.row(row, source));
    }

    /// Where in a pixel its colours are; `None` with a colour map.
    pub(super) fn true_colour(&self) -> Option<(&TrueColour, bool)> {
        match &self.pixel {
            Meaning::True(colours) => Some((colours, self.format.big_endian)),
            Meaning::Map(_) => None,
        }
    }

    /// Whether pixels are indices into a colour map.
    pub(crate) fn has_map(&self) -> bool {
        matches!(self.pixel, Meaning::Map(_))
    }

    /// Takes entries of the colour map: red, green and blue of 16 bits each, big-endian. Those that
    /// no pixel can name are dropped.
    pub(crate) fn set_map(&mut self, first: usize, entries: &[[u8; 6]]) {
        for meaning in [&mut self.pixel, &mut self.compact] {
            if let Meaning::Map(map) = meaning {
                let places = map.get_mut(first..).unwrap_or_default();
                for (place, &[red, _, green, _, blue, _]) in places.iter_mut().zip(entries) {
                    *place = [blue, green, red, 255];
                }
            }
        }
        self.fill_table();
    }

    fn fill_table(&mut self) {
        for (value, pixel) in (0..).zip(self.table.iter_mut()) {
            *pixel = match &self.pixel {
                Meaning::True(colours) => colours.pixel(value),
                Meaning::Map(map) => mapped(map, value),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::Bytes;

    fn pixel(colours: &Colours, bytes: &[u8]) -> Pixel {
        let mut row = [[0; 4]; 5];
        colours.row(&mut row, &bytes.repeat(5));
        assert_eq!(row, [row[0]; 5]);
        let one = with_pixels!(colours.pixel(), pixels => pixels.take(&mut Bytes::new(bytes)));
        assert_eq!(one, Some(row[0]));
        row[0]
    }

    /// The largest value of a channel is 255, zero is zero, and the rest is rounded.
    #[test]
    fn values_of_any_depth_become_bytes() {
        for max in (1..=300).chain([1023, 4095, 40_000, 65_535]) {
            let format = PixelFormat {
                max: [max; 3],
                shift: [0; 3],
                ..PixelFormat::BGRX
            };
            let colours = TrueColour::new(&format, 0);
            for value in 0..=u32::from(max) {
                let exact = f64::from(value) * 255.0 / f64::from(max);
                let [blue, green, red, 255] = colours.pixel(value) else {
                    panic!("not opaque");
                };
                assert!((f64::from(red) - exact).abs() <= 0.51, "{value} of {max}");
                assert_eq!((red, red), (green, blue));
            }
            assert_eq!(colours.pixel(max.into()), [255; 4]);
        }
    }

    #[test]
    fn formats_of_one_to_four_bytes() {
        let few = Colours::new(PixelFormat::BGR233);
        assert_eq!(pixel(&few, &[0x47]), [85, 0, 255, 255]);
        let little = Colours::new(PixelFormat::RGB565);
        assert_eq!(pixel(&little, &[0x01, 0xf8]), [8, 0, 255, 255]);
        let big = Colours::new(PixelFormat {
            big_endian: true,
            ..PixelFormat::RGB565
        });
        assert_eq!(pixel(&big, &[0xf8, 0x01]), [8, 0, 255, 255]);
        let three = Colours::new(PixelFormat {
            bits_per_pixel: 24,
            ..PixelFormat::BGRX
        });
        assert_eq!(pixel(&three, &[1, 2, 3]), [1, 2, 3, 255]);
        let ten = Colours::new(PixelFormat {
            depth: 30,
            max: [1023; 3],
            shift: [20, 10, 0],
            ..PixelFormat::BGRX
        });
        let value: u32 = 1023 << 20 | 512 << 10 | 4;
        assert_eq!(pixel(&ten, &value.to_le_bytes()), [1, 128, 255, 255]);
        let fast = Colours::new(PixelFormat::BGRX);
        assert!(matches!(fast.pixel(), Wire::Fast(_)));
        assert!(matches!(fast.compact(), Wire::Fast(_)));
        assert!(matches!(fast.tight(), Wire::Fast(_)));
        assert_eq!(pixel(&fast, &[1, 2, 3, 4]), [1, 2, 3, 255]);
    }

    #[test]
    fn compact_forms_of_both_ends() {
        let compact = |format: PixelFormat, bytes: &[u8]| {
            let colours = Colours::new(format);
            let taken =
                with_pixels!(colours.compact(), pixels => pixels.take(&mut Bytes::new(bytes)));
            taken.unwrap_or_default()
        };
        let little = PixelFormat::BGRX;
        let big = PixelFormat {
            big_endian: true,
            ..little
        };
        let high = |format| PixelFormat {
            shift: [24, 16, 8],
            ..format
        };
        assert_eq!(compact(little, &[1, 2, 3]), [1, 2, 3, 255]);
        assert_eq!(compact(high(little), &[1, 2, 3]), [1, 2, 3, 255]);
        assert_eq!(compact(big, &[1, 2, 3]), [3, 2, 1, 255]);
        assert_eq!(compact(high(big), &[1, 2, 3]), [3, 2, 1, 255]);
    }

    #[test]
    fn colours_outside_the_pixel_are_nothing() {
        let colours = Colours::new(PixelFormat {
            max: [0, 255, 255],
            shift: [0, 255, 32],
            ..PixelFormat::BGRX
        });
        assert_eq!(pixel(&colours, &[255; 4]), [0, 0, 0, 255]);
    }

    #[test]
    fn maps_are_black_until_told() {
        for (bits, big_endian, bytes) in [
            (8, false, &[3][..]),
            (16, false, &[3, 0]),
            (16, true, &[0, 3]),
            (32, true, &[0, 0, 0, 3]),
        ] {
            let mut colours = Colours::new(PixelFormat {
                bits_per_pixel: bits,
                depth: 8,
                big_endian,
                true_colour: false,
                ..PixelFormat::BGRX
            });
            assert_eq!(pixel(&colours, bytes), BLACK);
            colours.set_map(2, &[[9; 6], [1, 99, 2, 99, 3, 99]]);
            assert_eq!(pixel(&colours, bytes), [3, 2, 1, 255]);
            colours.set_map(usize::from(u16::MAX), &[[9; 6], [9; 6]]);
            assert_eq!(
                pixel(&colours, &vec![0xff; bytes.len()])[0],
                if bits == 16 { 9 } else { 0 }
            );
        }
    }
}
