//! What stands before the data of a Tight rectangle.

use super::DURING;
use crate::{
    bytes::Bytes,
    error::{Error, Result},
    rect::Rect,
};

/// Data shorter than this is sent as it is: zlib would make it longer.
const MIN_TO_COMPRESS: usize = 12;

/// The bit of the first byte that says that a filter's number follows.
const EXPLICIT_FILTER: u8 = 0x40;

/// What a connection has agreed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Agreed {
    /// Bytes of a pixel (TPIXEL).
    pub(super) pixel_length: usize,
    /// Whether PNG pictures may come (`TightPNG`).
    pub(super) png: bool,
}

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
    /// One colour, a pixel.
    Fill(&'a [u8]),
    /// A JPEG picture of so many bytes.
    Jpeg(usize),
    /// A PNG picture of so many bytes.
    Png(usize),
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
    /// Pixels as they are.
    Copy,
    /// Indices into these pixels, so many of them: of one bit if there are two, of eight if more.
    Palette(usize, &'a [u8]),
    /// How each pixel differs from what its neighbours let expect.
    Gradient,
}

/// How bytes are sent, with their number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Data {
    Plain(usize),
    Zlib(usize),
}

/// Whether data that is worth it is compressed. Servers that were asked for no compression at all
/// leave it out (`TurboVNC`'s addition, also in libvncserver).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Compression {
    Zlib,
    None,
}

impl<'a> Header<'a> {
    /// Reads up to the data; `None` if not all is there yet.
    pub(super) fn read(rect: Rect, agreed: Agreed, bytes: &mut Bytes<'a>) -> Result<Option<Self>> {
        let Some(control) = bytes.u8() else {
            return Ok(None);
        };
        let body = match control >> 4 {
            8 => bytes.take(agreed.pixel_length).map(Body::Fill),
            9 => compact_length(bytes).map(Body::Jpeg),
            10 if agreed.png => compact_length(bytes).map(Body::Png),
            0..=7 => basic(control, Compression::Zlib, rect, agreed, bytes)?,
            10 | 14 if !agreed.png => basic(control, Compression::None, rect, agreed, bytes)?,
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
            Body::Jpeg(length) | Body::Png(length) => length,
            Body::Basic { data, .. } => match data {
                Data::Plain(length) | Data::Zlib(length) => length,
            },
        }
    }
}

impl Filter<'_> {
    /// Bytes of a row before compression.
    pub(super) fn row_length(&self, rect: Rect, pixel_length: usize) -> usize {
        let width = usize::from(rect.width);
        match self {
            Self::Copy | Self::Gradient => width * pixel_length,
            Self::Palette(0..=2, _) => width.div_ceil(8),
            Self::Palette(..) => width,
        }
    }
}

fn basic<'a>(
    control: u8,
    compression: Compression,
    rect: Rect,
    agreed: Agreed,
    bytes: &mut Bytes<'a>,
) -> Result<Option<Body<'a>>> {
    let number = if control & EXPLICIT_FILTER == 0 {
        Some(0)
    } else {
        bytes.u8()
    };
    let filter = match number {
        None => return Ok(None),
        Some(0) => Filter::Copy,
        Some(1) => match palette(agreed.pixel_length, bytes) {
            None => return Ok(None),
            Some((colours, pixels)) => Filter::Palette(colours, pixels),
        },
        Some(2) => Filter::Gradient,
        Some(other) => {
            return Err(Error::protocol(
                DURING,
                format!("there is no filter of type {other}"),
            ));
        }
    };
    let uncompressed = filter.row_length(rect, agreed.pixel_length) * usize::from(rect.height);
    let data = if uncompressed < MIN_TO_COMPRESS {
        Some(Data::Plain(uncompressed))
    } else {
        compact_length(bytes).map(|length| match compression {
            Compression::Zlib => Data::Zlib(length),
            Compression::None => Data::Plain(length),
        })
    };
    Ok(data.map(|data| Body::Basic {
        filter,
        data,
        stream: usize::from(control >> 4 & 3),
    }))
}

/// The number of colours less one, then the colours.
fn palette<'a>(pixel_length: usize, bytes: &mut Bytes<'a>) -> Option<(usize, &'a [u8])> {
    let colours = usize::from(bytes.u8()?) + 1;
    Some((colours, bytes.take(colours * pixel_length)?))
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
        let agreed = Agreed {
            pixel_length: 3,
            png: false,
        };
        let read = |bytes| Header::read(rect, agreed, &mut Bytes::new(bytes));
        // Two colours, nine pixels: two bytes a row, six in all, so not compressed.
        assert_eq!(
            read(&[0x53, 1, 1, 1, 2, 3, 4, 5, 6]),
            Ok(Some(Header {
                resets: 3,
                body: Body::Basic {
                    filter: Filter::Palette(2, &[1, 2, 3, 4, 5, 6]),
                    data: Data::Plain(6),
                    stream: 1,
                },
            }))
        );
        assert_eq!(read(&[0x53, 1, 1, 1, 2, 3, 4, 5]), Ok(None));
        assert_eq!(
            read(&[0x80, 1, 2, 3]).unwrap().unwrap().body,
            Body::Fill(&[1, 2, 3])
        );
        assert_eq!(read(&[0x90, 5]).unwrap().unwrap().data_length(), 5);
        assert!(read(&[0xb0]).is_err());
        assert!(read(&[0x40, 3]).is_err());
    }

    /// The same first byte means a PNG picture in one encoding and plain pixels in the other.
    #[test]
    fn png_or_no_zlib() {
        let rect = Rect::new(0, 0, 9, 3);
        let read = |png, bytes| {
            let agreed = Agreed {
                pixel_length: 2,
                png,
            };
            Header::read(rect, agreed, &mut Bytes::new(bytes))
        };
        assert_eq!(read(true, &[0xa0, 7]).unwrap().unwrap().body, Body::Png(7));
        let plain = |filter| Body::Basic {
            filter,
            data: Data::Plain(54),
            stream: 2,
        };
        assert_eq!(
            read(false, &[0xa0, 54]).unwrap().unwrap().body,
            plain(Filter::Copy)
        );
        assert_eq!(
            read(false, &[0xe0, 2, 54]).unwrap().unwrap().body,
            plain(Filter::Gradient)
        );
        assert!(read(true, &[0xe0, 2, 54]).is_err());
    }
}
