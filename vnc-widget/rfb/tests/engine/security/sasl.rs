//! SASL as QEMU speaks it, in clear and inside TLS.

use rfb::{
    Client, ConnectionState, CredentialKind, Credentials, Error, Event, Login, Security, TlsUse,
};

use super::{client, scram_server::ScramServer};
use crate::server::{Server, events};

/// A client that was given the list of mechanisms, outside of TLS.
fn offered(mechanisms: &str) -> Result<Client, Error> {
    let mut client = client(TlsUse::Never);
    client.receive(b"RFB 003.008\n\x01\x14")?;
    client.take_output();
    client.receive(&text(mechanisms))?;
    Ok(client)
}

fn offered_inside_tls(mechanisms: &str) -> Client {
    let mut client = client(TlsUse::IfOffered);
    client
        .receive(b"RFB 003.008\n\x01\x13\x00\x02\x00\x01\0\0\x01\x07\x01")
        .unwrap();
    client.take_output();
    assert_eq!(events(&mut client), [Event::StartTls]);
    client.tls_established();
    client.receive(&text(mechanisms)).unwrap();
    client
}

/// A text with its length.
fn text(text: &str) -> Vec<u8> {
    [&(text.len() as u32).to_be_bytes()[..], text.as_bytes()].concat()
}

/// A message of the server, with the zero byte that ends it.
fn message(content: &str, complete: bool) -> Vec<u8> {
    let content = if content.is_empty() {
        text("")
    } else {
        text(&format!("{content}\0"))
    };
    [content, vec![complete.into()]].concat()
}

/// What the client says: parts with their lengths, without zero bytes at their ends.
fn parts(output: &[u8]) -> Vec<Vec<u8>> {
    let mut rest = output;
    let mut parts = Vec::new();
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let (part, after) = after.split_at(u32::from_be_bytes(*length) as usize);
        parts.push(part.strip_suffix(&[0]).unwrap_or(part).to_vec());
        rest = after;
    }
    parts
}

/// Answers the question; returns the mechanism and the first message.
fn answer(client: &mut Client, credentials: &Credentials) -> (String, Vec<u8>) {
    assert_eq!(
        events(client),
        [Event::NeedCredentials(CredentialKind::UsernameAndPassword)]
    );
    assert!(client.provide_credentials(credentials));
    let output = parts(&client.take_output());
    let [mechanism, first] = &output[..] else {
        panic!("{output:?}");
    };
    (String::from_utf8(mechanism.clone()).unwrap(), first.clone())
}

fn in_pieces(client: &mut Client, bytes: &[u8]) -> Result<(), Error> {
    bytes.chunks(1).try_for_each(|byte| client.receive(byte))
}

fn user() -> Credentials {
    Credentials::user("keeper", "secret")
}

/// Up to the proof of the client; returns the server with it.
fn proved(client: &mut Client, password: &str) -> (ScramServer, Vec<u8>) {
    let (mechanism, first) = answer(client, &user());
    assert_eq!(mechanism, "SCRAM-SHA-256");
    let mut server = ScramServer::new(password, 4096);
    let challenge = server.first(&first, "keeper");
    in_pieces(client, &message(&challenge, false)).unwrap();
    let mut output = parts(&client.take_output());
    assert_eq!(output.len(), 1);
    (server, output.remove(0))
}

#[test]
fn scram() {
    for tls in [false, true] {
        let list = "DIGEST-MD5,SCRAM-SHA-256,PLAIN";
        let mut client = if tls {
            offered_inside_tls(list)
        } else {
            offered(list).unwrap()
        };
        let (server, proof) = proved(&mut client, "secret");
        let verifier = server.last(&proof).unwrap();
        in_pieces(&mut client, &message(&verifier, true)).unwrap();
        assert!(!client.has_output());
        let init = Server::default().raw(&[0; 4]).init(1, 1, "");
        client.receive(&init.bytes).unwrap();
        assert_eq!(client.state(), ConnectionState::Connected);
        let login = Login::Sasl("SCRAM-SHA-256");
        assert_eq!(client.security(), Some(Security { tls, login }));
    }
}

/// Some servers send the last message as one more challenge, and want an empty answer.
#[test]
fn scram_with_an_empty_answer_at_its_end() {
    let mut client = offered("SCRAM-SHA-256").unwrap();
    let (server, proof) = proved(&mut client, "secret");
    let verifier = server.last(&proof).unwrap();
    client.receive(&message(&verifier, false)).unwrap();
    assert_eq!(client.take_output(), [0; 4]);
    client.receive(&message("", true)).unwrap();
    client.receive(&[0; 4]).unwrap();
    assert_eq!(client.take_output(), [1]);
}

#[test]
fn wrong_passwords() {
    // QEMU says nothing and hangs up.
    let mut client = offered("SCRAM-SHA-256").unwrap();
    let (server, proof) = proved(&mut client, "another");
    assert_eq!(
        client.end_of_input(),
        Some(Error::AuthenticationFailed { reason: None })
    );
    // Others say so inside SASL.
    let error = server.last(&proof).unwrap_err();
    assert_eq!(
        client.receive(&message(&error, true)),
        Err(Error::AuthenticationFailed {
            reason: Some("invalid-proof".into())
        })
    );
}

#[test]
fn a_server_that_does_not_know_the_password_gets_no_further() {
    let fail = |content: &str| {
        let mut client = offered("SCRAM-SHA-256").unwrap();
        proved(&mut client, "secret");
        let error = client.receive(&message(content, true)).unwrap_err();
        assert!(!client.has_output());
        error.to_string()
    };
    // It says that all is well: without proof, with a wrong one, with nonsense.
    assert!(fail("").contains("SASL"));
    let wrong = format!("v={}=", "A".repeat(43));
    assert!(fail(&wrong).contains("did not prove"), "{}", fail(&wrong));
    assert!(fail("nonsense").contains("SASL"));
    // Or says so before the client has proved anything.
    let mut client = offered("SCRAM-SHA-256").unwrap();
    answer(&mut client, &user());
    assert!(client.receive(&message("", true)).is_err());
}

#[test]
fn nobody_is_kept_busy() {
    for iterations in [600_001, u32::MAX] {
        let mut client = offered("SCRAM-SHA-256").unwrap();
        let (_, first) = answer(&mut client, &user());
        let challenge = ScramServer::new("secret", iterations).first(&first, "keeper");
        let error = client.receive(&message(&challenge, false)).unwrap_err();
        assert!(error.to_string().contains("too often"), "{error}");
    }
}

#[test]
fn answers_that_are_none_are_refused() {
    for challenge in ["r=x,", "r=x,s", "v", "rx", ",", "\0", ""] {
        let mut client = offered("SCRAM-SHA-256").unwrap();
        answer(&mut client, &user());
        let result = in_pieces(&mut client, &message(challenge, false));
        assert!(result.is_err(), "{challenge:?}");
    }
    for last in ["v", ",", "\0", "v=,"] {
        let mut client = offered("SCRAM-SHA-256").unwrap();
        proved(&mut client, "secret");
        let result = in_pieces(&mut client, &message(last, true));
        assert!(result.is_err(), "{last:?}");
    }
}

#[test]
fn a_nonce_of_somebody_else() {
    let mut client = offered("SCRAM-SHA-256").unwrap();
    answer(&mut client, &user());
    let challenge = message("r=other,s=c2FsdA==,i=4096", false);
    assert!(client.receive(&challenge).is_err());
}

#[test]
fn plain_goes_through_tls_only() {
    let mut client = offered_inside_tls("PLAIN");
    let (mechanism, first) = answer(&mut client, &user());
    assert_eq!(mechanism, "PLAIN");
    assert_eq!(first, b"\0keeper\0secret");
    client.receive(&message("", true)).unwrap();
    client.receive(&[0; 4]).unwrap();
    assert_eq!(client.take_output(), [1]);

    let error = offered("PLAIN").unwrap_err();
    assert!(matches!(error, Error::UnsupportedSasl { .. }));
}

#[test]
fn what_needs_another_library_is_refused_with_the_remedy() {
    let error = offered("digest-md5,gssapi").unwrap_err();
    assert_eq!(
        error,
        Error::UnsupportedSasl {
            mechanisms: vec!["digest-md5".into(), "gssapi".into()],
            tls: false
        }
    );
    assert!(error.to_string().contains("vnc_tls = 1"), "{error}");
}

#[test]
fn lengths_are_bounded() {
    let mut client = client(TlsUse::Never);
    client.receive(b"RFB 003.008\n\x01\x14").unwrap();
    assert!(client.receive(&[0xff; 4]).is_err());
    let mut client = offered("SCRAM-SHA-256").unwrap();
    answer(&mut client, &user());
    assert!(client.receive(&[0, 1, 0, 1]).is_err());
}

#[test]
fn credentials_that_do_not_fit_are_not_taken() {
    let mut client = offered("SCRAM-SHA-256").unwrap();
    assert!(!client.provide_password("secret"));
    assert!(!client.provide_credentials(&Credentials::user("", "secret")));
    assert!(!client.has_output());
    assert_eq!(client.state(), ConnectionState::AwaitingCredentials);
    assert!(client.provide_credentials(&user()));
}

#[test]
fn a_server_that_does_not_end() {
    let mut client = offered_inside_tls("PLAIN");
    answer(&mut client, &user());
    assert!(client.receive(&message("more", false)).is_err());
}
