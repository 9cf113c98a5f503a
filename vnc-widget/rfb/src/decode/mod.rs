//! Encodings: one file each.
//!
//! Work on a rectangle has two halves. *Reading* finds out how many bytes belong to the rectangle;
//! it has to happen in the order of the stream, touches no pixels and inflates nothing. *Decoding*
//! turns those bytes into pixels. A [`Reader`] hands out self-contained [`Piece`]s, and a
//! [`Decoder`] takes them, knowing nothing of the connection: so decoding may one day happen on
//! another thread.

mod copy_rect;
pub(crate) mod cursor;
mod hextile;
mod pixels;
mod raw;
mod tight;
mod zlib;
mod zrle;

pub(crate) use zlib::ZlibStream;

use crate::{error::Result, framebuffer::Framebuffer, rect::Rect};

/// A way to send pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Encoding {
    /// Pixels as they are (RFC 6143, section 7.7.1).
    Raw,
    /// A copy from elsewhere in the framebuffer (7.7.2).
    CopyRect,
    /// Tiles of 16 × 16 with coloured subrectangles (7.7.4).
    Hextile,
    /// Palettes, gradients and JPEG over four zlib streams (TightVNC).
    Tight,
    /// Tiles of 64 × 64, with palettes and run lengths, over one zlib stream (7.7.6).
    Zrle,
}

impl Encoding {
    /// Every encoding there is.
    pub const ALL: [Self; 5] = [
        Self::Raw,
        Self::CopyRect,
        Self::Hextile,
        Self::Tight,
        Self::Zrle,
    ];

    /// The number on the wire.
    pub fn number(self) -> i32 {
        match self {
            Self::Raw => 0,
            Self::CopyRect => 1,
            Self::Hextile => 5,
            Self::Tight => 7,
            Self::Zrle => 16,
        }
    }

    /// The usual name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Raw => "Raw",
            Self::CopyRect => "CopyRect",
            Self::Hextile => "Hextile",
            Self::Tight => "Tight",
            Self::Zrle => "ZRLE",
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
    Hextile(hextile::Reader),
    Tight(Rect),
    Zrle(zrle::Reader),
}

impl Reader {
    pub(crate) fn new(encoding: Encoding, rect: Rect) -> Self {
        match encoding {
            Encoding::Raw => Self::Raw(raw::Reader::new(rect)),
            Encoding::CopyRect => Self::CopyRect(rect),
            Encoding::Hextile => Self::Hextile(hextile::Reader::new(rect)),
            Encoding::Tight => Self::Tight(rect),
            Encoding::Zrle => Self::Zrle(zrle::Reader::new(rect)),
        }
    }

    /// Finds the next piece at the front of `input`.
    pub(crate) fn next(&mut self, input: &[u8]) -> Result<Progress> {
        match self {
            Self::Raw(reader) => Ok(reader.next(input)),
            Self::CopyRect(rect) => Ok(copy_rect::read(*rect, input)),
            Self::Hextile(reader) => Ok(reader.next(input)),
            Self::Tight(rect) => tight::read(*rect, input),
            Self::Zrle(reader) => Ok(reader.next(input)),
        }
    }
}

/// The decoding half, for all rectangles of a connection: what lives from one to the next (zlib
/// streams), and memory to work in.
#[derive(Debug, Default)]
pub(crate) struct Decoder {
    hextile: hextile::Decoder,
    tight: tight::Decoder,
    zrle: zrle::Decoder,
}

impl Decoder {
    /// Draws a piece. `bytes` are those the piece speaks of, and its rectangle lies within the
    /// framebuffer.
    pub(crate) fn decode(
        &mut self,
        encoding: Encoding,
        piece: &Piece,
        bytes: &[u8],
        framebuffer: &mut Framebuffer,
    ) -> Result<()> {
        match encoding {
            Encoding::Raw => raw::decode(piece.rect, bytes, framebuffer),
            Encoding::CopyRect => return copy_rect::decode(piece.rect, bytes, framebuffer),
            Encoding::Hextile => return self.hextile.decode(piece, bytes, framebuffer),
            Encoding::Tight => return self.tight.decode(piece.rect, bytes, framebuffer),
            Encoding::Zrle => return self.zrle.decode(piece, bytes, framebuffer),
        }
        Ok(())
    }
}
