//! Rectangles of Tight and TightPNG: each kind of them, over sound zlib data where there is any.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rfb_fuzz::{Choices, compare, server, stored, update};

/// A length as Tight has it.
fn compact(length: usize) -> [u8; 3] {
    [length as u8 | 0x80, (length >> 7) as u8 | 0x80, (length >> 14) as u8]
}

fuzz_target!(|input: &[u8]| {
    let mut choices = Choices(input);
    let (piece, format) = (choices.byte(), choices.byte());
    let mut bytes = server(format);
    let mut used = [false; 4];
    while !choices.0.is_empty() {
        let encoding = if choices.byte() & 1 == 0 { 7 } else { -260 };
        let control = choices.byte();
        let mut tight = vec![control];
        if control & 0x40 != 0 && control < 0x80 {
            tight.extend(choices.some());
        }
        let data = choices.some();
        if control < 0x80 {
            for (stream, used) in used.iter_mut().enumerate() {
                *used &= control & (1 << stream) == 0;
            }
            let stream = usize::from(control >> 4 & 3);
            let zlib = stored(!used[stream], data);
            used[stream] = true;
            tight.extend(compact(zlib.len()));
            tight.extend(zlib);
        } else if control >> 4 != 8 {
            tight.extend(compact(data.len()));
            tight.extend(data);
        } else {
            tight.extend(data);
        }
        update(&mut bytes, &mut choices, encoding, &tight);
    }
    compare(&bytes, piece);
});
