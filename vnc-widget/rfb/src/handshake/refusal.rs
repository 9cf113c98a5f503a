//! A server that says no, and why.

use super::printable;
use crate::{
    bytes::Bytes,
    error::{Error, Result},
    input_buffer::Step,
};

/// The longest reason read; what a longer one says at its end is not worth waiting for.
const MAX_REASON: u32 = 16 << 10;

/// What the reason that follows is the reason for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    Connection,
    Authentication,
    TooManyAttempts,
}

impl Refusal {
    /// Reads the reason: ends in the error it explains.
    pub(super) fn read_reason(self, input: &[u8]) -> Result<Step> {
        let mut bytes = Bytes::new(input);
        let Some(length) = bytes.u32() else {
            return Ok(Step::Need(4));
        };
        let length = length.min(MAX_REASON) as usize;
        match bytes.take(length) {
            None => Ok(Step::Need(4 + length)),
            Some(text) => Err(self.explained(Some(printable(text)))),
        }
    }

    /// The error that it is.
    pub(super) fn explained(self, reason: Option<String>) -> Error {
        let reason = reason.filter(|reason| !reason.is_empty());
        // RFB knows no code for "try again later" before the security types; servers say it in words.
        let too_many = reason
            .as_ref()
            .is_some_and(|reason| reason.to_ascii_lowercase().contains("too many"));
        match self {
            _ if too_many => Error::TooManyAttempts { reason },
            Self::TooManyAttempts => Error::TooManyAttempts { reason },
            Self::Authentication => Error::AuthenticationFailed { reason },
            Self::Connection => Error::Refused {
                reason: reason.unwrap_or_else(|| "no reason given".to_owned()),
            },
        }
    }
}
