//! Servers whose first way leads nowhere.

use rfb::{CredentialKind, Credentials};
use tempfile::TempDir;
use tokio::net::UnixListener;

use super::{
    end, phase,
    server::{Message, Server, open_with},
    tls_server::policy,
};
use crate::{
    Endpoint,
    transport::{Connection, Input, Phase},
};

/// A place where a server can be connected to more than once.
struct Place {
    listener: UnixListener,
    folder: TempDir,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(folder.path().join("display")).unwrap();
        Self { listener, folder }
    }

    fn connect(&self) -> Connection {
        open_with(Endpoint::Path(self.folder.path().join("display")), policy())
    }

    async fn accept(&self) -> Server {
        Server::on(self.listener.accept().await.unwrap().0)
    }

    /// An attempt that is offered these security types, of which `VeNCrypt` has nothing but TLS without
    /// certificates in it.
    async fn dead_end(&self, types: &[u8]) {
        let mut server = self.accept().await;
        server.send(b"RFB 003.008\n").await;
        server.skip(12).await;
        server.send(types).await;
        assert_eq!(server.read().await, [19]);
        server.send(&[0, 2, 0, 1, 0, 0, 1, 2]).await;
        assert!(
            b"\0\x02".starts_with(&server.rest().await),
            "nothing is chosen"
        );
    }

    /// The attempt after one that was offered VNC authentication beside: that is what it takes.
    async fn way_out(&self) -> Server {
        let mut server = self.accept().await;
        server.send(b"RFB 003.008\n").await;
        server.skip(12).await;
        server.send(&[2, 19, 2]).await;
        assert_eq!(server.read().await, [2]);
        server.send(&[7; 16]).await;
        server
    }
}

/// What is in `VeNCrypt` is known only after it was chosen; without certificates it ends there.
#[tokio::test(start_paused = true)]
async fn a_dead_end_is_left_by_another_connection() {
    let place = Place::new();
    let connection = place.connect();
    place.dead_end(&[2, 19, 2]).await;
    let _server = place.way_out().await;
    let password = Phase::NeedsCredentials(CredentialKind::Password);
    assert_eq!(phase(&connection).await, password);

    // Where there is nothing else, that is told, and why.
    let connection = place.connect();
    place.dead_end(&[1, 19]).await;
    let mut server = place.accept().await;
    server.send(b"RFB 003.008\n\x01\x13").await;
    let error = end(&connection).await.unwrap();
    assert!(error.to_string().contains("TLSVnc"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn what_was_said_ahead_holds_for_the_second_attempt() {
    let place = Place::new();
    let connection = place.connect();
    connection.send(Input::Credentials(Credentials::password("secret")));
    connection.send(Input::Audio(true));
    connection.send(Input::Quality {
        quality: Some(4),
        compression: None,
    });
    place.dead_end(&[2, 19, 2]).await;
    let mut server = place.way_out().await;
    server.skip(16).await;
    server.begin(8, 8).await;
    assert_eq!(phase(&connection).await, Phase::Connected);
    let Message::Encodings(numbers) = server.first_encodings().await else {
        panic!("the list of encodings");
    };
    assert!(numbers.contains(&-28));
    server.update_request().await;
    server.rectangle([0; 4], -259, &[]).await;
    // The format, then "enable"; and a request for the next picture somewhere.
    let mut said = Vec::new();
    while said.len() < 2 {
        if let Message::Audio(operation) = server.message().await {
            said.push(operation);
        }
    }
    assert_eq!(said, [2, 0]);
}
