//! A job's progress on a terminal, and Ctrl+C as its cancellation.

use std::io::Write;
use std::time::{Duration, Instant};

use backend::{Job, Progress, Result};

use super::output;
use crate::progress;

/// How often the time is told of work of which nothing else is known.
const TICK: Duration = Duration::from_secs(1);

/// Begins a job and waits for it, showing its progress on standard error: one line that is rewritten where a
/// person watches, one line per activity elsewhere. Ctrl+C cancels, which `cancelling` tells, and waits
/// for the undoing; a second one ends the program at once.
pub(super) async fn wait<T: Send + 'static>(
    cancelling: &str,
    begin: impl FnOnce() -> Job<T>,
) -> Result<T> {
    // Before there is anything to undo: by itself Ctrl+C would end the program there and then.
    let mut interrupts = output::interrupts()?;
    let job = begin();
    let mut progress = job.progress();
    let cancel = job.cancel_handle();
    let outcome = job.outcome();
    tokio::pin!(outcome);
    let mut cancelled = false;
    let mut line = ProgressLine::new(output::is_watched());
    let mut tick = tokio::time::interval(TICK);
    loop {
        tokio::select! {
            result = &mut outcome => {
                line.end();
                return result;
            }
            Ok(()) = progress.changed() => {
                let now = progress.borrow_and_update().clone();
                line.show(&now);
            }
            _ = tick.tick() => line.tick(),
            Some(()) = interrupts.recv() => {
                if std::mem::replace(&mut cancelled, true) {
                    backend::end_process(130);
                }
                cancel.cancel();
                line.end();
                eprintln!("{cancelling} Ctrl+C again ends only this program.");
            }
        }
    }
}

/// Waits for work of which nobody can tell how far it is, showing `activity` and, where a person watches,
/// for how long it goes on.
pub(super) async fn sit_through<T>(activity: &str, work: impl Future<Output = T>) -> T {
    let mut line = ProgressLine::new(output::is_watched());
    line.show(&Progress::of(activity));
    let mut tick = tokio::time::interval(TICK);
    tokio::pin!(work);
    loop {
        tokio::select! {
            done = &mut work => {
                line.end();
                return done;
            }
            _ = tick.tick() => line.tick(),
        }
    }
}

struct ProgressLine {
    watched: bool,
    width: usize,
    shown: Progress,
    /// Since when the present activity goes on.
    since: Instant,
}

impl ProgressLine {
    fn new(watched: bool) -> Self {
        Self {
            watched,
            width: 0,
            shown: Progress::default(),
            since: Instant::now(),
        }
    }

    fn show(&mut self, progress: &Progress) {
        let another = progress.activity != self.shown.activity;
        if another {
            self.since = Instant::now();
        }
        self.shown.clone_from(progress);
        if self.watched {
            self.draw();
        } else if another {
            eprintln!("{}", progress.activity);
        }
    }

    /// Time has passed: shown where it is all there is to show.
    fn tick(&mut self) {
        let idle = self.shown.done == 0 && self.shown.total.is_none();
        if self.watched && idle && !self.shown.activity.is_empty() {
            self.draw();
        }
    }

    fn draw(&mut self) {
        let text = describe(&self.shown, self.since.elapsed());
        let width = text.chars().count();
        let blank = " ".repeat(self.width.saturating_sub(width));
        eprint!("\r{text}{blank}");
        let _ = std::io::stderr().flush();
        self.width = width;
    }

    fn end(&mut self) {
        if self.watched && self.width > 0 {
            eprintln!();
            self.width = 0;
        }
    }
}

/// "Fetching the kernel · 3.1 MB of 8.0 MB · 1.2 MB/s · 4 s left"; "Restoring the guest's memory · 12 s"
fn describe(progress: &Progress, so_far: Duration) -> String {
    match progress::figures(progress).as_str() {
        "" if so_far < TICK => progress.activity.clone(),
        "" => format!(
            "{} · {}",
            progress.activity,
            progress::duration(so_far.as_secs())
        ),
        figures => format!("{} · {figures}", progress.activity),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_tells_amount_rate_and_time_left() {
        let progress = Progress {
            activity: "Fetching the kernel".into(),
            done: 2_000_000,
            total: Some(8_000_000),
            rate: Some(1_000_000),
        };
        assert_eq!(
            describe(&progress, Duration::from_secs(9)),
            "Fetching the kernel · 2.0 MB of 8.0 MB · 1.0 MB/s · 6 s left"
        );
    }

    #[test]
    fn an_activity_without_figures_is_named_with_its_time() {
        let progress = Progress {
            activity: "Starting the guest".into(),
            ..Progress::default()
        };
        let after = |seconds| describe(&progress, Duration::from_secs(seconds));
        assert_eq!(after(0), "Starting the guest");
        assert_eq!(after(12), "Starting the guest · 12 s");
    }
}
