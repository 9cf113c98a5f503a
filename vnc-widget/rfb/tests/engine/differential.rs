//! What real servers sent: decoded by two programs, and cut into pieces in every way.

use proptest::prelude::*;
use rfb::{Client, ClientConfig, Encoding, Event};

use crate::{recordings::recordings, second_opinion};

/// How much of a recording is cut at every byte.
const CUT_EVERYWHERE: usize = 64 << 10;

/// Everything an owner can see after `pieces` have been received one by one.
fn outcome<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> (Client, Vec<Event>) {
    let mut client = Client::new(ClientConfig::default());
    let mut events = Vec::new();
    for piece in pieces {
        client.receive(piece).unwrap();
        events.extend(std::iter::from_fn(|| client.next_event()));
    }
    (client, events)
}

fn assert_same(whole: &(Client, Vec<Event>), cut: &(Client, Vec<Event>), name: &str) {
    assert!(
        whole.0.framebuffer() == cut.0.framebuffer(),
        "{name}: pixels"
    );
    assert_eq!(whole.0.statistics(), cut.0.statistics(), "{name}");
    assert!(whole.1 == cut.1, "{name}: events");
}

#[test]
fn recordings_show_what_vnc_rs_shows() {
    let mut compared = 0;
    for (name, recording) in recordings() {
        let (client, _) = outcome([&recording[..]]);
        let known = [
            Encoding::Raw,
            Encoding::CopyRect,
            Encoding::Tight,
            Encoding::Zrle,
        ];
        let mut seen = client.statistics().encodings_seen();
        if seen.any(|encoding| !known.contains(&encoding)) {
            continue; // which vnc-rs does not know
        }
        let framebuffer = client.framebuffer();
        let other = second_opinion::decode(&recording).unwrap();
        assert_eq!(
            (other.width, other.height),
            (framebuffer.width().into(), framebuffer.height().into())
        );
        let ours = framebuffer.pixels().as_chunks::<4>().0;
        let different = ours
            .iter()
            .zip(&other.pixels)
            .filter(|(ours, theirs)| ours[..3] != theirs[..3])
            .count();
        assert_eq!(different, 0, "{name}: pixels that differ");
        assert!(client.statistics().updates > 5, "{name}");
        assert_eq!(
            client.statistics().bytes_understood,
            client.statistics().bytes_received,
            "{name} is cut off"
        );
        compared += 1;
    }
    assert!(compared >= 5);
}

#[test]
fn each_encoding_has_been_recorded() {
    let mut seen: Vec<&str> = recordings()
        .iter()
        .flat_map(|(_, recording)| {
            let (client, _) = outcome([&recording[..]]);
            let seen: Vec<_> = client.statistics().encodings_seen().collect();
            seen
        })
        .map(Encoding::name)
        .collect();
    seen.sort_unstable();
    seen.dedup();
    // Of TRLE and ZlibHex there is no server at hand: `pictures` has an encoder for them.
    let wanted = [
        "CoRRE", "CopyRect", "Hextile", "RRE", "Raw", "Tight", "TightPNG", "ZRLE", "Zlib",
    ];
    assert_eq!(seen, wanted);
}

#[test]
fn one_byte_at_a_time() {
    for (name, recording) in recordings() {
        let whole = outcome([&recording[..]]);
        let (start, rest) = recording.split_at(recording.len().min(CUT_EVERYWHERE));
        let cut = outcome(start.chunks(1).chain([rest]));
        assert_same(&whole, &cut, &name);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn pieces_of_any_size(sizes in prop::collection::vec(1..9000usize, 1..40)) {
        for (name, recording) in recordings() {
            let whole = outcome([&recording[..]]);
            let mut rest = &recording[..];
            let pieces = sizes.iter().cycle().map_while(|&size| {
                let (piece, later) = rest.split_at(size.min(rest.len()));
                rest = later;
                (!piece.is_empty()).then_some(piece)
            });
            assert_same(&whole, &outcome(pieces), &name);
        }
    }
}

/// Cut into two at every place of the beginning: what has arrived is decoded as far as it goes,
/// and goes on from there.
#[test]
fn in_two_at_every_byte() {
    for (name, recording) in recordings() {
        // An update is enough, for each cut decodes all of it again.
        let end = first_updates(&recording, 2).min(CUT_EVERYWHERE);
        let recording = &recording[..end];
        let whole = outcome([recording]);
        let step = (end / 4000).max(1);
        for place in (0..end).step_by(step) {
            let (first, second) = recording.split_at(place);
            assert_same(&whole, &outcome([first, second]), &name);
        }
    }
}

/// Where so many updates end.
fn first_updates(recording: &[u8], count: u64) -> usize {
    let mut client = Client::new(ClientConfig::default());
    for (index, byte) in recording.chunks(1).enumerate() {
        client.receive(byte).unwrap();
        if client.statistics().updates == count {
            return index + 1;
        }
    }
    recording.len()
}
