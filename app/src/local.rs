//! This machine's own hypervisor: where it is.

use std::fs;

/// The user's own libvirt session: always allowed, needs no system daemon.
pub const SESSION_URI: &str = "qemu:///session";

/// The URI of this machine's system hypervisor: Xen in a domain 0, QEMU and KVM elsewhere.
pub fn system_uri() -> &'static str {
    let domain0 = fs::read_to_string("/proc/xen/capabilities")
        .is_ok_and(|capabilities| capabilities.contains("control_d"));
    if domain0 {
        "xen:///system"
    } else {
        "qemu:///system"
    }
}
