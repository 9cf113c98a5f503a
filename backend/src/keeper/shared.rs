//! What a host's keeper, its handles and its callbacks share.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{broadcast, mpsc};

use super::Message;
use super::reboots::Reboots;
use crate::error::{Error, ErrorKind, Result};
use crate::events::{GuestEvent, Happening, Stale};
use crate::link::{Link, LinkListener};
use crate::model::GuestId;
use crate::worker::{Seats, Worker};

/// When the host was last heard.
#[derive(Debug, Clone)]
pub(super) struct Pulse(Arc<Mutex<Instant>>);

impl Pulse {
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(Instant::now())))
    }

    pub(super) fn heard(&self) {
        *self.lock() = Instant::now();
    }

    pub(super) fn last(&self) -> Instant {
        *self.lock()
    }

    fn lock(&self) -> MutexGuard<'_, Instant> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The present connection and its number: what comes of an earlier one no longer counts.
#[derive(Debug, Default)]
pub(super) struct Present {
    pub(super) link: Option<Arc<Link>>,
    pub(super) epoch: u64,
    /// The bound on its calls.
    pub(super) seats: Seats,
}

/// The way to the present connection. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(super) present: Arc<Mutex<Present>>,
    pub(super) inbox: mpsc::UnboundedSender<Message>,
    pub(super) pulse: Pulse,
    pub(super) worker: Worker,
    pub(crate) reboots: Reboots,
}

impl Line {
    /// Runs `work` on the connection, on a thread that may block, and waits at most for `limit`.
    ///
    /// # Errors
    /// What `work` fails with; [`ErrorKind::Disconnected`] when there is no connection;
    /// [`ErrorKind::NotAnswering`] when it takes too long.
    pub(crate) async fn call<T, F>(&self, limit: Duration, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Link) -> Result<T> + Send + 'static,
    {
        self.command(limit, |_| Ok(()), move |link, ()| work(link))
            .await
    }

    /// The same in two parts: `find` changes nothing, and when the call is given up meanwhile `work`,
    /// which may change something, is not begun any more.
    ///
    /// # Errors
    /// As for [`Self::call`]; [`Error::may_be_done`] says whether `work` was begun and its outcome
    /// is not known.
    pub(crate) async fn command<P, T, L, F>(&self, limit: Duration, find: L, work: F) -> Result<T>
    where
        T: Send + 'static,
        L: FnOnce(&Link) -> Result<P> + Send + 'static,
        F: FnOnce(&Link, P) -> Result<T> + Send + 'static,
    {
        let (link, epoch, seats) = {
            let present = self.present();
            let link = present.link.clone().ok_or_else(|| {
                Error::new(ErrorKind::Disconnected, "The host is not connected now.")
                    .with_remedy("It is tried again by itself; wait, or connect it by hand.")
            })?;
            (link, present.epoch, present.seats.clone())
        };
        let pulse = self.pulse.clone();
        let inbox = self.inbox.clone();
        let worker = self.worker.clone();
        let result = self
            .worker
            .call_through(&seats, limit, move |gate| {
                let look = || {
                    if worker.is_silent() {
                        // What is sent to a host that sleeps is done when it wakes, however long
                        // ago it was given up: so something harmless goes first.
                        link.connect().lib_version()?;
                    }
                    find(&link)
                };
                let result = look().and_then(|found| {
                    gate.begin()?;
                    work(&link, found)
                });
                let broken =
                    matches!(&result, Err(error) if error.kind() == ErrorKind::Disconnected);
                if !broken || link.is_alive() {
                    pulse.heard();
                    return result;
                }
                // The keeper is gone only when the host is.
                let _ = inbox.send(Message::Lost { epoch });
                result.map_err(|error| {
                    if gate.has_begun() {
                        error.with_unknown_outcome()
                    } else {
                        error.with_remedy("Nothing was done. Try again when the host answers.")
                    }
                })
            })
            .await;
        if matches!(&result, Err(error) if error.kind() == ErrorKind::NotAnswering) {
            let _ = self.inbox.send(Message::Suspect);
        }
        result
    }

    /// The present connection, while there is one.
    pub(crate) fn link(&self) -> Option<Arc<Link>> {
        self.present().link.clone()
    }

    pub(super) fn present(&self) -> MutexGuard<'_, Present> {
        // Only plain assignments happen under the lock.
        self.present.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Carries what libvirt reports on its event thread to the keeper.
pub(super) struct Listener {
    pub(super) epoch: u64,
    pub(super) stale: Arc<Stale>,
    pub(super) inbox: mpsc::UnboundedSender<Message>,
    pub(super) pulse: Pulse,
    pub(super) events: broadcast::Sender<GuestEvent>,
}

impl LinkListener for Listener {
    fn happened(&self, id: GuestId, happening: Happening) {
        self.pulse.heard();
        // Without receivers nobody wants to know.
        let _ = self.events.send(GuestEvent { id, happening });
        if self.stale.note(id, happening) {
            let _ = self.inbox.send(Message::Stale { epoch: self.epoch });
        }
    }

    fn lost(&self) {
        let _ = self.inbox.send(Message::Lost { epoch: self.epoch });
    }
}
