//! TRLE (RFC 6143, section 7.7.5): tiles of 16 × 16 as in ZRLE, without compression, and with
//! palettes that may be used again.

use super::{
    Piece, Progress,
    tile::{self, Bad, TileResult},
    tiles::Tiles,
    wire::WirePixels,
};
use crate::{
    bytes::Bytes,
    error::{Error, Result},
    framebuffer::{BLACK, Framebuffer, Pixel},
    rect::Rect,
};

const DURING: &str = "a TRLE rectangle";

/// Kinds of tiles that use the palette of the last tile that had one.
const PACKED_AGAIN: u8 = 127;
const RUNS_AGAIN: u8 = 129;

/// Hands out as many whole tiles as have arrived.
#[derive(Debug)]
pub(crate) struct Reader {
    tiles: Tiles,
    pixel_length: usize,
    /// The size of the palette that may be used again, if there is one.
    palette: usize,
    first: bool,
}

impl Reader {
    pub(crate) fn new(rect: Rect, pixel_length: usize) -> Self {
        Self {
            tiles: Tiles::new(rect),
            pixel_length,
            palette: 0,
            first: true,
        }
    }

    pub(crate) fn next(&mut self, input: &[u8]) -> Result<Progress> {
        let mut bytes = Bytes::new(input);
        let mut length = 0;
        while let Some(area) = self.tiles.peek() {
            match self.tile(area, &mut bytes) {
                Ok(palette) => {
                    self.palette = palette;
                    length = input.len() - bytes.remaining();
                    self.tiles.advance();
                }
                Err(Bad::Invalid(problem)) => return Err(Error::protocol(DURING, problem)),
                // How much is missing is not known before all runs are there.
                Err(Bad::Truncated) if length == 0 => return Ok(Progress::Need(input.len() + 1)),
                Err(Bad::Truncated) => break,
            }
        }
        let piece = Piece {
            rect: self.tiles.rect(),
            work: self.tiles.rect().area(),
            length,
            first: self.first,
            last: self.tiles.peek().is_none(),
        };
        self.first = false;
        Ok(Progress::Piece(piece))
    }

    /// Passes over a tile; returns the size of the palette that the next may use.
    fn tile(&self, area: Rect, bytes: &mut Bytes<'_>) -> TileResult<usize> {
        let pass = |length: usize, bytes: &mut Bytes<'_>| {
            bytes.take(length).map(drop).ok_or(Bad::Truncated)
        };
        let kind = bytes.u8().ok_or(Bad::Truncated)?;
        let indices = |colours| tile::packed_row(area.width, colours) * usize::from(area.height);
        match kind {
            0 => {
                pass(area.area() as usize * self.pixel_length, bytes)?;
                Ok(self.palette)
            }
            1 => {
                pass(self.pixel_length, bytes)?;
                Ok(1)
            }
            colours @ 2..=16 => {
                let colours = usize::from(colours);
                pass(colours * self.pixel_length + indices(colours), bytes)?;
                Ok(colours)
            }
            PACKED_AGAIN => match self.palette {
                1 => Ok(1),
                colours @ 2..=16 => {
                    pass(indices(colours), bytes)?;
                    Ok(colours)
                }
                _ => Err(NO_PALETTE),
            },
            128 => {
                let mut left = area.area() as usize;
                while left > 0 {
                    pass(self.pixel_length, bytes)?;
                    left -= tile::run_length(bytes, left)?;
                }
                Ok(self.palette)
            }
            RUNS_AGAIN | 130..=255 => {
                let palette = if kind == RUNS_AGAIN {
                    self.palette
                } else {
                    let colours = usize::from(kind) - 128;
                    pass(colours * self.pixel_length, bytes)?;
                    colours
                };
                if palette == 0 {
                    return Err(NO_PALETTE);
                }
                let mut left = area.area() as usize;
                while left > 0 {
                    let index = bytes.u8().ok_or(Bad::Truncated)?;
                    left -= if index & 0x80 == 0 {
                        1
                    } else {
                        tile::run_length(bytes, left)?
                    };
                }
                Ok(palette)
            }
            17..=126 => Err(tile::UNKNOWN),
        }
    }
}

const NO_PALETTE: Bad = Bad::Invalid("a palette that was never sent");

/// Draws tiles. A palette holds on from tile to tile, until another takes its place.
#[derive(Debug)]
pub(crate) struct Decoder {
    tiles: Tiles,
    palette: [Pixel; 128],
    colours: usize,
}

impl Default for Decoder {
    fn default() -> Self {
        Self {
            tiles: Tiles::default(),
            palette: [BLACK; 128],
            colours: 0,
        }
    }
}

impl Decoder {
    pub(super) fn decode<P: WirePixels>(
        &mut self,
        piece: &Piece,
        bytes: &[u8],
        pixels: P,
        framebuffer: &mut Framebuffer,
    ) -> Result<()> {
        if piece.first {
            self.tiles = Tiles::new(piece.rect);
            self.colours = 0;
        }
        let mut bytes = Bytes::new(bytes);
        while bytes.remaining() > 0 {
            let Some(area) = self.tiles.peek() else {
                return Err(Error::protocol(DURING, "a tile too many"));
            };
            match self.tile(area, &mut bytes, pixels, framebuffer) {
                Ok(()) => self.tiles.advance(),
                Err(Bad::Truncated) => return Err(Error::protocol(DURING, "a tile is cut off")),
                Err(Bad::Invalid(problem)) => return Err(Error::protocol(DURING, problem)),
            }
        }
        Ok(())
    }

    fn tile<P: WirePixels>(
        &mut self,
        area: Rect,
        bytes: &mut Bytes<'_>,
        pixels: P,
        framebuffer: &mut Framebuffer,
    ) -> TileResult<()> {
        let mut ahead = *bytes;
        let kind = ahead.u8().ok_or(Bad::Truncated)?;
        match kind {
            // Those that leave the palette alone.
            0 | 128 => return tile::draw(area, bytes, pixels, framebuffer),
            1..=16 => self.read_palette(kind.into(), &mut ahead, pixels)?,
            130..=255 => self.read_palette(usize::from(kind) - 128, &mut ahead, pixels)?,
            _ => {}
        }
        *bytes = ahead;
        match kind {
            // A palette of one colour needs no indices.
            1 => self.solid(area, framebuffer),
            PACKED_AGAIN if self.colours == 1 => self.solid(area, framebuffer),
            2..=16 | PACKED_AGAIN if self.colours <= 16 => {
                let (palette, _) = self.palette.split_first_chunk().ok_or(NO_PALETTE)?;
                tile::packed(area, self.colours, palette, bytes, framebuffer)
            }
            RUNS_AGAIN.. => tile::palette_runs(area, &self.palette, bytes, framebuffer),
            _ => Err(NO_PALETTE),
        }
    }

    #[allow(clippy::unnecessary_wraps, reason = "as the other kinds of tiles")]
    fn solid(&self, area: Rect, framebuffer: &mut Framebuffer) -> TileResult<()> {
        framebuffer.fill(area, self.palette[0]);
        Ok(())
    }

    /// An index beyond the palette (the server's mistake) is black.
    fn read_palette<P: WirePixels>(
        &mut self,
        colours: usize,
        bytes: &mut Bytes<'_>,
        pixels: P,
    ) -> TileResult<()> {
        self.palette = [BLACK; 128];
        self.colours = colours;
        tile::read_palette(&mut self.palette[..colours], bytes, pixels)
    }
}
