//! Pixel formats (RFC 6143, section 7.4).

use crate::config::ColourDepth;

/// How a server puts colours into the bytes of a pixel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PixelFormat {
    pub(crate) bits_per_pixel: u8,
    pub(crate) depth: u8,
    pub(crate) big_endian: bool,
    /// Whether a pixel holds colours, rather than an index into a colour map.
    pub(crate) true_colour: bool,
    /// The largest red, green and blue value.
    pub(crate) max: [u16; 3],
    /// How far red, green and blue are shifted left.
    pub(crate) shift: [u8; 3],
}

/// The bytes that a pixel takes in each of its forms: all that one needs to find where a rectangle
/// ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PixelLengths {
    /// PIXEL, the form of most encodings.
    pub(crate) pixel: usize,
    /// CPIXEL, the form of TRLE and ZRLE.
    pub(crate) compact: usize,
    /// TPIXEL, the form of Tight.
    pub(crate) tight: usize,
}

/// Which bytes of a pixel of four the compact form keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compact {
    /// All of them.
    All,
    /// The three that are least significant.
    Low,
    /// The three that are most significant.
    High,
}

impl PixelFormat {
    /// Bytes on the wire.
    pub(crate) const LENGTH: usize = 16;

    /// The format of [`ColourDepth::Full`]: 32 bits, little-endian, red at bit 16; in memory blue,
    /// green, red and an unused byte, as framebuffers hold it.
    pub(crate) const BGRX: Self = Self {
        bits_per_pixel: 32,
        depth: 24,
        big_endian: false,
        true_colour: true,
        max: [255; 3],
        shift: [16, 8, 0],
    };

    /// The format of [`ColourDepth::Thousands`]: five bits of red and blue, six of green.
    pub(crate) const RGB565: Self = Self {
        bits_per_pixel: 16,
        depth: 16,
        big_endian: false,
        true_colour: true,
        max: [31, 63, 31],
        shift: [11, 5, 0],
    };

    /// The format of [`ColourDepth::Few`]: three bits of red and green, two of blue, which is the
    /// colour that eyes see worst.
    pub(crate) const BGR233: Self = Self {
        bits_per_pixel: 8,
        depth: 8,
        big_endian: false,
        true_colour: true,
        max: [7, 7, 3],
        shift: [0, 3, 6],
    };

    /// The format to ask a server for that announced `announced`; `None`: its own will do.
    pub(crate) fn to_ask_for(colours: ColourDepth, announced: Self) -> Option<Self> {
        match colours {
            ColourDepth::Full => Some(Self::BGRX),
            ColourDepth::Thousands => Some(Self::RGB565),
            ColourDepth::Few => Some(Self::BGR233),
            // One that cannot be is not taken.
            ColourDepth::AsServer => (!announced.is_possible()).then_some(Self::BGRX),
        }
    }

    pub(crate) fn to_bytes(self) -> [u8; Self::LENGTH] {
        let mut bytes = [0; Self::LENGTH];
        bytes[0] = self.bits_per_pixel;
        bytes[1] = self.depth;
        bytes[2] = self.big_endian.into();
        bytes[3] = self.true_colour.into();
        for (place, max) in self.max.iter().enumerate() {
            bytes[4 + 2 * place..6 + 2 * place].copy_from_slice(&max.to_be_bytes());
        }
        bytes[10..13].copy_from_slice(&self.shift);
        bytes
    }

    pub(crate) fn from_bytes(bytes: &[u8; Self::LENGTH]) -> Self {
        let max = |place: usize| u16::from_be_bytes([bytes[place], bytes[place + 1]]);
        Self {
            bits_per_pixel: bytes[0],
            depth: bytes[1],
            big_endian: bytes[2] != 0,
            true_colour: bytes[3] != 0,
            max: [max(4), max(6), max(8)],
            shift: [bytes[10], bytes[11], bytes[12]],
        }
    }

    /// Whether pixels can have this format. The protocol knows 8, 16 and 32 bits; some servers
    /// have 24.
    fn is_possible(&self) -> bool {
        let has_colours = !self.true_colour || self.max != [0; 3];
        matches!(self.bits_per_pixel, 8 | 16 | 24 | 32) && has_colours
    }

    /// Bytes of a pixel.
    pub(crate) fn pixel_length(&self) -> usize {
        usize::from(self.bits_per_pixel / 8)
    }

    /// What the compact form leaves out (RFC 6143, section 7.7.5). The RFC wants a depth of at most
    /// 24 besides; servers do not look at it (libvncserver has 32 with colours of 24 bits).
    pub(crate) fn compact(&self) -> Compact {
        let bits = self.colour_bits();
        if self.bits_per_pixel != 32 || !self.true_colour {
            return Compact::All;
        }
        let low = bits.leading_zeros() >= 8;
        let high = bits.trailing_zeros() >= 8;
        // Where both would do, servers take the three bytes that come first.
        match (low, high) {
            (true, true) if self.big_endian => Compact::High,
            (true, _) => Compact::Low,
            (false, true) => Compact::High,
            (false, false) => Compact::All,
        }
    }

    /// Whether Tight sends three bytes a pixel: red, green, blue.
    pub(crate) fn tight_is_rgb(&self) -> bool {
        self.true_colour && self.bits_per_pixel == 32 && self.depth == 24 && self.max == [255; 3]
    }

    pub(crate) fn lengths(&self) -> PixelLengths {
        let pixel = self.pixel_length();
        let or_three = |three| if three { 3 } else { pixel };
        PixelLengths {
            pixel,
            compact: or_three(self.compact() != Compact::All),
            tight: or_three(self.tight_is_rgb()),
        }
    }

    /// The bits of a pixel that hold a colour.
    fn colour_bits(&self) -> u32 {
        self.max
            .iter()
            .zip(self.shift)
            .map(|(&max, shift)| mask(max).checked_shl(shift.into()).unwrap_or(0))
            .fold(0, std::ops::BitOr::bitor)
    }
}

/// The bits that hold values up to `max`.
pub(crate) fn mask(max: u16) -> u32 {
    match max {
        0 => 0,
        max => u32::MAX >> u32::from(max).leading_zeros(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bgrx_on_the_wire() {
        let bytes = [32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0];
        assert_eq!(PixelFormat::BGRX.to_bytes(), bytes);
        assert_eq!(PixelFormat::from_bytes(&bytes), PixelFormat::BGRX);
    }

    #[test]
    fn three_bytes_for_a_pixel_where_they_hold_it() {
        let lengths = |format: PixelFormat| {
            let PixelLengths {
                pixel,
                compact,
                tight,
            } = format.lengths();
            (pixel, compact, tight)
        };
        let bgrx = PixelFormat::BGRX;
        assert_eq!(lengths(bgrx), (4, 3, 3));
        assert_eq!(bgrx.compact(), Compact::Low);
        let high = PixelFormat {
            shift: [24, 16, 8],
            ..bgrx
        };
        assert_eq!(lengths(high), (4, 3, 3));
        assert_eq!(high.compact(), Compact::High);
        let wide = PixelFormat {
            shift: [24, 8, 0],
            ..bgrx
        };
        assert_eq!(lengths(wide), (4, 4, 3));
        let ten_bits = PixelFormat {
            depth: 30,
            max: [1023; 3],
            shift: [20, 10, 0],
            ..bgrx
        };
        assert_eq!(lengths(ten_bits), (4, 4, 4));
        let middle = PixelFormat {
            max: [15; 3],
            shift: [16, 12, 8],
            ..bgrx
        };
        assert_eq!(middle.compact(), Compact::Low);
        let middle = PixelFormat {
            big_endian: true,
            ..middle
        };
        assert_eq!(middle.compact(), Compact::High);
        let map = PixelFormat {
            true_colour: false,
            ..bgrx
        };
        assert_eq!(lengths(map), (4, 4, 4));
        assert_eq!(lengths(PixelFormat { depth: 32, ..bgrx }), (4, 3, 4));
        assert_eq!(lengths(PixelFormat::RGB565), (2, 2, 2));
        assert_eq!(lengths(PixelFormat::BGR233), (1, 1, 1));
    }

    #[test]
    fn a_format_that_cannot_be_is_replaced() {
        let ask = PixelFormat::to_ask_for;
        let bgrx = PixelFormat::BGRX;
        assert_eq!(ask(ColourDepth::Full, PixelFormat::RGB565), Some(bgrx));
        assert_eq!(ask(ColourDepth::AsServer, PixelFormat::RGB565), None);
        let odd = PixelFormat {
            bits_per_pixel: 12,
            ..bgrx
        };
        assert_eq!(ask(ColourDepth::AsServer, odd), Some(bgrx));
        let black = PixelFormat {
            max: [0; 3],
            ..bgrx
        };
        assert_eq!(ask(ColourDepth::AsServer, black), Some(bgrx));
        let far = PixelFormat {
            shift: [255, 32, 31],
            ..bgrx
        };
        assert_eq!(ask(ColourDepth::AsServer, far), None);
        assert_eq!(far.compact(), Compact::High);
    }
}
