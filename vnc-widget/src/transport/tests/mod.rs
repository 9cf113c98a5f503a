//! The transport against servers of every temper.
//!
//! Most tests run with tokio's clock paused: it jumps ahead whenever everything waits, so that
//! minutes of silence take no time.

mod attempts;
mod capture;
mod extras;
mod pace;
mod screens;
mod server;
mod texts;
mod tls;
mod tls_server;

use std::{future::poll_fn, task::Poll, time::Duration};

use tokio::time::sleep;

use rfb::{CredentialKind, Credentials};

use super::{Connection, Input, KeyStroke, Phase};
use crate::{
    Endpoint, Error,
    tiles::{Pixels, Tile},
};
use server::{Message, Server, connection, open, raw_update, soon};

const WHITE: [u8; 4] = [255, 255, 255, 0];
const GREY: [u8; 4] = [9, 9, 9, 0];

/// Waits for the next phase.
async fn phase(connection: &Connection) -> Phase {
    loop {
        if let Some(phase) = connection.take_news().phase {
            return phase;
        }
        soon(connection.changed()).await;
    }
}

/// Waits for the end and returns why.
async fn end(connection: &Connection) -> Option<Error> {
    loop {
        if let Phase::Ended(error) = phase(connection).await {
            return error;
        }
    }
}

/// Waits for a frame.
async fn frame(connection: &Connection) -> crate::tiles::Frame {
    loop {
        if let Some(delivery) = connection.take_frame() {
            connection.want_frame();
            return delivery.frame;
        }
        soon(connection.changed()).await;
    }
}

/// Sends a picture of this area and waits until it has arrived.
async fn picture(
    connection: &Connection,
    server: &mut Server,
    area: [u16; 4],
) -> crate::tiles::Frame {
    server.fill(area, GREY).await;
    frame(connection).await
}

/// A session that has begun.
async fn session() -> (Connection, Server) {
    let (connection, mut server) = connection();
    server.handshake(8, 8).await;
    server.update_request().await;
    picture(&connection, &mut server, [0, 0, 8, 8]).await;
    server.update_request().await;
    connection.take_news();
    (connection, server)
}

/// Whether something does not happen within this much (virtual) time.
async fn is_quiet(future: impl Future<Output = impl Sized>, time: Duration) -> bool {
    tokio::time::timeout(time, future).await.is_err()
}

#[tokio::test(start_paused = true)]
async fn a_server_that_closes_at_once() {
    let (connection, server) = connection();
    drop(server);
    assert_eq!(end(&connection).await, Some(Error::ClosedEarly));
}

#[tokio::test(start_paused = true)]
async fn something_that_is_no_vnc_server() {
    let (connection, mut server) = connection();
    server.send(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    let error = end(&connection).await.unwrap();
    assert!(matches!(error, Error::Rfb(rfb::Error::NotVnc { .. })));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_says_why_it_refuses() {
    let (connection, mut server) = connection();
    server.send(b"RFB 003.008\n").await;
    server.send(&[0, 0, 0, 0, 4]).await;
    server.send(b"busy").await;
    let error = end(&connection).await.unwrap();
    assert_eq!(error.to_string(), "the server refused the connection: busy");
}

#[tokio::test(start_paused = true)]
async fn a_server_that_never_speaks() {
    let (connection, _server) = connection();
    let error = end(&connection).await.unwrap();
    assert_eq!(
        error.to_string(),
        "the display's socket did not answer within 20 seconds"
    );
}

#[tokio::test(start_paused = true)]
async fn a_server_that_drips_through_the_handshake() {
    let (connection, mut server) = connection();
    let drip = async {
        for &byte in b"RFB 003.008\n" {
            server.send(&[byte]).await;
            sleep(Duration::from_secs(5)).await;
        }
    };
    tokio::select! {
        error = end(&connection) => assert!(matches!(error, Some(Error::NoAnswer { .. }))),
        () = drip => panic!("it was waited for too long"),
    }
}

#[tokio::test(start_paused = true)]
async fn the_user_may_look_for_the_password_for_hours() {
    let (connection, mut server) = connection();
    server.challenge().await;
    assert_eq!(
        phase(&connection).await,
        Phase::NeedsCredentials(CredentialKind::Password)
    );
    assert!(is_quiet(phase(&connection), Duration::from_hours(3)).await);
    connection.send(Input::Credentials(Credentials::password("secret")));
    server.read::<16>().await;
    server.begin(8, 8).await;
    assert_eq!(phase(&connection).await, Phase::Connected);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_does_not_judge_the_password() {
    let (connection, mut server) = connection();
    server.challenge().await;
    assert_eq!(
        phase(&connection).await,
        Phase::NeedsCredentials(CredentialKind::Password)
    );
    connection.send(Input::Credentials(Credentials::password("secret")));
    assert!(matches!(
        end(&connection).await,
        Some(Error::NoAnswer { .. })
    ));
}

#[tokio::test(start_paused = true)]
async fn a_wrong_password() {
    let (connection, mut server) = connection();
    connection.send(Input::Credentials(Credentials::password("secret")));
    server.challenge().await;
    server.read::<16>().await;
    server.send(&[0, 0, 0, 1, 0, 0, 0, 3]).await;
    server.send(b"no!").await;
    let error = end(&connection).await.unwrap();
    assert!(error.is_wrong_password());
    assert_eq!(error.to_string(), "authentication failed: no!");
}

#[tokio::test(start_paused = true)]
async fn the_end_in_good_order_is_no_error() {
    let (connection, mut server) = connection();
    server.handshake(8, 8).await;
    server.update_request().await;
    drop(server);
    assert_eq!(end(&connection).await, None);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_closes_in_the_middle_of_a_picture() {
    let (connection, mut server) = connection();
    server.handshake(64, 64).await;
    server.update_request().await;
    let update = raw_update([0, 0, 64, 64], WHITE);
    server.send(&update[..update.len() / 2]).await;
    // A reset instead of an end would tell less: the client must have said all it had to say.
    drop(server);
    assert_eq!(end(&connection).await, Some(Error::CutOff));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_hangs_in_the_middle_of_a_picture() {
    let (connection, mut server) = connection();
    server.handshake(64, 64).await;
    server.update_request().await;
    let update = raw_update([0, 0, 64, 64], WHITE);
    server.send(&update[..update.len() - 1]).await;
    let error = end(&connection).await.unwrap();
    assert!(matches!(error, Error::Stalled { .. }), "{error}");
}

#[tokio::test(start_paused = true)]
async fn garbage_in_mid_session() {
    let (connection, mut server) = connection();
    server.handshake(64, 64).await;
    server.update_request().await;
    server.send(&[0xee; 64]).await;
    let error = end(&connection).await.unwrap();
    assert!(
        matches!(error, Error::Rfb(rfb::Error::Protocol { .. })),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_picture_may_drip() {
    let (connection, mut server) = connection();
    server.handshake(2, 2).await;
    server.update_request().await;
    let update = raw_update([0, 0, 2, 2], WHITE);
    for byte in &update {
        server.send(&[*byte]).await;
        sleep(Duration::from_secs(50)).await;
    }
    // Not after it, and not between its header and the rectangle: nothing was missing then.
    let missing = Duration::from_secs(50) * (update.len() as u32 - 2);
    assert_eq!(connection.waited().as_secs(), missing.as_secs());
    let frame = frame(&connection).await;
    assert!(frame.tiles[0].pixels == Pixels::Plain([255; 4]));
}

#[tokio::test(start_paused = true)]
async fn a_quiet_screen_is_no_dead_one() {
    let (connection, mut server) = connection();
    server.handshake(8, 8).await;
    server.update_request().await;
    assert_eq!(phase(&connection).await, Phase::Connected);
    assert!(is_quiet(phase(&connection), Duration::from_hours(9)).await);
}

/// The last two pixels of a tile that has several colours.
fn last_two(tile: &Tile) -> &[u8] {
    match &tile.pixels {
        Pixels::Rows(rows) => &rows[rows.len() - 8..],
        Pixels::Plain(colour) => panic!("all over {colour:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn only_what_changed_is_copied() {
    let (connection, mut server) = connection();
    server.handshake(600, 100).await;
    assert!(!server.update_request().await, "the first is a whole one");
    server.fill([0, 0, 600, 100], WHITE).await;
    let first = frame(&connection).await;
    let sizes: Vec<_> = first.tiles.iter().map(|t| (t.width, t.height)).collect();
    assert_eq!(
        sizes,
        [
            (256, 64),
            (256, 64),
            (88, 64),
            (256, 36),
            (256, 36),
            (88, 36)
        ]
    );
    assert!(server.update_request().await, "the others are incremental");
    server.fill([599, 99, 1, 1], [1, 2, 3, 0]).await;
    let second = frame(&connection).await;
    assert_eq!((second.width, second.height), (600, 100));
    assert_eq!(second.tiles.len(), 1);
    let tile = &second.tiles[0];
    assert_eq!((tile.column, tile.row), (2, 1));
    assert_eq!(last_two(tile), [255, 255, 255, 255, 1, 2, 3, 255]);
}

#[tokio::test(start_paused = true)]
async fn a_widget_that_takes_nothing_slows_the_server_down() {
    let (connection, mut server) = connection();
    server.handshake(8, 8).await;
    server.update_request().await;
    // One picture lies in the mailbox, and another is decoded ahead.
    server.fill([0, 0, 8, 8], WHITE).await;
    server.update_request().await;
    server.fill([0, 0, 8, 8], [0; 4]).await;
    assert!(is_quiet(server.update_request(), Duration::from_mins(1)).await);
    let white = frame(&connection).await;
    assert!(white.tiles[0].pixels == Pixels::Plain([255; 4]));
    server.update_request().await;
    let black = frame(&connection).await;
    assert!(black.tiles[0].pixels == Pixels::Plain([0, 0, 0, 255]));
}

#[tokio::test(start_paused = true)]
async fn updates_without_a_picture_are_answered_too() {
    let (connection, mut server) = connection();
    server.handshake(8, 8).await;
    for _ in 0..100 {
        server.update_request().await;
        server.send(&[0, 0, 0, 0]).await;
    }
    server.update_request().await;
    assert!(connection.take_frame().is_none());
}

#[tokio::test(start_paused = true)]
async fn the_largest_screen_costs_what_was_sent_of_it() {
    let (connection, mut server) = connection();
    server.handshake(16384, 16384).await;
    server.update_request().await;
    server.fill([16383, 16383, 1, 1], WHITE).await;
    let frame = frame(&connection).await;
    assert_eq!((frame.width, frame.height), (16384, 16384));
    let places: Vec<_> = frame.tiles.iter().map(|t| (t.column, t.row)).collect();
    assert_eq!(places, [(63, 255)]);
    let end = [0, 0, 0, 255, 255, 255, 255, 255];
    assert_eq!(last_two(&frame.tiles[0]), end);
}

#[tokio::test(start_paused = true)]
async fn another_size_is_told_at_once_and_shown_when_it_is_there() {
    let (connection, mut server) = connection();
    server.handshake(8, 8).await;
    server.update_request().await;
    server.fill([0, 0, 8, 8], WHITE).await;
    assert!(server.update_request().await);
    frame(&connection).await;
    server.resize(9, 9).await;
    assert!(!server.update_request().await, "all of it is asked for");
    assert_eq!(connection.take_news().size, Some((9, 9)));
    assert!(connection.take_frame().is_none());
    server.fill([0, 0, 9, 9], WHITE).await;
    let frame = frame(&connection).await;
    assert_eq!((frame.width, frame.height), (9, 9));
}

/// Each of these rectangles takes 16 bytes and moves millions of pixels. All tasks of this test
/// share one thread, so it could not even go on if the session did them at once.
#[tokio::test]
async fn a_flood_of_work_holds_nobody_up() {
    let (connection, mut server) = connection();
    server.handshake(2048, 2048).await;
    server.update_request().await;
    let before = connection.received();
    let copy = [0, 0, 0, 0, 8, 0, 8, 0, 0, 0, 0, 1, 0, 0, 0, 0];
    let update = [&[0, 0, 0x03, 0xe8][..], &copy.repeat(1000)].concat();
    server.send(&update).await;
    while connection.received() == before {
        tokio::task::yield_now().await;
    }
    drop(connection);
    // After a whole update the client would have asked for another.
    assert!(server.until_closed().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_was_typed_goes_out_before_the_end() {
    let (connection, mut server) = connection();
    server.handshake(100, 100).await;
    server.update_request().await;
    let key = KeyStroke {
        keysym: 0xffe3,
        scancode: Some(0x1d),
    };
    for pressed in [true, false] {
        connection.send(Input::Key { key, pressed });
    }
    connection.send(Input::Pointer {
        x: 500,
        y: 2,
        buttons: 1,
    });
    drop(connection);
    for pressed in [true, false] {
        let keysym = key.keysym;
        assert_eq!(server.message().await, Message::Key { keysym, pressed });
    }
    let inside = Message::Pointer {
        x: 99,
        y: 2,
        buttons: 1,
    };
    assert_eq!(server.message().await, inside);
    assert!(server.until_closed().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn closing_ends_an_attempt_to_connect() {
    let (connection, mut server) = connection();
    drop(connection);
    server.until_closed().await;
}

#[tokio::test]
async fn a_server_that_takes_nothing_in() {
    let (connection, mut server) = connection();
    server.handshake(8, 8).await;
    assert_eq!(phase(&connection).await, Phase::Connected);
    let mut typing = pin_typing(&connection);
    let error = poll_fn(|context| {
        typing();
        let mut ended = std::pin::pin!(end(&connection));
        match ended.as_mut().poll(context) {
            Poll::Ready(error) => Poll::Ready(error),
            Poll::Pending => {
                context.waker().wake_by_ref();
                Poll::Pending
            }
        }
    })
    .await;
    assert_eq!(error, Some(Error::NotReading));
    drop(server);
}

/// Types on and on.
fn pin_typing(connection: &Connection) -> impl FnMut() {
    let mut pressed = false;
    move || {
        for _ in 0..100 {
            pressed = !pressed;
            let key = KeyStroke {
                keysym: 0x61,
                scancode: None,
            };
            connection.send(Input::Key { key, pressed });
        }
    }
}

#[tokio::test]
async fn nothing_at_the_other_end() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let endpoint = Endpoint::Tcp {
        host: "127.0.0.1".to_owned(),
        port,
    };
    let connection = open(endpoint);
    assert_eq!(
        end(&connection).await.unwrap().to_string(),
        format!("could not connect to 127.0.0.1:{port}: connection refused")
    );
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("display");
    let connection = open(Endpoint::Path(path.clone()));
    assert_eq!(
        end(&connection).await.unwrap().to_string(),
        format!(
            "could not connect to {}: no such file or directory",
            path.display()
        )
    );
}
