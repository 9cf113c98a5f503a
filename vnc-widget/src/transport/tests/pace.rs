//! Servers that send pictures by themselves.

use std::time::Duration;

use super::{
    GREY, WHITE, frame, is_quiet, picture,
    server::{Message, Server, connection},
};
use crate::{tiles::Pixels, transport::Connection};

const LONG: Duration = Duration::from_mins(30);

/// What a server says that can update continuously; and that it has stopped.
const OFF: [u8; 1] = [150];

/// A fence that is to be answered.
fn fence(number: u8) -> [u8; 10] {
    [248, 0, 0, 0, 0x80, 0, 0, 1, 1, number]
}

/// A session with continuous updates, whose first picture has been taken.
async fn continuous() -> (Connection, Server) {
    let (connection, mut server) = connection();
    server.handshake(8, 8).await;
    server.send(&OFF).await;
    assert!(!server.update_request().await);
    assert_eq!(server.message().await, Message::Continuous(true));
    picture(&connection, &mut server, [0, 0, 8, 8]).await;
    (connection, server)
}

/// Another picture, of which the frame waits for the widget when this returns.
async fn waiting_frame(server: &mut Server) {
    server.fill([0, 0, 4, 4], GREY).await;
    // The clock goes on when nobody has anything to do.
    assert!(is_quiet(server.message(), LONG).await);
}

#[tokio::test(start_paused = true)]
async fn pictures_come_without_being_asked_for() {
    let (connection, mut server) = continuous().await;
    for _ in 0..50 {
        picture(&connection, &mut server, [0, 0, 4, 4]).await;
    }
    assert!(is_quiet(server.message(), LONG).await);
}

#[tokio::test(start_paused = true)]
async fn a_server_is_told_how_far_the_widget_is() {
    let (connection, mut server) = continuous().await;
    server.send(&fence(1)).await;
    assert_eq!(server.message().await, Message::Fence(vec![1]));
    // One frame waits for the widget, another picture is decoded: now it is behind.
    waiting_frame(&mut server).await;
    server.fill([4, 4, 4, 4], GREY).await;
    server.send(&fence(2)).await;
    assert!(is_quiet(server.message(), LONG).await);
    assert_eq!(frame(&connection).await.tiles.len(), 1);
    assert_eq!(server.message().await, Message::Fence(vec![2]));
}

#[tokio::test(start_paused = true)]
async fn a_frame_is_as_new_as_the_wish_for_it() {
    let (connection, mut server) = continuous().await;
    waiting_frame(&mut server).await;
    assert!(connection.take_frame().is_some());
    // While that is drawn,
    server.fill([0, 0, 8, 8], WHITE).await;
    server.fill([0, 0, 8, 8], [1, 2, 3, 0]).await;
    tokio::time::sleep(LONG).await;
    assert!(connection.take_frame().is_none());
    // and when it has been.
    connection.want_frame();
    let newest = frame(&connection).await;
    assert!(newest.tiles[0].pixels == Pixels::Plain([1, 2, 3, 255]));
    assert!(connection.take_frame().is_none());
}

#[tokio::test(start_paused = true)]
async fn a_frame_that_was_not_taken_is_not_lost() {
    let (connection, mut server) = continuous().await;
    waiting_frame(&mut server).await;
    server.fill([4, 4, 4, 4], WHITE).await;
    // As a widget does that comes into sight.
    connection.want_frame();
    tokio::time::sleep(LONG).await;
    let first = frame(&connection).await;
    let grey = [GREY[0], GREY[1], GREY[2], 255];
    assert!(first.tiles[0].pixels == Pixels::Plain(grey));
    let Pixels::Rows(rows) = &frame(&connection).await.tiles[0].pixels else {
        panic!("two colours");
    };
    assert_eq!(rows[..4], grey);
    assert_eq!(rows[4 * 63..], [255; 4]);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_runs_ahead_is_stopped_until_the_widget_has_caught_up() {
    let (connection, mut server) = continuous().await;
    waiting_frame(&mut server).await;
    for _ in 0..10 {
        server.fill([0, 0, 4, 4], GREY).await;
    }
    assert_eq!(server.message().await, Message::Continuous(false));
    // What was on its way, and the confirmation.
    server.fill([0, 0, 4, 4], GREY).await;
    server.send(&OFF).await;
    assert!(is_quiet(server.message(), LONG).await, "it is not asked");
    // The frame that waited and the one of all that came since, in which nothing is lost.
    frame(&connection).await;
    frame(&connection).await;
    assert_eq!(server.message().await, Message::Continuous(true));
    picture(&connection, &mut server, [0, 0, 4, 4]).await;
    assert!(is_quiet(server.message(), LONG).await);
}

#[tokio::test(start_paused = true)]
async fn a_late_confirmation_is_not_taken_for_a_refusal() {
    let (connection, mut server) = continuous().await;
    waiting_frame(&mut server).await;
    for _ in 0..10 {
        server.fill([0, 0, 4, 4], GREY).await;
    }
    assert_eq!(server.message().await, Message::Continuous(false));
    frame(&connection).await;
    frame(&connection).await;
    assert_eq!(server.message().await, Message::Continuous(true));
    server.send(&OFF).await;
    picture(&connection, &mut server, [0, 0, 4, 4]).await;
    assert!(is_quiet(server.message(), LONG).await);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_stops_by_itself_is_asked_for_each_picture() {
    let (connection, mut server) = continuous().await;
    server.send(&OFF).await;
    let asked = Message::Update { incremental: true };
    assert_eq!(server.message().await, asked);
    picture(&connection, &mut server, [0, 0, 4, 4]).await;
    assert_eq!(server.message().await, asked);
    // Another size is no reason to ask it for more.
    server.resize(16, 16).await;
    assert_eq!(
        server.message().await,
        Message::Update { incremental: false }
    );
    // When it says anew that it can, it may.
    server.send(&OFF).await;
    assert_eq!(server.message().await, Message::Continuous(true));
    picture(&connection, &mut server, [0, 0, 16, 16]).await;
    picture(&connection, &mut server, [0, 0, 16, 16]).await;
    assert!(is_quiet(server.message(), LONG).await);
}

#[tokio::test(start_paused = true)]
async fn a_new_size_brings_the_whole_picture() {
    let (connection, mut server) = continuous().await;
    server.resize(16, 16).await;
    // Continuous updates are of an area.
    assert_eq!(server.message().await, Message::Continuous(true));
    assert!(!server.update_request().await);
    let frame = picture(&connection, &mut server, [0, 0, 16, 16]).await;
    assert_eq!(frame.width, 16);
}

/// A server may wait for a fence before it sends the picture that was asked for.
#[tokio::test(start_paused = true)]
async fn fences_are_answered_while_a_picture_is_awaited() {
    let (connection, mut server) = continuous().await;
    server.resize(16, 16).await;
    assert_eq!(server.message().await, Message::Continuous(true));
    assert!(!server.update_request().await);
    server.send(&fence(7)).await;
    assert_eq!(server.message().await, Message::Fence(vec![7]));
    let frame = picture(&connection, &mut server, [0, 0, 16, 16]).await;
    assert_eq!(frame.width, 16);
}
