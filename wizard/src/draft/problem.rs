//! What is wrong with a draft, or worth knowing: sentences with the page that mends them.

use backend::install::NetworkSource;
use backend::install::PlaceReport;
use backend::model::{HypervisorKind, VirtualizationType};

use super::{Detection, Draft, HostFacts, Inspection, name};
use crate::format;

/// The pages of the dialog, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// The install URL.
    From,
    /// Name, system and network.
    System,
    /// Memory and processors.
    Memory,
    /// The disk.
    Disk,
    /// What will be made.
    Review,
}

impl Step {
    /// All of them, in order.
    pub const ALL: [Self; 5] = [
        Self::From,
        Self::System,
        Self::Memory,
        Self::Disk,
        Self::Review,
    ];

    /// Its name on the rail.
    pub fn title(self) -> &'static str {
        match self {
            Self::From => "From",
            Self::System => "Name and system",
            Self::Memory => "Memory and processors",
            Self::Disk => "Disk",
            Self::Review => "Review",
        }
    }

    /// Its place in [`Self::ALL`].
    pub fn index(self) -> usize {
        self as usize
    }

    /// The one after it.
    pub fn next(self) -> Option<Self> {
        Self::ALL.get(self.index() + 1).copied()
    }

    /// The one before it.
    pub fn previous(self) -> Option<Self> {
        Self::ALL.get(self.index().checked_sub(1)?).copied()
    }
}

/// What a problem is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    /// The host.
    Host,
    /// The install URL.
    Url,
    /// The name.
    Name,
    /// Arguments for the installer.
    ExtraArguments,
    /// The network.
    Network,
    /// Memory at the start.
    Memory,
    /// The most memory.
    MaximumMemory,
    /// Processors.
    Vcpus,
    /// The disk's place.
    Disk,
    /// The disk's size.
    DiskSize,
    /// How it is run.
    Virtualization,
}

impl Field {
    /// The page it is on.
    pub fn step(self) -> Step {
        match self {
            Self::Host | Self::Url => Step::From,
            Self::Name | Self::ExtraArguments | Self::Network => Step::System,
            Self::Memory | Self::MaximumMemory | Self::Vcpus => Step::Memory,
            Self::Disk | Self::DiskSize => Step::Disk,
            Self::Virtualization => Step::Review,
        }
    }
}

/// How much a problem matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing where the choice is made.
    Note,
    /// Worth knowing before creating.
    Warning,
    /// Something is still missing; nobody did anything wrong.
    Missing,
    /// Cannot be created so.
    Error,
}

/// Something to say about the draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What it is about.
    pub field: Field,
    /// How much it matters.
    pub severity: Severity,
    /// What it is, as a sentence.
    pub message: String,
    /// What to do, as a sentence.
    pub remedy: Option<String>,
}

impl Problem {
    fn new(field: Field, severity: Severity, message: impl Into<String>) -> Self {
        Self {
            field,
            severity,
            message: message.into(),
            remedy: None,
        }
    }

    fn with_remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    fn of_error(field: Field, error: &backend::Error) -> Self {
        Self {
            remedy: error.remedy().map(str::to_owned),
            ..Self::new(field, Severity::Error, error.message())
        }
    }

    /// Whether nothing can be created while it stands.
    pub fn blocks(&self) -> bool {
        self.severity >= Severity::Missing
    }
}

/// Everything there is to say, in the order of the pages.
pub fn check(draft: &Draft, host: &HostFacts) -> Vec<Problem> {
    let mut problems = Vec::new();
    source(draft, host, &mut problems);
    system(draft, host, &mut problems);
    memory(draft, host, &mut problems);
    disk(draft, host, &mut problems);
    running(draft, host, &mut problems);
    problems
}

fn source(draft: &Draft, host: &HostFacts, problems: &mut Vec<Problem>) {
    use Severity::{Error, Missing};

    if !host.can_install {
        problems.push(
            Problem::new(
                Field::Host,
                Error,
                format!("{} cannot install guests from a URL.", host.name),
            )
            .with_remedy(format!(
                "It runs {}; choose a host with QEMU or Xen.",
                host.hypervisor
            )),
        );
    }
    match &draft.detection {
        Detection::Found(_) => {}
        Detection::Failed(error) => problems.push(Problem::of_error(Field::Url, error)),
        Detection::Looking => problems.push(Problem::new(
            Field::Url,
            Missing,
            "The install URL is still being looked at.",
        )),
        Detection::Nothing => problems.push(Problem::new(
            Field::Url,
            Missing,
            "Say where to install from.",
        )),
    }
}

fn system(draft: &Draft, host: &HostFacts, problems: &mut Vec<Problem>) {
    use Severity::{Error, Missing};

    let name = draft.guest_name();
    match name::check(name) {
        Err(name::NameFault::Empty) => problems.push(Problem::new(
            Field::Name,
            Missing,
            name::NameFault::Empty.sentence(),
        )),
        Err(fault) => problems.push(Problem::new(Field::Name, Error, fault.sentence())),
        Ok(()) if host.guest_names.contains(name) => problems.push(
            Problem::new(
                Field::Name,
                Error,
                format!("A guest named {name} is on {} already.", host.name),
            )
            .with_remedy(format!(
                "{} is free.",
                name::make_unique(name, |name| host.guest_names.contains(name))
            )),
        ),
        Ok(()) => {}
    }
    if draft.extra_arguments.chars().any(char::is_control) {
        problems.push(Problem::new(
            Field::ExtraArguments,
            Error,
            "The installer's arguments must be one line of ordinary characters.",
        ));
    } else if draft.extra_arguments.len() > MAX_ARGUMENTS {
        problems.push(Problem::new(
            Field::ExtraArguments,
            Error,
            format!("The installer's arguments are too long: at most {MAX_ARGUMENTS} characters."),
        ));
    }
    network(draft, host, problems);
}

fn network(draft: &Draft, host: &HostFacts, problems: &mut Vec<Problem>) {
    match draft.network.value() {
        NetworkSource::Network(network) => {
            match host.networks.iter().find(|known| known.name == *network) {
                Some(known) if !known.active => problems.push(Problem::new(
                    Field::Network,
                    Severity::Note,
                    format!("The network {network} is off and will be started."),
                )),
                _ => {}
            }
        }
        NetworkSource::None => problems.push(
            Problem::new(
                Field::Network,
                Severity::Warning,
                "Without a network the installer cannot fetch what it installs.",
            )
            .with_remedy(if host.network_sources() == [NetworkSource::None] {
                "Make a bridge or a virtual network on the host first."
            } else {
                "Choose a network."
            }),
        ),
        NetworkSource::User if host.kind == HypervisorKind::Xen => problems.push(
            Problem::new(Field::Network, Severity::Error, "Xen has no user network.")
                .with_remedy("Choose a bridge or a virtual network of the host."),
        ),
        NetworkSource::User | NetworkSource::Bridge(_) => {}
    }
}

/// Room for what the tree itself adds, within the 2048 bytes an x86 kernel reads.
const MAX_ARGUMENTS: usize = 1024;

/// Beyond this, x86 guests need an interrupt remapper, which new guests are not given.
const MOST_VCPUS: u32 = 255;

/// How many of a guest's processors may share one of the host's before it is worth a warning.
const MANY_TURNS: u32 = 8;

fn memory(draft: &Draft, host: &HostFacts, problems: &mut Vec<Problem>) {
    use Severity::{Error, Note, Warning};

    let memory = draft.memory_mib.get();
    let maximum = draft.maximum_memory();
    if memory == 0 {
        problems.push(Problem::new(
            Field::Memory,
            Error,
            "A guest needs some memory.",
        ));
    } else if memory > host.memory_mib {
        problems.push(Problem::new(
            Field::Memory,
            Error,
            format!(
                "More than {} has: {} in all.",
                host.name,
                format::mib(host.memory_mib)
            ),
        ));
    } else if let Some(tree) = draft.tree()
        && memory < tree.minimum_memory_mib
    {
        problems.push(
            Problem::new(
                Field::Memory,
                Warning,
                format!(
                    "The installer of {} is likely to fail with less than {}.",
                    tree.system(),
                    format::mib(tree.minimum_memory_mib)
                ),
            )
            .with_remedy("Give it more now and slide it down after the installation."),
        );
    } else if memory > host.free_memory_mib {
        problems.push(Problem::new(
            Field::Memory,
            Warning,
            format!(
                "{} has {} left of {}; it may begin to swap.",
                host.name,
                format::mib(host.free_memory_mib),
                format::mib(host.memory_mib)
            ),
        ));
    }
    if maximum > host.memory_mib && memory <= host.memory_mib {
        problems.push(Problem::new(
            Field::MaximumMemory,
            Error,
            format!(
                "It cannot grow beyond the {} that {} has in all.",
                format::mib(host.memory_mib),
                host.name
            ),
        ));
    } else if maximum > host.free_memory_mib && memory <= host.free_memory_mib {
        problems.push(Problem::new(
            Field::MaximumMemory,
            Note,
            format!(
                "More than the {} that are free now: a guest without a balloon driver may use it all.",
                format::mib(host.free_memory_mib)
            ),
        ));
    }
    let vcpus = draft.vcpus.get();
    if vcpus == 0 {
        problems.push(Problem::new(
            Field::Vcpus,
            Error,
            "A guest needs at least one processor.",
        ));
    } else if vcpus > MOST_VCPUS {
        problems.push(Problem::new(
            Field::Vcpus,
            Error,
            format!("A guest can have {MOST_VCPUS} processors at most."),
        ));
    } else if vcpus > host.cpus.saturating_mul(MANY_TURNS) {
        problems.push(Problem::new(
            Field::Vcpus,
            Warning,
            format!(
                "Many more than the {} of {}: the guest will be slow, also to start.",
                format::processors(host.cpus),
                host.name
            ),
        ));
    } else if vcpus > host.cpus {
        problems.push(Problem::new(
            Field::Vcpus,
            Note,
            format!(
                "More than the {} of {}: possible, but they take turns.",
                format::processors(host.cpus),
                host.name
            ),
        ));
    }
}

/// Less space than this and hardly a system can be installed.
const LITTLE_SPACE: u64 = 2 << 30;

fn disk(draft: &Draft, host: &HostFacts, problems: &mut Vec<Problem>) {
    use Severity::{Error, Missing};

    let text = draft.disk.value().trim();
    if text.is_empty() {
        problems.push(Problem::new(
            Field::Disk,
            Missing,
            "Say where to keep the disk.",
        ));
    } else if draft.place(host).is_none() {
        let (message, remedy) = if text.starts_with('~') {
            (
                "“~” has no meaning on the host.",
                "Write the folder out, beginning with “/”.",
            )
        } else if text.ends_with('/') {
            (
                "This is a folder; the disk needs a file name, too.",
                "Add a name such as disk.qcow2.",
            )
        } else {
            (
                "This is no complete path.",
                "Begin with “/”, or pick a pool.",
            )
        };
        problems.push(Problem::new(Field::Disk, Error, message).with_remedy(remedy));
    } else {
        match &draft.inspection {
            Inspection::Failed(error) => problems.push(Problem::of_error(Field::Disk, error)),
            Inspection::Known(PlaceReport { exists: true, .. }) => problems.push(
                Problem::new(Field::Disk, Error, "A file of that name is there already.")
                    .with_remedy("Give another name: existing files are never overwritten."),
            ),
            Inspection::Known(PlaceReport {
                available: Some(available),
                ..
            }) => problems.extend(space(draft.disk_gib.get(), *available)),
            Inspection::Known(_) | Inspection::Unknown | Inspection::Looking => {}
        }
    }
    if draft.disk_gib.get() == 0 {
        problems.push(Problem::new(
            Field::DiskSize,
            Error,
            "A disk needs a size of at least 1 GiB.",
        ));
    }
}

fn space(disk_gib: u64, available: u64) -> Option<Problem> {
    if available < LITTLE_SPACE {
        return Some(
            Problem::new(
                Field::DiskSize,
                Severity::Warning,
                format!(
                    "Only {} are free: hardly any system can be installed in so little.",
                    format::bytes(available)
                ),
            )
            .with_remedy("Make room there, or keep the disk elsewhere."),
        );
    }
    (disk_gib.saturating_mul(1 << 30) > available).then(|| {
        Problem::new(
            Field::DiskSize,
            Severity::Warning,
            format!(
                "The disk can outgrow the {} that are free; the guest is then paused.",
                format::bytes(available)
            ),
        )
        .with_remedy("Make it smaller, or keep it elsewhere.")
    })
}

fn running(draft: &Draft, host: &HostFacts, problems: &mut Vec<Problem>) {
    let way = draft.virtualization.get();
    if let (Some((_, installer)), Some(tree)) = (draft.installer(), draft.tree())
        && installer.files_for(way).is_none()
    {
        let as_text = tree
            .installers
            .iter()
            .any(|other| other.files_for(way).is_some());
        problems.push(
            Problem::new(
                Field::Virtualization,
                Severity::Error,
                format!(
                    "The {} installer of {} knows nothing of Xen, so it cannot start paravirtual.",
                    if installer.graphical {
                        "graphical"
                    } else {
                        "text"
                    },
                    tree.system()
                ),
            )
            .with_remedy(if as_text {
                "Choose its text installer, or run the guest fully virtual."
            } else {
                "Run the guest fully virtual."
            }),
        );
    }
    if way != VirtualizationType::Emulation {
        return;
    }
    let message = if host.virtualization.contains(&VirtualizationType::Kvm) {
        "Emulated, the guest works, but many times slower than with KVM."
    } else if let Some(reason) = &host.kvm_note {
        reason
    } else {
        "This host has no KVM: the guest will be emulated, which works but is slow."
    };
    problems.push(Problem::new(Field::Virtualization, Severity::Note, message));
}
