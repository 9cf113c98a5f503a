//! The least that decoding a recording can take: what its libraries need to inflate the zlib
//! streams and decode the JPEG pictures in it, and one copy of all pixels that are drawn.

use zlib_rs::{Inflate, InflateFlush};
use zune_core::{colorspace::ColorSpace, options::DecoderOptions};
use zune_jpeg::JpegDecoder;

const PIXEL: usize = 4;

/// Compressed data of a recording, in its order.
enum Data<'a> {
    /// Starts a stream over.
    Reset(usize),
    /// Continues a stream: 0 is ZRLE's, 1 to 4 are Tight's.
    Zlib(usize, &'a [u8]),
    Jpeg(&'a [u8]),
    /// Pixels as they are.
    Raw(&'a [u8]),
}

/// What is in a recording.
pub(crate) struct Bare<'a> {
    data: Vec<Data<'a>>,
    /// Pixels of each rectangle that does not come as it is.
    areas: Vec<usize>,
    /// Bytes of the largest rectangle.
    largest: usize,
    /// Memory to work in.
    inflated: Vec<u8>,
    source: Vec<u8>,
    target: Vec<u8>,
}

impl<'a> Bare<'a> {
    /// Looks through a recording. `None` when it has an encoding whose length is only known to those
    /// who decode it.
    pub(crate) fn of(recording: &'a [u8]) -> Option<Self> {
        let mut bare = Self {
            data: Vec::new(),
            areas: Vec::new(),
            largest: 0,
            inflated: vec![0; 128 << 10],
            source: Vec::new(),
            target: Vec::new(),
        };
        let mut bytes = Cursor(recording);
        bytes.take(12)?;
        let types = bytes.u8()?;
        bytes.take(types.into())?;
        bytes.take(4 + 20)?;
        let name = bytes.u32()?;
        bytes.take(name as usize)?;
        while let Some(kind) = bytes.u8() {
            match kind {
                0 => bare.update(&mut bytes)?,
                2 => {}
                3 => {
                    bytes.take(3)?;
                    let length = bytes.u32()?;
                    bytes.take(length as usize)?;
                }
                _ => return None,
            }
        }
        bare.source = vec![0x55; bare.largest];
        bare.target = vec![0; bare.largest];
        Some(bare)
    }

    fn update(&mut self, bytes: &mut Cursor<'a>) -> Option<()> {
        bytes.take(1)?;
        let count = bytes.u16()?;
        for _ in 0..count {
            bytes.take(4)?;
            let (width, height) = (usize::from(bytes.u16()?), usize::from(bytes.u16()?));
            let area = width * height;
            match bytes.u32()?.cast_signed() {
                0 => {
                    self.data.push(Data::Raw(bytes.take(area * PIXEL)?));
                    self.largest = self.largest.max(area * PIXEL);
                    continue;
                }
                1 => drop(bytes.take(4)?),
                7 => self.tight(bytes, width, height)?,
                16 => {
                    let length = bytes.u32()?;
                    let data = bytes.take(length as usize)?;
                    self.data.push(Data::Zlib(0, data));
                }
                // LastRect
                -224 => break,
                _ => return None,
            }
            self.areas.push(area);
            self.largest = self.largest.max(area * PIXEL);
        }
        Some(())
    }

    fn tight(&mut self, bytes: &mut Cursor<'a>, width: usize, height: usize) -> Option<()> {
        let control = bytes.u8()?;
        let resets = (0..4).filter(|stream| control & 1 << stream != 0);
        self.data
            .extend(resets.map(|stream| Data::Reset(1 + stream)));
        let stream = 1 + usize::from(control >> 4 & 3);
        let mut row = width * 3;
        match control >> 4 {
            8 => {
                bytes.take(3)?;
                return Some(());
            }
            9 => {
                let length = bytes.compact_length()?;
                let data = bytes.take(length)?;
                self.data.push(Data::Jpeg(data));
                return Some(());
            }
            4..=7 => match bytes.u8()? {
                1 => {
                    let colours = usize::from(bytes.u8()?) + 1;
                    bytes.take(colours * 3)?;
                    row = if colours <= 2 {
                        width.div_ceil(8)
                    } else {
                        width
                    };
                }
                0 | 2 => {}
                _ => return None,
            },
            0..=3 => {}
            _ => return None,
        }
        if row * height < 12 {
            bytes.take(row * height)?;
        } else {
            let length = bytes.compact_length()?;
            let data = bytes.take(length)?;
            self.data.push(Data::Zlib(stream, data));
        }
        Some(())
    }

    /// Does what cannot be avoided.
    pub(crate) fn run(&mut self) -> Result<(), String> {
        let mut streams: [Option<Inflate>; 5] = Default::default();
        let mut picture = Vec::new();
        for data in &self.data {
            match *data {
                Data::Reset(stream) => streams[stream] = None,
                Data::Zlib(stream, data) => {
                    let inflate = streams[stream].get_or_insert_with(|| Inflate::new(true, 15));
                    inflate_all(inflate, data, &mut self.inflated)?;
                }
                Data::Jpeg(data) => jpeg(data, &mut picture)?,
                Data::Raw(data) => {
                    self.target[..data.len()].copy_from_slice(data);
                    std::hint::black_box(&mut self.target);
                }
            }
        }
        for area in &self.areas {
            let length = area * PIXEL;
            self.target[..length].copy_from_slice(&self.source[..length]);
            std::hint::black_box(&mut self.target);
        }
        Ok(())
    }
}

fn inflate_all(inflate: &mut Inflate, data: &[u8], output: &mut [u8]) -> Result<(), String> {
    let mut rest = data;
    loop {
        let (read, written) = (inflate.total_in(), inflate.total_out());
        inflate
            .decompress(rest, output, InflateFlush::SyncFlush)
            .map_err(|error| error.as_str().to_owned())?;
        std::hint::black_box(&mut *output);
        rest = &rest[(inflate.total_in() - read) as usize..];
        if rest.is_empty() && inflate.total_out() - written < output.len() as u64 {
            return Ok(());
        }
    }
}

fn jpeg(data: &[u8], picture: &mut Vec<u8>) -> Result<(), String> {
    let options = DecoderOptions::new_fast().jpeg_set_out_colorspace(ColorSpace::RGBA);
    let mut decoder = JpegDecoder::new_with_options(data, options);
    decoder
        .decode_headers()
        .map_err(|error| error.to_string())?;
    let length = decoder.output_buffer_size().unwrap_or_default();
    if picture.len() < length {
        picture.resize(length, 0);
    }
    decoder
        .decode_into(&mut picture[..length])
        .map_err(|error| error.to_string())
}

/// The rest of a recording.
struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (now, later) = self.0.split_at_checked(count)?;
        self.0 = later;
        Some(now)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn u8(&mut self) -> Option<u8> {
        self.array().map(|[byte]| byte)
    }

    fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_be_bytes)
    }

    fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_be_bytes)
    }

    /// Tight's numbers: 7, 7 and 8 bits, lowest first.
    fn compact_length(&mut self) -> Option<usize> {
        let mut length = 0;
        for shift in [0, 7, 14] {
            let byte = usize::from(self.u8()?);
            let bits = if shift == 14 { byte } else { byte & 0x7f };
            length |= bits << shift;
            if byte & 0x80 == 0 {
                break;
            }
        }
        Some(length)
    }
}
