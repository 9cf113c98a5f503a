//! The desktop: its size, its screens, its name.

use crate::server::*;
use rfb::{Event, Rect, ResizeOrigin, ResizeRefusal, Screen};

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
        [Event::ScreensChanged, Event::FrameComplete]
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
            Event::ScreensChanged,
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

/// An `ExtendedDesktopSize` rectangle.
fn layout(reason: [u16; 2], size: [u16; 2], screens: &[Screen]) -> Server {
    let mut server = Server::default()
        .update(1)
        .rect(
            [reason[0], reason[1], size[0], size[1]],
            EXTENDED_DESKTOP_SIZE,
        )
        .raw(&[screens.len() as u8, 0, 0, 0]);
    for screen in screens {
        let Rect {
            x,
            y,
            width,
            height,
        } = screen.area;
        server = server
            .u32(screen.id)
            .u16s(&[x, y, width, height])
            .u32(screen.flags);
    }
    server
}

fn two_screens() -> [Screen; 2] {
    let screen = |id, x, flags| Screen {
        id,
        area: Rect::new(x, 0, 150, 200),
        flags,
    };
    [screen(7, 0, 3), screen(9, 150, 0)]
}

#[test]
fn several_screens_both_ways() {
    let screens = two_screens();
    let (told, _) = however_cut(&layout([0, 0], [300, 200], &screens));
    assert_eq!(told, [Event::ScreensChanged, Event::FrameComplete]);

    let mut client = connected(300, 200);
    assert_eq!(client.screens(), []);
    assert!(!client.set_desktop_layout(300, 200, &screens));
    send(&mut client, &layout([0, 0], [300, 200], &screens));
    assert_eq!(client.screens(), screens);
    // The same again is no news.
    assert_eq!(
        send(&mut client, &layout([0, 0], [300, 200], &screens)),
        [Event::FrameComplete]
    );
    let mut moved = screens;
    moved[1].area.y = 50;
    assert!(client.set_desktop_layout(300, 250, &moved));
    assert_eq!(
        client.take_output(),
        Server::default()
            .raw(&[251, 0])
            .u16s(&[300, 250])
            .raw(&[2, 0])
            .u32(7)
            .u16s(&[0, 0, 150, 200])
            .u32(3)
            .u32(9)
            .u16s(&[150, 50, 150, 200])
            .u32(0)
            .bytes
    );
    for (height, screens) in [(250, &moved[..0]), (200, &moved[..])] {
        assert!(!client.set_desktop_layout(300, height, screens));
    }
    assert!(!client.has_output());
    assert_eq!(
        send(&mut client, &layout([1, 0], [300, 250], &moved)),
        [
            Event::Resized {
                width: 300,
                height: 250,
                by: ResizeOrigin::ThisClient
            },
            Event::ScreensChanged,
            Event::FrameComplete
        ]
    );
    assert_eq!(client.screens(), moved);
}

#[test]
fn a_refused_layout_is_not_taken_over() {
    let mut client = connected(300, 200);
    let screens = two_screens();
    send(&mut client, &layout([0, 0], [300, 200], &screens));
    for (status, refusal) in [
        (1, ResizeRefusal::Prohibited),
        (2, ResizeRefusal::OutOfResources),
        (77, ResizeRefusal::Other(77)),
    ] {
        assert_eq!(
            send(&mut client, &layout([1, status], [1, 2], &screens[..1])),
            [Event::ResizeRefused(refusal), Event::FrameComplete]
        );
    }
    assert_eq!(client.screens(), screens);
    assert_eq!(client.framebuffer().width(), 300);
}

#[test]
fn a_server_without_screens_can_still_be_resized() {
    let mut client = connected(300, 200);
    send(&mut client, &layout([0, 0], [300, 200], &[]));
    assert!(client.set_desktop_size(10, 10));
}
