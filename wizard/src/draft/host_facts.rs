//! What the draft needs to know of the host.

use std::collections::BTreeSet;

use backend::install::{Installer, NetworkSource};
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
    /// Bridges of the host itself; empty until asked for.
    pub bridges: Vec<String>,
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
            bridges: Vec::new(),
            pools: Vec::new(),
        })
    }

    /// How a guest is run when nobody chooses: the best way in which `installer` starts.
    pub fn preferred_virtualization(&self, installer: Option<&Installer>) -> VirtualizationType {
        let fits = |way: VirtualizationType| {
            installer.is_none_or(|installer| installer.files_for(way).is_some())
        };
        let ways = || self.virtualization.iter().copied();
        ways()
            .find(|&way| fits(way))
            .or(ways().next())
            .unwrap_or(match self.kind {
                HypervisorKind::Xen => VirtualizationType::XenPv,
                _ => VirtualizationType::Emulation,
            })
    }

    /// What a guest's network card can be connected to, in the order in which it is shown.
    pub fn network_sources(&self) -> Vec<NetworkSource> {
        let networks = self.networks.iter().map(|network| network.name.clone());
        // A user's own QEMU may join no bridge without a helper that few hosts have.
        let bridges = self.bridges.iter().filter(|_| !self.session).cloned();
        let user = (self.kind != HypervisorKind::Xen).then_some(NetworkSource::User);
        networks
            .map(NetworkSource::Network)
            .chain(bridges.map(NetworkSource::Bridge))
            .chain(user)
            .chain([NetworkSource::None])
            .collect()
    }

    /// The network a guest joins when nobody chooses: `default` where there is one, else the
    /// first, else a bridge; on Xen a bridge comes first, since that is how its hosts are set up.
    /// The user network on a session, whose daemon may make no networks.
    pub fn preferred_network(&self) -> NetworkSource {
        if self.session {
            return NetworkSource::User;
        }
        let bridge = || self.bridges.first().cloned().map(NetworkSource::Bridge);
        let network = || {
            self.networks
                .iter()
                .find(|network| network.name == "default")
                .or(self.networks.first())
                .map(|network| NetworkSource::Network(network.name.clone()))
        };
        if self.kind == HypervisorKind::Xen {
            return bridge().or_else(network).unwrap_or(NetworkSource::None);
        }
        network().or_else(bridge).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draft::fixtures::{host, network, xen};

    #[test]
    fn the_default_network_comes_first() {
        let network_called = |name: &str| NetworkSource::Network(name.to_owned());
        let mut host = host();
        host.networks = vec![network("lan", true), network("default", false)];
        host.bridges = vec!["br0".to_owned()];
        assert_eq!(host.preferred_network(), network_called("default"));
        host.networks.pop();
        assert_eq!(host.preferred_network(), network_called("lan"));
        host.networks.clear();
        let bridge = NetworkSource::Bridge("br0".to_owned());
        assert_eq!(host.preferred_network(), bridge);
        host.session = true;
        assert_eq!(host.preferred_network(), NetworkSource::User);
        assert!(!host.network_sources().contains(&bridge));
    }

    #[test]
    fn xen_has_bridges_first_and_no_user_network() {
        let mut host = xen();
        host.networks = vec![network("default", false)];
        host.bridges = vec!["xenbr0".to_owned()];
        let bridge = NetworkSource::Bridge("xenbr0".to_owned());
        assert_eq!(host.preferred_network(), bridge);
        assert!(host.network_sources().contains(&bridge));
        assert!(!host.network_sources().contains(&NetworkSource::User));
        host.bridges.clear();
        host.networks.clear();
        assert_eq!(host.preferred_network(), NetworkSource::None);
    }

    #[test]
    fn without_word_from_the_host_nothing_is_promised() {
        let mut host = host();
        assert_eq!(host.preferred_virtualization(None), VirtualizationType::Kvm);
        host.virtualization.clear();
        assert_eq!(
            host.preferred_virtualization(None),
            VirtualizationType::Emulation
        );
        host.kind = HypervisorKind::Xen;
        assert_eq!(
            host.preferred_virtualization(None),
            VirtualizationType::XenPv
        );
    }
}
