//! Pixel formats (RFC 6143, section 7.4).

/// How a server puts colours into the bytes of a pixel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PixelFormat {
    pub(crate) bits_per_pixel: u8,
    pub(crate) depth: u8,
    pub(crate) big_endian: bool,
    pub(crate) true_colour: bool,
    /// The largest red, green and blue value.
    pub(crate) max: [u16; 3],
    /// How far red, green and blue are shifted left.
    pub(crate) shift: [u8; 3],
}

impl PixelFormat {
    /// Bytes on the wire.
    pub(crate) const LENGTH: usize = 16;

    /// What we ask every server for: 32 bits, little-endian, red at bit 16; in memory blue, green,
    /// red and an unused byte, as framebuffers hold it.
    pub(crate) const BGRX: Self = Self {
        bits_per_pixel: 32,
        depth: 24,
        big_endian: false,
        true_colour: true,
        max: [255; 3],
        shift: [16, 8, 0],
    };

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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bgrx_on_the_wire() {
        assert_eq!(
            PixelFormat::BGRX.to_bytes(),
            [32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0]
        );
    }
}
