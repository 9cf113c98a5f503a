//! The screen cut into tiles, so that a small change costs a small copy and a small upload.

use rfb::{Damage, Framebuffer, Rect};

/// Width and height of a tile in pixels; those at the right and bottom edge may be smaller. What
/// changes on a screen is mostly wider than high: lines of text, buttons, bars.
pub(crate) const TILE_WIDTH: u32 = 256;
pub(crate) const TILE_HEIGHT: u32 = 64;

/// Blue, green, red, and 255.
pub(crate) const BYTES_PER_PIXEL: usize = 4;

/// What changed between two pictures of the screen.
pub(crate) struct Frame {
    /// Width of the whole screen in pixels.
    pub(crate) width: u32,
    /// Height of the whole screen in pixels.
    pub(crate) height: u32,
    /// The tiles with changed pixels, whole. When the size changed, there is nothing in the others.
    pub(crate) tiles: Vec<Tile>,
}

/// A copy of one tile's pixels. It is the only copy between the framebuffer and what the window is
/// drawn with.
pub(crate) struct Tile {
    /// Place in the grid, from the left.
    pub(crate) column: u32,
    /// Place in the grid, from the top.
    pub(crate) row: u32,
    /// Width in pixels.
    pub(crate) width: u32,
    /// Height in pixels.
    pub(crate) height: u32,
    pub(crate) pixels: Pixels,
}

/// What is to be seen on a tile; black where the server has sent nothing.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Pixels {
    /// Rows without gaps, four bytes per pixel.
    Rows(Vec<u8>),
    /// One colour all over, as much of a desktop has. It needs no memory and is drawn at once.
    Plain([u8; BYTES_PER_PIXEL]),
}

impl Tile {
    /// Left and top edge on the screen.
    pub(crate) fn origin(&self) -> (u32, u32) {
        (self.column * TILE_WIDTH, self.row * TILE_HEIGHT)
    }
}

/// Tiles across and down a screen of this size.
pub(crate) fn grid(width: u32, height: u32) -> (u32, u32) {
    (width.div_ceil(TILE_WIDTH), height.div_ceil(TILE_HEIGHT))
}

impl Frame {
    /// Copies the tiles that `damage` touches.
    ///
    /// # Errors
    /// When there is no memory for them.
    pub(crate) fn cut(framebuffer: &Framebuffer, damage: &Damage) -> Result<Self, rfb::Error> {
        let (width, height) = (framebuffer.width().into(), framebuffer.height().into());
        let (columns, rows) = grid(width, height);
        let tiles = touched(columns, rows, damage.iter())
            .map(|(column, row)| copy_tile(framebuffer, column, row))
            .collect::<Option<_>>()
            .ok_or(rfb::Error::ScreenTooLarge {
                width: framebuffer.width(),
                height: framebuffer.height(),
            })?;
        Ok(Self {
            width,
            height,
            tiles,
        })
    }
}

/// The places, in a grid of this size, of the tiles which at least one of `rects` touches; each
/// once.
fn touched(
    columns: u32,
    rows: u32,
    rects: impl Iterator<Item = Rect>,
) -> impl Iterator<Item = (u32, u32)> {
    let mut marks = vec![false; columns as usize * rows as usize];
    for rect in rects.filter(|rect| !rect.is_empty()) {
        let span = |start: u16, end: u32, tile: u32, count: u32| {
            u32::from(start) / tile..end.div_ceil(tile).min(count)
        };
        for row in span(rect.y, rect.bottom(), TILE_HEIGHT, rows) {
            for column in span(rect.x, rect.right(), TILE_WIDTH, columns) {
                marks[(row * columns + column) as usize] = true;
            }
        }
    }
    (0..rows)
        .flat_map(move |row| (0..columns).map(move |column| (column, row)))
        .zip(marks)
        .filter_map(|(place, marked)| marked.then_some(place))
}

/// `None` without memory for it: the size is the server's word, and must not end the program.
fn copy_tile(framebuffer: &Framebuffer, column: u32, row: u32) -> Option<Tile> {
    // Both fit: a screen has at most 65535 pixels each way, and the tile begins within it.
    let (x, y) = ((column * TILE_WIDTH) as u16, (row * TILE_HEIGHT) as u16);
    let area = Rect::new(
        x,
        y,
        (framebuffer.width() - x).min(TILE_WIDTH as u16),
        (framebuffer.height() - y).min(TILE_HEIGHT as u16),
    );
    let pixels = match plain(framebuffer.rows(area)) {
        Some(colour) => Pixels::Plain(opaque(colour)),
        None => Pixels::Rows(copy_rows(framebuffer, area)?),
    };
    Some(Tile {
        column,
        row,
        width: area.width.into(),
        height: area.height.into(),
        pixels,
    })
}

/// The colour that all pixels have. `None` where they differ, and without any.
fn plain<'a>(mut rows: impl Iterator<Item = &'a [u8]>) -> Option<[u8; BYTES_PER_PIXEL]> {
    let first = rows.next()?;
    let colour = *first.first_chunk()?;
    // Each pixel is like the one before.
    let is_plain = first[BYTES_PER_PIXEL..] == first[..first.len() - BYTES_PER_PIXEL];
    (is_plain && rows.all(|row| row == first)).then_some(colour)
}

fn opaque(mut pixel: [u8; BYTES_PER_PIXEL]) -> [u8; BYTES_PER_PIXEL] {
    pixel[BYTES_PER_PIXEL - 1] = 255;
    pixel
}

/// `None` without memory for it.
fn copy_rows(framebuffer: &Framebuffer, area: Rect) -> Option<Vec<u8>> {
    let mut pixels = Vec::new();
    pixels
        .try_reserve_exact(area.area() as usize * BYTES_PER_PIXEL)
        .ok()?;
    for row in framebuffer.rows(area) {
        let start = pixels.len();
        pixels.extend_from_slice(row);
        // Renderers mix what is not opaque with what lies below.
        let (copied, _) = pixels[start..].as_chunks_mut();
        for pixel in copied {
            *pixel = opaque(*pixel);
        }
    }
    Some(pixels)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(size: (u32, u32), rects: &[Rect]) -> Vec<(u32, u32)> {
        let (columns, rows) = grid(size.0, size.1);
        touched(columns, rows, rects.iter().copied()).collect()
    }

    #[test]
    fn grids_cover_the_last_partial_tiles() {
        assert_eq!(grid(0, 0), (0, 0));
        assert_eq!(grid(256, 64), (1, 1));
        assert_eq!(grid(257, 65), (2, 2));
        assert_eq!(grid(1920, 1080), (8, 17));
        assert_eq!(grid(65535, 65535), (256, 1024));
    }

    #[test]
    fn a_cursor_blink_touches_one_tile() {
        assert_eq!(
            places((1920, 1080), &[Rect::new(300, 520, 8, 16)]),
            [(1, 8)]
        );
    }

    #[test]
    fn edges_belong_to_the_tile_they_lie_in() {
        let screen = (1024, 768);
        assert_eq!(places(screen, &[Rect::new(0, 0, 256, 64)]), [(0, 0)]);
        assert_eq!(
            places(screen, &[Rect::new(255, 63, 2, 2)]),
            [(0, 0), (1, 0), (0, 1), (1, 1)]
        );
        assert_eq!(places(screen, &[Rect::new(1023, 767, 1, 1)]), [(3, 11)]);
    }

    #[test]
    fn overlapping_and_empty_rectangles() {
        let rects = [
            Rect::new(0, 0, 300, 10),
            Rect::new(10, 0, 300, 100),
            Rect::new(700, 700, 0, 5),
        ];
        assert_eq!(
            places((1024, 768), &rects),
            [(0, 0), (1, 0), (0, 1), (1, 1)]
        );
    }

    #[test]
    fn one_colour_is_noticed_and_no_other_pixel_missed() {
        let row = [7, 8, 9, 0].repeat(5);
        let colour_of = |rows: &[Vec<u8>]| plain(rows.iter().map(Vec::as_slice));
        let same = vec![row.clone(); 3];
        assert_eq!(colour_of(&same), Some([7, 8, 9, 0]));
        for pixel in 0..15 {
            let mut rows = same.clone();
            rows[pixel / 5][pixel % 5 * 4 + 1] += 1;
            assert_eq!(colour_of(&rows), None, "pixel {pixel}");
        }
        assert_eq!(colour_of(&[]), None);
    }

    #[test]
    fn rectangles_beyond_the_screen_touch_nothing_there() {
        let huge = Rect::new(60000, 60000, 65535, 65535);
        assert!(places((300, 300), &[huge]).is_empty());
        assert_eq!(
            places((300, 300), &[Rect::new(0, 0, 65535, 65535)]).len(),
            10
        );
    }
}
