//! What a check reports, line by line.

use super::mend::Mend;
use crate::error::Error;

/// What a line is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Topic {
    /// Whether the processor can run guests itself.
    Processor,
    /// Whether the kernel has KVM.
    KvmDevice,
    /// Whether this user may use it.
    KvmPermission,
    /// Whether it runs a machine.
    KvmTrial,
    /// Whether the host's service offers it to guests.
    KvmOffer,
    /// Whether this is Xen's domain 0.
    Domain0,
    /// Whether Xen's toolstack is up.
    Toolstack,
    /// Which of libvirt's daemons is installed.
    Daemon,
    /// Whether one answers, and where.
    Connection,
    /// What this user may do with it.
    Rights,
    /// Which libvirt.
    Libvirt,
    /// Which hypervisor.
    Hypervisor,
    /// Which kinds of guests can be run.
    Guests,
    /// Versions and machines that are known to fail together.
    Combinations,
    /// The default network.
    Network,
    /// The default storage pool.
    Storage,
    /// The space in it.
    Space,
    /// Firmware for guests that boot by UEFI.
    Firmware,
    /// How much of the memory is given to guests.
    Memory,
    /// How many of the processors are.
    Processors,
}

/// The part of a report in which a topic belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Section {
    /// Processor and KVM.
    Kvm,
    /// Xen.
    Xen,
    /// libvirt's service and the hypervisor behind it.
    Service,
    /// Networks and storage.
    Resources,
    /// What guests find.
    Guests,
}

impl Topic {
    /// Its name for programs; never changes.
    pub fn key(self) -> &'static str {
        match self {
            Self::Processor => "processor",
            Self::KvmDevice => "kvm-device",
            Self::KvmPermission => "kvm-permission",
            Self::KvmTrial => "kvm-trial",
            Self::KvmOffer => "kvm-offer",
            Self::Domain0 => "domain-0",
            Self::Toolstack => "toolstack",
            Self::Daemon => "daemon",
            Self::Connection => "connection",
            Self::Rights => "rights",
            Self::Libvirt => "libvirt",
            Self::Hypervisor => "hypervisor",
            Self::Guests => "guests",
            Self::Combinations => "combinations",
            Self::Network => "network",
            Self::Storage => "storage",
            Self::Space => "space",
            Self::Firmware => "firmware",
            Self::Memory => "memory",
            Self::Processors => "processors",
        }
    }

    /// The part of the report it belongs in.
    pub fn section(self) -> Section {
        match self {
            Self::Processor
            | Self::KvmDevice
            | Self::KvmPermission
            | Self::KvmTrial
            | Self::KvmOffer => Section::Kvm,
            Self::Domain0 | Self::Toolstack => Section::Xen,
            Self::Daemon
            | Self::Connection
            | Self::Rights
            | Self::Libvirt
            | Self::Hypervisor
            | Self::Guests
            | Self::Combinations => Section::Service,
            Self::Network | Self::Storage | Self::Space => Section::Resources,
            Self::Firmware | Self::Memory | Self::Processors => Section::Guests,
        }
    }

    /// What is looked at, to begin a sentence with.
    fn subject(self) -> &'static str {
        match self {
            Self::Processor => "What the processor can do",
            Self::KvmDevice => "Whether the kernel has KVM",
            Self::KvmPermission => "Whether you may use KVM",
            Self::KvmTrial => "Whether KVM works",
            Self::KvmOffer => "Whether guests are offered KVM",
            Self::Domain0 => "Whether this is a domain 0 of Xen",
            Self::Toolstack => "Whether Xen's toolstack is up",
            Self::Daemon => "Which libvirt daemon is installed",
            Self::Connection => "Whether the hypervisor service answers",
            Self::Rights => "What you may do there",
            Self::Libvirt => "The version of libvirt",
            Self::Hypervisor => "The version of the hypervisor",
            Self::Guests => "Which guests can be run",
            Self::Combinations => "Whether versions fit together",
            Self::Network => "The default network",
            Self::Storage => "The default storage pool",
            Self::Space => "The space for disks",
            Self::Firmware => "Whether there is firmware for UEFI guests",
            Self::Memory => "How much memory guests have",
            Self::Processors => "How many processors guests have",
        }
    }
}

impl Section {
    /// Its heading.
    pub fn title(self) -> &'static str {
        match self {
            Self::Kvm => "Processor and KVM",
            Self::Xen => "Xen",
            Self::Service => "Hypervisor service",
            Self::Resources => "Network and storage",
            Self::Guests => "Guests",
        }
    }
}

/// What was found, from best to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Verdict {
    /// As it should be.
    Good,
    /// Worth knowing; things work without it, or nobody can tell.
    Note,
    /// Something does not work until it is mended.
    Problem,
}

impl Verdict {
    /// In a word; never changes.
    pub fn word(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Note => "note",
            Self::Problem => "problem",
        }
    }
}

/// What to do about it. Nothing is ever done by the check itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remedy {
    /// As a sentence.
    pub sentence: String,
    /// The same as a command for a shell, where there is one.
    pub command: Option<String>,
    /// The same by this program, where it can.
    pub mend: Option<Mend>,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What it is about.
    pub topic: Topic,
    /// What came of it.
    pub verdict: Verdict,
    /// The same as a sentence.
    pub message: String,
    /// Further words, of the library underneath or about the reason.
    pub detail: Option<String>,
    /// What to do.
    pub remedy: Option<Remedy>,
}

impl Line {
    fn new(topic: Topic, verdict: Verdict, message: impl Into<String>) -> Self {
        Self {
            topic,
            verdict,
            message: message.into(),
            detail: None,
            remedy: None,
        }
    }

    pub(super) fn good(topic: Topic, message: impl Into<String>) -> Self {
        Self::new(topic, Verdict::Good, message)
    }

    pub(super) fn note(topic: Topic, message: impl Into<String>) -> Self {
        Self::new(topic, Verdict::Note, message)
    }

    pub(super) fn problem(topic: Topic, message: impl Into<String>) -> Self {
        Self::new(topic, Verdict::Problem, message)
    }

    /// What could not be found out, and why.
    pub(super) fn unknown(topic: Topic, error: &Error) -> Self {
        let message = format!("{} could not be found out.", topic.subject());
        let mut reason = error.message().to_owned();
        if let Some(detail) = error.detail() {
            reason.push_str(&format!(" ({detail})"));
        }
        Self::note(topic, message).with_detail(reason)
    }

    /// What was not looked at, because there is no connection to ask.
    pub(super) fn unasked(topic: Topic) -> Self {
        let message = format!("{} is not known without the service.", topic.subject());
        Self::note(topic, message)
    }

    #[must_use]
    pub(super) fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    #[must_use]
    pub(super) fn with_advice(self, sentence: impl Into<String>) -> Self {
        self.with_command(sentence, None)
    }

    #[must_use]
    pub(super) fn with_command(
        mut self,
        sentence: impl Into<String>,
        command: Option<String>,
    ) -> Self {
        self.remedy = Some(Remedy {
            sentence: sentence.into(),
            command,
            mend: None,
        });
        self
    }

    /// What the command does can be done from here too.
    #[must_use]
    pub(super) fn with_mend(mut self, mend: impl Into<Option<Mend>>) -> Self {
        if let Some(remedy) = &mut self.remedy {
            remedy.mend = mend.into();
        }
        self
    }
}
