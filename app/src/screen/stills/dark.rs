//! Telling a screen that its guest has not switched on. QEMU takes a still of such a one, too, and
//! writes on it, in English and small, that it is not active.

use crate::screen::picture::Pixels;

/// The size of QEMU's picture for a screen without one.
const SIZE: (u32, u32) = (640, 480);

/// The size of a character there, in pixels.
const CHARACTER: (usize, usize) = (8, 16);

/// The colour of the writing; the rest is black.
const WRITING: [u8; 3] = [0xaa; 3];

/// Whether it is that picture: black, with one line of grey characters in its middle. What the line says
/// changed between versions of QEMU, its place did not.
pub fn is_switched_off(pixels: &Pixels) -> bool {
    if (pixels.width, pixels.height) != SIZE {
        return false;
    }
    let (width, height) = (SIZE.0 as usize, SIZE.1 as usize);
    let lines = height / CHARACTER.1;
    let line = (lines - 1) / 2;
    let columns = width / CHARACTER.0;
    // The first and the last column written in.
    let mut written: Option<(usize, usize)> = None;
    for (index, pixel) in pixels.rgb.chunks_exact(3).enumerate() {
        if pixel == [0; 3] {
            continue;
        }
        if pixel != WRITING || index / width / CHARACTER.1 != line {
            return false;
        }
        let column = index % width / CHARACTER.0;
        let (first, last) = written.unwrap_or((column, column));
        written = Some((first.min(column), last.max(column)));
    }
    written.is_some_and(|(first, last)| first.abs_diff(columns - 1 - last) <= 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn black() -> Pixels {
        Pixels {
            width: SIZE.0,
            height: SIZE.1,
            rgb: vec![0; (SIZE.0 * SIZE.1 * 3) as usize],
        }
    }

    fn dot(pixels: &mut Pixels, x: usize, y: usize, colour: [u8; 3]) {
        let at = (y * SIZE.0 as usize + x) * 3;
        pixels.rgb[at..at + 3].copy_from_slice(&colour);
    }

    /// Where QEMU 10.0 writes "Display output is not active.".
    fn switched_off() -> Pixels {
        let mut pixels = black();
        for (x, y) in [(200, 226), (310, 233), (428, 238)] {
            dot(&mut pixels, x, y, WRITING);
        }
        pixels
    }

    #[test]
    fn what_qemu_writes_is_told_from_what_guests_show() {
        assert!(is_switched_off(&switched_off()));
        assert!(!is_switched_off(&black()), "a guest may blank its screen");
        let mut elsewhere = switched_off();
        dot(&mut elsewhere, 200, 100, WRITING);
        assert!(!is_switched_off(&elsewhere));
        let mut coloured = switched_off();
        dot(&mut coloured, 300, 230, [0xff; 3]);
        assert!(!is_switched_off(&coloured));
        let mut prompt = black();
        dot(&mut prompt, 3, 230, WRITING);
        assert!(!is_switched_off(&prompt), "it is not in the middle");
        let other = Pixels {
            width: 480,
            height: 640,
            ..switched_off()
        };
        assert!(!is_switched_off(&other));
    }
}
