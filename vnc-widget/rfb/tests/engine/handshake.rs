//! From the first byte to `ServerInit`, with servers of all ages and moods.

use crate::server::{Server, error, events};
use rfb::{Client, ClientConfig, ConnectionState, CredentialKind, Error, Event, SecurityType};

fn start(bytes: &[u8]) -> Client {
    let mut client = Client::new(ClientConfig::default());
    client.receive(bytes).unwrap();
    client
}

fn refusal(bytes: &[u8]) -> Error {
    error(&Server::default().raw(bytes))
}

#[test]
fn versions_are_answered_with_what_both_speak() {
    for (announced, answer) in [
        ("003.003", "003.003"),
        ("003.005", "003.003"),
        ("003.006", "003.003"),
        ("003.007", "003.007"),
        ("003.008", "003.008"),
        ("003.889", "003.008"),
        ("004.001", "003.008"),
        ("005.000", "003.008"),
    ] {
        let mut client = start(format!("RFB {announced}\n").as_bytes());
        assert_eq!(client.take_output(), format!("RFB {answer}\n").as_bytes());
        assert!(!client.has_output());
    }
}

#[test]
fn old_versions_and_other_protocols_are_told_apart() {
    assert_eq!(
        refusal(b"RFB 002.002\n"),
        Error::UnsupportedVersion {
            version: "002.002".into()
        }
    );
    let other = |received: &str| Error::NotVnc {
        received: received.into(),
    };
    assert_eq!(refusal(b"H"), other("H"));
    assert_eq!(refusal(b"SSH-2.0-OpenSSH_9.2\r\n"), other("SSH-2.0-Open"));
    assert_eq!(refusal(b"RFB is short"), other("RFB is short"));
    assert_eq!(refusal(b"RFX"), other("RFX"));
    assert_eq!(refusal(b"\x16\x03\x01\xff"), other("\u{fffd}"));
}

#[test]
fn none_in_every_version() {
    for (announced, after, sent) in [
        (
            "RFB 003.003\n",
            &b"\0\0\0\x01"[..],
            &b"RFB 003.003\n\x01"[..],
        ),
        ("RFB 003.007\n", b"\x02\x02\x01", b"RFB 003.007\n\x01\x01"),
        (
            "RFB 003.008\n",
            b"\x02\x02\x01\0\0\0\0",
            b"RFB 003.008\n\x01\x01",
        ),
    ] {
        let mut client = start(&[announced.as_bytes(), after].concat());
        assert_eq!(client.take_output(), sent);
        assert_eq!(client.state(), ConnectionState::Handshake);
        assert_eq!(client.framebuffer().pixels().len(), 0);
        client
            .receive(&Server::default().init(3, 2, "a\nname").bytes)
            .unwrap();
        assert_eq!(client.state(), ConnectionState::Connected);
        assert_eq!(
            events(&mut client),
            [Event::Connected {
                name: "a name".into(),
                width: 3,
                height: 2
            }]
        );
        assert_eq!(client.framebuffer().pixels(), [0; 6 * 4]);
        assert!(client.take_damage().is_empty());
        let output = client.take_output();
        // SetPixelFormat, then SetEncodings.
        assert_eq!(output[..4], [0; 4]);
        assert_eq!(
            output[4..17],
            [32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0]
        );
        assert_eq!(output[20], 2);
        assert_eq!(client.end_of_input(), None);
    }
}

#[test]
fn a_client_may_want_the_server_for_itself() {
    let mut client = Client::new(ClientConfig {
        shared: false,
        ..ClientConfig::default()
    });
    client.receive(b"RFB 003.003\n\0\0\0\x01").unwrap();
    assert_eq!(client.take_output().last(), Some(&0));
}

const CHALLENGE: &[u8; 16] = b"0123456789abcdef";

/// As OpenSSL encrypts the challenge with the key that "password" stands for.
const RESPONSE: [u8; 16] = [
    0x56, 0x45, 0xab, 0xeb, 0x5f, 0x1e, 0x64, 0x75, 0xe8, 0xfe, 0xb1, 0x1b, 0xeb, 0x66, 0xea, 0x19,
];

/// A client that has answered a challenge.
fn authenticated(version: &str, offer: &[u8]) -> Client {
    let mut client = start(&[version.as_bytes(), offer].concat());
    client.take_output();
    client.provide_password("too early");
    assert!(!client.has_output());
    client.receive(&CHALLENGE[..7]).unwrap();
    assert_eq!(client.state(), ConnectionState::Handshake);
    client.receive(&CHALLENGE[7..]).unwrap();
    assert_eq!(client.state(), ConnectionState::AwaitingCredentials);
    assert_eq!(
        events(&mut client),
        [Event::NeedCredentials(CredentialKind::Password)]
    );
    assert!(!client.has_output());
    client.provide_password("password");
    assert_eq!(client.take_output(), RESPONSE);
    client.provide_password("too late");
    assert!(!client.has_output());
    client
}

#[test]
fn vnc_authentication_in_every_version() {
    for (version, offer) in [
        ("RFB 003.003\n", &b"\0\0\0\x02"[..]),
        ("RFB 003.007\n", b"\x01\x02"),
        ("RFB 003.008\n", b"\x03\x13\x02\x10"),
    ] {
        let mut client = authenticated(version, offer);
        client.receive(&[0; 4]).unwrap();
        assert_eq!(client.take_output(), [1]);
        client
            .receive(&Server::default().init(1, 1, "").bytes)
            .unwrap();
        assert_eq!(client.state(), ConnectionState::Connected);
    }
}

#[test]
fn wrong_passwords_and_locked_doors() {
    let failed = |version, offer: &[u8], result: &[u8]| {
        authenticated(version, offer).receive(result).unwrap_err()
    };
    let old = ("RFB 003.003\n", &b"\0\0\0\x02"[..]);
    let new = ("RFB 003.008\n", &b"\x01\x02"[..]);
    let reason = |text: &str| Some(text.to_owned());
    assert_eq!(
        failed(old.0, old.1, b"\0\0\0\x01"),
        Error::AuthenticationFailed { reason: None }
    );
    assert_eq!(
        failed(old.0, old.1, b"\0\0\0\x02"),
        Error::TooManyAttempts { reason: None }
    );
    assert_eq!(
        failed(new.0, new.1, b"\0\0\0\x01\0\0\0\x05wrong"),
        Error::AuthenticationFailed {
            reason: reason("wrong")
        }
    );
    assert_eq!(
        failed(new.0, new.1, b"\0\0\0\x01\0\0\0\x0fToo many tries!"),
        Error::TooManyAttempts {
            reason: reason("Too many tries!")
        }
    );
    // A server that says nothing but closes the connection.
    let mut client = authenticated(new.0, new.1);
    assert_eq!(
        client.end_of_input(),
        Some(Error::AuthenticationFailed { reason: None })
    );
    client.receive(b"\0\0\0\x01").unwrap();
    assert_eq!(
        client.end_of_input(),
        Some(Error::AuthenticationFailed { reason: None })
    );
}

/// Where no password was asked for, none can have been wrong: its owner would ask for another, or
/// call again at once.
#[test]
fn without_a_password_none_was_wrong() {
    let none = b"RFB 003.008\n\x01\x01";
    assert_eq!(start(none).end_of_input(), Some(Error::Closed));
    let mut client = start(&[&none[..], b"\0\0\0\x01"].concat());
    assert_eq!(client.end_of_input(), Some(Error::Closed));
    assert_eq!(
        client.receive(b"\0\0\0\x04full"),
        Err(Error::Refused {
            reason: "full".into()
        })
    );
    assert_eq!(
        refusal(&[&none[..], b"\0\0\0\x02\0\0\0\0"].concat()),
        Error::TooManyAttempts { reason: None }
    );
}

#[test]
fn refusals_carry_the_reason() {
    for (version, none) in [
        ("RFB 003.003\n", &b"\0\0\0\0"[..]),
        ("RFB 003.007\n", b"\0"),
        ("RFB 003.008\n", b"\0"),
    ] {
        let with = |text: &[u8]| refusal(&[version.as_bytes(), none, text].concat());
        assert_eq!(
            with(b"\0\0\0\x04Busy"),
            Error::Refused {
                reason: "Busy".into()
            }
        );
        assert!(matches!(
            with(b"\0\0\0\x1aToo many security failures"),
            Error::TooManyAttempts { .. }
        ));
        assert_eq!(
            with(b"\0\0\0\0"),
            Error::Refused {
                reason: "no reason given".into()
            }
        );
    }
    // A reason of 4 GiB is believed as far as anybody would read it.
    let endless = [&b"RFB 003.008\n\0\xff\xff\xff\xff"[..], &vec![b'x'; 20000]].concat();
    match refusal(&endless) {
        Error::Refused { reason } => assert_eq!(reason.len(), 16384),
        other => panic!("{other}"),
    }
}

#[test]
fn unsupported_security_lists_what_there_is() {
    let error = refusal(b"RFB 003.008\n\x02\x05\x1e");
    assert_eq!(
        error,
        Error::UnsupportedSecurity {
            offered: vec![SecurityType(5), SecurityType(30)],
            within: None,
        }
    );
    assert!(error.to_string().contains("RSA-AES, Apple Remote Desktop"));
    assert!(matches!(
        refusal(b"RFB 003.003\n\0\0\0\x05"),
        Error::UnsupportedSecurity { .. }
    ));
    assert!(matches!(
        refusal(b"RFB 003.003\n\xff\0\0\x13"),
        Error::Protocol { .. }
    ));
}

#[test]
fn sizes_and_names_are_bounded() {
    let init = |width, height| {
        Server::default()
            .raw(b"RFB 003.003\n\0\0\0\x01")
            .init(width, height, "")
    };
    assert_eq!(
        error(&init(65535, 65535)),
        Error::ScreenTooLarge {
            width: 65535,
            height: 65535
        }
    );
    let mut name = init(1, 1);
    name.bytes.truncate(name.bytes.len() - 4);
    assert!(matches!(error(&name.u32(u32::MAX)), Error::Protocol { .. }));
}

#[test]
fn nothing_may_come_before_the_password() {
    let mut client = start(b"RFB 003.008\n\x01\x02");
    assert!(client.receive(b"0123456789abcdefX").is_err());
}

#[test]
fn connections_that_end_early() {
    let client = Client::new(ClientConfig::default());
    assert_eq!(client.end_of_input(), Some(Error::Closed));
    assert_eq!(start(b"RFB 003.0").end_of_input(), Some(Error::Closed));
    assert_eq!(
        start(b"RFB 003.008\n\x01\x01\0\0\0\0").end_of_input(),
        Some(Error::Closed)
    );
}

#[test]
fn input_before_the_session_goes_nowhere() {
    let mut client = start(b"RFB 003.008\n");
    client.take_output();
    client.key(0x61, Some(30), true);
    client.pointer(1, 1, 1);
    client.pointer_motion(1, 1, 1);
    client.cut_text("text");
    client.request_update(false);
    assert!(!client.set_desktop_size(100, 100));
    assert!(!client.has_output());
    assert!(client.take_damage().is_empty());
}
