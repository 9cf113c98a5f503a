//! Making a connection: the ssh session where one is needed, then libvirt's connection through it,
//! with whatever has to be asked on the way.

use std::sync::Arc;

use tokio::runtime::Handle;

use crate::asking::{self, Attempt};
use crate::error::{ErrorKind, Result};
use crate::link::{Link, LinkListener};
use crate::ssh::{Destination, Master};

/// Makes the connection of `attempt`, and lets `listener` hear what it tells. Takes as long as it
/// takes; dropping it, or calling the attempt off, ends what can be ended.
///
/// # Errors
/// Why it cannot be made.
pub(crate) async fn connect<L: LinkListener>(
    attempt: &Attempt,
    listener: &Arc<L>,
    runtime: &Handle,
) -> Result<Link> {
    let master = match Destination::of(attempt.uri()) {
        Some(destination) => Some(Arc::new(
            Master::start(destination, attempt, runtime).await?,
        )),
        None => None,
    };
    loop {
        let asked = attempt.times_asked();
        let (this, through) = (attempt.clone(), master.clone());
        let (listener, handle) = (listener.clone(), runtime.clone());
        // Not on a host's bounded workers: this may be stuck for ever, and there is only one.
        let opening =
            runtime.spawn_blocking(move || Link::open(&this, through, &listener, &handle));
        let Ok(opened) = opening.await else {
            // The program is ending.
            return Err(asking::cancelled());
        };
        match opened {
            Ok(link) => {
                attempt.succeeded();
                return Ok(link);
            }
            Err(error) => {
                if let Some(ended) = attempt.ended() {
                    return Err(ended);
                }
                // libvirt asks once for each connection: a refused password needs a new one.
                let refused = error.kind() == ErrorKind::AuthenticationFailed
                    && attempt.times_asked() > asked
                    && attempt.may_ask_again();
                if !refused {
                    return Err(error);
                }
            }
        }
    }
}
