//! Saving a guest: its memory goes into a file of the host and the guest ends, to go on there later.

pub(crate) mod file;
pub(crate) mod restore;

use std::time::Duration;

use virt::domain::Domain;

use crate::error::{Error, ErrorKind, Result};
use crate::ffi;
use crate::host::Host;
use crate::job::{JobControl, Progress};
use crate::model::GuestId;
use crate::operation::Verb;

/// How often the host is asked how far it is, or again to stop.
const PACE: Duration = Duration::from_millis(500);

const SAVING: &str = "Saving the guest's memory";
const STOPPING: &str = "Letting the guest go on";
const CANNOT_STOP: &str = "This host cannot stop it: the guest is saved to the end";

/// See [`Host::save`].
pub(crate) async fn save(host: Host, id: GuestId, control: JobControl) -> Result<()> {
    control.check()?;
    write(&host, id, &control, Verb::Save, |domain| {
        Ok(domain.managed_save(0)?)
    })
    .await
}

/// See [`Host::save_to`].
pub(crate) async fn save_to(
    host: Host,
    id: GuestId,
    path: String,
    replace: bool,
    control: JobControl,
) -> Result<()> {
    control.check()?;
    let path = file::tidy(&path)?;
    // Nothing is replaced for a guest that cannot be saved.
    let verb = Verb::SaveTo(path.clone());
    host.on_guest(id, verb.clone(), |_, domain| {
        if domain.is_active()? {
            return Ok(());
        }
        Err(Error::new(ErrorKind::WrongState, "The guest is off."))
    })
    .await?;
    file::make_room(&host, &path, replace).await?;
    let target = path.clone();
    let written = write(&host, id, &control, verb, move |domain| {
        ffi::domain::save_to(domain, &target)
            .map_err(|error| file::explain_writing(error.into(), &target))
    });
    match written.await {
        // Whether it was saved is not known: the file may be all there is of the guest's memory.
        Err(error) if is_in_doubt(&error) => Err(error),
        Err(error) => Err(file::clear_up(&host, &path, error).await),
        Ok(()) => Ok(()),
    }
}

fn is_in_doubt(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::NotAnswering | ErrorKind::Disconnected
    )
}

/// Runs `work`, which writes the guest's memory, and follows it.
async fn write(
    host: &Host,
    id: GuestId,
    control: &JobControl,
    verb: Verb,
    work: impl FnOnce(&Domain) -> Result<()> + Send + 'static,
) -> Result<()> {
    control.report(Progress::of(SAVING));
    let saving = host.on_guest(id, verb, move |_, domain| work(domain));
    tokio::pin!(saving);
    let follow = follow(host, id, control);
    tokio::pin!(follow);
    let saved = tokio::select! {
        saved = &mut saving => saved,
        () = &mut follow => saving.await,
    };
    match saved {
        // What the host says of a call that was cancelled is that it was.
        Err(error) if control.is_cancelled() && !is_in_doubt(&error) => Err(Error::new(
            ErrorKind::Cancelled,
            "The guest goes on: it was not saved.",
        )),
        saved => saved,
    }
}

/// Tells how far it is, until it is cancelled; then asks the host to stop.
async fn follow(host: &Host, id: GuestId, control: &JobControl) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(PACE) => {
                // A driver that cannot tell leaves the progress at what is known.
                if let Ok(now) = host.on_guest(id, Verb::SaveProgress, |_, domain| read(domain)).await {
                    control.report(now);
                }
            }
            () = control.cancelled() => break,
        }
    }
    control.report(Progress::of(STOPPING));
    loop {
        match ask_to_stop(host, id).await {
            Ok(()) => return,
            Err(error) if error.kind() == ErrorKind::NotSupported => {
                return control.report(Progress::of(CANNOT_STOP));
            }
            // It may not have begun yet.
            Err(_) => tokio::time::sleep(PACE).await,
        }
    }
}

async fn ask_to_stop(host: &Host, id: GuestId) -> Result<()> {
    let asked = host.on_guest(id, Verb::AbortSave, |_, domain| {
        Ok(ffi::domain::abort_job(domain)?)
    });
    asked.await.inspect_err(|error| {
        tracing::debug!(%error, detail = error.detail(), "the saving goes on");
    })
}

fn read(domain: &Domain) -> Result<Progress> {
    let told = domain.job_info()?;
    let Some(total) = told.data_total.filter(|&total| total > 0) else {
        return Ok(Progress::of(SAVING));
    };
    // Pages without content are done and never written: what is left says more than what was written.
    let done = total.saturating_sub(told.data_remaining.unwrap_or(total));
    let seconds = told.time_elapsed.unwrap_or(0) / 1000;
    Ok(Progress {
        done,
        total: Some(total),
        rate: done.checked_div(seconds).filter(|&rate| rate > 0),
        ..Progress::of(SAVING)
    })
}
