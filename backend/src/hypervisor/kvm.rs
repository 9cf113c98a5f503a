//! QEMU, with KVM or emulating.

use crate::model::{HostCapabilities, VirtualizationType};
use crate::xml::capabilities::CapabilitiesView;

/// What a QEMU host can do; `local` says that its /dev/kvm is ours.
pub(crate) fn capabilities(said: &CapabilitiesView, _local: bool) -> HostCapabilities {
    let offers = |kind: &str| said.domain_types.iter().any(|offered| offered == kind);
    let mut virtualization = Vec::new();
    if offers("kvm") {
        virtualization.push(VirtualizationType::Kvm);
    }
    if offers("qemu") {
        virtualization.push(VirtualizationType::Emulation);
    }
    HostCapabilities {
        can_install: !virtualization.is_empty(),
        virtualization,
        kvm_note: None,
        display_fd: true,
        screenshot: true,
        send_key: true,
        bulk_stats: true,
    }
}
