//! From libvirt's errors to ours.
//!
//! libvirt keeps errors per thread and its messages are translated text, so the kind is found from
//! the numbers (domain, code, `errno`), on the thread that failed.

use virt_sys as sys;

use super::{Error, ErrorKind};
use crate::ffi::last_error;

/// What libvirt says of a failure, as numbers and words.
#[derive(Debug, Clone, Copy)]
pub(super) struct Failure<'a> {
    pub(super) domain: u32,
    pub(super) code: u32,
    pub(super) errno: Option<i32>,
    pub(super) message: &'a str,
}

impl<'a> Failure<'a> {
    /// Must be called on the thread that failed, before it calls libvirt again.
    pub(super) fn of(error: &'a virt::error::Error) -> Self {
        let code = error.code().to_raw();
        Self {
            domain: error.domain().to_raw(),
            code,
            errno: last_error::errno(code),
            message: error.message(),
        }
    }

    pub(super) fn kind(self) -> ErrorKind {
        match self.code {
            sys::VIR_ERR_SYSTEM_ERROR => self.system_error_kind(),
            // The RPC client's own troubles: the socket closed under it, keepalive ran out.
            sys::VIR_ERR_INTERNAL_ERROR | sys::VIR_ERR_RPC
                if matches!(self.domain, sys::VIR_FROM_RPC | sys::VIR_FROM_REMOTE) =>
            {
                ErrorKind::Disconnected
            }
            sys::VIR_ERR_INVALID_CONN | sys::VIR_ERR_NO_CONNECT => ErrorKind::Disconnected,
            sys::VIR_ERR_UNKNOWN_HOST | sys::VIR_ERR_NO_HOSTNAME => ErrorKind::Unreachable,
            sys::VIR_ERR_AUTH_FAILED
            | sys::VIR_ERR_AUTH_CANCELLED
            | sys::VIR_ERR_AUTH_UNAVAILABLE
            | sys::VIR_ERR_GNUTLS_ERROR => ErrorKind::AuthenticationFailed,
            sys::VIR_ERR_OPERATION_DENIED | sys::VIR_ERR_ACCESS_DENIED => {
                ErrorKind::PermissionDenied
            }
            sys::VIR_ERR_NO_DOMAIN
            | sys::VIR_ERR_NO_NETWORK
            | sys::VIR_ERR_NO_INTERFACE
            | sys::VIR_ERR_NO_STORAGE_POOL
            | sys::VIR_ERR_NO_STORAGE_VOL
            | sys::VIR_ERR_DEVICE_MISSING => ErrorKind::NotFound,
            sys::VIR_ERR_DOM_EXIST
            | sys::VIR_ERR_NETWORK_EXIST
            | sys::VIR_ERR_STORAGE_VOL_EXIST => ErrorKind::AlreadyExists,
            sys::VIR_ERR_OPERATION_INVALID | sys::VIR_ERR_RESOURCE_BUSY => ErrorKind::WrongState,
            sys::VIR_ERR_NO_SUPPORT
            | sys::VIR_ERR_OPERATION_UNSUPPORTED
            | sys::VIR_ERR_ARGUMENT_UNSUPPORTED
            | sys::VIR_ERR_CONFIG_UNSUPPORTED => ErrorKind::NotSupported,
            sys::VIR_ERR_INVALID_ARG
            | sys::VIR_ERR_XML_ERROR
            | sys::VIR_ERR_XML_DETAIL
            | sys::VIR_ERR_XML_INVALID_SCHEMA => ErrorKind::InvalidInput,
            _ => ErrorKind::Hypervisor,
        }
    }

    fn system_error_kind(self) -> ErrorKind {
        match self.errno {
            Some(libc::ENOSPC | libc::EDQUOT) => ErrorKind::NoSpace,
            Some(libc::EACCES | libc::EPERM) => ErrorKind::PermissionDenied,
            Some(libc::EROFS | libc::ENOTDIR | libc::EISDIR) => ErrorKind::BadPath,
            Some(libc::ENOENT) => ErrorKind::NotFound,
            Some(libc::EEXIST) => ErrorKind::AlreadyExists,
            Some(
                libc::ECONNREFUSED
                | libc::EHOSTUNREACH
                | libc::ENETUNREACH
                | libc::ETIMEDOUT
                | libc::EADDRNOTAVAIL,
            ) => ErrorKind::Unreachable,
            Some(libc::EPIPE | libc::ECONNRESET | libc::ENOTCONN | libc::EIO)
                if self.domain == sys::VIR_FROM_RPC =>
            {
                ErrorKind::Disconnected
            }
            // A name that does not resolve has no errno.
            None if self.domain == sys::VIR_FROM_RPC => ErrorKind::Unreachable,
            _ => ErrorKind::Hypervisor,
        }
    }
}

impl From<virt::error::Error> for Error {
    /// Converts on the thread that failed. What the failure means for what was being done is for
    /// the caller to say ([`Error::with_message`]).
    fn from(error: virt::error::Error) -> Self {
        let failure = Failure::of(&error);
        let kind = failure.kind();
        let words = failure.message.trim();
        let error = match kind {
            ErrorKind::Disconnected => Self::new(kind, "The connection to the host was lost."),
            ErrorKind::PermissionDenied => {
                Self::new(kind, "The host does not let this user do that.")
            }
            ErrorKind::AuthenticationFailed => {
                Self::new(kind, "The host did not accept the identification.")
            }
            ErrorKind::Unreachable => Self::new(kind, "The host cannot be reached."),
            ErrorKind::NotFound => Self::new(kind, "It is not there any more."),
            ErrorKind::AlreadyExists => Self::new(kind, "Something of that name exists already."),
            ErrorKind::WrongState => Self::new(kind, "That is not possible at this moment."),
            ErrorKind::NotSupported => Self::new(kind, "The hypervisor cannot do this."),
            ErrorKind::NoSpace => Self::new(kind, "There is not enough space on the host.")
                .with_remedy("Free some space there, or choose another place."),
            // libxl's own reasons stay on the host.
            _ if failure.domain == sys::VIR_FROM_LIBXL => Self::new(kind, "Xen could not do this.")
                .with_remedy(
                    "Its reasons are on the host, in /var/log/libvirt/libxl/libxl-driver.log and \
                     in the folder /var/log/xen.",
                ),
            // Here libvirt's words are all there is to know.
            _ => Self::new(kind, format!("The hypervisor refused: {words}.")),
        };
        error.with_detail(words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RPC: u32 = sys::VIR_FROM_RPC;
    const SYSTEM: u32 = sys::VIR_ERR_SYSTEM_ERROR;

    #[test]
    fn the_rpc_client_failing_is_a_lost_connection() {
        for (code, errno) in [
            (sys::VIR_ERR_INTERNAL_ERROR, None),
            (SYSTEM, Some(libc::EPIPE)),
            (SYSTEM, Some(libc::EIO)),
        ] {
            let failure = Failure {
                domain: RPC,
                code,
                errno,
                message: "client socket is closed",
            };
            assert_eq!(failure.kind(), ErrorKind::Disconnected);
        }
    }
}
