//! Cuts what the server sent into the pieces the parser asks for.

use crate::error::{Error, Result};

/// What a parsing step did with the bytes at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// So many bytes at the front are dealt with. Zero is fine as long as the parser's state moved.
    Consumed(usize),
    /// As `Consumed`, and it was enough for now.
    Pause(usize),
    /// Nothing was done, and what follows is not for this parser.
    Stop,
    /// Nothing was done: at least so many bytes, counted from the front, have to be there first.
    Need(usize),
}

/// Holds bytes only while they are too few for the next step. Everything else is parsed where the
/// caller has it, without a copy.
#[derive(Default)]
pub(crate) struct InputBuffer {
    /// The beginning of a piece. Memory is taken as bytes arrive, not as lengths are announced.
    held: Vec<u8>,
    /// What the last step asked for; more than `held` has.
    needed: usize,
}

impl std::fmt::Debug for InputBuffer {
    /// Without what is in it: it may be of a text that somebody copied.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "InputBuffer({} bytes)", self.held.len())
    }
}

impl InputBuffer {
    /// Runs `step` over held and new bytes until it needs more than there are, or wants a pause.
    /// `bytes` then begins after those that were taken: empty in the first case, and only then, for
    /// a step may have work to do without any. After a stop it is as it was.
    pub(crate) fn feed(
        &mut self,
        bytes: &mut &[u8],
        mut step: impl FnMut(&[u8]) -> Result<Step>,
    ) -> Result<()> {
        while !self.held.is_empty() {
            // Only as much is added as the step wants: what follows can then be parsed in place.
            let missing = self.needed.saturating_sub(self.held.len());
            let (now, later) = bytes.split_at(missing.min(bytes.len()));
            self.held.extend_from_slice(now);
            *bytes = later;
            if now.len() < missing {
                return Ok(());
            }
            let mut start = 0;
            while start < self.held.len() {
                match step(&self.held[start..])? {
                    // What is held is about what one step asked for: not worth a pause.
                    Step::Consumed(count) | Step::Pause(count) => start += count,
                    // No step that leads to this asks for more than it takes.
                    Step::Stop => {
                        return Err(Error::protocol(
                            "the handshake",
                            "something came before its time",
                        ));
                    }
                    Step::Need(count) => {
                        self.needed = count.max(self.held.len() - start + 1);
                        break;
                    }
                }
            }
            self.held.drain(..start);
        }
        loop {
            match step(bytes)? {
                Step::Consumed(count) => *bytes = &bytes[count..],
                Step::Pause(count) => {
                    *bytes = &bytes[count..];
                    if !bytes.is_empty() {
                        return Ok(());
                    }
                }
                Step::Stop => return Ok(()),
                Step::Need(count) => {
                    self.needed = count.max(bytes.len() + 1);
                    self.held.extend_from_slice(bytes);
                    *bytes = &[];
                    return Ok(());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Records with a length byte in front, joined again.
    fn records(chunks: &[&[u8]]) -> Vec<Vec<u8>> {
        let mut found = Vec::new();
        let mut input = InputBuffer::default();
        for chunk in chunks {
            input
                .feed(&mut &chunk[..], |bytes| {
                    let Some(&length) = bytes.first() else {
                        return Ok(Step::Need(1));
                    };
                    let end = usize::from(length) + 1;
                    let Some(record) = bytes.get(1..end) else {
                        return Ok(Step::Need(end));
                    };
                    found.push(record.to_vec());
                    Ok(Step::Consumed(end))
                })
                .unwrap();
            assert!(input.held.len() <= 256);
        }
        found
    }

    proptest! {
        #[test]
        fn cuts_do_not_matter(
            lengths in prop::collection::vec(0..60usize, 0..30),
            cuts in prop::collection::vec(1..50usize, 1..20),
        ) {
            let expected: Vec<Vec<u8>> = lengths.iter().map(|&length| vec![7; length]).collect();
            let mut stream = Vec::new();
            for record in &expected {
                stream.push(record.len() as u8);
                stream.extend_from_slice(record);
            }
            let mut chunks = Vec::new();
            let mut rest = &stream[..];
            for cut in cuts.iter().cycle() {
                if rest.is_empty() {
                    break;
                }
                let (chunk, later) = rest.split_at((*cut).min(rest.len()));
                chunks.push(chunk);
                rest = later;
            }
            prop_assert_eq!(records(&chunks), expected);
        }
    }
}
