//! Screenshots without a window.

use std::time::Duration;

use rfb::{CredentialKind, Credentials};
use tokio::{runtime::Handle, time::sleep};

use super::{
    WHITE,
    server::{endpoint, raw_update},
};
use crate::{Answer, Error, Question, TlsPolicy, capture};

/// Nobody knows.
async fn nobody(_: Question) -> Option<Answer> {
    None
}

#[tokio::test(start_paused = true)]
async fn a_screenshot() {
    let (endpoint, mut server) = endpoint();
    let runtime = Handle::current();
    let limit = Duration::from_secs(9);
    let (picture, ()) = tokio::join!(
        capture(&runtime, endpoint, TlsPolicy::default(), nobody, limit),
        async {
            server.handshake(8, 8).await;
            server.update_request().await;
            // QEMU: an update without pixels, then what it last knew, then the screen, slowly.
            server.send(&[0, 0, 0, 0]).await;
            server.update_request().await;
            server.fill([0, 0, 8, 8], [0; 4]).await;
            server.update_request().await;
            server.resize(300, 2).await;
            server.update_request().await;
            for byte in raw_update([0, 0, 300, 2], [10, 20, 30, 0]).chunks(600) {
                sleep(Duration::from_millis(300)).await;
                server.send(byte).await;
            }
        }
    );
    let picture = picture.unwrap();
    assert_eq!((picture.width(), picture.height()), (300, 2));
    assert_eq!(picture.rgb(), [30, 20, 10].repeat(600));
    server.until_closed().await;
}

#[tokio::test(start_paused = true)]
async fn a_screenshot_of_a_screen_that_never_rests() {
    let (endpoint, mut server) = endpoint();
    let limit = Duration::from_secs(9);
    let runtime = Handle::current();
    let film = async {
        server.handshake(1, 1).await;
        loop {
            server.update_request().await;
            server.fill([0, 0, 1, 1], WHITE).await;
            sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::select! {
        picture = capture(&runtime, endpoint, TlsPolicy::default(), nobody, limit) => {
            assert_eq!(picture.unwrap().rgb(), [255; 3]);
        }
        () = film => unreachable!("it goes on"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_screenshot_with_a_password_that_is_long_in_coming() {
    let (endpoint, mut server) = endpoint();
    let limit = Duration::from_secs(9);
    let runtime = Handle::current();
    let answer = async |question| {
        assert!(matches!(
            question,
            Question::Credentials(CredentialKind::Password)
        ));
        sleep(Duration::from_hours(1)).await;
        Some(Answer::Credentials(Credentials::password("secret")))
    };
    let policy = TlsPolicy::default();
    let (picture, ()) = tokio::join!(capture(&runtime, endpoint, policy, answer, limit), async {
        server.challenge().await;
        server.read::<16>().await;
        server.begin(1, 1).await;
        server.update_request().await;
        server.fill([0, 0, 1, 1], WHITE).await;
    });
    assert_eq!(picture.unwrap().rgb(), [255; 3]);
}

#[tokio::test(start_paused = true)]
async fn a_screenshot_that_fails() {
    let runtime = Handle::current();
    let (socket, mut server) = endpoint();
    let limit = Duration::from_hours(9);
    let (result, ()) = tokio::join!(
        capture(&runtime, socket, TlsPolicy::default(), nobody, limit),
        server.challenge()
    );
    assert_eq!(result, Err(Error::PasswordNeeded));
    // A server that shows nothing is waited for as long as one likes.
    let (socket, mut server) = endpoint();
    let limit = Duration::from_secs(9);
    let (result, ()) = tokio::join!(
        capture(&runtime, socket, TlsPolicy::default(), nobody, limit),
        async {
            server.handshake(8, 8).await;
            server.update_request().await;
            server.send(&[0, 0, 0, 0]).await;
        }
    );
    assert!(matches!(result, Err(Error::NoAnswer { after, .. }) if after == limit));
}
