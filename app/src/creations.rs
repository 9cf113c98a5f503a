//! The creations under way: ending the program must not leave half a guest behind.

use backend::Job;
use backend::Progress;
use backend::job::CancelHandle;
use backend::model::GuestId;
use tokio::sync::watch;

/// A creation that was begun. It goes on when its window is closed.
#[derive(Debug)]
struct Creation {
    name: String,
    cancel: CancelHandle,
    /// Closed when the work has ended, one way or another.
    progress: watch::Receiver<Progress>,
}

/// The creations under way.
#[derive(Debug, Default)]
pub struct Creations(Vec<Creation>);

/// A creation's name and the means to cancel it and to learn of its end.
#[derive(Debug)]
pub struct Begun(Creation);

impl Begun {
    /// The creation of the guest called `name` by `job`.
    pub fn new(name: &str, job: &Job<GuestId>) -> Self {
        Self(Creation {
            name: name.to_owned(),
            cancel: job.cancel_handle(),
            progress: job.progress(),
        })
    }
}

impl Creations {
    /// Notes one that was begun.
    pub fn add(&mut self, Begun(creation): Begun) {
        self.0.push(creation);
    }

    /// Names of the guests that are being created now.
    pub fn names(&mut self) -> Vec<String> {
        self.0
            .retain(|creation| creation.progress.has_changed().is_ok());
        self.0
            .iter()
            .map(|creation| creation.name.clone())
            .collect()
    }

    /// Cancels all of them; resolves when what they made has been removed.
    pub fn cancel(&mut self) -> impl Future<Output = ()> + use<> {
        let creations = std::mem::take(&mut self.0);
        async move {
            for creation in &creations {
                creation.cancel.cancel();
            }
            for mut creation in creations {
                while creation.progress.changed().await.is_ok() {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use uuid::Uuid;

    use super::*;

    #[test]
    fn cancelling_waits_until_everything_is_undone() {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .unwrap();
        let undone = Arc::new(AtomicBool::new(false));
        let mark = undone.clone();
        let job = Job::spawn(runtime.handle(), move |control| async move {
            control.cancelled().await;
            tokio::task::yield_now().await;
            mark.store(true, Ordering::SeqCst);
            control.check().map(|()| GuestId(Uuid::nil()))
        });
        let mut creations = Creations::default();
        creations.add(Begun::new("web", &job));
        assert_eq!(creations.names(), ["web"]);
        runtime.block_on(creations.cancel());
        assert!(undone.load(Ordering::SeqCst));
        assert_eq!(creations.names(), [""; 0]);
    }

    #[test]
    fn one_that_has_ended_does_not_count() {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .unwrap();
        let job = Job::spawn(runtime.handle(), |_| async { Ok(GuestId(Uuid::nil())) });
        let mut creations = Creations::default();
        creations.add(Begun::new("web", &job));
        runtime.block_on(job.outcome()).unwrap();
        // The work's end of the progress goes a moment after its outcome is known.
        while !creations.names().is_empty() {
            std::thread::yield_now();
        }
    }
}
