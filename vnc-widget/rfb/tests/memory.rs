//! How much memory hostile sessions take. A process of its own, so that nothing else
//! counts.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::Write;

use rfb::{Client, ClientConfig};

/// What the crate's documentation promises beside the framebuffer, in KiB.
const BOUND: u64 = 64 << 10;

/// A value of `/proc/self/status`, in KiB.
fn status(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// A session on a small screen.
fn session() -> Client {
    session_of(64, 64)
}

fn session_of(width: u16, height: u16) -> Client {
    let mut client = Client::new(ClientConfig::default());
    let mut start = b"RFB 003.008\n\x01\x01\0\0\0\0".to_vec();
    start.extend(width.to_be_bytes());
    start.extend(height.to_be_bytes());
    start.extend([0; 20]);
    client.receive(&start).unwrap();
    while client.next_event().is_some() {}
    client.take_output();
    client
}

/// Announces something long and sends a lot, for as long as the engine listens.
fn flood(start: &[u8]) {
    let mut client = session();
    let block = vec![0x55; 1 << 20];
    if client.receive(start).is_err() {
        return;
    }
    for _ in 0..64 {
        if client.receive(&block).is_err() {
            break;
        }
        while client.next_event().is_some() {}
    }
}

/// Texts of 4 MiB each in 4 KiB each, in one call of `receive`.
fn flood_of_large_texts() {
    let text = vec![b'x'; 4 << 20];
    let mut body = vec![0x10, 0, 0, 1];
    let mut zlib = flate2::write::ZlibEncoder::new(&mut body, flate2::Compression::best());
    zlib.write_all(&(text.len() as u32).to_be_bytes()).unwrap();
    zlib.write_all(&text).unwrap();
    zlib.finish().unwrap();
    let mut message = vec![3, 0, 0, 0];
    message.extend((-(body.len() as i32)).to_be_bytes());
    message.extend(body);
    assert!(message.len() < 10_000);
    let mut client = session();
    client.receive(&message.repeat(50)).unwrap();
    assert!(client.next_event().is_some());
    assert!(client.next_event().is_none());
}

/// More fences than are ever answered.
fn flood_of_fences() {
    let mut client = session();
    client.hold_fences(true);
    let mut fence = vec![248, 0, 0, 0, 0x80, 0, 0, 0, 64];
    fence.extend([0x55; 64]);
    for _ in 0..100 {
        client.receive(&fence.repeat(10_000)).unwrap();
        client.take_output();
    }
}

fn rectangle(encoding: i32, data: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, 0, 1, 0, 0, 0, 0, 0, 64, 0, 64];
    bytes.extend(encoding.to_be_bytes());
    bytes.extend(data);
    bytes
}

/// Screens as large as any that are accepted, of which hardly anything is ever sent.
fn announce_large_screens() {
    let mut client = session_of(16384, 16384);
    for height in (16000..16384u16).rev() {
        // A pixel in the far corner, then another size.
        let mut update = vec![0, 0, 0, 2];
        update.extend([16383, height, 1, 1].map(u16::to_be_bytes).as_flattened());
        update.extend([0, 0, 0, 0, 9, 9, 9, 9]);
        update.extend([0, 0, 16384, height].map(u16::to_be_bytes).as_flattened());
        update.extend((-223i32).to_be_bytes());
        client.receive(&update).unwrap();
        assert_eq!(client.framebuffer().height(), height);
        while client.next_event().is_some() {}
    }
}

/// One test, for memory is the whole process's.
#[test]
fn memory_is_bounded() {
    let before = status("VmHWM");
    let huge = [0xff; 4];
    flood(&[&[3, 0, 0, 0][..], &huge].concat());
    flood(b"\x03\0\0\0\0\x3f\xff\xff");
    flood(&[1, 0, 0, 0, 0xff, 0xff]);
    flood(&rectangle(16, &huge));
    flood(&rectangle(7, &[0x00, 0xff, 0xff, 0xff]));
    flood(&rectangle(7, &[0x90, 0xff, 0xff, 0xff]));
    flood(&rectangle(7, &[0xa0, 0xff, 0xff, 0xff]));
    flood(&rectangle(-260, &[0xa0, 0xff, 0xff, 0xff]));
    flood(&rectangle(2, &[0xff; 8]));
    flood(&rectangle(4, &[0xff; 8]));
    flood(&rectangle(5, &[0x19]));
    flood(&rectangle(6, &huge));
    flood(&rectangle(8, &[0x20, 0xff, 0xff]));
    flood(&rectangle(8, &[0x40, 0xff, 0xff]));
    flood(&rectangle(15, &[0x80]));
    flood(&rectangle(15, &[0xff]));
    flood(&rectangle(-307, &huge));
    flood(&rectangle(-239, &[]));
    flood(&rectangle(-308, &[255, 0, 0, 0]));
    flood(&rectangle(-314, &[0; 4]));
    // The longest message of an extended clipboard, one too long, and sound without end.
    flood(b"\x03\0\0\0\xff\xbf\0\0");
    flood(b"\x03\0\0\0\x80\0\0\0");
    flood(&[255, 1, 0, 2, 0xff, 0xff, 0xff, 0xff]);
    flood_of_large_texts();
    flood_of_fences();
    flood(&[0, 0, 0xff, 0xff]);
    announce_large_screens();
    let taken = status("VmHWM") - before;
    assert!(taken < BOUND, "{taken} KiB");

    pictures_of_the_largest_size();
}

/// One picture may need more for as long as it is drawn: what the documentation says, and back.
fn pictures_of_the_largest_size() {
    const PIXELS: u64 = 2048 * 16384;
    let mut client = session_of(2048, 16384);
    // Drawn on once, so that the framebuffer has its memory.
    let mut update = vec![0, 0, 0, 1];
    update.extend([0, 0, 2048, 16384].map(u16::to_be_bytes).as_flattened());
    let mut fill = update.clone();
    fill.extend([0, 0, 0, 7, 0x80, 1, 2, 3]);
    client.receive(&fill).unwrap();
    let before = status("VmRSS");

    // A small progressive picture that says it is a large one: most of it is missing.
    let mut jpeg = include_bytes!("engine/progressive.jpg").to_vec();
    let start = jpeg.windows(2).position(|marker| marker == [0xff, 0xc2]);
    let size = start.unwrap() + 5;
    jpeg[size..size + 4].copy_from_slice([16384u16, 2048].map(u16::to_be_bytes).as_flattened());
    update.extend([
        0,
        0,
        0,
        7,
        0x90,
        jpeg.len() as u8 | 0x80,
        (jpeg.len() >> 7) as u8,
    ]);
    update.extend(&jpeg);
    let high = status("VmHWM");
    // Whether a picture that breaks off is an error is the library's affair.
    let _ = client.receive(&update);
    let taken = status("VmHWM").saturating_sub(high.max(before));
    assert!(taken < PIXELS * 12 / 1024, "{taken} KiB");
    let kept = status("VmRSS").saturating_sub(before);
    assert!(kept < BOUND, "{kept} KiB were kept");
}
