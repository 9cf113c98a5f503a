//! What the draft needs to know of the host.

use std::collections::BTreeSet;

use backend::model::{HostSnapshot, HypervisorKind, Network, Pool, VirtualizationType};

/// What the draft needs to know of the host a guest is to be made on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostFacts {
    /// The host's name, for sentences.
    pub name: String,
    /// Hypervisor in words: "QEMU 10.0.2".
    pub hypervisor: String,
    /// Which hypervisor.
    pub kind: HypervisorKind,
    /// libvirt's name of its processor.
    pub arch: String,
    /// Logical processors.
    pub cpus: u32,
    /// Memory in all, in MiB.
    pub memory_mib: u64,
    /// Memory that no running guest has been given, in MiB.
    pub free_memory_mib: u64,
    /// Names that are taken.
    pub guest_names: BTreeSet<String>,
    /// Ways to run a guest, best first.
    pub virtualization: Vec<VirtualizationType>,
    /// Why KVM is not offered or not trusted.
    pub kvm_note: Option<String>,
    /// Whether the connection is the user's own session.
    pub session: bool,
    /// Whether guests can be installed from a URL here.
    pub can_install: bool,
    /// Virtual networks; empty until asked for.
    pub networks: Vec<Network>,
    /// Storage pools; empty until asked for.
    pub pools: Vec<Pool>,
}

impl HostFacts {
    /// The facts out of a snapshot; `None` until the host has been connected once. Networks and
    /// pools are not in it and stay empty.
    pub fn of(snapshot: &HostSnapshot) -> Option<Self> {
        let info = snapshot.info.as_ref()?;
        let given_kib: u64 = snapshot
            .guests
            .iter()
            .filter(|guest| guest.state.is_active())
            .map(|guest| guest.memory.current_kib)
            .fold(0, u64::saturating_add);
        Some(Self {
            name: snapshot.display_name().to_owned(),
            hypervisor: info.hypervisor.clone(),
            kind: info.kind,
            arch: info.arch.clone(),
            cpus: info.cpus.max(1),
            memory_mib: info.memory_kib / 1024,
            free_memory_mib: info.memory_kib.saturating_sub(given_kib) / 1024,
            guest_names: snapshot
                .guests
                .iter()
                .map(|guest| guest.name.clone())
                .collect(),
            virtualization: info.capabilities.virtualization.clone(),
            kvm_note: info.capabilities.kvm_note.clone(),
            session: info.session,
            can_install: info.capabilities.can_install,
            networks: Vec::new(),
            pools: Vec::new(),
        })
    }

    /// How a guest is run when nobody chooses.
    pub fn preferred_virtualization(&self) -> VirtualizationType {
        self.virtualization
            .first()
            .copied()
            .unwrap_or(match self.kind {
                HypervisorKind::Xen => VirtualizationType::Xen,
                _ => VirtualizationType::Emulation,
            })
    }

    /// The network a guest joins when nobody chooses: `default` where there is one, else the
    /// first; none (the user network) on a session, whose daemon may make no networks.
    pub fn preferred_network(&self) -> Option<String> {
        if self.session {
            return None;
        }
        self.networks
            .iter()
            .find(|network| network.name == "default")
            .or(self.networks.first())
            .map(|network| network.name.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draft::fixtures::{host, network};

    #[test]
    fn the_default_network_comes_first() {
        let mut host = host();
        host.networks = vec![network("bridge", true), network("default", false)];
        assert_eq!(host.preferred_network().as_deref(), Some("default"));
        host.networks.pop();
        assert_eq!(host.preferred_network().as_deref(), Some("bridge"));
        host.session = true;
        assert_eq!(host.preferred_network(), None);
    }

    #[test]
    fn without_word_from_the_host_nothing_is_promised() {
        let mut host = host();
        assert_eq!(host.preferred_virtualization(), VirtualizationType::Kvm);
        host.virtualization.clear();
        assert_eq!(
            host.preferred_virtualization(),
            VirtualizationType::Emulation
        );
        host.kind = HypervisorKind::Xen;
        assert_eq!(host.preferred_virtualization(), VirtualizationType::Xen);
    }
}
