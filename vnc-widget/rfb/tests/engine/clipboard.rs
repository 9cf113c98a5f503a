//! Texts that are copied on one side and pasted on the other.

use crate::server::*;
use rfb::Event;

const TEXT: u32 = 1;
const CAPS: u32 = 1 << 24;
const REQUEST: u32 = 1 << 25;
const PEEK: u32 = 1 << 26;
const NOTIFY: u32 = 1 << 27;
const PROVIDE: u32 = 1 << 28;
const ALL: u32 = CAPS | REQUEST | PEEK | NOTIFY | PROVIDE;

#[test]
fn texts_to_the_server() {
    let mut client = connected(1, 1);
    client.cut_text("a\r\nß€");
    assert_eq!(client.take_output(), b"\x06\0\0\0\0\0\0\x04a\n\xdf?");
}

/// A message of the extended clipboard; both sides send it alike but for its type.
fn message(kind: u8, flags: u32, data: &[u8]) -> Vec<u8> {
    Server::default()
        .raw(&[kind, 0, 0, 0])
        .u32((-4 - data.len() as i32) as u32)
        .u32(flags)
        .raw(data)
        .bytes
}

fn from_server(flags: u32, data: &[u8]) -> Server {
    Server::default().raw(&message(3, flags, data))
}

fn from_client(flags: u32, data: &[u8]) -> Vec<u8> {
    message(6, flags, data)
}

/// The body of a message that provides a text.
fn provided(text: &[u8]) -> Vec<u8> {
    Zlib::new().compress(&[&(text.len() as u32).to_be_bytes()[..], text].concat())
}

/// A client of a server with the extended clipboard.
fn extended(flags: u32) -> rfb::Client {
    let mut client = connected(300, 200);
    let sizes = 100u32.to_be_bytes();
    send(&mut client, &from_server(flags, &sizes));
    client.take_output();
    client
}

#[test]
fn capabilities_are_answered() {
    // Text, RTF and files, each with its size.
    let caps = from_server(ALL | 0b1_0011, &[0; 12]);
    let (told, answer) = however_cut(&caps);
    assert_eq!(told, []);
    assert_eq!(answer, from_client(ALL | TEXT, &[0; 4]));
    let mut client = connected(1, 1);
    assert!(!client.has_extended_clipboard());
    send(&mut client, &caps);
    assert!(client.has_extended_clipboard());
}

#[test]
fn a_text_of_the_server_is_fetched() {
    let mut client = extended(ALL | TEXT);
    assert_eq!(
        send(&mut client, &from_server(NOTIFY | TEXT, &[])),
        [Event::ClipboardOffered]
    );
    assert!(!client.has_output(), "nobody asked for it yet");
    assert!(client.request_clipboard());
    assert_eq!(client.take_output(), from_client(REQUEST | TEXT, &[]));
    let text = "Zeile\r\nzwei: € 🦀\0";
    let (told, answer) = however_cut(&from_server(PROVIDE | TEXT, &provided(text.as_bytes())));
    assert_eq!(told, [Event::CutText("Zeile\nzwei: € 🦀".into())]);
    assert_eq!(answer, []);
}

#[test]
fn a_text_of_ours_is_fetched() {
    let mut client = extended(ALL | TEXT);
    assert!(client.cut_text("a\n€"));
    assert_eq!(client.take_output(), from_client(NOTIFY | TEXT, &[]));
    send(&mut client, &from_server(PEEK, &[]));
    assert_eq!(client.take_output(), from_client(NOTIFY | TEXT, &[]));
    for _ in 0..2 {
        send(&mut client, &from_server(REQUEST | TEXT, &[]));
        let output = client.take_output();
        assert_eq!(output[..4], [6, 0, 0, 0]);
        let length = i32::from_be_bytes(*output[4..].first_chunk().unwrap());
        assert_eq!(-length as usize, output.len() - 8);
        assert_eq!(output[8..12], (PROVIDE | TEXT).to_be_bytes());
        // The stream does not end, as servers want it.
        let mut text = [0; 4 + 7];
        let mut zlib = flate2::read::ZlibDecoder::new(&output[12..]);
        std::io::Read::read_exact(&mut zlib, &mut text).unwrap();
        assert_eq!(&text, b"\0\0\0\x07a\r\n\xe2\x82\xac\0");
    }
    client.withdraw_text();
    assert_eq!(client.take_output(), from_client(NOTIFY, &[]));
    send(&mut client, &from_server(REQUEST | TEXT, &[]));
    assert!(!client.has_output(), "there is nothing to give");
    send(&mut client, &from_server(PEEK, &[]));
    assert_eq!(client.take_output(), from_client(NOTIFY, &[]));
}

#[test]
fn a_text_can_be_held_back() {
    let mut client = extended(ALL | TEXT);
    let request = from_server(REQUEST | TEXT, &[]);
    client.cut_text("old");
    client.hold_text(true);
    client.take_output();
    for _ in 0..3 {
        send(&mut client, &request);
    }
    assert!(!client.has_output());
    client.hold_text(false);
    let once = client.take_output();
    assert_eq!(once[8..12], (PROVIDE | TEXT).to_be_bytes());
    let length = i32::from_be_bytes(*once[4..].first_chunk().unwrap());
    assert_eq!(-length as usize, once.len() - 8, "one message");
    client.hold_text(true);
    client.hold_text(false);
    assert!(!client.has_output(), "it has been given");
    // What is taken back meanwhile is not given.
    client.hold_text(true);
    send(&mut client, &request);
    client.withdraw_text();
    client.take_output();
    client.hold_text(false);
    assert!(!client.has_output());
}

#[test]
fn servers_that_cannot_ask_are_given_short_texts() {
    let mut client = extended(CAPS | PROVIDE | TEXT);
    assert!(!client.request_clipboard());
    client.cut_text("€");
    let output = client.take_output();
    assert_eq!(output[8..12], (PROVIDE | TEXT).to_be_bytes());
    // Longer than the server wants: as if it had no extended clipboard.
    client.cut_text(&"x".repeat(101));
    assert_eq!(client.take_output().len(), 8 + 101);
    let mut client = extended(ALL);
    client.cut_text("no format in common");
    assert_eq!(client.take_output()[..5], [6, 0, 0, 0, 0]);
}

#[test]
fn other_formats_and_damaged_texts_are_passed_over() {
    const HTML: u32 = 4;
    let bomb = provided(&vec![b'x'; 5 << 20]);
    assert!(bomb.len() < 10_000);
    let short = provided(b"text");
    let nothing = [
        from_server(NOTIFY | HTML, &[]),
        from_server(REQUEST | HTML, &[]),
        from_server(PROVIDE | HTML, &provided(b"<b>")),
        from_server(TEXT, &[]),
        from_server(NOTIFY, &[]),
        from_server(PROVIDE | TEXT, &[]),
        from_server(PROVIDE | TEXT, b"not zlib"),
        from_server(PROVIDE | TEXT, &short[..short.len() / 2]),
        from_server(PROVIDE | TEXT, &bomb),
        // No room for the flags, or for the sizes.
        Server::default().raw(&[3, 0, 0, 0, 255, 255, 255, 255, 9]),
        from_server(CAPS | TEXT, &[]),
    ];
    let mut all = Server::default();
    for server in &nothing {
        let mut client = extended(ALL | TEXT);
        assert_eq!(send(&mut client, server), []);
        assert!(!client.has_output());
        all = all.raw(&server.bytes);
    }
    let mut client = extended(ALL | TEXT);
    assert_eq!(send(&mut client, &all.raw(&[2])), [Event::Bell]);
}

#[test]
fn other_formats_behind_a_text_do_no_harm() {
    let text = b"\0\0\0\x03ab\0\0\0\0\x09{\\rtf1 x}";
    let server = from_server(PROVIDE | 0b11, &Zlib::new().compress(text));
    assert_eq!(however_cut(&server).0, [Event::CutText("ab".into())]);
    // Some servers send no NUL.
    let server = from_server(PROVIDE | TEXT, &provided(b"ab"));
    assert_eq!(however_cut(&server).0, [Event::CutText("ab".into())]);
}

#[test]
fn messages_too_long_are_skipped() {
    let mut client = extended(ALL | TEXT);
    let length: i32 = 6 << 20;
    let head = Server::default().raw(&[3, 0, 0, 0]).u32(-length as u32);
    send(&mut client, &head);
    let block = vec![0x55; 1 << 20];
    for _ in 0..6 {
        client.receive(&block).unwrap();
    }
    assert_eq!(
        send(&mut client, &Server::default().raw(&[2])),
        [Event::Bell]
    );
    // The longest that can be announced.
    let longest = Server::default().raw(&[3, 0, 0, 0, 0x80, 0, 0, 0]);
    assert_eq!(send(&mut client, &longest), []);
}

#[test]
fn texts_that_are_too_long_are_not_sent() {
    for mut client in [extended(ALL | TEXT), connected(1, 1)] {
        assert!(!client.cut_text(&"x".repeat((4 << 20) + 1)));
        assert!(!client.has_output());
    }
}

/// Thousands of texts in few bytes take no more memory than one.
#[test]
fn of_many_large_texts_the_last_is_kept() {
    let mut client = extended(ALL | TEXT);
    let large = from_server(PROVIDE | TEXT, &provided(&vec![b'x'; 4 << 20]));
    let mut many = Server::default();
    for _ in 0..5 {
        many = many.raw(&large.bytes);
    }
    client.receive(&many.bytes).unwrap();
    let told = events(&mut client);
    assert_eq!(told.len(), 1);
}
