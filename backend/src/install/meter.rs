//! Progress of a transfer, with its rate.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::job::{JobControl, Progress};

/// Over how long the rate is taken: shorter jumps about, longer lags behind.
const WINDOW: Duration = Duration::from_secs(4);
/// How often progress is told at most; nobody reads faster.
const INTERVAL: Duration = Duration::from_millis(100);

/// Counts what a transfer has done and tells the job's watchers.
#[derive(Debug)]
pub(super) struct Meter<'a> {
    control: &'a JobControl,
    activity: String,
    total: Option<u64>,
    done: u64,
    /// When how much was done, oldest first, over the last [`WINDOW`].
    samples: VecDeque<(Instant, u64)>,
    told: Option<Instant>,
}

impl<'a> Meter<'a> {
    /// Begins, and tells so.
    pub(super) fn start(control: &'a JobControl, activity: &str, total: Option<u64>) -> Self {
        let mut meter = Self {
            control,
            activity: activity.to_owned(),
            total,
            done: 0,
            samples: VecDeque::new(),
            told: None,
        };
        meter.tell(Instant::now());
        meter
    }

    /// Counts `bytes` more.
    pub(super) fn advance(&mut self, bytes: u64) {
        self.advance_at(bytes, Instant::now());
    }

    /// Tells the last figures, whenever the last telling was.
    pub(super) fn finish(mut self) {
        self.tell(Instant::now());
    }

    fn advance_at(&mut self, bytes: u64, now: Instant) {
        self.done += bytes;
        if self.told.is_none_or(|told| now - told >= INTERVAL) {
            self.tell(now);
        }
    }

    fn tell(&mut self, now: Instant) {
        self.told = Some(now);
        self.samples.push_back((now, self.done));
        while self.samples.len() > 2
            && self
                .samples
                .front()
                .is_some_and(|(at, _)| now - *at > WINDOW)
        {
            self.samples.pop_front();
        }
        self.control.report(Progress {
            activity: self.activity.clone(),
            done: self.done,
            total: self.total,
            rate: self.rate(now),
        });
    }

    /// Bytes per second; unknown until there was time to see.
    fn rate(&self, now: Instant) -> Option<u64> {
        let (since, before) = self.samples.front()?;
        let seconds = (now - *since).as_secs_f64();
        (seconds >= 0.2).then(|| ((self.done - before) as f64 / seconds) as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::Job;

    #[tokio::test]
    async fn the_rate_follows_the_last_seconds() {
        let (told, tells) = std::sync::mpsc::channel();
        let job = Job::spawn(&tokio::runtime::Handle::current(), |control| async move {
            let mut meter = Meter::start(&control, "x", Some(1000));
            let start = Instant::now();
            let _ = told.send(meter.rate(start));
            // Ten seconds at 100 bytes a second, then ten at 10.
            for tick in 1..=200_u64 {
                let bytes = if tick <= 100 { 10 } else { 1 };
                meter.advance_at(bytes, start + Duration::from_millis(tick * 100));
                if tick == 100 || tick == 200 {
                    let _ = told.send(meter.rate(start + Duration::from_millis(tick * 100)));
                }
            }
            Ok(())
        });
        let progress = job.progress();
        job.outcome().await.unwrap();
        assert_eq!(tells.recv().unwrap(), None);
        assert_eq!(tells.recv().unwrap(), Some(100));
        assert_eq!(tells.recv().unwrap(), Some(10));
        assert_eq!(progress.borrow().done, 1100);
    }
}
