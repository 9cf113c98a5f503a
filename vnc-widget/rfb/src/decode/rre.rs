//! RRE (RFC 6143, section 7.7.3) and `CoRRE`: a background, and rectangles of one colour on it.

use super::{Piece, Progress, wire::WirePixels};
use crate::{
    bytes::Bytes,
    error::{Error, Result},
    framebuffer::Framebuffer,
    rect::Rect,
};

const DURING: &str = "an RRE rectangle";

/// Bytes of the number of subrectangles.
const COUNT_LENGTH: usize = 4;

/// Pixels that are drawn at a time: each subrectangle may cover all of the rectangle, and there may
/// be four thousand million of them.
const WORK_AT_ONCE: u64 = 1 << 20;

/// How places and sizes of subrectangles are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Two bytes for each number.
    Rre,
    /// One byte, which confines the rectangle to 255 pixels each way.
    CoRre,
}

impl Form {
    /// Bytes of a subrectangle's place and size.
    fn length(self) -> usize {
        match self {
            Self::Rre => 8,
            Self::CoRre => 4,
        }
    }

    /// A subrectangle, relative to the rectangle.
    fn read(self, bytes: &mut Bytes<'_>) -> Option<Rect> {
        let [x, y, width, height] = match self {
            Self::Rre => [bytes.u16()?, bytes.u16()?, bytes.u16()?, bytes.u16()?],
            Self::CoRre => bytes.array().map(|numbers| numbers.map(u16::from))?,
        };
        Some(Rect::new(x, y, width, height))
    }
}

/// Hands out as many subrectangles as have arrived.
#[derive(Debug)]
pub(crate) struct Reader {
    rect: Rect,
    form: Form,
    pixel_length: usize,
    /// Subrectangles still to come; unknown before their number has been read.
    left: Option<u32>,
}

impl Reader {
    pub(super) fn new(rect: Rect, form: Form, pixel_length: usize) -> Self {
        Self {
            rect,
            form,
            pixel_length,
            left: None,
        }
    }

    pub(crate) fn next(&mut self, input: &[u8]) -> Progress {
        let first = self.left.is_none();
        let mut bytes = Bytes::new(input);
        let each = self.pixel_length + self.form.length();
        let (mut left, mut work, mut length) = match self.left {
            Some(left) => (left, 0, 0),
            None => match (bytes.u32(), bytes.take(self.pixel_length)) {
                (Some(count), Some(_)) => {
                    let length = COUNT_LENGTH + self.pixel_length;
                    (count, self.rect.area(), length)
                }
                _ => return Progress::Need(COUNT_LENGTH + self.pixel_length),
            },
        };
        while left > 0 && work < WORK_AT_ONCE {
            let subrect = bytes
                .take(self.pixel_length)
                .and_then(|_| self.form.read(&mut bytes));
            let Some(subrect) = subrect else {
                break;
            };
            work += subrect.area();
            length += each;
            left -= 1;
        }
        if length == 0 {
            return Progress::Need(each);
        }
        self.left = Some(left);
        Progress::Piece(Piece {
            rect: self.rect,
            work,
            length,
            first,
            last: left == 0,
        })
    }
}

/// Draws subrectangles, in their order: later ones cover earlier ones.
pub(super) fn decode<P: WirePixels>(
    piece: &Piece,
    form: Form,
    bytes: &[u8],
    pixels: P,
    framebuffer: &mut Framebuffer,
) -> Result<()> {
    let mut bytes = Bytes::new(bytes);
    let rect = piece.rect;
    if piece.first {
        let background = bytes.u32().and_then(|_| pixels.take(&mut bytes));
        framebuffer.fill(rect, background.unwrap_or_default());
    }
    while let Some(pixel) = pixels.take(&mut bytes) {
        let subrect = form.read(&mut bytes).unwrap_or_default();
        let inside = Rect::new(0, 0, rect.width, rect.height).contains(subrect);
        if !inside {
            return Err(Error::protocol(
                DURING,
                "a subrectangle outside its rectangle",
            ));
        }
        let place = Rect {
            x: rect.x + subrect.x,
            y: rect.y + subrect.y,
            ..subrect
        };
        framebuffer.fill(place, pixel);
    }
    Ok(())
}
