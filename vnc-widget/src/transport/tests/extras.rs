//! Clipboard, locks, sound, power and quality on their way through the transport.

use rfb::{Leds, PowerAction};

use super::{
    server::{Message, soon},
    session,
};
use crate::transport::{ClipboardNews, Connection, Input, News, PowerNews};

/// Waits for news that have something of this kind.
pub(super) async fn news<T>(connection: &Connection, kind: impl Fn(News) -> Option<T>) -> T {
    loop {
        if let Some(found) = kind(connection.take_news()) {
            return found;
        }
        soon(connection.changed()).await;
    }
}

#[tokio::test(start_paused = true)]
async fn texts_both_ways() {
    let (connection, mut server) = session().await;
    server.send(b"\x03\0\0\0\0\0\0\x04text").await;
    let text = news(&connection, |news| news.clipboard).await;
    assert!(matches!(text, ClipboardNews::Text(text) if text == "text"));
    connection.send(Input::Text("answer".into()));
    assert_eq!(
        server.message().await,
        Message::CutText {
            extended: false,
            body: b"answer".to_vec()
        }
    );
    // A server with the extended clipboard.
    server
        .send(b"\x03\0\0\0\xff\xff\xff\xf8\x1f\0\0\x01\0\0\0\0")
        .await;
    server.send(b"\x03\0\0\0\xff\xff\xff\xfc\x08\0\0\x01").await;
    let offer = news(&connection, |news| news.clipboard).await;
    assert!(matches!(offer, ClipboardNews::Offered));
    connection.send(Input::RequestText);
    let mut said = Vec::new();
    while said.len() < 2 {
        if let Message::CutText {
            extended: true,
            body,
        } = server.message().await
        {
            said.push(body[..4].to_vec());
        }
    }
    assert_eq!(said, [[0x1f, 0, 0, 1], [2, 0, 0, 1]]);
    connection.send(Input::Text("€".into()));
    connection.send(Input::WithdrawText);
    for notified in [1, 0] {
        assert_eq!(
            server.message().await,
            Message::CutText {
                extended: true,
                body: vec![8, 0, 0, notified]
            }
        );
    }
}

#[tokio::test(start_paused = true)]
async fn locks() {
    let (connection, mut server) = session().await;
    server.rectangle([0; 4], -261, &[4]).await;
    let leds = news(&connection, |news| news.leds).await;
    assert_eq!(
        leds,
        Leds {
            caps_lock: true,
            ..Leds::default()
        }
    );
}

#[tokio::test(start_paused = true)]
async fn sound_is_off_until_it_is_wanted_and_possible() {
    let (connection, mut server) = session().await;
    server.rectangle([0; 4], -259, &[]).await;
    news(&connection, |news| news.audio_available.then_some(())).await;
    server.update_request().await;
    connection.send(Input::Audio(true));
    // The format, then "enable".
    assert_eq!(server.message().await, Message::Audio(2));
    assert_eq!(server.message().await, Message::Audio(0));
    connection.send(Input::Audio(true));
    connection.send(Input::Audio(false));
    assert_eq!(server.message().await, Message::Audio(1));
    // Wanted before it is known to be possible.
    let (connection, mut server) = session().await;
    connection.send(Input::Audio(true));
    server.rectangle([0; 4], -259, &[]).await;
    while server.message().await != Message::Audio(0) {}
}

#[tokio::test(start_paused = true)]
async fn power() {
    let (connection, mut server) = session().await;
    connection.send(Input::Power(PowerAction::Reset));
    server.send(&[250, 0, 1, 1]).await;
    let available = news(&connection, |news| news.power).await;
    assert_eq!(available, PowerNews::Available);
    connection.send(Input::Power(PowerAction::Reboot));
    assert_eq!(server.message().await, Message::Power(3));
    server.send(&[250, 0, 1, 0]).await;
    let failed = news(&connection, |news| news.power).await;
    assert_eq!(failed, PowerNews::Failed);
}

#[tokio::test(start_paused = true)]
async fn quality_changes_in_the_session() {
    let (connection, mut server) = session().await;
    connection.send(Input::Quality {
        quality: Some(4),
        compression: None,
    });
    let Message::Encodings(numbers) = server.message().await else {
        panic!("the list of encodings");
    };
    assert!(numbers.contains(&-28));
}

#[tokio::test(start_paused = true)]
async fn the_picture_after_an_input_is_known() {
    let (connection, mut server) = session().await;
    let mut delivery = None;
    for (input, answered) in [(false, false), (true, true), (false, false)] {
        if input {
            connection.send(Input::Pointer {
                x: 1,
                y: 1,
                buttons: 1,
            });
            assert!(matches!(server.message().await, Message::Pointer { .. }));
        }
        server.fill([0, 0, 8, 8], [1, 2, 3, 0]).await;
        server.update_request().await;
        while delivery.is_none() {
            delivery = connection.take_frame();
        }
        connection.want_frame();
        assert_eq!(delivery.take().unwrap().input.is_some(), answered);
    }
    assert_eq!(connection.decoded().updates, 4);
}
