//! Passwords are gone from memory when the engine is done with them. A process of its own, for all of
//! its memory is looked through.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod memory;

use memory::{holds_secret, secret, secret_to_give};
use rfb::{Client, ClientConfig, ConnectionState, Credentials, TlsUse};
use zeroize::Zeroize;

/// A client that has been asked for user name and password, which are sent as they are.
fn asked() -> Client {
    let mut client = Client::new(ClientConfig::default());
    client
        .receive(b"RFB 003.008\n\x01\x13\x00\x02\x00\x01\0\0\x01\0")
        .unwrap();
    client.take_output();
    assert_eq!(client.state(), ConnectionState::AwaitingCredentials);
    client
}

/// The same by SASL, inside TLS.
fn asked_by_sasl(mechanism: &str) -> Client {
    let mut client = Client::new(ClientConfig {
        tls: TlsUse::IfOffered,
        ..ClientConfig::default()
    });
    client
        .receive(b"RFB 003.008\n\x01\x13\x00\x02\x00\x01\0\0\x01\x07\x01")
        .unwrap();
    client.take_output();
    client.tls_established();
    let length = (mechanism.len() as u32).to_be_bytes();
    client
        .receive(&[&length[..], mechanism.as_bytes()].concat())
        .unwrap();
    assert_eq!(client.state(), ConnectionState::AwaitingCredentials);
    client
}

fn answer(client: &mut Client) {
    let credentials = Credentials::user("keeper", secret_to_give()).even_in_clear();
    assert!(client.provide_credentials(&credentials));
}

/// One test, for memory is the whole process's.
#[test]
fn passwords_are_wiped() {
    let kept = secret();
    assert!(holds_secret());
    drop(kept);
    assert!(!holds_secret());

    // What nobody has taken.
    let mut client = asked();
    answer(&mut client);
    assert!(holds_secret());
    drop(client);
    assert!(!holds_secret(), "the client is gone");

    // What is taken is wiped by the one who takes it.
    let mut client = asked();
    answer(&mut client);
    let mut output = client.take_output();
    assert!(holds_secret());
    output.zeroize();
    assert!(!holds_secret(), "it was sent");

    // What was to be sent when the server refused.
    let mut client = asked();
    answer(&mut client);
    client.receive(b"\0\0\0\x01\0\0\0\0").unwrap_err();
    assert!(!holds_secret(), "the login has failed");

    for mechanism in ["PLAIN", "SCRAM-SHA-256"] {
        let mut client = asked_by_sasl(mechanism);
        answer(&mut client);
        client.take_output().zeroize();
        drop(client);
        assert!(!holds_secret(), "{mechanism}");
    }
}
