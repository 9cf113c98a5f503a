//! The keeper moved by hand, message by message, against the test driver.

use std::time::Duration;

use super::*;
use crate::error::{Error, ErrorKind};
use crate::events::Happening;
use crate::link::LinkListener as _;
use crate::listing::Facts;
use crate::model::{GuestState, MemorySize, VcpuCount};

const URI: &str = "test:///default";

/// The next message, with which the keeper is not moved yet.
async fn next(messages: &mut mpsc::UnboundedReceiver<Message>) -> Message {
    tokio::time::timeout(Duration::from_mins(2), messages.recv())
        .await
        .expect("a message comes")
        .expect("the keeper lives")
}

/// Moves the keeper until the list of its guests was read.
async fn until_listed(keeper: &mut Keeper, messages: &mut mpsc::UnboundedReceiver<Message>) {
    while !keeper.listed {
        let message = next(messages).await;
        assert!(keeper.handle(message).is_continue());
    }
}

/// A stand-in for a guest of no interest.
fn somebody() -> GuestId {
    GuestId(uuid::Uuid::from_u128(7))
}

#[tokio::test]
async fn events_before_the_connection_is_taken_do_not_swallow_later_ones() {
    let (mut keeper, mut messages, _post) = prepare(URI, &Handle::current(), None);
    keeper.open();
    let opened = next(&mut messages).await;
    assert!(matches!(opened, Message::Opened { result: Ok(_), .. }));
    // Told by the new connection before the keeper has seen it.
    let listener = keeper.listener(keeper.line.present().epoch);
    listener.happened(somebody(), Happening::Metadata);
    let early = next(&mut messages).await;
    assert!(keeper.handle(early).is_continue());
    assert!(keeper.handle(opened).is_continue());
    until_listed(&mut keeper, &mut messages).await;

    listener.happened(somebody(), Happening::Metadata);
    loop {
        if let Message::Stale { .. } = next(&mut messages).await {
            break;
        }
    }
}

#[tokio::test]
async fn what_an_old_connection_tells_does_not_swallow_what_the_new_one_tells() {
    let (mut keeper, mut messages, _post) = prepare(URI, &Handle::current(), None);
    keeper.open();
    until_listed(&mut keeper, &mut messages).await;
    let old = keeper.listener(keeper.line.present().epoch);
    keeper.drop_link();
    keeper.open();
    keeper.listed = false;
    until_listed(&mut keeper, &mut messages).await;

    old.happened(somebody(), Happening::Metadata);
    let new_epoch = keeper.line.present().epoch;
    keeper
        .listener(new_epoch)
        .happened(somebody(), Happening::Metadata);
    loop {
        match next(&mut messages).await {
            Message::Stale { epoch } if epoch == new_epoch => break,
            _ => {}
        }
    }
}

#[tokio::test]
async fn connections_that_break_at_once_are_made_anew_with_growing_pauses() {
    let (mut keeper, mut messages, _post) = prepare(URI, &Handle::current(), None);
    for seconds in [1, 2, 4] {
        keeper.open();
        keeper.listed = false;
        until_listed(&mut keeper, &mut messages).await;
        let epoch = keeper.line.present().epoch;
        let before = Instant::now();
        assert!(keeper.handle(Message::Lost { epoch }).is_continue());
        let after = Instant::now();
        assert!(keeper.opening_since.is_none(), "not at once");
        let HostState::Failed {
            retry_at: Some(at), ..
        } = keeper.snapshot.state
        else {
            panic!("{:?}", keeper.snapshot.state);
        };
        let pause = Duration::from_secs(seconds);
        assert!(
            (before + pause..=after + pause).contains(&at),
            "{seconds} s: {:?} to {:?}",
            at - after,
            at - before
        );
    }
}

#[tokio::test]
async fn one_reading_of_figures_and_of_facts_at_a_time() {
    let (mut keeper, mut messages, _post) = prepare(URI, &Handle::current(), None);
    keeper.open();
    until_listed(&mut keeper, &mut messages).await;
    keeper.set_interest(true);
    let later = Instant::now() + Duration::from_secs(100);
    keeper.on_timer(later);
    assert!(keeper.reading_figures);
    let due = keeper.figures_due;
    // Whatever else the timer wakes for.
    keeper.on_timer(later + Duration::from_secs(100));
    assert_eq!(keeper.figures_due, due, "the next is not begun");

    keeper.snapshot.info = None;
    for _ in 0..5 {
        keeper.answers();
    }
    // Every reading under way has the line; the keeper and its post keep it.
    while Arc::strong_count(&keeper.line.present) > 2 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let mut facts = 0;
    while let Ok(message) = messages.try_recv() {
        facts += usize::from(matches!(message, Message::Info { .. }));
    }
    assert_eq!(facts, 1);
}

#[tokio::test]
async fn attempts_that_hang_are_few_and_the_first_to_get_through_counts() {
    let (mut keeper, mut messages, _post) = prepare(URI, &Handle::current(), None);
    keeper.patience = Some(OPEN_ABANDONED);
    keeper.open();
    // Nobody hears how they end: so they hang.
    for expected in [1, 2, 2, 2] {
        assert_eq!(
            keeper.may_abandon(),
            keeper.hangs < 2 || !keeper.abandoned[0].is_cut
        );
        let patience = keeper.open_abandoned().unwrap();
        keeper.on_timer(Instant::now() + patience);
        assert_eq!(keeper.abandoned.len(), expected);
        assert!(keeper.opening_since.is_some());
    }
    assert!(keeper.abandoned[0].is_cut, "the oldest is to make room");
    assert!(matches!(
        keeper.snapshot.state,
        HostState::NotAnswering { .. }
    ));
    // They come in any order; what comes of the one that was ended does not count.
    for left in (0..=MOST_ABANDONED).rev() {
        let ended = loop {
            let message = next(&mut messages).await;
            let epoch = match message {
                Message::Opened { epoch, .. } => Some(epoch),
                _ => None,
            };
            assert!(keeper.handle(message).is_continue());
            if let Some(epoch) = epoch {
                break epoch;
            }
        };
        let oldest_only = ended == 1 && left == MOST_ABANDONED;
        assert_eq!(keeper.line.present().link.is_none(), oldest_only);
        assert_eq!(keeper.opening_since.is_some(), oldest_only);
    }
    assert!(keeper.abandoned.is_empty());
    until_listed(&mut keeper, &mut messages).await;
    assert_eq!(keeper.snapshot.state, HostState::Connected);
}

#[test]
fn whoever_may_be_asked_for_a_password_has_time_to_answer() {
    assert_eq!(patience("qemu:///system"), None);
    assert_eq!(patience("qemu+ssh://far/system"), Some(SSH_ABANDONED));
    assert_eq!(patience("xen+libssh2://far/"), Some(SSH_ABANDONED));
    assert_eq!(patience("qemu+tcp://far/system"), Some(OPEN_ABANDONED));
    assert_eq!(patience("qemu://far/system"), Some(OPEN_ABANDONED));
}

#[tokio::test]
async fn closing_ends_what_is_under_way_and_opening_anew_starts_afresh() {
    let (mut keeper, mut messages, _post) = prepare(URI, &Handle::current(), None);
    keeper.was_up = true;
    for _ in 0..=MOST_ABANDONED {
        keeper.open();
        assert!(keeper.handle(Message::Close).is_continue());
        assert_eq!(keeper.snapshot.state, HostState::Closed);
        assert!(keeper.opening_since.is_none() && !keeper.was_up);
    }
    // As many hang as may: the next one has to wait for their end.
    assert!(keeper.handle(Message::Reconnect).is_continue());
    assert!(matches!(
        keeper.snapshot.state,
        HostState::Failed {
            retry_at: Some(_),
            ..
        }
    ));
    while !keeper.abandoned.is_empty() {
        let message = next(&mut messages).await;
        assert!(keeper.handle(message).is_continue());
        assert!(keeper.line.present().link.is_none(), "they were ended");
    }
    assert!(keeper.handle(Message::Reconnect).is_continue());
    until_listed(&mut keeper, &mut messages).await;
    assert_eq!(keeper.snapshot.state, HostState::Connected);
}

#[tokio::test]
async fn a_network_that_gives_up_waiting_leaves_the_host_silent_and_is_tried_again() {
    let (mut keeper, _messages, _post) = prepare(URI, &Handle::current(), None);
    keeper.was_up = true;
    let last_heard = keeper.line.pulse.last();
    let unreachable = || Error::new(ErrorKind::Unreachable, "It cannot be reached.");
    keeper.opening_since = Instant::now().checked_sub(OPEN_PATIENCE);
    keeper.opened(Err(unreachable()));
    assert_eq!(
        keeper.snapshot.state,
        HostState::NotAnswering { since: last_heard },
        "its age counts from when it was heard, not from the attempt"
    );
    assert!(keeper.next_timer().is_some(), "it is tried again");
    keeper.on_timer(Instant::now() + Duration::from_mins(1));
    assert!(keeper.opening_since.is_some());

    // One that is turned away at once is told why.
    keeper.opening_since = Some(Instant::now());
    keeper.opened(Err(unreachable()));
    assert!(matches!(keeper.snapshot.state, HostState::Failed { .. }));
}

#[tokio::test]
async fn a_host_that_waits_for_a_person_is_not_a_silent_one() {
    let (mut keeper, _messages, _post) = prepare(URI, &Handle::current(), None);
    let begin = Instant::now();
    keeper.opening_since = Some(begin);
    assert!(
        keeper
            .handle(Message::Asking {
                epoch: 0,
                asking: true
            })
            .is_continue()
    );
    let much_later = begin + Duration::from_hours(1);
    keeper.on_timer(much_later);
    assert_eq!(keeper.snapshot.state, HostState::Connecting);
    assert_eq!(keeper.next_timer(), None, "nothing is waited for");
    // Another attempt would ask the same beside the first.
    keeper.reconnect();
    assert!(!keeper.wants_reopening);

    // From the answer on it is the host's turn.
    assert!(
        keeper
            .handle(Message::Asking {
                epoch: 0,
                asking: false
            })
            .is_continue()
    );
    keeper.on_timer(Instant::now() + OPEN_PATIENCE);
    assert!(matches!(
        keeper.snapshot.state,
        HostState::NotAnswering { .. }
    ));
    // A question that comes late shows that it does answer.
    assert!(
        keeper
            .handle(Message::Asking {
                epoch: 0,
                asking: true
            })
            .is_continue()
    );
    assert_eq!(keeper.snapshot.state, HostState::Connecting);
}

#[tokio::test]
async fn what_a_person_refused_is_not_tried_again_by_itself() {
    let (mut keeper, _messages, _post) = prepare(URI, &Handle::current(), None);
    keeper.was_up = true;
    for (kind, asked, again) in [
        (ErrorKind::Cancelled, true, false),
        (ErrorKind::AuthenticationFailed, true, false),
        (ErrorKind::AuthenticationFailed, false, true),
        (ErrorKind::Unreachable, true, true),
    ] {
        keeper.failed(Error::new(kind, "x"), asked);
        let HostState::Failed { retry_at, .. } = &keeper.snapshot.state else {
            panic!("{:?}", keeper.snapshot.state);
        };
        assert_eq!(retry_at.is_some(), again, "{kind:?}, asked: {asked}");
    }
}

#[tokio::test]
async fn a_guest_that_reboots_never_looks_off_whatever_the_order_of_what_is_told() {
    let (mut keeper, mut messages, _post) = prepare(URI, &Handle::current(), None);
    keeper.open();
    until_listed(&mut keeper, &mut messages).await;
    let epoch = keeper.line.present().epoch;
    let mut moment = keeper.clock;
    // What is read after each of the events, and what is shown then.
    let mut read = |keeper: &mut Keeper, state, domain_id| {
        let facts = Facts {
            id: somebody(),
            name: "xen-guest".into(),
            domain_id,
            state,
            memory: MemorySize::default(),
            vcpus: VcpuCount::default(),
        };
        moment += 1000;
        let look = Look {
            facts: Some((facts, Traits::default())),
            definition: None,
        };
        let looks = vec![(somebody(), Ok(look))];
        let message = Message::Looked {
            epoch,
            moment,
            looks,
        };
        assert!(keeper.handle(message).is_continue());
        keeper.guests.get(somebody()).unwrap().state
    };
    let reboots = keeper.line.reboots.clone();
    let running = read(&mut keeper, GuestState::Running, Some(3));
    assert_eq!(running, GuestState::Running);
    reboots.note(somebody(), Some(3), Instant::now());
    for (state, domain_id, shown) in [
        // "Started" comes first, "stopped" after it.
        (GuestState::Off, None, GuestState::Rebooting),
        (GuestState::Running, Some(4), GuestState::Running),
        (GuestState::Off, None, GuestState::Rebooting),
        (GuestState::Running, Some(4), GuestState::Running),
    ] {
        assert_eq!(read(&mut keeper, state, domain_id), shown);
    }
    // When it is waited for no longer it is read anew, and is what it is.
    let end = reboots.next_end().unwrap();
    assert!(keeper.next_timer().unwrap() <= end);
    keeper.on_timer(end);
    assert_eq!(reboots.next_end(), None);
    assert_eq!(read(&mut keeper, GuestState::Off, None), GuestState::Off);
}
