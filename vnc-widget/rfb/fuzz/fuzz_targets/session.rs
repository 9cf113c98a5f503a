//! A session after an honest handshake. See the crate's documentation for how to run it.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| rfb_fuzz::session(input));
