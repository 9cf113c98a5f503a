//! Sound, power, and changes of what is asked for.

use crate::server::*;
use rfb::{
    AudioEvent, AudioFormat, ClientConfig, Encoding, EncodingPreference, Event, PowerAction,
    Subsampling,
};

/// A message about sound.
fn sound(operation: u16) -> Server {
    Server::default().raw(&[255, 1]).u16s(&[operation])
}

fn data(bytes: &[u8]) -> Server {
    sound(2).u32(bytes.len() as u32).raw(bytes)
}

fn listening() -> rfb::Client {
    let mut client = connected(1, 1);
    send(
        &mut client,
        &Server::default().update_of([0; 4], AUDIO, &[]),
    );
    assert!(client.start_audio(AudioFormat::default()));
    client.take_output();
    client
}

#[test]
fn sound_is_asked_for() {
    let offer = Server::default().update_of([0; 4], AUDIO, &[]);
    let (told, answer) = however_cut(&offer);
    assert_eq!(
        told,
        [Event::Audio(AudioEvent::Available), Event::FrameComplete]
    );
    assert_eq!(answer, []);
    let mut client = connected(1, 1);
    assert!(!client.can_play_audio());
    assert!(!client.start_audio(AudioFormat::default()));
    client.stop_audio();
    assert!(!client.has_output());
    send(&mut client, &offer);
    // Once is enough.
    assert_eq!(send(&mut client, &offer), [Event::FrameComplete]);
    assert!(client.start_audio(AudioFormat::default()));
    assert_eq!(
        client.take_output(),
        [255, 1, 0, 2, 3, 2, 0, 0, 0xbb, 0x80, 255, 1, 0, 0]
    );
    client.stop_audio();
    assert_eq!(client.take_output(), [255, 1, 0, 1]);
    client.stop_audio();
    assert!(!client.has_output());
}

#[test]
fn sound_comes_in_pieces() {
    let mut client = listening();
    let server = sound(1)
        .raw(&data(&[1, 2, 3, 4]).bytes)
        .raw(&data(&[]).bytes)
        .raw(&data(&vec![9; 100_000]).bytes)
        .raw(&sound(0).bytes)
        .raw(&[2]);
    let expected = |told: Vec<Event>| {
        let [
            Event::Audio(AudioEvent::Started),
            Event::Audio(AudioEvent::Data(first)),
            Event::Audio(AudioEvent::Data(second)),
            Event::Audio(AudioEvent::Data(third)),
            Event::Audio(AudioEvent::Stopped),
            Event::Bell,
        ] = &told[..]
        else {
            panic!("{told:?}");
        };
        assert_eq!(first, &[1, 2, 3, 4]);
        assert_eq!(second.len(), 65536);
        assert_eq!(third.len(), 100_000 - 65536);
    };
    expected(send(&mut client, &server));
    let mut told = Vec::new();
    for byte in server.bytes.chunks(1) {
        client.receive(byte).unwrap();
        told.extend(events(&mut client));
    }
    expected(told);
}

#[test]
fn sound_that_nobody_wants_is_dropped() {
    let server = sound(1).raw(&data(&[5; 1000]).bytes).raw(&sound(0).bytes);
    assert_eq!(however_cut(&server).0, []);
    let mut client = listening();
    client.stop_audio();
    assert_eq!(send(&mut client, &server), []);
    // However much is announced, nothing is held.
    let mut client = listening();
    client.receive(&sound(2).u32(u32::MAX).bytes).unwrap();
    let block = vec![0; 65536];
    for _ in 0..100 {
        client.receive(&block).unwrap();
        assert_eq!(events(&mut client).len(), 1);
    }
}

#[test]
fn operations_and_messages_that_do_not_exist() {
    let start = Server::new(1, 1);
    let problem = |bytes: &[u8]| problem(&start.clone().raw(bytes));
    assert!(problem(&sound(3).bytes).contains("audio operation 3"));
    assert!(problem(&[255, 0]).contains("255, 0"));
    assert!(problem(&[255, 7]).contains("255, 7"));
}

#[test]
fn power() {
    let xvp = |code| Server::default().raw(&[250, 0, 1, code]);
    let (told, _) = however_cut(&xvp(1).raw(&xvp(1).bytes).raw(&xvp(0).bytes));
    assert_eq!(told, [Event::PowerAvailable, Event::PowerFailed]);
    let mut client = connected(1, 1);
    assert!(!client.power(PowerAction::Reset));
    send(&mut client, &xvp(1));
    assert!(client.can_power());
    for (action, code) in [
        (PowerAction::Shutdown, 2),
        (PowerAction::Reboot, 3),
        (PowerAction::Reset, 4),
    ] {
        assert!(client.power(action));
        assert_eq!(client.take_output(), [250, 0, 1, code]);
    }
    // Codes without a meaning have none.
    assert_eq!(send(&mut client, &xvp(99)), []);
}

#[test]
fn quality_may_change_at_any_time() {
    let mut client = rfb::Client::new(ClientConfig::basic());
    // Before there is anybody to tell.
    client.set_quality(Some(3));
    assert!(!client.has_output());
    client.receive(&Server::new(1, 1).bytes).unwrap();
    let numbers = |output: &[u8]| -> Vec<i32> {
        assert_eq!(output[..2], [2, 0]);
        let (numbers, rest) = output[4..].as_chunks();
        assert!(rest.is_empty());
        numbers.iter().copied().map(i32::from_be_bytes).collect()
    };
    let first = numbers(&client.take_output()[12 + 1 + 1 + 20..]);
    assert!(first.contains(&-29));
    client.set_quality(Some(3));
    assert!(!client.has_output(), "nothing changed");
    client.set_quality(None);
    client.take_output();
    client.set_compression(Some(2));
    client.take_output();
    client.set_fine_quality(Some(50), Some(Subsampling::Grey));
    client.take_output();
    client.set_encodings(EncodingPreference::only(Encoding::Zrle));
    let last = numbers(&client.take_output());
    assert_eq!(last[0], ZRLE);
    assert!(!last.contains(&-29));
    assert!(
        [-254, -462, -765]
            .iter()
            .all(|number| last.contains(number))
    );
}
