//! The screen at one moment.

use gtk::glib;
use rfb::Rect;

use crate::{Picture, tiles::BYTES_PER_PIXEL};

/// One tile of it.
#[derive(Debug, Clone)]
pub(super) struct TileStill {
    /// Left edge in the framebuffer.
    pub(super) x: u32,
    /// Top edge in the framebuffer.
    pub(super) y: u32,
    /// Width in pixels.
    pub(super) width: u32,
    /// Height in pixels.
    pub(super) height: u32,
    pub(super) content: Content,
}

/// What is to be seen on a tile; blue, green, red, unused.
#[derive(Debug, Clone)]
pub(super) enum Content {
    /// Rows without gaps.
    Rows(glib::Bytes),
    /// One colour all over.
    Plain([u8; BYTES_PER_PIXEL]),
}

impl Content {
    /// Whether nothing was drawn between the two.
    fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            // The same memory, for a tile that was drawn again has another.
            (Self::Rows(one), Self::Rows(other)) => one.as_ptr() == other.as_ptr(),
            (Self::Plain(one), Self::Plain(other)) => one == other,
            _ => false,
        }
    }
}

/// The screen at one moment. Taking one costs next to nothing; making a [`Picture`] of it takes a
/// while and may happen on any thread.
#[derive(Debug, Clone)]
pub struct Still {
    /// The part of the framebuffer that it has.
    part: Rect,
    tiles: Vec<TileStill>,
}

impl Still {
    pub(super) fn new(part: Rect, tiles: Vec<TileStill>) -> Self {
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

    /// Whether nothing was drawn between the two, or the same colours again.
    pub fn is_same(&self, other: &Self) -> bool {
        let is_same = |(one, other): (&TileStill, &TileStill)| one.content.is_same(&other.content);
        self.part == other.part
            && self.tiles.len() == other.tiles.len()
            && self.tiles.iter().zip(&other.tiles).all(is_same)
    }

    /// Its pixels. `None` without memory for them.
    pub fn picture(&self) -> Option<Picture> {
        let mut picture = Picture::new(self.width(), self.height())?;
        for tile in &self.tiles {
            let x = i64::from(tile.x) - i64::from(self.part.x);
            let y = i64::from(tile.y) - i64::from(self.part.y);
            match &tile.content {
                Content::Rows(rows) => picture.put(x, y, tile.width, rows),
                Content::Plain(colour) => {
                    picture.fill(x, y, (tile.width, tile.height), *colour);
                }
            }
        }
        Some(picture)
    }
}
