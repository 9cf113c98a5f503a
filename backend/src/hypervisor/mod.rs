//! The hypervisors: what each can do, and what a host says of itself.

pub(crate) mod kvm;
pub(crate) mod xen;

use crate::error::Result;
use crate::link::Link;
use crate::model::{HostCapabilities, HostInfo, HypervisorKind};
use crate::uri::Route;
use crate::xml::capabilities;

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
pub(crate) fn dotted(version: u32) -> String {
    format!(
        "{}.{}.{}",
        version / 1_000_000,
        version / 1_000 % 1_000,
        version % 1_000
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions() {
        assert_eq!(dotted(11_003_000), "11.3.0");
        assert_eq!(dotted(10_000_002), "10.0.2");
    }
}
