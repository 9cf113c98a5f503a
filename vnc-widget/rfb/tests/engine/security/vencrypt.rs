//! `VeNCrypt`'s sub-types.

use rfb::{CredentialKind, Credentials, Error, Login, Security, SecurityType, TlsUse};

use super::{Act, connects, fails};

const CHALLENGE: &[u8; 16] = b"0123456789abcdef";
const RESPONSE: [u8; 16] = [
    0x56, 0x45, 0xab, 0xeb, 0x5f, 0x1e, 0x64, 0x75, 0xe8, 0xfe, 0xb1, 0x1b, 0xeb, 0x66, 0xea, 0x19,
];

/// From the version to the list of sub-types.
fn offering(types: &[u32]) -> Vec<u8> {
    let mut bytes = b"RFB 003.008\n\x02\x02\x13\x00\x02\x00".to_vec();
    bytes.push(types.len() as u8);
    for kind in types {
        bytes.extend(kind.to_be_bytes());
    }
    bytes
}

/// What the client says to that.
fn choosing(kind: u32) -> Vec<u8> {
    let mut bytes = b"RFB 003.008\n\x13\x00\x02".to_vec();
    bytes.extend(kind.to_be_bytes());
    bytes
}

fn reason(text: &str) -> Vec<u8> {
    let mut bytes = vec![0, 0, 0, 1];
    bytes.extend((text.len() as u32).to_be_bytes());
    bytes.extend(text.as_bytes());
    bytes
}

#[test]
fn tls_alone() {
    let client = connects(
        TlsUse::IfOffered,
        &[
            Act::Send(&offering(&[257, 260, 2])),
            Act::Heard(&choosing(260)),
            Act::Send(&[1]),
            Act::Tls,
            Act::Heard(&[]),
            Act::Send(&[0; 4]),
            Act::Heard(&[1]),
        ],
    );
    let expected = Security {
        tls: true,
        login: Login::None,
    };
    assert_eq!(client.security(), Some(expected));
}

#[test]
fn tls_and_a_password() {
    let password = Credentials::password("password");
    let client = connects(
        TlsUse::Required,
        &[
            Act::Send(&offering(&[261])),
            Act::Heard(&choosing(261)),
            Act::Send(&[1]),
            Act::Tls,
            Act::Send(CHALLENGE),
            Act::Asks(CredentialKind::Password, &password),
            Act::Heard(&RESPONSE),
            Act::Send(&[0; 4]),
            Act::Heard(&[1]),
        ],
    );
    let expected = Security {
        tls: true,
        login: Login::VncPassword,
    };
    assert_eq!(client.security(), Some(expected));
}

#[test]
fn tls_and_a_user() {
    let user = Credentials::user("wärter", "secret");
    let plain = b"\0\0\0\x07\0\0\0\x06w\xc3\xa4rtersecret";
    let begin = [
        Act::Send(&offering(&[262])),
        Act::Heard(&choosing(262)),
        Act::Send(&[1]),
        Act::Tls,
        Act::Asks(CredentialKind::UsernameAndPassword, &user),
        Act::Heard(plain),
    ];
    let mut acts = Vec::from(begin);
    acts.extend([Act::Send(&[0; 4]), Act::Heard(&[1])]);
    connects(TlsUse::IfOffered, &acts);
    acts.truncate(6);
    let refused = reason("no such user");
    acts.push(Act::Send(&refused));
    assert_eq!(
        fails(TlsUse::IfOffered, &acts),
        Error::AuthenticationFailed {
            reason: Some("no such user".into())
        }
    );
}

#[test]
fn without_certificates_the_next_type_is_taken() {
    let client = connects(
        TlsUse::IfOffered,
        &[
            Act::Send(&offering(&[258, 1])),
            Act::Heard(&choosing(1)),
            Act::Send(&[0; 4]),
            Act::Heard(&[1]),
        ],
    );
    assert!(!client.security().unwrap().tls);
    let error = fails(TlsUse::IfOffered, &[Act::Send(&offering(&[258, 264]))]);
    assert_eq!(
        error,
        Error::UnsupportedSecurity {
            offered: vec![SecurityType(258), SecurityType(264)],
            within: Some(SecurityType::VENCRYPT),
        }
    );
    let text = error.to_string();
    assert!(
        text.contains("TLSVnc") && text.contains("certificate"),
        "{text}"
    );
}

#[test]
fn where_tls_is_required_its_lack_is_told() {
    let list = offering(&[258, 2, 256]);
    for bytes in [
        &list[..],
        b"RFB 003.008\n\x02\x01\x02",
        b"RFB 003.003\n\0\0\0\x01",
    ] {
        let error = fails(TlsUse::Required, &[Act::Send(bytes)]);
        assert!(matches!(error, Error::EncryptionMissing { .. }), "{error}");
    }
}

#[test]
fn a_password_goes_out_in_clear_only_when_that_is_allowed() {
    let user = Credentials::user("u", "pw");
    let mut client = super::client(TlsUse::Never);
    client.receive(&offering(&[256])).unwrap();
    client.take_output();
    assert!(!client.provide_credentials(&user));
    assert!(!client.provide_password("pw"));
    assert!(!client.has_output());
    let allowed = user.even_in_clear();
    connects(
        TlsUse::IfOffered,
        &[
            Act::Send(&offering(&[256, 257])),
            Act::Heard(&choosing(256)),
            Act::Asks(CredentialKind::UsernameAndPasswordInClear, &allowed),
            Act::Heard(b"\0\0\0\x01\0\0\0\x02upw"),
            Act::Send(&[0; 4]),
            Act::Heard(&[1]),
        ],
    );
}

#[test]
fn a_user_name_that_is_missing_is_missed() {
    let mut client = super::client(TlsUse::IfOffered);
    client.receive(&offering(&[262])).unwrap();
    client.receive(&[1]).unwrap();
    client.tls_established();
    client.take_output();
    assert!(!client.provide_password("secret"));
    assert!(!client.has_output());
    assert_eq!(client.state(), rfb::ConnectionState::AwaitingCredentials);
}

#[test]
fn servers_that_do_not_follow() {
    let version = |major, minor| [b"RFB 003.008\n\x01\x13", &[major, minor][..]].concat();
    let fail = |bytes: &[u8]| fails(TlsUse::IfOffered, &[Act::Send(bytes)]);
    for old in [version(0, 0), version(0, 1)] {
        assert!(matches!(fail(&old), Error::Protocol { .. }));
    }
    let nothing = [version(0, 2), vec![0, 0]].concat();
    assert!(matches!(fail(&nothing), Error::UnsupportedSecurity { .. }));
    let refused = [version(1, 0), vec![1]].concat();
    assert!(matches!(fail(&refused), Error::Protocol { .. }));
    let no_tls = [offering(&[260]), vec![0]].concat();
    let error = fail(&no_tls);
    assert!(error.to_string().contains("TLS"), "{error}");
    // Two hundred and fifty-five of them are fine.
    let many: Vec<u32> = (1000..1254).chain([1]).collect();
    connects(
        TlsUse::IfOffered,
        &[
            Act::Send(&offering(&many)),
            Act::Heard(&choosing(1)),
            Act::Send(&[0; 4]),
            Act::Heard(&[1]),
        ],
    );
}

/// Before 3.8 there is a result only where something was checked; TLS counts as that.
#[test]
fn in_version_3_7() {
    let begin = |kind: u32| {
        [
            b"RFB 003.007\n\x01\x13\x00\x02\x00\x01",
            &kind.to_be_bytes()[..],
        ]
        .concat()
    };
    let chosen = |kind: u32| [b"RFB 003.007\n\x13\x00\x02", &kind.to_be_bytes()[..]].concat();
    let none = [chosen(1), vec![1]].concat();
    connects(
        TlsUse::IfOffered,
        &[Act::Send(&begin(1)), Act::Heard(&none)],
    );
    connects(
        TlsUse::IfOffered,
        &[
            Act::Send(&begin(260)),
            Act::Heard(&chosen(260)),
            Act::Send(&[1]),
            Act::Tls,
            Act::Send(&[0; 4]),
            Act::Heard(&[1]),
        ],
    );
}
