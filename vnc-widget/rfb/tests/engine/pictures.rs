//! Any picture, in any pixel format, by any encoding: what was encoded is what is shown.

use proptest::prelude::*;
use rfb::{Client, ClientConfig, ColourDepth, Encoding};

use crate::{
    encoder::{Chance, Encoder, Format, Picture, map_entry},
    server::*,
};

/// The encodings that show a picture of their own.
fn encodings() -> impl Iterator<Item = Encoding> {
    Encoding::ALL
        .into_iter()
        .filter(|&encoding| encoding != Encoding::CopyRect)
}

/// A server that announces this format, and its colour map where there is one.
pub(crate) fn server(format: Format, width: u16, height: u16) -> Server {
    let mut server = Server::default()
        .raw(b"RFB 003.008\n\x01\x01\0\0\0\0")
        .u16s(&[width, height])
        .raw(&format.to_bytes())
        .u32(0);
    if format.map {
        server = server.raw(&[1, 0]).u16s(&[0, 256]);
        for index in 0..=255 {
            let colour = map_entry(index);
            // The lower half of 16 bits is dropped.
            let wide = [16, 8, 0].map(|shift| (colour >> shift & 0xff) as u16 * 256 + 99);
            server = server.u16s(&wide);
        }
    }
    server
}

fn as_server() -> Client {
    Client::new(ClientConfig {
        colours: ColourDepth::AsServer,
        ..ClientConfig::default()
    })
}

/// Two pictures in a row, for streams and colours that live on; the second smaller and not at the
/// corner.
fn check(
    format: Format,
    encoding: Encoding,
    size: [usize; 2],
    colours: u32,
    seed: u64,
    piece: usize,
) {
    let mut chance = Chance::new(seed);
    let first = Picture::new(format, size, colours, &mut chance);
    let inner = [size[0].div_ceil(2), size[1].div_ceil(3)];
    let second = Picture::new(format, inner, colours, &mut chance);
    let place = [size[0] - inner[0], size[1] - inner[1]];
    let mut encoder = Encoder::new(chance);
    let rect = |[x, y]: [usize; 2], [width, height]: [usize; 2]| {
        [x, y, width, height].map(|number| number as u16)
    };
    let start = server(format, size[0] as u16, size[1] as u16);
    let number = encoding.number();
    let end = start
        .clone()
        .update_of(
            rect([0; 2], size),
            number,
            &encoder.encode(encoding, &first),
        )
        .update_of(
            rect(place, inner),
            number,
            &encoder.encode(encoding, &second),
        );

    let mut expected = first.rgb();
    for (y, row) in second.rgb().chunks(inner[0]).enumerate() {
        let start = (place[1] + y) * size[0] + place[0];
        expected[start..start + inner[0]].copy_from_slice(row);
    }
    let mut client = as_server();
    for bytes in end.bytes.chunks(piece) {
        client
            .receive(bytes)
            .unwrap_or_else(|error| panic!("{encoding}, {format:?}: {error}"));
    }
    let statistics = client.statistics();
    assert_eq!(statistics.updates, 2, "{encoding}, {format:?}");
    assert_eq!(statistics.bytes_understood, end.bytes.len() as u64);
    let shown = rgb(client.framebuffer());
    let wrong = (0..shown.len()).find(|&place| shown[place] != expected[place]);
    assert_eq!(
        wrong.map(|place| (place, shown[place], expected[place])),
        None,
        "{encoding}, {format:?}"
    );
}

#[test]
fn every_encoding_in_every_format() {
    for format in Format::all() {
        for encoding in encodings() {
            for (seed, colours) in [(1, 1), (2, 2), (3, 4), (4, 16), (5, 100), (6, 70_000)] {
                check(format, encoding, [67, 35], colours, seed, usize::MAX);
            }
        }
    }
}

#[test]
fn one_byte_at_a_time() {
    for format in Format::all() {
        for encoding in encodings() {
            check(format, encoding, [35, 18], 14, 7, 1);
        }
    }
}

/// Larger than what is inflated at a time, and rows that are longer than that.
#[test]
fn large_pictures() {
    let first = |bits| Format::all().into_iter().find(|format| format.bits == bits);
    for format in [32, 16, 8].into_iter().filter_map(first) {
        for encoding in encodings() {
            // A side of CoRRE is a byte.
            let sizes = if encoding == Encoding::CoRre {
                [[255, 200]; 2]
            } else {
                [[700, 300], [40_000, 3]]
            };
            for size in sizes {
                check(format, encoding, size, 5, 8, 1000);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_picture(
        format in prop::sample::select(Format::all()),
        encoding in prop::sample::select(encodings().collect::<Vec<_>>()),
        width in 1..100usize,
        height in 1..100usize,
        colours in prop_oneof![1..5u32, 5..20u32, 20..300u32, Just(100_000)],
        seed in any::<u64>(),
        piece in prop_oneof![1..50usize, 50..5000usize],
    ) {
        check(format, encoding, [width, height], colours, seed, piece);
    }
}
