//! What waits for the owner: bytes for the server and events.

use std::collections::VecDeque;

use zeroize::Zeroize;

use crate::event::Event;

/// A text or cursor above this size takes the place of an older one that nobody has looked at:
/// a few bytes of a compressed text may stand for megabytes.
const LARGE: usize = 64 << 10;

#[derive(Default)]
pub(crate) struct Outbox {
    pub(crate) bytes: Vec<u8>,
    events: VecDeque<Event>,
}

impl std::fmt::Debug for Outbox {
    /// Without what is in it: there may be passwords, and what somebody copied.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Outbox")
            .field("bytes", &self.bytes.len())
            .field("events", &self.events.len())
            .finish()
    }
}

impl Drop for Outbox {
    /// Nobody takes the password any more that may be in it.
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

impl Outbox {
    /// Queues an event. One bell is as good as ten thousand, and of large texts and cursors only
    /// the latest is of any use.
    pub(crate) fn event(&mut self, event: Event) {
        if event == Event::Bell && self.events.back() == Some(&Event::Bell) {
            return;
        }
        if size(&event) > LARGE {
            let kind = std::mem::discriminant(&event);
            self.events
                .retain(|older| std::mem::discriminant(older) != kind);
        }
        self.events.push_back(event);
    }

    pub(crate) fn next_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }
}

/// Bytes that an event holds, of the kinds of which the latest is enough.
fn size(event: &Event) -> usize {
    match event {
        Event::CutText(text) => text.len(),
        Event::CursorChanged(Some(cursor)) => cursor.bytes().len(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_large_text_is_enough() {
        let mut outbox = Outbox::default();
        let large = |letter: &str| Event::CutText(letter.repeat(LARGE + 1).into());
        outbox.event(Event::CutText("small".into()));
        outbox.event(large("a"));
        outbox.event(Event::Bell);
        outbox.event(large("b"));
        outbox.event(Event::CutText("small".into()));
        let events: Vec<Event> = std::iter::from_fn(|| outbox.next_event()).collect();
        assert_eq!(
            events,
            [Event::Bell, large("b"), Event::CutText("small".into())]
        );
    }
}
