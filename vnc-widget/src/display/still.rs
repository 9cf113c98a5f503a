//! The screen at one moment.

use gtk::{gdk, prelude::*};

use crate::{Picture, tiles::BYTES_PER_PIXEL};

/// The screen at one moment. Taking one costs next to nothing; making a [`Picture`] of it takes a
/// while and may happen on any thread.
#[derive(Debug, Clone)]
pub struct Still {
    width: u32,
    height: u32,
    /// The tiles with their left and top edge.
    tiles: Vec<(u32, u32, gdk::Texture)>,
}

impl Still {
    pub(super) fn new(width: u32, height: u32, tiles: Vec<(u32, u32, gdk::Texture)>) -> Self {
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

    /// Whether nothing was drawn between the two.
    pub fn is_same(&self, other: &Self) -> bool {
        (self.width, self.height) == (other.width, other.height) && self.tiles == other.tiles
    }

    /// Its pixels. `None` without memory for them.
    pub fn picture(&self) -> Option<Picture> {
        let mut picture = Picture::new(self.width, self.height)?;
        let mut buffer = Vec::new();
        for (x, y, texture) in &self.tiles {
            let width = texture.width() as usize;
            let stride = width * BYTES_PER_PIXEL;
            buffer.resize(stride * texture.height() as usize, 0);
            texture.download(&mut buffer, stride);
            picture.put(*x, *y, width as u32, &buffer);
        }
        Some(picture)
    }
}
