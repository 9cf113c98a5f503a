//! Pictures made by chance.

use super::format::Format;

/// Numbers that look like chance and are always the same.
#[derive(Clone)]
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `limit`.
    pub(crate) fn below(&mut self, limit: u32) -> u32 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        ((self.0 >> 33) as u32) % limit
    }
}

/// A picture in the pixels of a format.
#[derive(Clone)]
pub(crate) struct Picture {
    pub(crate) format: Format,
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(super) values: Vec<u32>,
}

/// Part of a picture, left to right and top to bottom.
pub(super) struct Part {
    width: usize,
    pub(super) values: Vec<u32>,
}

impl Picture {
    /// Runs of so many colours, of length one and more.
    pub(crate) fn new(
        format: Format,
        [width, height]: [usize; 2],
        colours: u32,
        chance: &mut Chance,
    ) -> Self {
        let palette: Vec<u32> = (0..colours)
            .map(|_| {
                let colour: [u16; 3] = std::array::from_fn(|_| chance.below(65536) as u16);
                format.value(colour)
            })
            .collect();
        let mut values = Vec::new();
        while values.len() < width * height {
            let value = palette[chance.below(colours) as usize];
            let run =
                1 + chance.below(8) * chance.below(2) + chance.below(600) * (chance.below(40) / 39);
            values.extend(std::iter::repeat_n(value, run as usize));
        }
        values.truncate(width * height);
        Self {
            format,
            width,
            height,
            values,
        }
    }

    /// The pixels as 0xRRGGBB.
    pub(crate) fn rgb(&self) -> Vec<u32> {
        self.values
            .iter()
            .map(|&value| self.format.rgb(value))
            .collect()
    }

    pub(super) fn tiles(&self, side: usize) -> Vec<Part> {
        let mut tiles = Vec::new();
        for y in (0..self.height).step_by(side) {
            for x in (0..self.width).step_by(side) {
                let width = side.min(self.width - x);
                let rows = y..(y + side).min(self.height);
                let values = rows
                    .flat_map(|y| &self.values[y * self.width + x..][..width])
                    .copied()
                    .collect();
                tiles.push(Part { width, values });
            }
        }
        tiles
    }

    pub(super) fn whole(&self) -> Part {
        Part {
            width: self.width,
            values: self.values.clone(),
        }
    }
}

impl Part {
    /// The colours, in the order of their first use.
    pub(super) fn palette(&self) -> Vec<u32> {
        let mut palette = Vec::new();
        for value in &self.values {
            if !palette.contains(value) {
                palette.push(*value);
            }
        }
        palette
    }

    pub(super) fn pixels(&self, pixel: impl Fn(u32) -> Vec<u8>) -> Vec<u8> {
        self.values.iter().flat_map(|&value| pixel(value)).collect()
    }

    /// What is not background, row by row: value, x, y, length.
    pub(super) fn stripes(&self, background: u32) -> Vec<(u32, usize, usize, usize)> {
        let mut stripes = Vec::new();
        for (y, row) in self.values.chunks(self.width).enumerate() {
            let mut x = 0;
            for run in row.chunk_by(|a, b| a == b) {
                if run[0] != background {
                    stripes.push((run[0], x, y, run.len()));
                }
                x += run.len();
            }
        }
        stripes
    }

    /// Indices of so many bits, each row from a new byte on.
    pub(super) fn packed(&self, palette: &[u32], bits: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        for row in self.values.chunks(self.width) {
            for group in row.chunks(8 / bits) {
                let mut byte = 0;
                for (place, value) in group.iter().enumerate() {
                    let index = palette.iter().position(|colour| colour == value).unwrap();
                    byte |= index << (8 - bits * (place + 1));
                }
                bytes.push(byte as u8);
            }
        }
        bytes
    }
}
