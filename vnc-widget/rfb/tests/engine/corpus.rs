//! What fuzzing found, fed to the fuzz targets again.

use crate::fuzz;

fn feed(target: &str, run: fn(&[u8])) {
    let folder = format!("{}/fuzz/corpus/{target}", env!("CARGO_MANIFEST_DIR"));
    let files = std::fs::read_dir(folder).unwrap();
    let mut count = 0;
    for file in files {
        run(&std::fs::read(file.unwrap().path()).unwrap());
        count += 1;
    }
    assert!(count > 5, "the corpus of {target} is missing");
}

#[test]
fn handshakes() {
    feed("handshake", fuzz::handshake);
}

#[test]
fn sessions() {
    feed("session", fuzz::session);
}

#[test]
fn tiles() {
    feed("tiles", fuzz::tiles);
}

#[test]
fn tight() {
    feed("tight", fuzz::tight);
}
