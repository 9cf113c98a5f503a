//! [`Unlogged`]: what passes through messages and must not be written down.

use std::fmt;

/// A value whose debug form says nothing of it.
///
/// relm4 writes every message into the log when that is asked for, and an install URL or a
/// clipboard may hold a password.
#[derive(Clone, PartialEq, Eq)]
pub struct Unlogged<T>(pub T);

impl<T> fmt::Debug for Unlogged<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}
