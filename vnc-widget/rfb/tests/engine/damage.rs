//! Pictures that are damaged, in every encoding and pixel format: nothing panics, and it makes no
//! difference how the bytes are cut.

use proptest::prelude::*;
use rfb::{Client, ClientConfig, ColourDepth, Encoding, Event};

use crate::{
    encoder::{Chance, Encoder, Format, Picture},
    pictures::server,
    server::*,
};

/// A client that has received all, or as much as it took to fail.
fn receive(bytes: &[u8], piece: usize) -> (Client, Result<(), rfb::Error>) {
    let mut client = Client::new(ClientConfig {
        colours: ColourDepth::AsServer,
        max_framebuffer_pixels: 1 << 16,
        ..ClientConfig::default()
    });
    for piece in bytes.chunks(piece) {
        let result = client.receive(piece);
        events(&mut client);
        client.take_output();
        if result.is_err() {
            return (client, result);
        }
    }
    (client, Ok(()))
}

fn compare(bytes: &[u8], piece: usize) {
    let (whole, result) = receive(bytes, usize::MAX);
    let (cut, cut_result) = receive(bytes, piece);
    // Which of several faults is found first may differ.
    assert_eq!(
        result.is_ok(),
        cut_result.is_ok(),
        "{result:?}, {cut_result:?}"
    );
    let statistics = whole.statistics();
    // A rectangle that is not all there may have been drawn in part.
    if result.is_ok() && statistics.bytes_understood == statistics.bytes_received {
        assert!(whole.framebuffer() == cut.framebuffer());
        assert_eq!(statistics, cut.statistics());
    }
}

fn encodings() -> impl Strategy<Value = Encoding> {
    prop::sample::select(Encoding::ALL.to_vec())
        .prop_filter("it has no data of its own", |&encoding| {
            encoding != Encoding::CopyRect
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// Bytes are changed, left out and doubled.
    #[test]
    fn pictures_with_wrong_bytes(
        format in prop::sample::select(Format::all()),
        encoding in encodings(),
        size in [1..40usize, 1..40usize],
        colours in prop_oneof![1..5u32, 5..20u32, Just(1000)],
        seed in any::<u64>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        cut in any::<prop::sample::Index>(),
        length in 0..8usize,
        doubled in any::<bool>(),
        piece in 1..300usize,
    ) {
        let mut chance = Chance::new(seed);
        let picture = Picture::new(format, size, colours, &mut chance);
        let mut data = Encoder::new(chance).encode(encoding, &picture);
        for (place, byte) in changes {
            let place = place.index(data.len());
            data[place] = byte;
        }
        let cut = cut.index(data.len());
        let part = cut..data.len().min(cut + length);
        if doubled {
            data.extend_from_within(part);
        } else {
            data.drain(part);
        }
        let place = [0, 0, size[0], size[1]].map(|side| side as u16);
        let start = server(format, 40, 40).update_of(place, encoding.number(), &data);
        // What follows may be taken for part of it.
        compare(&start.update_of(place, RAW, &[7; 4000]).raw(&[2; 50]).bytes, piece);
    }

    /// Sound zlib data, out of which comes garbage; garbage, where there is no zlib.
    #[test]
    fn rectangles_of_garbage(
        format in prop::sample::select(Format::all()),
        encoding in encodings(),
        kind in any::<u8>(),
        data in prop::collection::vec(any::<u8>(), 1..2000),
        size in [1..40u16, 1..40u16],
        piece in 1..300usize,
    ) {
        let data = [&[kind][..], &data].concat();
        let data = match encoding {
            Encoding::Zlib | Encoding::Zrle => Zlib::new().zrle(&data),
            Encoding::Tight | Encoding::TightPng if kind < 0x40 => {
                [&[kind][..], &Zlib::new().tight(&data)].concat()
            }
            Encoding::ZlibHex if kind & 0x60 != 0 => {
                let data = Zlib::new().compress(&data);
                [&[kind & !1][..], &(data.len() as u16).to_be_bytes(), &data].concat()
            }
            _ => data,
        };
        let place = [0, 0, size[0], size[1]];
        compare(&server(format, 40, 40).update_of(place, encoding.number(), &data).bytes, piece);
    }

    #[test]
    fn damaged_png(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in any::<prop::sample::Index>(),
        seed in any::<u64>(),
    ) {
        let mut chance = Chance::new(seed);
        let picture = Picture::new(Format::BGRX, [30, 20], 40, &mut chance);
        let mut png = Encoder::new(chance).encode(Encoding::TightPng, &picture);
        // Not in the length in front of it.
        for (place, byte) in changes {
            let place = 4 + place.index(png.len() - 4);
            png[place] = byte;
        }
        let cut = cut.index(png.len());
        for png in [&png[..], &png[..cut]] {
            let update = server(Format::BGRX, 30, 20).update_of([0, 0, 30, 20], TIGHT_PNG, png);
            compare(&update.bytes, 100);
        }
    }
}

/// Sizes come and go as fast as the wire allows: the owner hears of each before the next.
#[test]
fn storms_of_sizes() {
    let mut storm = Server::default().update(0xffff);
    for number in 0..10_000u16 {
        storm = storm.rect([0, 0, 1 + number % 200, 1 + number % 199], DESKTOP_SIZE);
    }
    let mut client = client(&Server::new(1, 1));
    events(&mut client);
    let mut rest = &storm.bytes[..];
    let mut told = 0;
    while !rest.is_empty() {
        client.receive_some(&mut rest).unwrap();
        let events = events(&mut client);
        assert!(events.len() <= 1, "{events:?}");
        told += events
            .iter()
            .filter(|event| matches!(event, Event::Resized { .. }))
            .count();
    }
    assert!(told > 9_900, "{told}");
    assert_eq!(client.framebuffer().width(), 200);
}

/// A screen as large as any that is accepted can be drawn on to its last corner, in every encoding.
#[test]
fn the_largest_screen() {
    let side = 16384;
    let server = Server::new(side, side);
    let mut client = client(&server);
    events(&mut client);
    let mut chance = Chance::new(1);
    let picture = Picture::new(Format::BGRX, [50, 40], 9, &mut chance);
    let mut encoder = Encoder::new(chance);
    for encoding in Encoding::ALL {
        if encoding == Encoding::CopyRect {
            continue;
        }
        let corner = [side - 50, side - 40, 50, 40];
        let data = encoder.encode(encoding, &picture);
        let black = Server::default().update_of(corner, TIGHT, &[0x80, 0, 0, 0]);
        let update = black.update_of(corner, encoding.number(), &data);
        client.receive(&update.bytes).unwrap();
        let shown: Vec<u32> = client
            .framebuffer()
            .rows(rfb::Rect::new(corner[0], corner[1], 50, 40))
            .flat_map(|row| row.as_chunks().0)
            .map(|pixel| u32::from_le_bytes(*pixel) & 0x00ff_ffff)
            .collect();
        assert!(shown == picture.rgb(), "{encoding}");
    }
    let beyond = Server::new(side, side + 1);
    assert_eq!(
        error(&beyond),
        rfb::Error::ScreenTooLarge {
            width: side,
            height: side + 1
        }
    );
}
