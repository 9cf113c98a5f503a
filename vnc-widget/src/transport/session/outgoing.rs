//! What waits to be sent.

use zeroize::Zeroize;

/// With so much waiting to be sent, nothing more is read or taken from the input: a server that
/// asks without listening fills its own buffers, not ours.
pub(super) const SEND_LIMIT: usize = 64 * 1024;

/// Bytes for the server, in the order in which they are sent. Passwords are among them, those that people
/// type included: each byte is wiped when it is sent, and what is never sent when this goes.
#[derive(Default)]
pub(super) struct Outgoing {
    /// Those that were sent, which are zeros, and those that wait.
    bytes: Vec<u8>,
    sent: usize,
    /// How many of those that wait are a text of this side's, or before one.
    bulk: usize,
}

impl Outgoing {
    /// What waits.
    pub(super) fn rest(&self) -> &[u8] {
        &self.bytes[self.sent..]
    }

    /// How many bytes wait.
    pub(super) fn waiting(&self) -> usize {
        self.bytes.len() - self.sent
    }

    /// Whether there is room for more.
    pub(super) fn has_room(&self) -> bool {
        self.waiting() < SEND_LIMIT
    }

    /// Whether there is room for answers to the server. A long text that this side sends does not
    /// count: a server that is writing meanwhile may have to be listened to before it reads on.
    pub(super) fn has_room_for_answers(&self) -> bool {
        self.waiting() - self.bulk < SEND_LIMIT
    }

    /// Whether a text is among what waits.
    pub(super) fn has_text(&self) -> bool {
        self.bulk > 0
    }

    /// All that waits now may take long: it ends with a text of this side's.
    pub(super) fn ends_with_text(&mut self) {
        self.bulk = self.waiting();
    }

    /// So many of those that wait are with the server.
    pub(super) fn advance(&mut self, count: usize) {
        let end = self.sent + count;
        self.bytes[self.sent..end].zeroize();
        self.sent = end;
        self.bulk = self.bulk.saturating_sub(count);
        if self.waiting() == 0 {
            self.bytes.clear();
            self.sent = 0;
            // What a text took is not kept for keys.
            self.bytes.shrink_to(SEND_LIMIT);
        }
    }

    /// Puts more behind what waits, and wipes what it was given.
    pub(super) fn push(&mut self, mut more: Vec<u8>) {
        if self.sent >= SEND_LIMIT {
            // A server that always leaves a little would have everything be kept.
            let waiting = self.waiting();
            self.bytes.copy_within(self.sent.., 0);
            self.bytes[waiting..].zeroize();
            self.bytes.truncate(waiting);
            self.sent = 0;
        }
        let needed = self.bytes.len() + more.len();
        if needed > self.bytes.capacity() {
            // A vector that grows by itself leaves a copy behind.
            let mut larger = Vec::with_capacity(needed.max(2 * self.bytes.capacity()));
            larger.extend_from_slice(&self.bytes);
            self.bytes.zeroize();
            self.bytes = larger;
        }
        self.bytes.extend_from_slice(&more);
        more.zeroize();
    }
}

impl Drop for Outgoing {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_pushed_comes_out_in_order() {
        let mut outgoing = Outgoing::default();
        let mut expected = Vec::new();
        let mut sent = Vec::new();
        for round in 0..200usize {
            let more: Vec<u8> = (0..round * 37 % 4099).map(|byte| byte as u8).collect();
            expected.extend_from_slice(&more);
            outgoing.push(more);
            // A little always waits.
            let count = outgoing.waiting().saturating_sub(round % 7);
            sent.extend_from_slice(&outgoing.rest()[..count]);
            outgoing.advance(count);
            assert!(outgoing.bytes.len() < 2 * SEND_LIMIT, "what was sent goes");
        }
        sent.extend_from_slice(outgoing.rest());
        assert_eq!(sent, expected);
    }

    #[test]
    fn what_was_sent_is_wiped() {
        let mut outgoing = Outgoing::default();
        outgoing.push(b"secret, and more".to_vec());
        outgoing.advance(6);
        assert_eq!(outgoing.bytes, b"\0\0\0\0\0\0, and more");
    }

    #[test]
    fn texts_leave_room_for_answers() {
        let mut outgoing = Outgoing::default();
        outgoing.push(vec![0; 4 * SEND_LIMIT]);
        outgoing.ends_with_text();
        assert!(!outgoing.has_room());
        assert!(outgoing.has_room_for_answers());
        outgoing.push(vec![0; SEND_LIMIT - 1]);
        assert!(outgoing.has_room_for_answers());
        // What is sent is of the text: no room is won by it.
        outgoing.advance(SEND_LIMIT);
        outgoing.push(vec![0]);
        assert!(!outgoing.has_room_for_answers());
        outgoing.advance(3 * SEND_LIMIT);
        assert!(!outgoing.has_room_for_answers(), "the text is through");
        outgoing.advance(1);
        assert!(outgoing.has_room_for_answers() && outgoing.has_room());
        outgoing.advance(SEND_LIMIT - 1);
        assert!(outgoing.bytes.capacity() <= SEND_LIMIT);
    }
}
