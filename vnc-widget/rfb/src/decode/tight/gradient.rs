//! The gradient filter.

use super::DURING;
use crate::{
    decode::{
        colours::{Colours, TrueColour},
        pixels::from_rgb,
        wire::{big_endian, little_endian},
    },
    error::{Error, Result},
    framebuffer::Pixel,
};

/// Each colour of a pixel is predicted as left + above - above left, kept within what the format can
/// hold.
#[derive(Debug, Default)]
pub(super) struct Gradient {
    format: Format,
    /// The row above, red, green, blue; the first where pixels are three bytes, the second elsewhere.
    above: Vec<[u8; 3]>,
    above_wide: Vec<[u32; 3]>,
}

/// How pixels are sent.
#[derive(Debug, Default)]
enum Format {
    /// Red, green and blue, a byte each.
    #[default]
    Rgb,
    /// Numbers of some bytes, in which the colours are.
    Wide {
        colours: TrueColour,
        length: usize,
        big_endian: bool,
    },
}

impl Gradient {
    /// Starts a rectangle, above which everything counts as zero.
    ///
    /// # Errors
    /// Where pixels are indices into a colour map: between those there is no gradient.
    pub(super) fn start(&mut self, width: u16, colours: &Colours) -> Result<()> {
        let width = usize::from(width);
        if colours.tight_is_rgb() {
            self.format = Format::Rgb;
            self.above.clear();
            self.above.resize(width, [0; 3]);
            return Ok(());
        }
        let (true_colour, big_endian) = colours
            .true_colour()
            .ok_or_else(|| Error::protocol(DURING, "a gradient of colours of a map"))?;
        self.format = Format::Wide {
            colours: *true_colour,
            length: colours.lengths().tight,
            big_endian,
        };
        self.above_wide.clear();
        self.above_wide.resize(width, [0; 3]);
        Ok(())
    }

    pub(super) fn row(&mut self, source: &[u8], row: &mut [Pixel]) {
        match &self.format {
            Format::Rgb => rgb_row(&mut self.above, source, row),
            &Format::Wide {
                colours,
                length,
                big_endian,
            } => wide_row(
                &mut self.above_wide,
                &colours,
                length,
                big_endian,
                source,
                row,
            ),
        }
    }
}

fn rgb_row(above_row: &mut [[u8; 3]], source: &[u8], row: &mut [Pixel]) {
    let mut left = [0u8; 3];
    let mut above_left = [0u8; 3];
    let differences: &[[u8; 3]] = source.as_chunks().0;
    for ((pixel, above), difference) in row.iter_mut().zip(above_row).zip(differences) {
        let mut rgb = [0; 3];
        for (channel, value) in rgb.iter_mut().enumerate() {
            let predicted = i16::from(left[channel]) + i16::from(above[channel])
                - i16::from(above_left[channel]);
            *value = difference[channel].wrapping_add(predicted.clamp(0, 255) as u8);
        }
        *pixel = from_rgb(rgb);
        above_left = *above;
        *above = rgb;
        left = rgb;
    }
}

fn wide_row(
    above_row: &mut [[u32; 3]],
    colours: &TrueColour,
    length: usize,
    is_big_endian: bool,
    source: &[u8],
    row: &mut [Pixel],
) {
    let mut left = [0u32; 3];
    let mut above_left = [0u32; 3];
    let differences = source.chunks_exact(length);
    for ((pixel, above), bytes) in row.iter_mut().zip(above_row).zip(differences) {
        let value = if is_big_endian {
            big_endian(bytes)
        } else {
            little_endian(bytes)
        };
        let mut channels = colours.channels(value);
        for (channel, value) in channels.iter_mut().enumerate() {
            let max = colours.max[channel];
            let predicted = (left[channel] + above[channel])
                .saturating_sub(above_left[channel])
                .min(max);
            *value = colours.wrapped(channel, *value + predicted);
        }
        *pixel = colours.scaled(channels);
        above_left = *above;
        *above = channels;
        left = channels;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pixel_format::PixelFormat;

    /// Each channel is predicted on its own, clamped to a byte, and corrected modulo 256.
    #[test]
    fn gradients() {
        let mut gradient = Gradient::default();
        gradient.start(3, &Colours::new(PixelFormat::BGRX)).unwrap();
        let mut row = [[0; 4]; 3];
        gradient.row(&[100, 0, 250, 10, 0, 10, 0, 0, 255], &mut row);
        // Blue, green, red: the left pixel is the prediction, as all above is zero.
        assert_eq!(
            row,
            [[250, 0, 100, 255], [4, 0, 110, 255], [3, 0, 110, 255]]
        );
        gradient.row(&[100, 0, 5, 0, 0, 0, 0, 1, 0], &mut row);
        // Red: 200, then 200 + 110 - 100 = 210, then 210 + 110 - 110.
        // Blue: 255, then 255 + 4 - 250 = 9, then 9 + 3 - 4.
        assert_eq!(
            row,
            [[255, 0, 200, 255], [9, 0, 210, 255], [8, 1, 210, 255]]
        );
    }

    #[test]
    fn predictions_are_clamped() {
        let colours = Colours::new(PixelFormat::BGRX);
        let mut gradient = Gradient::default();
        gradient.start(2, &colours).unwrap();
        let mut row = [[0; 4]; 2];
        // Above: 200, 0. Left below: 10; 10 + 0 - 200 is taken as 0.
        gradient.row(&[200, 200, 200, 56, 56, 56], &mut row);
        assert_eq!(row[1], [0, 0, 0, 255]);
        gradient.row(&[66, 66, 66, 7, 7, 7], &mut row);
        assert_eq!(row, [[10, 10, 10, 255], [7, 7, 7, 255]]);
        // Above: 100, 255. Left below: 255; 255 + 255 - 100 is taken as 255.
        gradient.start(2, &colours).unwrap();
        gradient.row(&[100, 100, 100, 155, 155, 155], &mut row);
        gradient.row(&[155, 155, 155, 0, 0, 0], &mut row);
        assert_eq!(row, [[255; 4], [255; 4]]);
    }

    /// With few bits everything is done in those bits, and made bytes at the end.
    #[test]
    fn gradients_of_sixteen_bits() {
        let colours = Colours::new(PixelFormat::RGB565);
        let mut gradient = Gradient::default();
        gradient.start(2, &colours).unwrap();
        let mut row = [[0; 4]; 2];
        let wire = |pixels: [[u16; 3]; 2]| -> Vec<u8> {
            pixels
                .iter()
                .flat_map(|[red, green, blue]| (red << 11 | green << 5 | blue).to_le_bytes())
                .collect()
        };
        let byte = |value: u32, max: u32| ((value * 510 + max) / (2 * max)) as u8;
        gradient.row(&wire([[30, 60, 0], [3, 63, 1]]), &mut row);
        // Red 30 + 3 wraps to 1; green 60 + 63 to 59.
        assert_eq!(row[0], [0, byte(60, 63), byte(30, 31), 255]);
        assert_eq!(row[1], [byte(1, 31), byte(59, 63), byte(1, 31), 255]);
        gradient.row(&wire([[0, 0, 31], [0, 0, 0]]), &mut row);
        // Red: 30 + 1 - 30; blue: 31 + 1 - 0 is taken as 31.
        assert_eq!(row[1], [255, byte(59, 63), byte(1, 31), 255]);
    }

    #[test]
    fn no_gradient_between_colours_of_a_map() {
        let colours = Colours::new(PixelFormat {
            bits_per_pixel: 8,
            true_colour: false,
            ..PixelFormat::BGRX
        });
        assert!(Gradient::default().start(2, &colours).is_err());
    }
}
