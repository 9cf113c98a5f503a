//! The picture.

use crate::{
    error::{Error, Result},
    rect::Rect,
};

/// One pixel in memory: blue, green, red, and a fourth byte as [`Framebuffer`] has it.
pub type Pixel = [u8; 4];

/// An opaque black pixel.
pub(crate) const BLACK: Pixel = [0, 0, 0, 255];

/// The server's screen as far as it has been received.
///
/// Four bytes per pixel: blue, green, red, and 255; all four are 0 where the server has sent
/// nothing yet. So it can be drawn as BGRX, where that is black, or as BGRA, where it is transparent,
/// with alpha multiplied in or not. Rows follow each other without gaps, top first.
///
/// Its memory is the system's zeros until something is drawn: a server cannot make the program pay
/// for a large screen by announcing one.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Framebuffer {
    width: u16,
    height: u16,
    pixels: Vec<Pixel>,
}

impl Framebuffer {
    /// A framebuffer in which nothing has been drawn.
    ///
    /// # Errors
    /// [`Error::ScreenTooLarge`] above `max_pixels` or when there is no memory for it.
    pub(crate) fn new(width: u16, height: u16, max_pixels: u32) -> Result<Self> {
        Self::check(width, height, max_pixels)?;
        let count = usize::from(width) * usize::from(height);
        // The size is the server's word: a failure to get the memory must not end the program.
        let pixels = bytemuck::allocation::try_zeroed_vec(count)
            .map_err(|()| Error::ScreenTooLarge { width, height })?;
        Ok(Self {
            width,
            height,
            pixels,
        })
    }

    /// Takes another size, in which nothing has been drawn. The memory of the old picture is given
    /// back before new memory is taken.
    ///
    /// # Errors
    /// As [`Framebuffer::new`]. Above `max_pixels` the picture stays; without memory for another
    /// there is none.
    pub(crate) fn resize(&mut self, width: u16, height: u16, max_pixels: u32) -> Result<()> {
        Self::check(width, height, max_pixels)?;
        *self = Self::default();
        *self = Self::new(width, height, max_pixels)?;
        Ok(())
    }

    fn check(width: u16, height: u16, max_pixels: u32) -> Result<()> {
        if u32::from(width) * u32::from(height) > max_pixels {
            return Err(Error::ScreenTooLarge { width, height });
        }
        Ok(())
    }

    /// Width in pixels.
    pub fn width(&self) -> u16 {
        self.width
    }

    /// Height in pixels.
    pub fn height(&self) -> u16 {
        self.height
    }

    /// Bytes from the start of one row to the start of the next.
    pub fn stride(&self) -> usize {
        usize::from(self.width) * size_of::<Pixel>()
    }

    /// All bytes: `stride() * height()`.
    pub fn pixels(&self) -> &[u8] {
        self.pixels.as_flattened()
    }

    /// The rectangle that covers all of it.
    pub fn bounds(&self) -> Rect {
        Rect::new(0, 0, self.width, self.height)
    }

    /// The bytes of each row of `rect`, top first, as far as the rectangle lies within the
    /// framebuffer.
    pub fn rows(&self, rect: Rect) -> impl Iterator<Item = &[u8]> {
        let rect = rect.intersection(self.bounds()).unwrap_or_default();
        let left = usize::from(rect.x);
        self.pixels
            .chunks_exact(usize::from(self.width).max(1))
            .skip(rect.y.into())
            .take(rect.height.into())
            .map(move |row| row[left..left + usize::from(rect.width)].as_flattened())
    }

    /// The rows of `rect`, top first, to be written. `rect` lies within the framebuffer: decoders
    /// are only ever given checked rectangles.
    pub(crate) fn rows_mut(&mut self, rect: Rect) -> impl Iterator<Item = &mut [Pixel]> {
        debug_assert!(self.bounds().contains(rect));
        let left = usize::from(rect.x);
        let right = left + usize::from(rect.width);
        let width = usize::from(self.width);
        let start = (usize::from(rect.y) * width).min(self.pixels.len());
        self.pixels[start..]
            .chunks_exact_mut(width.max(1))
            .take(rect.height.into())
            .map(move |row| &mut row[left..right])
    }

    /// The pixels from the first of `rect` on, and how many there are from row to row. `rect` lies
    /// within the framebuffer and is not empty.
    pub(crate) fn region_mut(&mut self, rect: Rect) -> (&mut [Pixel], usize) {
        debug_assert!(self.bounds().contains(rect));
        let stride = usize::from(self.width);
        let start = usize::from(rect.y) * stride + usize::from(rect.x);
        (&mut self.pixels[start..], stride)
    }

    /// Fills `rect` with one colour.
    pub(crate) fn fill(&mut self, rect: Rect, pixel: Pixel) {
        for row in self.rows_mut(rect) {
            row.fill(pixel);
        }
    }

    /// Copies a rectangle's worth of pixels from (`x`, `y`) to `to`; they may overlap. Both lie
    /// within the framebuffer.
    pub(crate) fn copy_within(&mut self, x: u16, y: u16, to: Rect) {
        debug_assert!(self.bounds().contains(Rect::new(x, y, to.width, to.height)));
        let width = usize::from(self.width);
        let length = usize::from(to.width);
        let offset = |x: u16, y: usize| y * width + usize::from(x);
        let mut copy_row = |row: usize| {
            let from = offset(x, usize::from(y) + row);
            let target = offset(to.x, usize::from(to.y) + row);
            self.pixels.copy_within(from..from + length, target);
        };
        // Rows are taken in the order in which none is overwritten before it has been copied.
        let rows = usize::from(to.height);
        if to.y <= y {
            (0..rows).for_each(&mut copy_row);
        } else {
            (0..rows).rev().for_each(&mut copy_row);
        }
    }
}

impl std::fmt::Debug for Framebuffer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Framebuffer({} x {})", self.width, self.height)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbered(width: u16, height: u16) -> Framebuffer {
        let mut framebuffer = Framebuffer::new(width, height, u32::MAX).unwrap();
        for (index, pixel) in framebuffer.pixels.iter_mut().enumerate() {
            *pixel = [index as u8, 0, 0, 255];
        }
        framebuffer
    }

    fn blues(framebuffer: &Framebuffer) -> Vec<u8> {
        framebuffer.pixels.iter().map(|pixel| pixel[0]).collect()
    }

    #[test]
    fn a_size_beyond_the_limit_is_refused() {
        assert_eq!(
            Framebuffer::new(100, 100, 9999),
            Err(Error::ScreenTooLarge {
                width: 100,
                height: 100
            })
        );
        assert!(Framebuffer::new(100, 100, 10000).is_ok());
    }

    #[test]
    fn another_size_is_another_picture() {
        let mut framebuffer = numbered(3, 2);
        assert!(framebuffer.resize(5, 5, 24).is_err());
        assert_eq!(blues(&framebuffer), [0, 1, 2, 3, 4, 5]);
        framebuffer.resize(2, 2, 24).unwrap();
        assert_eq!(framebuffer.pixels(), [0; 16]);
        framebuffer.resize(0, 5, 24).unwrap();
        assert!(framebuffer.pixels().is_empty());
        framebuffer.resize(1, 1, 24).unwrap();
        assert_eq!(framebuffer.pixels(), [0; 4]);
    }

    #[test]
    fn overlapping_copies_in_each_direction() {
        // A 4 x 4 picture moved by one pixel into each diagonal direction.
        let mut down_right = numbered(4, 4);
        down_right.copy_within(0, 0, Rect::new(1, 1, 3, 3));
        assert_eq!(
            blues(&down_right)[4..],
            [4, 0, 1, 2, 8, 4, 5, 6, 12, 8, 9, 10]
        );
        let mut up_left = numbered(4, 4);
        up_left.copy_within(1, 1, Rect::new(0, 0, 3, 3));
        assert_eq!(
            blues(&up_left)[..12],
            [5, 6, 7, 3, 9, 10, 11, 7, 13, 14, 15, 11]
        );
        let mut right = numbered(4, 1);
        right.copy_within(0, 0, Rect::new(1, 0, 3, 1));
        assert_eq!(blues(&right), [0, 0, 1, 2]);
    }

    #[test]
    fn rows_are_clipped() {
        let framebuffer = numbered(3, 3);
        let rows: Vec<u8> = framebuffer
            .rows(Rect::new(1, 1, 10, 10))
            .map(|row| row[0])
            .collect();
        assert_eq!(rows, [4, 7]);
        assert_eq!(framebuffer.rows(Rect::new(7, 7, 1, 1)).count(), 0);
    }
}
