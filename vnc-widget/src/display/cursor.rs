//! The pointer's picture.

use gtk::{gdk, glib};

/// Cursors larger than this are made smaller: windowing systems refuse or mishandle them.
const MAX_SIZE: f64 = 256.0;

/// Between these, a cursor keeps its size: a blurred one would be worse than one a little too
/// large or small.
const CLOSE_ENOUGH: std::ops::RangeInclusive<f64> = 0.8..=1.25;

/// A cursor that shows nothing.
pub(crate) fn hidden() -> Option<gdk::Cursor> {
    gdk::Cursor::from_name("none", None)
}

/// A dot with a light rim, for servers that draw the pointer into their picture or do not show it
/// at all: it tells where the mouse is and hides nothing.
pub(crate) fn dot() -> gdk::Cursor {
    const SIZE: u16 = 5;
    let pixel = |x: u16, y: u16| match (x, y) {
        (1..=3, 1..=3) => [0, 0, 0, 255],
        (0 | 4, 0 | 4) => [0, 0, 0, 0],
        _ => [255, 255, 255, 255],
    };
    let pixels: Vec<u8> = (0..SIZE)
        .flat_map(|y| (0..SIZE).flat_map(move |x| pixel(x, y)))
        .collect();
    let size = i32::from(SIZE);
    cursor(size, size, (size / 2, size / 2), pixels)
}

/// The server's cursor, drawn as large as the rest of its picture. `zoom` is the number of cursor
/// pixels of the windowing system per guest pixel.
pub(crate) fn from_rfb(shape: &rfb::Cursor, zoom: f64) -> Option<gdk::Cursor> {
    let (width, height) = (usize::from(shape.width), usize::from(shape.height));
    if width == 0 || height == 0 || shape.bytes().len() != width * height * 4 {
        return hidden();
    }
    let zoom = if CLOSE_ENOUGH.contains(&zoom) {
        1.0
    } else {
        zoom
    };
    let zoom = zoom.min(MAX_SIZE / width.max(height) as f64);
    let new_width = scaled(width, zoom);
    let new_height = scaled(height, zoom);
    let pixels = if (new_width, new_height) == (width, height) {
        shape.bytes().to_vec()
    } else {
        resample(&shape.pixels, (width, height), (new_width, new_height))
    };
    let hotspot = |position: u16, from: usize, to: usize| {
        (usize::from(position).min(from - 1) * to / from) as i32
    };
    Some(cursor(
        new_width as i32,
        new_height as i32,
        (
            hotspot(shape.hotspot_x, width, new_width),
            hotspot(shape.hotspot_y, height, new_height),
        ),
        pixels,
    ))
}

fn cursor(width: i32, height: i32, hotspot: (i32, i32), pixels: Vec<u8>) -> gdk::Cursor {
    let texture = gdk::MemoryTexture::new(
        width,
        height,
        gdk::MemoryFormat::B8g8r8a8,
        &glib::Bytes::from_owned(pixels),
        width as usize * 4,
    );
    let fallback = gdk::Cursor::from_name("default", None);
    gdk::Cursor::from_texture(&texture, hotspot.0, hotspot.1, fallback.as_ref())
}

fn scaled(length: usize, zoom: f64) -> usize {
    (length as f64 * zoom).round().max(1.0) as usize
}

/// Another size by averaging, weighted with opacity so that transparent pixels lend no colour.
fn resample(pixels: &[rfb::Pixel], from: (usize, usize), to: (usize, usize)) -> Vec<u8> {
    let mut result = Vec::with_capacity(to.0 * to.1 * 4);
    for y in 0..to.1 {
        let rows = span(y, from.1, to.1);
        for x in 0..to.0 {
            let columns = span(x, from.0, to.0);
            let block = rows
                .clone()
                .flat_map(|row| columns.clone().map(move |column| row * from.0 + column))
                .filter_map(|index| pixels.get(index));
            result.extend(average(block));
        }
    }
    result
}

/// The source pixels that pixel `index` of `to` covers of `from`; never none.
fn span(index: usize, from: usize, to: usize) -> std::ops::Range<usize> {
    let start = index * from / to;
    start..((index + 1) * from).div_ceil(to).max(start + 1).min(from)
}

fn average<'a>(block: impl Iterator<Item = &'a rfb::Pixel>) -> rfb::Pixel {
    let (mut colours, mut opacity, mut count) = ([0u64; 3], 0u64, 0u64);
    for &[blue, green, red, alpha] in block {
        for (sum, colour) in colours.iter_mut().zip([blue, green, red]) {
            *sum += u64::from(colour) * u64::from(alpha);
        }
        opacity += u64::from(alpha);
        count += 1;
    }
    let [blue, green, red] = colours.map(|sum| sum.checked_div(opacity).unwrap_or(0) as u8);
    [
        blue,
        green,
        red,
        opacity.checked_div(count).unwrap_or(0) as u8,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    const RED: rfb::Pixel = [0, 0, 255, 255];
    const CLEAR: rfb::Pixel = [9, 9, 9, 0];

    #[test]
    fn halving_averages_without_bleeding() {
        let pixels = [RED, CLEAR, RED, CLEAR];
        assert_eq!(resample(&pixels, (2, 2), (1, 1)), [0, 0, 255, 127]);
    }

    #[test]
    fn doubling_repeats() {
        let wide = resample(&[RED, CLEAR], (2, 1), (4, 2));
        assert_eq!(wide.len(), 4 * 2 * 4);
        assert_eq!(wide[..4], RED);
        assert_eq!(wide[4..8], RED);
        assert_eq!(wide[15], 0);
    }

    #[test]
    fn every_size_has_pixels_to_look_at() {
        for from in 1..40 {
            for to in 1..40 {
                for index in 0..to {
                    let span = span(index, from, to);
                    assert!(!span.is_empty() && span.end <= from);
                }
            }
        }
    }
}
