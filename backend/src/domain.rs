//! What is done with one guest: blocking functions for worker threads, and what the installation
//! needs of them.

use std::collections::BTreeSet;

use virt::domain::Domain;
use virt_sys as sys;

use crate::error::{Error, ErrorKind, Result};
use crate::host::DeleteOptions;
use crate::install::second_stage;
use crate::link::Link;
use crate::model::{BalloonReading, GuestId};
use crate::storage::bases::Bases;
use crate::xml::domain as domain_xml;
use crate::{stats, storage};

/// Some drivers tell that a guest is running or not by no number of its own: it is looked at
/// after a failure. `wanted`: whether what was asked needs a running guest.
pub(crate) fn recognise_state(error: Error, domain: &Domain, wanted: Option<bool>) -> Error {
    let unfit = error.kind() == ErrorKind::Hypervisor
        && wanted.is_some_and(|wanted| domain.is_active().is_ok_and(|active| active != wanted));
    if !unfit {
        return error;
    }
    let detail = error.detail().unwrap_or_default().to_owned();
    Error::new(ErrorKind::WrongState, "Not in this state.").with_detail(detail)
}

/// Lets a paused guest go on, or wakes one asleep.
pub(crate) fn resume(domain: &Domain) -> Result<()> {
    let (state, _) = crate::ffi::domain::state(domain)?;
    if state == sys::VIR_DOMAIN_PMSUSPENDED {
        domain.pm_wakeup(0)?;
    } else {
        domain.resume()?;
    }
    Ok(())
}

/// Sets the memory of a running guest and, where it has a definition that stays, of that.
pub(crate) fn set_memory(domain: &Domain, kib: u64) -> Result<()> {
    let maximum = domain.max_memory()?;
    if kib > maximum {
        return Err(Error::new(
            ErrorKind::InvalidInput,
            format!(
                "The guest cannot be given more than {} MiB while it runs.",
                maximum / 1024
            ),
        )
        .with_remedy("Raise its maximum memory; that takes effect when it starts again."));
    }
    let (live, config) = (sys::VIR_DOMAIN_AFFECT_LIVE, sys::VIR_DOMAIN_AFFECT_CONFIG);
    if !domain.is_persistent()? {
        return Ok(domain.set_memory_flags(kib, live)?);
    }
    match domain
        .set_memory_flags(kib, live | config)
        .map_err(Error::from)
    {
        // A driver that takes one at a time.
        Err(error) if error.kind() == ErrorKind::InvalidInput => {
            domain.set_memory_flags(kib, live)?;
            Ok(domain.set_memory_flags(kib, config)?)
        }
        result => result.map(drop),
    }
}

/// Reads the balloon.
pub(crate) fn balloon(domain: &Domain) -> Result<BalloonReading> {
    let stats = domain.memory_stats(0)?;
    let mut reading = stats::balloon_from_stats(&stats);
    if reading.actual_kib == 0 {
        // Drivers without a balloon to ask, such as Xen's.
        reading.actual_kib = domain.info()?.memory;
    }
    Ok(reading)
}

/// The definition; `inactive`: as of the next start.
pub(crate) fn xml(domain: &Domain, inactive: bool) -> Result<String> {
    let flags = if inactive {
        sys::VIR_DOMAIN_XML_INACTIVE
    } else {
        0
    };
    Ok(domain.xml_desc(flags)?)
}

/// Presses keys together.
pub(crate) fn send_keys(domain: &Domain, keycodes: &[u32]) -> Result<()> {
    /// How long they are held, in milliseconds: long enough for slow firmware.
    const HOLD: u32 = 100;
    let mut keycodes = keycodes.to_vec();
    let count = keycodes.len();
    if count == 0 || count > sys::VIR_DOMAIN_SEND_KEY_MAX_KEYS as usize {
        return Err(Error::new(
            ErrorKind::InvalidInput,
            "One to sixteen keys can be pressed together.",
        ));
    }
    domain.send_key(
        sys::VIR_KEYCODE_SET_LINUX,
        HOLD,
        keycodes.as_mut_ptr(),
        count as i32,
        0,
    )?;
    Ok(())
}

/// Defines a new guest; never changes one that is there.
pub(crate) fn define(link: &Link, xml: &str) -> Result<GuestId> {
    let identity = domain_xml::identity(xml)?;
    check_name(&identity.name)?;
    if link.connect().lookup_domain_by_name(&identity.name).is_ok() {
        return Err(name_taken(&identity.name));
    }
    if let Some(id) = identity.id
        && let Ok(known) = link.connect().lookup_domain_by_uuid(id)
    {
        return Err(Error::new(
            ErrorKind::AlreadyExists,
            format!(
                "It has the identity (UUID) of the guest “{}”, which is there already.",
                known.name().unwrap_or_default()
            ),
        )
        .with_remedy("Take its <uuid> out of the definition; it is given a new one then."));
    }
    let domain = link.connect().define_domain_xml(xml).map_err(|error| {
        Error::from(error).with_message("The host did not take the guest's definition.")
    })?;
    Ok(GuestId(domain.uuid()?))
}

/// Adds a VNC display to the definition of the next start.
pub(crate) fn add_vnc_display(link: &Link, domain: &Domain) -> Result<()> {
    let flags = sys::VIR_DOMAIN_XML_INACTIVE | sys::VIR_DOMAIN_XML_SECURE;
    let edited = domain_xml::with_vnc(&domain.xml_desc(flags)?)?;
    link.connect()
        .define_domain_xml_flags(&edited, sys::VIR_DOMAIN_DEFINE_VALIDATE)?;
    Ok(())
}

/// Renames a guest that is off.
pub(crate) fn rename(link: &Link, domain: &Domain, name: &str) -> Result<()> {
    check_name(name)?;
    if link.connect().lookup_domain_by_name(name).is_ok() {
        return Err(name_taken(name));
    }
    domain.rename(name, 0)?;
    Ok(())
}

/// Removes a guest that is off, with the disks named.
pub(crate) fn delete(link: &Link, domain: &Domain, options: &DeleteOptions) -> Result<()> {
    if domain.is_active()? {
        return Err(Error::new(ErrorKind::WrongState, "The guest is running."));
    }
    let of_guest = domain_xml::read(&domain.xml_desc(sys::VIR_DOMAIN_XML_INACTIVE)?)?
        .details
        .disks;
    if let Some(stranger) = options.disks.iter().find(|disk| !of_guest.contains(disk)) {
        return Err(Error::new(
            ErrorKind::InvalidInput,
            format!("“{stranger}” is not a disk of this guest; nothing was deleted."),
        ));
    }
    // All are found before one is deleted: a disk that cannot be deleted keeps the guest whole.
    let volumes = options
        .disks
        .iter()
        .map(|disk| find_disk_to_delete(link, disk))
        .collect::<Result<Vec<_>>>()?;
    if !volumes.is_empty() {
        refuse_shared(link, domain, &options.disks, &volumes)?;
    }
    // By reference: a pool that was made to reach one may be what reaches the next.
    for (disk, volume) in options.disks.iter().zip(&volumes) {
        volume.delete().map_err(|error| {
            error.with_message(format!(
                "The disk “{disk}” could not be deleted; the guest stays."
            ))
        })?;
    }
    second_stage::delete_files(link.connect(), domain);
    undefine(domain)
}

fn find_disk_to_delete(link: &Link, disk: &str) -> Result<storage::FoundVolume> {
    storage::find_volume(link, disk).map_err(|error| match error.kind() {
        ErrorKind::NotSupported => {
            error.with_remedy("Leave this disk unticked; the guest can be deleted without it.")
        }
        _ => error,
    })
}

/// Refuses disks that another guest uses as well, be it only to read or as the base of its own.
fn refuse_shared(
    link: &Link,
    domain: &Domain,
    disks: &[String],
    volumes: &[storage::FoundVolume],
) -> Result<()> {
    let own = domain.uuid()?;
    let mut used: Vec<(String, String)> = Vec::new();
    let mut bases = Bases::new(link);
    for other in link.connect().list_all_domains(0)? {
        if other.uuid()? == own {
            continue;
        }
        // The present one names the bases of running guests; the other what is used next time.
        let mut sources = BTreeSet::new();
        for flags in [0, sys::VIR_DOMAIN_XML_INACTIVE] {
            match other.xml_desc(flags).map_err(Error::from) {
                Ok(xml) => sources.extend(domain_xml::storage_used(&xml)?),
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        let name = other.name().unwrap_or_default();
        // No definition names the bases of guests that are off.
        let below: Vec<String> = sources
            .iter()
            .flat_map(|source| bases.below(source))
            .collect();
        used.extend(
            sources
                .into_iter()
                .chain(below)
                .map(|source| (source, name.clone())),
        );
    }
    for (disk, volume) in disks.iter().zip(volumes) {
        let names = volume.names()?;
        let found = used
            .iter()
            .find(|(source, _)| source == disk || names.contains(source));
        if let Some((_, user)) = found {
            return Err(Error::new(
                ErrorKind::InvalidInput,
                format!("The disk “{disk}” is used by “{user}” too; nothing was deleted."),
            )
            .with_remedy("Leave this disk unticked; the guest can be deleted without it."));
        }
    }
    Ok(())
}

/// Removes a definition with everything libvirt keeps beside it.
pub(crate) fn undefine(domain: &Domain) -> Result<()> {
    let everything = sys::VIR_DOMAIN_UNDEFINE_MANAGED_SAVE
        | sys::VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA
        | sys::VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA
        | sys::VIR_DOMAIN_UNDEFINE_NVRAM
        | sys::VIR_DOMAIN_UNDEFINE_TPM;
    // Fewer for drivers and daemons that do not know them all.
    let attempts = [
        everything,
        everything & !sys::VIR_DOMAIN_UNDEFINE_TPM,
        sys::VIR_DOMAIN_UNDEFINE_MANAGED_SAVE | sys::VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA,
        0,
    ];
    let mut last = Ok(());
    for flags in attempts {
        last = domain.undefine_flags(flags).map_err(Error::from);
        match &last {
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::NotSupported | ErrorKind::InvalidInput
                ) => {}
            _ => return last,
        }
    }
    last
}

/// Longest name of a guest in bytes: its log and its sockets are files of that name with an
/// ending, which may have 255.
const LONGEST_NAME: usize = 200;

/// Whether libvirt can take it as a guest's name.
///
/// # Errors
/// [`ErrorKind::InvalidInput`] with what is wrong.
pub(crate) fn check_name(name: &str) -> Result<()> {
    let wrong = |message: &str| Err(Error::new(ErrorKind::InvalidInput, message));
    if name.trim().is_empty() {
        return wrong("A guest needs a name.");
    }
    if matches!(name, "." | "..") {
        return wrong("A guest cannot be called that: files are named after it.");
    }
    if name.trim() != name {
        return wrong("A guest's name cannot begin or end with a blank.");
    }
    if name
        .chars()
        .any(|character| character == '/' || character.is_control())
    {
        return wrong("A guest's name cannot contain a slash or control characters.");
    }
    if name.len() > LONGEST_NAME {
        return wrong("The name is too long.");
    }
    Ok(())
}

fn name_taken(name: &str) -> Error {
    Error::new(
        ErrorKind::AlreadyExists,
        format!("A guest called “{name}” exists already on this host."),
    )
    .with_remedy("Choose another name.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for good in ["web", "web 1", "Größe", "a.b-c_d"] {
            check_name(good).unwrap();
        }
        for bad in [
            "",
            ".",
            "..",
            " ",
            " a",
            "a ",
            "a/b",
            "a\nb",
            &"x".repeat(201),
        ] {
            assert_eq!(check_name(bad).unwrap_err().kind(), ErrorKind::InvalidInput);
        }
    }
}
