//! Fences: marks in the stream that the other side sends back (TigerVNC's fence extension).

use std::collections::VecDeque;

/// The longest payload either side may send.
pub(crate) const MAX_PAYLOAD: usize = 64;

/// The most answers that are held back. A server that asks for more gets the oldest at once.
const MAX_HELD: usize = 1024;

/// Everything before the fence is to be dealt with before it is answered.
const BLOCK_BEFORE: u32 = 1 << 0;
/// Nothing after the fence is to be dealt with before it is answered.
const BLOCK_AFTER: u32 = 1 << 1;
/// What follows the fence is to be dealt with together with the answer.
const SYNC_NEXT: u32 = 1 << 2;
/// The other side is to answer.
const REQUEST: u32 = 1 << 31;

/// The flags that there are. Others are never answered: their meaning may demand more than we do.
const KNOWN: u32 = BLOCK_BEFORE | BLOCK_AFTER | SYNC_NEXT;

/// A mark: its flags and what it carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fence {
    flags: u32,
    payload: Vec<u8>,
}

impl Fence {
    pub(crate) fn new(flags: u32, payload: &[u8]) -> Self {
        Self {
            flags,
            payload: payload.to_vec(),
        }
    }

    /// One that the server sends back after dealing with everything before it.
    pub(crate) fn request(payload: &[u8]) -> Self {
        Self::new(REQUEST | BLOCK_BEFORE, payload)
    }

    /// Whether it is to be sent back, or has come back.
    pub(crate) fn is_request(&self) -> bool {
        self.flags & REQUEST != 0
    }

    pub(crate) fn into_payload(self) -> Vec<u8> {
        self.payload
    }

    /// What is sent back. Messages are dealt with one after the other, so that whatever the flags
    /// ask for is kept by answering in turn.
    fn answer(mut self) -> Self {
        self.flags &= KNOWN;
        self
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&[248, 0, 0, 0]);
        out.extend_from_slice(&self.flags.to_be_bytes());
        out.push(self.payload.len() as u8);
        out.extend_from_slice(&self.payload);
    }
}

/// The server's fences that have to be answered.
#[derive(Debug, Default)]
pub(crate) struct Fences {
    holding: bool,
    held: VecDeque<Fence>,
}

impl Fences {
    /// A fence that the server wants back.
    pub(crate) fn requested(&mut self, fence: Fence, out: &mut Vec<u8>) {
        self.held.push_back(fence.answer());
        let keep = if self.holding { MAX_HELD } else { 0 };
        self.release(keep, out);
    }

    /// Holds answers back from now on, or lets them go.
    pub(crate) fn hold(&mut self, hold: bool, out: &mut Vec<u8>) {
        self.holding = hold;
        if !hold {
            self.release(0, out);
        }
    }

    /// Sends the oldest until so many are left.
    fn release(&mut self, keep: usize, out: &mut Vec<u8>) {
        while self.held.len() > keep {
            if let Some(fence) = self.held.pop_front() {
                fence.write(out);
            }
        }
    }
}
