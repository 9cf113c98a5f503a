//! Blocking libvirt calls, off the async threads.
//!
//! Each host has its own bounded set of workers, so a host that stopped answering holds up nothing
//! but itself. A deadline abandons a call, never its thread: the thread comes back when libvirt
//! does, and until then it counts against the bound. A [`Gate`] keeps a call that was abandoned
//! before it did what it is for from doing it later.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::sync::{AcquireError, Semaphore, watch};
use tokio::task::JoinError;
use tokio::time::{sleep_until, timeout_at};

use crate::error::{Error, ErrorKind, Result};

/// Calls of one host that may be under way at a time. libvirtd takes five of one client
/// (`max_client_requests`); the one left free is for keepalive's answers.
pub(crate) const WORKERS: usize = 4;

/// Of these, how many may be calls that take as long as [`LONG`]: one worker stays for what is quick.
const LONG_WORKERS: usize = WORKERS - 1;

/// Calls that may take this long move data about.
const LONG: Duration = Duration::from_mins(10);

/// How long a host may say nothing before calls that wait for it are given up, whatever their own
/// deadline.
const SILENCE: Duration = Duration::from_secs(10);

/// The bound on the calls that are under way on one connection. Clones share it. A new connection has
/// one of its own: calls may still be stuck on the one that it replaces.
#[derive(Debug, Clone)]
pub(crate) struct Seats {
    all: Arc<Semaphore>,
    long: Arc<Semaphore>,
}

impl Default for Seats {
    fn default() -> Self {
        Self {
            all: Arc::new(Semaphore::new(WORKERS)),
            long: Arc::new(Semaphore::new(LONG_WORKERS)),
        }
    }
}

/// Stands between what a call looks up and what it changes: either the change is begun, or the call
/// is given up without it. So a command that the user was told is not done is not done later, when
/// the host comes back.
#[derive(Debug, Default)]
pub(crate) struct Gate(Mutex<Stage>);

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Stage {
    #[default]
    Waiting,
    Begun,
    GivenUp,
}

impl Gate {
    /// From here on the outcome may stay unknown.
    ///
    /// # Errors
    /// [`ErrorKind::NotAnswering`] when the call was given up: then nothing may be changed.
    pub(crate) fn begin(&self) -> Result<()> {
        match self.pass(Stage::Begun) {
            Stage::Begun => Ok(()),
            // Nobody is there to be told.
            Stage::GivenUp | Stage::Waiting => Err(not_asked(Duration::ZERO)),
        }
    }

    /// Whether the change was begun.
    pub(crate) fn has_begun(&self) -> bool {
        *self.lock() == Stage::Begun
    }

    /// Gives the call up after `waited`, and says what that means.
    fn give_up(&self, waited: Duration) -> Error {
        match self.pass(Stage::GivenUp) {
            Stage::Begun => not_answering(waited),
            Stage::GivenUp | Stage::Waiting => not_asked(waited),
        }
    }

    /// Goes on to `next`, unless the way was chosen already; says where it led.
    fn pass(&self, next: Stage) -> Stage {
        let mut stage = self.lock();
        if *stage == Stage::Waiting {
            *stage = next;
        }
        *stage
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Stage> {
        // Only plain assignments happen under the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs one host's blocking calls.
#[derive(Debug, Clone)]
pub(crate) struct Worker {
    runtime: Handle,
    seats: Seats,
    silent_since: watch::Receiver<Option<Instant>>,
}

impl Worker {
    /// Workers on `runtime`'s blocking threads; `silent_since` says since when the host has not
    /// answered, while it does not.
    pub(crate) fn new(runtime: Handle, silent_since: watch::Receiver<Option<Instant>>) -> Self {
        Self {
            runtime,
            seats: Seats::default(),
            silent_since,
        }
    }

    /// Workers of their own: nobody says that a host is silent, the limits alone count.
    pub(crate) fn unwatched(runtime: Handle) -> Self {
        let (_, silent_since) = watch::channel(None);
        Self::new(runtime, silent_since)
    }

    /// Runs `work` on a thread that may block and waits for it, at most for `limit`. May be awaited
    /// on any executor. When the caller stops waiting the work goes on. The bound is this worker's and
    /// its clones'.
    ///
    /// # Errors
    /// What `work` fails with; [`ErrorKind::NotAnswering`] when it takes too long.
    pub(crate) async fn call<T, F>(&self, limit: Duration, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce() -> Result<T> + Send + 'static,
    {
        let begun = move |gate: &Gate| {
            gate.begin()?;
            work()
        };
        self.call_through(&self.seats, limit, begun).await
    }

    /// The same within the bound of `seats`; `work` passes the [`Gate`] before it changes anything.
    ///
    /// # Errors
    /// As for [`Self::call`]; [`Error::may_be_done`] says whether the gate was passed.
    pub(crate) async fn call_through<T, F>(
        &self,
        seats: &Seats,
        limit: Duration,
        work: F,
    ) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Gate) -> Result<T> + Send + 'static,
    {
        let (this, seats) = (self.clone(), seats.clone());
        // On the runtime, for the timers, wherever the caller is.
        let task = self
            .runtime
            .spawn(async move { this.call_here(&seats, limit, work).await });
        task.await.unwrap_or_else(|broken| Err(broken_off(&broken)))
    }

    async fn call_here<T, F>(&self, seats: &Seats, limit: Duration, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Gate) -> Result<T> + Send + 'static,
    {
        let start = Instant::now();
        let deadline = start + limit;
        let permits = async {
            let long = if limit >= LONG {
                Some(seats.long.clone().acquire_owned().await?)
            } else {
                None
            };
            Ok::<_, AcquireError>((long, seats.all.clone().acquire_owned().await?))
        };
        let permits = tokio::select! {
            permits = timeout_at(deadline.into(), permits) => {
                permits.map_err(|_| not_asked(limit))?.map_err(|_| ending())?
            }
            () = self.silent_too_long(start) => return Err(not_asked(start.elapsed())),
        };
        let gate = Arc::new(Gate::default());
        let gate_of_work = gate.clone();
        let working = self.runtime.spawn_blocking(move || {
            // Given back by this thread, also when the work panics.
            let _permits = permits;
            work(&gate_of_work)
        });
        tokio::select! {
            result = timeout_at(deadline.into(), working) => match result {
                Ok(result) => result.unwrap_or_else(|broken| Err(broken_off(&broken))),
                Err(_) => Err(gate.give_up(limit)),
            },
            () = self.silent_too_long(start) => Err(gate.give_up(start.elapsed())),
        }
    }

    /// Whether the host is known not to answer now.
    pub(crate) fn is_silent(&self) -> bool {
        self.silent_since.borrow().is_some()
    }

    /// Resolves when the host has been silent for too long, counted from `start` at the earliest.
    async fn silent_too_long(&self, start: Instant) {
        let mut silent_since = self.silent_since.clone();
        loop {
            let found = silent_since.wait_for(Option::is_some).await;
            let found = found.map(|since| *since);
            let Ok(Some(since)) = found else {
                return std::future::pending().await;
            };
            let given_up = since.max(start) + SILENCE;
            tokio::select! {
                () = sleep_until(given_up.into()) => return,
                () = until_heard(&mut silent_since) => {}
            }
        }
    }

    /// The runtime the calls run on.
    pub(crate) fn runtime(&self) -> &Handle {
        &self.runtime
    }
}

/// Resolves when the host is heard again, or when nobody can tell any more.
async fn until_heard(silent_since: &mut watch::Receiver<Option<Instant>>) {
    if silent_since.wait_for(Option::is_none).await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// The host took what was asked, and says no more.
fn not_answering(waited: Duration) -> Error {
    silence(waited).with_unknown_outcome()
}

/// The host did not get as far as being asked.
fn not_asked(waited: Duration) -> Error {
    silence(waited).with_remedy("Nothing was done. Try again when the host answers.")
}

fn silence(waited: Duration) -> Error {
    Error::new(
        ErrorKind::NotAnswering,
        format!(
            "The host did not answer within {} seconds.",
            waited.as_secs().max(1)
        ),
    )
}

/// There is no answer: the work panicked, which is a fault of this program and must be seen, or the
/// program is ending.
fn broken_off(broken: &JoinError) -> Error {
    if !broken.is_panic() {
        return ending();
    }
    Error::new(
        ErrorKind::Hypervisor,
        "The program failed at this request, and cannot tell whether it was done.",
    )
    .with_remedy("Look at the guest's state. Please report this with what was logged.")
}

fn ending() -> Error {
    Error::new(
        ErrorKind::Cancelled,
        "The work was stopped because the program is ending.",
    )
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    struct Unpark(std::thread::Thread);

    impl std::task::Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }

    fn worker() -> (Worker, watch::Sender<Option<Instant>>) {
        let (silence, silent_since) = watch::channel(None);
        (Worker::new(Handle::current(), silent_since), silence)
    }

    #[tokio::test]
    async fn what_was_given_up_before_it_began_is_not_done_later() {
        let (worker, _silence) = worker();
        let (release, released) = mpsc::channel::<()>();
        let (tell, told) = mpsc::channel::<Result<()>>();
        let lookup_hangs =
            worker.call_through(&worker.seats, Duration::from_millis(20), move |gate| {
                let _ = released.recv();
                let begun = gate.begin();
                let _ = tell.send(begun.clone());
                begun
            });
        let error = lookup_hangs.await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotAnswering);
        assert!(!error.may_be_done(), "{error:?}");
        drop(release);
        assert!(told.recv().unwrap().is_err(), "it must not go on");
    }

    #[tokio::test]
    async fn a_new_connection_does_not_wait_for_calls_of_the_old_one() {
        let (worker, _silence) = worker();
        let mut releases = Vec::new();
        for _ in 0..WORKERS {
            releases.push(get_stuck(&worker).await.1);
        }
        let anew = Seats::default();
        let call = worker.call_through(&anew, Duration::from_mins(2), Gate::begin);
        call.await.unwrap();
    }

    /// Makes a call that has begun when its time is over, and holds its worker until the sender is
    /// dropped. On a busy machine the work may not even begin within a short time.
    async fn get_stuck(worker: &Worker) -> (Error, mpsc::Sender<()>) {
        let mut limit = Duration::from_millis(5);
        loop {
            let (release, released) = mpsc::channel::<()>();
            let stuck = worker.call(limit, move || {
                let _ = released.recv();
                Ok(())
            });
            let error = stuck.await.unwrap_err();
            if error.may_be_done() {
                return (error, release);
            }
            limit *= 2;
        }
    }

    #[tokio::test]
    async fn a_deadline_abandons_the_call() {
        let (worker, _silence) = worker();
        let (error, release) = get_stuck(&worker).await;
        assert_eq!(error.kind(), ErrorKind::NotAnswering);
        assert!(error.may_be_done(), "it had begun");
        // Other calls go on beside it.
        let other = worker.call(Duration::from_mins(2), || Ok(5));
        assert_eq!(other.await.unwrap(), 5);
        drop(release);
    }

    #[tokio::test]
    async fn stuck_calls_are_bounded_and_come_back() {
        let (worker, _silence) = worker();
        let mut releases = Vec::new();
        for _ in 0..WORKERS {
            releases.push(get_stuck(&worker).await.1);
        }
        let full = worker.call(Duration::from_millis(20), || Ok(()));
        let error = full.await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotAnswering);
        assert!(!error.may_be_done(), "it never had its turn");
        drop(releases);
        let free = worker.call(Duration::from_mins(2), || Ok(()));
        free.await.unwrap();
    }

    #[tokio::test]
    async fn long_calls_leave_a_worker_for_quick_ones() {
        let (worker, _silence) = worker();
        let mut releases = Vec::new();
        let mut long = Vec::new();
        for _ in 0..2 * WORKERS {
            let (release, released) = mpsc::channel::<()>();
            releases.push(release);
            let worker = worker.clone();
            long.push(tokio::spawn(async move {
                let work = move || {
                    let _ = released.recv();
                    Ok(())
                };
                worker.call(LONG, work).await
            }));
        }
        for _ in 0..WORKERS {
            let quick = worker.call(Duration::from_mins(1), || Ok(()));
            quick.await.unwrap();
        }
        drop(releases);
        for long in long {
            long.await.unwrap().unwrap();
        }
    }

    #[tokio::test]
    async fn work_that_panics_is_told_and_gives_its_place_back() {
        let (worker, _silence) = worker();
        for _ in 0..=WORKERS {
            let panics = worker.call(Duration::from_mins(1), || -> Result<()> {
                std::panic::panic_any("on purpose, in a test")
            });
            assert_eq!(panics.await.unwrap_err().kind(), ErrorKind::Hypervisor);
        }
    }

    #[test]
    fn calls_may_be_awaited_outside_the_runtime() {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let (_silence, silent_since) = watch::channel(None);
        let worker = Worker::new(runtime.handle().clone(), silent_since);
        let call = worker.call(Duration::from_mins(2), || Ok(7));
        // A bare executor that knows nothing of tokio.
        let mut call = std::pin::pin!(call);
        let waker = Arc::new(Unpark(std::thread::current())).into();
        let mut context = std::task::Context::from_waker(&waker);
        let result = loop {
            match call.as_mut().poll(&mut context) {
                std::task::Poll::Ready(result) => break result,
                std::task::Poll::Pending => std::thread::park(),
            }
        };
        assert_eq!(result.unwrap(), 7);
    }
}
