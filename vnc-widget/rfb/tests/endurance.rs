//! Ten hours of work in a moment: memory after the first of them is memory at the end. A process of
//! its own, so that nothing else counts.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use flate2::{Compress, Compression, FlushCompress};
use rfb::{Client, ClientConfig, Encoding};

/// Ten hours of a busy desktop, ten updates a second.
const UPDATES: u64 = 10 * 3600 * 10;

/// What memory may differ by, in KiB: pages that the allocator keeps or gives back as it likes.
const SLACK: u64 = 4 << 10;

/// The memory that the process has now, in KiB.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Feeds a client as a socket does, and takes everything from it that an owner takes.
fn feed(client: &mut Client, bytes: &[u8]) {
    for piece in bytes.chunks(65536) {
        client.receive(piece).unwrap();
        while client.next_event().is_some() {}
        client.take_damage();
        client.take_output();
    }
}

/// Runs hour after hour, each until so many updates have been decoded.
fn endure(mut hour: impl FnMut(u64)) {
    let mut early = 0;
    for number in 0..10 {
        hour(UPDATES / 10);
        let now = resident();
        if number == 0 {
            early = now;
        }
        assert!(
            now < early + SLACK,
            "{early} KiB after the first hour, {now} KiB after {}",
            number + 1
        );
    }
}

fn recordings() -> BTreeMap<String, Vec<u8>> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/recordings");
    std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read(&path).unwrap())
        })
        .collect()
}

/// Connection after connection, of every recording there is.
fn sessions() {
    let recordings = recordings();
    endure(|updates| {
        let mut seen = 0;
        while seen < updates {
            for recording in recordings.values() {
                let mut client = Client::new(ClientConfig::default());
                feed(&mut client, recording);
                seen += client.statistics().updates;
            }
        }
    });
}

/// One connection that never ends: what was recorded in encodings without streams, again and again.
fn one_session() {
    let recordings = recordings();
    for name in ["Hextile", "RRE", "CoRRE", "TightPNG"] {
        let recording = &recordings[name];
        let start = handshake_length(recording);
        let mut client = Client::new(ClientConfig::default());
        feed(&mut client, &recording[..start]);
        endure(|updates| {
            let end = client.statistics().updates + updates / 16;
            while client.statistics().updates < end {
                feed(&mut client, &recording[start..]);
            }
        });
    }
}

/// Where the first message begins.
fn handshake_length(recording: &[u8]) -> usize {
    let mut client = Client::new(ClientConfig::default());
    for (index, byte) in recording.chunks(1).enumerate() {
        client.receive(byte).unwrap();
        if client.state() == rfb::ConnectionState::Connected {
            return index + 1;
        }
    }
    panic!("no session was recorded");
}

/// zlib streams that never end, of each encoding that has some, with rectangles of every size.
fn one_stream() {
    for encoding in [
        Encoding::Zlib,
        Encoding::Zrle,
        Encoding::Tight,
        Encoding::ZlibHex,
    ] {
        let mut stream = Compress::new(Compression::fast(), true);
        let mut client = Client::new(ClientConfig::default());
        let mut start = b"RFB 003.008\n\x01\x01\0\0\0\0\0\x40\0\x40".to_vec();
        start.extend([0; 20]);
        feed(&mut client, &start);
        let mut number = 0u32;
        endure(|updates| {
            for _ in 0..updates / 8 {
                number = number.wrapping_add(1);
                feed(&mut client, &update(encoding, number, &mut stream));
            }
        });
        assert_eq!(client.statistics().total_rectangles(), UPDATES / 80 * 10);
    }
}

/// A rectangle of as many colours as its number makes.
fn update(encoding: Encoding, number: u32, stream: &mut Compress) -> Vec<u8> {
    // One tile in each encoding.
    let (width, height) = (1 + number % 16, 1 + number / 16 % 16);
    let pixels = (0..width * height).map(|place| (place * number) & 0x00ff_0f0f);
    let raw: Vec<u8> = match encoding {
        Encoding::Zlib | Encoding::ZlibHex => pixels.flat_map(u32::to_le_bytes).collect(),
        Encoding::Tight => pixels
            .flat_map(|pixel| pixel.to_be_bytes()[1..].to_vec())
            .collect(),
        _ => std::iter::once(0)
            .chain(pixels.flat_map(|pixel| pixel.to_le_bytes()[..3].to_vec()))
            .collect(),
    };
    let mut zlib = Vec::with_capacity(raw.len() * 2 + 100);
    let is_plain = encoding == Encoding::Tight && raw.len() < 12;
    if is_plain {
        zlib.extend(raw);
    } else {
        stream
            .compress_vec(&raw, &mut zlib, FlushCompress::Sync)
            .unwrap();
    }
    let mut bytes = vec![0, 0, 0, 1, 0, 0, 0, 0, 0, width as u8, 0, height as u8];
    bytes.extend(encoding.number().to_be_bytes());
    match encoding {
        Encoding::ZlibHex => {
            bytes.push(32);
            bytes.extend((zlib.len() as u16).to_be_bytes());
        }
        Encoding::Tight if is_plain => bytes.push(0),
        Encoding::Tight => bytes.extend([0, zlib.len() as u8 | 0x80, (zlib.len() >> 7) as u8]),
        _ => bytes.extend((zlib.len() as u32).to_be_bytes()),
    }
    bytes.extend(zlib);
    bytes
}

/// One test, for memory is the whole process's.
#[test]
fn memory_is_steady_for_ten_hours() {
    sessions();
    one_session();
    one_stream();
}
