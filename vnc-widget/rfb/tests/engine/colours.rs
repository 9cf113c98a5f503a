//! Which colours are asked for, and what changes of a colour map do.

use rfb::{Client, ClientConfig, ColourDepth, Event};

use crate::server::*;

fn with(colours: ColourDepth) -> Client {
    Client::new(ClientConfig {
        colours,
        ..ClientConfig::default()
    })
}

/// A server whose pixels are bytes, indices into a colour map.
fn mapped(width: u16, height: u16) -> Server {
    Server::default()
        .raw(b"RFB 003.008\n\x01\x01\0\0\0\0")
        .u16s(&[width, height])
        .raw(&[8, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
        .u32(0)
}

fn map(first: u16, colours: &[[u16; 3]]) -> Server {
    Server::default()
        .raw(&[1, 0])
        .u16s(&[first, colours.len() as u16])
        .u16s(colours.as_flattened())
}

/// Everything sent after `ClientInit`.
fn sent(client: &mut Client, server: &Server) -> Vec<u8> {
    client.receive(&server.bytes).unwrap();
    let output = client.take_output();
    // The version, the security type, and whether to share.
    output.get(12 + 1 + 1..).unwrap_or_default().to_vec()
}

#[test]
fn the_format_that_was_chosen_is_asked_for() {
    for (colours, format) in [
        (
            ColourDepth::Full,
            [32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0],
        ),
        (
            ColourDepth::Thousands,
            [16, 16, 0, 1, 0, 31, 0, 63, 0, 31, 11, 5, 0],
        ),
        (ColourDepth::Few, [8, 8, 0, 1, 0, 7, 0, 7, 0, 3, 0, 3, 6]),
    ] {
        let sent = sent(&mut with(colours), &mapped(1, 1));
        assert_eq!(sent[..4], [0; 4], "SetPixelFormat");
        assert_eq!(sent[4..17], format);
    }
    // Nothing is asked for but encodings, unless what was announced cannot be.
    assert_eq!(sent(&mut with(ColourDepth::AsServer), &mapped(1, 1))[0], 2);
    let mut odd = mapped(1, 1);
    let format = odd.bytes.len() - 20;
    odd.bytes[format] = 7;
    let sent = sent(&mut with(ColourDepth::AsServer), &odd);
    assert_eq!(sent[..5], [0, 0, 0, 0, 32]);
}

#[test]
fn pixels_of_the_format_that_was_asked_for() {
    let mut client = with(ColourDepth::Thousands);
    let server = Server::new(2, 1).update_of([0, 0, 2, 1], RAW, &[0x1f, 0, 0xe0, 7]);
    client.receive(&server.bytes).unwrap();
    assert_eq!(rgb(client.framebuffer()), [0x00_00ff, 0x00_ff00]);
    let mut client = with(ColourDepth::Few);
    let server = Server::new(2, 1).update_of([0, 0, 2, 1], RAW, &[7, 0xc0]);
    client.receive(&server.bytes).unwrap();
    assert_eq!(rgb(client.framebuffer()), [0xff_0000, 0x00_00ff]);
}

#[test]
fn cursors_have_the_format_too() {
    let mut client = with(ColourDepth::Few);
    let server = Server::new(9, 9).update_of([0, 0, 2, 1], CURSOR, &[7, 0xc0, 0b0100_0000]);
    client.receive(&server.bytes).unwrap();
    let cursor = events(&mut client)
        .into_iter()
        .find_map(|event| match event {
            Event::CursorChanged(cursor) => cursor,
            _ => None,
        });
    assert_eq!(cursor.unwrap().pixels, [[0; 4], [255, 0, 0, 255]]);
}

/// Colours apply to what comes after them, whole or byte by byte.
#[test]
fn maps_as_they_arrive() {
    let server = mapped(3, 1).raw(
        &map(1, &[[0x1234, 0x5678, 0x9abc], [0xffff, 0, 0]])
            .update_of([0, 0, 3, 1], RAW, &[0, 1, 2])
            .bytes,
    );
    for piece in [1, 7, 1000] {
        let mut client = with(ColourDepth::AsServer);
        for bytes in server.bytes.chunks(piece) {
            client.receive(bytes).unwrap();
        }
        assert_eq!(rgb(client.framebuffer()), [0, 0x12_569a, 0xff_0000]);
    }
}

/// Once there is a picture, its old colours are wrong: it is asked for anew, once.
#[test]
fn another_map_makes_another_picture() {
    let mut client = with(ColourDepth::AsServer);
    let red = map(0, &[[0xffff, 0, 0]]);
    client.receive(&mapped(2, 1).raw(&red.bytes).bytes).unwrap();
    client.take_output();
    client.receive(&red.bytes).unwrap();
    assert!(!client.has_output(), "nothing has been drawn");
    let picture = Server::default().update_of([0, 0, 2, 1], RAW, &[0, 0]);
    client.receive(&picture.bytes).unwrap();

    let whole = [3, 0, 0, 0, 0, 0, 0, 2, 0, 1];
    let blue = map(0, &[[0, 0, 0xffff]]);
    for _ in 0..100 {
        client.receive(&blue.bytes).unwrap();
    }
    assert_eq!(client.take_output(), whole);
    assert_eq!(rgb(client.framebuffer()), [0xff_0000; 2]);
    client.receive(&picture.bytes).unwrap();
    assert_eq!(rgb(client.framebuffer()), [0x00_00ff; 2]);
    client.receive(&blue.bytes).unwrap();
    assert_eq!(client.take_output(), whole);
    // An empty one changes nothing.
    client.receive(&picture.bytes).unwrap();
    client.receive(&map(7, &[]).bytes).unwrap();
    assert!(!client.has_output());
}

/// Entries that no pixel can name do no harm.
#[test]
fn maps_beyond_the_pixels() {
    let mut client = with(ColourDepth::AsServer);
    let server = mapped(1, 1)
        .raw(&map(250, &[[0xffff; 3]; 100]).bytes)
        .raw(&map(65535, &vec![[0xffff; 3]; 65535]).bytes)
        .update_of([0, 0, 1, 1], RAW, &[255]);
    client.receive(&server.bytes).unwrap();
    assert_eq!(rgb(client.framebuffer()), [0xff_ffff]);
}
