//! Sound between the network and the sound server.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;

use super::FORMAT;

/// Bytes of a second.
const fn bytes_per_second() -> usize {
    FORMAT.frequency as usize * FRAME
}

/// Bytes of one sample of both channels.
pub(super) const FRAME: usize = 4;

/// Sound that has waited longer than this is late: a click would be heard after what it caused is
/// seen. A quarter of a second.
const MOST: usize = bytes_per_second() / 4;

/// What is kept of it then, so that it does not come to this again at once.
const KEPT: usize = bytes_per_second() / 10;

/// Samples in their order. What comes too fast pushes the oldest out.
#[derive(Default)]
pub(super) struct Ring {
    samples: Mutex<VecDeque<u8>>,
    filled: Notify,
}

impl Ring {
    fn samples(&self) -> MutexGuard<'_, VecDeque<u8>> {
        self.samples.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds samples, whole ones of both channels.
    pub(super) fn push(&self, data: &[u8]) {
        let mut samples = self.samples();
        // No more is ever of use.
        let start = data.len().saturating_sub(MOST).next_multiple_of(FRAME);
        samples.extend(data.get(start..).unwrap_or_default());
        if samples.len() > MOST {
            let late = (samples.len() - KEPT).next_multiple_of(FRAME);
            samples.drain(..late);
        }
        drop(samples);
        self.filled.notify_one();
    }

    /// Takes at most so many bytes, whole samples of both channels.
    pub(super) fn take(&self, most: usize) -> Vec<u8> {
        let mut samples = self.samples();
        let count = most.min(samples.len()) / FRAME * FRAME;
        samples.drain(..count).collect()
    }

    /// Forgets what waits.
    pub(super) fn clear(&self) {
        self.samples().clear();
    }

    /// Waits until something was added.
    pub(super) async fn filled(&self) {
        self.filled.notified().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_in_goes_out_in_order() {
        let ring = Ring::default();
        ring.push(&[1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(ring.take(7), [1, 2, 3, 4]);
        assert_eq!(ring.take(100), [5, 6, 7, 8]);
        assert_eq!(ring.take(100), []);
    }

    #[test]
    fn late_sound_is_dropped_in_whole_samples() {
        let ring = Ring::default();
        for sample in 0..100_000u32 {
            ring.push(&sample.to_le_bytes());
            assert!(ring.samples().len() <= MOST);
        }
        let left = ring.take(usize::MAX);
        assert!(left.len() >= KEPT - FRAME);
        assert_eq!(left[left.len() - 4..], 99_999u32.to_le_bytes());
        let (samples, rest) = left.as_chunks::<4>();
        assert!(rest.is_empty());
        let samples: Vec<u32> = samples.iter().map(|s| u32::from_le_bytes(*s)).collect();
        assert!(samples.windows(2).all(|pair| pair[0] + 1 == pair[1]));
    }

    #[test]
    fn more_than_there_is_room_for_at_once() {
        let ring = Ring::default();
        ring.push(&vec![7; MOST * 3]);
        assert!((KEPT..=MOST).contains(&ring.take(usize::MAX).len()));
    }
}
