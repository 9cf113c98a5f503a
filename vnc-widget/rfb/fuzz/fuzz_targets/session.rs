//! A session after an honest handshake, in any pixel format.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rfb_fuzz::{Choices, compare, server};

fuzz_target!(|input: &[u8]| {
    let mut choices = Choices(input);
    let (piece, format) = (choices.byte(), choices.byte());
    let bytes = [&server(format), choices.0].concat();
    compare(&bytes, piece);
});
