//! Where a VNC server is reached.

use std::{fmt, os::unix::net::UnixStream, path::PathBuf, str::FromStr};

/// How to reach a VNC server.
#[derive(Debug)]
pub enum Endpoint {
    /// A socket that is connected already, for example one half of a pair whose other half a
    /// hypervisor was given.
    Socket(UnixStream),
    /// A TCP port.
    Tcp {
        /// Name or address (an IPv6 address without brackets).
        host: String,
        /// Port number; VNC display *n* listens at 5900 + *n*.
        port: u16,
    },
    /// A Unix socket in the file system.
    Path(PathBuf),
}

impl Endpoint {
    /// The name or address of the host, where it is another than this one, or may be.
    pub(crate) fn host(&self) -> Option<&str> {
        match self {
            Self::Tcp { host, .. } => Some(host),
            Self::Socket(_) | Self::Path(_) => None,
        }
    }

    /// The same once more, where it can be connected to more than once.
    pub(crate) fn again(&self) -> Option<Self> {
        match self {
            Self::Socket(_) => None,
            Self::Tcp { host, port } => Some(Self::Tcp {
                host: host.clone(),
                port: *port,
            }),
            Self::Path(path) => Some(Self::Path(path.clone())),
        }
    }
}

impl fmt::Display for Endpoint {
    /// The endpoint in words that fit into "could not connect to …".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Socket(_) => f.write_str("the display's socket"),
            Self::Tcp { host, port } if host.contains(':') => write!(f, "[{host}]:{port}"),
            Self::Tcp { host, port } => write!(f, "{host}:{port}"),
            Self::Path(path) => write!(f, "{}", path.display()),
        }
    }
}

/// The port of VNC display 0.
const FIRST_PORT: u16 = 5900;

/// Why a text does not name a VNC server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseEndpointError {
    /// There is no host, and no path either.
    #[error("a host is missing: write HOST, HOST:DISPLAY, HOST::PORT or a socket's path")]
    NoHost,
    /// What follows the colon is not a number that makes a port.
    #[error("after the colon comes a display's number, and after two colons a port")]
    BadNumber,
}

impl FromStr for Endpoint {
    type Err = ParseEndpointError;

    /// Reads `HOST`, `HOST:DISPLAY`, `HOST::PORT` or the path of a Unix socket (one that begins
    /// with a slash or a dot). As in other viewers, the number after a single colon is a display
    /// when it is below 100 and a port otherwise. An IPv6 address stands in brackets.
    fn from_str(text: &str) -> Result<Self, ParseEndpointError> {
        if text.starts_with(['/', '.']) {
            return Ok(Self::Path(text.into()));
        }
        let (host, rest) = match text.strip_prefix('[') {
            Some(bracketed) => bracketed
                .split_once(']')
                .ok_or(ParseEndpointError::BadNumber)?,
            None => text.split_at(text.find(':').unwrap_or(text.len())),
        };
        if host.is_empty() {
            return Err(ParseEndpointError::NoHost);
        }
        Ok(Self::Tcp {
            host: host.to_owned(),
            port: port(rest)?,
        })
    }
}

/// The port from what follows the host.
fn port(rest: &str) -> Result<u16, ParseEndpointError> {
    let number = |digits: &str| digits.parse().map_err(|_| ParseEndpointError::BadNumber);
    if let Some(port) = rest.strip_prefix("::") {
        return number(port);
    }
    match rest.strip_prefix(':').map(number).transpose()? {
        None if rest.is_empty() => Ok(FIRST_PORT),
        None => Err(ParseEndpointError::BadNumber),
        Some(display @ 0..100) => Ok(FIRST_PORT + display),
        Some(port) => Ok(port),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_read_as_people_write_them() {
        let read = |text: &str| text.parse::<Endpoint>().map(|e| e.to_string());
        let ok = |text: &str| Ok(text.to_owned());
        assert_eq!(read("host"), ok("host:5900"));
        assert_eq!(read("host:7"), ok("host:5907"));
        assert_eq!(read("host:5901"), ok("host:5901"));
        assert_eq!(read("host::80"), ok("host:80"));
        assert_eq!(read("[::1]"), ok("[::1]:5900"));
        assert_eq!(read("[fe80::1]:2"), ok("[fe80::1]:5902"));
        assert_eq!(read("/run/vnc.sock"), ok("/run/vnc.sock"));
        assert_eq!(read("./vnc.sock"), ok("./vnc.sock"));
        assert_eq!(read(""), Err(ParseEndpointError::NoHost));
        assert_eq!(read(":1"), Err(ParseEndpointError::NoHost));
        for bad in [
            "host:",
            "host:x",
            "host::",
            "host::70000",
            "host:-1",
            "[::1]5",
            "[::1",
            "a:1:2",
        ] {
            assert_eq!(read(bad), Err(ParseEndpointError::BadNumber), "{bad}");
        }
    }

    #[test]
    fn addresses_are_written_as_people_write_them() {
        let tcp = |host: &str| Endpoint::Tcp {
            host: host.to_owned(),
            port: 5901,
        };
        assert_eq!(tcp("server.lan").to_string(), "server.lan:5901");
        assert_eq!(tcp("::1").to_string(), "[::1]:5901");
        assert_eq!(Endpoint::Path("/run/vnc".into()).to_string(), "/run/vnc");
    }
}
