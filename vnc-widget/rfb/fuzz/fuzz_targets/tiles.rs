//! Every encoding but Tight. See the crate's documentation for how to run it.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| rfb_fuzz::tiles(input));
