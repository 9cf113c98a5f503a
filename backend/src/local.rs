//! This computer's own hypervisor: where it is.

/// The system daemon's QEMU.
pub const QEMU_SYSTEM: &str = "qemu:///system";
/// The user's own QEMU, with a daemon that libvirt starts by itself.
pub const QEMU_SESSION: &str = "qemu:///session";
/// Xen, in its domain 0.
pub const XEN_SYSTEM: &str = "xen:///system";

/// The address of this computer's system hypervisor: Xen in a domain 0, QEMU elsewhere. Whether it
/// can be used shows when it is opened; [`QEMU_SESSION`] is the way out where there is no daemon or
/// no right to use it.
pub fn system_uri() -> &'static str {
    system_uri_for(&std::fs::read_to_string("/proc/xen/capabilities").unwrap_or_default())
}

/// From what Xen's kernel says; guests of Xen have the file too, without that word.
fn system_uri_for(xen: &str) -> &'static str {
    if xen.contains("control_d") {
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
