//! Hextile and `ZlibHex`.

use super::*;

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

/// A tile's length and compressed data.
fn compressed(flags: u8, zlib: &mut Zlib, data: &[u8]) -> Vec<u8> {
    let data = zlib.compress(data);
    [&[flags][..], &(data.len() as u16).to_be_bytes(), &data].concat()
}

/// Tiles that are compressed as a whole and as raw pixels, over a stream each, among others. Colours
/// hold on.
#[test]
fn zlib_hex() {
    let (mut tile, mut raw) = (Zlib::new(), Zlib::new());
    let colours: Vec<u32> = (0..16).collect();
    let mut data = compressed(
        64 | 2 | 4 | 8,
        &mut tile,
        &[&bgrx(&[0xaa_0000, 0x00_bb00])[..], &[1, 0x10, 0x00]].concat(),
    );
    data.extend([8, 1, 0x20, 0x00]);
    data.extend(compressed(32, &mut raw, &bgrx(&colours)));
    data.extend(compressed(64 | 8, &mut tile, &[1, 0x30, 0x00]));
    data.extend([0]);
    data.extend(compressed(32 | 64, &mut raw, &bgrx(&colours)));
    let picture = picture(96, 1, ZLIB_HEX, &data);
    for (tile, foreground) in [(0, Some(1)), (1, Some(2)), (3, Some(3)), (4, None)] {
        for column in 0..16 {
            let wanted = if foreground == Some(column) {
                0x00_bb00
            } else {
                0xaa_0000
            };
            assert_eq!(picture[tile * 16 + column], wanted, "{tile}, {column}");
        }
    }
    assert_eq!(picture[32..48], colours);
    assert_eq!(picture[80..], colours);
    // Hextile knows no such tiles: there these bits mean nothing.
    assert_eq!(
        super::picture(1, 1, HEXTILE, &[2 | 32 | 64, 3, 2, 1, 0]),
        [0x01_0203]
    );
}

#[test]
fn zlib_hex_that_cannot_be() {
    assert!(fault(1, 1, ZLIB_HEX, &[32, 0, 2, 1, 2]).contains("damaged zlib"));
    assert!(fault(1, 1, ZLIB_HEX, &[32, 0, 0]).contains("too little"));
    assert!(fault(1, 1, ZLIB_HEX, &[64 | 2, 0, 0]).contains("outside its tile"));
    let outside = compressed(64 | 8, &mut Zlib::new(), &[1, 0x10, 0]);
    assert!(fault(1, 1, ZLIB_HEX, &outside).contains("outside its tile"));
    let flood = compressed(64, &mut Zlib::new(), &vec![0; 1 << 20]);
    assert!(fault(1, 1, ZLIB_HEX, &flood).contains("far too much"));
    let flood = compressed(32, &mut Zlib::new(), &vec![0; 1 << 20]);
    assert!(fault(1, 1, ZLIB_HEX, &flood).contains("far too much"));
}
