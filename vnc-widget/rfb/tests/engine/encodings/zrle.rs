//! ZRLE, and TRLE, which has much in common with it.

use super::*;

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

/// Four tiles beside each other, one row high.
#[test]
fn trle_palettes_are_used_again() {
    let mut tiles = vec![3];
    tiles.extend(bgr(&[0x11_1111, 0x22_2222, 0x33_3333]));
    tiles.extend([0b0001_1000, 0, 0, 0]);
    // Packed, then in runs; a raw tile between them changes nothing.
    tiles.extend([127, 0b0110_0000, 0, 0, 0]);
    tiles.push(0);
    tiles.extend(bgr(&[9; 16]));
    tiles.extend([129, 1, 0x82, 14]);
    // A colour alone is a palette as well.
    tiles.extend([1, 4, 4, 4]);
    tiles.extend([127]);
    tiles.extend([129, 0x80, 15]);
    let picture = picture(16 * 7, 1, TRLE, &tiles);
    assert_eq!(picture[..4], [0x11_1111, 0x22_2222, 0x33_3333, 0x11_1111]);
    assert_eq!(picture[16..19], [0x22_2222, 0x33_3333, 0x11_1111]);
    assert_eq!(picture[32..48], [9; 16]);
    assert_eq!(picture[48], 0x22_2222);
    assert_eq!(picture[49..64], [0x33_3333; 15]);
    assert_eq!(picture[64..], [0x04_0404; 48]);
}

#[test]
fn trle_that_cannot_be() {
    let fault = |tiles: &[u8]| fault(17, 1, TRLE, tiles);
    for kind in [17, 100, 126] {
        assert!(fault(&[kind]).contains("no known kind"));
    }
    // Nothing to use again, or too many colours for that.
    for kind in [127, 129] {
        assert!(fault(&[kind]).contains("never sent"));
        assert!(fault(&[&[0][..], &[9; 48], &[kind]].concat()).contains("never sent"));
    }
    let runs = [&[128 + 17][..], &[9; 51], &[0x80, 15, 127]].concat();
    assert!(fault(&runs).contains("never sent"));
    assert!(fault(&[128, 1, 1, 1, 16]).contains("a run beyond"));
    assert!(fault(&[130, 1, 1, 1, 2, 2, 2, 0x81, 255]).contains("a run beyond"));
}

/// The palette of one rectangle is not that of the next.
#[test]
fn trle_palettes_do_not_pass_from_rectangle_to_rectangle() {
    let server = Server::new(1, 1).update_of([0, 0, 1, 1], TRLE, &[1, 2, 3, 4]);
    assert_eq!(rgb(client(&server).framebuffer()), [0x04_0302]);
    let again = server.update_of([0, 0, 1, 1], TRLE, &[127]);
    assert!(problem(&again).contains("never sent"));
}
