//! The connection that a check asks. Where no [`Host`] has one open it is opened for the check,
//! listening to nobody, and closed afterwards: opening a host would go on with installations, and a
//! check changes nothing.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;

use crate::asking::{self, Attempt, Memory};
use crate::connecting::connect;
use crate::error::{Error, ErrorKind, Result};
use crate::events::Happening;
use crate::host::Host;
use crate::link::{Link, LinkListener};
use crate::model::GuestId;
use crate::question::Asker;
use crate::worker::Worker;

/// A session's daemon needs some seconds to start. The time a person takes to answer is not counted.
const LIMIT: Duration = Duration::from_secs(30);

/// An open connection answers the simplest question at once.
const ANSWERING: Duration = Duration::from_secs(10);

/// Addresses that are being opened. A daemon that is stopped keeps an attempt for ever: there is to
/// be one at most for each host, however often it is checked.
static OPENING: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// What happens to guests does not matter here.
struct Nobody;

impl LinkListener for Nobody {
    fn happened(&self, _: GuestId, _: Happening) {}
    fn lost(&self) {}
}

/// An entry in [`OPENING`] that goes when the attempt ends.
struct Entry(String);

impl Entry {
    fn begin(uri: &str) -> Option<Self> {
        let mut opening = OPENING.lock().unwrap_or_else(PoisonError::into_inner);
        opening.insert(uri.to_owned()).then(|| Self(uri.to_owned()))
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        let mut opening = OPENING.lock().unwrap_or_else(PoisonError::into_inner);
        opening.remove(&self.0);
    }
}

/// The connection to `host`: the one that is open, or one of our own where there is none that answers.
///
/// # Errors
/// As for [`open`].
pub(super) async fn reach(host: &Host, worker: &Worker) -> Result<Arc<Link>> {
    let Some(link) = host.link() else {
        return open(&host.uri(), None, host.runtime()).await;
    };
    // That it is open does not say that anybody still answers.
    let ask = move || {
        link.connect().lib_version()?;
        Ok(link)
    };
    match worker.call(ANSWERING, ask).await {
        Ok(link) => Ok(link),
        Err(error) => {
            let own = open(&host.uri(), None, host.runtime()).await;
            match error.kind() {
                // Why one of our own fails may be beside the point: nobody gave us a password.
                ErrorKind::NotAnswering => own.map_err(|_| error),
                _ => own,
            }
        }
    }
}

/// Opens `uri`; what the host asks is asked of `asker`.
///
/// # Errors
/// Why it cannot be opened; [`ErrorKind::NotAnswering`] when nothing comes of it in time.
pub(super) async fn open(uri: &str, asker: Option<Asker>, runtime: &Handle) -> Result<Arc<Link>> {
    let Some(entry) = Entry::begin(uri) else {
        return Err(not_answering(
            "An earlier attempt to connect still waits for an answer.",
        ));
    };
    let attempt = Attempt::new(uri, asker, Memory::default());
    let (connecting, handle) = (attempt.clone(), runtime.clone());
    // A task of its own, which may outlive the wait for it.
    let mut opened = runtime.spawn(async move {
        let _entry = entry;
        connect(&connecting, &Arc::new(Nobody), &handle).await
    });
    // On the runtime, for the timers, wherever the caller is.
    let waiting = attempt.clone();
    let mut limit = runtime.spawn(async move { waiting.run_out_of_time(LIMIT).await });
    let link = tokio::select! {
        opened = &mut opened => opened.unwrap_or_else(|_| Err(asking::cancelled())),
        _ = &mut limit => Err(not_answering("The host does not answer.")),
    };
    limit.abort();
    link.map(Arc::new).inspect_err(|_| attempt.call_off())
}

fn not_answering(message: &str) -> Error {
    Error::new(ErrorKind::NotAnswering, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_one_attempt_at_most() {
        let first = Entry::begin("x:///one").expect("nobody else opens it");
        assert!(Entry::begin("x:///one").is_none());
        assert!(Entry::begin("x:///other").is_some());
        drop(first);
        assert!(Entry::begin("x:///one").is_some());
    }
}
