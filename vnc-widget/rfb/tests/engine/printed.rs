//! What ends up in logs: people copy and type passwords, and read letters on their screens.

use rfb::{Client, ClientConfig, Event};

#[test]
fn texts_are_not_printed() {
    let text = Event::CutText("secret".into());
    assert_eq!(format!("{text:?}"), "CutText(ClipboardText(6 bytes))");
}

/// Nor what was drawn, whatever it came in.
#[test]
fn clients_are_printed_without_what_they_hold() {
    let print = |client: &Client| format!("{client:?}");
    let before = print(&Client::new(ClientConfig::default())).len();
    for (name, recording) in crate::recordings::recordings() {
        let mut client = Client::new(ClientConfig::default());
        let middle = recording.len() / 2;
        client.receive(&recording[..middle]).unwrap();
        let printed = print(&client);
        assert!(
            printed.len() < before + 2048,
            "{name}: {} bytes",
            printed.len()
        );
    }
}
