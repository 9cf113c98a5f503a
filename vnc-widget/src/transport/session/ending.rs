//! What it means that a connection ended.

use std::io;

use super::{SILENCE_LIMIT, Session};
use crate::{
    Error,
    transport::{attempts::no_answer, stream, tls},
};

impl Session {
    /// What it means that the server says nothing more: nothing, between two messages of a session.
    pub(super) fn end_of_input(&self) -> Result<(), Error> {
        let statistics = self.client.statistics();
        if let Some(error) = self.client.end_of_input() {
            Err(if self.tls.is_some() && error == rfb::Error::Closed {
                self.ended_in_tls()
            } else if statistics.bytes_received == 0 {
                Error::ClosedEarly
            } else {
                error.into()
            })
        } else if statistics.bytes_received == statistics.bytes_understood {
            Ok(())
        } else {
            Err(Error::CutOff)
        }
    }

    /// What it means that reading or writing failed.
    pub(super) fn broken(&self, error: &io::Error) -> Error {
        if let Some(reason) = tls::explain(error, self.shown) {
            return reason;
        }
        match self.client.end_of_input() {
            Some(rfb::Error::Closed) if self.tls.is_some() => self.ended_in_tls(),
            Some(reason) if self.client.statistics().bytes_received > 0 => reason.into(),
            Some(_) => Error::ClosedEarly,
            None => Error::Lost {
                reason: stream::in_words(error),
            },
        }
    }

    /// What it means that the deadline has passed.
    pub(super) fn too_late(&self) -> Error {
        if self.is_running() {
            Error::Stalled {
                after: SILENCE_LIMIT,
            }
        } else {
            no_answer(&self.target)
        }
    }

    /// What it means that the server left inside TLS, before the session began.
    pub(super) fn ended_in_tls(&self) -> Error {
        if self.shown == tls::Shown::Nothing {
            // Servers that check certificates themselves hang up without a word.
            Error::ClientCertificateNeeded
        } else {
            rfb::Error::Closed.into()
        }
    }
}
