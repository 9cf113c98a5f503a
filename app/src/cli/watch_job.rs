//! A job's progress on a terminal, and Ctrl+C as its cancellation.

use std::io::Write;

use backend::{Job, Progress, Result};

use super::output;
use crate::progress;

/// Begins a job and waits for it, showing its progress on standard error: one line that is rewritten where a
/// person watches, one line per activity elsewhere. Ctrl+C cancels and waits for the undoing; a
/// second one ends the program at once.
pub(super) async fn wait<T: Send + 'static>(begin: impl FnOnce() -> Job<T>) -> Result<T> {
    // Before there is anything to undo: by itself Ctrl+C would end the program there and then.
    let mut interrupts = output::interrupts()?;
    let job = begin();
    let mut progress = job.progress();
    let cancel = job.cancel_handle();
    let outcome = job.outcome();
    tokio::pin!(outcome);
    let mut cancelled = false;
    let mut line = ProgressLine::new(output::is_watched());
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
            Some(()) = interrupts.recv() => {
                if std::mem::replace(&mut cancelled, true) {
                    backend::end_process(130);
                }
                cancel.cancel();
                line.end();
                eprintln!("Cancelling; what was made is being removed. Ctrl+C again leaves it.");
            }
        }
    }
}

struct ProgressLine {
    watched: bool,
    width: usize,
    activity: String,
}

impl ProgressLine {
    fn new(watched: bool) -> Self {
        Self {
            watched,
            width: 0,
            activity: String::new(),
        }
    }

    fn show(&mut self, progress: &Progress) {
        if self.watched {
            let text = describe(progress);
            let width = text.chars().count();
            let blank = " ".repeat(self.width.saturating_sub(width));
            eprint!("\r{text}{blank}");
            let _ = std::io::stderr().flush();
            self.width = width;
        } else if progress.activity != self.activity {
            eprintln!("{}", progress.activity);
            self.activity.clone_from(&progress.activity);
        }
    }

    fn end(&mut self) {
        if self.watched && self.width > 0 {
            eprintln!();
            self.width = 0;
        }
    }
}

/// "Fetching the kernel · 3.1 MB of 8.0 MB · 1.2 MB/s · 4 s left"
fn describe(progress: &Progress) -> String {
    match progress::figures(progress).as_str() {
        "" => progress.activity.clone(),
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
            describe(&progress),
            "Fetching the kernel · 2.0 MB of 8.0 MB · 1.0 MB/s · 6 s left"
        );
    }

    #[test]
    fn an_activity_without_figures_is_only_named() {
        let progress = Progress {
            activity: "Starting the guest".into(),
            ..Progress::default()
        };
        assert_eq!(describe(&progress), "Starting the guest");
    }
}
