//! From what is on the wire to a framebuffer's pixels: the innermost loops.
//!
//! Each takes a fixed number of pixels at a time, without a branch, and does what is left one by
//! one: that is what compilers turn into wide instructions.

use crate::framebuffer::Pixel;

const OPAQUE: u32 = 0xff00_0000;

/// A pixel of three bytes as ZRLE has them: blue, green, red.
#[inline]
pub(super) fn from_bgr([blue, green, red]: [u8; 3]) -> Pixel {
    [blue, green, red, 255]
}

/// A pixel of three bytes as Tight has them: red, green, blue.
#[inline]
pub(super) fn from_rgb([red, green, blue]: [u8; 3]) -> Pixel {
    [blue, green, red, 255]
}

/// Copies as many pixels as both slices have, making them opaque.
#[inline]
pub(super) fn copy_opaque(to: &mut [Pixel], from: &[Pixel]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = (u32::from_le_bytes(*from) | OPAQUE).to_le_bytes();
    }
}

/// Copies as many pixels as both slices have, from red, green, blue and a fourth byte that does not
/// matter.
#[inline]
pub(super) fn copy_rgba(to: &mut [Pixel], from: &[[u8; 4]]) {
    for (to, from) in to.iter_mut().zip(from) {
        // Read big-endian, the first three have the order that a little-endian pixel wants.
        *to = (u32::from_be_bytes(*from) >> 8 | OPAQUE).to_le_bytes();
    }
}

/// Three words of a chunk of twelve bytes.
#[inline]
fn words(chunk: &[u8; 12], word: fn([u8; 4]) -> u32) -> [u32; 3] {
    let &[a0, a1, a2, a3, b0, b1, b2, b3, c0, c1, c2, c3] = chunk;
    [[a0, a1, a2, a3], [b0, b1, b2, b3], [c0, c1, c2, c3]].map(word)
}

/// Draws a row of pixels of three bytes, blue first.
#[inline]
pub(super) fn expand_bgr(row: &mut [Pixel], source: &[u8]) {
    let (fours, rest) = row.as_chunks_mut::<4>();
    let (twelves, _) = source.as_chunks::<12>();
    for (pixels, chunk) in fours.iter_mut().zip(twelves) {
        let [a, b, c] = words(chunk, u32::from_le_bytes);
        *pixels = [a, a >> 24 | b << 8, b >> 16 | c << 16, c >> 8]
            .map(|pixel| (pixel | OPAQUE).to_le_bytes());
    }
    let done = fours.len() * 12;
    let left = source.get(done..).unwrap_or_default().as_chunks().0;
    for (pixel, &bgr) in rest.iter_mut().zip(left) {
        *pixel = from_bgr(bgr);
    }
}

/// Draws a row of pixels of three bytes, red first.
#[inline]
pub(super) fn expand_rgb(row: &mut [Pixel], source: &[u8]) {
    let (fours, rest) = row.as_chunks_mut::<4>();
    let (twelves, _) = source.as_chunks::<12>();
    for (pixels, chunk) in fours.iter_mut().zip(twelves) {
        // Read big-endian, three bytes already have the order that a little-endian pixel wants.
        let [a, b, c] = words(chunk, u32::from_be_bytes);
        *pixels = [a >> 8, a << 16 | b >> 16, b << 8 | c >> 24, c]
            .map(|pixel| (pixel | OPAQUE).to_le_bytes());
    }
    let done = fours.len() * 12;
    let left = source.get(done..).unwrap_or_default().as_chunks().0;
    for (pixel, &rgb) in rest.iter_mut().zip(left) {
        *pixel = from_rgb(rgb);
    }
}

/// Draws a row of one-bit indices, highest bit first.
#[inline]
pub(super) fn expand_bits(row: &mut [Pixel], source: &[u8], colours: [Pixel; 2]) {
    const BITS: [u32; 8] = [0x80, 0x40, 0x20, 0x10, 8, 4, 2, 1];
    let [zero, one] = colours.map(u32::from_le_bytes);
    let pixel = |byte: u8, bit: u32| {
        // All ones where the bit is set.
        let mask = 0u32.wrapping_sub(u32::from(u32::from(byte) & bit != 0));
        (zero ^ ((zero ^ one) & mask)).to_le_bytes()
    };
    let (eights, rest) = row.as_chunks_mut::<8>();
    for (pixels, &byte) in eights.iter_mut().zip(source) {
        *pixels = BITS.map(|bit| pixel(byte, bit));
    }
    if let Some(&byte) = source.get(eights.len()) {
        for (to, bit) in rest.iter_mut().zip(BITS) {
            *to = pixel(byte, bit);
        }
    }
}

/// Draws a row of two-bit indices, highest bits first.
#[inline]
pub(super) fn expand_pairs(row: &mut [Pixel], source: &[u8], palette: &[Pixel; 16]) {
    let pixels = |byte: u8| [6, 4, 2, 0].map(|shift| palette[usize::from(byte >> shift & 3)]);
    let (fours, rest) = row.as_chunks_mut::<4>();
    for (to, &byte) in fours.iter_mut().zip(source) {
        *to = pixels(byte);
    }
    if let Some(&byte) = source.get(fours.len()) {
        for (to, pixel) in rest.iter_mut().zip(pixels(byte)) {
            *to = pixel;
        }
    }
}

/// Draws a row of four-bit indices, highest bits first.
#[inline]
pub(super) fn expand_nibbles(row: &mut [Pixel], source: &[u8], palette: &[Pixel; 16]) {
    let pixels = |byte: u8| [4, 0].map(|shift| palette[usize::from(byte >> shift & 15)]);
    let (twos, rest) = row.as_chunks_mut::<2>();
    for (to, &byte) in twos.iter_mut().zip(source) {
        *to = pixels(byte);
    }
    if let Some(&byte) = source.get(twos.len()) {
        for (to, pixel) in rest.iter_mut().zip(pixels(byte)) {
            *to = pixel;
        }
    }
}

/// Draws a row of one-byte indices.
#[inline]
pub(super) fn expand_bytes(row: &mut [Pixel], source: &[u8], palette: &[Pixel; 256]) {
    let (eights, rest) = row.as_chunks_mut::<8>();
    let (indices, rest_indices) = source.as_chunks::<8>();
    for (to, indices) in eights.iter_mut().zip(indices) {
        *to = indices.map(|index| palette[usize::from(index)]);
    }
    for (to, &index) in rest.iter_mut().zip(rest_indices) {
        *to = palette[usize::from(index)];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What `count` pixels are made of, the slow and obvious way.
    fn slowly(count: usize, pixel: impl Fn(usize) -> Pixel) -> Vec<Pixel> {
        (0..count).map(pixel).collect()
    }

    proptest! {
        /// Every length: chunks of all sizes, with and without a rest.
        #[test]
        fn wide_loops_do_what_slow_ones_do(
            count in 0..70usize,
            bytes in prop::collection::vec(any::<u8>(), 210),
        ) {
            let mut row = vec![[0; 4]; count];
            let colour = |index: u8| [index, !index, index / 2, 255];
            let mut palette = [[0; 4]; 256];
            for (index, pixel) in palette.iter_mut().enumerate() {
                *pixel = colour(index as u8);
            }
            let small: [Pixel; 16] = std::array::from_fn(|index| palette[index]);
            let bits = |index: usize, bits: usize| {
                let byte = bytes[index * bits / 8];
                colour(byte >> (8 - bits - index * bits % 8) & ((1 << bits) - 1))
            };

            expand_bgr(&mut row, &bytes[..count * 3]);
            prop_assert_eq!(&row, &slowly(count, |i| {
                [bytes[3 * i], bytes[3 * i + 1], bytes[3 * i + 2], 255]
            }));
            copy_rgba(&mut row, bytes[..count * 3 / 4 * 4].as_chunks().0);
            prop_assert_eq!(&row[..count * 3 / 4], &slowly(count * 3 / 4, |i| {
                [bytes[4 * i + 2], bytes[4 * i + 1], bytes[4 * i], 255]
            }));
            expand_rgb(&mut row, &bytes[..count * 3]);
            prop_assert_eq!(&row, &slowly(count, |i| {
                [bytes[3 * i + 2], bytes[3 * i + 1], bytes[3 * i], 255]
            }));
            expand_bits(&mut row, &bytes[..count.div_ceil(8)], [palette[0], palette[1]]);
            prop_assert_eq!(&row, &slowly(count, |i| bits(i, 1)));
            expand_pairs(&mut row, &bytes[..count.div_ceil(4)], &small);
            prop_assert_eq!(&row, &slowly(count, |i| bits(i, 2)));
            expand_nibbles(&mut row, &bytes[..count.div_ceil(2)], &small);
            prop_assert_eq!(&row, &slowly(count, |i| bits(i, 4)));
            expand_bytes(&mut row, &bytes[..count], &palette);
            prop_assert_eq!(&row, &slowly(count, |i| colour(bytes[i])));
        }
    }
}
