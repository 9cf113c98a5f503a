//! The VMware cursor pseudo-encoding (0x574D5664): of one of two kinds.

use super::{
    alpha::{self, Order},
    picture,
};
use crate::{
    decode::colours::Colours,
    error::{Error, Result},
    event::Cursor,
    framebuffer::Pixel,
    rect::Rect,
};

/// The kind, and a byte of padding.
const HEADER: usize = 2;

/// Two pictures: what is below is first combined with one by AND, then with the other by XOR.
const CLASSIC: u8 = 0;
/// Pixels with alpha: red, green, blue, alpha.
const ALPHA: u8 = 1;

pub(super) fn length(rect: Rect, colours: &Colours, input: &[u8]) -> Result<usize> {
    let pixels = rect.area() as usize;
    match input.first() {
        None => Ok(HEADER),
        Some(&CLASSIC) => Ok(HEADER + 2 * pixels * colours.lengths().pixel),
        Some(&ALPHA) => Ok(HEADER + pixels * size_of::<Pixel>()),
        Some(other) => Err(Error::protocol(
            "a cursor",
            format!("there is no VMware cursor of kind {other}"),
        )),
    }
}

pub(super) fn decode(rect: Rect, colours: &Colours, bytes: &[u8]) -> Option<Cursor> {
    let ([kind, _], data) = bytes.split_first_chunk::<HEADER>()?;
    if *kind == ALPHA {
        return alpha::pixels(rect, Order::Rgba, data);
    }
    let count = rect.area() as usize;
    let (and, xor) = data.split_at_checked(count * colours.lengths().pixel)?;
    let picture = |source: &[u8]| {
        let mut pixels: Vec<Pixel> = vec![[0; 4]; count];
        colours.row(&mut pixels, source);
        pixels
    };
    classic(rect, &picture(and), &picture(xor))
}

const WHITE: Pixel = [255; 4];
const BLACK: Pixel = [0, 0, 0, 255];
const CLEAR: Pixel = [0; 4];

/// No windowing system can invert what is below a cursor today: such pixels become black, and get a
/// white rim where there is nothing, so that they are seen on any ground.
fn classic(rect: Rect, and: &[Pixel], xor: &[Pixel]) -> Option<Cursor> {
    let width = usize::from(rect.width);
    let colour = |pixel: Pixel| [pixel[0], pixel[1], pixel[2]];
    let inverts: Vec<bool> = and
        .iter()
        .zip(xor)
        .map(|(&and, &xor)| colour(and) != [0; 3] && colour(xor) != [0; 3])
        .collect();
    let near_inverting = |index: usize| {
        let (row, column) = (index / width, index % width);
        let rows = row.saturating_sub(1)..=row + 1;
        rows.flat_map(|row| {
            (column.saturating_sub(1)..=column + 1)
                .filter(|&column| column < width)
                .map(move |column| row * width + column)
        })
        .any(|index| inverts.get(index).copied().unwrap_or(false))
    };
    let pixels = (0..inverts.len())
        .map(|index| {
            let [blue, green, red] = colour(xor[index]);
            if inverts[index] {
                BLACK
            } else if colour(and[index]) == [0; 3] {
                [blue, green, red, 255]
            } else if near_inverting(index) {
                WHITE
            } else {
                CLEAR
            }
        })
        .collect();
    picture(rect, pixels)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pixel_format::PixelFormat;

    fn length(rect: Rect, input: &[u8]) -> Result<usize> {
        super::length(rect, &Colours::new(PixelFormat::BGRX), input)
    }

    fn decode(rect: Rect, bytes: &[u8]) -> Option<Cursor> {
        super::decode(rect, &Colours::new(PixelFormat::BGRX), bytes)
    }

    #[test]
    fn a_classic_cursor() {
        const FULL: [u8; 4] = [255, 255, 255, 0];
        const NONE: [u8; 4] = [0; 4];
        let rect = Rect::new(2, 0, 5, 1);
        // A colour, twice what is below, what is below inverted, what is below.
        let and = [NONE, FULL, FULL, FULL, FULL];
        let xor = [[1, 2, 3, 0], NONE, NONE, FULL, NONE];
        let bytes = [&[0, 0], and.as_flattened(), xor.as_flattened()].concat();
        assert_eq!(length(rect, &bytes), Ok(bytes.len()));
        let cursor = decode(rect, &bytes).unwrap();
        assert_eq!(cursor.pixels, [[1, 2, 3, 255], CLEAR, WHITE, BLACK, WHITE]);
    }

    #[test]
    fn pixels_of_another_format() {
        let rect = Rect::new(0, 0, 2, 1);
        let colours = Colours::new(PixelFormat::RGB565);
        let bytes = [0, 0, 0, 0, 0xff, 0xff, 0, 0xf8, 0, 0];
        assert_eq!(super::length(rect, &colours, &bytes), Ok(bytes.len()));
        let cursor = super::decode(rect, &colours, &bytes).unwrap();
        assert_eq!(cursor.pixels, [[0, 0, 255, 255], CLEAR]);
    }

    #[test]
    fn one_with_alpha() {
        let bytes = [1, 0, 9, 8, 7, 255];
        let rect = Rect::new(0, 0, 1, 1);
        assert_eq!(length(rect, &bytes), Ok(6));
        assert_eq!(decode(rect, &bytes).unwrap().pixels, [[7, 8, 9, 255]]);
    }

    #[test]
    fn kinds_that_do_not_exist() {
        let rect = Rect::new(0, 0, 1, 1);
        assert_eq!(length(rect, &[]), Ok(2));
        assert!(length(rect, &[2]).is_err());
        assert_eq!(decode(Rect::new(0, 0, 0, 0), &[0, 0]), None);
    }
}
