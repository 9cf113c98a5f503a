//! Tight and `TightPNG`.

use super::*;

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
const JPEG: &[u8] = include_bytes!("../red-blue.jpg");

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
    // More than the memory that a picture may take.
    assert!(fault(16384, 2049, TIGHT, &jpeg(JPEG)).contains("16384 × 2049"));
    assert!(fault(0, 0, TIGHT, &jpeg(JPEG)).contains("JPEG"));
}

#[test]
fn tight_that_cannot_be() {
    assert!(fault(1, 1, TIGHT, &[0xb0]).contains("type 11"));
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

/// Servers that were asked for no compression leave zlib out.
#[test]
fn tight_without_zlib() {
    let colours = [0x01_0203, 0xff_0000, 0x00_ff00, 0x00_00ff];
    let data = [&[0xa0, 12][..], &tpixels(&colours)].concat();
    assert_eq!(picture(2, 2, TIGHT, &data), colours);
    let data = [&[0xe0, 1, 2][..], &tpixels(&colours[..3]), &[12], &[2; 12]].concat();
    assert_eq!(picture(3, 4, TIGHT, &data), [0x00_ff00; 12]);
    assert!(fault(2, 2, TIGHT, &[&[0xa0, 11][..], &[0; 11]].concat()).contains("too little"));
    assert!(fault(2, 2, TIGHT_PNG, &[0xe0, 0]).contains("type 14"));
}

/// A PNG picture of samples of eight bits.
fn png(width: u32, height: u32, colours: png::ColorType, samples: &[u8]) -> Vec<u8> {
    let mut data = Vec::new();
    let mut encoder = png::Encoder::new(&mut data, width, height);
    encoder.set_color(colours);
    encoder.set_depth(png::BitDepth::Eight);
    encoder
        .write_header()
        .unwrap()
        .write_image_data(samples)
        .unwrap();
    data
}

fn framed(png: &[u8]) -> Vec<u8> {
    [&[0xa0][..], &compact(png.len()), png].concat()
}

#[test]
fn tight_png() {
    use png::ColorType;
    let shown =
        |colours, samples: &[u8]| picture(2, 1, TIGHT_PNG, &framed(&png(2, 1, colours, samples)));
    assert_eq!(
        shown(ColorType::Rgb, &[1, 2, 3, 4, 5, 6]),
        [0x01_0203, 0x04_0506]
    );
    // What is transparent is shown all the same.
    assert_eq!(
        shown(ColorType::Rgba, &[1, 2, 3, 0, 4, 5, 6, 9]),
        [0x01_0203, 0x04_0506]
    );
    assert_eq!(shown(ColorType::Grayscale, &[7, 8]), [0x07_0707, 0x08_0808]);
    assert_eq!(
        shown(ColorType::GrayscaleAlpha, &[7, 0, 8, 0]),
        [0x07_0707, 0x08_0808]
    );
    // The rest is as in Tight.
    assert_eq!(
        picture(3, 2, TIGHT_PNG, &[0x80, 0xab, 0xcd, 0xef]),
        [0xab_cdef; 6]
    );
}

#[test]
fn tight_png_that_cannot_be() {
    let good = png(2, 2, png::ColorType::Rgb, &[9; 12]);
    assert!(fault(2, 3, TIGHT_PNG, &framed(&good)).contains("another size"));
    assert!(fault(2, 2, TIGHT_PNG, &framed(b"no picture")).contains("damaged PNG"));
    assert!(fault(2, 2, TIGHT_PNG, &framed(b"")).contains("damaged PNG"));
    assert!(fault(2, 2, TIGHT_PNG, &framed(&good[..good.len() - 20])).contains("damaged PNG"));
    assert!(fault(16384, 2049, TIGHT_PNG, &framed(&good)).contains("16384 × 2049"));
    assert!(fault(0, 0, TIGHT_PNG, &framed(&good)).contains("another size"));
}
