//! Counts of what came in.

use crate::decode::Encoding;

/// What a connection has brought so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Statistics {
    /// Bytes handed to [`Client::receive`](crate::Client::receive).
    pub bytes_received: u64,
    /// Bytes up to the end of the last whole message or rectangle. The difference to
    /// `bytes_received` belongs to something that has not arrived in full.
    pub bytes_understood: u64,
    /// Framebuffer updates decoded in full.
    pub updates: u64,
    /// Pixels drawn by all rectangles together.
    pub pixels: u64,
    rectangles: [u64; Encoding::ALL.len()],
    encoded_pixels: [u64; Encoding::ALL.len()],
}

impl Statistics {
    /// How many rectangles came in this encoding.
    pub fn rectangles(&self, encoding: Encoding) -> u64 {
        self.rectangles[encoding.index()]
    }

    /// How many pixels came in this encoding.
    pub fn pixels_in(&self, encoding: Encoding) -> u64 {
        self.encoded_pixels[encoding.index()]
    }

    /// How many rectangles of pixels came in all encodings together.
    pub fn total_rectangles(&self) -> u64 {
        self.rectangles.iter().sum()
    }

    /// The encodings that have been used.
    pub fn encodings_seen(&self) -> impl Iterator<Item = Encoding> {
        Encoding::ALL
            .into_iter()
            .filter(|&encoding| self.rectangles(encoding) > 0)
    }

    pub(crate) fn count_rectangle(&mut self, encoding: Encoding, pixels: u64) {
        self.rectangles[encoding.index()] += 1;
        self.encoded_pixels[encoding.index()] += pixels;
        self.pixels += pixels;
    }
}
