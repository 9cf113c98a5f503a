//! Decoding takes no memory for each rectangle: once a session has run for a while, it has all it
//! needs. A process of its own, because counting replaces the allocator.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use allocation_counter::measure;
use rfb::{Client, ClientConfig, Encoding};

fn feed(client: &mut Client, bytes: &[u8]) {
    for piece in bytes.chunks(65536) {
        client.receive(piece).unwrap();
        while client.next_event().is_some() {}
        client.take_damage();
    }
}

/// Memory may be taken for the longest piece that is cut off so far, and for a zlib stream that has not
/// been used before; both are rare, however many rectangles there are.
const RARE: u64 = 4;

#[test]
fn no_rectangle_takes_memory_of_its_own() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/recordings");
    let mut seen = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if ["JPEG", "PNG"]
            .iter()
            .any(|kind| path.to_string_lossy().contains(kind))
        {
            continue; // whose library takes memory for each picture
        }
        let recording = std::fs::read(&path).unwrap();
        let mut client = Client::new(ClientConfig::default());
        let (start, rest) = recording.split_at(recording.len() * 3 / 5);
        feed(&mut client, start);
        client.take_output();
        let before = client.statistics().total_rectangles();
        let taken = measure(|| feed(&mut client, rest));
        let rectangles = client.statistics().total_rectangles() - before;
        assert!(
            taken.count_total <= RARE && rectangles > RARE,
            "{}: {rectangles} rectangles, {taken:?}",
            path.display()
        );
        seen.extend(client.statistics().encodings_seen());
    }
    for encoding in Encoding::ALL {
        // Two that no server at hand sends, and one whose library takes memory for each picture.
        let left_out = [Encoding::ZlibHex, Encoding::Trle, Encoding::TightPng];
        assert!(
            seen.contains(&encoding) || left_out.contains(&encoding),
            "{encoding} has been recorded"
        );
    }
}
