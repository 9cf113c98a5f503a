//! A host and what it can do.

use std::sync::Arc;
use std::time::{Instant, SystemTime};

use crate::error::Error;
use crate::model::{Guest, GuestId};

/// Which hypervisor a host runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HypervisorKind {
    /// QEMU, with KVM or emulating.
    Qemu,
    /// Xen.
    Xen,
    /// libvirt's test driver.
    Test,
    /// Another libvirt driver.
    Other,
}

/// What is known of a host from its capabilities; fetched once per connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostInfo {
    /// The host's own name.
    pub hostname: String,
    /// Which hypervisor.
    pub kind: HypervisorKind,
    /// Hypervisor in words, with version where known: "QEMU 10.0.2".
    pub hypervisor: String,
    /// Version of libvirt there: "11.3.0".
    pub libvirt_version: String,
    /// Architecture: `x86_64`.
    pub arch: String,
    /// Logical processors.
    pub cpus: u32,
    /// Memory in KiB.
    pub memory_kib: u64,
    /// Whether this connection is the user's own session rather than the system daemon.
    pub session: bool,
    /// Whether the daemon runs on this machine and shares its files.
    pub local: bool,
    /// What the driver can do.
    pub capabilities: HostCapabilities,
}

/// How a new guest's processor is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum VirtualizationType {
    /// KVM: the processor runs the guest itself.
    Kvm,
    /// QEMU's emulation: works everywhere, slowly.
    Emulation,
    /// Xen, paravirtual: the guest's kernel knows that it runs on Xen and needs no help of the
    /// processor.
    XenPv,
    /// Xen, with the processor's help and a kernel that knows Xen; no devices are emulated.
    XenPvh,
    /// Xen, with the processor's help and emulated devices: for systems that know nothing of Xen.
    XenHvm,
}

impl VirtualizationType {
    /// Whether Xen runs the guest.
    pub fn is_xen(self) -> bool {
        matches!(self, Self::XenPv | Self::XenPvh | Self::XenHvm)
    }

    /// Whether a kernel of the guest's own has to know Xen to start.
    pub fn needs_xen_kernel(self) -> bool {
        matches!(self, Self::XenPv | Self::XenPvh)
    }
}

/// What the driver behind a host can do; the interface shows only that.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HostCapabilities {
    /// Ways a new guest of the host's own architecture can be run, best first.
    pub virtualization: Vec<VirtualizationType>,
    /// Why KVM was not offered or is not trusted, as a sentence, where there is a reason to know.
    pub kvm_note: Option<String>,
    /// Guests can be created from install trees here.
    pub can_install: bool,
    /// Stills of a guest's screen.
    pub screenshot: bool,
}

/// How a connection stands.
#[derive(Debug, Clone, PartialEq)]
pub enum HostState {
    /// A first connection is being made.
    Connecting,
    /// Up; the list is live.
    Connected,
    /// Was up; it has not answered since then. The list is the last one known.
    NotAnswering {
        /// When it was last heard.
        since: Instant,
    },
    /// Not up; tried again by itself where that makes sense.
    Failed {
        /// Why.
        error: Error,
        /// When it is tried again by itself; `None`: only when asked ([`crate::Host::reconnect`]).
        retry_at: Option<Instant>,
    },
    /// Closed by [`crate::Host::close`].
    Closed,
}

/// Everything known of a host at one moment. Cheap to clone, never changed.
#[derive(Debug, Clone)]
pub struct HostSnapshot {
    /// Grows by at least one with every change.
    pub generation: u64,
    /// The connection URI.
    pub uri: String,
    /// How the connection stands.
    pub state: HostState,
    /// Facts, once connected; kept while it is away.
    pub info: Option<Arc<HostInfo>>,
    /// Guests by name; kept, as last known, while the host is away.
    pub guests: Arc<[Arc<Guest>]>,
    /// Whether it is known of the guests which are saved, which persistent and which start by
    /// themselves: it comes a moment after the list.
    pub traits_known: bool,
    /// When the host last answered.
    pub last_heard: Option<SystemTime>,
}

impl HostSnapshot {
    /// The guest with that identity.
    pub fn guest(&self, id: GuestId) -> Option<&Arc<Guest>> {
        self.guests.iter().find(|guest| guest.id == id)
    }

    /// The guest with that name.
    pub fn guest_named(&self, name: &str) -> Option<&Arc<Guest>> {
        self.guests.iter().find(|guest| guest.name == name)
    }

    /// A name for people: the host's own once known, else what the URI says.
    pub fn display_name(&self) -> &str {
        match &self.info {
            Some(info) if !info.hostname.is_empty() => &info.hostname,
            _ => &self.uri,
        }
    }
}
