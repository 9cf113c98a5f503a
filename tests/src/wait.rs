//! Waiting for conditions, never for time.

use std::time::{Duration, Instant};

/// How long anything may take that is done within seconds on a machine of its own. Only what hangs
/// gets this far: it is no measure of anything, and long enough for the busiest machine.
pub const LIMIT: Duration = Duration::from_mins(3);

/// How often a condition is looked at.
const INTERVAL: Duration = Duration::from_millis(50);

/// Calls `look` until it gives a value, and returns that.
///
/// # Panics
/// After `limit`, naming `what` was waited for.
pub fn until<T>(what: &str, limit: Duration, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(
            start.elapsed() < limit,
            "{what}: not within {} s",
            limit.as_secs()
        );
        std::thread::sleep(INTERVAL);
    }
}

/// Waits until `look` is true.
///
/// # Panics
/// As [`until`].
pub fn until_true(what: &str, limit: Duration, mut look: impl FnMut() -> bool) {
    until(what, limit, || look().then_some(()));
}
