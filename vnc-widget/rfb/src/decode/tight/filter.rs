//! From the bytes of a Tight row to its pixels.

use crate::{decode::from_rgb, framebuffer::Pixel};

/// Pixels as they are.
pub(super) fn copy(source: &[u8], row: &mut [Pixel]) {
    for (pixel, rgb) in row.iter_mut().zip(source.as_chunks().0) {
        *pixel = from_rgb(*rgb);
    }
}

/// One bit a pixel, highest first.
pub(super) fn two_colours(source: &[u8], row: &mut [Pixel], palette: &[Pixel; 256]) {
    let colours = [palette[0], palette[1]];
    for (pixels, &byte) in row.chunks_mut(8).zip(source) {
        for (place, pixel) in pixels.iter_mut().enumerate() {
            *pixel = colours[usize::from(byte >> (7 - place) & 1)];
        }
    }
}

/// One byte a pixel. The palette has a colour for each byte, black where the server gave none.
pub(super) fn palette(source: &[u8], row: &mut [Pixel], palette: &[Pixel; 256]) {
    for (pixel, &index) in row.iter_mut().zip(source) {
        *pixel = palette[usize::from(index)];
    }
}

/// The gradient filter: each colour of a pixel is predicted as left + above - above left.
#[derive(Debug, Default)]
pub(super) struct Gradient {
    /// The row above, red, green, blue.
    above: Vec<[u8; 3]>,
}

impl Gradient {
    /// Starts a rectangle, above which everything counts as zero.
    pub(super) fn start(&mut self, width: u16) {
        self.above.clear();
        self.above.resize(width.into(), [0; 3]);
    }

    pub(super) fn row(&mut self, source: &[u8], row: &mut [Pixel]) {
        let mut left = [0u8; 3];
        let mut above_left = [0u8; 3];
        let differences: &[[u8; 3]] = source.as_chunks().0;
        for ((pixel, above), difference) in row.iter_mut().zip(&mut self.above).zip(differences) {
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_and_bytes_of_palettes() {
        let mut colours = [[0; 4]; 256];
        colours[0] = [10; 4];
        colours[1] = [11; 4];
        colours[9] = [19; 4];
        let mut row = [[0; 4]; 9];
        two_colours(&[0b0100_0001, 0b1000_0000], &mut row, &colours);
        assert_eq!(
            row.map(|pixel| pixel[0]),
            [10, 11, 10, 10, 10, 10, 10, 11, 11]
        );
        palette(&[9, 0, 1], &mut row[..3], &colours);
        assert_eq!([row[0][0], row[1][0], row[2][0]], [19, 10, 11]);
    }

    /// Each channel is predicted on its own, clamped to a byte, and corrected modulo 256.
    #[test]
    fn gradients() {
        let mut gradient = Gradient::default();
        gradient.start(3);
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
        let mut gradient = Gradient::default();
        gradient.start(2);
        let mut row = [[0; 4]; 2];
        // Above: 200, 0. Left below: 10; 10 + 0 - 200 is taken as 0.
        gradient.row(&[200, 200, 200, 56, 56, 56], &mut row);
        assert_eq!(row[1], [0, 0, 0, 255]);
        gradient.row(&[66, 66, 66, 7, 7, 7], &mut row);
        assert_eq!(row, [[10, 10, 10, 255], [7, 7, 7, 255]]);
        // Above: 100, 255. Left below: 255; 255 + 255 - 100 is taken as 255.
        gradient.start(2);
        gradient.row(&[100, 100, 100, 155, 155, 155], &mut row);
        gradient.row(&[155, 155, 155, 0, 0, 0], &mut row);
        assert_eq!(row, [[255; 4], [255; 4]]);
    }
}
