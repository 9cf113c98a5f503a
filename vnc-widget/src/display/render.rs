//! The picture, tile by tile.

use std::{cell::RefCell, iter};

use gtk::{graphene, prelude::*};
use rfb::Rect;

use super::{
    drawing::Drawing,
    scale::Placement,
    sharpen::{self, Done, Order, Prepared},
    still::{Still, TileStill},
    tile_image::TileImage,
};
use crate::tiles::{self, TILE_HEIGHT, TILE_WIDTH};

/// The last known picture. A tile that did not change keeps what it was drawn with, and GSK neither
/// uploads nor compares it again.
#[derive(Default)]
pub(crate) struct TileImages {
    width: u32,
    height: u32,
    tiles: Vec<Option<TileImage>>,
    /// What was replaced by frames that have not been drawn. The window is still made of it, and cairo
    /// would copy its pixels if it went before that.
    replaced: RefCell<Vec<Option<TileImage>>>,
}

impl TileImages {
    /// Size in guest pixels.
    pub(crate) fn size(&self) -> (u32, u32) {
        (self.width, self.height)
    }

    /// Whether there is something to draw at every place, be it black where nothing was sent.
    pub(super) fn is_whole(&self) -> bool {
        !self.tiles.is_empty() && self.tiles.iter().all(Option::is_some)
    }

    /// Takes over what changed, for a window that is drawn so. Returns whether the size changed with
    /// it.
    pub(super) fn apply(&mut self, prepared: Prepared, drawing: Drawing) -> bool {
        let Prepared { frame, resampled } = prepared;
        let resized = self.size() != (frame.width, frame.height);
        let (columns, rows) = tiles::grid(frame.width, frame.height);
        let replaced = self.replaced.get_mut();
        if resized {
            (self.width, self.height) = (frame.width, frame.height);
            replaced.append(&mut self.tiles);
            self.tiles
                .resize_with(columns as usize * rows as usize, || None);
        }
        let resampled = resampled.into_iter().chain(iter::repeat_with(|| None));
        for (tile, resampled) in frame.tiles.into_iter().zip(resampled) {
            let index = (tile.row * columns + tile.column) as usize;
            if let Some(place) = self.tiles.get_mut(index) {
                replaced.push(place.replace(TileImage::new(tile, resampled, drawing)));
            }
        }
        resized
    }

    /// Draws the tiles that are at least partly within `seen`, a rectangle of the widget. Returns what
    /// is to be done for them to be sharp.
    pub(super) fn append_to(
        &self,
        snapshot: &gtk::Snapshot,
        placement: &Placement,
        seen: &graphene::Rect,
        drawing: Drawing,
    ) -> Vec<Order> {
        let how = placement.resampling();
        let (seen, near) = sharpen::view(placement, seen);
        let mut orders = Vec::new();
        // Tiles may reach beyond the part that is shown.
        let is_part = placement.part() != self.bounds();
        if is_part {
            snapshot.push_clip(&placement.whole());
        }
        for (index, x, y, tile) in self.indexed() {
            let size = (tile.width(), tile.height());
            let area = placement.area(x, y, size.0, size.1);
            if area.intersection(&seen).is_some() {
                tile.append_to(snapshot, &area, how, drawing);
            }
            if area.intersection(&near).is_none() {
                tile.is_out_of_sight();
            } else if let Some(rows) = tile.order(how, drawing) {
                let rows = rows.clone();
                orders.push(Order {
                    index,
                    rows,
                    size,
                    how,
                });
            }
        }
        if is_part {
            snapshot.pop();
        }
        orders
    }

    /// Takes over what was made of tiles that are still there.
    pub(super) fn take_over(&self, done: Vec<Done>) {
        for Done { order, resampled } in done {
            if let Some(Some(tile)) = self.tiles.get(order.index) {
                tile.take_over(&order.rows, resampled);
            }
        }
    }

    /// What was replaced since the last call, to be kept until the window has been drawn.
    pub(super) fn take_replaced(&self) -> Vec<Option<TileImage>> {
        self.replaced.take()
    }

    /// What is shown now of this part. `None` if that is nothing.
    pub(crate) fn still(&self, part: Rect) -> Option<Still> {
        if part.is_empty() {
            return None;
        }
        let (right, bottom) = (part.right(), part.bottom());
        let tiles = self.placed().filter(|(x, y, tile)| {
            (*x < right && x + tile.width() > part.x.into())
                && (*y < bottom && y + tile.height() > part.y.into())
        });
        let tiles = tiles.map(|(x, y, tile)| TileStill {
            x,
            y,
            width: tile.width(),
            height: tile.height(),
            content: tile.content(),
        });
        Some(Still::new(part, tiles.collect()))
    }

    /// All of it, in guest pixels.
    fn bounds(&self) -> Rect {
        // A framebuffer has at most 65535 pixels each way.
        Rect::new(0, 0, self.width as u16, self.height as u16)
    }

    /// The tiles with their left and top edge in guest pixels.
    fn placed(&self) -> impl Iterator<Item = (u32, u32, &TileImage)> {
        self.indexed().map(|(_, x, y, tile)| (x, y, tile))
    }

    /// The same with their place in the list.
    fn indexed(&self) -> impl Iterator<Item = (usize, u32, u32, &TileImage)> {
        let (columns, _) = tiles::grid(self.width, self.height);
        let places = (0..).zip(self.tiles.iter().enumerate());
        places.filter_map(move |(place, (index, tile))| {
            let (column, row) = (place % columns, place / columns);
            let (x, y) = (column * TILE_WIDTH, row * TILE_HEIGHT);
            Some((index, x, y, tile.as_ref()?))
        })
    }
}
