//! Configuration files of xl and xm as anybody may hand them in. Nothing panics, and what is taken
//! can be exported and taken again.
//!
//! In `backend/`: `cargo +nightly fuzz run xl_import fuzz/corpus/xl_import src/xl/fixtures`
#![no_main]

use backend::xl::{export, import};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let _ = export(&text);
    if let Ok(imported) = import(&text) {
        let exported = export(&imported.xml).expect("a definition of ours is exported");
        import(&exported.text).expect("an export of ours is taken");
    }
});
