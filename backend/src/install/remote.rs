//! The host as installation sees it: blocking libvirt work on its worker threads.

use std::time::Duration;

use virt::connect::Connect;

use crate::error::Result;
use crate::host::Host;
use crate::operation::Operation;

/// For what a healthy host does at once, or after a look at its storage.
pub(super) const SHORT: Duration = Duration::from_mins(1);
/// For what starts a process or moves data; the host's silence ends it earlier.
pub(super) const LONG: Duration = Duration::from_hours(2);

/// Runs `work` with the host's connection, on a thread that may block.
///
/// # Errors
/// What `work` fails with; [`crate::ErrorKind::Disconnected`] without connection;
/// [`crate::ErrorKind::NotAnswering`] when it takes longer than `limit`.
pub(super) async fn on<T, F>(host: &Host, limit: Duration, work: F) -> Result<T>
where
    T: Send + 'static,
    F: FnOnce(&Connect) -> Result<T> + Send + 'static,
{
    host.run_within(limit, Operation::Host("install"), move |link| {
        work(link.connect())
    })
    .await
}
