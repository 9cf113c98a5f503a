//! Hextile (RFC 6143, section 7.7.4): tiles of 16 × 16 made of a background and subrectangles.

use super::{Piece, Progress};
use crate::{
    bytes::Bytes,
    decode::raw,
    error::{Error, Result},
    framebuffer::{BLACK, Framebuffer, Pixel},
    rect::Rect,
};

const DURING: &str = "a Hextile rectangle";
const TILE: u16 = 16;

/// Bits of a tile's first byte.
mod flag {
    pub(super) const RAW: u8 = 1;
    pub(super) const BACKGROUND: u8 = 2;
    pub(super) const FOREGROUND: u8 = 4;
    pub(super) const SUBRECTS: u8 = 8;
    pub(super) const COLOURED: u8 = 16;
}

/// The tiles of a rectangle, left to right and top to bottom.
#[derive(Debug, Clone, Copy, Default)]
struct Tiles {
    rect: Rect,
    /// Where the next tile starts, relative to the rectangle.
    x: u16,
    y: u16,
}

impl Tiles {
    fn new(rect: Rect) -> Self {
        // In a rectangle of no pixels there is no tile.
        let y = if rect.is_empty() { rect.height } else { 0 };
        Self { rect, x: 0, y }
    }

    /// The next tile, in framebuffer coordinates.
    fn peek(&self) -> Option<Rect> {
        (self.y < self.rect.height).then(|| Rect {
            x: self.rect.x + self.x,
            y: self.rect.y + self.y,
            width: TILE.min(self.rect.width - self.x),
            height: TILE.min(self.rect.height - self.y),
        })
    }

    fn advance(&mut self) {
        self.x = self.x.saturating_add(TILE);
        if self.x >= self.rect.width {
            self.x = 0;
            self.y = self.y.saturating_add(TILE);
        }
    }
}

/// Hands out as many whole tiles as have arrived.
#[derive(Debug)]
pub(crate) struct Reader {
    tiles: Tiles,
    first: bool,
}

impl Reader {
    pub(crate) fn new(rect: Rect) -> Self {
        Self {
            tiles: Tiles::new(rect),
            first: true,
        }
    }

    pub(crate) fn next(&mut self, input: &[u8]) -> Progress {
        let mut length = 0;
        while let Some(tile) = self.tiles.peek() {
            let rest = &input[length..];
            match tile_length(tile, rest) {
                Some(tile_length) if tile_length <= rest.len() => {
                    length += tile_length;
                    self.tiles.advance();
                }
                needed if length == 0 => {
                    return Progress::Need(needed.unwrap_or(rest.len() + 1));
                }
                _ => break,
            }
        }
        let piece = Piece {
            rect: self.tiles.rect,
            length,
            first: self.first,
            last: self.tiles.peek().is_none(),
        };
        self.first = false;
        Progress::Piece(piece)
    }
}

/// The length of the tile that starts with `bytes`, as soon as they tell.
fn tile_length(tile: Rect, bytes: &[u8]) -> Option<usize> {
    const PIXEL: usize = size_of::<Pixel>();
    let flags = *bytes.first()?;
    if flags & flag::RAW != 0 {
        return Some(1 + tile.area() as usize * PIXEL);
    }
    let mut length = 1;
    if flags & flag::BACKGROUND != 0 {
        length += PIXEL;
    }
    if flags & flag::FOREGROUND != 0 {
        length += PIXEL;
    }
    if flags & flag::SUBRECTS != 0 {
        let count = usize::from(*bytes.get(length)?);
        let each = if flags & flag::COLOURED == 0 {
            2
        } else {
            2 + PIXEL
        };
        length += 1 + count * each;
    }
    Some(length)
}

/// Draws tiles. Colours hold on from tile to tile.
#[derive(Debug, Default)]
pub(crate) struct Decoder {
    tiles: Tiles,
    background: Pixel,
    foreground: Pixel,
}

impl Decoder {
    pub(crate) fn decode(
        &mut self,
        piece: &Piece,
        bytes: &[u8],
        framebuffer: &mut Framebuffer,
    ) -> Result<()> {
        if piece.first {
            *self = Self {
                tiles: Tiles::new(piece.rect),
                background: BLACK,
                foreground: BLACK,
            };
        }
        let mut bytes = Bytes::new(bytes);
        while bytes.remaining() > 0 {
            let drawn = self
                .tiles
                .peek()
                .and_then(|tile| self.tile(tile, &mut bytes, framebuffer));
            if drawn.is_none() {
                return Err(Error::protocol(DURING, "a subrectangle outside its tile"));
            }
            self.tiles.advance();
        }
        Ok(())
    }

    /// Draws one tile; `None` if it cannot be drawn.
    fn tile(
        &mut self,
        tile: Rect,
        bytes: &mut Bytes<'_>,
        framebuffer: &mut Framebuffer,
    ) -> Option<()> {
        let flags = bytes.u8()?;
        if flags & flag::RAW != 0 {
            let pixels = bytes.take(tile.area() as usize * size_of::<Pixel>())?;
            raw::decode(tile, pixels, framebuffer);
            return Some(());
        }
        if flags & flag::BACKGROUND != 0 {
            self.background = colour(bytes)?;
        }
        if flags & flag::FOREGROUND != 0 {
            self.foreground = colour(bytes)?;
        }
        framebuffer.fill(tile, self.background);
        if flags & flag::SUBRECTS == 0 {
            return Some(());
        }
        for _ in 0..bytes.u8()? {
            let pixel = if flags & flag::COLOURED == 0 {
                self.foreground
            } else {
                colour(bytes)?
            };
            let &[place, size] = bytes.array()?;
            let subrect = Rect {
                x: tile.x + u16::from(place >> 4),
                y: tile.y + u16::from(place & 15),
                width: u16::from(size >> 4) + 1,
                height: u16::from(size & 15) + 1,
            };
            if !tile.contains(subrect) {
                return None;
            }
            framebuffer.fill(subrect, pixel);
        }
        Some(())
    }
}

fn colour(bytes: &mut Bytes<'_>) -> Option<Pixel> {
    let &[blue, green, red, _] = bytes.array()?;
    Some([blue, green, red, 255])
}
