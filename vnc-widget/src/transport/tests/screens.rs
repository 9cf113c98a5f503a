//! Several screens on their way through the transport.

use rfb::{Rect, Screen};

use super::{
    extras::news,
    server::{Message, Server},
    session,
};
use crate::transport::Input;

fn screen(id: u32, area: [u16; 4]) -> Screen {
    let [x, y, width, height] = area;
    Screen {
        id,
        area: Rect::new(x, y, width, height),
        flags: 9,
    }
}

/// The server's framebuffer has this size, and these screens (`ExtendedDesktopSize`).
async fn arrange(server: &mut Server, size: [u16; 2], screens: &[Screen]) {
    let mut data = vec![screens.len() as u8, 0, 0, 0];
    for screen in screens {
        data.extend(screen.id.to_be_bytes());
        let Rect {
            x,
            y,
            width,
            height,
        } = screen.area;
        data.extend([x, y, width, height].map(u16::to_be_bytes).concat());
        data.extend(screen.flags.to_be_bytes());
    }
    server
        .rectangle([0, 0, size[0], size[1]], -308, &data)
        .await;
}

#[tokio::test(start_paused = true)]
async fn screens_are_told_and_asked_for() {
    let (connection, mut server) = session().await;
    let both = [screen(5, [0, 0, 8, 8]), screen(6, [8, 0, 10, 8])];
    // Nobody has said that there is such a thing.
    connection.send(Input::Screens(both.to_vec()));
    arrange(&mut server, [18, 8], &both).await;
    let told = news(&connection, |news| news.screens).await;
    assert_eq!(*told, both);
    assert_eq!(
        server.message().await,
        Message::Update { incremental: false }
    );
    // One of both has another size.
    connection.send(Input::ScreenSize {
        id: 5,
        width: 6,
        height: 9,
    });
    let wanted = vec![screen(5, [0, 0, 6, 9]), screen(6, [6, 0, 10, 8])];
    assert_eq!(server.message().await, Message::Screens([16, 9], wanted));
    // What makes no sense, or is not there, is not asked for; the next thing is.
    for input in [
        Input::ScreenSize {
            id: 7,
            width: 6,
            height: 9,
        },
        Input::ScreenSize {
            id: 5,
            width: 0,
            height: 9,
        },
        Input::Screens(Vec::new()),
        Input::Screens(vec![screen(1, [0, 0, 2, 2]), screen(1, [2, 0, 2, 2])]),
    ] {
        connection.send(input);
    }
    let one = vec![screen(8, [0, 0, 7, 7])];
    connection.send(Input::Screens(one.clone()));
    assert_eq!(server.message().await, Message::Screens([7, 7], one));
}
