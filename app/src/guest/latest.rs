//! Commands that follow a dragged thumb: one under way at most, and the latest wins.

/// Lets one value be under way at a time. Of the values offered meanwhile only the last is kept:
/// those in between were places the thumb passed, not places it stopped at.
#[derive(Debug, Default)]
pub(super) struct LatestWins<T> {
    under_way: bool,
    waiting: Option<T>,
}

impl<T> LatestWins<T> {
    /// Offers a value; returns it when it is to be sent now.
    pub(super) fn offer(&mut self, value: T) -> Option<T> {
        if self.under_way {
            self.waiting = Some(value);
            return None;
        }
        self.under_way = true;
        Some(value)
    }

    /// Tells that the value under way has arrived; returns the next one to send.
    pub(super) fn arrived(&mut self) -> Option<T> {
        let next = self.waiting.take();
        self.under_way = next.is_some();
        next
    }

    /// Forgets what waits, for when its subject is gone.
    pub(super) fn forget(&mut self) {
        self.waiting = None;
    }

    /// Whether nothing is under way.
    pub(super) fn is_idle(&self) -> bool {
        !self.under_way
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_under_way_and_the_latest_of_the_rest_follows() {
        let mut queue = LatestWins::default();
        assert_eq!(queue.offer(1), Some(1));
        assert_eq!(queue.offer(2), None);
        assert_eq!(queue.offer(3), None);
        assert_eq!(queue.arrived(), Some(3));
        assert!(!queue.is_idle());
        assert_eq!(queue.arrived(), None);
        assert!(queue.is_idle());
        assert_eq!(queue.offer(4), Some(4));
    }

    #[test]
    fn what_waits_can_be_forgotten() {
        let mut queue = LatestWins::default();
        assert_eq!(queue.offer(1), Some(1));
        assert_eq!(queue.offer(2), None);
        queue.forget();
        assert_eq!(queue.arrived(), None);
        assert!(queue.is_idle());
    }
}
