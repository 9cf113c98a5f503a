//! Saving a guest: its memory goes to the host's storage and the guest ends, to go on there when it
//! is next started.

use std::time::Duration;

use virt::domain::Domain;

use crate::error::{Error, ErrorKind, Result};
use crate::ffi;
use crate::host::Host;
use crate::job::{JobControl, Progress};
use crate::model::GuestId;
use crate::operation::Verb;

/// How often the host is asked how far it is.
const PACE: Duration = Duration::from_millis(500);

/// See [`Host::save`].
pub(crate) async fn save(host: Host, id: GuestId, control: JobControl) -> Result<()> {
    control.check()?;
    control.report(progress(0, None));
    let saving = host.on_guest(id, Verb::Save, |_, domain| Ok(domain.managed_save(0)?));
    tokio::pin!(saving);
    let follow = follow(&host, id, &control);
    tokio::pin!(follow);
    let saved = tokio::select! {
        saved = &mut saving => saved,
        () = &mut follow => saving.await,
    };
    match saved {
        // What the host says of a call that was cancelled is that it was.
        Err(error) if control.is_cancelled() && !error.may_be_done() => Err(Error::new(
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
    let mut asked = ask_to_stop(host, id).await;
    // The save may not have begun yet.
    while asked.is_err() {
        tokio::time::sleep(PACE).await;
        asked = ask_to_stop(host, id).await;
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
    let total = told.data_total.filter(|&total| total > 0);
    Ok(progress(told.data_processed.unwrap_or(0), total))
}

fn progress(done: u64, total: Option<u64>) -> Progress {
    Progress {
        activity: String::from("Saving the guest's memory"),
        done,
        total,
        rate: None,
    }
}
