//! Fences and continuous updates.

use crate::server::*;
use rfb::Event;

const REQUEST: u32 = 1 << 31;

fn fence(flags: u32, payload: &[u8]) -> Server {
    Server::default()
        .raw(&[248, 0, 0, 0])
        .u32(flags)
        .raw(&[payload.len() as u8])
        .raw(payload)
}

const END: [u8; 1] = [150];

#[test]
fn fences_come_back_in_their_place() {
    let server = fence(REQUEST | 0b101, b"one")
        .raw(&[2])
        .raw(&fence(REQUEST, &[7; 64]).bytes);
    let (told, answer) = however_cut(&server);
    assert_eq!(told, [Event::Bell]);
    assert_eq!(
        answer,
        [fence(0b101, b"one").bytes, fence(0, &[7; 64]).bytes].concat()
    );
}

#[test]
fn flags_of_an_unknown_meaning_are_not_answered() {
    let (_, answer) = however_cut(&fence(0xffff_ffff, b""));
    assert_eq!(answer, fence(0b111, b"").bytes);
}

#[test]
fn fences_of_ours() {
    let mut client = connected(1, 1);
    assert!(!client.request_fence(b"too early"));
    send(&mut client, &fence(REQUEST, b""));
    client.take_output();
    assert!(client.request_fence(b"mark"));
    assert!(!client.request_fence(&[0; 65]));
    assert_eq!(client.take_output(), fence(REQUEST | 1, b"mark").bytes);
    let (told, answer) = however_cut(&fence(1, b"mark"));
    assert_eq!(told, [Event::FenceAnswered(b"mark".into())]);
    assert_eq!(answer, []);
}

#[test]
fn fences_are_held_back_in_their_order_and_not_for_ever() {
    let mut client = connected(1, 1);
    client.hold_fences(true);
    for number in 0..1024u16 {
        send(&mut client, &fence(REQUEST, &number.to_be_bytes()));
    }
    assert!(!client.has_output());
    send(&mut client, &fence(REQUEST, b"one more"));
    assert_eq!(client.take_output(), fence(0, &[0, 0]).bytes);
    client.hold_fences(false);
    let output = client.take_output();
    assert!(output.starts_with(&fence(0, &[0, 1]).bytes));
    assert!(output.ends_with(&fence(0, b"one more").bytes));
    send(&mut client, &fence(REQUEST, b""));
    assert_eq!(client.take_output(), fence(0, b"").bytes);
}

#[test]
fn fences_are_short() {
    let start = Server::new(1, 1);
    assert!(problem(&start.raw(&fence(REQUEST, &[0; 65]).bytes)).contains("65"));
}

#[test]
fn continuous_updates() {
    let (told, answer) = however_cut(&Server::default().raw(&END));
    assert_eq!(told, [Event::ContinuousUpdatesOff]);
    assert_eq!(answer, []);
    let mut client = connected(300, 200);
    assert!(!client.can_update_continuously());
    assert!(!client.set_continuous_updates(true));
    assert!(!client.has_output());
    send(&mut client, &Server::default().raw(&END));
    assert!(client.can_update_continuously());
    assert!(client.set_continuous_updates(true));
    assert_eq!(client.take_output(), [150, 1, 0, 0, 0, 0, 1, 44, 0, 200]);
    // They are of an area; a new size is another area.
    let resized = Server::default().update_of([0, 0, 10, 20], DESKTOP_SIZE, &[]);
    send(&mut client, &resized);
    assert_eq!(client.take_output(), [150, 1, 0, 0, 0, 0, 0, 10, 0, 20]);
    assert!(client.set_continuous_updates(false));
    assert_eq!(client.take_output(), [150, 0, 0, 0, 0, 0, 0, 10, 0, 20]);
    let told = send(&mut client, &Server::default().raw(&END));
    assert_eq!(told, [Event::ContinuousUpdatesOff]);
    let resized = Server::default().update_of([0, 0, 20, 20], DESKTOP_SIZE, &[]);
    send(&mut client, &resized);
    assert!(!client.has_output());
}

/// A server that stops of its own accord is left alone until it says anew that it could go on.
#[test]
fn continuous_updates_can_be_withdrawn() {
    let end = Server::default().raw(&END);
    let mut client = connected(300, 200);
    send(&mut client, &end);
    client.set_continuous_updates(true);
    client.take_output();
    let told = send(&mut client, &end);
    assert_eq!(told, [Event::ContinuousUpdatesWithdrawn]);
    assert!(!client.can_update_continuously());
    assert!(!client.set_continuous_updates(true));
    let resized = Server::default().update_of([0, 0, 20, 20], DESKTOP_SIZE, &[]);
    send(&mut client, &resized);
    assert!(!client.has_output());
    let told = send(&mut client, &end);
    assert_eq!(told, [Event::ContinuousUpdatesOff]);
    assert!(client.set_continuous_updates(true));
    assert_eq!(client.take_output(), [150, 1, 0, 0, 0, 0, 0, 20, 0, 20]);
    // Both at once are told as both.
    let told = send(&mut client, &Server::default().raw(&END).raw(&END));
    let expected = [
        Event::ContinuousUpdatesWithdrawn,
        Event::ContinuousUpdatesOff,
    ];
    assert_eq!(told, expected);
}

/// Ends that were asked for are no withdrawals, however late they come.
#[test]
fn each_end_that_was_asked_for_is_awaited() {
    let end = Server::default().raw(&END);
    let mut client = connected(300, 200);
    send(&mut client, &end);
    for enable in [true, false, true, false, true] {
        assert!(client.set_continuous_updates(enable));
    }
    for _ in 0..2 {
        assert_eq!(send(&mut client, &end), [Event::ContinuousUpdatesOff]);
        assert!(client.can_update_continuously());
    }
    let told = send(&mut client, &end);
    assert_eq!(told, [Event::ContinuousUpdatesWithdrawn]);
}
