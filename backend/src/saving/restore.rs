//! Restoring a guest from a file it was saved into.

use std::collections::HashSet;
use std::time::Duration;

use virt::connect::Connect;
use virt_sys as sys;

use super::{PACE, file, is_in_doubt};
use crate::error::{Error, ErrorKind, Result};
use crate::ffi;
use crate::host::Host;
use crate::job::{JobControl, Progress};
use crate::model::GuestId;
use crate::operation::{Operation, Verb};

/// For reading all of a guest's memory, which its user watches.
const LIMIT: Duration = Duration::from_hours(24);

const LOOKING: &str = "Looking at the file";
const RESTORING: &str = "Restoring the guest's memory";
const STOPPING: &str = "Stopping";

/// See [`Host::restore`].
pub(crate) async fn restore(host: Host, path: String, control: JobControl) -> Result<GuestId> {
    control.check()?;
    control.report(Progress::of(LOOKING));
    let found = file::read(&host, &path).await?;
    if let Some(objection) = found.objection() {
        return Err(objection);
    }
    control.check()?;
    // How far it is no driver tells: QEMU's holds the guest back from every question until it is done.
    control.report(Progress::of(RESTORING));
    let known = found.guest.map(|guest| guest.id);
    let path = found.path;
    let _attention = known.map(|id| host.look_after(id));
    let restoring = host.run_within(LIMIT, Operation::Host("restore"), move |link| {
        let before = known.map_or_else(|| active(link.connect()), |_| Ok(HashSet::new()))?;
        link.connect()
            .restore_domain(&path)
            .map_err(|error| explain(error.into(), &path))?;
        match known {
            Some(id) => Ok(id),
            None => newcomer(&before, &active(link.connect())?),
        }
    });
    tokio::pin!(restoring);
    let stop = stop_when_cancelled(&host, known, &control);
    tokio::pin!(stop);
    let restored = tokio::select! {
        restored = &mut restoring => restored,
        () = &mut stop => restoring.await,
    };
    match restored {
        Err(error) if control.is_cancelled() && !is_in_doubt(&error) => Err(Error::new(
            ErrorKind::Cancelled,
            "The guest was not restored; the file stays as it is.",
        )),
        restored => restored,
    }
}

/// Waits for the user to cancel, then ends the half-read guest, as soon as there is one.
async fn stop_when_cancelled(host: &Host, known: Option<GuestId>, control: &JobControl) {
    control.cancelled().await;
    // Without its identity it cannot be told from others that start.
    let Some(id) = known else { return };
    control.report(Progress::of(STOPPING));
    while end_unfinished(host, id).await.is_err() {
        tokio::time::sleep(PACE).await;
    }
}

/// Ends the guest if its memory is still being read; one that goes on already is left alone.
async fn end_unfinished(host: &Host, id: GuestId) -> Result<()> {
    host.on_guest(id, Verb::AbortRestore, |_, domain| {
        let unfinished = (sys::VIR_DOMAIN_PAUSED, sys::VIR_DOMAIN_PAUSED_STARTING_UP);
        if ffi::domain::state(domain)? != unfinished {
            return Err(Error::new(ErrorKind::WrongState, "It is not being read."));
        }
        Ok(domain.destroy()?)
    })
    .await
}

fn active(connect: &Connect) -> Result<HashSet<GuestId>> {
    let domains = connect.list_all_domains(sys::VIR_CONNECT_LIST_DOMAINS_ACTIVE)?;
    let ids = domains.iter().filter_map(|domain| domain.uuid().ok());
    Ok(ids.map(GuestId).collect())
}

/// The guest that runs and did not before.
fn newcomer(before: &HashSet<GuestId>, now: &HashSet<GuestId>) -> Result<GuestId> {
    let mut new = now.difference(before);
    match (new.next(), new.next()) {
        (Some(&id), None) => Ok(id),
        _ => Err(Error::new(
            ErrorKind::NotFound,
            "The guest was restored, and cannot be told from others that started meanwhile.",
        )),
    }
}

fn explain(error: Error, path: &str) -> Error {
    match error.kind() {
        ErrorKind::WrongState => error
            .with_message("The guest whose state that file holds is running.")
            .with_remedy("Shut it down or save it first. The file stays as it is."),
        ErrorKind::NotFound => {
            error.with_message(format!("Something of {path} is not on the host."))
        }
        ErrorKind::PermissionDenied => error
            .with_message(format!("The host's libvirt may not read {path}."))
            .with_remedy("Choose a file in a folder that it may use."),
        ErrorKind::Disconnected | ErrorKind::NotAnswering => error,
        _ => error
            .with_message(format!("The guest could not be restored from {path}."))
            .with_remedy("The file stays as it is, and so does the guest's disk."),
    }
}
