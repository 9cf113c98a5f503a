//! Decodes recordings of what VNC servers sent, and says how fast.
//!
//! ```text
//! replay FILE...
//! ```
//!
//! A recording is everything a server sent in a session whose client asked for 32-bit
//! little-endian pixels with red at bit 16, and which needed no password: `record` makes them. It
//! may end anywhere; a rectangle that is not all there is left out.
//!
//! Each file gives a line: its name, the encodings in it, rectangles, megapixels, seconds,
//! megapixels per second, and the CRC-32 of the last picture's blue, green and red bytes.

use std::{fs, process::ExitCode, time::Instant};

use rfb::{Client, ClientConfig, Encoding, Framebuffer};

/// As much as a socket might give at a time.
const CHUNK: usize = 64 << 10;

fn main() -> ExitCode {
    let files: Vec<String> = std::env::args().skip(1).collect();
    if files.is_empty() {
        eprintln!("usage: replay FILE...");
        return ExitCode::FAILURE;
    }
    let mut status = ExitCode::SUCCESS;
    for name in files {
        match fs::read(&name) {
            Ok(recording) => report(&name, &recording, &mut status),
            Err(error) => {
                eprintln!("{name}: {error}");
                status = ExitCode::FAILURE;
            }
        }
    }
    status
}

/// Decodes a recording and prints its line.
fn report(name: &str, recording: &[u8], status: &mut ExitCode) {
    let start = Instant::now();
    let mut client = Client::new(ClientConfig::default());
    let result = feed(&mut client, recording);
    let seconds = start.elapsed().as_secs_f64();

    let statistics = *client.statistics();
    if let Err(error) = result {
        eprintln!(
            "{name}: after {} bytes: {error}",
            statistics.bytes_understood
        );
        *status = ExitCode::FAILURE;
    }
    if statistics.bytes_understood < statistics.bytes_received {
        // Encodings that draw as bytes arrive have drawn part of the last rectangle. Again,
        // without it.
        client = Client::new(ClientConfig::default());
        let whole = &recording[..statistics.bytes_understood as usize];
        if let Err(error) = feed(&mut client, whole) {
            eprintln!("{name}: {error}");
        }
    }

    let encodings: Vec<&str> = statistics.encodings_seen().map(Encoding::name).collect();
    let megapixels = statistics.pixels as f64 / 1e6;
    println!(
        "{name} {} {} {megapixels:.3} {seconds:.4} {:.1} {:08x}",
        if encodings.is_empty() {
            "-".to_owned()
        } else {
            encodings.join(",")
        },
        statistics.total_rectangles(),
        megapixels / seconds.max(1e-9),
        checksum(client.framebuffer()),
    );
}

fn feed(client: &mut Client, recording: &[u8]) -> Result<(), rfb::Error> {
    for chunk in recording.chunks(CHUNK) {
        client.receive(chunk)?;
        while client.next_event().is_some() {}
        client.take_damage();
    }
    Ok(())
}

/// The CRC-32 of the picture, without the fourth byte of each pixel.
fn checksum(framebuffer: &Framebuffer) -> u32 {
    let mut bgr = Vec::new();
    let mut crc = 0;
    for row in framebuffer.rows(framebuffer.bounds()) {
        bgr.clear();
        bgr.extend(row.as_chunks::<4>().0.iter().flat_map(|pixel| &pixel[..3]));
        crc = zlib_rs::crc32::crc32(crc, &bgr);
    }
    crc
}
