//! Every encoding in each of its forms, with pixels worked out by hand.

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
        .update(8)
        .rect([2, 0, 0, 2], RAW)
        .rect([0, 2, 2, 0], RAW)
        .rect([0, 0, 0, 0], COPY_RECT)
        .raw(&[0, 2, 0, 2])
        .rect([1, 1, 0, 1], HEXTILE)
        .rect([1, 1, 0, 1], TIGHT)
        .raw(&[0])
        .rect([1, 1, 1, 0], ZRLE)
        .raw(&[0; 4])
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
    for encoding in [RAW, COPY_RECT, HEXTILE, TIGHT, ZRLE] {
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

#[test]
fn hextile() {
    // Four tiles: raw; background and one subrectangle; both colours kept, other subrectangle;
    // coloured subrectangles.
    let (width, height) = (18, 17);
    let raw: Vec<u32> = (0..256).collect();
    let mut data = vec![1];
    data.extend(bgrx(&raw));
    data.extend([2 | 4 | 8]);
    data.extend(bgrx(&[0xaa_0000, 0x00_bb00]));
    data.extend([1, 0x1f, 0x00]);
    data.extend([8, 1, 0x30, 0xc0]);
    data.extend([8 | 16, 2]);
    data.extend(bgrx(&[0x11_1111]));
    data.extend([0x00, 0x00]);
    data.extend(bgrx(&[0x22_2222]));
    data.extend([0x10, 0x00]);
    let picture = picture(width, height, HEXTILE, &data);
    let at = |x: usize, y: usize| picture[y * usize::from(width) + x];
    assert_eq!((at(0, 0), at(15, 15), at(3, 2)), (0, 255, 35));
    assert_eq!(
        (at(16, 0), at(17, 14), at(17, 15)),
        (0xaa_0000, 0xaa_0000, 0x00_bb00)
    );
    assert_eq!(
        (at(2, 16), at(3, 16), at(15, 16)),
        (0xaa_0000, 0x00_bb00, 0x00_bb00)
    );
    assert_eq!((at(16, 16), at(17, 16)), (0x11_1111, 0x22_2222));
    // Beyond the edge of a narrow tile.
    assert!(fault(2, 2, HEXTILE, &[8, 1, 0x20, 0x00]).contains("outside its tile"));
}

#[test]
fn colours_of_hextile_do_not_pass_from_rectangle_to_rectangle() {
    let server = Server::new(1, 1)
        .update_of([0, 0, 1, 1], HEXTILE, &[2, 1, 2, 3, 0])
        .update_of([0, 0, 1, 1], HEXTILE, &[0]);
    assert_eq!(rgb(client(&server).framebuffer()), [0]);
}

fn zrle(width: u16, height: u16, tiles: &[u8]) -> Vec<u32> {
    picture(width, height, ZRLE, &Zlib::new().zrle(tiles))
}

fn zrle_fault(width: u16, height: u16, tiles: &[u8]) -> String {
    fault(width, height, ZRLE, &Zlib::new().zrle(tiles))
}

#[test]
fn zrle_raw_and_solid_tiles() {
    let colours = [0x01_0203, 0xff_0000, 0x00_ff00, 0x00_00ff];
    assert_eq!(zrle(2, 2, &[&[0][..], &bgr(&colours)].concat()), colours);
    assert_eq!(
        zrle(2, 2, &[&[1][..], &bgr(&[0xab_cdef])].concat()),
        [0xab_cdef; 4]
    );
    // Two tiles wide and two high: each has its colour.
    let mut tiles = Vec::new();
    for colour in 1..=4 {
        tiles.extend([1, colour, 0, 0]);
    }
    let picture = zrle(65, 66, &tiles);
    assert_eq!((picture[0], picture[64]), (1, 2));
    assert_eq!((picture[63 * 65 + 63], picture[63 * 65 + 64]), (1, 2));
    assert_eq!((picture[64 * 65], picture[65 * 65 + 64]), (3, 4));
}

#[test]
fn zrle_packed_palettes() {
    let palette: Vec<u32> = (1..=16).map(|value| value * 0x01_0101).collect();
    // One bit: rows of nine pixels take two bytes.
    let mut tile = vec![2];
    tile.extend(bgr(&palette[..2]));
    tile.extend([0b1010_0000, 0b1000_0000, 0b0000_0001, 0]);
    let one = zrle(9, 2, &tile);
    let expected = [1, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0];
    assert_eq!(one, expected.map(|index| palette[index]));
    // Two bits, for three colours; the fourth does not exist and is black.
    let mut tile = vec![3];
    tile.extend(bgr(&palette[..3]));
    tile.extend([0b0001_1011, 0b0100_0000]);
    assert_eq!(
        zrle(5, 1, &tile),
        [palette[0], palette[1], palette[2], 0, palette[1]]
    );
    // Four bits, for five colours and for sixteen.
    for count in [5, 16] {
        let mut tile = vec![count as u8];
        tile.extend(bgr(&palette[..count]));
        tile.extend([0x04, 0x10]);
        assert_eq!(zrle(3, 1, &tile), [palette[0], palette[4], palette[1]]);
    }
}

#[test]
fn zrle_runs() {
    let mut tile = vec![128];
    tile.extend(bgr(&[0x11_1111]));
    tile.extend([2]);
    tile.extend(bgr(&[0x22_2222]));
    tile.extend([255, 0]);
    tile.extend(bgr(&[0x33_3333]));
    tile.extend([0]);
    let picture = zrle(26, 10, &tile);
    assert_eq!(picture[..3], [0x11_1111; 3]);
    assert_eq!(picture[3..259], [0x22_2222; 256]);
    assert_eq!(picture[259], 0x33_3333);
}

#[test]
fn zrle_palette_runs() {
    let mut tile = vec![130];
    tile.extend(bgr(&[0x11_1111, 0x22_2222]));
    tile.extend([0, 1, 0x80, 2, 0x81, 0]);
    assert_eq!(
        zrle(3, 2, &tile),
        [
            0x11_1111, 0x22_2222, 0x11_1111, 0x11_1111, 0x11_1111, 0x22_2222
        ]
    );
    // A whole palette of 127, last colour used for all.
    let mut tile = vec![255];
    tile.extend(bgr(&(1..=127).collect::<Vec<_>>()));
    tile.extend([0x80 | 0x7e, 3]);
    assert_eq!(zrle(2, 2, &tile), [127; 4]);
}

#[test]
fn zrle_tiles_that_cannot_be() {
    for kind in [17, 100, 127, 129] {
        assert!(zrle_fault(1, 1, &[kind]).contains("no known kind"));
    }
    assert!(zrle_fault(2, 1, &[128, 1, 1, 1, 2]).contains("a run beyond"));
    assert!(zrle_fault(2, 1, &[130, 1, 1, 1, 2, 2, 2, 0, 0x81, 1]).contains("a run beyond"));
    let endless = [&[128, 1, 1, 1][..], &[255; 100]].concat();
    assert!(zrle_fault(64, 64, &endless).contains("a run beyond"));
    assert!(zrle_fault(2, 2, &[0, 1, 2]).contains("too little"));
    assert!(zrle_fault(2, 2, &[]).contains("too little"));
    assert!(fault(2, 2, ZRLE, &[0; 4]).contains("too little"));
    assert!(fault(2, 2, ZRLE, b"\0\0\0\x08garbage!").contains("damaged zlib"));
}

/// One stream serves all rectangles, and a picture larger than what is inflated at a time.
#[test]
fn zrle_streams_go_on() {
    let colours: Vec<u32> = (0..300 * 200u32)
        .map(|i| i.wrapping_mul(2_654_435_769) >> 8)
        .collect();
    let mut tiles = Vec::new();
    for top in (0..200).step_by(64) {
        for left in (0..300).step_by(64) {
            tiles.push(0);
            for y in top..200.min(top + 64) {
                tiles.extend(bgr(&colours[y * 300 + left..y * 300 + 300.min(left + 64)]));
            }
        }
    }
    let mut zlib = Zlib::new();
    let server = Server::new(300, 200)
        .update_of([0, 0, 1, 1], ZRLE, &zlib.zrle(&[1, 1, 2, 3]))
        .update_of([0, 0, 300, 200], ZRLE, &zlib.zrle(&tiles));
    assert!(rgb(client(&server).framebuffer()) == colours);
    let server = server.update_of([0, 0, 2, 1], ZRLE, &zlib.zrle(&[1, 1, 0, 0]));
    assert_eq!(rgb(client(&server).framebuffer())[..3], [1, 1, colours[2]]);
}

#[test]
fn tight_fill() {
    assert_eq!(
        picture(3, 2, TIGHT, &[0x80, 0xab, 0xcd, 0xef]),
        [0xab_cdef; 6]
    );
}

#[test]
fn tight_copy_plain_and_compressed() {
    let colours = [0x01_0203, 0xff_0000, 0x00_ff00, 0x00_00ff];
    // Nine bytes are not compressed, twelve are.
    let data = [&[0x00][..], &tpixels(&colours[..3])].concat();
    assert_eq!(picture(3, 1, TIGHT, &data), colours[..3]);
    for stream in 0..4 {
        let data = [&[stream << 4][..], &Zlib::new().tight(&tpixels(&colours))].concat();
        assert_eq!(picture(2, 2, TIGHT, &data), colours);
    }
    // The filter may be named, too.
    let data = [&[0x40, 0][..], &tpixels(&colours[..1])].concat();
    assert_eq!(picture(1, 1, TIGHT, &data), colours[..1]);
}

#[test]
fn tight_palettes() {
    let palette: Vec<u32> = (0..256).map(|value| value * 0x01_0101).collect();
    let with = |colours: usize, indices: &[u8]| {
        let mut data = vec![0x40, 1, (colours - 1) as u8];
        data.extend(tpixels(&palette[..colours]));
        if indices.len() < 12 {
            data.extend(indices);
        } else {
            data.extend(Zlib::new().tight(indices));
        }
        data
    };
    let bits = [0b1000_0000, 0b1000_0000, 0b0100_0000, 0];
    let mut expected = vec![0; 18];
    for one in [0, 8, 10] {
        expected[one] = 0x01_0101;
    }
    assert_eq!(picture(9, 2, TIGHT, &with(2, &bits)), expected);
    assert_eq!(picture(9, 1, TIGHT, &with(1, &[0, 0])), [0; 9]);
    assert_eq!(
        picture(2, 2, TIGHT, &with(3, &[2, 1, 0, 2])),
        [0x02_0202, 0x01_0101, 0, 0x02_0202]
    );
    let all: Vec<u8> = (0..=255).collect();
    assert_eq!(picture(16, 16, TIGHT, &with(256, &all)), palette);
    // An index beyond the palette.
    assert_eq!(picture(1, 1, TIGHT, &with(3, &[9])), [0]);
    // One bit a pixel, compressed: 16 pixels by 6 rows are twelve bytes.
    assert_eq!(
        picture(16, 6, TIGHT, &with(2, &[0xff; 12])),
        [0x01_0101; 96]
    );
}

#[test]
fn tight_gradient() {
    // 2 x 2, all differences zero but the first: the prediction goes on with it.
    let mut data = vec![0x40, 2];
    data.extend(Zlib::new().tight(&[10, 20, 30, 0, 0, 0, 0, 0, 0, 1, 0, 255]));
    assert_eq!(
        picture(2, 2, TIGHT, &data),
        [0x0a_141e, 0x0a_141e, 0x0a_141e, 0x0b_141d]
    );
}

/// Each of the four streams goes on from rectangle to rectangle until it is reset.
#[test]
fn tight_streams_go_on_until_reset() {
    let colours = |seed: u32| -> Vec<u32> {
        (0..64 * 64u32)
            .map(|i| i.wrapping_mul(seed).wrapping_mul(2_654_435_769) >> 8)
            .collect()
    };
    let mut streams: Vec<Zlib> = (0..4).map(|_| Zlib::new()).collect();
    let mut server = Server::new(64, 64);
    for round in 1..4u32 {
        for (number, stream) in streams.iter_mut().enumerate() {
            let wanted = colours(round * 4 + number as u32);
            let data = [&[(number << 4) as u8][..], &stream.tight(&tpixels(&wanted))].concat();
            server = server.update_of([0, 0, 64, 64], TIGHT, &data);
            assert!(rgb(client(&server).framebuffer()) == wanted);
        }
    }
    // Stream 2 starts over, the others do not; a fill may carry the reset as well.
    streams[2] = Zlib::new();
    let wanted = colours(99);
    let data = [&[0x24][..], &streams[2].tight(&tpixels(&wanted))].concat();
    server = server.update_of([0, 0, 64, 64], TIGHT, &data);
    assert!(rgb(client(&server).framebuffer()) == wanted);
    let data = [&[0x30][..], &streams[3].tight(&tpixels(&colours(98)))].concat();
    server = server.update_of([0, 0, 64, 64], TIGHT, &data);
    assert!(rgb(client(&server).framebuffer()) == colours(98));
    streams[1] = Zlib::new();
    server = server.update_of([0, 0, 1, 1], TIGHT, &[0x82, 1, 2, 3]);
    let data = [&[0x10][..], &streams[1].tight(&tpixels(&wanted))].concat();
    server = server.update_of([0, 0, 64, 64], TIGHT, &data);
    assert!(rgb(client(&server).framebuffer()) == wanted);
}

/// 16 x 8 pixels, left half red, right half blue, as `convert` makes it with quality 95.
const JPEG: &[u8] = include_bytes!("red-blue.jpg");

fn jpeg(data: &[u8]) -> Vec<u8> {
    [&[0x90][..], &compact(data.len()), data].concat()
}

#[test]
fn tight_jpeg() {
    let picture = picture(16, 8, TIGHT, &jpeg(JPEG));
    let near = |colour: u32, wanted: u32| {
        (0..3).all(|byte| {
            let channel = |colour: u32| (colour >> (8 * byte) & 0xff) as i32;
            (channel(colour) - channel(wanted)).abs() < 24
        })
    };
    for row in picture.chunks(16) {
        assert!(near(row[2], 0xff_0000), "{:06x}", row[2]);
        assert!(near(row[13], 0x00_00ff), "{:06x}", row[13]);
    }
}

#[test]
fn tight_jpeg_that_does_not_fit() {
    assert!(fault(8, 8, TIGHT, &jpeg(JPEG)).contains("JPEG"));
    assert!(fault(32, 8, TIGHT, &jpeg(JPEG)).contains("another size"));
    assert!(fault(16, 8, TIGHT, &jpeg(b"no picture")).contains("damaged JPEG"));
    assert!(fault(16, 8, TIGHT, &jpeg(b"")).contains("damaged JPEG"));
    assert!(fault(4096, 2048, TIGHT, &jpeg(JPEG)).contains("4096 × 2048"));
    assert!(fault(0, 0, TIGHT, &jpeg(JPEG)).contains("JPEG"));
}

#[test]
fn tight_that_cannot_be() {
    assert!(fault(1, 1, TIGHT, &[0xa0]).contains("type 10"));
    assert!(fault(1, 1, TIGHT, &[0xf0]).contains("type 15"));
    assert!(fault(1, 1, TIGHT, &[0x40, 9]).contains("filter of type 9"));
    let short = [&[0x00][..], &Zlib::new().tight(&[1; 11])].concat();
    assert!(fault(2, 2, TIGHT, &short).contains("too little"));
    assert!(fault(2, 2, TIGHT, &[0, 5, 1, 2, 3, 4, 5]).contains("damaged zlib"));
}

/// A little more than needed is forgiven, as other clients do; a flood is not.
#[test]
fn too_much_zlib_data() {
    let mut zlib = Zlib::new();
    let data = [&[0x00][..], &zlib.tight(&[7; 100])].concat();
    let next = [&[0x00][..], &zlib.tight(&[8; 12])].concat();
    let server = Server::new(2, 2)
        .update_of([0, 0, 2, 2], TIGHT, &data)
        .update_of([0, 0, 2, 2], TIGHT, &next);
    assert_eq!(rgb(client(&server).framebuffer()), [0x08_0808; 4]);
    let flood = [&[0x00][..], &Zlib::new().tight(&vec![7; 1 << 20])].concat();
    assert!(fault(2, 2, TIGHT, &flood).contains("far too much"));
    let flood = Zlib::new().zrle(&vec![1; 1 << 20]);
    assert!(fault(2, 2, ZRLE, &flood).contains("far too much"));
}

/// A stream that the server ended must not be used again unless it is reset.
#[test]
fn zlib_streams_that_end() {
    use std::io::Write;
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(&[9; 12]).unwrap();
    let ended = encoder.finish().unwrap();
    let data = |control: u8| [&[control][..], &compact(ended.len()), &ended].concat();
    let once = Server::new(2, 2).update_of([0, 0, 2, 2], TIGHT, &data(0));
    let again = once.clone().update_of([0, 0, 2, 2], TIGHT, &data(0));
    assert!(problem(&again).contains("after the end"));
    let reset = once.update_of([0, 0, 2, 2], TIGHT, &data(1));
    assert_eq!(rgb(client(&reset).framebuffer()), [0x09_0909; 4]);
}
