//! Tiles of ZRLE and TRLE (RFC 6143, sections 7.7.5 and 7.7.6): solid, raw, with a palette or in runs.

use super::{
    pixels::{expand_bits, expand_nibbles, expand_pairs},
    wire::WirePixels,
};
use crate::{
    bytes::Bytes,
    framebuffer::{BLACK, Framebuffer, Pixel},
    rect::Rect,
};

/// Why a tile cannot be drawn.
pub(super) enum Bad {
    /// Not all of it is there.
    Truncated,
    /// It never can be.
    Invalid(&'static str),
}

pub(super) type TileResult<T> = Result<T, Bad>;

/// Draws one tile with a palette of its own or none. A truncated one may draw in part; it is drawn
/// again when the rest is there.
pub(super) fn draw<P: WirePixels>(
    area: Rect,
    bytes: &mut Bytes<'_>,
    pixels: P,
    framebuffer: &mut Framebuffer,
) -> TileResult<()> {
    match bytes.u8().ok_or(Bad::Truncated)? {
        0 => raw(area, bytes, pixels, framebuffer),
        1 => {
            let pixel = pixels.take(bytes).ok_or(Bad::Truncated)?;
            framebuffer.fill(area, pixel);
            Ok(())
        }
        colours @ 2..=16 => {
            let mut palette = [BLACK; 16];
            read_palette(&mut palette[..colours.into()], bytes, pixels)?;
            packed(area, colours.into(), &palette, bytes, framebuffer)
        }
        128 => plain_runs(area, bytes, pixels, framebuffer),
        colours @ 130..=255 => {
            let mut palette = [BLACK; 128];
            read_palette(&mut palette[..usize::from(colours) - 128], bytes, pixels)?;
            palette_runs(area, &palette, bytes, framebuffer)
        }
        17..=127 | 129 => Err(UNKNOWN),
    }
}

/// What a tile of a kind that does not exist is.
pub(super) const UNKNOWN: Bad = Bad::Invalid("a tile of no known kind");

/// Pixels as they are.
fn raw<P: WirePixels>(
    area: Rect,
    bytes: &mut Bytes<'_>,
    pixels: P,
    framebuffer: &mut Framebuffer,
) -> TileResult<()> {
    let data = bytes
        .take(area.area() as usize * P::LENGTH)
        .ok_or(Bad::Truncated)?;
    let source_rows = data.chunks_exact(usize::from(area.width) * P::LENGTH);
    for (row, source) in framebuffer.rows_mut(area).zip(source_rows) {
        pixels.row(row, source);
    }
    Ok(())
}

/// The bits of an index into so many colours.
pub(super) fn index_bits(colours: usize) -> usize {
    match colours {
        0..=2 => 1,
        3..=4 => 2,
        _ => 4,
    }
}

/// The bytes of a row of indices; each row starts with a new byte.
pub(super) fn packed_row(width: u16, colours: usize) -> usize {
    (usize::from(width) * index_bits(colours)).div_ceil(8)
}

/// Indices into a palette, packed into 1, 2 or 4 bits. One beyond the palette (the server's mistake)
/// has whatever colour stands there.
pub(super) fn packed(
    area: Rect,
    colours: usize,
    palette: &[Pixel; 16],
    bytes: &mut Bytes<'_>,
    framebuffer: &mut Framebuffer,
) -> TileResult<()> {
    let row_bytes = packed_row(area.width, colours);
    let data = bytes
        .take(row_bytes * usize::from(area.height))
        .ok_or(Bad::Truncated)?;
    for (row, source) in framebuffer.rows_mut(area).zip(data.chunks_exact(row_bytes)) {
        match index_bits(colours) {
            1 => expand_bits(row, source, [palette[0], palette[1]]),
            2 => expand_pairs(row, source, palette),
            _ => expand_nibbles(row, source, palette),
        }
    }
    Ok(())
}

pub(super) fn read_palette<P: WirePixels>(
    palette: &mut [Pixel],
    bytes: &mut Bytes<'_>,
    pixels: P,
) -> TileResult<()> {
    let colours = bytes
        .take(palette.len() * P::LENGTH)
        .ok_or(Bad::Truncated)?;
    pixels.row(palette, colours);
    Ok(())
}

/// Runs, each with its colour.
fn plain_runs<P: WirePixels>(
    area: Rect,
    bytes: &mut Bytes<'_>,
    pixels: P,
    framebuffer: &mut Framebuffer,
) -> TileResult<()> {
    let mut canvas = Runs::new(area, framebuffer);
    while canvas.left > 0 {
        let pixel = pixels.take(bytes).ok_or(Bad::Truncated)?;
        let length = run_length(bytes, canvas.left)?;
        canvas.draw(pixel, length);
    }
    Ok(())
}

/// Runs with colours from a palette; single pixels need no length.
pub(super) fn palette_runs(
    area: Rect,
    palette: &[Pixel; 128],
    bytes: &mut Bytes<'_>,
    framebuffer: &mut Framebuffer,
) -> TileResult<()> {
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
pub(super) fn run_length(bytes: &mut Bytes<'_>, max: usize) -> TileResult<usize> {
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
