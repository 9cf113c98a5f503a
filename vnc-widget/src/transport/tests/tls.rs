//! Servers that want TLS: whom they show themselves to be, and what becomes of it.

use std::time::Duration;

use rfb::{CredentialKind, Credentials, Login};

use super::{
    end, frame, is_quiet, phase,
    server::{Message, Server, endpoint, open_with, soon},
    tls_server::{Authority, Files, Shown, Tls, policy},
};
use crate::{
    Answer, Distrust, Error, Protection, Question, TlsPolicy, Trust, TrustQuestion, capture,
    transport::{Connection, Input, KeyStroke, Phase, tls::prefixed::Prefixed},
};

const X509_NONE: u32 = 260;
const X509_VNC: u32 = 261;
const X509_PLAIN: u32 = 262;

/// A connection that knows `policy`, and the server inside TLS as the client may or may not be.
async fn secured(policy: TlsPolicy, kind: u32, tls: &Tls) -> (Connection, std::io::Result<Server>) {
    let (endpoint, mut server) = endpoint();
    let connection = open_with(endpoint, policy);
    server.vencrypt(kind).await;
    let server = soon(tls.begin(server)).await;
    (connection, server)
}

async fn question(connection: &Connection) -> TrustQuestion {
    match phase(connection).await {
        Phase::NeedsTrust(question) => *question,
        other => panic!("no question: {other:?}"),
    }
}

/// Says whether the server that showed this is the right one.
fn answer(connection: &Connection, shown: &Shown, trusted: bool) {
    connection.send(Input::Trust {
        certificate: shown.fingerprint(),
        trusted,
    });
}

/// Waits until the session runs; how it is protected.
async fn protection(connection: &Connection) -> Protection {
    loop {
        let news = connection.take_news();
        if let Some(Phase::Ended(error)) = news.phase {
            panic!("{error:?}");
        }
        if let Some(protection) = news.protection {
            return protection;
        }
        soon(connection.changed()).await;
    }
}

/// A self-signed server is asked about, for as long as that takes, and nothing is said to it before.
#[tokio::test(start_paused = true)]
async fn who_is_unknown_is_asked_about() {
    let shown = Shown::self_signed();
    let (connection, server) = secured(policy(), X509_PLAIN, &Tls::showing(&shown)).await;
    let mut server = server.unwrap();
    let question = question(&connection).await;
    assert_eq!(question.server, "localhost");
    assert_eq!(question.reason, Distrust::SelfSigned);
    assert_eq!(question.certificate.fingerprint, shown.fingerprint());
    assert!(question.certificate.subject.contains("CN="), "{question:?}");

    // Not even what was typed ahead.
    connection.send(Input::Credentials(Credentials::user("keeper", "secret")));
    let hours = Duration::from_hours(3);
    assert!(is_quiet(server.read::<1>(), hours).await);

    answer(&connection, &shown, true);
    assert_eq!(&server.read().await, b"\0\0\0\x06\0\0\0\x06keepersecret");
    server.begin(8, 8).await;
    let protection = protection(&connection).await;
    assert_eq!(protection.login, Login::Plain);
    assert_eq!(protection.tls.unwrap().trust, Trust::User);
    assert_eq!(
        protection.to_string(),
        "TLS 1.3, certificate trusted by you"
    );

    // Pictures come out, and keys go in at once.
    server.update_request().await;
    server.fill([0, 0, 8, 8], [9; 4]).await;
    frame(&connection).await;
    let key = KeyStroke {
        keysym: 0x61,
        scancode: None,
    };
    connection.send(Input::Key { key, pressed: true });
    server.update_request().await;
    let typed = Message::Key {
        keysym: 0x61,
        pressed: true,
    };
    assert_eq!(server.message().await, typed);
    drop(connection);
    assert!(server.until_closed().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn who_is_not_trusted_hears_nothing() {
    let shown = Shown::self_signed();
    let (connection, server) = secured(policy(), X509_NONE, &Tls::showing(&shown)).await;
    question(&connection).await;
    answer(&connection, &shown, false);
    assert_eq!(end(&connection).await, Some(Error::NotTrusted));
    assert_eq!(server.unwrap().rest().await, b"");
}

/// An answer belongs to a question: neither what was said before it counts, nor what is said of
/// another certificate.
#[tokio::test(start_paused = true)]
async fn what_nobody_asked_is_no_answer() {
    let shown = Shown::self_signed();
    let (endpoint, mut server) = endpoint();
    let connection = open_with(endpoint, policy());
    answer(&connection, &shown, true);
    server.vencrypt(X509_VNC).await;
    // The client has begun TLS and takes nothing in.
    let first = server.read::<1>().await;
    answer(&connection, &shown, true);
    let server = Server::on(Prefixed::new(first.to_vec(), server.into_stream()));
    let mut server = Tls::showing(&shown).begin(server).await.unwrap();
    question(&connection).await;
    answer(&connection, &Shown::self_signed(), true);
    server.send(&[7; 16]).await;
    assert!(is_quiet(phase(&connection), Duration::from_hours(1)).await);
    answer(&connection, &shown, true);
    let password = Phase::NeedsCredentials(CredentialKind::Password);
    assert_eq!(phase(&connection).await, password);
}

#[tokio::test(start_paused = true)]
async fn who_leaves_before_it_is_trusted() {
    let shown = Shown::self_signed();
    let (connection, server) = secured(policy(), X509_NONE, &Tls::showing(&shown)).await;
    question(&connection).await;
    drop(server);
    assert!(matches!(
        end(&connection).await,
        Some(Error::Rfb(rfb::Error::Closed))
    ));
    // And one of whom somebody has lost interest.
    let (connection, server) = secured(policy(), X509_NONE, &Tls::showing(&shown)).await;
    question(&connection).await;
    drop(connection);
    assert_eq!(server.unwrap().rest().await, b"");
}

#[tokio::test(start_paused = true)]
async fn who_speaks_before_it_is_trusted_is_heard_afterwards() {
    let shown = Shown::self_signed();
    let (connection, server) = secured(policy(), X509_VNC, &Tls::showing(&shown)).await;
    let mut server = server.unwrap();
    question(&connection).await;
    server.send(&[7; 16]).await;
    assert!(is_quiet(phase(&connection), Duration::from_hours(1)).await);
    answer(&connection, &shown, true);
    let password = Phase::NeedsCredentials(CredentialKind::Password);
    assert_eq!(phase(&connection).await, password);
    connection.send(Input::Credentials(Credentials::password("secret")));
    server.read::<16>().await;
    server.send(&[0, 0, 0, 1, 0, 0, 0, 0]).await;
    assert!(end(&connection).await.unwrap().is_wrong_password());
}

/// What is pinned is trusted, whatever it says.
#[tokio::test(start_paused = true)]
async fn the_pinned_certificate_is_trusted() {
    let shown = Authority::new().certify(&["elsewhere"], true);
    let policy = TlsPolicy {
        pin: Some(shown.fingerprint()),
        ..policy()
    };
    let tls = Tls::with(&shown, &[&rustls::version::TLS12], None);
    let (connection, server) = secured(policy, X509_NONE, &tls).await;
    let mut server = server.unwrap();
    server.begin(8, 8).await;
    let protection = protection(&connection).await;
    assert_eq!(protection.to_string(), "TLS 1.2, certificate known");
}

#[tokio::test(start_paused = true)]
async fn another_than_the_pinned_certificate_is_a_stop() {
    let authority = Authority::new();
    let files = Files::new();
    // Not even an authority's word helps.
    let shown = authority.certify(&["localhost"], false);
    let known = Shown::self_signed().fingerprint();
    let policy = TlsPolicy {
        pin: Some(known),
        authorities: vec![files.authority("ca.pem", &authority)],
        ..policy()
    };
    let (connection, server) = secured(policy, X509_PLAIN, &Tls::showing(&shown)).await;
    assert!(server.is_err(), "not even TLS is agreed upon");
    let error = end(&connection).await.unwrap();
    let Error::CertificateChanged {
        known: told,
        shown: what,
        ..
    } = &error
    else {
        panic!("{error}");
    };
    assert_eq!((*told, what.fingerprint), (known, shown.fingerprint()));
    assert!(error.to_string().contains(&known.to_string()));
}

/// Who sits in between cannot take TLS off the list.
#[tokio::test(start_paused = true)]
async fn where_a_certificate_is_known_there_must_be_one() {
    let policy = TlsPolicy {
        pin: Some(Shown::self_signed().fingerprint()),
        ..policy()
    };
    let (endpoint, mut server) = endpoint();
    let connection = open_with(endpoint, policy);
    server.send(b"RFB 003.008\n\x02\x01\x02").await;
    let error = end(&connection).await.unwrap();
    let missing = matches!(error, Error::Rfb(rfb::Error::EncryptionMissing { .. }));
    assert!(missing, "{error}");
}

#[tokio::test(start_paused = true)]
async fn an_authority_is_enough() {
    let authority = Authority::new();
    let files = Files::new();
    let chosen = TlsPolicy {
        authorities: vec![files.authority("some/ca.pem", &authority)],
        ..policy()
    };
    files.authority("CA/cacert.pem", &authority);
    let found = TlsPolicy {
        folders: vec!["/nowhere".into(), files.folder()],
        server_name: Some("server.lan".to_owned()),
        ..policy()
    };
    let tls = Tls::showing(&authority.certify(&["localhost", "server.lan"], false));
    for policy in [chosen, found] {
        let (connection, server) = secured(policy, X509_NONE, &tls).await;
        let mut server = server.unwrap();
        server.begin(8, 8).await;
        let trust = protection(&connection).await.tls.unwrap().trust;
        assert_eq!(trust, Trust::Authority);
    }
}

#[tokio::test(start_paused = true)]
async fn each_objection_is_told() {
    let authority = Authority::new();
    let files = Files::new();
    let knowing = TlsPolicy {
        authorities: vec![files.authority("ca.pem", &authority)],
        ..policy()
    };
    let name = Distrust::WrongName {
        expected: "localhost".to_owned(),
        names: vec!["a.lan".to_owned(), "10.0.0.1".to_owned()],
    };
    let nameless = Distrust::WrongName {
        expected: "localhost".to_owned(),
        names: Vec::new(),
    };
    for (policy, shown, reason) in [
        (
            policy(),
            authority.certify(&["localhost"], false),
            Distrust::UnknownIssuer,
        ),
        (
            knowing.clone(),
            authority.certify(&["localhost"], true),
            Distrust::Expired,
        ),
        (
            knowing.clone(),
            authority.certify(&["a.lan", "10.0.0.1"], false),
            name,
        ),
        // As libvirt's documentation once had them made: a name in the subject alone.
        (knowing, authority.certify(&[], false), nameless),
        (policy(), Shown::version_1(), Distrust::SelfSigned),
    ] {
        let (connection, _server) = secured(policy, X509_NONE, &Tls::showing(&shown)).await;
        assert_eq!(question(&connection).await.reason, reason);
    }
}

/// A certificate is public: who shows it has to prove that it is its own, pinned or not.
#[tokio::test(start_paused = true)]
async fn a_certificate_of_somebody_else() {
    let shown = Shown {
        key: Shown::self_signed().key,
        ..Shown::self_signed()
    };
    let old = Shown {
        key: Shown::self_signed().key,
        ..Shown::version_1()
    };
    for shown in [&shown, &old] {
        let pinned = TlsPolicy {
            pin: Some(shown.fingerprint()),
            ..policy()
        };
        for policy in [policy(), pinned] {
            for version in rustls::ALL_VERSIONS {
                let tls = Tls::with(shown, &[version], None);
                let (connection, server) = secured(policy.clone(), X509_NONE, &tls).await;
                assert!(server.is_err());
                let error = end(&connection).await.unwrap();
                assert!(matches!(error, Error::Tls { .. }), "{error}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn servers_that_want_to_know_who_connects() {
    let authority = Authority::new();
    let files = Files::new();
    let shown = authority.certify(&["localhost"], false);
    let trusting = TlsPolicy {
        pin: Some(shown.fingerprint()),
        ..policy()
    };
    let keeper = authority.certify(&["keeper"], false);
    let chosen = TlsPolicy {
        client: Some(files.client("me.pem", "me-key.pem", &keeper)),
        ..trusting.clone()
    };
    let (certificate, key) = (
        "libvirt-vnc/clientcert.pem",
        "libvirt-vnc/private/clientkey.pem",
    );
    files.client(certificate, key, &keeper);
    let found = TlsPolicy {
        folders: vec![files.folder()],
        ..trusting.clone()
    };
    let stranger = Files::new();
    let other = Authority::new().certify(&["keeper"], false);
    let wrong = TlsPolicy {
        client: Some(stranger.client("me.pem", "me-key.pem", &other)),
        ..trusting.clone()
    };
    for version in rustls::ALL_VERSIONS {
        let tls = Tls::with(&shown, &[version], Some(&authority));
        for policy in [&chosen, &found] {
            let (connection, server) = secured(policy.clone(), X509_NONE, &tls).await;
            let mut server = server.unwrap();
            server.begin(8, 8).await;
            protection(&connection).await;
        }
        let (connection, _) = secured(trusting.clone(), X509_NONE, &tls).await;
        assert_eq!(end(&connection).await, Some(Error::ClientCertificateNeeded));
        let (connection, _) = secured(wrong.clone(), X509_NONE, &tls).await;
        let error = end(&connection).await.unwrap();
        assert!(error.to_string().contains("does not accept"), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn files_that_cannot_be_used() {
    let files = Files::new();
    let good = files.client("c.pem", "k.pem", &Shown::self_signed());
    let bad = files.client("other.pem", "other-key.pem", &Shown::self_signed());
    let cases = [
        crate::ClientCertificate {
            certificate: files.folder().join("none"),
            ..good.clone()
        },
        crate::ClientCertificate {
            key: good.certificate.clone(),
            ..good.clone()
        },
        crate::ClientCertificate {
            key: bad.key,
            ..good
        },
    ];
    for client in cases {
        let policy = TlsPolicy {
            client: Some(client),
            ..policy()
        };
        let (endpoint, mut server) = endpoint();
        let connection = open_with(endpoint, policy);
        server.vencrypt(X509_NONE).await;
        let error = end(&connection).await.unwrap();
        assert!(matches!(error, Error::CertificateFile { .. }), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_never_begins_tls() {
    let (endpoint, mut server) = endpoint();
    let connection = open_with(endpoint, policy());
    server.vencrypt(X509_NONE).await;
    assert!(matches!(
        end(&connection).await,
        Some(Error::NoAnswer { .. })
    ));
}

/// What somebody puts in behind the last byte in clear is not taken for what comes out of TLS.
#[tokio::test(start_paused = true)]
async fn what_is_put_in_before_tls_is_not_believed() {
    let (endpoint, mut server) = endpoint();
    let connection = open_with(endpoint, policy());
    server
        .send(b"RFB 003.008\n\x01\x13\x00\x02\x00\x01\0\0\x01\x04\x01\0\0\0\0")
        .await;
    server
        .send(&[
            0, 8, 0, 8, 32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0,
        ])
        .await;
    server.send(&[0, 0, 0, 4]).await;
    server.send(b"evil").await;
    let error = end(&connection).await.unwrap();
    assert!(matches!(error, Error::Tls { .. }), "{error}");
    assert!(error.to_string().contains("not TLS"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_screenshot_through_tls() {
    let shown = Shown::self_signed();
    let tls = Tls::showing(&shown);
    let runtime = tokio::runtime::Handle::current();
    let limit = Duration::from_secs(9);
    let answer = async |question| {
        Some(match question {
            Question::Trust(question) => {
                assert_eq!(question.certificate.fingerprint, shown.fingerprint());
                Answer::Trusted
            }
            Question::Credentials(_) => Answer::Credentials(Credentials::user("u", "p")),
        })
    };
    let (socket, mut server) = endpoint();
    let (picture, ()) = tokio::join!(capture(&runtime, socket, policy(), answer, limit), async {
        server.vencrypt(X509_PLAIN).await;
        let mut server = tls.begin(server).await.unwrap();
        server.read::<10>().await;
        server.begin(1, 1).await;
        server.update_request().await;
        server.fill([0, 0, 1, 1], [255; 4]).await;
    });
    assert_eq!(picture.unwrap().rgb(), [255; 3]);

    let (socket, mut server) = endpoint();
    let nobody = async |_| None;
    let (picture, _) = tokio::join!(capture(&runtime, socket, policy(), nobody, limit), async {
        server.vencrypt(X509_PLAIN).await;
        tls.begin(server).await
    });
    assert_eq!(picture, Err(Error::NotTrusted));
}
