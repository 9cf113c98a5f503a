//! Keys and the pointer.

use crate::server::*;
use rfb::{Event, Leds, PointerMode};

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
fn back_and_forward() {
    let mut client = connected(300, 200);
    // The eighth button fits in the byte that there is; the ninth has no place.
    client.pointer(1, 2, 0b1_1000_0001);
    assert_eq!(client.take_output(), [5, 0x81, 0, 1, 0, 2]);
    assert!(!client.takes_extended_buttons());
    let confirmed = Server::default().update_of([0; 4], EXTENDED_MOUSE_BUTTONS, &[]);
    assert_eq!(send(&mut client, &confirmed), [Event::FrameComplete]);
    assert!(client.takes_extended_buttons());
    client.pointer(1, 2, 0b1_1000_0001);
    assert_eq!(client.take_output(), [5, 0x81, 0, 1, 0, 2, 3]);
    client.pointer_motion(0, 0, 0b0_0000_0100);
    assert_eq!(client.take_output(), [5, 4, 0x7f, 0xff, 0x7f, 0xff]);
    // There are not more than nine.
    client.pointer(1, 2, 0xfe01);
    assert_eq!(client.take_output(), [5, 1, 0, 1, 0, 2]);
}

#[test]
fn the_pointer_is_moved_by_others() {
    let server = Server::default()
        .update_of([7, 8, 0, 0], POINTER_POSITION, &[])
        .update_of([9000, 9000, 0, 0], VMWARE_POINTER_POSITION, &[]);
    let (told, _) = however_cut(&server);
    assert_eq!(
        told,
        [
            Event::PointerMoved { x: 7, y: 8 },
            Event::FrameComplete,
            Event::PointerMoved { x: 299, y: 199 },
            Event::FrameComplete
        ]
    );
}

#[test]
fn locks() {
    let leds = |scroll_lock, num_lock, caps_lock| Leds {
        scroll_lock,
        num_lock,
        caps_lock,
    };
    let server = Server::default()
        .update_of([0; 4], LED_STATE, &[0])
        .update_of([0; 4], LED_STATE, &[0b101])
        .update_of([0; 4], LED_STATE, &[0b101])
        .update_of([0; 4], VMWARE_LED_STATE, &[0, 0, 0, 0b010]);
    let (told, _) = however_cut(&server);
    assert_eq!(
        told,
        [
            Event::Leds(leds(false, false, false)),
            Event::FrameComplete,
            Event::Leds(leds(true, false, true)),
            Event::FrameComplete,
            Event::FrameComplete,
            Event::Leds(leds(false, true, false)),
            Event::FrameComplete,
        ]
    );
    let mut client = connected(1, 1);
    assert_eq!(client.leds(), None);
    send(&mut client, &server);
    assert_eq!(client.leds(), Some(leds(false, true, false)));
}
