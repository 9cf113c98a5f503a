//! RRE, `CoRRE` and Zlib: a rectangle as a whole.

use super::*;

#[test]
fn rre() {
    let mut data = 2u32.to_be_bytes().to_vec();
    data.extend(bgrx(&[0x11_1111, 0x22_2222]));
    data.extend([1u16, 0, 2, 2].map(u16::to_be_bytes).as_flattened());
    // Later ones cover earlier ones.
    data.extend(bgrx(&[0x33_3333]));
    data.extend([2u16, 1, 1, 1].map(u16::to_be_bytes).as_flattened());
    let (a, b, c) = (0x11_1111, 0x22_2222, 0x33_3333);
    assert_eq!(picture(3, 2, RRE, &data), [a, b, b, a, b, c]);
    let mut data = 2u32.to_be_bytes().to_vec();
    data.extend(bgrx(&[a, b]));
    data.extend([1, 0, 2, 2]);
    data.extend(bgrx(&[c]));
    data.extend([2, 1, 1, 1]);
    assert_eq!(picture(3, 2, CORRE, &data), [a, b, b, a, b, c]);
    // The background alone.
    assert_eq!(
        picture(2, 1, RRE, &[0, 0, 0, 0, 3, 2, 1, 0]),
        [0x01_0203; 2]
    );
}

#[test]
fn subrectangles_outside() {
    for place in [
        [0, 0, 4, 1],
        [0, 2, 1, 1],
        [3, 0, 1, 1],
        [255, 255, 255, 255],
    ] {
        let mut data = [&[0, 0, 0, 1][..], &[0; 8]].concat();
        let wide: Vec<u8> = place.iter().flat_map(|&number| [0, number]).collect();
        assert!(fault(3, 2, RRE, &[&data[..], &wide].concat()).contains("outside"));
        data.extend(place);
        assert!(fault(3, 2, CORRE, &data).contains("outside"));
    }
}

/// Four thousand million subrectangles are announced: none takes memory, and each is drawn when it
/// is there.
#[test]
fn subrectangles_without_end() {
    let server = Server::new(4, 4)
        .update(1)
        .rect([0, 0, 4, 4], RRE)
        .raw(&[255; 4])
        .raw(&[0; 4]);
    let mut client = client(&server);
    let subrect = [&bgrx(&[0x77_7777])[..], &[0, 1, 0, 1, 0, 1, 0, 1]].concat();
    for _ in 0..1000 {
        client.receive(&subrect.repeat(100)).unwrap();
    }
    assert_eq!(rgb(client.framebuffer())[5], 0x77_7777);
    assert_eq!(client.statistics().updates, 0);
}

/// A few bytes draw on the whole screen: the owner gets a word in between.
#[test]
fn large_subrectangles_are_drawn_in_portions() {
    let side = 1024u16;
    let mut flood = Server::default()
        .update(1)
        .rect([0, 0, side, side], RRE)
        .u32(1000)
        .raw(&[0; 4]);
    for number in 1..=1000u32 {
        flood = flood.raw(&bgrx(&[number])).u16s(&[0, 0, side, side]);
    }
    let mut client = client(&Server::new(side, side));
    let mut rest = &flood.bytes[..];
    let mut portions = 0;
    while !rest.is_empty() {
        client.receive_some(&mut rest).unwrap();
        portions += 1;
    }
    assert!(portions > 900, "{portions}");
    assert_eq!(rgb(client.framebuffer())[0], 1000);
}

#[test]
fn zlib() {
    let colours = [0x01_0203, 0xff_0000, 0x00_ff00, 0x00_00ff];
    let mut zlib = Zlib::new();
    let server = Server::new(2, 2)
        .update_of([0, 0, 2, 2], ZLIB, &zlib.zrle(&bgrx(&colours)))
        .update_of([1, 0, 1, 2], ZLIB, &zlib.zrle(&bgrx(&[7, 8])));
    assert_eq!(
        rgb(client(&server).framebuffer()),
        [0x01_0203, 7, 0x00_ff00, 8]
    );
}

#[test]
fn zlib_that_cannot_be() {
    assert!(fault(2, 2, ZLIB, &[0; 4]).contains("too little"));
    assert!(fault(2, 2, ZLIB, &Zlib::new().zrle(&[1; 15])).contains("too little"));
    assert!(fault(2, 2, ZLIB, b"\0\0\0\x08garbage!").contains("damaged zlib"));
    let flood = Zlib::new().zrle(&vec![1; 1 << 20]);
    assert!(fault(2, 2, ZLIB, &flood).contains("far too much"));
}
