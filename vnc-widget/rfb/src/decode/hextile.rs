//! Hextile (RFC 6143, section 7.7.4): tiles of 16 × 16 made of a background and subrectangles; and
//! `ZlibHex` (Tridia's, sent by `UltraVNC` and old `TightVNC` servers), where tiles may be compressed.

use super::{Piece, Progress, raw, tiles::Tiles, wire::WirePixels, zlib::ZlibStream};
use crate::{
    bytes::Bytes,
    error::{Error, Result},
    framebuffer::{BLACK, Framebuffer, Pixel},
    rect::Rect,
};

const DURING: &str = "a Hextile rectangle";

/// The most bytes of a tile: two colours and 255 subrectangles of their own colours, of four bytes.
const MAX_TILE: usize = 4 + 4 + 1 + 255 * (4 + 2);

/// Bits of a tile's first byte.
mod flag {
    pub(super) const RAW: u8 = 1;
    pub(super) const BACKGROUND: u8 = 2;
    pub(super) const FOREGROUND: u8 = 4;
    pub(super) const SUBRECTS: u8 = 8;
    pub(super) const COLOURED: u8 = 16;
    /// Raw pixels, compressed (`ZlibHex`).
    pub(super) const ZLIB_RAW: u8 = 32;
    /// What follows the first byte, compressed (`ZlibHex`).
    pub(super) const ZLIB_TILE: u8 = 64;
}

/// Hands out as many whole tiles as have arrived.
#[derive(Debug)]
pub(crate) struct Reader {
    tiles: Tiles,
    pixel_length: usize,
    /// Whether tiles may be compressed.
    zlib: bool,
    first: bool,
}

impl Reader {
    pub(crate) fn new(rect: Rect, pixel_length: usize, zlib: bool) -> Self {
        Self {
            tiles: Tiles::new(rect),
            pixel_length,
            zlib,
            first: true,
        }
    }

    pub(crate) fn next(&mut self, input: &[u8]) -> Progress {
        let mut length = 0;
        while let Some(tile) = self.tiles.peek() {
            let rest = &input[length..];
            match self.tile_length(tile, rest) {
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
        let rect = self.tiles.rect();
        let piece = Piece {
            rect,
            work: rect.area(),
            length,
            first: self.first,
            last: self.tiles.peek().is_none(),
        };
        self.first = false;
        Progress::Piece(piece)
    }

    /// The length of the tile that starts with `bytes`, as soon as they tell.
    fn tile_length(&self, tile: Rect, bytes: &[u8]) -> Option<usize> {
        let pixel = self.pixel_length;
        let flags = *bytes.first()?;
        if flags & flag::RAW != 0 {
            return Some(1 + tile.area() as usize * pixel);
        }
        if self.zlib && flags & (flag::ZLIB_RAW | flag::ZLIB_TILE) != 0 {
            let &[high, low] = bytes.get(1..)?.first_chunk()?;
            return Some(3 + usize::from(u16::from_be_bytes([high, low])));
        }
        let mut length = 1;
        if flags & flag::BACKGROUND != 0 {
            length += pixel;
        }
        if flags & flag::FOREGROUND != 0 {
            length += pixel;
        }
        if flags & flag::SUBRECTS != 0 {
            let count = usize::from(*bytes.get(length)?);
            let each = if flags & flag::COLOURED == 0 {
                2
            } else {
                2 + pixel
            };
            length += 1 + count * each;
        }
        Some(length)
    }
}

/// Draws tiles. Colours hold on from tile to tile.
#[derive(Debug, Default)]
pub(crate) struct Decoder {
    tiles: Tiles,
    background: Pixel,
    foreground: Pixel,
    zlib: Streams,
}

/// The streams of `ZlibHex`: one for each kind of compressed tile.
#[derive(Debug, Default)]
struct Streams {
    raw: ZlibStream,
    tile: ZlibStream,
    inflated: Vec<u8>,
}

impl Decoder {
    pub(super) fn decode<P: WirePixels>(
        &mut self,
        piece: &Piece,
        zlib: bool,
        bytes: &[u8],
        pixels: P,
        framebuffer: &mut Framebuffer,
    ) -> Result<()> {
        if piece.first {
            self.tiles = Tiles::new(piece.rect);
            self.background = BLACK;
            self.foreground = BLACK;
        }
        let mut bytes = Bytes::new(bytes);
        while bytes.remaining() > 0 {
            let (Some(tile), Some(flags)) = (self.tiles.peek(), bytes.u8()) else {
                return Err(Error::protocol(DURING, "a tile too many"));
            };
            let compressed = flags & (flag::ZLIB_RAW | flag::ZLIB_TILE) != 0;
            if zlib && compressed && flags & flag::RAW == 0 {
                self.compressed(tile, flags, &mut bytes, pixels, framebuffer)?;
            } else {
                self.tile(tile, flags, &mut bytes, pixels, framebuffer)
                    .ok_or_else(outside)?;
            }
            self.tiles.advance();
        }
        Ok(())
    }

    /// Draws one tile, of which the first byte has been taken; `None` if it cannot be drawn.
    fn tile<P: WirePixels>(
        &mut self,
        tile: Rect,
        flags: u8,
        bytes: &mut Bytes<'_>,
        pixels: P,
        framebuffer: &mut Framebuffer,
    ) -> Option<()> {
        if flags & flag::RAW != 0 {
            let data = bytes.take(tile.area() as usize * P::LENGTH)?;
            raw::decode(tile, data, pixels, framebuffer);
            return Some(());
        }
        if flags & flag::BACKGROUND != 0 {
            self.background = pixels.take(bytes)?;
        }
        if flags & flag::FOREGROUND != 0 {
            self.foreground = pixels.take(bytes)?;
        }
        framebuffer.fill(tile, self.background);
        if flags & flag::SUBRECTS == 0 {
            return Some(());
        }
        for _ in 0..bytes.u8()? {
            let pixel = if flags & flag::COLOURED == 0 {
                self.foreground
            } else {
                pixels.take(bytes)?
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

    /// Inflates and draws one tile.
    #[cold]
    fn compressed<P: WirePixels>(
        &mut self,
        tile: Rect,
        flags: u8,
        bytes: &mut Bytes<'_>,
        pixels: P,
        framebuffer: &mut Framebuffer,
    ) -> Result<()> {
        let length = bytes.u16().unwrap_or_default();
        let mut data = bytes.take(length.into()).unwrap_or_default();
        // Out of the way, for the colours are needed beside it.
        let mut zlib = std::mem::take(&mut self.zlib);
        zlib.inflated.resize(MAX_TILE, 0);
        if flags & flag::ZLIB_RAW == 0 {
            let made = zlib.tile.read(DURING, &mut data, &mut zlib.inflated)?;
            zlib.tile.finish(DURING, &mut data)?;
            let mut inflated = Bytes::new(&zlib.inflated[..made]);
            self.tile(tile, flags, &mut inflated, pixels, framebuffer)
                .ok_or_else(outside)?;
        } else {
            let inflated = &mut zlib.inflated[..tile.area() as usize * P::LENGTH];
            zlib.raw.read_exact(DURING, &mut data, inflated)?;
            zlib.raw.finish(DURING, &mut data)?;
            raw::decode(tile, inflated, pixels, framebuffer);
        }
        self.zlib = zlib;
        Ok(())
    }
}

fn outside() -> Error {
    Error::protocol(DURING, "a subrectangle outside its tile")
}
