//! Why a connection could not be made, in words that help: what libvirt says of it is a number, a
//! place and a sentence for the one who wrote the code.

use virt_sys as sys;

use super::libvirt::Failure;
use super::{Error, ErrorKind};
use crate::ssh;
use crate::uri::Route;

/// The drivers that libvirt has or had. It takes any other word for one that a daemon far away may
/// know, and then fails at whatever comes first on the way there.
const DRIVERS: [&str; 24] = [
    "qemu",
    "xen",
    "test",
    "lxc",
    "vbox",
    "esx",
    "vpx",
    "gsx",
    "hyperv",
    "vmwareplayer",
    "vmwarews",
    "vmwarefusion",
    "vz",
    "parallels",
    "openvz",
    "bhyve",
    "ch",
    "remote",
    "network",
    "nodedev",
    "secret",
    "storage",
    "interface",
    "nwfilter",
];

impl Error {
    /// The error to show when `uri` could not be opened; `asked`: after user name and password had
    /// been given. Converts on the thread that failed.
    pub(crate) fn opening(uri: &str, asked: bool, error: &virt::error::Error) -> Self {
        explain(uri, asked, Failure::of(error))
    }
}

fn explain(uri: &str, asked: bool, failure: Failure<'_>) -> Error {
    let route = Route::of(uri);
    let words = failure.message.trim();
    let error = about_address(uri, route, failure)
        .or_else(|| about_person(route, asked, failure))
        .unwrap_or_else(|| match Place::of(route) {
            Place::Own if failure.kind() == ErrorKind::NotFound => {
                Error::new(ErrorKind::NotFound, "The hypervisor's file is not there.")
            }
            Place::Own => otherwise(failure),
            Place::Local => about_own_service(failure),
            Place::Remote { host, by } => match by {
                By::Ssh => behind_ssh(host, words),
                By::OtherSsh => other_ssh(host, words),
                By::Tls => about_certificates(host, failure),
                By::Tcp => None,
            }
            .unwrap_or_else(|| about_network(host, failure)),
        });
    error.with_detail(words)
}

/// What is wrong with the address itself.
fn about_address(uri: &str, route: Route<'_>, failure: Failure<'_>) -> Option<Error> {
    let invalid = |message: String| Error::new(ErrorKind::InvalidInput, message);
    if failure.domain == sys::VIR_FROM_URI {
        return Some(
            invalid(format!("“{uri}” is not a connection address.")).with_remedy(
                "An address looks like qemu:///system or qemu+ssh://user@host/system.",
            ),
        );
    }
    if !route.driver.is_empty() && !DRIVERS.contains(&route.driver) {
        return Some(
            invalid(format!(
                "libvirt knows no hypervisor called “{}”.",
                route.driver
            ))
            .with_remedy("An address begins with the hypervisor: “qemu” or “xen”."),
        );
    }
    if failure.domain == sys::VIR_FROM_REMOTE && failure.code == sys::VIR_ERR_INVALID_ARG {
        return Some(
            invalid(format!(
                "libvirt knows no way called “{}”.",
                route.transport
            ))
            .with_remedy("After the plus comes “ssh”, “tls”, “tcp” or “unix”."),
        );
    }
    if failure.code == sys::VIR_ERR_INTERNAL_ERROR
        && route.driver == "qemu"
        && !matches!(route.path, "system" | "session" | "embed")
    {
        return Some(
            invalid("The address does not say which of the host's hypervisors is meant.".into())
                .with_remedy("It has to end with “/system”, or “/session” for the user's own."),
        );
    }
    if failure.code == sys::VIR_ERR_NO_CONNECT {
        let (whose, name) = match Place::of(route) {
            Place::Remote { host, .. } => (format!("“{host}”"), name_of(route.driver)),
            Place::Local | Place::Own => ("this computer".to_owned(), name_of(route.driver)),
        };
        return Some(
            Error::new(
                ErrorKind::NotSupported,
                format!("The libvirt of {whose} offers no {name}."),
            )
            .with_remedy(format!(
                "Either {name} does not run there, or libvirt's driver for it is not installed. \
                 Another hypervisor has another word at the beginning of the address."
            )),
        );
    }
    None
}

fn name_of(driver: &str) -> &str {
    match driver {
        "qemu" => "QEMU/KVM",
        "xen" => "Xen",
        "lxc" => "Linux containers",
        other => other,
    }
}

/// What is wrong with who connects.
fn about_person(route: Route<'_>, asked: bool, failure: Failure<'_>) -> Option<Error> {
    let place = match Place::of(route) {
        Place::Remote { host, .. } => format!("“{host}”"),
        Place::Local | Place::Own => "This computer's hypervisor".to_owned(),
    };
    let refused = |message: String| Error::new(ErrorKind::AuthenticationFailed, message);
    if asked && failure.kind() == ErrorKind::AuthenticationFailed {
        return Some(
            refused(format!(
                "{place} did not accept the user name or the password."
            ))
            .with_remedy(
                "They are those of its libvirt, which need not be the user's on that computer: \
                     its administrator makes them with “saslpasswd2 -a libvirt”.",
            ),
        );
    }
    if failure.code == sys::VIR_ERR_AUTH_FAILED && failure.message.contains("SASL(-4)") {
        return Some(
            refused(format!(
                "{place} and this computer know no common way to identify."
            ))
            .with_remedy(
                "Install the modules of SASL here (Debian: libsasl2-modules, for Kerberos \
                     libsasl2-modules-gssapi-mit). With Kerberos, get a ticket with “kinit” first.",
            ),
        );
    }
    // The daemon asked polkit, or wanted to and could not.
    let asked_polkit = matches!(failure.domain, sys::VIR_FROM_POLKIT | sys::VIR_FROM_DBUS)
        || failure.domain == sys::VIR_FROM_AUTH
        || failure.code == sys::VIR_ERR_AUTH_UNAVAILABLE;
    match Place::of(route) {
        Place::Remote { host, .. } if asked_polkit => Some(no_right_there(host)),
        Place::Local
            if asked_polkit
                || matches!(
                    failure.kind(),
                    ErrorKind::PermissionDenied | ErrorKind::AuthenticationFailed
                ) =>
        {
            Some(
                Error::new(
                    ErrorKind::PermissionDenied,
                    "You may not use this computer's system hypervisor.",
                )
                .with_remedy(
                    "Join the group “libvirt” and log in again, or use your own session instead.",
                ),
            )
        }
        _ => None,
    }
}

fn no_right_there(host: &str) -> Error {
    Error::new(
        ErrorKind::PermissionDenied,
        format!("You may not use the hypervisor of “{host}” as this user."),
    )
    .with_remedy(
        "Connect as root, or have the user put into the group “libvirt” there: “usermod -aG libvirt” \
         and its name.",
    )
}

/// This computer's own daemon.
fn about_own_service(failure: Failure<'_>) -> Error {
    match failure.kind() {
        ErrorKind::NotFound | ErrorKind::Unreachable => Error::new(
            ErrorKind::NoDaemon,
            "No hypervisor service runs on this computer.",
        )
        .with_remedy(how_to_start(
            daemon_of(failure.message),
            crate::local::has_systemd(),
        )),
        ErrorKind::Disconnected => Error::new(
            ErrorKind::Disconnected,
            "The hypervisor service ended while it was being connected.",
        ),
        _ => otherwise(failure),
    }
}

/// The daemon whose socket a message names: "…/libvirt/virtqemud-sock".
fn daemon_of(message: &str) -> &str {
    let (before, _) = message.split_once("-sock").unwrap_or_default();
    match before.rsplit('/').next() {
        Some(name) if name.starts_with("virt") => name,
        // Named after the library itself.
        _ => "libvirtd",
    }
}

/// What starts `daemon` on a machine with systemd, or on one without.
fn how_to_start(daemon: &str, systemd: bool) -> String {
    match (daemon, systemd) {
        ("libvirtd", true) => "Start the libvirt service with “systemctl start libvirtd”.".into(),
        // Started by their sockets, as they are wanted.
        (daemon, true) => format!("Start it with “systemctl start {daemon}.socket”."),
        (daemon, false) => {
            format!("Start it as root with “{daemon} --daemon”; nothing else starts services here.")
        }
    }
}

/// Beyond a login by ssh that worked: what was started there to reach the daemon says why it did not.
fn behind_ssh(host: &str, words: &str) -> Option<Error> {
    let says = |text: &str| words.contains(text);
    let helper = says("virt-ssh-helper:") || says("nc:") || says("netcat:") || says("ncat:");
    if helper && (says("not found") || says("command not found")) {
        return Some(
            Error::new(
                ErrorKind::NoDaemon,
                format!("There is no libvirt on “{host}”."),
            )
            .with_remedy(
                "Install it there (Debian: libvirt-daemon-system, Fedora: libvirt-daemon). Where it \
                 is older than 6.8, netcat is needed too.",
            ),
        );
    }
    if helper && (says("No such file") || says("Connection refused")) {
        return Some(
            Error::new(
                ErrorKind::NoDaemon,
                format!("No hypervisor service runs on “{host}”."),
            )
            .with_remedy(format!("There: {}", how_to_start(daemon_of(words), true))),
        );
    }
    if helper && says("Permission denied") {
        return Some(no_right_there(host));
    }
    if says("Connection closed by UNKNOWN port") {
        return Some(Error::new(
            ErrorKind::Disconnected,
            format!("The ssh connection to “{host}” ended."),
        ));
    }
    None
}

/// An ssh that is not ours (`?command=`, libssh): all it says has come through libvirt.
fn other_ssh(host: &str, words: &str) -> Option<Error> {
    behind_ssh(host, words).or_else(|| ssh::recognise(host, words))
}

/// TLS, whose failures are numbers of other things.
fn about_certificates(host: &str, failure: Failure<'_>) -> Option<Error> {
    let says = |text: &str| failure.message.contains(text);
    let refused = |message: String| Error::new(ErrorKind::AuthenticationFailed, message);
    match (failure.code, failure.errno) {
        (sys::VIR_ERR_SYSTEM_ERROR, Some(libc::ENOENT)) => {
            let file = failure.message.split('\'').nth(1).unwrap_or("cacert.pem");
            Some(
                refused(format!(
                    "There is no certificate “{file}” to check “{host}” with."
                ))
                .with_remedy(
                    "Put the certificate of the authority that signed the host's there, or \
                         connect by ssh, which needs none.",
                ),
            )
        }
        // Of this computer's own files; nothing went over the network yet.
        (sys::VIR_ERR_SYSTEM_ERROR, None) if failure.domain == sys::VIR_FROM_NONE => Some(
            refused("The certificates of this computer cannot be used.".into()).with_remedy(
                "The details name the file. The certificate, its key and that of the authority \
                 have to belong together and must not have expired.",
            ),
        ),
        (sys::VIR_ERR_SYSTEM_ERROR, Some(libc::EIO)) => Some(
            refused(format!(
                "“{host}” did not accept the certificate of this computer."
            ))
            .with_remedy(
                "It wants a clientcert.pem with its clientkey.pem, signed by an authority it \
                     knows, and may keep a list of the names it lets in.",
            ),
        ),
        (sys::VIR_ERR_AUTH_FAILED, _) if says("handshake") => Some(something_else(host)),
        (sys::VIR_ERR_AUTH_FAILED | sys::VIR_ERR_GNUTLS_ERROR, _) => Some(
            refused(format!("The certificate of “{host}” is not accepted.")).with_remedy(
                "It is made out to another name than the one in the address, has expired, or was \
                 not signed by the authority in this computer's cacert.pem.",
            ),
        ),
        _ => None,
    }
}

/// What remains is on the way to the host.
fn about_network(host: &str, failure: Failure<'_>) -> Error {
    let unreachable = |message: String| Error::new(ErrorKind::Unreachable, message);
    match (failure.kind(), failure.errno) {
        (_, _) if failure.code == sys::VIR_ERR_RPC => something_else(host),
        (ErrorKind::Unreachable, Some(libc::ECONNREFUSED)) => unreachable(format!(
            "“{host}” is there and its libvirt does not listen on the network."
        ))
        .with_remedy(
            "Have its administrator start libvirtd-tls.socket or libvirtd-tcp.socket, or connect by \
             ssh, which needs neither.",
        ),
        (ErrorKind::Unreachable, None) => unreachable(format!("No host called “{host}” is known."))
            .with_remedy("Check the name, and that this computer is on the right network."),
        (ErrorKind::Unreachable, Some(_)) => unreachable(format!("“{host}” does not answer."))
            .with_remedy("Check that it is switched on, the network, and firewalls on the way."),
        (ErrorKind::Disconnected | ErrorKind::NotAnswering, _) => {
            unreachable(format!("“{host}” broke the connection off."))
                .with_remedy(
                    "Something else than libvirt may listen at that port; otherwise the log of its \
                     libvirt knows why.",
                )
        }
        (kind @ (ErrorKind::AuthenticationFailed | ErrorKind::PermissionDenied), _) => Error::new(
            kind,
            format!("“{host}” did not accept you as a user of its hypervisor."),
        )
        .with_remedy("Check the user name in the address and its rights on that host."),
        (kind, _) => Error::new(kind, format!("“{host}” could not be connected."))
            .with_remedy("The details hold what its libvirt said."),
    }
}

fn something_else(host: &str) -> Error {
    Error::new(
        ErrorKind::Unreachable,
        format!("What answers at “{host}” is not libvirt, or one of a version that does not fit."),
    )
    .with_remedy(
        "Check the port: libvirt's own are 16514 with TLS and 16509 without; ssh's is 22 and needs \
         “+ssh” in the address.",
    )
}

fn otherwise(failure: Failure<'_>) -> Error {
    let words = failure.message.trim();
    Error::new(failure.kind(), format!("Connecting failed: {words}."))
}

/// Where a connection address points.
#[derive(Debug, PartialEq, Eq)]
enum Place<'a> {
    /// A daemon on this computer.
    Local,
    /// A driver in this very process, such as the test driver.
    Own,
    /// Another computer.
    Remote {
        /// Its name, with the port.
        host: &'a str,
        by: By,
    },
}

/// The way to another computer.
#[derive(Debug, PartialEq, Eq)]
enum By {
    /// Through our own session.
    Ssh,
    /// By an ssh that libvirt starts, or its own.
    OtherSsh,
    Tls,
    Tcp,
}

impl<'a> Place<'a> {
    fn of(route: Route<'a>) -> Self {
        if route.authority.is_empty() {
            return match route.driver {
                "test" => Self::Own,
                _ => Self::Local,
            };
        }
        let by = match route.transport {
            "ssh" if route.parameter("command").is_none() => By::Ssh,
            "ssh" | "libssh" | "libssh2" => By::OtherSsh,
            "" | "tls" => By::Tls,
            _ => By::Tcp,
        };
        Self::Remote {
            host: route.authority,
            by,
        }
    }
}

#[cfg(test)]
mod tests;
