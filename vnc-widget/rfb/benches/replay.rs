//! Decodes recordings with this engine, with vnc-rs, and as far as their libraries have to, and prints
//! how they compare.
//!
//! ```text
//! cargo bench -p rfb -- FILE... | FOLDER
//! ```
//!
//! Without files it takes the tests' recordings, which are small; `make bench` makes larger ones
//! (as `tests/make-recordings` does by hand). Each rate is that of the best of several runs, in
//! megapixels per second; the programs take turns, so that all of them have the machine's good
//! moments. The last column is this engine's time in that of the bare libraries and one copy of
//! all pixels: what is between it and 1 is ours.

#[path = "../tests/engine/second_opinion.rs"]
mod second_opinion;

mod bare;

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use bare::Bare;
use rfb::{Client, ClientConfig};

/// How long a recording is decoded again and again, and how often at least.
const BUDGET: Duration = Duration::from_secs(4);
const MIN_ROUNDS: u32 = 3;
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
        files = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings")];
    }
    let mut recordings = Vec::new();
    for path in files {
        match fs::read_dir(&path) {
            Ok(folder) => recordings.extend(folder.flatten().map(|entry| entry.path())),
            Err(_) => recordings.push(path),
        }
    }
    recordings.retain(|path| path.extension().is_some_and(|ending| ending == "rfb"));
    recordings.sort();
    println!(
        "{:24} {:>10} {:>10} {:>10} {:>7} {:>10} {:>7}",
        "recording", "megapixels", "rfb", "vnc-rs", "ratio", "bare", "of it"
    );
    for file in recordings {
        let name = file.file_stem().unwrap_or_default().to_string_lossy();
        match fs::read(&file) {
            Ok(recording) => compare(&name, &recording),
            Err(error) => eprintln!("{name}: {error}"),
        }
    }
}

fn compare(name: &str, recording: &[u8]) {
    let mut pixels = 0;
    let mut bare = Bare::of(recording);
    let [ours, theirs, bare] = best([
        &mut || decode(recording).map(|count| pixels = count),
        &mut || {
            second_opinion::decode(recording).map(|picture| {
                // Both show a picture of the same kind; its content is the tests' business.
                assert_eq!(picture.pixels.len(), picture.width * picture.height);
            })
        },
        &mut || bare.as_mut().map_or(Err(String::new()), Bare::run),
    ]);
    let megapixels = pixels as f64 / 1e6;
    let rate = |seconds: Option<f64>| match seconds {
        Some(seconds) => format!("{:.0}", megapixels / seconds),
        None => "cannot".to_owned(),
    };
    let ratio = |one: Option<f64>, other: Option<f64>, digits: usize| match (one, other) {
        (Some(one), Some(other)) => format!("{:.digits$}", one / other),
        _ => "-".to_owned(),
    };
    println!(
        "{name:24} {megapixels:>10.1} {:>10} {:>10} {:>7} {:>10} {:>7}",
        rate(ours),
        rate(theirs),
        ratio(theirs, ours, 1),
        rate(bare),
        ratio(ours, bare, 2),
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

/// The shortest time of each, in seconds; `None` of those that fail.
fn best<const N: usize>(mut runs: [&mut dyn FnMut() -> Result<(), String>; N]) -> [Option<f64>; N] {
    let mut best = [None; N];
    let mut failed = [false; N];
    let begin = Instant::now();
    let mut rounds = 0;
    while rounds < MIN_ROUNDS || begin.elapsed() < BUDGET {
        for ((run, best), failed) in runs.iter_mut().zip(&mut best).zip(&mut failed) {
            if *failed {
                continue;
            }
            let start = Instant::now();
            *failed = run().is_err();
            let taken = start.elapsed().as_secs_f64();
            *best = if *failed {
                None
            } else {
                Some(best.map_or(taken, |best: f64| best.min(taken)))
            };
        }
        rounds += 1;
    }
    best
}
