//! One error type for the whole crate, sorted by what a person can do about it.

mod libvirt;
mod opening;

use std::fmt;

/// What the crate's fallible functions return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, sorted by what a person can do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// No hypervisor daemon listens where the connection points.
    NoDaemon,
    /// The daemon is there and this user may not use it, or may not do this.
    PermissionDenied,
    /// The name, network or server cannot be reached.
    Unreachable,
    /// No answer within the deadline; [`Error::may_be_done`] says whether the outcome is known.
    NotAnswering,
    /// The connection broke while the request was under way, or is not up; as above.
    Disconnected,
    /// User name, password, key or certificate was not accepted.
    AuthenticationFailed,
    /// The guest, volume, pool or file is not there (any more).
    NotFound,
    /// A guest, volume or file of that name exists.
    AlreadyExists,
    /// The guest's state does not allow it: starting one that runs, pausing one that is off.
    WrongState,
    /// Not enough space on the storage.
    NoSpace,
    /// A path that cannot be used: not absolute, not a folder, not writable by the host.
    BadPath,
    /// The address holds no install tree that is understood.
    NotAnInstallTree,
    /// An install tree, for another processor.
    WrongArchitecture,
    /// A download failed in the middle, or what came was not what was announced.
    Download,
    /// The driver, the hypervisor or the guest cannot do this.
    NotSupported,
    /// Something given by the user does not make sense; the message says what would.
    InvalidInput,
    /// The user cancelled.
    Cancelled,
    /// The hypervisor refused or failed for a reason of its own; see the detail.
    Hypervisor,
}

/// What went wrong, in parts: a sentence saying what happened, what to do about it, the words of
/// the library underneath, and what could not be undone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error(Box<Parts>);

/// Behind a pointer, so that results stay small.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Parts {
    kind: ErrorKind,
    message: String,
    remedy: Option<String>,
    detail: Option<String>,
    left_behind: Option<String>,
    may_be_done: bool,
}

impl Error {
    /// An error of `kind`; `message` is a whole sentence for the user, without codes.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Parts {
            kind,
            message: message.into(),
            remedy: None,
            detail: None,
            left_behind: None,
            may_be_done: false,
        }))
    }

    /// Adds what the user can do now, as a sentence.
    #[must_use]
    pub fn with_remedy(mut self, remedy: impl Into<String>) -> Self {
        self.0.remedy = Some(remedy.into());
        self
    }

    /// The same failure told in other words, where what was being done is known.
    #[must_use]
    pub fn with_message(mut self, message: impl Into<String>) -> Self {
        self.0.message = message.into();
        self
    }

    /// The same failure, told by `message` when it is that something is missing.
    #[must_use]
    pub(crate) fn if_not_found(self, message: &str) -> Self {
        if self.0.kind == ErrorKind::NotFound {
            return self.with_message(message);
        }
        self
    }

    /// Adds the words of the library underneath, shown only on request.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.0.detail = Some(detail.into());
        self
    }

    /// Adds what was made on the host and could not be removed again, as a sentence.
    #[must_use]
    pub(crate) fn with_left_behind(mut self, left_behind: impl Into<String>) -> Self {
        self.0.left_behind = Some(left_behind.into());
        self
    }

    /// Says that what was asked may have been done all the same, and what to do about that.
    #[must_use]
    pub(crate) fn with_unknown_outcome(mut self) -> Self {
        self.0.may_be_done = true;
        self.with_remedy("It may have been done all the same: look again when the host answers.")
    }

    /// Says that asking again does no harm: nothing was to be changed.
    #[must_use]
    pub(crate) fn of_question(mut self) -> Self {
        if !std::mem::take(&mut self.0.may_be_done) {
            return self;
        }
        self.with_remedy("Try again when the host answers.")
    }

    /// Whether what was asked may have been done all the same: the host was asked, and its answer
    /// never came. Otherwise a failure means that it was not done, or not all of it.
    pub fn may_be_done(&self) -> bool {
        self.0.may_be_done
    }

    /// What sort of failure this is.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// What happened, as a sentence.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// What to do now, as a sentence, where something is known.
    pub fn remedy(&self) -> Option<&str> {
        self.0.remedy.as_deref()
    }

    /// What a creation made on the host and could not remove again, as a sentence; nothing was left
    /// where this is nothing.
    pub fn left_behind(&self) -> Option<&str> {
        self.0.left_behind.as_deref()
    }

    /// The words of the library underneath.
    pub fn detail(&self) -> Option<&str> {
        self.0.detail.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Error {}
