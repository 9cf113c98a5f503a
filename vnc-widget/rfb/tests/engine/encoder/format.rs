//! Pixel formats, and what pixels in them look like.

/// A pixel format as `ServerInit` announces it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Format {
    pub(crate) bits: u8,
    pub(crate) depth: u8,
    pub(crate) big_endian: bool,
    /// Whether pixels are indices into a colour map.
    pub(crate) map: bool,
    pub(crate) max: [u16; 3],
    pub(crate) shift: [u8; 3],
    /// The bytes of a pixel of four that CPIXEL leaves out: the first or the last.
    pub(crate) compact: Option<Unused>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Unused {
    First,
    Last,
}

impl Format {
    pub(crate) const BGRX: Self = Self {
        bits: 32,
        depth: 24,
        big_endian: false,
        map: false,
        max: [255; 3],
        shift: [16, 8, 0],
        compact: Some(Unused::Last),
    };

    /// One of each kind.
    pub(crate) fn all() -> Vec<Self> {
        let bgrx = Self::BGRX;
        let big = Self {
            big_endian: true,
            compact: Some(Unused::First),
            ..bgrx
        };
        let high = |format: Self| Self {
            shift: [24, 16, 8],
            compact: Some(match format.compact {
                Some(Unused::Last) => Unused::First,
                _ => Unused::Last,
            }),
            ..format
        };
        let short = |bits, depth, max, shift| Self {
            bits,
            depth,
            max,
            shift,
            compact: None,
            ..bgrx
        };
        let swapped = |format| Self {
            big_endian: true,
            ..format
        };
        let rgb565 = short(16, 16, [31, 63, 31], [11, 5, 0]);
        let ten_bits = short(32, 30, [1023; 3], [0, 10, 20]);
        let map = |bits| Self {
            map: true,
            ..short(bits, 8, [0; 3], [0; 3])
        };
        vec![
            bgrx,
            big,
            high(bgrx),
            high(big),
            // Red first; depth 32, which changes what Tight sends.
            Self {
                shift: [0, 8, 16],
                ..bgrx
            },
            Self { depth: 32, ..bgrx },
            // All four bytes are needed.
            Self {
                shift: [24, 8, 0],
                compact: None,
                ..bgrx
            },
            ten_bits,
            swapped(ten_bits),
            // Few colours in four bytes, and in three.
            Self {
                depth: 12,
                max: [15, 15, 15],
                shift: [8, 4, 0],
                ..bgrx
            },
            short(24, 24, [255; 3], [16, 8, 0]),
            swapped(short(24, 24, [255; 3], [0, 8, 16])),
            rgb565,
            swapped(rgb565),
            short(16, 15, [31; 3], [10, 5, 0]),
            // Values that are not all the bits can hold.
            short(16, 12, [9, 10, 11], [0, 4, 8]),
            short(8, 8, [7, 7, 3], [0, 3, 6]),
            short(8, 8, [1, 3, 31], [0, 1, 3]),
            map(8),
            map(16),
            swapped(map(16)),
            map(32),
        ]
    }

    /// The 16 bytes of the protocol.
    pub(crate) fn to_bytes(self) -> Vec<u8> {
        let mut bytes = vec![
            self.bits,
            self.depth,
            self.big_endian.into(),
            (!self.map).into(),
        ];
        bytes.extend(self.max.map(u16::to_be_bytes).as_flattened());
        bytes.extend(self.shift);
        bytes.extend([0; 3]);
        bytes
    }

    /// The value of a pixel of these colours, each of 16 bits.
    pub(super) fn value(self, [red, green, blue]: [u16; 3]) -> u32 {
        if self.map {
            return u32::from(red >> 8);
        }
        let channel = |place: usize, colour: u16| {
            let max = u64::from(self.max[place]);
            ((u64::from(colour) * max / 65535) as u32) << self.shift[place]
        };
        channel(0, red) | channel(1, green) | channel(2, blue)
    }

    /// What a pixel of this value is to look like.
    pub(super) fn rgb(self, value: u32) -> u32 {
        if self.map {
            return map_entry(value as u8);
        }
        let channel = |place: usize| {
            let max = u32::from(self.max[place]);
            let bits = 32 - max.leading_zeros();
            let value = (value >> self.shift[place]) & ((1 << bits) - 1);
            (value * 255 * 2 + max) / (2 * max)
        };
        channel(0) << 16 | channel(1) << 8 | channel(2)
    }

    pub(super) fn pixel(self, value: u32) -> Vec<u8> {
        let length = usize::from(self.bits / 8);
        if self.big_endian {
            value.to_be_bytes()[4 - length..].to_vec()
        } else {
            value.to_le_bytes()[..length].to_vec()
        }
    }

    pub(super) fn compact_pixel(self, value: u32) -> Vec<u8> {
        let pixel = self.pixel(value);
        match self.compact {
            Some(Unused::First) => pixel[1..].to_vec(),
            Some(Unused::Last) => pixel[..3].to_vec(),
            None => pixel,
        }
    }

    pub(super) fn tight_pixel(self, value: u32) -> Vec<u8> {
        if self.bits == 32 && self.depth == 24 && !self.map && self.max == [255; 3] {
            self.shift.map(|shift| (value >> shift) as u8).to_vec()
        } else {
            self.pixel(value)
        }
    }
}

/// The colour map that goes with formats that have one: 256 entries.
pub(crate) fn map_entry(index: u8) -> u32 {
    ((u32::from(index) * 0x01_2f35) ^ 0x40_2010) & 0xff_ffff
}
