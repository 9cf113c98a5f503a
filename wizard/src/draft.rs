//! The choices so far and what is to be said about them. No widgets, no waiting: everything here
//! is a plain function of what the user chose, what the URL was found to hold and what the host is.

pub mod address;
mod choice;
#[cfg(test)]
pub(crate) mod fixtures;
mod host_facts;
pub mod name;
pub mod place;
mod problem;

use std::sync::Arc;

use backend::Error;
use backend::install::{DiskPlace, InstallTree, Installer, NetworkSource, PlaceReport};
use backend::model::VirtualizationType;

pub use choice::Choice;
pub use host_facts::HostFacts;
pub use problem::{Field, Problem, Severity, Step, check};

/// Memory proposed for a system that is not known, in MiB.
const MEMORY_MIB: u64 = 2048;
/// Disk size proposed for a system that is not known, in GiB.
const DISK_GIB: u64 = 20;
/// The least disk that is proposed where space is short, in GiB.
const LEAST_DISK_GIB: u64 = 5;
/// The most processors that are proposed.
const MAX_PROPOSED_VCPUS: u32 = 4;

/// What the install URL was found to hold.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Detection {
    /// No URL, or none that was looked at yet.
    #[default]
    Nothing,
    /// It is being looked at.
    Looking,
    /// An install tree.
    Found(Arc<InstallTree>),
    /// Nothing to install from, with the reason and what to do.
    Failed(Error),
}

/// What is known of the place for the disk.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Inspection {
    /// Nothing; there is no place, or the host was not asked yet.
    #[default]
    Unknown,
    /// The host is being asked.
    Looking,
    /// What the host says.
    Known(PlaceReport),
    /// It cannot be used.
    Failed(Error),
}

/// One thing the user did.
#[derive(Debug, Clone, PartialEq)]
pub enum Edit {
    /// Changed the install URL.
    Url(String),
    /// Changed the name.
    Name(String),
    /// Chose the graphical installer, or the text one.
    Graphical(bool),
    /// Changed what is added to the installer's kernel command line.
    ExtraArguments(String),
    /// Chose what the network card is connected to.
    Network(NetworkSource),
    /// Set the memory, in MiB.
    Memory(u64),
    /// Set the most memory, in MiB.
    MaximumMemory(u64),
    /// Set the number of processors.
    Vcpus(u32),
    /// Changed the path of the disk.
    Disk(String),
    /// Picked a pool for the disk; the file in it is named after the guest.
    Pool(String),
    /// Set the size of the disk, in GiB.
    DiskGib(u64),
    /// Chose how the guest is run.
    Virtualization(VirtualizationType),
}

/// The choices so far.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// The install URL as it stands in its field.
    pub url: Choice<String>,
    /// What it was found to hold.
    pub detection: Detection,
    /// The guest's name.
    pub name: Choice<String>,
    /// Memory at the start, in MiB.
    pub memory_mib: Choice<u64>,
    /// The most memory wished for while it runs, in MiB; see [`Self::maximum_memory`].
    pub maximum_memory_mib: Choice<u64>,
    /// Processors.
    pub vcpus: Choice<u32>,
    /// Place of the disk, as it stands in its field.
    pub disk: Choice<String>,
    /// The disk's size, in GiB.
    pub disk_gib: Choice<u64>,
    /// What is known of the place.
    pub inspection: Inspection,
    /// Whether the graphical installer is wanted, where the tree has both.
    pub graphical: Choice<bool>,
    /// Added to the installer's kernel command line.
    pub extra_arguments: String,
    /// How it is run.
    pub virtualization: Choice<VirtualizationType>,
    /// What its network card is connected to.
    pub network: Choice<NetworkSource>,
    /// The tree found last; the base of proposals while another URL is being typed.
    last_tree: Option<Arc<InstallTree>>,
    /// The pool the user picked.
    pool: Option<String>,
    /// The host's proposal for a guest of that name.
    proposed_place: Option<(String, DiskPlace)>,
}

impl Default for Draft {
    fn default() -> Self {
        Self {
            url: Choice::default(),
            detection: Detection::Nothing,
            name: Choice::default(),
            memory_mib: Choice::proposed(MEMORY_MIB),
            maximum_memory_mib: Choice::proposed(2 * MEMORY_MIB),
            vcpus: Choice::proposed(1),
            disk: Choice::default(),
            disk_gib: Choice::proposed(DISK_GIB),
            inspection: Inspection::Unknown,
            graphical: Choice::proposed(true),
            extra_arguments: String::new(),
            virtualization: Choice::proposed(VirtualizationType::Emulation),
            network: Choice::default(),
            last_tree: None,
            pool: None,
            proposed_place: None,
        }
    }
}

impl Draft {
    /// Takes in one thing the user did and renews the proposals that depend on it.
    pub fn apply(&mut self, edit: Edit, host: Option<&HostFacts>) {
        match edit {
            Edit::Url(url) => self.url.choose(url),
            Edit::Name(name) => self.name.choose(name),
            Edit::Graphical(graphical) => self.graphical.choose(graphical),
            Edit::ExtraArguments(arguments) => self.extra_arguments = arguments,
            Edit::Network(network) => self.network.choose(network),
            Edit::Memory(mib) => self.memory_mib.choose(mib),
            Edit::MaximumMemory(mib) => self.maximum_memory_mib.choose(mib),
            Edit::Vcpus(count) => self.vcpus.choose(count),
            Edit::Disk(text) => {
                self.disk.choose(text);
                self.pool = None;
            }
            Edit::Pool(pool) => {
                self.disk.release();
                self.pool = Some(pool);
            }
            Edit::DiskGib(gib) => self.disk_gib.choose(gib),
            Edit::Virtualization(kind) => self.virtualization.choose(kind),
        }
        self.refresh(host);
    }

    /// Takes in what the URL was found to hold.
    pub fn detected(&mut self, detection: Detection, host: Option<&HostFacts>) {
        if let Detection::Found(tree) = &detection {
            self.last_tree = Some(Arc::clone(tree));
            // A field left empty is no decision; the next system may name the guest again.
            if self.name.value().is_empty() {
                self.name.release();
            }
        }
        self.detection = detection;
        self.refresh(host);
    }

    /// Takes in the host's proposal for the disk of a guest named `name`.
    pub fn place_proposed(&mut self, name: String, place: DiskPlace, host: Option<&HostFacts>) {
        self.proposed_place = Some((name, place));
        if self.disk.value().is_empty() {
            self.disk.release();
        }
        self.refresh(host);
    }

    /// Forgets what only held for the host before, when another is chosen.
    pub fn leave_host(&mut self) {
        self.pool = None;
        self.proposed_place = None;
        self.inspection = Inspection::Unknown;
        self.disk = Choice::default();
        self.network.release();
        self.virtualization.release();
        if !self.name.is_by_hand() {
            self.name = Choice::default();
        }
    }

    /// Renews every proposal from what is known now. What the user decided stays.
    pub fn refresh(&mut self, host: Option<&HostFacts>) {
        let tree = self.last_tree.clone();
        if let (Some(tree), Some(host)) = (&tree, host) {
            self.name
                .propose(name::make_unique(&name::for_tree(tree), |name| {
                    host.guest_names.contains(name)
                }));
        }
        let wanted = tree
            .as_ref()
            .map_or(DISK_GIB, |tree| tree.recommended_disk_gib);
        self.disk_gib
            .propose(proposed_disk(wanted, &self.inspection));
        let installer = tree
            .as_deref()
            .and_then(|tree| installer_of(tree, self.graphical.get()));
        if let Some(host) = host {
            self.virtualization
                .propose(host.preferred_virtualization(installer.map(|(_, found)| found)));
        }
        self.memory_mib
            .propose(proposed_memory(tree.as_deref(), host));
        self.maximum_memory_mib.propose(proposed_maximum(
            self.memory_mib.get(),
            self.virtualization.get(),
            host,
        ));
        if let Some(host) = host {
            self.vcpus.propose(proposed_vcpus(host.cpus));
            self.network.propose(host.preferred_network());
            if let Some(place) = self.proposed_place(host) {
                self.disk.propose(place::to_text(&place, &host.pools));
            }
        }
    }

    /// The guest's name, without blanks around it.
    pub fn guest_name(&self) -> &str {
        self.name.value().trim()
    }

    /// The most memory while it runs, in MiB: as wished for, but never below the memory itself.
    /// The wish is kept apart, because the memory passes through odd figures while it is typed.
    pub fn maximum_memory(&self) -> u64 {
        self.maximum_memory_mib.get().max(self.memory_mib.get())
    }

    /// The tree, when one stands found.
    pub fn tree(&self) -> Option<&Arc<InstallTree>> {
        match &self.detection {
            Detection::Found(tree) => Some(tree),
            _ => None,
        }
    }

    /// Which of the tree's installers is used: the first of the wanted kind, else the first.
    pub fn installer(&self) -> Option<(usize, &Installer)> {
        installer_of(self.tree()?, self.graphical.get())
    }

    /// The place of the disk, when the field holds one.
    pub fn place(&self, host: &HostFacts) -> Option<DiskPlace> {
        place::from_text(self.disk.value().trim(), &host.pools)
    }

    /// Whether closing loses something the user entered.
    pub fn is_touched(&self) -> bool {
        self.url.is_by_hand() && !self.url.value().is_empty()
            || self.name.is_by_hand()
            || self.memory_mib.is_by_hand()
            || self.maximum_memory_mib.is_by_hand()
            || self.vcpus.is_by_hand()
            || self.disk.is_by_hand()
            || self.pool.is_some()
            || self.disk_gib.is_by_hand()
            || self.graphical.is_by_hand()
            || self.virtualization.is_by_hand()
            || self.network.is_by_hand()
            || !self.extra_arguments.is_empty()
    }

    /// The place to propose now: in the pool picked, or as the host proposed, with the name
    /// followed at once while the host is asked again.
    fn proposed_place(&self, host: &HostFacts) -> Option<DiskPlace> {
        let name = self.guest_name();
        // A name that cannot be makes no path: the file keeps the last one that could, so that one
        // mistake is not told of twice.
        let name = name::check(name).is_ok().then_some(name);
        if let Some(pool) = &self.pool {
            let proposed_for = self.proposed_place.as_ref().map(|(name, _)| name.as_str());
            return Some(DiskPlace::Volume {
                pool: pool.clone(),
                name: place::file_name(name.or(proposed_for).unwrap_or("guest"), host.kind),
            });
        }
        let (proposed_for, place) = self.proposed_place.as_ref()?;
        Some(place::renamed(
            place,
            proposed_for,
            name.unwrap_or(proposed_for),
        ))
    }
}

/// The first installer of the wanted kind, else the first.
fn installer_of(tree: &InstallTree, graphical: bool) -> Option<(usize, &Installer)> {
    let mut installers = tree.installers.iter().enumerate();
    installers
        .clone()
        .find(|(_, installer)| installer.graphical == graphical)
        .or(installers.next())
}

/// What the system recommends, less where the host has not so much free, but never less than the
/// system needs.
fn proposed_memory(tree: Option<&InstallTree>, host: Option<&HostFacts>) -> u64 {
    let (least, recommended) = tree.map_or((MEMORY_MIB / 2, MEMORY_MIB), |tree| {
        (tree.minimum_memory_mib, tree.recommended_memory_mib)
    });
    let free = host.map_or(u64::MAX, |host| round_down(host.free_memory_mib, 256));
    recommended.min(free).max(least).max(1)
}

/// Headroom for sliding upward later: the smaller of twice the memory and half the host, and never
/// below the memory. Where Xen is helped by the processor there is none until the guest was seen to
/// have a balloon driver: without one it soon touches memory that it was not given, and dies.
fn proposed_maximum(memory: u64, way: VirtualizationType, host: Option<&HostFacts>) -> u64 {
    let Some(host) = host else {
        return memory.saturating_mul(2);
    };
    if way.is_xen() && way != VirtualizationType::XenPv {
        return memory;
    }
    let half = round_down(host.memory_mib / 2, 64);
    memory.saturating_mul(2).min(half).max(memory)
}

/// What the system recommends, less where the place has not so much; a disk too small for any
/// system is not proposed, then the lack of space is said instead.
fn proposed_disk(recommended: u64, inspection: &Inspection) -> u64 {
    let available = match inspection {
        Inspection::Known(report) => report.available,
        _ => None,
    };
    let free = available.map_or(u64::MAX, |bytes| bytes >> 30);
    recommended.min(free.max(LEAST_DISK_GIB)).max(1)
}

/// A quarter of the host's processors, at least two where it has two, at most four.
fn proposed_vcpus(host: u32) -> u32 {
    (host / 4).clamp(2, MAX_PROPOSED_VCPUS).min(host.max(1))
}

fn round_down(value: u64, step: u64) -> u64 {
    if value < step {
        value
    } else {
        value - value % step
    }
}

#[cfg(test)]
mod tests;
