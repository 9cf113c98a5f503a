//! Rectangles of RRE, CoRRE, Hextile, Zlib, ZlibHex, TRLE and ZRLE. Where they are over zlib, the zlib
//! data is sound, and what comes out of it is not.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rfb_fuzz::{Choices, compare, server, stored, update};

fuzz_target!(|input: &[u8]| {
    let mut choices = Choices(input);
    let (piece, format) = (choices.byte(), choices.byte());
    let mut bytes = server(format);
    let mut used = [false; 2];
    let mut framed = |stream: usize, data: &[u8]| {
        let zlib = stored(!used[stream], data);
        used[stream] = true;
        [&(zlib.len() as u32).to_be_bytes()[..], &zlib].concat()
    };
    while !choices.0.is_empty() {
        let encoding = [2, 4, 5, 6, 8, 15, 16, 16][usize::from(choices.byte() % 8)];
        let data = choices.some();
        let data = match encoding {
            6 => framed(0, data),
            16 => framed(1, data),
            _ => data.to_vec(),
        };
        update(&mut bytes, &mut choices, encoding, &data);
    }
    compare(&bytes, piece);
});
