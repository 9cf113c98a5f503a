//! The connection that a check asks. Where no [`Host`] has one open it is opened for the check,
//! listening to nobody, and closed afterwards: opening a host would go on with installations, and a
//! check changes nothing.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;

use crate::error::{Error, ErrorKind, Result};
use crate::events::Happening;
use crate::host::Host;
use crate::link::{Link, LinkListener};
use crate::model::GuestId;
use crate::wire::Wire;
use crate::worker::Worker;

/// A session's daemon needs some seconds to start, and ssh may ask for a password.
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
struct Attempt(String);

impl Attempt {
    fn begin(uri: &str) -> Option<Self> {
        let mut opening = OPENING.lock().unwrap_or_else(PoisonError::into_inner);
        opening.insert(uri.to_owned()).then(|| Self(uri.to_owned()))
    }
}

impl Drop for Attempt {
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
        return open(&host.uri(), worker, host.runtime()).await;
    };
    // That it is open does not say that anybody still answers.
    let ask = move || {
        link.connect().lib_version()?;
        Ok(link)
    };
    match worker.call(ANSWERING, ask).await {
        Ok(link) => Ok(link),
        Err(error) => {
            let own = open(&host.uri(), worker, host.runtime()).await;
            match error.kind() {
                // Why one of our own fails may be beside the point: nobody gave us a password.
                ErrorKind::NotAnswering => own.map_err(|_| error),
                _ => own,
            }
        }
    }
}

/// Opens `uri`.
///
/// # Errors
/// Why it cannot be opened; [`ErrorKind::NotAnswering`] when nothing comes of it in time.
pub(super) async fn open(uri: &str, worker: &Worker, runtime: &Handle) -> Result<Arc<Link>> {
    let Some(attempt) = Attempt::begin(uri) else {
        return Err(Error::new(
            ErrorKind::NotAnswering,
            "An earlier attempt to connect still waits for an answer.",
        ));
    };
    let runtime = runtime.clone();
    let wire = Wire::default();
    let wire_of_attempt = wire.clone();
    let opened = worker.call(LIMIT, move || {
        let nobody = Arc::new(Nobody);
        let link = Link::open(&attempt.0, &nobody, &wire_of_attempt, &runtime)?;
        Ok(Arc::new(link))
    });
    opened.await.inspect_err(|_| wire.cut())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_one_attempt_at_most() {
        let first = Attempt::begin("x:///one").expect("nobody else opens it");
        assert!(Attempt::begin("x:///one").is_none());
        assert!(Attempt::begin("x:///other").is_some());
        drop(first);
        assert!(Attempt::begin("x:///one").is_some());
    }
}
