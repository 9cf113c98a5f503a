//! A small encoder for every encoding and pixel format, written apart from the engine: slow, plain,
//! and out to use each way there is of sending something.

mod format;
mod picture;

use rfb::Encoding;

use crate::server::{Zlib, compact};
pub(crate) use format::{Format, map_entry};
use picture::Part;
pub(crate) use picture::{Chance, Picture};

/// What a server keeps from rectangle to rectangle.
pub(crate) struct Encoder {
    chance: Chance,
    zlib: Zlib,
    zlib_raw: Zlib,
    zlib_tile: Zlib,
    zrle: Zlib,
    tight: [Zlib; 4],
}

impl Encoder {
    pub(crate) fn new(chance: Chance) -> Self {
        Self {
            chance,
            zlib: Zlib::new(),
            zlib_raw: Zlib::new(),
            zlib_tile: Zlib::new(),
            zrle: Zlib::new(),
            tight: std::array::from_fn(|_| Zlib::new()),
        }
    }

    /// The data of a rectangle that shows the picture.
    pub(crate) fn encode(&mut self, encoding: Encoding, picture: &Picture) -> Vec<u8> {
        let format = picture.format;
        match encoding {
            Encoding::Raw => picture.whole().pixels(|value| format.pixel(value)),
            Encoding::Rre => rre(picture, |number| (number as u16).to_be_bytes().to_vec()),
            Encoding::CoRre => rre(picture, |number| vec![number as u8]),
            Encoding::Hextile => self.hextile(picture, false),
            Encoding::ZlibHex => self.hextile(picture, true),
            Encoding::Zlib => {
                let pixels = picture.whole().pixels(|value| format.pixel(value));
                self.zlib.zrle(&pixels)
            }
            Encoding::Trle => self.trle(picture),
            Encoding::Zrle => {
                let mut bytes = Vec::new();
                for tile in picture.tiles(64) {
                    let (data, _) = self.run_tile(&tile, format, &[]);
                    bytes.extend(data);
                }
                self.zrle.zrle(&bytes)
            }
            Encoding::Tight => self.tight(picture),
            Encoding::TightPng => tight_png(picture, &mut self.chance),
            other => panic!("there is no picture in {other}"),
        }
    }

    fn hextile(&mut self, picture: &Picture, zlib: bool) -> Vec<u8> {
        let pixel = |value| picture.format.pixel(value);
        let mut bytes = Vec::new();
        // Colours that need not be sent again.
        let (mut background, mut foreground) = (None, None);
        for tile in picture.tiles(16) {
            let wanted = tile.values[0];
            let stripes = tile.stripes(wanted);
            let raw = tile.pixels(pixel);
            if stripes.len() > 255 || self.chance.below(5) == 0 {
                if zlib && self.chance.below(2) == 0 {
                    let data = self.zlib_raw.compress(&raw);
                    bytes.push(32);
                    bytes.extend((data.len() as u16).to_be_bytes());
                    bytes.extend(data);
                } else {
                    bytes.push(1);
                    bytes.extend(raw);
                }
                // Whether colours live on after a raw tile, servers do not agree on.
                (background, foreground) = (None, None);
                continue;
            }
            let (mut flags, mut data) = (0, Vec::new());
            if background != Some(wanted) {
                flags |= 2;
                data.extend(pixel(wanted));
                background = Some(wanted);
            }
            if let [(first, ..), ..] = stripes[..] {
                flags |= 8;
                let one_colour = stripes.iter().all(|stripe| stripe.0 == first);
                if !one_colour {
                    flags |= 16;
                    foreground = None;
                } else if foreground != Some(first) {
                    flags |= 4;
                    data.extend(pixel(first));
                    foreground = Some(first);
                }
                data.push(stripes.len() as u8);
                for (value, x, y, length) in stripes {
                    if !one_colour {
                        data.extend(pixel(value));
                    }
                    data.extend([(x << 4 | y) as u8, ((length - 1) << 4) as u8]);
                }
            }
            if zlib && self.chance.below(2) == 0 {
                let data = self.zlib_tile.compress(&data);
                bytes.push(flags | 64);
                bytes.extend((data.len() as u16).to_be_bytes());
                bytes.extend(data);
            } else {
                bytes.push(flags);
                bytes.extend(data);
            }
        }
        bytes
    }

    fn trle(&mut self, picture: &Picture) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut last = Vec::new();
        for tile in picture.tiles(16) {
            let (data, palette) = self.run_tile(&tile, picture.format, &last);
            bytes.extend(data);
            last = palette.unwrap_or(last);
        }
        bytes
    }

    /// A tile of TRLE or ZRLE, in any way that can show it, and the palette that it leaves behind.
    /// `last` may be used again; there is none in ZRLE.
    fn run_tile(
        &mut self,
        tile: &Part,
        format: Format,
        last: &[u32],
    ) -> (Vec<u8>, Option<Vec<u32>>) {
        let pixel = |value: &u32| format.compact_pixel(*value);
        let colours = tile.palette();
        let again = colours.iter().all(|colour| last.contains(colour));
        let palette = if again {
            last.to_vec()
        } else {
            colours.clone()
        };
        let colours_of = |palette: &[u32]| -> Vec<u8> { palette.iter().flat_map(pixel).collect() };
        let bits = match palette.len() {
            0..=2 => 1,
            3..=4 => 2,
            _ => 4,
        };
        match self.chance.below(4) {
            0 => {
                let mut bytes = vec![0];
                bytes.extend(tile.pixels(|value| pixel(&value)));
                (bytes, None)
            }
            1 if palette.len() == 1 && again => (vec![127], Some(palette)),
            1 if palette.len() == 1 => ([&[1][..], &colours_of(&palette)].concat(), Some(palette)),
            1 if palette.len() <= 16 => {
                let mut bytes = vec![127];
                if !again {
                    bytes = vec![palette.len() as u8];
                    bytes.extend(colours_of(&palette));
                }
                bytes.extend(tile.packed(&palette, bits));
                (bytes, Some(palette))
            }
            2 if (2..=127).contains(&palette.len()) => {
                let mut bytes = vec![129];
                if !again {
                    bytes = vec![128 + palette.len() as u8];
                    bytes.extend(colours_of(&palette));
                }
                for run in tile.values.chunk_by(|a, b| a == b) {
                    let index = palette.iter().position(|colour| *colour == run[0]).unwrap();
                    if run.len() == 1 {
                        bytes.push(index as u8);
                    } else {
                        bytes.push(index as u8 | 0x80);
                        bytes.extend(run_length(run.len()));
                    }
                }
                (bytes, Some(palette))
            }
            _ => {
                let mut bytes = vec![128];
                for run in tile.values.chunk_by(|a, b| a == b) {
                    bytes.extend(pixel(&run[0]));
                    bytes.extend(run_length(run.len()));
                }
                (bytes, None)
            }
        }
    }

    fn tight(&mut self, picture: &Picture) -> Vec<u8> {
        let part = picture.whole();
        let pixel = |value| picture.format.tight_pixel(value);
        let palette = part.palette();
        if palette.len() == 1 && self.chance.below(2) == 0 {
            return [&[0x80][..], &pixel(palette[0])].concat();
        }
        let (filter, data) = match self.chance.below(3) {
            0 if palette.len() <= 256 => {
                let mut filter = vec![1, (palette.len() - 1) as u8];
                filter.extend(palette.iter().flat_map(|&value| pixel(value)));
                let bits = if palette.len() <= 2 { 1 } else { 8 };
                (filter, part.packed(&palette, bits))
            }
            1 if !picture.format.map => (vec![2], gradient(picture)),
            _ => (vec![0], part.pixels(pixel)),
        };
        let stream = self.chance.below(4) as usize;
        if data.len() < 12 {
            return [&[0x40][..], &filter, &data].concat();
        }
        if self.chance.below(4) == 0 {
            return [&[0xe0][..], &filter, &compact(data.len()), &data].concat();
        }
        let data = self.tight[stream].tight(&data);
        [&[0x40 | (stream as u8) << 4][..], &filter, &data].concat()
    }
}

/// One more than the sum of the bytes, of which all but the last are 255.
fn run_length(length: usize) -> Vec<u8> {
    let mut bytes = vec![255; (length - 1) / 255];
    bytes.push(((length - 1) % 255) as u8);
    bytes
}

fn rre(picture: &Picture, number: impl Fn(usize) -> Vec<u8>) -> Vec<u8> {
    let part = picture.whole();
    let background = part.values[0];
    let stripes = part.stripes(background);
    let mut bytes = (stripes.len() as u32).to_be_bytes().to_vec();
    bytes.extend(picture.format.pixel(background));
    for (value, x, y, length) in stripes {
        bytes.extend(picture.format.pixel(value));
        bytes.extend([x, y, length, 1].into_iter().flat_map(&number));
    }
    bytes
}

/// The differences that Tight's gradient filter leaves.
fn gradient(picture: &Picture) -> Vec<u8> {
    let format = picture.format;
    let channels = |x: usize, y: usize| -> [i64; 3] {
        let value = picture.values[y * picture.width + x];
        std::array::from_fn(|place| {
            let bits = 16 - format.max[place].leading_zeros();
            i64::from(value >> format.shift[place] & ((1 << bits) - 1))
        })
    };
    let mut bytes = Vec::new();
    for y in 0..picture.height {
        for x in 0..picture.width {
            let above = if y > 0 { channels(x, y - 1) } else { [0; 3] };
            let left = if x > 0 { channels(x - 1, y) } else { [0; 3] };
            let corner = if x > 0 && y > 0 {
                channels(x - 1, y - 1)
            } else {
                [0; 3]
            };
            let mut value = 0;
            for (place, channel) in channels(x, y).into_iter().enumerate() {
                let max = i64::from(format.max[place]);
                let bits = 16 - format.max[place].leading_zeros();
                let predicted = (left[place] + above[place] - corner[place]).clamp(0, max);
                let difference = (channel - predicted) as u32 & ((1 << bits) - 1);
                value |= difference << format.shift[place];
            }
            bytes.extend(format.tight_pixel(value));
        }
    }
    bytes
}

/// A PNG picture of any kind that can show it.
fn tight_png(picture: &Picture, chance: &mut Chance) -> Vec<u8> {
    let rgb = picture.rgb();
    let mut data = Vec::new();
    let mut encoder = png::Encoder::new(&mut data, picture.width as u32, picture.height as u32);
    let mut palette = rgb.clone();
    palette.sort_unstable();
    palette.dedup();
    let pixels = if palette.len() <= 256 && chance.below(2) == 0 {
        encoder.set_color(png::ColorType::Indexed);
        let colours = palette
            .iter()
            .flat_map(|colour| colour.to_be_bytes()[1..].to_vec());
        encoder.set_palette(colours.collect::<Vec<u8>>());
        let index = |colour| palette.binary_search(colour).unwrap() as u8;
        rgb.iter().map(index).collect()
    } else if chance.below(2) == 0 {
        encoder.set_color(png::ColorType::Rgba);
        rgb.iter()
            .flat_map(|colour| (colour << 8 | 0x55).to_be_bytes())
            .collect()
    } else {
        encoder.set_color(png::ColorType::Rgb);
        rgb.iter()
            .flat_map(|colour| colour.to_be_bytes()[1..].to_vec())
            .collect::<Vec<u8>>()
    };
    encoder.set_depth(png::BitDepth::Eight);
    encoder
        .write_header()
        .unwrap()
        .write_image_data(&pixels)
        .unwrap();
    [&[0xa0][..], &compact(data.len()), &data].concat()
}
