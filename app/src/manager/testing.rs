//! Guests to test with.

use backend::model::{
    Guest, GuestId, GuestState, HostCapabilities, HostInfo, HypervisorKind, MemorySize, VcpuCount,
};
use uuid::Uuid;

/// The guest identity of that number.
pub fn guest_id(number: u128) -> GuestId {
    GuestId(Uuid::from_u128(number))
}

/// A guest with 1 GiB and nothing special.
pub fn guest(name: &str, state: GuestState) -> Guest {
    Guest {
        id: guest_id(name.bytes().fold(0, |sum: u128, byte| {
            sum.wrapping_mul(31).wrapping_add(u128::from(byte))
        })),
        name: name.to_owned(),
        domain_id: state.is_active().then_some(1),
        state,
        persistent: true,
        autostart: false,
        memory: MemorySize {
            current_kib: 1 << 20,
            maximum_kib: 1 << 20,
        },
        vcpus: VcpuCount {
            current: 1,
            maximum: 1,
        },
        stats: None,
        details: None,
        installing: false,
    }
}

/// Facts of a small host that runs `kind`.
pub fn host_info(kind: HypervisorKind) -> HostInfo {
    HostInfo {
        hostname: "host".to_owned(),
        kind,
        hypervisor: "Hypervisor 1".to_owned(),
        libvirt_version: "11.3.0".to_owned(),
        arch: "x86_64".to_owned(),
        cpus: 2,
        memory_kib: 4 << 20,
        session: false,
        local: true,
        capabilities: HostCapabilities::default(),
    }
}
