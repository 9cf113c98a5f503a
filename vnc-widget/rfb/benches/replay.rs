//! Decodes recordings with this engine and with vnc-rs, and prints how they compare.
//!
//! ```text
//! cargo bench -p rfb -- FILE...
//! ```
//!
//! Without files it takes the tests' recordings, which are small; `tests/make-recordings` makes
//! larger ones. Each number is that of the best of several runs, in megapixels per second.

#[path = "../tests/engine/second_opinion.rs"]
mod second_opinion;

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use rfb::{Client, ClientConfig};

/// How long a recording is decoded again and again, by each program.
const BUDGET: Duration = Duration::from_secs(2);
/// As much as a socket might give at a time.
const CHUNK: usize = 64 << 10;

fn main() {
    // Cargo adds an option of its own.
    let mut files: Vec<PathBuf> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"))
        .map(PathBuf::from)
        .collect();
    if files.is_empty() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings");
        files = fs::read_dir(folder)
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path())
            .collect();
        files.sort();
    }
    println!(
        "{:24} {:>10} {:>10} {:>10} {:>7}",
        "recording", "megapixels", "rfb", "vnc-rs", "ratio"
    );
    for file in files {
        let name = file.file_stem().unwrap_or_default().to_string_lossy();
        match fs::read(&file) {
            Ok(recording) => compare(&name, &recording),
            Err(error) => eprintln!("{name}: {error}"),
        }
    }
}

fn compare(name: &str, recording: &[u8]) {
    let mut pixels = 0;
    let ours = best(|| decode(recording).map(|count| pixels = count));
    let theirs = best(|| {
        second_opinion::decode(recording).map(|picture| {
            // Both show a picture of the same kind; its content is the tests' business.
            assert_eq!(picture.pixels.len(), picture.width * picture.height);
        })
    });
    let megapixels = pixels as f64 / 1e6;
    let rate = |seconds: &Result<f64, String>| match seconds {
        Ok(seconds) => format!("{:.0}", megapixels / seconds),
        Err(_) => "cannot".to_owned(),
    };
    let ratio = match (&ours, &theirs) {
        (Ok(ours), Ok(theirs)) => format!("{:.1}", theirs / ours),
        _ => "-".to_owned(),
    };
    println!(
        "{name:24} {megapixels:>10.1} {:>10} {:>10} {ratio:>7}",
        rate(&ours),
        rate(&theirs)
    );
}

/// The pixels that a recording draws.
fn decode(recording: &[u8]) -> Result<u64, String> {
    let mut client = Client::new(ClientConfig::default());
    for piece in recording.chunks(CHUNK) {
        client.receive(piece).map_err(|error| error.to_string())?;
        while client.next_event().is_some() {}
        client.take_damage();
    }
    Ok(client.statistics().pixels)
}

/// The shortest time, in seconds.
fn best(mut run: impl FnMut() -> Result<(), String>) -> Result<f64, String> {
    let begin = Instant::now();
    let mut best = f64::INFINITY;
    while best.is_infinite() || begin.elapsed() < BUDGET {
        let start = Instant::now();
        run()?;
        best = best.min(start.elapsed().as_secs_f64());
    }
    Ok(best)
}
