//! Reading guests: all of them with two calls, or one that changed.

use std::collections::HashMap;

use virt::domain::Domain;
use virt_sys as sys;

use crate::error::{Error, ErrorKind, Result};
use crate::ffi::stats::{self, Record};
use crate::link::Link;
use crate::model::{GuestId, GuestState, MemorySize, VcpuCount};

/// Groups of statistics a list row is made of.
const GROUPS: u32 =
    sys::VIR_DOMAIN_STATS_STATE | sys::VIR_DOMAIN_STATS_BALLOON | sys::VIR_DOMAIN_STATS_VCPU;

/// Rather an older figure than waiting for a guest that is busy with something else.
pub(crate) const NOWAIT: u32 = sys::VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT;

/// What one look at a guest tells, without its definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) id: GuestId,
    pub(crate) name: String,
    pub(crate) domain_id: Option<u32>,
    pub(crate) state: GuestState,
    pub(crate) memory: MemorySize,
    pub(crate) vcpus: VcpuCount,
}

/// A list as two calls tell it.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    pub(crate) guests: Vec<Facts>,
    /// Guests of whom the bulk call did not tell enough; the figures above are provisional.
    pub(crate) incomplete: Vec<GuestId>,
    /// Whether the driver has the bulk call.
    pub(crate) bulk: bool,
}

/// Attributes that only filtered listing tells of all guests in few calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Traits {
    pub(crate) persistent: bool,
    pub(crate) autostart: bool,
    pub(crate) saved: bool,
}

/// Lists all guests: two calls. Where the driver runs in this process (`own`) and asking costs
/// nothing, what the bulk call does not tell is asked guest by guest at once. Blocks.
///
/// # Errors
/// As libvirt says.
pub(crate) fn list(link: &Link, own: bool) -> Result<Listing> {
    let domains = link.connect().list_all_domains(0)?;
    let (records, bulk) = match stats::all(link.connect(), GROUPS, NOWAIT) {
        Ok(records) => (records.into_iter().collect(), true),
        Err(error) => {
            let error = Error::from(error);
            if error.kind() != ErrorKind::NotSupported {
                return Err(error);
            }
            (HashMap::new(), false)
        }
    };
    let mut listing = Listing {
        bulk,
        ..Listing::default()
    };
    for domain in &domains {
        let Ok((id, name)) = identity(domain) else {
            continue;
        };
        let mut facts = records
            .get(&id)
            .and_then(|record| from_record(domain, id, &name, record));
        if facts.is_none() && own {
            facts = from_info(domain, id, name.clone()).ok();
        }
        if facts.is_none() {
            listing.incomplete.push(id);
        }
        listing
            .guests
            .push(facts.unwrap_or_else(|| provisional(domain, id, name)));
    }
    Ok(listing)
}

/// The traits of all guests: three calls. Blocks.
///
/// # Errors
/// As libvirt says.
pub(crate) fn list_traits(link: &Link) -> Result<HashMap<GuestId, Traits>> {
    let mut traits: HashMap<GuestId, Traits> = HashMap::new();
    let mut note = |filter, set: fn(&mut Traits)| -> Result<()> {
        for domain in link.connect().list_all_domains(filter)? {
            let id = GuestId(domain.uuid()?);
            set(traits.entry(id).or_default());
        }
        Ok(())
    };
    note(sys::VIR_CONNECT_LIST_DOMAINS_PERSISTENT, |traits| {
        traits.persistent = true;
    })?;
    note(sys::VIR_CONNECT_LIST_DOMAINS_AUTOSTART, |traits| {
        traits.autostart = true;
    })?;
    note(sys::VIR_CONNECT_LIST_DOMAINS_MANAGEDSAVE, |traits| {
        traits.saved = true;
    })?;
    Ok(traits)
}

/// Looks at one guest; `bulk` says whether the driver has the call for statistics. Blocks.
///
/// # Errors
/// [`ErrorKind::NotFound`] when it is gone.
pub(crate) fn look_at(domain: &Domain, bulk: bool) -> Result<(Facts, Traits)> {
    let (id, name) = identity(domain)?;
    let record = if bulk {
        stats::one(domain, GROUPS, NOWAIT)?
    } else {
        Record::default()
    };
    let facts = match from_record(domain, id, &name, &record) {
        Some(facts) => facts,
        None => from_info(domain, id, name)?,
    };
    let traits = Traits {
        persistent: domain.is_persistent()?,
        // Transient guests have no autostart to ask for; some drivers have no managed save.
        autostart: domain.autostart().unwrap_or(false),
        saved: domain.has_managed_save(0).unwrap_or(false),
    };
    Ok((facts, traits))
}

fn identity(domain: &Domain) -> Result<(GuestId, String)> {
    Ok((GuestId(domain.uuid()?), domain.name()?))
}

fn from_record(domain: &Domain, id: GuestId, name: &str, record: &Record) -> Option<Facts> {
    let number = |field| {
        record
            .get(field)
            .and_then(|value| u32::try_from(value).ok())
    };
    let state = state_of(
        number("state.state")?,
        number("state.reason").unwrap_or_default(),
        domain.id().is_some(),
    );
    let maximum_kib = record.get("balloon.maximum")?;
    let maximum = number("vcpu.maximum")?;
    Some(Facts {
        id,
        name: name.into(),
        domain_id: domain.id(),
        state,
        memory: MemorySize {
            current_kib: record.get("balloon.current").unwrap_or(maximum_kib),
            maximum_kib,
        },
        vcpus: VcpuCount {
            current: number("vcpu.current").unwrap_or(maximum),
            maximum,
        },
    })
}

/// The way for drivers without statistics: a few calls per guest.
fn from_info(domain: &Domain, id: GuestId, name: String) -> Result<Facts> {
    let info = domain.info()?;
    let (state, reason) = crate::ffi::domain::state(domain)?;
    // The most it can have: live for a running guest, else as defined.
    let flags = sys::VIR_DOMAIN_VCPU_CURRENT | sys::VIR_DOMAIN_VCPU_MAXIMUM;
    let maximum = domain.vcpus_flags(flags).unwrap_or(info.nr_virt_cpu);
    Ok(Facts {
        id,
        name,
        domain_id: domain.id(),
        state: state_of(state, reason, domain.id().is_some()),
        memory: MemorySize {
            current_kib: info.memory,
            maximum_kib: info.max_mem,
        },
        vcpus: VcpuCount {
            current: info.nr_virt_cpu,
            maximum: maximum.max(info.nr_virt_cpu),
        },
    })
}

/// What the bare list tells: a guest with a number runs.
fn provisional(domain: &Domain, id: GuestId, name: String) -> Facts {
    let domain_id = domain.id();
    Facts {
        id,
        name,
        domain_id,
        state: if domain_id.is_some() {
            GuestState::Running
        } else {
            GuestState::Off
        },
        memory: MemorySize::default(),
        vcpus: VcpuCount::default(),
    }
}

/// From libvirt's `virDomainState` and its reason. Whether an off guest is saved is not known here.
fn state_of(state: u32, reason: u32, has_number: bool) -> GuestState {
    match state {
        sys::VIR_DOMAIN_RUNNING | sys::VIR_DOMAIN_BLOCKED => GuestState::Running,
        sys::VIR_DOMAIN_PAUSED if reason == sys::VIR_DOMAIN_PAUSED_IOERROR => {
            GuestState::PausedOnStorageError
        }
        sys::VIR_DOMAIN_PAUSED if reason == sys::VIR_DOMAIN_PAUSED_STARTING_UP => {
            GuestState::Starting
        }
        sys::VIR_DOMAIN_PAUSED => GuestState::Paused,
        sys::VIR_DOMAIN_SHUTDOWN => GuestState::ShuttingDown,
        sys::VIR_DOMAIN_SHUTOFF if reason == sys::VIR_DOMAIN_SHUTOFF_CRASHED => GuestState::Crashed,
        sys::VIR_DOMAIN_SHUTOFF => GuestState::Off,
        sys::VIR_DOMAIN_CRASHED => GuestState::Crashed,
        sys::VIR_DOMAIN_PMSUSPENDED => GuestState::Suspended,
        // Xen says "no state" of a guest that is just not on a processor.
        sys::VIR_DOMAIN_NOSTATE if has_number => GuestState::Running,
        _ => GuestState::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states() {
        assert_eq!(state_of(1, 0, true), GuestState::Running);
        assert_eq!(state_of(3, 1, true), GuestState::Paused);
        assert_eq!(state_of(3, 5, true), GuestState::PausedOnStorageError);
        assert_eq!(state_of(3, 11, true), GuestState::Starting);
        assert_eq!(state_of(5, 2, false), GuestState::Off);
        assert_eq!(state_of(5, 3, false), GuestState::Crashed);
        assert_eq!(state_of(0, 0, true), GuestState::Running);
        assert_eq!(state_of(0, 0, false), GuestState::Unknown);
        assert_eq!(state_of(99, 0, true), GuestState::Unknown);
    }
}
