//! ZRLE (RFC 6143, section 7.7.6): tiles of 64 × 64, run-length or palette encoded, over one zlib
//! stream.

use super::{
    Piece, Progress,
    pixels::{expand_bgr, expand_bits, expand_nibbles, expand_pairs, from_bgr},
    zlib::ZlibStream,
};
use crate::{
    bytes::Bytes,
    error::{Error, Result},
    framebuffer::{BLACK, Framebuffer, Pixel},
    rect::Rect,
};

const DURING: &str = "a ZRLE rectangle";
const TILE: u16 = 64;

/// How much is inflated at a time: small enough to stay in a processor's cache until it is drawn.
const CHUNK: usize = 128 << 10;

/// The most bytes a tile can take: a palette that is not needed, then each pixel a run of its own.
const MAX_TILE: usize = 1 + 127 * 3 + TILE as usize * TILE as usize * 4;

const _: () = assert!(CHUNK > 2 * MAX_TILE);

/// Hands out zlib data as it arrives.
#[derive(Debug)]
pub(crate) struct Reader {
    rect: Rect,
    /// Bytes of zlib data still to come; unknown before the length has been read.
    left: Option<u32>,
}

impl Reader {
    pub(crate) fn new(rect: Rect) -> Self {
        Self { rect, left: None }
    }

    /// The length is part of the first piece.
    pub(crate) fn next(&mut self, input: &[u8]) -> Progress {
        let mut bytes = Bytes::new(input);
        let first = self.left.is_none();
        let left = match self.left {
            Some(left) => left,
            None => match bytes.u32() {
                Some(length) => length,
                None => return Progress::Need(4),
            },
        };
        let now = bytes.remaining().min(left as usize);
        if now == 0 && !first {
            return Progress::Need(1);
        }
        let left = left - now as u32;
        self.left = Some(left);
        Progress::Piece(Piece {
            rect: self.rect,
            length: input.len() - bytes.remaining() + now,
            first,
            last: left == 0,
        })
    }
}

/// Inflates and draws.
#[derive(Debug, Default)]
pub(crate) struct Decoder {
    stream: ZlibStream,
    /// Inflated bytes; those from `start` to `end` have not been drawn.
    inflated: Vec<u8>,
    start: usize,
    end: usize,
    /// Where the next tile starts, relative to the rectangle.
    x: u16,
    y: u16,
}

impl Decoder {
    pub(crate) fn decode(
        &mut self,
        piece: &Piece,
        bytes: &[u8],
        framebuffer: &mut Framebuffer,
    ) -> Result<()> {
        let mut bytes = bytes;
        if piece.first {
            bytes = bytes.get(4..).unwrap_or_default();
            (self.start, self.end) = (0, 0);
            self.x = 0;
            self.y = if piece.rect.is_empty() {
                piece.rect.height
            } else {
                0
            };
            self.inflated.resize(CHUNK, 0);
        }
        while self.y < piece.rect.height {
            // What is left of the last chunk is less than a tile: move it to the front.
            self.inflated.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
            let room = &mut self.inflated[self.end..];
            let inflated = self.stream.read(DURING, &mut bytes, room)?;
            self.end += inflated;
            self.draw(piece.rect, framebuffer)?;
            if inflated == 0 {
                break;
            }
        }
        if self.y < piece.rect.height {
            if piece.last {
                return Err(Error::protocol(DURING, "too little zlib data"));
            }
            return Ok(());
        }
        self.stream.finish(DURING, &mut bytes)
    }

    /// Draws all tiles that have been inflated as a whole.
    fn draw(&mut self, rect: Rect, framebuffer: &mut Framebuffer) -> Result<()> {
        while self.y < rect.height {
            let area = Rect {
                x: rect.x + self.x,
                y: rect.y + self.y,
                width: TILE.min(rect.width - self.x),
                height: TILE.min(rect.height - self.y),
            };
            let mut bytes = Bytes::new(&self.inflated[self.start..self.end]);
            let before = bytes.remaining();
            match tile(area, &mut bytes, framebuffer) {
                Ok(()) => {}
                Err(Bad::Truncated) => return Ok(()),
                Err(Bad::Invalid(problem)) => return Err(Error::protocol(DURING, problem)),
            }
            self.start += before - bytes.remaining();
            self.x = self.x.saturating_add(TILE);
            if self.x >= rect.width {
                self.x = 0;
                self.y = self.y.saturating_add(TILE);
            }
        }
        Ok(())
    }
}

/// Why a tile cannot be drawn.
enum Bad {
    /// Not all of it has been inflated.
    Truncated,
    /// It never can be.
    Invalid(&'static str),
}

type TileResult<T> = std::result::Result<T, Bad>;

/// Draws one tile. A truncated one may draw in part; it is drawn again when the rest is there.
fn tile(area: Rect, bytes: &mut Bytes<'_>, framebuffer: &mut Framebuffer) -> TileResult<()> {
    match bytes.u8().ok_or(Bad::Truncated)? {
        0 => raw(area, bytes, framebuffer),
        1 => {
            let pixel = bytes.array().copied().map(from_bgr).ok_or(Bad::Truncated)?;
            framebuffer.fill(area, pixel);
            Ok(())
        }
        colours @ 2..=16 => packed(area, colours.into(), bytes, framebuffer),
        128 => plain_runs(area, bytes, framebuffer),
        colours @ 130..=255 => palette_runs(area, usize::from(colours) - 128, bytes, framebuffer),
        17..=127 | 129 => Err(Bad::Invalid("a tile of no known kind")),
    }
}

/// Pixels as they are.
fn raw(area: Rect, bytes: &mut Bytes<'_>, framebuffer: &mut Framebuffer) -> TileResult<()> {
    let pixels = bytes.take(area.area() as usize * 3).ok_or(Bad::Truncated)?;
    let source_rows = pixels.chunks_exact(usize::from(area.width) * 3);
    for (row, source) in framebuffer.rows_mut(area).zip(source_rows) {
        expand_bgr(row, source);
    }
    Ok(())
}

/// Indices into a palette, packed into 1, 2 or 4 bits; each row starts with a new byte.
fn packed(
    area: Rect,
    colours: usize,
    bytes: &mut Bytes<'_>,
    framebuffer: &mut Framebuffer,
) -> TileResult<()> {
    // An index beyond the palette (the server's mistake) is black.
    let mut palette = [BLACK; 16];
    read_palette(&mut palette[..colours], bytes)?;
    let bits = match colours {
        2 => 1,
        3..=4 => 2,
        _ => 4,
    };
    let row_bytes = (usize::from(area.width) * bits).div_ceil(8);
    let data = bytes
        .take(row_bytes * usize::from(area.height))
        .ok_or(Bad::Truncated)?;
    for (row, source) in framebuffer.rows_mut(area).zip(data.chunks_exact(row_bytes)) {
        match bits {
            1 => expand_bits(row, source, [palette[0], palette[1]]),
            2 => expand_pairs(row, source, &palette),
            _ => expand_nibbles(row, source, &palette),
        }
    }
    Ok(())
}

fn read_palette(palette: &mut [Pixel], bytes: &mut Bytes<'_>) -> TileResult<()> {
    let colours = bytes.take(palette.len() * 3).ok_or(Bad::Truncated)?;
    expand_bgr(palette, colours);
    Ok(())
}

/// Runs, each with its colour.
fn plain_runs(area: Rect, bytes: &mut Bytes<'_>, framebuffer: &mut Framebuffer) -> TileResult<()> {
    let mut canvas = Runs::new(area, framebuffer);
    while canvas.left > 0 {
        let pixel = bytes.array().copied().map(from_bgr).ok_or(Bad::Truncated)?;
        let length = run_length(bytes, canvas.left)?;
        canvas.draw(pixel, length);
    }
    Ok(())
}

/// Runs with colours from a palette; single pixels need no length.
fn palette_runs(
    area: Rect,
    colours: usize,
    bytes: &mut Bytes<'_>,
    framebuffer: &mut Framebuffer,
) -> TileResult<()> {
    let mut palette = [BLACK; 128];
    read_palette(&mut palette[..colours], bytes)?;
    let mut canvas = Runs::new(area, framebuffer);
    while canvas.left > 0 {
        let index = bytes.u8().ok_or(Bad::Truncated)?;
        let pixel = palette[usize::from(index & 0x7f)];
        let length = if index & 0x80 == 0 {
            1
        } else {
            run_length(bytes, canvas.left)?
        };
        canvas.draw(pixel, length);
    }
    Ok(())
}

/// A run's length: one more than the sum of its bytes, the last of which is the only one below 255.
#[inline]
fn run_length(bytes: &mut Bytes<'_>, max: usize) -> TileResult<usize> {
    let mut length = 1;
    loop {
        let byte = bytes.u8().ok_or(Bad::Truncated)?;
        length += usize::from(byte);
        if length > max {
            return Err(Bad::Invalid("a run beyond the end of its tile"));
        }
        if byte != 255 {
            return Ok(length);
        }
    }
}

/// Draws runs into a tile, left to right and top to bottom.
struct Runs<'a> {
    /// From the tile's first pixel on.
    pixels: &'a mut [Pixel],
    /// Pixels from one row to the next.
    stride: usize,
    width: usize,
    /// Where the row starts, and the next pixel in it.
    row: usize,
    column: usize,
    /// Pixels of the tile not yet drawn.
    left: usize,
}

impl<'a> Runs<'a> {
    fn new(area: Rect, framebuffer: &'a mut Framebuffer) -> Self {
        let (pixels, stride) = framebuffer.region_mut(area);
        Self {
            pixels,
            stride,
            width: area.width.into(),
            row: 0,
            column: 0,
            left: area.area() as usize,
        }
    }

    /// Draws `length` pixels, at most as many as are left.
    #[inline]
    fn draw(&mut self, pixel: Pixel, mut length: usize) {
        self.left -= length;
        while length > 0 {
            let now = length.min(self.width - self.column);
            let start = self.row + self.column;
            self.pixels[start..start + now].fill(pixel);
            self.column += now;
            if self.column == self.width {
                self.column = 0;
                self.row += self.stride;
            }
            length -= now;
        }
    }
}
