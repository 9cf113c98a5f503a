//! This computer's own hypervisor: where it is, what it needs, how that is installed.

mod daemons;
mod distribution;

pub(crate) use daemons::find;
pub use daemons::{daemons, is_installed};
pub(crate) use distribution::{Distribution, Need, Origins};

/// The system daemon's QEMU.
pub const QEMU_SYSTEM: &str = "qemu:///system";
/// The user's own QEMU, with a daemon that libvirt starts by itself.
pub const QEMU_SESSION: &str = "qemu:///session";
/// Xen, in its domain 0.
pub const XEN_SYSTEM: &str = "xen:///system";

/// Where Xen's kernel says what this domain may do.
pub(crate) const XEN_CAPABILITIES: &str = "/proc/xen/capabilities";

/// The address of this computer's system hypervisor: Xen in a domain 0, QEMU elsewhere. Whether it
/// can be used shows when it is opened; [`QEMU_SESSION`] is the way out where there is no daemon or
/// no right to use it.
pub fn system_uri() -> &'static str {
    system_uri_for(&std::fs::read_to_string(XEN_CAPABILITIES).unwrap_or_default())
}

/// The command that installs libvirt and QEMU on the distribution that this computer runs, to be run
/// as the superuser; nothing where it is not known. Reads a small file.
pub fn install_command() -> Option<String> {
    let release = std::fs::read_to_string(distribution::RELEASE).ok()?;
    Distribution::of(&release, "").install(Need::Hypervisor)
}

/// Whether systemd runs this computer.
pub fn has_systemd() -> bool {
    std::path::Path::new("/run/systemd/system").is_dir()
}

/// Whether it is a domain 0, from what Xen's kernel says; guests of Xen have the file too, without
/// that word.
pub(crate) fn is_domain_0(xen: &str) -> bool {
    xen.contains("control_d")
}

fn system_uri_for(xen: &str) -> &'static str {
    if is_domain_0(xen) {
        XEN_SYSTEM
    } else {
        QEMU_SYSTEM
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_domain_0_is_a_xen_host() {
        assert_eq!(system_uri_for("control_d\n"), XEN_SYSTEM);
        assert_eq!(system_uri_for(""), QEMU_SYSTEM);
        assert!(system_uri().ends_with(":///system"));
    }
}
