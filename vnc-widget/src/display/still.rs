//! The screen at one moment.

use gtk::glib;
use rfb::Rect;

use crate::Picture;

/// Left and top edge of a tile in the framebuffer, its width, and its rows without gaps, four bytes per pixel.
type TileBytes = (u32, u32, u32, glib::Bytes);

/// The screen at one moment. Taking one costs next to nothing; making a [`Picture`] of it takes a
/// while and may happen on any thread.
#[derive(Debug, Clone)]
pub struct Still {
    /// The part of the framebuffer that it has.
    part: Rect,
    tiles: Vec<TileBytes>,
}

impl Still {
    pub(super) fn new(part: Rect, tiles: Vec<TileBytes>) -> Self {
        Self { part, tiles }
    }

    /// Width in pixels.
    pub fn width(&self) -> u32 {
        self.part.width.into()
    }

    /// Height in pixels.
    pub fn height(&self) -> u32 {
        self.part.height.into()
    }

    /// Whether nothing was drawn between the two.
    pub fn is_same(&self, other: &Self) -> bool {
        // The same memory, for a tile that was drawn again has another.
        let is_same = |(one, other): (&TileBytes, &TileBytes)| one.3.as_ptr() == other.3.as_ptr();
        self.part == other.part
            && self.tiles.len() == other.tiles.len()
            && self.tiles.iter().zip(&other.tiles).all(is_same)
    }

    /// Its pixels. `None` without memory for them.
    pub fn picture(&self) -> Option<Picture> {
        let mut picture = Picture::new(self.width(), self.height())?;
        for (x, y, width, bytes) in &self.tiles {
            let (x, y) = (i64::from(*x), i64::from(*y));
            let (left, top) = (i64::from(self.part.x), i64::from(self.part.y));
            picture.put(x - left, y - top, *width, bytes);
        }
        Some(picture)
    }
}
