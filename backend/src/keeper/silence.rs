//! Noticing that the host fell silent, and that it is back.

use std::time::Instant;

use super::{Keeper, Message, Probe};
use crate::model::HostState;

impl Keeper {
    /// Asks the host something, unless it has not answered the last question yet.
    pub(super) fn ask(&mut self, now: Instant) {
        let (Probe::Idle, Some((link, epoch))) = (self.probe, self.link()) else {
            return;
        };
        self.probe = Probe::Asked(now);
        let inbox = self.line.inbox.clone();
        let pulse = self.line.pulse.clone();
        // Beside the bounded workers, which may all be stuck; there is only one of this.
        self.line.worker.runtime().spawn_blocking(move || {
            let message = match link.connect().lib_version() {
                Err(_) if !link.is_alive() => Message::Lost { epoch },
                _ => {
                    pulse.heard();
                    Message::Probed { epoch }
                }
            };
            let _ = inbox.send(message);
        });
    }

    /// The host answered: what was missed while it was silent is read now.
    pub(super) fn answers(&mut self) {
        let was_silent = matches!(self.snapshot.state, HostState::NotAnswering { .. });
        if was_silent {
            self.silence.send_replace(None);
            if self.listed {
                self.set_state(HostState::Connected);
            }
        }
        let has_events = self.link().is_some_and(|(link, _)| link.has_events);
        if was_silent || !self.listed || !has_events || self.reads.owes_list() {
            self.read_list();
        }
        if self.snapshot.info.is_none() {
            self.read_info();
        }
    }

    pub(super) fn falls_silent(&mut self, since: Instant) {
        if matches!(self.snapshot.state, HostState::NotAnswering { .. }) {
            return;
        }
        self.silence.send_replace(Some(since));
        self.set_state(HostState::NotAnswering { since });
    }
}
