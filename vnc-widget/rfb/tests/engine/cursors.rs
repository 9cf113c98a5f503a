//! Pictures of the pointer in each of their forms.

use crate::server::*;
use rfb::{Cursor, Event};

#[test]
fn cursors_come_and_go() {
    let mut client = connected(1, 1);
    let shown = Server::default().update_of([1, 0, 2, 1], CURSOR, &[1, 2, 3, 0, 4, 5, 6, 0, 0x40]);
    let found = send(&mut client, &shown);
    let [Event::CursorChanged(Some(cursor)), Event::FrameComplete] = &found[..] else {
        panic!("{found:?}");
    };
    assert_eq!((cursor.hotspot_x, cursor.hotspot_y), (1, 0));
    assert_eq!(cursor.bytes(), [0, 0, 0, 0, 4, 5, 6, 255]);
    assert_eq!(
        send(
            &mut client,
            &Server::default().update_of([0; 4], CURSOR, &[])
        ),
        [Event::CursorChanged(None), Event::FrameComplete]
    );
}

/// The cursor that this leads to, however it is cut.
fn cursor(server: &Server) -> Option<Cursor> {
    let (mut told, _) = however_cut(server);
    assert_eq!(told.pop(), Some(Event::FrameComplete));
    match told.pop() {
        Some(Event::CursorChanged(cursor)) => cursor,
        other => panic!("{other:?}"),
    }
}

fn one(encoding: i32, data: &[u8]) -> Server {
    Server::default().update_of([1, 0, 2, 1], encoding, data)
}

#[test]
fn two_colours() {
    let found = cursor(&one(X_CURSOR, &[1, 2, 3, 4, 5, 6, 0x80, 0xc0])).unwrap();
    assert_eq!(found.bytes(), [3, 2, 1, 255, 6, 5, 4, 255]);
    assert_eq!((found.hotspot_x, found.width), (1, 2));
    let nothing = Server::default().update_of([0; 4], X_CURSOR, &[]);
    assert_eq!(cursor(&nothing), None);
}

#[test]
fn with_transparency() {
    let data = [0, 0, 0, 0, 10, 20, 30, 255, 50, 0, 25, 100];
    let found = cursor(&one(CURSOR_WITH_ALPHA, &data)).unwrap();
    assert_eq!(found.bytes(), [30, 20, 10, 255, 64, 0, 128, 100]);
    // QEMU, which is known by its pointer motion, has blue first.
    let qemu = Server::default().update_of([1, 0, 0, 0], POINTER_MOTION, &[]);
    let found = cursor(&qemu.raw(&one(CURSOR_WITH_ALPHA, &data).bytes)).unwrap();
    assert_eq!(found.bytes(), [10, 20, 30, 255, 128, 0, 64, 100]);
}

#[test]
fn of_vmware() {
    let alpha = cursor(&one(VMWARE_CURSOR, &[1, 0, 10, 20, 30, 255, 0, 0, 0, 0])).unwrap();
    assert_eq!(alpha.bytes(), [30, 20, 10, 255, 0, 0, 0, 0]);
    let masks = [0, 0, 0, 0, 0, 0, 255, 255, 255, 0, 1, 2, 3, 0, 0, 0, 0, 0];
    let classic = cursor(&one(VMWARE_CURSOR, &masks)).unwrap();
    assert_eq!(classic.bytes(), [1, 2, 3, 255, 0, 0, 0, 0]);
}

#[test]
fn malformed() {
    let start = Server::new(1, 1);
    let problem = |data: &Server| problem(&start.clone().raw(&data.bytes));
    for encoding in [CURSOR, X_CURSOR, CURSOR_WITH_ALPHA, VMWARE_CURSOR] {
        let wide = Server::default().update(1).rect([0, 0, 1025, 1], encoding);
        assert!(problem(&wide).contains("1025"), "{encoding}");
    }
    assert!(problem(&one(CURSOR_WITH_ALPHA, &[0, 0, 0, 7])).contains("encoding 7"));
    assert!(problem(&one(VMWARE_CURSOR, &[2, 0])).contains("kind 2"));
}
