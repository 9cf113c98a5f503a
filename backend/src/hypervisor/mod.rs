//! The hypervisors: what each can do, and what a host says of itself.

pub(crate) mod kvm;
pub(crate) mod xen;

use crate::error::Result;
use crate::link::Link;
use crate::model::{HostCapabilities, HostInfo, HypervisorKind};
use crate::xml::capabilities;

/// Where a connection address leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Route<'a> {
    driver: &'a str,
    transport: &'a str,
    host: &'a str,
    path: &'a str,
    query: &'a str,
}

impl<'a> Route<'a> {
    fn of(uri: &'a str) -> Self {
        let (scheme, rest) = uri.split_once("://").unwrap_or(("", uri));
        let (driver, transport) = scheme.split_once('+').unwrap_or((scheme, ""));
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        Self {
            driver,
            transport,
            host: authority.rsplit('@').next().unwrap_or_default(),
            path,
            query,
        }
    }

    /// Whether the daemon is one of this machine, reached by its own socket: not forwarded from
    /// elsewhere (`?socket=` may be).
    fn is_local_and_direct(self) -> bool {
        self.host.is_empty()
            && matches!(self.transport, "" | "unix")
            && !self
                .query
                .split('&')
                .any(|part| part.starts_with("socket="))
    }
}

/// Whether the driver of that address runs in this process, without a daemon.
pub(crate) fn runs_in_this_process(uri: &str) -> bool {
    let route = Route::of(uri);
    route.host.is_empty() && route.transport.is_empty() && route.driver == "test"
}

/// Reads what a host says of itself. Blocks, for seconds where the daemon has to try its emulators
/// first.
///
/// # Errors
/// As libvirt says.
pub(crate) fn read_info(link: &Link, uri: &str) -> Result<HostInfo> {
    let connect = link.connect();
    let route = Route::of(uri);
    let driver = connect.driver_type()?;
    let kind = match driver.to_ascii_lowercase().as_str() {
        "qemu" => HypervisorKind::Qemu,
        "xen" => HypervisorKind::Xen,
        "test" => HypervisorKind::Test,
        _ => HypervisorKind::Other,
    };
    let node = connect.node_info()?;
    let local = route.is_local_and_direct();
    let session = route.path == "session";
    // A driver may have none to tell.
    let said = match connect.capabilities() {
        Ok(xml) => capabilities::read(&xml)?,
        Err(_) => capabilities::CapabilitiesView::default(),
    };
    let capabilities = match kind {
        HypervisorKind::Qemu => kvm::capabilities(&said, local, session),
        HypervisorKind::Xen => xen::capabilities(&said),
        HypervisorKind::Test => HostCapabilities {
            screenshot: true,
            send_key: true,
            bulk_stats: true,
            ..HostCapabilities::default()
        },
        HypervisorKind::Other => HostCapabilities::default(),
    };
    Ok(HostInfo {
        hostname: connect.hostname().unwrap_or_default(),
        kind,
        hypervisor: match connect.hyp_version() {
            Ok(version) if version > 0 => format!("{driver} {}", dotted(version)),
            _ => driver,
        },
        libvirt_version: dotted(connect.lib_version()?),
        arch: said.arch,
        cpus: node.cpus,
        memory_kib: node.memory,
        session,
        local,
        capabilities,
    })
}

/// libvirt's version numbers: a million, a thousand, one.
fn dotted(version: u32) -> String {
    format!(
        "{}.{}.{}",
        version / 1_000_000,
        version / 1_000 % 1_000,
        version % 1_000
    )
}

/// Whether displays of that host can be passed as descriptors over the connection at `uri`.
pub(crate) fn passes_descriptors(uri: &str) -> bool {
    Route::of(uri).is_local_and_direct()
}

/// The name or address of another computer that a connection address leads to.
pub(crate) fn remote_host(uri: &str) -> Option<&str> {
    let host = Route::of(uri).host;
    // Without the port; addresses of IPv6 stand in brackets.
    let host = match host.strip_prefix('[') {
        Some(bracketed) => bracketed.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    (!host.is_empty()).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions() {
        assert_eq!(dotted(11_003_000), "11.3.0");
        assert_eq!(dotted(10_000_002), "10.0.2");
    }

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
    fn only_the_test_driver_runs_here() {
        assert!(runs_in_this_process("test:///default"));
        assert!(!runs_in_this_process("test+ssh://host/default"));
        assert!(!runs_in_this_process("qemu:///session"));
    }
}
