//! A guest's screens and consoles as byte streams.

mod text;

use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use virt::domain::Domain;
use virt::stream::Stream;

use crate::error::{Error, ErrorKind, Result};
use crate::ffi;
use crate::link::Link;
use crate::model::{Display, DisplayKind};
use crate::ssh::Master;
use crate::uri;
use crate::xml::domain as domain_xml;
pub(crate) use text::open_console;

/// A guest's screen as bytes: an RFB stream to feed to the engine.
#[derive(Debug)]
pub enum DisplayStream {
    /// A socket handed over by the hypervisor; the server was told to skip authentication.
    Descriptor(UnixStream),
    /// An address to connect to; the server may ask for a password.
    Tcp {
        /// Host name or address.
        host: String,
        /// TCP port.
        port: u16,
    },
    /// A Unix socket of this machine.
    Socket(PathBuf),
}

/// A still of a guest's screen, as the hypervisor took it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Still {
    /// `image/x-portable-pixmap` or `image/png`, as the hypervisor says.
    pub mime_type: String,
    /// The file's bytes.
    pub data: Vec<u8>,
}

/// A still larger than this is not a screen.
const STILL_LIMIT: usize = 256 << 20;

/// The way to VNC display number `index` of a running guest of the host at `host_uri`. Blocks.
pub(crate) fn open_display(
    host_uri: &str,
    link: &Link,
    domain: &Domain,
    index: u32,
) -> Result<DisplayStream> {
    if !domain.is_active()? {
        return Err(Error::new(
            ErrorKind::WrongState,
            "The guest is not running.",
        ));
    }
    let displays = domain_xml::read(&domain.xml_desc(0)?)?.details.displays;
    let mut vnc = displays
        .iter()
        .zip(0u32..)
        .filter(|(display, _)| display.kind == DisplayKind::Vnc);
    let Some((display, number)) = vnc.nth(index as usize) else {
        return Err(Error::new(
            ErrorKind::NotSupported,
            "The guest has no VNC display.",
        ));
    };
    if uri::passes_descriptors(host_uri) {
        // libvirt counts displays of all kinds.
        match ffi::domain::open_graphics_fd(domain, number).map_err(Error::from) {
            Ok(descriptor) => return Ok(DisplayStream::Descriptor(UnixStream::from(descriptor))),
            // Xen's driver has no such call.
            Err(error) if error.kind() == ErrorKind::NotSupported => {}
            Err(error) => return Err(error),
        }
    }
    match link.ssh() {
        Some(ssh) => link.runtime().block_on(through(ssh, display)),
        None => address(host_uri, display),
    }
}

/// What errors call a display.
const SCREEN: &str = "the guest's screen";

/// The way to a display through the ssh session with its host: all that it listens at is seen from
/// there.
async fn through(ssh: &Master, display: &Display) -> Result<DisplayStream> {
    let socket = if let Some(socket) = &display.socket {
        ssh.connect_socket(Path::new(socket), SCREEN).await?
    } else if let Some(port) = display.port {
        let address = match display.address.as_deref() {
            // Listening everywhere, or not known where: the host itself.
            None | Some("0.0.0.0" | "") => "127.0.0.1",
            Some("::") => "::1",
            Some(address) => address,
        };
        ssh.connect(address, port, SCREEN).await?
    } else {
        return Err(nowhere());
    };
    Ok(DisplayStream::Descriptor(socket))
}

fn nowhere() -> Error {
    Error::new(
        ErrorKind::NotSupported,
        "The guest's VNC display listens on no address.",
    )
}

/// Where a display listens, seen from here. What another computer calls its own is never taken for
/// this one's: another guest's display may be at the same address here.
fn address(host_uri: &str, display: &Display) -> Result<DisplayStream> {
    let out_of_reach = || {
        Error::new(
            ErrorKind::NotSupported,
            "The guest's screen can be reached on its host only.",
        )
        .with_remedy(
            "Connect to the host by ssh, with an address like qemu+ssh://root@host/system: then the \
             screen comes through that connection.",
        )
    };
    let here = uri::is_this_machine(host_uri);
    if let (Some(socket), true) = (&display.socket, here) {
        return Ok(DisplayStream::Socket(PathBuf::from(socket)));
    }
    let port = match (display.port, &display.socket) {
        (Some(port), _) => port,
        (None, Some(_)) => return Err(out_of_reach()),
        (None, None) => return Err(nowhere()),
    };
    let host = match (display.address.as_deref(), here) {
        // Listening everywhere, or not known where: the host itself.
        (None | Some("0.0.0.0"), true) => "127.0.0.1",
        (Some("::"), true) => "::1",
        (None | Some("0.0.0.0" | "::"), false) => uri::remote_host(host_uri)
            // The near end of a tunnel is not where the display listens.
            .filter(|host| !uri::is_loopback(host))
            .ok_or_else(out_of_reach)?,
        (Some(address), false) if uri::is_loopback(address) => return Err(out_of_reach()),
        (Some(address), _) => address,
    };
    Ok(DisplayStream::Tcp {
        host: host.to_owned(),
        port,
    })
}

/// A still of the guest's screen of that number.
pub(crate) fn screenshot(link: &Link, domain: &Domain, screen: u32) -> Result<Still> {
    let stream = Stream::new(link.connect(), 0)?;
    let mime_type = match domain.screenshot(&stream, screen, 0) {
        Ok(mime_type) => mime_type,
        Err(error) => {
            // Converted before anything else is asked of libvirt.
            let error = Error::from(error);
            if error.kind() == ErrorKind::NotSupported {
                return Err(error);
            }
            return Err(no_such_screen(domain, screen).unwrap_or(error));
        }
    };
    let mut data = Vec::new();
    let mut buffer = vec![0; 256 << 10];
    loop {
        let length = usize::try_from(stream.recv(&mut buffer)?).unwrap_or(0);
        if length == 0 {
            break;
        }
        data.extend_from_slice(&buffer[..length]);
        if data.len() > STILL_LIMIT {
            // Dropped below; nothing depends on how it ends.
            let _ = stream.abort();
            return Err(Error::new(
                ErrorKind::Hypervisor,
                "The host sent a picture without end.",
            ));
        }
    }
    stream.finish()?;
    Ok(Still { mime_type, data })
}

/// Whether a screen is not to be had because the guest has fewer: libvirt says that as it says that a
/// guest does not run.
fn no_such_screen(domain: &Domain, screen: u32) -> Option<Error> {
    let xml = domain.xml_desc(0).ok()?;
    let screens = domain_xml::read(&xml).ok()?.details.screens;
    (screen >= screens).then(|| {
        let words = match screens {
            0 => "The guest has no screen.".to_owned(),
            1 => "The guest has one screen only.".to_owned(),
            more => format!("The guest has {more} screens only."),
        };
        Error::new(ErrorKind::NotFound, words)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn display(address: Option<&str>, port: Option<u16>, socket: Option<&str>) -> Display {
        Display {
            kind: DisplayKind::Vnc,
            address: address.map(String::from),
            port,
            socket: socket.map(String::from),
        }
    }

    fn tcp(uri: &str, address: Option<&str>) -> (String, u16) {
        match super::address(uri, &display(address, Some(5900), None)).unwrap() {
            DisplayStream::Tcp { host, port } => (host, port),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn addresses_are_seen_from_here() {
        assert_eq!(tcp("xen:///system", Some("127.0.0.1")).0, "127.0.0.1");
        assert_eq!(tcp("xen:///system", Some("0.0.0.0")).0, "127.0.0.1");
        assert_eq!(tcp("qemu+ssh://me@far/system", Some("0.0.0.0")).0, "far");
        assert_eq!(tcp("qemu+tcp://far/system", None), ("far".into(), 5900));
    }

    #[test]
    fn what_another_computer_calls_its_own_is_not_looked_for_here() {
        for uri in [
            "qemu+ssh://far/system",
            "xen+tcp://far:16509/system",
            "xen+tcp://127.0.0.1:26509/system",
            "qemu+unix:///system?socket=/forwarded",
        ] {
            let mut listening = vec!["127.0.0.1", "::1", "localhost", "127.0.0.2"];
            if !uri.contains("far") {
                listening.extend(["0.0.0.0", "::"]);
            }
            for own in listening {
                let far = address(uri, &display(Some(own), Some(5900), None)).unwrap_err();
                assert_eq!(far.kind(), ErrorKind::NotSupported, "{uri} {own}");
            }
        }
        assert_eq!(tcp("qemu+ssh://localhost/system", Some("::1")).0, "::1");
        assert_eq!(tcp("qemu+tcp://far/system", Some("10.0.0.5")).0, "10.0.0.5");
    }

    #[test]
    fn a_socket_of_another_computer_cannot_be_reached() {
        let socket = display(None, None, Some("/run/vnc"));
        assert!(matches!(
            address("qemu:///system", &socket).unwrap(),
            DisplayStream::Socket(path) if path.ends_with("vnc")
        ));
        let far = address("qemu+ssh://far/system", &socket).unwrap_err();
        assert_eq!(far.kind(), ErrorKind::NotSupported);
    }
}
