//! Anything instead of a VNC server, from the first byte on.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rfb_fuzz::{Choices, compare};

fuzz_target!(|input: &[u8]| {
    let mut choices = Choices(input);
    let piece = choices.byte();
    compare(choices.0, piece);
});
