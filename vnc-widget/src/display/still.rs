//! The screen at one moment.

use gtk::glib;

use crate::{Picture, tiles::BYTES_PER_PIXEL};

/// One tile of it.
#[derive(Debug, Clone)]
pub(super) struct TileStill {
    /// Left edge on the screen.
    pub(super) x: u32,
    /// Top edge on the screen.
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
    width: u32,
    height: u32,
    tiles: Vec<TileStill>,
}

impl Still {
    pub(super) fn new(width: u32, height: u32, tiles: Vec<TileStill>) -> Self {
        Self {
            width,
            height,
            tiles,
        }
    }

    /// Width in pixels.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// Whether nothing was drawn between the two, or the same colours again.
    pub fn is_same(&self, other: &Self) -> bool {
        let is_same = |(one, other): (&TileStill, &TileStill)| one.content.is_same(&other.content);
        (self.width, self.height) == (other.width, other.height)
            && self.tiles.len() == other.tiles.len()
            && self.tiles.iter().zip(&other.tiles).all(is_same)
    }

    /// Its pixels. `None` without memory for them.
    pub fn picture(&self) -> Option<Picture> {
        let mut picture = Picture::new(self.width, self.height)?;
        for tile in &self.tiles {
            match &tile.content {
                Content::Rows(rows) => picture.put(tile.x, tile.y, tile.width, rows),
                Content::Plain(colour) => {
                    picture.fill(tile.x, tile.y, (tile.width, tile.height), *colour);
                }
            }
        }
        Some(picture)
    }
}
