//! Tight's security type.

use rfb::{CredentialKind, Credentials, Error, Event, Login, TlsUse};

use super::{Act, connects, fails, play};
use crate::server::{Server, events};

const NO_TUNNEL: &[u8; 16] = b"\0\0\0\0TGHTNOTUNNEL";
const NO_AUTH: &[u8; 16] = b"\0\0\0\x01STDVNOAUTH__";
const VNC_AUTH: &[u8; 16] = b"\0\0\0\x02STDVVNCAUTH_";
const VENCRYPT: &[u8; 16] = b"\0\0\0\x13VENCVENCRYPT";
const UNIX: &[u8; 16] = b"\0\0\0\x81TGHTULGNAUTH";

fn list(capabilities: &[&[u8; 16]]) -> Vec<u8> {
    let mut bytes = (capabilities.len() as u32).to_be_bytes().to_vec();
    for capability in capabilities {
        bytes.extend_from_slice(*capability);
    }
    bytes
}

fn offering(tunnels: &[&[u8; 16]], types: &[&[u8; 16]]) -> Vec<u8> {
    [
        b"RFB 003.008\n\x01\x10",
        &list(tunnels)[..],
        &list(types)[..],
    ]
    .concat()
}

/// A session begins only after the capabilities that follow `ServerInit`.
fn begins(acts: &[Act<'_>]) -> rfb::Client {
    let mut last = None;
    for piece in [usize::MAX, 1] {
        let mut client = super::client(TlsUse::IfOffered);
        play(&mut client, acts, piece).unwrap();
        let init = Server::default().init(3, 2, "").u16s(&[1, 2, 3, 0]);
        let init = init.raw(&[7; 6 * 16]);
        let (most, last_byte) = init.bytes.split_at(init.bytes.len() - 1);
        for piece in most.chunks(piece) {
            client.receive(piece).unwrap();
        }
        assert_eq!(events(&mut client), []);
        client.receive(last_byte).unwrap();
        assert!(matches!(events(&mut client)[..], [Event::Connected { .. }]));
        // What follows is a message.
        client.receive(&[2]).unwrap();
        assert_eq!(events(&mut client), [Event::Bell]);
        last = Some(client);
    }
    last.unwrap()
}

#[test]
fn nothing_to_choose() {
    let mut client = begins(&[
        Act::Send(&offering(&[], &[])),
        Act::Heard(b"RFB 003.008\n\x10"),
        Act::Send(&[0; 4]),
        Act::Heard(&[1]),
    ]);
    assert_eq!(client.security().unwrap().login, Login::None);
    assert!(client.has_output());
    client.take_output();
}

#[test]
fn no_capabilities_either() {
    let mut client = super::client(TlsUse::Never);
    client.receive(&offering(&[], &[])).unwrap();
    let init = Server::default().raw(&[0; 4]).init(3, 2, "").u16s(&[0; 4]);
    client.receive(&init.bytes).unwrap();
    assert!(matches!(events(&mut client)[..], [Event::Connected { .. }]));
}

#[test]
fn types_and_tunnels_are_told() {
    let password = Credentials::password("password");
    let mut acts = vec![
        Act::Heard(b"RFB 003.008\n\x10\0\0\0\0\0\0\0\x02"),
        Act::Send(b"0123456789abcdef"),
        Act::Asks(CredentialKind::Password, &password),
    ];
    let begin = offering(&[b"\0\0\0\x05XXXXSOMETHIN", NO_TUNNEL], &[UNIX, VNC_AUTH]);
    acts.insert(0, Act::Send(&begin));
    acts.push(Act::Send(&[0; 4]));
    begins(&acts);
}

#[test]
fn a_unix_login_is_in_clear() {
    let user = Credentials::user("u", "pw").even_in_clear();
    begins(&[
        Act::Send(&offering(&[], &[UNIX])),
        Act::Heard(b"RFB 003.008\n\x10\0\0\0\x81"),
        Act::Asks(CredentialKind::UsernameAndPasswordInClear, &user),
        Act::Heard(b"\0\0\0\x01\0\0\0\x02upw"),
        Act::Send(&[0; 4]),
    ]);
}

#[test]
fn vencrypt_inside() {
    begins(&[
        Act::Send(&offering(&[], &[NO_AUTH, VENCRYPT])),
        Act::Heard(b"RFB 003.008\n\x10\0\0\0\x13"),
        Act::Send(b"\0\x02"),
        Act::Send(b"\0\x01\0\0\x01\x04"),
        Act::Heard(b"\0\x02\0\0\x01\x04"),
        Act::Send(&[1]),
        Act::Tls,
        Act::Send(&[0; 4]),
    ]);
}

#[test]
fn what_is_not_what_it_seems() {
    let fail = |bytes: &[u8]| fails(TlsUse::IfOffered, &[Act::Send(bytes)]);
    // The code of VNC authentication, of somebody else.
    let error = fail(&offering(&[], &[b"\0\0\0\x02EVILVNCAUTH_"]));
    assert!(
        matches!(error, Error::UnsupportedSecurity { .. }),
        "{error}"
    );
    let error = fail(&offering(&[b"\0\0\0\x05XXXXSOMETHIN"], &[]));
    assert!(matches!(error, Error::Protocol { .. }), "{error}");
    let error = fail(b"RFB 003.008\n\x01\x10\xff\xff\xff\xff");
    assert!(matches!(error, Error::Protocol { .. }), "{error}");
    connects_not_without_capabilities();
}

/// A server that forgets what it adds to `ServerInit` is waited for.
fn connects_not_without_capabilities() {
    let mut client = super::client(TlsUse::Never);
    client.receive(&offering(&[], &[NO_AUTH])).unwrap();
    let init = Server::default().raw(&[0; 4]).init(3, 2, "");
    client.receive(&init.bytes).unwrap();
    assert_eq!(events(&mut client), []);
    // While an ordinary server is not.
    connects(
        TlsUse::Never,
        &[
            Act::Send(b"RFB 003.008\n\x02\x10\x01\0\0\0\0"),
            Act::Heard(b"RFB 003.008\n\x01\x01"),
        ],
    );
}
