//! Encodings: one file each.
//!
//! Work on a rectangle has two halves. *Reading* finds out how many bytes belong to the rectangle;
//! it has to happen in the order of the stream, touches no pixels and inflates nothing. *Decoding*
//! turns those bytes into pixels. A [`Reader`] hands out self-contained [`Piece`]s, and a
//! [`Decoder`] takes them, knowing nothing of the connection: so decoding may one day happen on
//! another thread.

mod chunks;
pub(crate) mod colours;
mod copy_rect;
pub(crate) mod cursor;
mod hextile;
mod pixels;
mod raw;
mod rre;
mod tight;
mod tile;
mod tiles;
mod trle;
mod wire;
mod zlib;
mod zlib_rows;
mod zrle;

use crate::{
    error::Result,
    framebuffer::Framebuffer,
    pixel_format::{PixelFormat, PixelLengths},
    rect::Rect,
};
use colours::Colours;
use rre::Form;
use wire::{Wire, with_pixels};
pub(crate) use zlib::ZlibStream;

/// A way to send pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Encoding {
    /// Pixels as they are (RFC 6143, section 7.7.1).
    Raw,
    /// A copy from elsewhere in the framebuffer (7.7.2).
    CopyRect,
    /// A background and rectangles on it (7.7.3).
    Rre,
    /// As RRE, with smaller numbers (the RFB specification before 3.8).
    CoRre,
    /// Tiles of 16 × 16 with coloured subrectangles (7.7.4).
    Hextile,
    /// Pixels as they are, over one zlib stream (Tridia's; in the community's RFB specification).
    Zlib,
    /// Palettes, gradients and JPEG over four zlib streams (TightVNC).
    Tight,
    /// As Hextile, with tiles compressed where that makes them shorter (Tridia's; `UltraVNC`).
    ZlibHex,
    /// Tiles of 16 × 16, with palettes and run lengths (7.7.5).
    Trle,
    /// Tiles of 64 × 64, with palettes and run lengths, over one zlib stream (7.7.6).
    Zrle,
    /// As Tight, with PNG pictures in place of pixels over zlib (QEMU).
    TightPng,
}

impl Encoding {
    /// Every encoding there is.
    pub const ALL: [Self; 11] = [
        Self::Raw,
        Self::CopyRect,
        Self::Rre,
        Self::CoRre,
        Self::Hextile,
        Self::Zlib,
        Self::Tight,
        Self::ZlibHex,
        Self::Trle,
        Self::Zrle,
        Self::TightPng,
    ];

    /// The number on the wire.
    pub fn number(self) -> i32 {
        match self {
            Self::Raw => 0,
            Self::CopyRect => 1,
            Self::Rre => 2,
            Self::CoRre => 4,
            Self::Hextile => 5,
            Self::Zlib => 6,
            Self::Tight => 7,
            Self::ZlibHex => 8,
            Self::Trle => 15,
            Self::Zrle => 16,
            Self::TightPng => -260,
        }
    }

    /// The usual name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Raw => "Raw",
            Self::CopyRect => "CopyRect",
            Self::Rre => "RRE",
            Self::CoRre => "CoRRE",
            Self::Hextile => "Hextile",
            Self::Zlib => "Zlib",
            Self::Tight => "Tight",
            Self::ZlibHex => "ZlibHex",
            Self::Trle => "TRLE",
            Self::Zrle => "ZRLE",
            Self::TightPng => "TightPNG",
        }
    }

    /// The encoding with this number on the wire.
    pub(crate) fn from_number(number: i32) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|encoding| encoding.number() == number)
    }

    /// The place in [`Encoding::ALL`].
    pub(crate) fn index(self) -> usize {
        self as usize
    }
}

impl std::fmt::Display for Encoding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl std::str::FromStr for Encoding {
    type Err = String;

    /// The encoding of this name; case does not matter.
    fn from_str(name: &str) -> std::result::Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|encoding| encoding.name().eq_ignore_ascii_case(name))
            .ok_or_else(|| format!("there is no encoding {name:?}"))
    }
}

/// What a reader found at the front of the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    /// At least so many bytes, counted from the front, have to be there first.
    Need(usize),
    /// Bytes that can be decoded.
    Piece(Piece),
}

/// Some of the bytes of a rectangle, enough to draw something or to get on with inflating.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Piece {
    /// What the bytes draw: the whole rectangle, or part of it for encodings that have parts.
    pub(crate) rect: Rect,
    /// Pixels that are drawn for them, more or less.
    pub(crate) work: u64,
    /// The number of bytes.
    pub(crate) length: usize,
    /// Whether the rectangle begins here.
    pub(crate) first: bool,
    /// Whether the rectangle ends here.
    pub(crate) last: bool,
}

impl Piece {
    /// A rectangle in one piece.
    fn whole(rect: Rect, length: usize) -> Self {
        Self {
            rect,
            work: rect.area(),
            length,
            first: true,
            last: true,
        }
    }
}

/// The reading half, for one rectangle.
#[derive(Debug)]
pub(crate) enum Reader {
    Raw(raw::Reader),
    CopyRect(Rect),
    Rre(rre::Reader),
    Hextile(hextile::Reader),
    /// A length and zlib data: Zlib and ZRLE.
    Zlib(zlib::Reader),
    Tight(tight::Reader),
    Trle(trle::Reader),
}

impl Reader {
    pub(crate) fn new(encoding: Encoding, rect: Rect, lengths: PixelLengths) -> Self {
        let PixelLengths {
            pixel,
            compact,
            tight,
        } = lengths;
        match encoding {
            Encoding::Raw => Self::Raw(raw::Reader::new(rect, pixel)),
            Encoding::CopyRect => Self::CopyRect(rect),
            Encoding::Rre => Self::Rre(rre::Reader::new(rect, Form::Rre, pixel)),
            Encoding::CoRre => Self::Rre(rre::Reader::new(rect, Form::CoRre, pixel)),
            Encoding::Hextile => Self::Hextile(hextile::Reader::new(rect, pixel, false)),
            Encoding::ZlibHex => Self::Hextile(hextile::Reader::new(rect, pixel, true)),
            Encoding::Zlib | Encoding::Zrle => Self::Zlib(zlib::Reader::new(rect)),
            Encoding::Tight => Self::Tight(tight::Reader::new(rect, tight, false)),
            Encoding::TightPng => Self::Tight(tight::Reader::new(rect, tight, true)),
            Encoding::Trle => Self::Trle(trle::Reader::new(rect, compact)),
        }
    }

    /// Finds the next piece at the front of `input`.
    pub(crate) fn next(&mut self, input: &[u8]) -> Result<Progress> {
        match self {
            Self::Raw(reader) => Ok(reader.next(input)),
            Self::CopyRect(rect) => Ok(copy_rect::read(*rect, input)),
            Self::Rre(reader) => Ok(reader.next(input)),
            Self::Hextile(reader) => Ok(reader.next(input)),
            Self::Zlib(reader) => Ok(reader.next(input)),
            Self::Tight(reader) => reader.next(input),
            Self::Trle(reader) => reader.next(input),
        }
    }
}

/// The decoding half, for all rectangles of a connection: what lives from one to the next (zlib
/// streams), the colours that pixels stand for, and memory to work in.
pub(crate) struct Decoder {
    colours: Colours,
    hextile: hextile::Decoder,
    zlib_hex: hextile::Decoder,
    zlib: zlib_rows::Decoder,
    /// Of Tight and `TightPNG`, which differ in little.
    tight: tight::Decoder,
    trle: trle::Decoder,
    zrle: zrle::Decoder,
}

impl std::fmt::Debug for Decoder {
    /// Without what is in its memory: there are letters on screens.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Decoder").finish_non_exhaustive()
    }
}

impl Decoder {
    /// For a server that sends pixels in this format.
    pub(crate) fn new(format: PixelFormat) -> Self {
        Self {
            colours: Colours::new(format),
            hextile: hextile::Decoder::default(),
            zlib_hex: hextile::Decoder::default(),
            zlib: zlib_rows::Decoder::default(),
            tight: tight::Decoder::default(),
            trle: trle::Decoder::default(),
            zrle: zrle::Decoder::default(),
        }
    }

    /// The colours that pixels stand for.
    pub(crate) fn colours(&self) -> &Colours {
        &self.colours
    }

    /// The same, to be told of a colour map.
    pub(crate) fn colours_mut(&mut self) -> &mut Colours {
        &mut self.colours
    }

    /// Draws a piece. `bytes` are those the piece speaks of, and its rectangle lies within the
    /// framebuffer.
    pub(crate) fn decode(
        &mut self,
        encoding: Encoding,
        piece: &Piece,
        bytes: &[u8],
        framebuffer: &mut Framebuffer,
    ) -> Result<()> {
        let colours = &self.colours;
        match encoding {
            Encoding::Raw => with_pixels!(colours.pixel(), pixels => {
                raw::decode(piece.rect, bytes, pixels, framebuffer);
                Ok(())
            }),
            Encoding::CopyRect => copy_rect::decode(piece.rect, bytes, framebuffer),
            Encoding::Rre => with_pixels!(colours.pixel(), pixels => {
                rre::decode(piece, Form::Rre, bytes, pixels, framebuffer)
            }),
            Encoding::CoRre => with_pixels!(colours.pixel(), pixels => {
                rre::decode(piece, Form::CoRre, bytes, pixels, framebuffer)
            }),
            Encoding::Hextile => with_pixels!(colours.pixel(), pixels => {
                self.hextile.decode(piece, false, bytes, pixels, framebuffer)
            }),
            Encoding::ZlibHex => with_pixels!(colours.pixel(), pixels => {
                self.zlib_hex.decode(piece, true, bytes, pixels, framebuffer)
            }),
            Encoding::Zlib => with_pixels!(colours.pixel(), pixels => {
                self.zlib.decode(piece, bytes, pixels, framebuffer)
            }),
            Encoding::Tight => with_pixels!(colours.tight(), pixels => {
                self.tight.decode(piece.rect, false, bytes, pixels, colours, framebuffer)
            }),
            Encoding::TightPng => with_pixels!(colours.tight(), pixels => {
                self.tight.decode(piece.rect, true, bytes, pixels, colours, framebuffer)
            }),
            Encoding::Trle => with_pixels!(colours.compact(), pixels => {
                self.trle.decode(piece, bytes, pixels, framebuffer)
            }),
            Encoding::Zrle => with_pixels!(colours.compact(), pixels => {
                self.zrle.decode(piece, bytes, pixels, framebuffer)
            }),
        }
    }
}
