//! Servers that lie: nothing they send may panic, hang or take memory without bound.

use proptest::prelude::*;
use rfb::{Client, ClientConfig, ConnectionState, Event};

use crate::{recordings::recordings, server::*};

/// Feeds bytes in pieces, doing all that an owner does, until the engine has had enough.
fn endure(bytes: &[u8], piece: usize) -> Client {
    let mut client = Client::new(ClientConfig {
        // Small, so that a test of many cases stays fast.
        max_framebuffer_pixels: 1 << 20,
        ..ClientConfig::default()
    });
    for piece in bytes.chunks(piece) {
        let result = client.receive(piece);
        while let Some(event) = client.next_event() {
            match event {
                Event::NeedCredentials(_) => {
                    client.provide_password("password");
                }
                Event::Connected { .. } | Event::FrameComplete => client.request_update(true),
                _ => {}
            }
        }
        for rect in client.take_damage().iter() {
            assert!(client.framebuffer().bounds().contains(rect));
        }
        client.take_output();
        if result.is_err() {
            break;
        }
    }
    client
}

/// A message that has something to do with its type.
fn message() -> impl Strategy<Value = Vec<u8>> {
    let data = || prop::collection::vec(any::<u8>(), 0..300);
    let text = (any::<i8>(), 0..32u8, data()).prop_map(|(excess, action, data)| {
        let body = [&[action, 0, 0, 1][..], &Zlib::new().zrle(&data)[4..]].concat();
        let length = -(body.len() as i32) + i32::from(excess);
        [&[3, 0, 0, 0][..], &length.to_be_bytes(), &body].concat()
    });
    let fence = (data(), 0..70u8).prop_map(|(data, length)| {
        let flags = [data.len() as u8; 4];
        [&[248, 0, 0, 0][..], &flags, &[length], &data].concat()
    });
    let sound = (0..4u8, data()).prop_map(|(operation, data)| {
        let length = (data.len() as u32).to_be_bytes();
        [&[255, 1, 0, operation][..], &length, &data].concat()
    });
    prop_oneof![
        text,
        fence,
        sound,
        any::<u8>().prop_map(|code| vec![250, 0, 1, code]),
        Just(vec![150]),
        Just(vec![2]),
    ]
}

/// A rectangle that has something to do with its encoding.
fn rectangle() -> impl Strategy<Value = Vec<u8>> {
    let side = || prop_oneof![0..70u16, Just(0xffff)];
    let place = (side(), side(), side(), side());
    let encoding = prop_oneof![
        prop::sample::select(rfb::Encoding::ALL.to_vec()).prop_map(rfb::Encoding::number),
        Just(CURSOR),
        Just(DESKTOP_SIZE),
        Just(EXTENDED_DESKTOP_SIZE),
        Just(DESKTOP_NAME),
        Just(POINTER_MOTION),
        Just(X_CURSOR),
        Just(CURSOR_WITH_ALPHA),
        Just(VMWARE_CURSOR),
        Just(LED_STATE),
        Just(AUDIO),
    ];
    let data = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..200),
        // Valid zlib data around garbage, in the framing of both encodings that use it.
        prop::collection::vec(any::<u8>(), 0..3000).prop_map(|data| Zlib::new().zrle(&data)),
        (0..128u8, prop::collection::vec(any::<u8>(), 12..3000)).prop_map(|(control, data)| {
            // The streams are reset, or the second such rectangle could not be valid.
            let filter = if control & 0x40 == 0 {
                None
            } else {
                Some(control % 3)
            };
            let palette = (filter == Some(1)).then(|| [&[1][..], &[7; 6]].concat());
            let mut tight = vec![control | 0xf];
            tight.extend(filter);
            tight.extend(palette.unwrap_or_default());
            tight.extend(Zlib::new().tight(&data));
            tight
        }),
    ];
    (place, encoding, data).prop_map(|((x, y, width, height), encoding, data)| {
        Server::default()
            .rect([x, y, width, height], encoding)
            .raw(&data)
            .bytes
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn garbage_from_the_start(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        endure(&bytes, 50);
        endure(&[b"RFB 003.008\n", &bytes[..]].concat(), 50);
        endure(&[b"RFB 003.008\n\x01\x02", &bytes[..]].concat(), 16);
    }

    #[test]
    fn garbage_in_a_session(bytes in prop::collection::vec(any::<u8>(), 0..1000)) {
        endure(&Server::new(64, 64).raw(&bytes).bytes, 100);
        endure(&Server::new(64, 64).update(0xffff).raw(&bytes).bytes, 100);
    }

    #[test]
    fn likely_messages(messages in prop::collection::vec(message(), 1..6), piece in 1..500usize) {
        endure(&Server::new(64, 64).raw(&messages.concat()).bytes, piece);
    }

    #[test]
    fn likely_rectangles(rectangles in prop::collection::vec(rectangle(), 1..6), piece in 1..500usize) {
        let mut server = Server::new(64, 64);
        for rectangle in rectangles {
            server = server.update(1).raw(&rectangle);
        }
        endure(&server.bytes, piece);
    }

    #[test]
    fn zrle_tiles_of_garbage(data in prop::collection::vec(any::<u8>(), 1..2000), kind in any::<u8>()) {
        let tiles = [&[kind][..], &data].concat();
        endure(&Server::new(64, 64).update_of([0, 0, 64, 64], ZRLE, &Zlib::new().zrle(&tiles)).bytes, 4096);
        endure(&Server::new(99, 3).update_of([0, 0, 99, 3], ZRLE, &Zlib::new().zrle(&tiles)).bytes, 4096);
    }

    #[test]
    fn damaged_jpeg(
        changes in prop::collection::vec((0..292usize, any::<u8>()), 1..8),
        cut in 0..292usize,
    ) {
        let mut jpeg = include_bytes!("red-blue.jpg").to_vec();
        for (place, byte) in changes {
            jpeg[place] = byte;
        }
        for jpeg in [&jpeg[..], &jpeg[..cut]] {
            let data = [&[0x90][..], &compact(jpeg.len()), jpeg].concat();
            endure(&Server::new(16, 8).update_of([0, 0, 16, 8], TIGHT, &data).bytes, 4096);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Real sessions with some bytes changed or left out.
    #[test]
    fn damaged_recordings(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..10),
        cut in any::<prop::sample::Index>(),
        length in 0..20usize,
    ) {
        for (_, recording) in recordings() {
            // The first part is as good as the whole, and faster.
            let mut bytes = recording[..recording.len().min(40_000)].to_vec();
            for (place, byte) in &changes {
                let place = place.index(bytes.len());
                bytes[place] = *byte;
            }
            let cut = cut.index(bytes.len());
            bytes.drain(cut..bytes.len().min(cut + length));
            endure(&bytes, 5000);
        }
    }
}

/// Whatever has been received of a recording, it was no error to stop there.
#[test]
fn truncated_recordings() {
    for (name, recording) in recordings() {
        for length in (0..recording.len()).step_by(recording.len() / 40) {
            let mut client = Client::new(ClientConfig::default());
            client.receive(&recording[..length]).unwrap();
            assert_ne!(client.state(), ConnectionState::Failed, "{name}");
            let understood = client.statistics().bytes_understood as usize;
            assert!(understood <= length);
            // What was understood is whole: alone it gives the same rectangles.
            let mut again = Client::new(ClientConfig::default());
            again.receive(&recording[..understood]).unwrap();
            assert_eq!(again.statistics().bytes_understood as usize, understood);
            assert_eq!(
                again.statistics().total_rectangles(),
                client.statistics().total_rectangles()
            );
        }
    }
}

#[test]
fn ten_thousand_bells_are_one() {
    let mut client = client(&Server::new(1, 1).raw(&[2; 10_000]));
    assert_eq!(events(&mut client)[1..], [Event::Bell]);
}

#[test]
fn sizes_beyond_the_limit_come_too_late_as_well() {
    let mut server = Server::new(10, 10);
    for side in 1..200 {
        server = server.update_of([0, 0, side * 5, 10], DESKTOP_SIZE, &[]);
    }
    let mut client = endure(&server.bytes, 100);
    assert_eq!(client.framebuffer().width(), 995);
    let large = Server::default().update_of([0, 0, 2000, 1000], DESKTOP_SIZE, &[]);
    assert_eq!(
        client.receive(&large.bytes),
        Err(rfb::Error::ScreenTooLarge {
            width: 2000,
            height: 1000
        })
    );
    assert_eq!(client.framebuffer().width(), 995);
}

/// An update that never ends is as good as many updates.
#[test]
fn an_endless_update() {
    let mut client = client(&Server::new(2, 2).update(0xffff));
    events(&mut client);
    let rectangle = Server::default().rect([0, 0, 1, 1], RAW).raw(&[1; 4]);
    for _ in 0..100_000 {
        client.receive(&rectangle.bytes).unwrap();
    }
    assert_eq!(events(&mut client), []);
    assert_eq!(client.statistics().total_rectangles(), 100_000);
}

/// A byte at a time must not make work grow with the square of the length.
#[test]
fn slow_drips() {
    let wide = 16384;
    let hextile = [&[2 | 8, 1, 2, 3, 4, 255][..], &[0; 510]].concat();
    let mut server = Server::new(wide, 16)
        .update(1)
        .rect([0, 0, wide, 16], HEXTILE);
    for _ in 0..wide / 16 {
        server = server.raw(&hextile);
    }
    server = server
        .update(1)
        .rect([0, 0, wide, 16], RAW)
        .raw(&vec![9; usize::from(wide) * 64]);
    let mut client = Client::new(ClientConfig::default());
    for byte in server.bytes.chunks(1) {
        client.receive(byte).unwrap();
    }
    assert_eq!(client.statistics().updates, 2);
}

/// A few bytes can draw on the whole screen: the owner gets a word in between.
#[test]
fn work_is_done_in_bounded_portions() {
    let (width, height) = (1024, 1024);
    let place = [0, 0, width, height];
    let fill = Server::default().rect(place, TIGHT).raw(&[0x80, 1, 2, 3]);
    let copy = Server::default().rect(place, COPY_RECT).u16s(&[0, 0]);
    let empty = Server::default().rect([0; 4], RAW);
    for (rectangle, most_at_once) in [(fill, 1), (copy, 1), (empty, 1024)] {
        let mut flood = Server::default().update(0xffff);
        for _ in 0..5000 {
            flood = flood.raw(&rectangle.bytes);
        }
        let mut client = client(&Server::new(width, height));
        let mut rest = &flood.bytes[..];
        while !rest.is_empty() {
            let before = client.statistics().total_rectangles();
            client.receive_some(&mut rest).unwrap();
            let now = client.statistics().total_rectangles() - before;
            assert!(now <= most_at_once, "{now} rectangles at once");
        }
        assert_eq!(client.statistics().total_rectangles(), 5000);
    }
}

/// The owner hears of a new size before there is anything in it.
#[test]
fn a_new_size_is_told_before_it_is_drawn_on() {
    let server = Server::default()
        .update(2)
        .rect([0, 0, 2, 2], DESKTOP_SIZE)
        .rect([0, 0, 1, 1], RAW)
        .raw(&[7; 4]);
    let mut client = client(&Server::new(1, 1));
    events(&mut client);
    let mut rest = &server.bytes[..];
    client.receive_some(&mut rest).unwrap();
    assert!(matches!(events(&mut client)[..], [Event::Resized { .. }]));
    assert!(client.take_damage().is_empty());
    client.receive_some(&mut rest).unwrap();
    assert!(rest.is_empty());
    assert_eq!(events(&mut client), [Event::FrameComplete]);
    assert_eq!(client.take_damage().bounds(), rfb::Rect::new(0, 0, 1, 1));
}
