//! The gradient filter.

use crate::{decode::pixels::from_rgb, framebuffer::Pixel};

/// Each colour of a pixel is predicted as left + above - above left.
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
