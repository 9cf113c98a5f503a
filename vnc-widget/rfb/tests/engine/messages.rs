//! What servers say beside pixels, and what the client says to them.

use crate::server::*;
use rfb::{ClientConfig, Event};

#[test]
fn bells_and_texts() {
    let mut client = connected(1, 1);
    let server = Server::default()
        .raw(&[2, 2, 2])
        .raw(b"\x03\0\0\0\0\0\0\x04na\xefv")
        .raw(&[2])
        .raw(b"\x03\0\0\0\0\0\0\0");
    assert_eq!(
        send(&mut client, &server),
        [
            Event::Bell,
            Event::CutText("naïv".into()),
            Event::Bell,
            Event::CutText("".into())
        ]
    );
}

#[test]
fn colour_maps_are_read_over() {
    let mut client = connected(1, 1);
    let server = Server::default()
        .raw(&[1, 0])
        .u16s(&[0, 3])
        .raw(&[9; 18])
        .raw(&[1, 0])
        .u16s(&[0, 0])
        .raw(&[2]);
    assert_eq!(send(&mut client, &server), [Event::Bell]);
}

#[test]
fn a_text_too_long_is_skipped() {
    let mut client = connected(1, 1);
    let length: u32 = 5 << 20;
    client
        .receive(&Server::default().raw(&[3, 0, 0, 0]).u32(length).bytes)
        .unwrap();
    let block = vec![b'x'; 1 << 20];
    for _ in 0..5 {
        client.receive(&block).unwrap();
    }
    assert_eq!(
        send(&mut client, &Server::default().raw(&[2])),
        [Event::Bell]
    );
}

#[test]
fn unknown_messages_and_rectangles_end_the_connection() {
    assert!(problem(&Server::new(1, 1).raw(&[77])).contains("77"));
    assert!(problem(&Server::new(1, 1).update(1).rect([0; 4], 4711)).contains("4711"));
}

#[test]
fn updates_end_by_count_or_by_last_rect() {
    let mut client = connected(4, 4);
    let pixel = [1, 2, 3, 4];
    assert_eq!(
        send(&mut client, &Server::default().update(0)),
        [Event::FrameComplete]
    );
    let open = Server::default()
        .update(0xffff)
        .rect([0, 0, 1, 1], RAW)
        .raw(&pixel)
        .rect([1, 1, 1, 1], RAW)
        .raw(&pixel);
    assert_eq!(send(&mut client, &open), []);
    let end = Server::default().rect([0; 4], LAST_RECT).raw(&[2]);
    assert_eq!(send(&mut client, &end), [Event::FrameComplete, Event::Bell]);
    let early = Server::default().update(5).rect([0; 4], LAST_RECT);
    assert_eq!(send(&mut client, &early), [Event::FrameComplete]);
    assert_eq!(client.statistics().updates, 3);
    assert_eq!(client.statistics().total_rectangles(), 2);
    let damage: Vec<_> = client.take_damage().iter().collect();
    assert_eq!(
        damage,
        [rfb::Rect::new(0, 0, 1, 1), rfb::Rect::new(1, 1, 1, 1)]
    );
    assert!(client.take_damage().is_empty());
}

#[test]
fn the_picture_outlives_a_failure() {
    let mut client = connected(1, 1);
    send(
        &mut client,
        &Server::default().update_of([0, 0, 1, 1], RAW, &[1, 2, 3, 0]),
    );
    client.key(0x61, None, true);
    assert!(client.receive(&[99]).is_err());
    assert_eq!(client.framebuffer().pixels(), [1, 2, 3, 255]);
    assert!(!client.has_output());
}

#[test]
fn only_what_is_wanted_is_asked_for() {
    let asked = |config| {
        let mut client = rfb::Client::new(config);
        client.receive(&Server::new(1, 1).bytes).unwrap();
        let output = client.take_output();
        // After the version, security type, ClientInit, SetPixelFormat and SetEncodings' head.
        let numbers = &output[12 + 1 + 1 + 20 + 4..];
        numbers
            .as_chunks()
            .0
            .iter()
            .map(|bytes| i32::from_be_bytes(*bytes))
            .collect::<Vec<_>>()
    };
    let default = asked(ClientConfig::default());
    // All that can be decoded, Raw last.
    assert_eq!(default[..4], [TIGHT, ZRLE, COPY_RECT, TIGHT_PNG]);
    let (encodings, _) = default.split_at(rfb::Encoding::ALL.len());
    for encoding in rfb::Encoding::ALL {
        assert!(encodings.contains(&encoding.number()), "{encoding}");
    }
    assert_eq!(encodings.last(), Some(&RAW));
    for extension in [CURSOR, DESKTOP_SIZE, EXTENDED_KEY, POINTER_MOTION] {
        assert!(default.contains(&extension));
    }
    let plain = asked(ClientConfig {
        local_cursor: false,
        resizable: false,
        ..ClientConfig::basic()
    });
    assert_eq!(plain[encodings.len()..], [LAST_RECT, DESKTOP_NAME]);
}
