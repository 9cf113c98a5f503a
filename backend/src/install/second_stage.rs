//! The second stage: when an installer has ended, the guest is started again from its disk and the
//! installer's files are deleted.
//!
//! Anything that runs while an installer ends can do this, and what does may have been started
//! long after: all it needs stands in the guest's definition ([`super::metadata`]), and libvirt
//! tells why a guest is off. What it tells was tried with libvirt 11.3 and QEMU 10 for a guest that
//! ends when it reboots (`on_reboot` = `destroy`):
//!
//! | what happened | reason for being off |
//! |---|---|
//! | the guest rebooted, or was reset | shutdown |
//! | the guest powered off, by itself or because it was asked to | shutdown |
//! | forced off | destroyed |
//! | QEMU was killed | crashed |
//! | any of these, and libvirtd was restarted since | unknown |
//!
//! So a reboot cannot be told from powering off. An installer that powers the guest off has also
//! ended, and is treated the same; only where this program itself asked the guest to shut down
//! ([`note_stop`]) it stays off. After forcing off or a crash, the disk holds half a system:
//! nothing is started, and the guest becomes an ordinary one. Where the reason is unknown nothing
//! is done: the guest keeps its note ([`crate::model::Guest::installing`]) until the user starts
//! it, which starts it from disk, and then the files go.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use virt::connect::Connect;
use virt::domain::Domain;
use virt_sys as sys;

use super::metadata::{Installation, PREFIX};
use super::remote::{self, LONG};
use super::storage::delete_file;
use crate::error::{Error, ErrorKind, Result};
use crate::ffi;
use crate::host::Host;
use crate::model::{Guest, GuestId, HostSnapshot, HostState};
use crate::xml::document::Document;
use crate::xml::metadata::INSTALLATION;

/// How long after it was asked to shut down a guest that goes off does so on request. Installers
/// mostly ignore the request; what happens much later happens for other reasons.
const STOP_COUNTS: Duration = Duration::from_mins(3);

/// Something that [`watch`] did or saw.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum StageEvent {
    /// The installer ended and the guest was started again from its disk, by this watcher or by
    /// somebody else.
    Continued {
        /// The guest.
        id: GuestId,
        /// Its name.
        name: String,
    },
    /// The installation was broken off; the installer's files were deleted.
    BrokenOff {
        /// The guest.
        id: GuestId,
        /// Its name.
        name: String,
    },
    /// The installer ended and the guest could not be started again; tried anew by the next run.
    Failed {
        /// The guest.
        id: GuestId,
        /// Its name.
        name: String,
        /// Why.
        error: Error,
    },
}

/// Starts the second stage of every installation on `host` as its time comes, until the host is
/// closed; `told` hears what was done. Several may watch the same host, in one process or in many.
/// May run on any executor.
pub async fn watch(host: Host, mut told: impl FnMut(StageEvent) + Send) {
    let mut snapshots = host.watch();
    let mut known: HashMap<GuestId, Known> = HashMap::new();
    loop {
        let snapshot = snapshots.borrow_and_update().clone();
        match snapshot.state {
            HostState::Closed => return,
            HostState::Connected => {
                for event in ended_elsewhere(&mut known, &snapshot) {
                    told(event);
                }
                for guest in snapshot.guests.iter().filter(|guest| guest.installing) {
                    if let Some(event) = look_again(&host, guest, &mut known).await {
                        told(event);
                    }
                }
            }
            // What happens while a host is away is seen when it is back.
            _ => known.values_mut().for_each(|known| known.active = None),
        }
        if snapshots.changed().await.is_err() {
            return;
        }
    }
}

/// What [`watch`] knows of a guest whose definition has the note.
#[derive(Debug, Clone, Copy, Default)]
struct Known {
    /// Whether it was running when it was last looked at.
    active: Option<bool>,
    /// Whether the end of its installation was told.
    told: bool,
}

/// Guests whose installation was ended by somebody else: another program, or the user by starting
/// or editing the guest.
fn ended_elsewhere(
    known: &mut HashMap<GuestId, Known>,
    snapshot: &HostSnapshot,
) -> Vec<StageEvent> {
    let mut events = Vec::new();
    known.retain(|&id, known| {
        let Some(guest) = snapshot.guest(id) else {
            return false;
        };
        if !guest.installing && !known.told {
            let name = guest.name.clone();
            events.push(if guest.state.is_active() {
                StageEvent::Continued { id, name }
            } else {
                StageEvent::BrokenOff { id, name }
            });
        }
        guest.installing
    });
    events
}

/// Looks after a guest if it was started or went off since the last time.
async fn look_again(
    host: &Host,
    guest: &Guest,
    known: &mut HashMap<GuestId, Known>,
) -> Option<StageEvent> {
    let active = guest.state.is_active();
    let known = known.entry(guest.id).or_default();
    if known.active.replace(active) == Some(active) {
        return None;
    }
    let (id, name) = (guest.id, guest.name.clone());
    let event = match look_after(host, id).await {
        Ok(Outcome::Nothing) => return None,
        Ok(Outcome::Continued) => StageEvent::Continued { id, name },
        Ok(Outcome::BrokenOff) => StageEvent::BrokenOff { id, name },
        // Deleted meanwhile, or the host is away and everything is looked at anew.
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::Disconnected) => {
            return None;
        }
        Err(error) => return Some(StageEvent::Failed { id, name, error }),
    };
    known.told = true;
    Some(event)
}

/// Refuses to reboot a guest while an installer runs in it: that ends the installer as if it were
/// done, and half a system would be started. Blocks.
///
/// # Errors
/// [`ErrorKind::InvalidInput`] while an installer runs; as the hypervisor says.
pub(crate) fn refuse_reboot(domain: &Domain) -> Result<()> {
    if read(domain)?.is_none() || stage(domain, false)? != Stage::Installing {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::InvalidInput,
        "An installer is running in this guest: it reboots by itself when it is done.",
    )
    .with_remedy("To break the installation off, force the guest off."))
}

/// Notes that this program asks the guest to shut down, so that it stays off when it does.
pub(crate) fn note_stop(id: GuestId) {
    let mut stops = STOPS.lock().unwrap_or_else(PoisonError::into_inner);
    stops.retain(|_, at| at.elapsed() < STOP_COUNTS);
    stops.insert(id, Instant::now());
}

/// Takes [`note_stop`] back: the guest was not asked after all.
pub(crate) fn strike_stop(id: GuestId) {
    let mut stops = STOPS.lock().unwrap_or_else(PoisonError::into_inner);
    stops.remove(&id);
}

static STOPS: Mutex<std::collections::BTreeMap<GuestId, Instant>> =
    Mutex::new(std::collections::BTreeMap::new());

fn was_asked_to_stop(id: GuestId) -> bool {
    let stops = STOPS.lock().unwrap_or_else(PoisonError::into_inner);
    stops.get(&id).is_some_and(|at| at.elapsed() < STOP_COUNTS)
}

/// Deletes the files of an installation that the guest's definition still remembers, before the
/// guest itself is deleted. Blocks.
pub(crate) fn delete_files(connect: &Connect, domain: &Domain) {
    match read(domain) {
        Ok(Some(installation)) => delete_all(connect, domain, &installation),
        Ok(None) => {}
        Err(error) => tracing::warn!(%error, "a guest's installer files are not known"),
    }
}

/// A file that stays is a smaller evil than a guest that cannot be deleted, or a note that starts
/// it again later.
fn delete_all(connect: &Connect, domain: &Domain, installation: &Installation) {
    let id = match domain.uuid() {
        Ok(id) => id,
        Err(error) => return tracing::warn!(%error, "a guest does not say who it is"),
    };
    for path in installation.files_of(id) {
        if let Err(error) = delete_file(connect, path) {
            tracing::warn!(path, %error, detail = error.detail(), "an installer's file stays");
        }
    }
}

/// What was done about a guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Nothing,
    Continued,
    BrokenOff,
}

async fn look_after(host: &Host, id: GuestId) -> Result<Outcome> {
    let stopped = was_asked_to_stop(id);
    remote::on(host, LONG, move |connect| {
        let domain = connect.lookup_domain_by_uuid(id.0)?;
        let Some(installation) = read(&domain)? else {
            return Ok(Outcome::Nothing);
        };
        match stage(&domain, stopped)? {
            Stage::Installing | Stage::Unknown => Ok(Outcome::Nothing),
            Stage::Installed => {
                match domain.create().map_err(Error::from) {
                    // Another program was quicker.
                    Err(error) if error.kind() == ErrorKind::WrongState => {}
                    started => started?,
                }
                forget(connect, &domain, &installation)?;
                Ok(Outcome::Continued)
            }
            // The user was quicker, or a program that did not live to tidy up.
            Stage::Continued => {
                forget(connect, &domain, &installation)?;
                Ok(Outcome::Continued)
            }
            Stage::BrokenOff => {
                forget(connect, &domain, &installation)?;
                Ok(Outcome::BrokenOff)
            }
        }
    })
    .await
}

/// How far an installation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// The installer is running, or saved in the middle.
    Installing,
    /// It has ended; the guest is off.
    Installed,
    /// The guest is running from its disk already.
    Continued,
    /// The installer was killed.
    BrokenOff,
    /// It is off and nobody knows why.
    Unknown,
}

fn stage(domain: &Domain, stopped: bool) -> Result<Stage> {
    let (state, reason) = ffi::domain::state(domain)?;
    if state == sys::VIR_DOMAIN_SHUTOFF {
        return Ok(stage_of_off(domain, reason, stopped));
    }
    let live = domain.xml_desc(0)?;
    let (state, reason) = ffi::domain::state(domain)?;
    Ok(match state {
        // It went off between the two questions, and may have told the definition that stays.
        sys::VIR_DOMAIN_SHUTOFF => stage_of_off(domain, reason, stopped),
        sys::VIR_DOMAIN_CRASHED => Stage::BrokenOff,
        _ if Document::parse(&live)?.root.at(&["os", "kernel"]).is_some() => Stage::Installing,
        _ => Stage::Continued,
    })
}

fn stage_of_off(domain: &Domain, reason: u32, stopped: bool) -> Stage {
    // A saved guest is off, and starting it would go on where the installer was.
    if domain.has_managed_save(0).unwrap_or(false) {
        return Stage::Installing;
    }
    match reason {
        sys::VIR_DOMAIN_SHUTOFF_SHUTDOWN if stopped => Stage::BrokenOff,
        sys::VIR_DOMAIN_SHUTOFF_SHUTDOWN => Stage::Installed,
        sys::VIR_DOMAIN_SHUTOFF_DESTROYED
        | sys::VIR_DOMAIN_SHUTOFF_CRASHED
        | sys::VIR_DOMAIN_SHUTOFF_FAILED => Stage::BrokenOff,
        _ => Stage::Unknown,
    }
}

/// The note in the definition that stays, if there is one.
fn read(domain: &Domain) -> Result<Option<Installation>> {
    let note = domain.metadata(
        sys::VIR_DOMAIN_METADATA_ELEMENT as i32,
        Some(INSTALLATION),
        sys::VIR_DOMAIN_AFFECT_CONFIG,
    );
    match note {
        Ok(xml) => Ok(Installation::read(&xml)),
        Err(error) if error.code().to_raw() == sys::VIR_ERR_NO_DOMAIN_METADATA => Ok(None),
        // A guest without definition, which is none of ours.
        Err(error) if error.code().to_raw() == sys::VIR_ERR_OPERATION_INVALID => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Deletes the files and takes the note out of the definition, in this order: what is interrupted
/// is done again.
fn forget(connect: &Connect, domain: &Domain, installation: &Installation) -> Result<()> {
    delete_all(connect, domain, installation);
    let mut flags = sys::VIR_DOMAIN_AFFECT_CONFIG;
    if domain.is_active()? {
        flags |= sys::VIR_DOMAIN_AFFECT_LIVE;
    }
    let removed = domain.set_metadata(
        sys::VIR_DOMAIN_METADATA_ELEMENT as i32,
        None,
        Some(PREFIX),
        Some(INSTALLATION),
        flags,
    );
    match removed {
        // Another program was quicker.
        Err(error) if error.code().to_raw() == sys::VIR_ERR_NO_DOMAIN_METADATA => Ok(()),
        removed => removed.map_err(Error::from),
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn only_a_guest_that_was_asked_stays_off() {
        let (asked, refused) = (Uuid::new_v4(), Uuid::new_v4());
        let [asked, refused] = [asked, refused].map(GuestId);
        note_stop(asked);
        note_stop(refused);
        strike_stop(refused);
        assert!(was_asked_to_stop(asked));
        assert!(!was_asked_to_stop(refused));
    }
}
