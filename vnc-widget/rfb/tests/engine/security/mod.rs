//! Ways to log in beyond those of the first days: `VeNCrypt`, Tight, SASL, and where TLS begins.

mod sasl;
mod scram_server;
mod tight;
mod tls;
mod vencrypt;

use rfb::{Client, ClientConfig, CredentialKind, Credentials, Error, Event, TlsUse};

use crate::server::{Server, events};

/// What happens, from the server's side.
pub(crate) enum Act<'a> {
    /// The server sends this.
    Send(&'a [u8]),
    /// The client has said just this since the last time it was looked at.
    Heard(&'a [u8]),
    /// The server asks for this, and is answered.
    Asks(CredentialKind, &'a Credentials),
    /// TLS is to begin, and does.
    Tls,
}

/// A client that can do TLS where it is offered.
pub(crate) fn client(tls: TlsUse) -> Client {
    Client::new(ClientConfig {
        tls,
        ..ClientConfig::default()
    })
}

/// Plays `acts` with a client, what the server sends in pieces of that many bytes.
pub(crate) fn play(client: &mut Client, acts: &[Act<'_>], piece: usize) -> Result<(), Error> {
    let mut seen = Vec::new();
    for act in acts {
        match act {
            Act::Send(bytes) => {
                for mut bytes in bytes.chunks(piece) {
                    let result = client.receive_some(&mut bytes);
                    seen.extend(events(client));
                    result?;
                    assert_eq!(bytes, b"", "it is taken");
                }
            }
            Act::Heard(bytes) => assert_eq!(client.take_output(), *bytes),
            Act::Asks(kind, credentials) => {
                assert_eq!(seen, [Event::NeedCredentials(*kind)]);
                assert!(!client.has_output(), "nothing is said before");
                seen.clear();
                assert!(client.provide_credentials(credentials));
            }
            Act::Tls => {
                assert_eq!(seen, [Event::StartTls]);
                seen.clear();
                client.tls_established();
                seen.extend(events(client));
            }
        }
    }
    assert_eq!(seen, [], "nothing else happens");
    Ok(())
}

/// Plays `acts`, whole and in single bytes, up to a session.
pub(crate) fn connects(tls: TlsUse, acts: &[Act<'_>]) -> Client {
    let mut last = None;
    for piece in [usize::MAX, 1] {
        let mut client = client(tls);
        play(&mut client, acts, piece).unwrap();
        let init = Server::default().init(3, 2, "").bytes;
        client.receive(&init).unwrap();
        assert!(matches!(events(&mut client)[..], [Event::Connected { .. }]));
        last = Some(client);
    }
    last.unwrap()
}

/// Plays `acts`, whole and in single bytes, to an error, which is the same for both.
pub(crate) fn fails(tls: TlsUse, acts: &[Act<'_>]) -> Error {
    let fail = |piece| play(&mut client(tls), acts, piece).unwrap_err();
    let (whole, cut) = (fail(usize::MAX), fail(1));
    assert_eq!(whole, cut);
    whole
}
