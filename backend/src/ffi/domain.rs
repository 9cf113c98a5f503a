//! Calls on one guest that the `virt` crate leaves out or whose failure it hides.

use std::ffi::CString;
use std::os::fd::{FromRawFd as _, OwnedFd};

use virt::domain::Domain;
use virt::error::Error;
use virt_sys as sys;

/// State and reason as libvirt counts them. (`virt` ignores that this may fail.)
///
/// # Errors
/// As libvirt says.
pub(crate) fn state(domain: &Domain) -> Result<(u32, u32), Error> {
    let (mut state, mut reason) = (0, 0);
    // SAFETY: the domain is valid while borrowed; both places are written before it returns.
    let result =
        unsafe { sys::virDomainGetState(domain.as_ptr(), &raw mut state, &raw mut reason, 0) };
    if result < 0 {
        return Err(Error::last_error());
    }
    Ok((state as u32, reason as u32))
}

/// Asks the hypervisor to give up what it is doing with the guest for long: saving, migrating.
///
/// # Errors
/// As libvirt says; when nothing is under way.
pub(crate) fn abort_job(domain: &Domain) -> Result<(), Error> {
    // SAFETY: the domain is valid while borrowed.
    if unsafe { sys::virDomainAbortJob(domain.as_ptr()) } < 0 {
        return Err(Error::last_error());
    }
    Ok(())
}

/// Writes the guest's memory into the file at `path` on its host, and ends the guest.
///
/// # Errors
/// As libvirt says.
pub(crate) fn save_to(domain: &Domain, path: &str) -> Result<(), Error> {
    let path = CString::new(path)?;
    // SAFETY: the domain is valid while borrowed, the path while the call lasts.
    if unsafe { sys::virDomainSave(domain.as_ptr(), path.as_ptr()) } < 0 {
        return Err(Error::last_error());
    }
    Ok(())
}

/// A socket to the guest's display `index`; the server was told to skip authentication where it
/// would ask for it.
///
/// Only for a local and direct connection: over a forwarded socket no descriptor can pass, and
/// trying closes the whole connection.
///
/// # Errors
/// As libvirt says.
pub(crate) fn open_graphics_fd(domain: &Domain, index: u32) -> Result<OwnedFd, Error> {
    // SAFETY: the domain is valid while borrowed.
    let fd = unsafe {
        sys::virDomainOpenGraphicsFD(
            domain.as_ptr(),
            index,
            sys::VIR_DOMAIN_OPEN_GRAPHICS_SKIPAUTH,
        )
    };
    if fd < 0 {
        return Err(Error::last_error());
    }
    // SAFETY: libvirt opened it for the caller, who alone owns it from here on.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}
