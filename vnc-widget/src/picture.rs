//! A still of the screen.

use crate::tiles::{BYTES_PER_PIXEL, Frame, Pixels};

/// A copy of the screen.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    width: u32,
    height: u32,
    rgb: Vec<u8>,
}

impl Picture {
    /// A black picture. `None` without memory for it.
    pub(crate) fn new(width: u32, height: u32) -> Option<Self> {
        let bytes = width as usize * height as usize * 3;
        Some(Self {
            width,
            height,
            rgb: bytemuck::allocation::try_zeroed_vec(bytes).ok()?,
        })
    }

    /// Width in pixels.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// Width and height in pixels.
    pub(crate) fn size(&self) -> (u32, u32) {
        (self.width, self.height)
    }

    /// The pixels row by row, top first, without gaps: red, green, blue.
    pub fn rgb(&self) -> &[u8] {
        &self.rgb
    }

    /// The bytes of [`rgb`](Self::rgb), without a copy.
    pub fn into_rgb(self) -> Vec<u8> {
        self.rgb
    }

    /// Copies a block of `width` columns to (`x`, `y`) from bytes in the order blue, green, red,
    /// unused. What lies outside the picture, before it or beyond, is left out.
    pub(crate) fn put(&mut self, x: i64, y: i64, width: u32, bgrx: &[u8]) {
        let blocks = bgrx.chunks_exact((width as usize * BYTES_PER_PIXEL).max(1));
        let rows = self.rows_mut(x, y, width);
        for (row, block) in rows.zip(blocks.skip(before(y))) {
            let from = block.chunks_exact(BYTES_PER_PIXEL).skip(before(x));
            for (to, from) in row.chunks_exact_mut(3).zip(from) {
                to.copy_from_slice(&[from[2], from[1], from[0]]);
            }
        }
    }

    /// Gives a block one colour, told as blue, green, red, unused. What lies outside the picture is
    /// left out.
    pub(crate) fn fill(&mut self, x: i64, y: i64, (width, height): (u32, u32), bgrx: [u8; 4]) {
        let [blue, green, red, _] = bgrx;
        let height = (height as usize).saturating_sub(before(y));
        for row in self.rows_mut(x, y, width).take(height) {
            row.as_chunks_mut().0.fill([red, green, blue]);
        }
    }

    /// At most `width` columns from `x` on of the rows from `y` on, as far as there are any.
    fn rows_mut(&mut self, x: i64, y: i64, width: u32) -> impl Iterator<Item = &mut [u8]> {
        let column = |x: i64| x.clamp(0, self.width.into()) as usize * 3;
        let (left, right) = (column(x), column(x + i64::from(width)));
        self.rgb
            .chunks_exact_mut((self.width as usize * 3).max(1))
            .skip(y.max(0) as usize)
            .map(move |row| &mut row[left..right])
    }

    /// Draws a frame of the picture's size over it.
    pub(crate) fn apply(&mut self, frame: &Frame) {
        for tile in &frame.tiles {
            let (x, y) = tile.origin();
            match &tile.pixels {
                Pixels::Rows(rows) => self.put(x.into(), y.into(), tile.width, rows),
                Pixels::Plain(colour) => {
                    self.fill(x.into(), y.into(), (tile.width, tile.height), *colour);
                }
            }
        }
    }
}

/// How many columns or rows of a block lie before the picture.
fn before(position: i64) -> usize {
    (-position).max(0) as usize
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Picture({} x {})", self.width, self.height)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_change_their_byte_order_and_stay_inside() {
        let mut picture = Picture::new(3, 2).unwrap();
        picture.put(2, 1, 2, &[1, 2, 3, 255, 9, 9, 9, 255]);
        picture.put(3, 0, 1, &[7, 7, 7, 255]);
        picture.put(0, 2, 1, &[7, 7, 7, 255]);
        let mut expected = [0; 18];
        expected[15..].copy_from_slice(&[3, 2, 1]);
        assert_eq!(picture.rgb(), expected);
        // Of two by two pixels the last one is inside.
        let block: Vec<u8> = (0..4)
            .flat_map(|value| [value, value, value, 255])
            .collect();
        picture.put(-1, -1, 2, &block);
        expected[..3].copy_from_slice(&[3, 3, 3]);
        assert_eq!(picture.rgb(), expected);
        picture.put(-2, 0, 2, &block);
        picture.put(0, -2, 2, &block);
        assert_eq!(picture.rgb(), expected);
        picture.fill(1, 0, (5, 1), [7, 8, 9, 255]);
        picture.fill(0, 2, (5, 5), [7, 8, 9, 255]);
        expected[3..9].copy_from_slice(&[9, 8, 7, 9, 8, 7]);
        assert_eq!(picture.rgb(), expected);
        picture.fill(-2, -1, (3, 2), [1, 1, 1, 255]);
        picture.fill(-2, -2, (9, 2), [2, 2, 2, 255]);
        expected[..3].copy_from_slice(&[1, 1, 1]);
        assert_eq!(picture.rgb(), expected);
    }
}
