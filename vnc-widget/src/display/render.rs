//! The picture as textures.

use gtk::{gdk, glib, prelude::*};

use super::{scale::Placement, still::Still};
use crate::tiles::{self, BYTES_PER_PIXEL, Frame, TILE, Tile};

/// The last known picture, one texture per tile. A tile that did not change keeps its texture, and
/// GSK neither uploads nor compares it again.
#[derive(Default)]
pub(crate) struct TileTextures {
    width: u32,
    height: u32,
    textures: Vec<Option<gdk::Texture>>,
}

impl TileTextures {
    /// Size in guest pixels.
    pub(crate) fn size(&self) -> (u32, u32) {
        (self.width, self.height)
    }

    /// Takes over what changed. Returns whether the size changed with it.
    pub(crate) fn apply(&mut self, frame: Frame) -> bool {
        let resized = self.size() != (frame.width, frame.height);
        let (columns, rows) = tiles::grid(frame.width, frame.height);
        if resized {
            (self.width, self.height) = (frame.width, frame.height);
            self.textures.clear();
            self.textures
                .resize_with(columns as usize * rows as usize, || None);
        }
        for tile in frame.tiles {
            let index = (tile.row * columns + tile.column) as usize;
            if let Some(place) = self.textures.get_mut(index) {
                *place = Some(texture(tile));
            }
        }
        resized
    }

    /// Draws all tiles.
    pub(crate) fn append_to(&self, snapshot: &gtk::Snapshot, placement: &Placement) {
        for (x, y, texture) in self.placed() {
            let (width, height) = (texture.width() as u32, texture.height() as u32);
            snapshot.append_texture(texture, &placement.area(x, y, width, height));
        }
    }

    /// What is shown now. `None` if that is nothing.
    pub(crate) fn still(&self) -> Option<Still> {
        if self.width == 0 || self.height == 0 {
            return None;
        }
        let tiles = self.placed().map(|(x, y, texture)| (x, y, texture.clone()));
        Some(Still::new(self.width, self.height, tiles.collect()))
    }

    /// The textures with their left and top edge in guest pixels.
    fn placed(&self) -> impl Iterator<Item = (u32, u32, &gdk::Texture)> {
        let (columns, _) = tiles::grid(self.width, self.height);
        (0..)
            .zip(&self.textures)
            .filter_map(move |(index, texture)| {
                let (column, row) = (index % columns, index / columns);
                Some((column * TILE, row * TILE, texture.as_ref()?))
            })
    }
}

/// Takes the tile's memory over without a copy.
fn texture(tile: Tile) -> gdk::Texture {
    gdk::MemoryTexture::new(
        tile.width as i32,
        tile.height as i32,
        // A format without the fourth byte needs GTK 4.14. It is 255, or 0 with the other three
        // where there is nothing to see yet.
        gdk::MemoryFormat::B8g8r8a8Premultiplied,
        &glib::Bytes::from_owned(tile.pixels),
        tile.width as usize * BYTES_PER_PIXEL,
    )
    .upcast()
}
