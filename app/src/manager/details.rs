//! Which guests' definitions are to be fetched: those in sight first, few at a time.

use std::collections::{HashSet, VecDeque};

use crate::hosts::HostId;
use crate::manager::rows::RowKey;

/// How many definitions are fetched at the same time.
const AT_ONCE: usize = 4;

/// The queue of definitions to fetch. Each is asked for once per connection.
#[derive(Debug, Default)]
pub struct DetailQueue {
    waiting: VecDeque<RowKey>,
    asked: HashSet<RowKey>,
    running: usize,
}

impl DetailQueue {
    /// Wants those guests' definitions before the ones wanted earlier.
    pub fn want_first(&mut self, keys: impl DoubleEndedIterator<Item = RowKey>) {
        for key in keys.rev() {
            if self.asked.contains(&key) {
                continue;
            }
            self.waiting.retain(|waiting| *waiting != key);
            self.waiting.push_front(key);
        }
    }

    /// Wants those guests' definitions after the ones wanted earlier.
    pub fn want(&mut self, keys: impl Iterator<Item = RowKey>) {
        let waiting: HashSet<RowKey> = self.waiting.iter().copied().collect();
        let fresh = keys.filter(|key| !self.asked.contains(key) && !waiting.contains(key));
        self.waiting.extend(fresh);
    }

    /// The next definition to fetch now; [`Self::done`] is to be called when it is there.
    pub fn next(&mut self) -> Option<RowKey> {
        if self.running == AT_ONCE {
            return None;
        }
        let key = self.waiting.pop_front()?;
        self.asked.insert(key);
        self.running += 1;
        Some(key)
    }

    /// A fetch ended, well or badly.
    pub fn done(&mut self) {
        self.running = self.running.saturating_sub(1);
    }

    /// The host is connected anew: its definitions may have changed.
    pub fn forget(&mut self, host: HostId) {
        let is_of = |key: &RowKey| matches!(key, RowKey::Guest(id, _) if *id == host);
        self.asked.retain(|key| !is_of(key));
        self.waiting.retain(|key| !is_of(key));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manager::testing::guest_id;

    fn key(number: u128) -> RowKey {
        RowKey::Guest(HostId::default(), guest_id(number))
    }

    #[test]
    fn what_is_in_sight_comes_first_and_nothing_comes_twice() {
        let mut queue = DetailQueue::default();
        queue.want([1, 2, 3].map(key).into_iter());
        queue.want_first([3, 4].map(key).into_iter());
        queue.want([1, 4].map(key).into_iter());
        let order: Vec<_> = std::iter::from_fn(|| {
            let key = queue.next();
            queue.done();
            key
        })
        .collect();
        assert_eq!(order, [3, 4, 1, 2].map(key));
        queue.want_first([1].map(key).into_iter());
        assert_eq!(queue.next(), None);
        queue.forget(HostId::default());
        queue.want([1].map(key).into_iter());
        assert_eq!(queue.next(), Some(key(1)));
    }

    #[test]
    fn few_are_fetched_at_a_time() {
        let mut queue = DetailQueue::default();
        queue.want((0..10).map(key));
        let begun = std::iter::from_fn(|| queue.next()).count();
        assert_eq!(begun, AT_ONCE);
        queue.done();
        assert!(queue.next().is_some());
        assert_eq!(queue.next(), None);
    }
}
