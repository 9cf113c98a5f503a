//! A guest's processor use over the last readings.

use std::time::Instant;

/// How many readings are kept, that is, how many bars the little chart has.
pub const READINGS: usize = 12;

/// The last readings in percent, the newest last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    percent: [u8; READINGS],
    read_at: Option<Instant>,
}

impl History {
    /// Takes in a share from 0 to 1 read at `now`. Seconds without news count as no change, since
    /// nothing is sent while nothing changes; readings within the same second replace each other.
    pub fn push(&mut self, share: f64, now: Instant) {
        let percent = (share.clamp(0.0, 1.0) * 100.0).round() as u8;
        let steps = match self.read_at {
            None => READINGS,
            Some(before) => {
                let seconds = now.saturating_duration_since(before).as_secs_f64().round();
                (seconds as usize).min(READINGS)
            }
        };
        let last = self.percent[READINGS - 1];
        self.percent.rotate_left(steps);
        let fresh = &mut self.percent[READINGS - steps..];
        let filler = if self.read_at.is_none() { 0 } else { last };
        fresh.fill(filler);
        self.percent[READINGS - 1] = percent;
        if steps > 0 {
            self.read_at = Some(now);
        }
    }

    /// Forgets everything: the guest stopped.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// The readings in percent, the newest last.
    pub fn percent(&self) -> &[u8; READINGS] {
        &self.percent
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn readings_move_on_once_a_second() {
        let start = Instant::now();
        let at = |seconds: f64| start + Duration::from_secs_f64(seconds);
        let mut history = History::default();
        history.push(0.5, at(0.0));
        assert_eq!(history.percent()[READINGS - 2..], [0, 50]);
        history.push(0.25, at(1.1));
        assert_eq!(history.percent()[READINGS - 2..], [50, 25]);
        history.push(0.3, at(1.2));
        assert_eq!(history.percent()[READINGS - 2..], [50, 30]);
        history.push(1.7, at(4.1));
        assert_eq!(history.percent()[READINGS - 5..], [50, 30, 30, 30, 100]);
        history.push(-1.0, at(1000.0));
        assert_eq!(history.percent()[..READINGS - 1], [100; READINGS - 1]);
        assert_eq!(history.percent()[READINGS - 1], 0);
        history.clear();
        assert_eq!(history, History::default());
    }
}
