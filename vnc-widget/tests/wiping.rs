//! Passwords are gone from memory when a login is cut off. A process of its own, for all of its memory
//! is looked through.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../rfb/tests/wiping/memory.rs"]
mod memory;

use std::{io::Write, net::Shutdown, os::unix::net::UnixStream, time::Duration};

use memory::{holds_secret, secret, secret_to_give};
use vnc_widget::{Answer, Credentials, Endpoint, Error, Question, TlsPolicy, capture};

#[test]
fn a_login_that_is_cut_off_leaves_no_password_behind() {
    let kept = secret();
    assert!(holds_secret());
    drop(kept);
    assert!(!holds_secret());

    let (client, mut server) = UnixStream::pair().unwrap();
    // User name and password as they are (the first type within VeNCrypt).
    server
        .write_all(b"RFB 003.008\n\x01\x13\x00\x02\x00\x01\0\0\x01\0")
        .unwrap();
    let answer = async |question| {
        assert!(matches!(question, Question::Credentials(_)));
        // The server does not want to hear it, and says nothing: what is to be sent cannot be.
        server.shutdown(Shutdown::Read).unwrap();
        let credentials = Credentials::user("keeper", secret_to_give());
        Some(Answer::Credentials(credentials.even_in_clear()))
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let picture = runtime.block_on(capture(
        runtime.handle(),
        Endpoint::Socket(client),
        TlsPolicy::default(),
        answer,
        Duration::from_mins(1),
    ));
    assert!(matches!(picture, Err(Error::Rfb(_))), "{picture:?}");
    assert!(!holds_secret());
}
