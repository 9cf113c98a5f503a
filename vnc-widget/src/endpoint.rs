//! Where a VNC server is reached.

use std::{fmt, os::unix::net::UnixStream, path::PathBuf};

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

#[cfg(test)]
mod tests {
    use super::*;

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
