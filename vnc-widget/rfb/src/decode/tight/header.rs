//! What stands before the data of a Tight rectangle.

use super::DURING;
use crate::{
    bytes::Bytes,
    decode::pixels::from_rgb,
    error::{Error, Result},
    framebuffer::Pixel,
    rect::Rect,
};

/// Data shorter than this is sent as it is: zlib would make it longer.
const MIN_TO_COMPRESS: usize = 12;

/// The bit of the first byte that says that a filter's number follows.
const EXPLICIT_FILTER: u8 = 0x40;

/// A rectangle's beginning.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Header<'a> {
    /// The streams to start over, one bit each.
    pub(super) resets: u8,
    pub(super) body: Body<'a>,
}

/// What the rectangle is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Body<'a> {
    /// One colour.
    Fill(Pixel),
    /// A JPEG picture of so many bytes.
    Jpeg(usize),
    /// Pixels.
    Basic {
        filter: Filter<'a>,
        data: Data,
        /// The stream, if the data is compressed.
        stream: usize,
    },
}

/// How pixels became bytes.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Filter<'a> {
    /// Three bytes a pixel: red, green, blue.
    Copy,
    /// Indices into these colours, of one bit if there are two, of eight if more.
    Palette(&'a [[u8; 3]]),
    /// Three bytes a pixel: how it differs from what its neighbours let expect.
    Gradient,
}

/// How bytes are sent, with their number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Data {
    Plain(usize),
    Zlib(usize),
}

impl<'a> Header<'a> {
    /// Reads up to the data; `None` if not all is there yet.
    pub(super) fn read(rect: Rect, bytes: &mut Bytes<'a>) -> Result<Option<Self>> {
        let Some(control) = bytes.u8() else {
            return Ok(None);
        };
        let body = match control >> 4 {
            8 => bytes.array().map(|rgb| Body::Fill(from_rgb(*rgb))),
            9 => compact_length(bytes).map(Body::Jpeg),
            0..=7 => basic(control, rect, bytes)?,
            other => {
                return Err(Error::protocol(
                    DURING,
                    format!("there is no compression of type {other}"),
                ));
            }
        };
        Ok(body.map(|body| Self {
            resets: control & 0xf,
            body,
        }))
    }

    /// How many bytes follow the header.
    pub(super) fn data_length(&self) -> usize {
        match self.body {
            Body::Fill(_) => 0,
            Body::Jpeg(length) => length,
            Body::Basic { data, .. } => match data {
                Data::Plain(length) | Data::Zlib(length) => length,
            },
        }
    }
}

impl Filter<'_> {
    /// Bytes of a row before compression.
    pub(super) fn row_length(&self, rect: Rect) -> usize {
        let width = usize::from(rect.width);
        match self {
            Self::Copy | Self::Gradient => width * 3,
            Self::Palette(colours) if colours.len() <= 2 => width.div_ceil(8),
            Self::Palette(_) => width,
        }
    }
}

fn basic<'a>(control: u8, rect: Rect, bytes: &mut Bytes<'a>) -> Result<Option<Body<'a>>> {
    let number = if control & EXPLICIT_FILTER == 0 {
        Some(0)
    } else {
        bytes.u8()
    };
    let filter = match number {
        None => return Ok(None),
        Some(0) => Filter::Copy,
        Some(1) => match palette(bytes) {
            None => return Ok(None),
            Some(colours) => Filter::Palette(colours),
        },
        Some(2) => Filter::Gradient,
        Some(other) => {
            return Err(Error::protocol(
                DURING,
                format!("there is no filter of type {other}"),
            ));
        }
    };
    let uncompressed = filter.row_length(rect) * usize::from(rect.height);
    let data = if uncompressed < MIN_TO_COMPRESS {
        Some(Data::Plain(uncompressed))
    } else {
        compact_length(bytes).map(Data::Zlib)
    };
    Ok(data.map(|data| Body::Basic {
        filter,
        data,
        stream: usize::from(control >> 4 & 3),
    }))
}

/// The number of colours less one, then the colours.
fn palette<'a>(bytes: &mut Bytes<'a>) -> Option<&'a [[u8; 3]]> {
    let colours = usize::from(bytes.u8()?) + 1;
    bytes.take(colours * 3).map(|colours| colours.as_chunks().0)
}

/// A number in one to three bytes: 7, 7 and 8 bits, lowest first.
fn compact_length(bytes: &mut Bytes<'_>) -> Option<usize> {
    let mut length = 0;
    for shift in [0, 7] {
        let byte = usize::from(bytes.u8()?);
        length |= (byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(length);
        }
    }
    Some(length | usize::from(bytes.u8()?) << 14)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compact_lengths() {
        let read = |bytes: &[u8]| compact_length(&mut Bytes::new(bytes));
        assert_eq!(read(&[0x7f]), Some(127));
        assert_eq!(read(&[0x80, 0x01]), Some(128));
        assert_eq!(read(&[0x90, 0x4e]), Some(10000));
        assert_eq!(read(&[0xff, 0xff, 0xff]), Some((1 << 22) - 1));
        assert_eq!(read(&[0x80]), None);
        assert_eq!(read(&[0xff, 0xff]), None);
    }

    #[test]
    fn headers() {
        let rect = Rect::new(0, 0, 9, 3);
        let read = |bytes| Header::read(rect, &mut Bytes::new(bytes));
        // Two colours, nine pixels: two bytes a row, six in all, so not compressed.
        let colours = [[1, 2, 3], [4, 5, 6]];
        assert_eq!(
            read(&[0x53, 1, 1, 1, 2, 3, 4, 5, 6]),
            Ok(Some(Header {
                resets: 3,
                body: Body::Basic {
                    filter: Filter::Palette(&colours),
                    data: Data::Plain(6),
                    stream: 1,
                },
            }))
        );
        assert_eq!(read(&[0x53, 1, 1, 1, 2, 3, 4, 5]), Ok(None));
        assert_eq!(
            read(&[0x80, 1, 2, 3]).unwrap().unwrap().body,
            Body::Fill([3, 2, 1, 255])
        );
        assert_eq!(read(&[0x90, 5]).unwrap().unwrap().data_length(), 5);
        assert!(read(&[0xa0]).is_err());
        assert!(read(&[0x40, 3]).is_err());
    }
}
