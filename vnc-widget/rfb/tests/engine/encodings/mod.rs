//! Every encoding in each of its forms, with pixels worked out by hand.

mod hextile;
mod rectangles;
mod tight;
mod zrle;

use crate::server::*;
use rfb::{Encoding, Rect};

/// Pixels as they are on the wire, from 0xRRGGBB; the fourth byte is nobody's business.
fn bgrx(colours: &[u32]) -> Vec<u8> {
    colours
        .iter()
        .flat_map(|colour| (colour | 0x5500_0000).to_le_bytes())
        .collect()
}

/// Compact pixels as in ZRLE.
fn bgr(colours: &[u32]) -> Vec<u8> {
    colours
        .iter()
        .flat_map(|colour| colour.to_le_bytes()[..3].to_vec())
        .collect()
}

/// Compact pixels as in Tight.
fn tpixels(colours: &[u32]) -> Vec<u8> {
    colours
        .iter()
        .flat_map(|colour| colour.to_be_bytes()[1..].to_vec())
        .collect()
}

/// The picture after one rectangle that covers all of it.
fn picture(width: u16, height: u16, encoding: i32, data: &[u8]) -> Vec<u32> {
    let mut client = client(&Server::new(width, height));
    client.take_damage();
    client
        .receive(
            &Server::default()
                .update_of([0, 0, width, height], encoding, data)
                .bytes,
        )
        .unwrap();
    assert_eq!(
        client.take_damage().as_slice(),
        [Rect::new(0, 0, width, height)]
    );
    assert_eq!(client.statistics().updates, 1);
    rgb(client.framebuffer())
}

/// What is wrong with a rectangle that covers the screen.
fn fault(width: u16, height: u16, encoding: i32, data: &[u8]) -> String {
    problem(&Server::new(width, height).update_of([0, 0, width, height], encoding, data))
}

#[test]
fn raw() {
    let colours = [0x01_0203, 0xff_0000, 0x00_ff00, 0x00_00ff, 0, 0xff_ffff];
    assert_eq!(picture(3, 2, RAW, &bgrx(&colours)), colours);
    // Part of the screen.
    let client = client(&Server::new(3, 3).update_of([1, 1, 2, 2], RAW, &bgrx(&colours[..4])));
    assert_eq!(
        rgb(client.framebuffer()),
        [0, 0, 0, 0, 0x01_0203, 0xff_0000, 0, 0x00_ff00, 0x00_00ff]
    );
}

#[test]
fn rectangles_of_no_pixels() {
    let mut zlib = Zlib::new();
    let mut server = Server::new(2, 2)
        .update(15)
        .rect([2, 0, 0, 2], RAW)
        .rect([0, 2, 2, 0], RAW)
        .rect([0, 0, 0, 0], COPY_RECT)
        .raw(&[0, 2, 0, 2])
        .rect([1, 1, 0, 1], HEXTILE)
        .rect([1, 1, 0, 1], TIGHT)
        .raw(&[0])
        .rect([1, 1, 1, 0], ZRLE)
        .raw(&[0; 4])
        .rect([1, 1, 0, 1], RRE)
        .u32(0)
        .raw(&[9; 4])
        .rect([1, 1, 1, 0], CORRE)
        .u32(1)
        .raw(&[9; 8])
        .raw(&[0; 4])
        .rect([0, 1, 2, 0], ZLIB)
        .raw(&[0; 4])
        .rect([0, 1, 0, 1], ZLIB)
        .raw(&Zlib::new().zrle(&[]))
        .rect([1, 1, 0, 1], ZLIB_HEX)
        .rect([1, 1, 1, 0], TRLE)
        .rect([1, 1, 0, 1], TIGHT_PNG)
        .raw(&[0])
        .rect([1, 1, 0, 1], ZRLE)
        .raw(&zlib.zrle(&[]))
        .rect([0, 0, 1, 1], ZRLE)
        .raw(&zlib.zrle(&[1, 3, 2, 1]));
    server = server.raw(&[2]);
    let client = client(&server);
    assert_eq!(client.statistics().updates, 1);
    assert_eq!(client.statistics().rectangles(Encoding::Zrle), 3);
    assert_eq!(client.statistics().pixels, 1);
    assert_eq!(rgb(client.framebuffer()), [0x01_0203, 0, 0, 0]);
    assert_eq!(
        client.statistics().bytes_understood,
        server.bytes.len() as u64
    );
}

#[test]
fn copy_rect() {
    let start = Server::new(3, 1).update_of([0, 0, 3, 1], RAW, &bgrx(&[1, 2, 3]));
    let client = client(&start.clone().update_of([1, 0, 2, 1], COPY_RECT, &[0; 4]));
    assert_eq!(rgb(client.framebuffer()), [1, 1, 2]);
    assert_eq!(
        client.statistics().encodings_seen().collect::<Vec<_>>(),
        [Encoding::Raw, Encoding::CopyRect]
    );
    let outside = start.update_of([0, 0, 2, 1], COPY_RECT, &[0, 2, 0, 0]);
    assert!(problem(&outside).contains("2, 0"));
}

#[test]
fn rectangles_outside_the_screen() {
    for encoding in Encoding::ALL.map(Encoding::number) {
        for place in [
            [0, 0, 4, 3],
            [0, 0, 3, 4],
            [3, 0, 1, 1],
            [65535, 0, 65535, 1],
        ] {
            let server = Server::new(3, 3).update(1).rect(place, encoding);
            assert!(problem(&server).contains("on a screen of 3 × 3"));
        }
    }
}
