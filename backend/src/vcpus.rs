//! A guest's virtual processors: blocking functions for worker threads.

use virt::domain::Domain;
use virt_sys as sys;

use crate::error::{Error, ErrorKind, Result};
use crate::model::VcpuReading;

const LIVE: u32 = sys::VIR_DOMAIN_VCPU_LIVE;
const CONFIG: u32 = sys::VIR_DOMAIN_VCPU_CONFIG;
const MAXIMUM: u32 = sys::VIR_DOMAIN_VCPU_MAXIMUM;

/// Reads the processors of the guest: those of its run, else those of its next. `tells_online`: the
/// driver's general count is of the processors that the guest uses (Xen's).
pub(crate) fn read(domain: &Domain, tells_online: bool) -> Result<VcpuReading> {
    let active = domain.is_active()?;
    let which = if active { LIVE } else { CONFIG };
    let current = domain.vcpus_flags(which)?;
    let online = if active && tells_online {
        Some(domain.info()?.nr_virt_cpu)
    } else {
        None
    };
    Ok(VcpuReading {
        current,
        maximum: domain.vcpus_flags(which | MAXIMUM)?.max(current),
        online,
    })
}

/// Gives the guest `count` processors: at once where it runs, and from its next start on where it
/// has a definition that stays.
pub(crate) fn set(domain: &Domain, count: u32) -> Result<()> {
    if count == 0 {
        return Err(Error::new(
            ErrorKind::InvalidInput,
            "A guest needs one processor at least.",
        ));
    }
    if !domain.is_active()? {
        check_maximum(count, domain.vcpus_flags(CONFIG | MAXIMUM)?, false)?;
        return Ok(domain.set_vcpus_flags(count, CONFIG)?);
    }
    check_maximum(count, domain.vcpus_flags(LIVE | MAXIMUM)?, true)?;
    let before = domain.vcpus_flags(LIVE)?;
    if let Err(error) = domain.set_vcpus_flags(count, LIVE).map_err(Error::from) {
        let now = domain.vcpus_flags(LIVE).unwrap_or(before);
        if now != count {
            return Err(explain(error, count, now));
        }
    }
    // Domain 0 is set up by the host's own start.
    if domain.id() == Some(0) || !domain.is_persistent()? {
        return Ok(());
    }
    let most = domain.vcpus_flags(CONFIG | MAXIMUM)?;
    Ok(domain.set_vcpus_flags(count.min(most), CONFIG)?)
}

/// Lets the guest have up to `maximum` processors, from its next start on; one that has more then
/// starts with as many.
pub(crate) fn set_maximum(domain: &Domain, maximum: u32) -> Result<()> {
    if !domain.is_persistent()? {
        return Err(Error::new(
            ErrorKind::NotSupported,
            "The guest has no definition that stays: it has no next start.",
        ));
    }
    Ok(domain.set_vcpus_flags(maximum.max(1), CONFIG | MAXIMUM)?)
}

fn check_maximum(count: u32, maximum: u32, runs: bool) -> Result<()> {
    if count <= maximum {
        return Ok(());
    }
    let (message, remedy) = if runs {
        (
            format!("The guest cannot have more than {maximum} processors while it runs."),
            "Raise its maximum; that takes effect when it starts again.",
        )
    } else {
        (
            format!("The guest can have {maximum} processors at most."),
            "Raise its maximum first.",
        )
    };
    Err(Error::new(ErrorKind::InvalidInput, message).with_remedy(remedy))
}

/// Why a running guest that was to have `count` has `now`.
fn explain(error: Error, count: u32, now: u32) -> Error {
    // The guest is asked to let go of them, and given a few seconds.
    if count < now && error.kind() == ErrorKind::Hypervisor {
        return error
            .with_message(format!(
                "The guest has not given its processors back: it has {now} of them."
            ))
            .with_remedy("It may still do so, or not be able to. Look again in a moment.");
    }
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_is_said_with_what_to_do() {
        check_maximum(4, 4, true).unwrap();
        for runs in [true, false] {
            let error = check_maximum(5, 4, runs).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert!(error.message().contains('4') && error.remedy().is_some());
        }
    }

    #[test]
    fn a_guest_that_keeps_its_processors_is_told_from_a_host_that_refuses() {
        let timed_out = || Error::new(ErrorKind::Hypervisor, "x").with_detail("timed out");
        assert!(explain(timed_out(), 1, 3).message().contains("it has 3"));
        assert_eq!(explain(timed_out(), 4, 3).message(), "x");
    }
}
