//! Where TLS begins: not a byte of what follows is the engine's.

use proptest::prelude::*;
use rfb::{Client, ConnectionState, Error, Event, TlsUse};

use super::client;
use crate::server::{Server, events};

/// Up to the last byte before TLS.
const CLEAR: &[u8] = b"RFB 003.008\n\x02\x13\x02\x00\x02\x00\x02\0\0\x01\x04\0\0\x01\x05\x01";

/// What an attacker would like to be taken for what comes out of TLS: everything is fine, and a
/// screen.
fn injected() -> Vec<u8> {
    Server::default().raw(&[0; 4]).init(8, 8, "evil").bytes
}

/// Gives the bytes in two parts; returns the client and what it left.
fn cut(bytes: &[u8], at: usize) -> (Client, Vec<u8>) {
    let mut client = client(TlsUse::IfOffered);
    let (first, second) = bytes.split_at(at);
    let mut rest = first;
    client.receive_some(&mut rest).unwrap();
    let again = [rest, second].concat();
    let mut rest = &again[..];
    client.receive_some(&mut rest).unwrap();
    let rest = rest.to_vec();
    (client, rest)
}

#[test]
fn what_follows_is_given_back_however_it_is_cut() {
    let injected = injected();
    let bytes = [CLEAR, &injected].concat();
    for at in 0..=bytes.len() {
        let (mut client, rest) = cut(&bytes, at);
        assert_eq!(rest, injected, "cut at {at}");
        assert_eq!(events(&mut client), [Event::StartTls]);
        assert_eq!(client.state(), ConnectionState::AwaitingTls);
        assert_eq!(client.statistics().bytes_received, CLEAR.len() as u64);
        // Nothing said before may hang over either.
        client.tls_established();
        assert_eq!(client.state(), ConnectionState::Handshake);
        client.take_output();
        client.receive(&injected[..4]).unwrap();
        assert_eq!(client.take_output(), [1], "from its first byte on");
    }
}

#[test]
fn it_stays_given_back() {
    let mut client = client(TlsUse::IfOffered);
    client.receive(CLEAR).unwrap();
    for _ in 0..3 {
        let mut rest = &b"\x16\x03\x03"[..];
        client.receive_some(&mut rest).unwrap();
        assert_eq!(rest, b"\x16\x03\x03");
    }
    client.take_output();
    // Nothing is said in clear either.
    assert!(!client.provide_password("secret"));
    client.request_update(false);
    assert!(!client.has_output());
    assert_eq!(client.end_of_input(), Some(Error::Closed));
}

#[test]
fn who_does_not_look_is_stopped() {
    let mut client = client(TlsUse::IfOffered);
    let error = client.receive(&[CLEAR, &injected()].concat()).unwrap_err();
    assert!(matches!(error, Error::Protocol { .. }));
    assert_eq!(client.state(), ConnectionState::Failed);
}

#[test]
fn it_cannot_be_established_at_any_other_time() {
    let mut client = client(TlsUse::IfOffered);
    client.tls_established();
    client.receive(&CLEAR[..CLEAR.len() - 1]).unwrap();
    client.tls_established();
    assert_eq!(client.state(), ConnectionState::Handshake);
    assert!(client.security().is_none());
    client.receive(&CLEAR[CLEAR.len() - 1..]).unwrap();
    assert_eq!(client.state(), ConnectionState::AwaitingTls);
}

proptest! {
    /// Whatever follows a beginning that leads somewhere: no panic, and no end to waiting.
    #[test]
    fn garbage_in_a_negotiation(
        start in prop::sample::select(vec![
            &b"RFB 003.008\n\x01\x13"[..],
            b"RFB 003.008\n\x01\x13\x00\x02\x00",
            b"RFB 003.008\n\x01\x10",
            b"RFB 003.008\n\x01\x14",
            b"RFB 003.008\n\x01\x14\0\0\0\x0dSCRAM-SHA-256",
            CLEAR,
        ]),
        bytes in prop::collection::vec(any::<u8>(), 0..300),
        piece in 1..80usize,
    ) {
        let mut client = client(TlsUse::IfOffered);
        let all = [start, &bytes].concat();
        for piece in all.chunks(piece) {
            let mut rest = piece;
            while !rest.is_empty() {
                let before = rest.len();
                if client.receive_some(&mut rest).is_err() {
                    return Ok(());
                }
                while let Some(event) = client.next_event() {
                    match event {
                        Event::NeedCredentials(_) => {
                            let credentials = rfb::Credentials::user("u", "p").even_in_clear();
                            client.provide_credentials(&credentials);
                        }
                        Event::StartTls => client.tls_established(),
                        _ => {}
                    }
                }
                prop_assert!(rest.len() < before || client.state() != ConnectionState::AwaitingTls);
            }
        }
    }
}
