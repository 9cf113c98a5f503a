//! From libvirt's errors to ours.
//!
//! libvirt keeps errors per thread and its messages are translated text, so the kind is found from
//! the numbers (domain, code, `errno`), on the thread that failed. Only what ssh says is recognised
//! by its words, because nothing else is left of it; ssh does not translate.

use virt_sys as sys;

use super::{Error, ErrorKind};
use crate::ffi::last_error;
use crate::uri::Route;

/// What libvirt says of a failure, as numbers and words.
#[derive(Debug, Clone, Copy)]
struct Failure<'a> {
    domain: u32,
    code: u32,
    errno: Option<i32>,
    message: &'a str,
}

impl<'a> Failure<'a> {
    /// Must be called on the thread that failed, before it calls libvirt again.
    fn of(error: &'a virt::error::Error) -> Self {
        let code = error.code().to_raw();
        Self {
            domain: error.domain().to_raw(),
            code,
            errno: last_error::errno(code),
            message: error.message(),
        }
    }

    fn kind(self) -> ErrorKind {
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
            // Here libvirt's words are all there is to know.
            _ => Self::new(kind, format!("The hypervisor refused: {words}.")),
        };
        error.with_detail(words)
    }
}

impl Error {
    /// The error to show when `uri` could not be opened. Converts on the thread that failed.
    pub(crate) fn opening(uri: &str, error: &virt::error::Error) -> Self {
        explain_open(uri, Failure::of(error))
    }
}

/// What starts the daemon on a machine with systemd, or on one without.
fn how_to_start(systemd: bool) -> &'static str {
    if systemd {
        "Start the libvirt service with “systemctl start libvirtd”."
    } else {
        "Start it as root with “libvirtd --daemon”; nothing else starts services here."
    }
}

fn explain_open(uri: &str, failure: Failure<'_>) -> Error {
    let place = Place::of(uri);
    let words = failure.message.trim();
    let error = match (&place, failure.kind()) {
        (_, _) if failure.domain == sys::VIR_FROM_URI => Error::new(
            ErrorKind::InvalidInput,
            format!("“{uri}” is not a connection address."),
        )
        .with_remedy("An address looks like qemu:///system or qemu+ssh://user@host/system."),
        (Place::Local, ErrorKind::NotFound | ErrorKind::Unreachable) => Error::new(
            ErrorKind::NoDaemon,
            "No hypervisor service runs on this computer.",
        )
        .with_remedy(how_to_start(crate::local::has_systemd())),
        (Place::Local, ErrorKind::PermissionDenied | ErrorKind::AuthenticationFailed) => no_right(),
        // The daemon wanted to ask polkit and could not.
        (Place::Local, _)
            if matches!(
                failure.domain,
                sys::VIR_FROM_POLKIT | sys::VIR_FROM_DBUS | sys::VIR_FROM_AUTH
            ) =>
        {
            no_right()
        }
        (Place::Local, ErrorKind::Disconnected) => Error::new(
            ErrorKind::Disconnected,
            "The hypervisor service ended while it was being connected.",
        ),
        (Place::Own, ErrorKind::NotFound) => {
            Error::new(ErrorKind::NotFound, "The hypervisor's file is not there.")
        }
        (Place::Remote { host, ssh }, _) if *ssh => {
            explain_ssh(host, words).unwrap_or_else(|| explain_remote(host, failure.kind()))
        }
        (Place::Remote { host, .. }, kind) => explain_remote(host, kind),
        (_, kind) => Error::new(kind, format!("Connecting failed: {words}.")),
    };
    error.with_detail(words)
}

fn no_right() -> Error {
    Error::new(
        ErrorKind::PermissionDenied,
        "You may not use this computer's system hypervisor.",
    )
    .with_remedy("Join the group “libvirt” and log in again, or use your own session instead.")
}

fn explain_remote(host: &str, kind: ErrorKind) -> Error {
    match kind {
        ErrorKind::Unreachable | ErrorKind::Disconnected | ErrorKind::NotAnswering => Error::new(
            ErrorKind::Unreachable,
            format!("“{host}” cannot be reached."),
        )
        .with_remedy("Check its name, the network, and that it accepts libvirt connections."),
        // The daemon's socket, or the certificates of this side.
        ErrorKind::NotFound => Error::new(
            ErrorKind::NoDaemon,
            format!("The connection to “{host}” could not be set up."),
        )
        .with_remedy(
            "See the details: the service may not run there, or a certificate is missing.",
        ),
        ErrorKind::AuthenticationFailed | ErrorKind::PermissionDenied => Error::new(
            kind,
            format!("“{host}” did not accept you as a user of its hypervisor."),
        )
        .with_remedy("Check the user name in the address and its rights on that host."),
        kind => Error::new(kind, format!("“{host}” could not be connected.")),
    }
}

/// What ssh said, which libvirt passes on as the text of a broken connection.
fn explain_ssh(host: &str, words: &str) -> Option<Error> {
    let says = |text: &str| words.contains(text);
    if says("Permission denied") {
        return Some(
            Error::new(
                ErrorKind::AuthenticationFailed,
                format!("“{host}” did not accept your ssh key or password."),
            )
            .with_remedy("Try “ssh” to that host in a terminal first."),
        );
    }
    if says("Host key verification failed") {
        return Some(
            Error::new(
                ErrorKind::AuthenticationFailed,
                format!("The identity of “{host}” is not known or has changed."),
            )
            .with_remedy("Connect once with “ssh” in a terminal and check its key."),
        );
    }
    if says("Could not resolve hostname") {
        return Some(
            Error::new(
                ErrorKind::Unreachable,
                format!("No host called “{host}” is known."),
            )
            .with_remedy("Check the name."),
        );
    }
    if says("Connection refused") || says("timed out") || says("No route to host") {
        return Some(
            Error::new(
                ErrorKind::Unreachable,
                format!("“{host}” does not accept ssh connections."),
            )
            .with_remedy("Check the name, the port, and that its ssh server runs."),
        );
    }
    None
}

/// Where a connection address points.
#[derive(Debug, PartialEq, Eq)]
enum Place {
    /// A daemon on this computer.
    Local,
    /// A driver in this very process, such as the test driver.
    Own,
    /// Another computer.
    Remote { host: String, ssh: bool },
}

impl Place {
    fn of(uri: &str) -> Self {
        let route = Route::of(uri);
        if !route.authority.is_empty() {
            return Self::Remote {
                host: route.authority.into(),
                ssh: matches!(route.transport, "ssh" | "libssh" | "libssh2"),
            };
        }
        if route.driver == "test" {
            return Self::Own;
        }
        Self::Local
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RPC: u32 = sys::VIR_FROM_RPC;
    const SYSTEM: u32 = sys::VIR_ERR_SYSTEM_ERROR;

    fn opening(uri: &str, domain: u32, code: u32, errno: i32, message: &str) -> ErrorKind {
        let errno = (errno > 0).then_some(errno);
        let error = explain_open(
            uri,
            Failure {
                domain,
                code,
                errno,
                message,
            },
        );
        assert!(error.message().ends_with('.'), "{}", error.message());
        assert_eq!(error.detail(), Some(message));
        error.kind()
    }

    /// Numbers and words as libvirt 11.3 gave them.
    #[test]
    fn failures_to_open_are_told_apart() {
        use ErrorKind as K;
        let system = "qemu:///system";
        let socket = "Failed to connect socket to '/var/run/libvirt/libvirt-sock'";
        for (uri, domain, code, errno, message, kind) in [
            (system, RPC, SYSTEM, libc::ENOENT, socket, K::NoDaemon),
            (system, RPC, SYSTEM, libc::ECONNREFUSED, socket, K::NoDaemon),
            (
                system,
                RPC,
                SYSTEM,
                libc::EACCES,
                socket,
                K::PermissionDenied,
            ),
            (
                system,
                sys::VIR_FROM_POLKIT,
                sys::VIR_ERR_AUTH_UNAVAILABLE,
                -1,
                "authentication unavailable: no polkit agent available",
                K::PermissionDenied,
            ),
            (
                system,
                sys::VIR_FROM_DBUS,
                sys::VIR_ERR_INTERNAL_ERROR,
                -1,
                "internal error: Unable to get system bus connection",
                K::PermissionDenied,
            ),
            (
                "qemu+tcp://127.0.0.1:1/system",
                RPC,
                SYSTEM,
                libc::ECONNREFUSED,
                "unable to connect to server at '127.0.0.1:1': Connection refused",
                K::Unreachable,
            ),
            (
                "qemu+tcp://nosuch.invalid/system",
                RPC,
                SYSTEM,
                -1,
                "Unable to resolve address 'nosuch.invalid' service '16509'",
                K::Unreachable,
            ),
            (
                "qemu+ssh://nosuch.invalid/system",
                RPC,
                SYSTEM,
                libc::ECONNRESET,
                "Cannot recv data: ssh: Could not resolve hostname nosuch.invalid: Name or \
                 service not known: Connection reset by peer",
                K::Unreachable,
            ),
            (
                "qemu+ssh://root@host/system",
                RPC,
                SYSTEM,
                libc::ECONNRESET,
                "Cannot recv data: root@host: Permission denied (publickey).: Connection reset \
                 by peer",
                K::AuthenticationFailed,
            ),
            (
                "qemu+tls://host/system",
                RPC,
                SYSTEM,
                libc::ENOENT,
                "Cannot read CA certificate '/etc/pki/CA/cacert.pem'",
                K::NoDaemon,
            ),
            (
                "qemu+tcp://host/system",
                RPC,
                sys::VIR_ERR_AUTH_FAILED,
                -1,
                "authentication failed: Failed to start SASL negotiation",
                K::AuthenticationFailed,
            ),
            (
                "not a uri",
                sys::VIR_FROM_URI,
                sys::VIR_ERR_INTERNAL_ERROR,
                -1,
                "internal error: Unable to parse URI not a uri",
                K::InvalidInput,
            ),
            (
                "test:///nonexistent.xml",
                0,
                SYSTEM,
                libc::ENOENT,
                "Failed to open file '/nonexistent.xml'",
                K::NotFound,
            ),
        ] {
            assert_eq!(
                opening(uri, domain, code, errno, message),
                kind,
                "{message}"
            );
        }
    }

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

    #[test]
    fn places() {
        assert_eq!(Place::of("qemu:///system"), Place::Local);
        assert_eq!(Place::of("qemu+unix:///system?socket=/x"), Place::Local);
        assert_eq!(Place::of("test:///default"), Place::Own);
        let remote = |host: &str, ssh| Place::Remote {
            host: host.into(),
            ssh,
        };
        assert_eq!(Place::of("qemu+ssh://me@h:22/system"), remote("h:22", true));
        assert_eq!(Place::of("xen+tcp://h"), remote("h", false));
    }
}
