//! The picture as textures.

use std::cell::RefCell;

use gtk::{gdk, glib, graphene, prelude::*};

use super::{resample::Resampled, scale::Placement, still::Still};
use crate::tiles::{self, BYTES_PER_PIXEL, Frame, TILE, Tile};

/// The last known picture, one texture per tile. A tile that did not change keeps its texture, and
/// GSK neither uploads nor compares it again.
#[derive(Default)]
pub(crate) struct TileTextures {
    width: u32,
    height: u32,
    textures: Vec<Option<gdk::Texture>>,
    resampled: RefCell<Resampled>,
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
            self.resampled.take();
        }
        let resampled = self.resampled.get_mut();
        for tile in frame.tiles {
            let index = (tile.row * columns + tile.column) as usize;
            if let Some(place) = self.textures.get_mut(index) {
                *place = Some(texture(tile));
            }
            resampled.forget(index);
        }
        resized
    }

    /// Draws the tiles that are at least partly within `seen`, a rectangle of the widget.
    pub(crate) fn append_to(
        &self,
        snapshot: &gtk::Snapshot,
        placement: &Placement,
        seen: &graphene::Rect,
    ) {
        let mut resampled = self.resampled.borrow_mut();
        resampled.prepare(placement.resampling(), self.textures.len());
        for (index, texture) in self.textures.iter().enumerate() {
            let Some(texture) = texture else { continue };
            let (x, y) = self.corner(index);
            let area = placement.area(x, y, texture.width() as u32, texture.height() as u32);
            if area.intersection(seen).is_none() {
                resampled.forget(index);
                continue;
            }
            match resampled.texture(index, texture) {
                Some(resampled) => snapshot.append_texture(&resampled, &area),
                None => snapshot.append_texture(texture, &area),
            }
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
        let placed = self.textures.iter().enumerate();
        placed.filter_map(|(index, texture)| {
            let (x, y) = self.corner(index);
            Some((x, y, texture.as_ref()?))
        })
    }

    /// Left and top edge of a tile in guest pixels.
    fn corner(&self, index: usize) -> (u32, u32) {
        let (columns, _) = tiles::grid(self.width, self.height);
        let index = index as u32;
        (index % columns * TILE, index / columns * TILE)
    }
}

/// Takes the tile's memory over without a copy.
fn texture(tile: Tile) -> gdk::Texture {
    memory_texture(tile.width as usize, tile.height as usize, tile.pixels)
}

pub(super) fn memory_texture(width: usize, height: usize, pixels: Vec<u8>) -> gdk::Texture {
    gdk::MemoryTexture::new(
        width as i32,
        height as i32,
        // A format without the fourth byte needs GTK 4.14. It is 255, or 0 with the other three
        // where there is nothing to see yet.
        gdk::MemoryFormat::B8g8r8a8Premultiplied,
        &glib::Bytes::from_owned(pixels),
        width * BYTES_PER_PIXEL,
    )
    .upcast()
}
