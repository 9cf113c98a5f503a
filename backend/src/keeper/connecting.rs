//! Connecting, losing the connection, and connecting again.

use std::collections::HashMap;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::reading::Reads;
use super::shared::Listener;
use super::{Keeper, Message, Probe};
use crate::asking::Attempt;
use crate::connecting::connect;
use crate::error::{Error, ErrorKind, Result};
use crate::link::Link;
use crate::model::HostState;

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
        self.opening_since = Some(Instant::now());
        let epoch = {
            let mut present = self.line.present();
            present.epoch += 1;
            present.epoch
        };
        // Not shared with the listener of an earlier connection, which may still be told things:
        // what it notes is never taken, and would keep later notes from being announced.
        self.stale = Arc::default();
        let listener = Arc::new(self.listener(epoch));
        let attempt = Attempt::new(&self.snapshot.uri, self.asker.clone(), self.memory.clone());
        self.attempt = Some(attempt.clone());
        let runtime = self.line.worker.runtime().clone();
        let inbox = self.line.inbox.clone();
        self.line.worker.runtime().spawn(async move {
            let mut asking = attempt.asking();
            let mut connecting = pin!(connect(&attempt, &listener, &runtime));
            let result = loop {
                tokio::select! {
                    result = &mut connecting => break result,
                    Ok(()) = asking.changed() => {
                        let asking = *asking.borrow_and_update();
                        let _ = inbox.send(Message::Asking(asking));
                    }
                }
            };
            let _ = inbox.send(Message::Opened(result));
        });
    }

    /// A person is being asked something, or no longer: that takes as long as it takes, and says
    /// nothing about the host.
    pub(super) fn asking(&mut self, asking: bool) {
        self.asks = asking;
        self.opening_since = Some(Instant::now());
        if asking && !matches!(self.snapshot.state, HostState::Connecting) {
            self.silence.send_replace(None);
            self.set_state(HostState::Connecting);
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
        self.opening_since = None;
        self.asks = false;
        let attempt = self.attempt.take();
        self.line.pulse.heard();
        match result {
            Ok(link) => {
                let link = Arc::new(link);
                self.line.present().link = Some(link);
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
            Err(_) if self.wants_reopening => self.open(),
            Err(error) => {
                let asked = attempt.is_some_and(|attempt| attempt.has_disturbed());
                self.failed(error, asked);
            }
        }
    }

    /// Connecting failed; `asked`: after a person was asked, who is not to be asked again unasked.
    pub(super) fn failed(&mut self, error: Error, asked: bool) {
        let again = match error.kind() {
            ErrorKind::Cancelled => false,
            ErrorKind::AuthenticationFailed if asked => false,
            kind => self.was_up || worth_retrying(kind),
        };
        let retry_at = again.then(|| {
            let seconds = BACKOFF[self.failures.min(BACKOFF.len() - 1)];
            Instant::now() + Duration::from_secs(seconds)
        });
        self.failures += 1;
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
            self.open();
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
        // Outside the lock; closing happens on a thread that may block.
        drop(link);
        self.probe = Probe::Idle;
        self.figures.clear();
        self.changed |= self.guests.take_stats(&HashMap::new());
    }

    pub(super) fn shut(&mut self) {
        if let Some(attempt) = self.attempt.take() {
            attempt.call_off();
        }
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
