//! A host and a tree for tests.

use std::sync::Arc;

use backend::install::{InstallTree, Installer, RemoteFile, TreeFamily, XenBoot};
use backend::model::{HypervisorKind, Network, Pool, VirtualizationType};

use super::{Detection, Draft, Edit, HostFacts};

pub(crate) fn host() -> HostFacts {
    HostFacts {
        name: "thishost".into(),
        hypervisor: "QEMU 10.0.2".into(),
        kind: HypervisorKind::Qemu,
        arch: "x86_64".into(),
        cpus: 8,
        memory_mib: 16 * 1024,
        free_memory_mib: 12 * 1024,
        guest_names: ["web", "debian-12"].map(String::from).into(),
        virtualization: vec![VirtualizationType::Kvm, VirtualizationType::Emulation],
        kvm_note: None,
        session: false,
        can_install: true,
        networks: vec![network("default", true)],
        bridges: Vec::new(),
        pools: pools(),
    }
}

/// A host with Xen, whose processor can help.
pub(crate) fn xen() -> HostFacts {
    HostFacts {
        hypervisor: "Xen 4.17.0".into(),
        kind: HypervisorKind::Xen,
        virtualization: vec![
            VirtualizationType::XenPv,
            VirtualizationType::XenPvh,
            VirtualizationType::XenHvm,
        ],
        networks: Vec::new(),
        bridges: vec!["xenbr0".into()],
        ..host()
    }
}

pub(crate) fn network(name: &str, active: bool) -> Network {
    Network {
        name: name.into(),
        active,
    }
}

pub(crate) fn pools() -> Vec<Pool> {
    vec![
        Pool {
            name: "default".into(),
            path: Some("/var/lib/libvirt/images".into()),
            active: true,
            capacity: 200 << 30,
            available: 87 << 30,
        },
        Pool {
            name: "fast".into(),
            path: None,
            active: true,
            capacity: 100 << 30,
            available: 10 << 30,
        },
    ]
}

fn file(url: &str, size: u64) -> RemoteFile {
    RemoteFile {
        url: url.into(),
        size: Some(size),
        sha256: None,
    }
}

pub(crate) fn debian() -> InstallTree {
    let installer = |graphical| Installer {
        graphical,
        kernel: file("http://deb.example/linux", 8_000_000),
        initrd: file("http://deb.example/initrd.gz", 38_100_000),
        arguments: String::new(),
        on_xen: XenBoot::Usual,
    };
    InstallTree {
        url: "http://deb.example/debian/".into(),
        family: TreeFamily::Debian,
        distribution: "Debian".into(),
        version: "12".into(),
        codename: Some("bookworm".into()),
        os_id: Some("http://debian.org/debian/12".into()),
        arch: "x86_64".into(),
        installers: vec![installer(true), installer(false)],
        minimum_memory_mib: 780,
        recommended_memory_mib: 2048,
        recommended_disk_gib: 20,
    }
}

/// A draft that lacks nothing.
pub(crate) fn complete(host: &HostFacts) -> Draft {
    let mut draft = Draft::default();
    draft.apply(Edit::Url("http://deb.example/debian/".into()), Some(host));
    draft.detected(Detection::Found(Arc::new(debian())), Some(host));
    draft.place_proposed(
        draft.name.value().clone(),
        backend::install::DiskPlace::Volume {
            pool: "default".into(),
            name: format!("{}.qcow2", draft.name.value()),
        },
        Some(host),
    );
    draft
}
