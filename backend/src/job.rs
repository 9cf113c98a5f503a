//! Work that takes long enough to be watched and cancelled.

use tokio::sync::{oneshot, watch};

use crate::error::{Error, ErrorKind, Result};

/// How far a job has come.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Progress {
    /// What is being done now, as a short phrase: "Fetching the kernel".
    pub activity: String,
    /// Bytes done of the present activity.
    pub done: u64,
    /// Bytes in all of the present activity, where known.
    pub total: Option<u64>,
    /// Bytes per second, over the last few seconds, where it makes sense.
    pub rate: Option<u64>,
}

impl Progress {
    /// The beginning of an activity of which nothing more is known.
    pub fn of(activity: &str) -> Self {
        Self {
            activity: activity.to_owned(),
            ..Self::default()
        }
    }

    /// The share that is done, from 0 to 1, where the total is known.
    pub fn fraction(&self) -> Option<f64> {
        let total = self.total.filter(|&total| total > 0)?;
        Some((self.done as f64 / total as f64).min(1.0))
    }

    /// Seconds left at the present rate, where total and rate are known.
    pub fn seconds_left(&self) -> Option<u64> {
        let rate = self.rate.filter(|&rate| rate > 0)?;
        Some(self.total?.saturating_sub(self.done).div_ceil(rate))
    }
}

/// A running job: watch its progress, cancel it, await its outcome.
///
/// Dropping a `Job` does not cancel it: a window may close while its work goes on.
#[derive(Debug)]
pub struct Job<T> {
    progress: watch::Receiver<Progress>,
    cancel: watch::Sender<bool>,
    outcome: oneshot::Receiver<Result<T>>,
}

/// The job's own end: reports progress, learns of cancellation.
#[derive(Debug, Clone)]
pub struct JobControl {
    progress: watch::Sender<Progress>,
    cancelled: watch::Receiver<bool>,
}

/// Cancels the job it was taken from; may be kept after the job was awaited.
#[derive(Debug, Clone)]
pub struct CancelHandle(watch::Sender<bool>);

impl CancelHandle {
    /// Asks the job to stop and undo what it made. The job's outcome tells when that is done.
    pub fn cancel(&self) {
        self.0.send_replace(true);
    }
}

impl<T: Send + 'static> Job<T> {
    /// Runs `work` on `runtime`.
    pub fn spawn<F, W>(runtime: &tokio::runtime::Handle, work: W) -> Self
    where
        W: FnOnce(JobControl) -> F,
        F: Future<Output = Result<T>> + Send + 'static,
    {
        let (progress_tx, progress) = watch::channel(Progress::default());
        let (cancel, cancelled) = watch::channel(false);
        let (outcome_tx, outcome) = oneshot::channel();
        let work = work(JobControl {
            progress: progress_tx,
            cancelled,
        });
        runtime.spawn(async move {
            // A receiver that is gone only means that nobody wants to know.
            let _ = outcome_tx.send(work.await);
        });
        Self {
            progress,
            cancel,
            outcome,
        }
    }

    /// The progress, as it changes.
    pub fn progress(&self) -> watch::Receiver<Progress> {
        self.progress.clone()
    }

    /// A handle that cancels this job.
    pub fn cancel_handle(&self) -> CancelHandle {
        CancelHandle(self.cancel.clone())
    }

    /// Waits for the end of the job.
    ///
    /// # Errors
    /// What the job failed with; [`ErrorKind::Cancelled`] after a cancellation.
    pub async fn outcome(self) -> Result<T> {
        self.outcome.await.unwrap_or_else(|_| {
            Err(Error::new(
                ErrorKind::Cancelled,
                "The work was stopped because the program is ending.",
            ))
        })
    }
}

impl JobControl {
    /// Reports how far the job is.
    pub fn report(&self, progress: Progress) {
        self.progress.send_replace(progress);
    }

    /// Whether the user cancelled.
    pub fn is_cancelled(&self) -> bool {
        *self.cancelled.borrow()
    }

    /// Resolves when the user cancels; never, when nobody can any more.
    pub async fn cancelled(&self) {
        let mut cancelled = self.cancelled.clone();
        if cancelled.wait_for(|&cancelled| cancelled).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// The error to return after a cancellation.
    ///
    /// # Errors
    /// [`ErrorKind::Cancelled`] when the user cancelled.
    pub fn check(&self) -> Result<()> {
        if self.is_cancelled() {
            return Err(Error::new(ErrorKind::Cancelled, "Cancelled."));
        }
        Ok(())
    }
}
