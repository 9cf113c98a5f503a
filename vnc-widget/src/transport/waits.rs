//! How long the rest of messages that have begun is waited for.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// All waits of a connection.
#[derive(Default)]
pub(super) struct Waits(Mutex<State>);

#[derive(Default)]
struct State {
    /// How long those took that are over.
    over: Duration,
    /// When the one began that is not.
    since: Option<Instant>,
}

impl Waits {
    /// The rest of a message is waited for from now on, unless it was already.
    pub(super) fn begin(&self) {
        self.state().since.get_or_insert_with(Instant::now);
    }

    /// Something came.
    pub(super) fn end(&self) {
        let mut state = self.state();
        if let Some(since) = state.since.take() {
            state.over += since.elapsed();
        }
    }

    /// All of them together, up to now: one that goes on is no quiet time.
    pub(super) fn total(&self) -> Duration {
        let state = self.state();
        state.over + state.since.map_or(Duration::ZERO, |since| since.elapsed())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_wait_counts_while_it_goes_on_and_only_once() {
        let waits = Waits::default();
        let second = Duration::from_secs(1);
        tokio::time::advance(second).await;
        assert_eq!(waits.total(), Duration::ZERO);
        waits.begin();
        tokio::time::advance(second).await;
        assert_eq!(waits.total(), second);
        waits.begin();
        tokio::time::advance(second).await;
        waits.end();
        tokio::time::advance(second).await;
        waits.end();
        assert_eq!(waits.total(), 2 * second);
    }
}
