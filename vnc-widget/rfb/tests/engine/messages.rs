//! What servers say beside pixels, and what the client says to them.

use crate::server::*;
use rfb::{ClientConfig, Event, PointerMode, ResizeOrigin, ResizeRefusal};

/// A connected client that has nothing to tell yet.
fn connected(width: u16, height: u16) -> rfb::Client {
    let mut client = client(&Server::new(width, height));
    events(&mut client);
    client.take_output();
    client.take_damage();
    client
}

fn send(client: &mut rfb::Client, server: &Server) -> Vec<Event> {
    client.receive(&server.bytes).unwrap();
    events(client)
}

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
            Event::CutText(String::new())
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
fn cursors_come_and_go() {
    let mut client = connected(1, 1);
    let shown = Server::default().update_of([1, 0, 2, 1], CURSOR, &[1, 2, 3, 0, 4, 5, 6, 0, 0x40]);
    let found = send(&mut client, &shown);
    let [Event::CursorChanged(Some(cursor)), Event::FrameComplete] = &found[..] else {
        panic!("{found:?}");
    };
    assert_eq!((cursor.hotspot_x, cursor.hotspot_y), (1, 0));
    assert_eq!(cursor.bytes(), [0, 0, 0, 0, 4, 5, 6, 255]);
    assert_eq!(
        send(
            &mut client,
            &Server::default().update_of([0; 4], CURSOR, &[])
        ),
        [Event::CursorChanged(None), Event::FrameComplete]
    );
}

#[test]
fn the_framebuffer_follows_the_desktop() {
    let mut client = connected(2, 1);
    send(
        &mut client,
        &Server::default().update_of([0, 0, 2, 1], RAW, &[7; 8]),
    );
    client.take_damage();
    let resized = |width, height| Event::Resized {
        width,
        height,
        by: ResizeOrigin::Server,
    };
    let server = Server::default().update_of([0, 0, 3, 2], DESKTOP_SIZE, &[]);
    assert_eq!(
        send(&mut client, &server),
        [resized(3, 2), Event::FrameComplete]
    );
    assert_eq!(client.framebuffer().pixels(), [0; 6 * 4]);
    assert!(client.take_damage().is_empty());
    // The size it has.
    assert_eq!(send(&mut client, &server), [Event::FrameComplete]);
    // The old corner is now part of the screen, what lies outside is not.
    assert!(
        client
            .receive(
                &Server::default()
                    .update_of([3, 0, 1, 1], RAW, &[0; 4])
                    .bytes
            )
            .is_err()
    );
}

#[test]
fn clients_may_resize_where_the_server_says_so() {
    let mut client = connected(640, 480);
    assert!(!client.can_set_desktop_size());
    assert!(!client.set_desktop_size(800, 600));
    let screens = |status: [u16; 2], size: [u16; 2]| {
        Server::default()
            .update(1)
            .rect(
                [status[0], status[1], size[0], size[1]],
                EXTENDED_DESKTOP_SIZE,
            )
            .raw(&[1, 0, 0, 0])
            .u32(42)
            .u16s(&[0, 0, size[0], size[1]])
            .u32(7)
    };
    assert_eq!(
        send(&mut client, &screens([0, 0], [640, 480])),
        [Event::FrameComplete]
    );
    assert!(client.can_set_desktop_size());
    assert!(!client.set_desktop_size(0, 600));
    assert!(client.set_desktop_size(800, 600));
    assert_eq!(
        client.take_output(),
        Server::default()
            .raw(&[251, 0])
            .u16s(&[800, 600])
            .raw(&[1, 0])
            .u32(42)
            .u16s(&[0, 0, 800, 600])
            .u32(7)
            .bytes
    );
    assert_eq!(
        send(&mut client, &screens([1, 3], [800, 600])),
        [
            Event::ResizeRefused(ResizeRefusal::InvalidLayout),
            Event::FrameComplete
        ]
    );
    assert_eq!(client.framebuffer().width(), 640);
    assert_eq!(
        send(&mut client, &screens([1, 0], [800, 600])),
        [
            Event::Resized {
                width: 800,
                height: 600,
                by: ResizeOrigin::ThisClient
            },
            Event::FrameComplete
        ]
    );
    assert_eq!(client.framebuffer().width(), 800);
    client.request_update(true);
    assert_eq!(client.take_output(), [3, 1, 0, 0, 0, 0, 3, 32, 2, 88]);
}

#[test]
fn desktops_change_their_names() {
    let mut client = connected(1, 1);
    let name = Server::default().update_of([0; 4], DESKTOP_NAME, b"\0\0\0\x03new");
    assert_eq!(
        send(&mut client, &name),
        [Event::DesktopName("new".into()), Event::FrameComplete]
    );
    let endless = Server::new(1, 1).update_of([0; 4], DESKTOP_NAME, &[0xff; 4]);
    assert!(problem(&endless).contains("4294967295"));
}

#[test]
fn keys_by_keysym_or_scancode() {
    let mut client = connected(1, 1);
    client.key(0xffe4, Some(0x9d), true);
    client.key(0, Some(0x9d), true);
    assert_eq!(client.take_output(), [4, 1, 0, 0, 0, 0, 0xff, 0xe4]);
    assert!(!client.takes_scancodes());
    send(
        &mut client,
        &Server::default().update_of([0; 4], EXTENDED_KEY, &[]),
    );
    assert!(client.takes_scancodes());
    client.key(0xffe4, Some(0x9d), false);
    assert_eq!(
        client.take_output(),
        [255, 0, 0, 0, 0, 0, 0xff, 0xe4, 0, 0, 0, 0x9d]
    );
    client.key(0xffe4, None, false);
    assert_eq!(client.take_output(), [4, 0, 0, 0, 0, 0, 0xff, 0xe4]);
}

#[test]
fn pointers_absolute_and_relative() {
    let mut client = connected(300, 200);
    client.pointer(299, 1000, 0b100);
    assert_eq!(client.take_output(), [5, 4, 1, 43, 0, 199]);
    let relative = Server::default().update_of([0; 4], POINTER_MOTION, &[]);
    assert_eq!(
        send(&mut client, &relative),
        [
            Event::PointerMode(PointerMode::Relative),
            Event::FrameComplete
        ]
    );
    assert_eq!(send(&mut client, &relative), [Event::FrameComplete]);
    assert_eq!(client.pointer_mode(), PointerMode::Relative);
    client.pointer_motion(-1, 2, 0);
    assert_eq!(client.take_output(), [5, 0, 0x7f, 0xfe, 0x80, 0x01]);
    let absolute = Server::default().update_of([1, 0, 0, 0], POINTER_MOTION, &[]);
    assert_eq!(
        send(&mut client, &absolute),
        [
            Event::PointerMode(PointerMode::Absolute),
            Event::FrameComplete
        ]
    );
}

#[test]
fn texts_to_the_server() {
    let mut client = connected(1, 1);
    client.cut_text("a\r\nß€");
    assert_eq!(client.take_output(), b"\x06\0\0\0\0\0\0\x04a\n\xdf?");
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
        extended_input: false,
        ..ClientConfig::default()
    });
    assert_eq!(plain[encodings.len()..], [LAST_RECT, DESKTOP_NAME]);
}
