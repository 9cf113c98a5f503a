//! Tiles in another size, where the renderer's own way would not do.
//!
//! Renderers blur what they enlarge, and before GTK 4.10 cannot be told not to; and of what they
//! make much smaller they look at few pixels only, so that thin lines and letters fall through. So
//! at whole zooms each pixel is made a square here, and below half the size averages are taken; what
//! is left to the renderer is no enlargement, and no reduction by more than half. Only cairo can be
//! told, and takes averages by itself.

use crate::tiles::BYTES_PER_PIXEL;

/// What is done with the pixels of a picture before it is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Resampling {
    /// Nothing.
    #[default]
    None,
    /// Each becomes a square of so many pixels each way.
    Squares(u32),
    /// Of so many each way the average is taken.
    Averages(u32),
}

impl Resampling {
    /// What a tile of this width and height becomes.
    pub(super) fn size(self, width: u32, height: u32) -> (u32, u32) {
        match self {
            Self::None => (width, height),
            Self::Squares(factor) => (width * factor, height * factor),
            Self::Averages(factor) => (width.div_ceil(factor), height.div_ceil(factor)),
        }
    }
}

/// Pixels, in rows of `width`, in another size. `None` where they are to stay as they are, and
/// without memory for them.
pub(super) fn resample(pixels: &[u8], width: u32, how: Resampling) -> Option<Vec<u8>> {
    let stride = width as usize * BYTES_PER_PIXEL;
    if pixels.is_empty() || stride == 0 {
        return None;
    }
    match how {
        Resampling::None => None,
        Resampling::Squares(factor) => squares(pixels, stride, factor as usize),
        Resampling::Averages(factor) => Some(averages(pixels, stride, factor as usize)),
    }
}

/// Each pixel `factor` times as wide and high. `None` without memory for them.
fn squares(pixels: &[u8], stride: usize, factor: usize) -> Option<Vec<u8>> {
    let wide = stride * factor;
    let mut result = Vec::new();
    result
        .try_reserve_exact(pixels.len() * factor * factor)
        .ok()?;
    for row in pixels.chunks_exact(stride) {
        let start = result.len();
        for pixel in row.chunks_exact(BYTES_PER_PIXEL) {
            for _ in 0..factor {
                result.extend_from_slice(pixel);
            }
        }
        for _ in 1..factor {
            result.extend_from_within(start..start + wide);
        }
    }
    Some(result)
}

/// One pixel for each `factor` times `factor`, or for what there is of them at the edges.
fn averages(pixels: &[u8], stride: usize, factor: usize) -> Vec<u8> {
    let block = factor * BYTES_PER_PIXEL;
    let columns = stride.div_ceil(block);
    let mut result = Vec::with_capacity(pixels.len().div_ceil(factor * factor));
    let mut sums = vec![[0_u32; BYTES_PER_PIXEL]; columns];
    for rows in pixels.chunks(stride * factor) {
        sums.fill([0; BYTES_PER_PIXEL]);
        for row in rows.chunks_exact(stride) {
            for (sum, block) in sums.iter_mut().zip(row.chunks(block)) {
                for pixel in block.chunks_exact(BYTES_PER_PIXEL) {
                    for (sum, part) in sum.iter_mut().zip(pixel) {
                        *sum += u32::from(*part);
                    }
                }
            }
        }
        let height = (rows.len() / stride) as u32;
        for (column, sum) in sums.iter().enumerate() {
            let width = (stride - column * block).min(block) / BYTES_PER_PIXEL;
            let count = width as u32 * height;
            result.extend(sum.map(|sum| ((sum + count / 2) / count) as u8));
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Grey pixels.
    fn grey(values: &[u8]) -> Vec<u8> {
        values.iter().flat_map(|&v| [v, v, v, 255]).collect()
    }

    #[test]
    fn pixels_become_squares() {
        let result = squares(&grey(&[1, 2, 3, 4]), 8, 2).unwrap();
        let expected = [1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4];
        assert_eq!(result, grey(&expected));
    }

    #[test]
    fn blocks_become_averages() {
        let pixels = grey(&[0, 255, 10, 10, 0, 255, 20, 20]);
        assert_eq!(averages(&pixels, 16, 2), grey(&[128, 15]));
    }

    #[test]
    fn edges_are_averages_of_what_is_there() {
        // Three columns and three rows by two.
        let pixels = grey(&[10, 20, 90, 30, 40, 70, 1, 3, 200]);
        assert_eq!(averages(&pixels, 12, 2), grey(&[25, 80, 2, 200]));
        assert_eq!(averages(&grey(&[7]), 4, 64), grey(&[7]));
    }
}
