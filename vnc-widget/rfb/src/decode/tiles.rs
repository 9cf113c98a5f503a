//! The tiles of 16 × 16 that Hextile and TRLE cut rectangles into.

use crate::rect::Rect;

const TILE: u16 = 16;

/// The tiles of a rectangle, left to right and top to bottom.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tiles {
    rect: Rect,
    /// Where the next tile starts, relative to the rectangle.
    x: u16,
    y: u16,
}

impl Tiles {
    pub(super) fn new(rect: Rect) -> Self {
        // In a rectangle of no pixels there is no tile.
        let y = if rect.is_empty() { rect.height } else { 0 };
        Self { rect, x: 0, y }
    }

    /// All of them together.
    pub(super) fn rect(&self) -> Rect {
        self.rect
    }

    /// The next tile, in framebuffer coordinates.
    pub(super) fn peek(&self) -> Option<Rect> {
        (self.y < self.rect.height).then(|| Rect {
            x: self.rect.x + self.x,
            y: self.rect.y + self.y,
            width: TILE.min(self.rect.width - self.x),
            height: TILE.min(self.rect.height - self.y),
        })
    }

    pub(super) fn advance(&mut self) {
        self.x = self.x.saturating_add(TILE);
        if self.x >= self.rect.width {
            self.x = 0;
            self.y = self.y.saturating_add(TILE);
        }
    }
}
