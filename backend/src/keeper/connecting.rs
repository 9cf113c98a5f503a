//! Connecting, losing the connection, and connecting again.

use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::reading::Reads;
use super::shared::Listener;
use super::{Abandoned, Keeper, MOST_ABANDONED, MOST_DOUBLINGS, Message, OPEN_PATIENCE, Probe};
use crate::asking::Attempt;
use crate::connecting::connect;
use crate::error::{Error, ErrorKind, Result};
use crate::events::Stale;
use crate::link::Link;
use crate::model::HostState;
use crate::worker::Seats;

/// Seconds to wait before the next attempts to connect.
const BACKOFF: [u64; 6] = [1, 2, 4, 8, 15, 30];

/// A connection that breaks sooner counts as one that failed: a host that takes connections only to
/// drop them is not to be asked again and again without a pause.
const STEADY: Duration = Duration::from_secs(10);

impl Keeper {
    pub(super) fn open(&mut self) {
        if self.opening_since.is_some() {
            self.wants_reopening = true;
            return;
        }
        self.wants_reopening = false;
        self.retry_at = None;
        // After closing there may be one more than are made beside each other.
        if self.abandoned.len() > MOST_ABANDONED {
            let error = Error::new(
                ErrorKind::NotAnswering,
                "Earlier attempts to connect still wait for an answer.",
            );
            return self.failed(error.with_remedy("It is tried again by itself."), false);
        }
        self.opening_since = Some(Instant::now());
        self.last_epoch += 1;
        let epoch = self.last_epoch;
        self.line.present().epoch = epoch;
        // Not shared with the listener of an earlier connection, which may still be told things:
        // what it notes is never taken, and would keep later notes from being announced.
        self.stale = Arc::default();
        let listener = Arc::new(self.listener(epoch));
        let attempt = Attempt::new(&self.snapshot.uri, self.asker.clone(), self.memory.clone());
        self.attempt = Some(attempt.clone());
        let runtime = self.line.worker.runtime().clone();
        let inbox = self.line.inbox.clone();
        let stale = self.stale.clone();
        self.line.worker.runtime().spawn(async move {
            let mut asking = attempt.asking();
            let mut connecting = pin!(connect(&attempt, &listener, &runtime));
            let result = loop {
                tokio::select! {
                    result = &mut connecting => break result,
                    Ok(()) = asking.changed() => {
                        let asking = *asking.borrow_and_update();
                        let _ = inbox.send(Message::Asking { epoch, asking });
                    }
                }
            };
            let _ = inbox.send(Message::Opened {
                epoch,
                stale,
                result,
            });
        });
    }

    /// For that attempt a person is being asked something, or no longer: that takes as long as it
    /// takes, and says nothing about the host.
    pub(super) fn asking(&mut self, epoch: u64, asking: bool) {
        if self.opening_since.is_none() || self.last_epoch != epoch {
            return;
        }
        self.asks = asking;
        self.opening_since = Some(Instant::now());
        if asking && !matches!(self.snapshot.state, HostState::Connecting) {
            self.silence.send_replace(None);
            self.set_state(HostState::Connecting);
        }
    }

    /// Since when the host alone is waited for, while an attempt is under way.
    pub(super) fn waiting_since(&self) -> Option<Instant> {
        self.opening_since.filter(|_| !self.asks)
    }

    /// How long the attempt under way is waited for; `None`: until it ends.
    pub(super) fn open_abandoned(&self) -> Option<Duration> {
        Some(self.patience? * 2_u32.pow(self.hangs.min(MOST_DOUBLINGS)))
    }

    /// Whether another attempt can be made beside the one under way, now or when the oldest of those
    /// that hang has been ended.
    pub(super) fn may_abandon(&self) -> bool {
        self.abandoned.len() < MOST_ABANDONED
            || self.abandoned.front().is_some_and(|oldest| !oldest.is_cut)
    }

    /// Waits no more for the attempt under way, and makes another; where too many hang already, ends
    /// the oldest of them first.
    pub(super) fn open_beside(&mut self) {
        if self.abandoned.len() >= MOST_ABANDONED {
            if let Some(oldest) = self.abandoned.front_mut() {
                oldest.is_cut = true;
                oldest.attempt.call_off();
            }
            return;
        }
        self.abandon();
        self.open();
    }

    fn abandon(&mut self) {
        self.asks = false;
        if let (Some(_), Some(attempt)) = (self.opening_since.take(), self.attempt.take()) {
            self.hangs += 1;
            self.abandoned.push_back(Abandoned {
                epoch: self.last_epoch,
                attempt,
                is_cut: false,
            });
            tracing::info!(uri = self.snapshot.uri, self.hangs, "connecting hangs");
        }
    }

    /// An attempt ended, be it one that is waited for no more: whichever gets through first counts.
    pub(super) fn attempt_ended(&mut self, epoch: u64, stale: Arc<Stale>, result: Result<Link>) {
        if self.opening_since.is_some() && self.last_epoch == epoch {
            self.opened(result);
            return;
        }
        let place = self
            .abandoned
            .iter()
            .position(|hanging| hanging.epoch == epoch);
        let hanging = place.and_then(|place| self.abandoned.remove(place));
        // What comes of one that was ended is not to be relied on.
        if hanging.is_none_or(|hanging| hanging.is_cut) {
            return;
        }
        match result {
            Ok(_) if self.line.present().link.is_none() => {
                self.abandon();
                self.line.present().epoch = epoch;
                self.stale = stale;
                self.opened(result);
            }
            // Whoever cancels its question does not want to be asked by the next attempt.
            Err(error) if error.kind() == ErrorKind::Cancelled && self.opening_since.is_some() => {
                self.end_attempts();
                self.failed(error, true);
            }
            _ => {}
        }
    }

    pub(super) fn listener(&self, epoch: u64) -> Listener {
        Listener {
            epoch,
            stale: self.stale.clone(),
            inbox: self.line.inbox.clone(),
            pulse: self.line.pulse.clone(),
            events: self.events.clone(),
        }
    }

    pub(super) fn opened(&mut self, result: Result<Link>) {
        let took = self.opening_since.take().map(|since| since.elapsed());
        self.asks = false;
        let attempt = self.attempt.take();
        match result {
            Ok(link) => {
                self.line.pulse.heard();
                {
                    let mut present = self.line.present();
                    present.link = Some(Arc::new(link));
                    present.seats = Seats::default();
                }
                // What else hangs is of no use any more.
                for hanging in &mut self.abandoned {
                    hanging.is_cut = true;
                    hanging.attempt.call_off();
                }
                self.hangs = 0;
                self.retry_at = None;
                self.opened_at = Some(Instant::now());
                self.wants_reopening = false;
                // What happened since events come was announced before there was a connection to
                // ask. The list that is read now has it.
                self.stale.take();
                // Until the list is there; a failure shown so far is over.
                self.set_state(HostState::Connecting);
                self.silence.send_replace(None);
                self.listed = false;
                self.probe = Probe::Idle;
                self.reads = Reads::default();
                self.reading_info = false;
                self.reading_figures = false;
                self.figures.clear();
                self.read_everything();
            }
            // Whoever cancels does not mean the next one either.
            Err(error) if self.wants_reopening && error.kind() != ErrorKind::Cancelled => {
                self.open();
            }
            // The network gave up waiting: that is still the same silence.
            Err(error)
                if error.kind() == ErrorKind::Unreachable
                    && self.was_up
                    && took.is_some_and(|took| took >= OPEN_PATIENCE) =>
            {
                self.retry_at = Some(self.next_attempt());
                self.falls_silent(self.line.pulse.last());
            }
            Err(error) => {
                let asked = attempt.is_some_and(|attempt| attempt.has_disturbed());
                self.failed(error, asked);
            }
        }
    }

    /// When to try again after one more failure.
    fn next_attempt(&mut self) -> Instant {
        let seconds = BACKOFF[self.failures.min(BACKOFF.len() - 1)];
        self.failures += 1;
        Instant::now() + Duration::from_secs(seconds)
    }

    /// Connecting failed; `asked`: after a person was asked, who is not to be asked again unasked.
    pub(super) fn failed(&mut self, error: Error, asked: bool) {
        let again = match error.kind() {
            ErrorKind::Cancelled => false,
            ErrorKind::AuthenticationFailed if asked => false,
            kind => self.was_up || worth_retrying(kind),
        };
        let next = self.next_attempt();
        let retry_at = again.then_some(next);
        self.retry_at = retry_at;
        self.silence.send_replace(None);
        self.set_state(HostState::Failed { error, retry_at });
    }

    pub(super) fn reconnect(&mut self) {
        if self.asks {
            // It goes on with the answer.
            return;
        }
        if self.line.present().link.is_none() {
            self.failures = 0;
            if self.opening_since.is_none()
                && !matches!(self.snapshot.state, HostState::NotAnswering { .. })
            {
                self.set_state(HostState::Connecting);
            }
            if self
                .waiting_since()
                .is_some_and(|since| since.elapsed() >= OPEN_PATIENCE)
                && self.may_abandon()
            {
                self.open_beside();
            } else {
                self.open();
            }
            return;
        }
        // A connection that works needs no other.
        if matches!(self.snapshot.state, HostState::NotAnswering { .. }) {
            self.drop_link();
            self.open();
        }
    }

    /// The connection broke: what is known stays, and a new one is tried, at once where this one
    /// had stood for a while.
    pub(super) fn lost(&mut self) {
        let since = self.line.pulse.last();
        self.drop_link();
        if self.opened_at.is_some_and(|at| at.elapsed() < STEADY) {
            self.failed(
                Error::new(
                    ErrorKind::Disconnected,
                    "The host broke the connection soon after it was made.",
                )
                .with_remedy("It is tried again by itself; look at the host's own log."),
                false,
            );
            return;
        }
        self.failures = 0;
        if !matches!(self.snapshot.state, HostState::NotAnswering { .. }) {
            self.set_state(HostState::NotAnswering { since });
        }
        self.open();
    }

    pub(super) fn drop_link(&mut self) {
        let link = self.line.present().link.take();
        if let Some(link) = &link
            && (matches!(self.snapshot.state, HostState::NotAnswering { .. }) || !link.is_alive())
        {
            // Nobody is there to be told good-bye, and calls may be stuck on it.
            link.cut();
        }
        // Outside the lock; closing happens on a thread that may block.
        drop(link);
        self.probe = Probe::Idle;
        // The last figures stay to be seen; new ones are counted from new readings.
        self.figures.clear();
    }

    /// Ends all attempts to open: each by itself, and nobody waits for it.
    fn end_attempts(&mut self) {
        self.abandon();
        for hanging in &mut self.abandoned {
            hanging.is_cut = true;
            hanging.attempt.call_off();
        }
        self.hangs = 0;
        self.wants_reopening = false;
    }

    pub(super) fn shut(&mut self) {
        self.end_attempts();
        self.failures = 0;
        self.retry_at = None;
        // Its silence, if it is opened again, does not count from before.
        self.was_up = false;
        self.drop_link();
        self.silence.send_replace(None);
        self.set_state(HostState::Closed);
    }
}

/// Whether trying again by itself may help.
fn worth_retrying(kind: ErrorKind) -> bool {
    !matches!(
        kind,
        ErrorKind::PermissionDenied
            | ErrorKind::AuthenticationFailed
            | ErrorKind::InvalidInput
            | ErrorKind::NotFound
            | ErrorKind::NotSupported
    )
}
