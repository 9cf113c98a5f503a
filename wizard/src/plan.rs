//! From the choices to the request the backend carries out, and to the sentences that announce it.

use std::sync::Arc;

use backend::install::{
    CreateRequest, DiskPlace, InstallTree, Installer, NetworkSource, TreeFamily,
};
use backend::model::VirtualizationType;

use crate::draft::{Draft, HostFacts, Inspection, Problem, Step, address, check, place};
use crate::format;

/// The request for what was chosen; `None` while something that blocks is left to say about it.
pub fn request(draft: &Draft, host: &HostFacts) -> Option<CreateRequest> {
    if check(draft, host).iter().any(Problem::blocks) {
        return None;
    }
    let (installer, _) = draft.installer()?;
    Some(CreateRequest {
        name: draft.guest_name().to_owned(),
        memory_mib: draft.memory_mib.get(),
        maximum_memory_mib: draft.maximum_memory(),
        vcpus: draft.vcpus.get(),
        maximum_vcpus: maximum_vcpus(draft, host),
        disk: draft.place(host)?,
        disk_gib: draft.disk_gib.get(),
        tree: InstallTree::clone(draft.tree()?),
        installer,
        extra_arguments: draft.extra_arguments.trim().to_owned(),
        virtualization: draft.virtualization.get(),
        network: draft.network.value().clone(),
    })
}

/// The most processors that a guest gets places for without having been given as many: each costs
/// it a little, and no desk has more.
const MOST_SPARE_VCPUS: u32 = 64;

/// Places for processors: as many as the host has, so that they can be added while the guest runs,
/// where its machine takes processors while it runs.
fn maximum_vcpus(draft: &Draft, host: &HostFacts) -> u32 {
    let vcpus = draft.vcpus.get();
    let is_x86 = draft.tree().is_some_and(|tree| tree.arch == "x86_64");
    let takes_more = draft.virtualization.get().is_xen() || is_x86;
    if takes_more {
        vcpus.max(host.cpus.min(MOST_SPARE_VCPUS))
    } else {
        vcpus
    }
}

/// What a line of the review is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    /// Name and host.
    Guest,
    /// What is installed.
    Installation,
    /// Memory and processors.
    Memory,
    /// The disk.
    Disk,
    /// The network.
    Network,
    /// How it is run.
    Running,
}

impl Topic {
    /// The page where it is decided.
    pub fn step(self) -> Step {
        match self {
            Self::Installation => Step::From,
            Self::Guest | Self::Network => Step::System,
            Self::Memory => Step::Memory,
            Self::Disk => Step::Disk,
            Self::Running => Step::Review,
        }
    }
}

/// What will be made, in sentences.
pub fn sentences(request: &CreateRequest, draft: &Draft, host: &HostFacts) -> [(Topic, String); 6] {
    [
        (
            Topic::Guest,
            format!(
                "A virtual machine named {} is made on {}.",
                request.name, host.name
            ),
        ),
        (Topic::Installation, installation(request)),
        (Topic::Memory, memory(request)),
        (Topic::Disk, disk(request, draft, host)),
        (Topic::Network, network(request, host)),
        (Topic::Running, running(request, host)),
    ]
}

/// What was found at a URL, on one line: "Debian 12 (bookworm), amd64 · graphical and text
/// installer · 47 MB to fetch · needs 780 MiB".
pub fn preflight(tree: &Arc<InstallTree>, graphical: bool) -> String {
    let has = |graphical| {
        tree.installers
            .iter()
            .any(|installer| installer.graphical == graphical)
    };
    let kinds = match (has(true), has(false)) {
        (true, true) => "graphical and text installer",
        (true, false) => "graphical installer",
        _ => "text installer",
    };
    let chosen = tree
        .installers
        .iter()
        .find(|installer| installer.graphical == graphical)
        .or(tree.installers.first());
    let fetched = chosen
        // Before it is known how the guest is run; files for one way are about as large as the others.
        .and_then(|installer| fetched(installer, VirtualizationType::Emulation))
        .map(|size| format!(" · {} to fetch", format::download(size)))
        .unwrap_or_default();
    format!(
        "{}, {} · {kinds}{fetched} · needs {}",
        tree.system(),
        processor(tree),
        format::mib(tree.minimum_memory_mib)
    )
}

/// The tree's processor, in the words of its distribution.
fn processor(tree: &InstallTree) -> &str {
    match (tree.family, tree.arch.as_str()) {
        (TreeFamily::Debian, "x86_64") => "amd64",
        (TreeFamily::Debian, "aarch64") => "arm64",
        (TreeFamily::Debian, "i686") => "i386",
        (_, arch) => arch,
    }
}

/// Bytes of kernel and initrd, where the server says both.
fn fetched(installer: &Installer, way: VirtualizationType) -> Option<u64> {
    let (kernel, initrd) = installer.files_for(way)?;
    kernel.size?.checked_add(initrd.size?)
}

fn installation(request: &CreateRequest) -> String {
    let tree = &request.tree;
    let installer = tree.installers.get(request.installer);
    let kind = if installer.is_some_and(|installer| installer.graphical) {
        "graphical"
    } else {
        "text"
    };
    let arguments = match request.extra_arguments.as_str() {
        "" => String::new(),
        arguments => format!(", with the arguments “{arguments}”"),
    };
    let fetched = installer
        .and_then(|installer| fetched(installer, request.virtualization))
        .map(|size| format!("; {} are fetched first", format::download(size)))
        .unwrap_or_default();
    format!(
        "{} for {} is installed with its {kind} installer from {}{arguments}{fetched}.",
        tree.system(),
        processor(tree),
        address::without_credentials(&tree.url)
    )
}

fn memory(request: &CreateRequest) -> String {
    let start = format::mib(request.memory_mib);
    let processors = format::processors(request.vcpus);
    if request.maximum_memory_mib > request.memory_mib {
        format!(
            "It starts with {start} of memory, can grow to {} while it runs, and has {processors}.",
            format::mib(request.maximum_memory_mib)
        )
    } else {
        format!("It has {start} of memory, and {processors}.")
    }
}

fn disk(request: &CreateRequest, draft: &Draft, host: &HostFacts) -> String {
    let place = place::to_text(&request.disk, &host.pools);
    let pool = match &request.disk {
        DiskPlace::Volume { pool, .. } => format!(" in the pool {pool}"),
        DiskPlace::Path(_) => String::new(),
    };
    let free = match &draft.inspection {
        Inspection::Known(report) => report.available,
        _ => None,
    }
    .map(|available| format!(", and {} are free", format::bytes(available)))
    .unwrap_or_default();
    format!(
        "Its disk of {} GiB is {place}{pool}; it takes little space at first{free}.",
        request.disk_gib
    )
}

fn network(request: &CreateRequest, host: &HostFacts) -> String {
    match &request.network {
        NetworkSource::None => "It has no network card.".into(),
        NetworkSource::Bridge(name) => format!(
            "It joins the host's own network through the bridge {name}: others there can reach it."
        ),
        NetworkSource::User => {
            "It reaches the network through QEMU's user network; from outside nothing reaches it."
                .into()
        }
        NetworkSource::Network(name)
            if host
                .networks
                .iter()
                .any(|network| network.name == *name && !network.active) =>
        {
            format!("It joins the network {name}, which is started for it.")
        }
        NetworkSource::Network(name) => format!("It joins the network {name}."),
    }
}

fn running(request: &CreateRequest, host: &HostFacts) -> String {
    match request.virtualization {
        VirtualizationType::Kvm => {
            format!("It is run by {} with KVM.", host.hypervisor)
        }
        VirtualizationType::Emulation => {
            format!("It is emulated by {}, which is slow.", host.hypervisor)
        }
        VirtualizationType::XenPv => format!(
            "It is run by {}, paravirtual: its kernel works with Xen, which needs nothing of the \
             processor and lets memory move freely.",
            host.hypervisor
        ),
        VirtualizationType::XenPvh => format!(
            "It is run by {} as PVH: its kernel works with Xen, helped by the processor.",
            host.hypervisor
        ),
        VirtualizationType::XenHvm => format!(
            "It is run by {}, fully virtual: to the system it is an ordinary computer.",
            host.hypervisor
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draft::fixtures::{complete, debian, host, network, xen};
    use crate::draft::{Detection, Edit};
    use backend::install::PlaceReport;

    #[test]
    fn a_complete_draft_becomes_a_request() {
        let host = host();
        let mut draft = complete(&host);
        draft.apply(Edit::Name(" web7 ".into()), Some(&host));
        draft.apply(Edit::ExtraArguments(" auto ".into()), Some(&host));
        draft.apply(Edit::Graphical(false), Some(&host));
        assert_eq!(
            request(&draft, &host),
            Some(CreateRequest {
                name: "web7".into(),
                memory_mib: 2048,
                maximum_memory_mib: 4096,
                vcpus: 2,
                maximum_vcpus: 8,
                disk: DiskPlace::Volume {
                    pool: "default".into(),
                    name: "web7.qcow2".into()
                },
                disk_gib: 20,
                tree: debian(),
                installer: 1,
                extra_arguments: "auto".into(),
                virtualization: VirtualizationType::Kvm,
                network: NetworkSource::Network("default".into()),
            })
        );
    }

    #[test]
    fn nothing_is_requested_while_something_blocks() {
        let host = host();
        for edit in [
            Edit::Name("web".into()),
            Edit::Name(String::new()),
            Edit::Memory(0),
            Edit::Memory(1 << 40),
            Edit::Vcpus(0),
            Edit::Disk("relative".into()),
            Edit::DiskGib(0),
            Edit::ExtraArguments("a\nb".into()),
        ] {
            let mut draft = complete(&host);
            assert!(request(&draft, &host).is_some());
            draft.apply(edit.clone(), Some(&host));
            assert_eq!(request(&draft, &host), None, "{edit:?}");
        }
        let mut draft = complete(&host);
        draft.detected(Detection::Looking, Some(&host));
        assert_eq!(request(&draft, &host), None);
    }

    #[test]
    fn warnings_do_not_stop_a_request() {
        let host = host();
        let mut draft = complete(&host);
        draft.apply(Edit::Memory(512), Some(&host));
        draft.apply(Edit::Vcpus(64), Some(&host));
        assert!(request(&draft, &host).is_some());
    }

    fn review(draft: &Draft, host: &HostFacts) -> Vec<String> {
        let request = request(draft, host).expect("complete");
        sentences(&request, draft, host)
            .into_iter()
            .map(|(_, text)| text)
            .collect()
    }

    #[test]
    fn the_review_says_what_will_be_made() {
        let host = host();
        let mut draft = complete(&host);
        draft.inspection = Inspection::Known(PlaceReport {
            available: Some(87 << 30),
            exists: false,
        });
        assert_eq!(
            review(&draft, &host),
            [
                "A virtual machine named debian-12-2 is made on thishost.",
                "Debian 12 (bookworm) for amd64 is installed with its graphical installer from \
                 http://deb.example/debian/; 47 MB are fetched first.",
                "It starts with 2 GiB of memory, can grow to 4 GiB while it runs, and has 2 \
                 processors.",
                "Its disk of 20 GiB is /var/lib/libvirt/images/debian-12-2.qcow2 in the pool \
                 default; it takes little space at first, and 87 GiB are free.",
                "It joins the network default.",
                "It is run by QEMU 10.0.2 with KVM.",
            ]
        );
    }

    #[test]
    fn the_review_tells_the_other_ways_too() {
        let mut host = host();
        host.networks = vec![network("default", false)];
        host.virtualization = vec![VirtualizationType::Emulation];
        let mut draft = complete(&host);
        draft.apply(Edit::MaximumMemory(2048), Some(&host));
        draft.apply(Edit::Vcpus(1), Some(&host));
        draft.apply(Edit::Disk("/vm/a.qcow2".into()), Some(&host));
        draft.apply(Edit::ExtraArguments("auto=true".into()), Some(&host));
        let lines = review(&draft, &host);
        assert!(
            lines[1].contains("with the arguments “auto=true”;"),
            "{}",
            lines[1]
        );
        assert_eq!(lines[2], "It has 2 GiB of memory, and 1 processor.");
        assert_eq!(
            lines[3],
            "Its disk of 20 GiB is /vm/a.qcow2; it takes little space at first."
        );
        assert!(
            lines[4].ends_with("which is started for it."),
            "{}",
            lines[4]
        );
        assert!(lines[5].contains("slow"), "{}", lines[5]);
        draft.apply(Edit::Network(NetworkSource::User), Some(&host));
        assert!(review(&draft, &host)[4].contains("user network"));
    }

    #[test]
    fn on_xen_the_review_says_what_the_way_means() {
        let host = xen();
        let mut draft = complete(&host);
        let lines = review(&draft, &host);
        assert!(lines[4].contains("the bridge xenbr0"), "{}", lines[4]);
        assert!(lines[5].contains("paravirtual"), "{}", lines[5]);
        assert!(lines[2].contains("can grow to"), "{}", lines[2]);
        draft.apply(
            Edit::Virtualization(VirtualizationType::XenHvm),
            Some(&host),
        );
        let lines = review(&draft, &host);
        assert!(lines[5].contains("fully virtual"), "{}", lines[5]);
        assert!(!lines[2].contains("can grow to"), "{}", lines[2]);
    }

    #[test]
    fn passwords_in_urls_are_not_shown() {
        let host = host();
        let mut draft = complete(&host);
        let mut tree = debian();
        tree.url = "http://me:secret@deb.example/debian/".into();
        draft.detected(Detection::Found(Arc::new(tree)), Some(&host));
        assert!(!review(&draft, &host).concat().contains("secret"));
    }

    #[test]
    fn the_preflight_fits_one_line() {
        let mut tree = debian();
        assert_eq!(
            preflight(&Arc::new(tree.clone()), true),
            "Debian 12 (bookworm), amd64 · graphical and text installer · 47 MB to fetch · \
             needs 780 MiB"
        );
        tree.installers.remove(0);
        tree.installers[0].initrd.size = None;
        assert_eq!(
            preflight(&Arc::new(tree), true),
            "Debian 12 (bookworm), amd64 · text installer · needs 780 MiB"
        );
    }
}
