//! What is wrong with a draft, or worth knowing: sentences with the page that mends them.

mod disk;
mod memory;

use backend::install::NetworkSource;
use backend::model::{HypervisorKind, VirtualizationType};

use super::{Detection, Draft, HostFacts, name};

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
    memory::check(draft, host, &mut problems);
    disk::check(draft, host, &mut problems);
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
