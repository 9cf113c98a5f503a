//! Long texts on their way to a server that has something else to do.

use super::{
    picture,
    server::{Message, Server},
    session,
};
use crate::transport::{Connection, Input};

/// Far more than sockets hold: letters in no order, which do not get much smaller.
fn long_text() -> String {
    let mut state = 1u32;
    let letter = |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        char::from(32 + (state >> 24) as u8 % 95)
    };
    (0..4 << 20).map(letter).collect()
}

/// Sends pictures until each has arrived: the server is heard, although it reads nothing itself.
async fn is_heard(connection: &Connection, server: &mut Server) {
    for _ in 0..3 {
        picture(connection, server, [0, 0, 8, 8]).await;
    }
}

/// A session with a server that knows the extended clipboard and has been offered a text.
async fn offered(text: String) -> (Connection, Server) {
    let (connection, mut server) = session().await;
    server
        .send(b"\x03\0\0\0\xff\xff\xff\xf8\x1f\0\0\x01\0\0\0\0")
        .await;
    assert!(matches!(server.message().await, Message::CutText { .. }));
    connection.send(Input::Text(text.into()));
    assert_eq!(text_message(&mut server).await, [8, 0, 0, 1]);
    (connection, server)
}

/// What is asked for the text with.
const REQUEST: &[u8; 12] = b"\x03\0\0\0\xff\xff\xff\xfc\x02\0\0\x01";

/// The body of the next message about texts.
async fn text_message(server: &mut Server) -> Vec<u8> {
    loop {
        if let Message::CutText { body, .. } = server.message().await {
            return body;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_is_heard_while_it_is_sent_a_text() {
    let (connection, mut server) = session().await;
    let text = long_text();
    connection.send(Input::Text(text.as_str().into()));
    is_heard(&connection, &mut server).await;
    assert_eq!(text_message(&mut server).await, text.as_bytes());
}

#[tokio::test(start_paused = true)]
async fn a_server_is_heard_while_it_is_sent_a_text_that_it_asked_for() {
    let (connection, mut server) = offered(long_text()).await;
    server.send(REQUEST).await;
    is_heard(&connection, &mut server).await;
    let body = text_message(&mut server).await;
    assert_eq!(body[..4], [0x10, 0, 0, 1]);
    assert!(body.len() > 1 << 20);
}

/// Nor does one that asks without end have texts pile up.
#[tokio::test(start_paused = true)]
async fn a_text_is_not_sent_for_each_time_that_it_is_asked_for() {
    let (connection, mut server) = offered(long_text()).await;
    for _ in 0..100 {
        server.send(REQUEST).await;
        is_heard(&connection, &mut server).await;
    }
    // The one on its way, and one for all who asked meanwhile.
    for _ in 0..2 {
        assert_eq!(text_message(&mut server).await[..4], [0x10, 0, 0, 1]);
    }
    connection.send(Input::WithdrawText);
    assert_eq!(text_message(&mut server).await, [8, 0, 0, 0]);
}
