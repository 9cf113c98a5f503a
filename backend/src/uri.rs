//! Connection addresses: where they lead. libvirt's own reading of them is the one that counts;
//! this one is for what has to be known before, or beside, a connection.
//!
//! <https://libvirt.org/uri.html>

/// Where a connection address leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Route<'a> {
    /// `qemu`, `xen`, `test`, ...
    pub(crate) driver: &'a str,
    /// `ssh`, `tls`, `tcp`, `unix`, ..., or nothing.
    pub(crate) transport: &'a str,
    user: Option<&'a str>,
    /// Name or address with the port, without the user; empty for this machine.
    pub(crate) authority: &'a str,
    /// `system`, `session`, or a file of the test driver.
    pub(crate) path: &'a str,
    query: &'a str,
}

impl<'a> Route<'a> {
    pub(crate) fn of(uri: &'a str) -> Self {
        let (scheme, rest) = uri.split_once("://").unwrap_or(("", uri));
        let (driver, transport) = scheme.split_once('+').unwrap_or((scheme, ""));
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (user, authority) = match authority.rsplit_once('@') {
            Some((user, authority)) => (Some(user), authority),
            None => (None, authority),
        };
        Self {
            driver,
            transport,
            user,
            authority,
            path,
            query,
        }
    }

    /// Whether the daemon is one of this machine, reached by its own socket: not forwarded from
    /// elsewhere (`?socket=` may be).
    pub(crate) fn is_local_and_direct(self) -> bool {
        self.authority.is_empty()
            && matches!(self.transport, "" | "unix")
            && self.parameter("socket").is_none()
    }

    /// What the address says of `name` behind its question mark; the first time counts, as for
    /// libvirt.
    pub(crate) fn parameter(self, name: &str) -> Option<String> {
        self.query.split(['&', ';']).find_map(|part| {
            let (found, value) = part.split_once('=').unwrap_or((part, ""));
            (found == name).then(|| decoded(value))
        })
    }

    /// The user's name.
    pub(crate) fn user(self) -> Option<String> {
        self.user.filter(|user| !user.is_empty()).map(decoded)
    }

    /// The name or address of another computer, without the port.
    pub(crate) fn host(self) -> Option<&'a str> {
        // Addresses of IPv6 stand in brackets.
        let (host, _) = self.host_and_port();
        (!host.is_empty()).then_some(host)
    }

    pub(crate) fn port(self) -> Option<&'a str> {
        self.host_and_port().1.filter(|port| !port.is_empty())
    }

    fn host_and_port(self) -> (&'a str, Option<&'a str>) {
        let (host, rest) = match self.authority.strip_prefix('[') {
            Some(bracketed) => bracketed.split_once(']').unwrap_or((bracketed, "")),
            None => self
                .authority
                .find(':')
                .map_or((self.authority, ""), |colon| self.authority.split_at(colon)),
        };
        (host, rest.strip_prefix(':'))
    }
}

/// Text with its escapes (`%20`) resolved; what is no escape stays as it is.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, following @ ..] = rest {
        let escaped = (*first == b'%')
            .then(|| following.get(..2))
            .flatten()
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(escaped.unwrap_or(*first));
        rest = if escaped.is_some() {
            &following[2..]
        } else {
            following
        };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Whether the driver of that address runs in this process, without a daemon.
pub(crate) fn runs_in_this_process(uri: &str) -> bool {
    let route = Route::of(uri);
    route.authority.is_empty() && route.transport.is_empty() && route.driver == "test"
}

/// Whether displays of that host can be passed as descriptors over the connection at `uri`.
pub(crate) fn passes_descriptors(uri: &str) -> bool {
    Route::of(uri).is_local_and_direct()
}

/// Whether the way to that host is one of the kinds of ssh.
pub(crate) fn is_through_ssh(uri: &str) -> bool {
    matches!(Route::of(uri).transport, "ssh" | "libssh" | "libssh2")
}

/// The name or address of another computer that a connection address leads to.
pub(crate) fn remote_host(uri: &str) -> Option<&str> {
    Route::of(uri).host()
}

/// Whether the daemon at `uri` is surely one of this machine. One at a port of its own or behind a
/// socket that was named may be forwarded from another.
pub(crate) fn is_this_machine(uri: &str) -> bool {
    let route = Route::of(uri);
    let (host, port) = route.host_and_port();
    route.is_local_and_direct() || (port.is_none() && is_loopback(host))
}

/// Whether a name or address is what every machine calls itself.
pub fn is_loopback(host: &str) -> bool {
    host == "localhost"
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_direct_local_connections_pass_descriptors() {
        assert!(passes_descriptors("qemu:///system"));
        assert!(passes_descriptors("qemu+unix:///session"));
        assert!(!passes_descriptors(
            "qemu+unix:///system?socket=/tmp/forwarded"
        ));
        assert!(!passes_descriptors("qemu:///system?mode=legacy&socket=/x"));
        assert!(!passes_descriptors("qemu+ssh://host/system"));
        assert!(!passes_descriptors("qemu+tcp://127.0.0.1/system"));
    }

    #[test]
    fn remote_hosts() {
        assert_eq!(remote_host("qemu+ssh://me@host:2222/system"), Some("host"));
        assert_eq!(remote_host("qemu+tcp://[::1]:16509/system"), Some("::1"));
        assert_eq!(remote_host("qemu:///system"), None);
    }

    #[test]
    fn parameters_and_escapes() {
        let route =
            Route::of("qemu+ssh://me%40corp@[::1]:22/system?keyfile=/a%20b&keyfile=c&no_tty");
        assert_eq!(route.user().as_deref(), Some("me@corp"));
        assert_eq!((route.host(), route.port()), (Some("::1"), Some("22")));
        assert_eq!(route.parameter("keyfile").as_deref(), Some("/a b"));
        assert_eq!(route.parameter("no_tty").as_deref(), Some(""));
        assert_eq!(route.parameter("socket"), None);
        assert_eq!(Route::of("qemu+ssh://@h:/").user(), None);
        assert_eq!(Route::of("qemu+ssh://h:/").port(), None);
        for odd in ["%", "%4", "%zz", "%+1", "é%c3%a9%ff"] {
            let _ = decoded(odd);
        }
        assert_eq!(decoded("%zz%"), "%zz%");
        assert_eq!(decoded("é%c3%a9"), "éé");
    }

    #[test]
    fn only_the_test_driver_runs_here() {
        assert!(runs_in_this_process("test:///default"));
        assert!(!runs_in_this_process("test+ssh://host/default"));
        assert!(!runs_in_this_process("qemu:///session"));
    }
}
