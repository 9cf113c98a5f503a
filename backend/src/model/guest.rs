//! A guest (libvirt: domain) and its figures.

use std::sync::Arc;

use uuid::Uuid;

use super::HypervisorKind;

/// The identity of a guest on its host: libvirt's UUID, which survives renaming.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GuestId(pub Uuid);

/// What a guest is doing (virDomainState).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GuestState {
    /// Running, or idle while running.
    Running,
    /// Being started, or having its saved memory read; it answers to nothing yet.
    Starting,
    /// Off for a moment, on its way from one run to the next: a reboot on Xen.
    Rebooting,
    /// Stopped by the user or by libvirt; memory is kept.
    Paused,
    /// Paused because its storage is full or failed.
    PausedOnStorageError,
    /// The guest was asked to shut down and is doing so.
    ShuttingDown,
    /// Off.
    Off,
    /// Off, with its memory saved on the host; starting it resumes there.
    Saved,
    /// Ended by itself with a crash.
    Crashed,
    /// Asleep by its own power management.
    Suspended,
    /// Some state this version does not know.
    Unknown,
}

impl GuestState {
    /// Whether the guest has a process on the host, or has one again in a moment.
    pub fn is_active(self) -> bool {
        matches!(
            self,
            Self::Running
                | Self::Starting
                | Self::Rebooting
                | Self::Paused
                | Self::PausedOnStorageError
                | Self::ShuttingDown
                | Self::Suspended
        )
    }

    /// The state as one word or a few, for people: "running", "off", "paused".
    pub fn word(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Starting => "starting",
            Self::Rebooting => "rebooting",
            Self::Paused => "paused",
            Self::PausedOnStorageError => "paused · storage problem",
            Self::ShuttingDown => "shutting down",
            Self::Off => "off",
            Self::Saved => "saved",
            Self::Crashed => "crashed",
            Self::Suspended => "asleep",
            Self::Unknown => "state unknown",
        }
    }
}

/// Which system a guest runs, as recorded in its metadata (libosinfo).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OsInfo {
    /// The libosinfo identifier, an address such as `http://debian.org/debian/12`.
    pub id: String,
    /// The name for people: "Debian 12".
    pub name: String,
}

/// A guest's memory as the hypervisor accounts it, in KiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MemorySize {
    /// What the guest may use now (the balloon's actual size while it runs).
    pub current_kib: u64,
    /// The most it can be given while it runs.
    pub maximum_kib: u64,
}

/// A guest's virtual processors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct VcpuCount {
    /// Processors the guest has now.
    pub current: u32,
    /// The most it can be given while it runs.
    pub maximum: u32,
}

/// A guest's virtual processors as the host counts them at this moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct VcpuReading {
    /// Processors it was given.
    pub current: u32,
    /// The most it can be given in this run, or in the next where it is off.
    pub maximum: u32,
    /// How many of those it was given it uses, where the driver tells (Xen's): a system brings added
    /// ones into use by itself, or does not.
    pub online: Option<u32>,
}

/// What the guest's balloon driver reports (virDomainMemoryStats), in KiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BalloonReading {
    /// The balloon's actual size: what the guest has.
    pub actual_kib: u64,
    /// Memory the guest's own kernel counts in all, where its driver tells.
    pub available_kib: Option<u64>,
    /// Memory the guest could use without swapping, where its driver tells.
    pub usable_kib: Option<u64>,
    /// Memory the guest does not use at all, where its driver tells.
    pub unused_kib: Option<u64>,
    /// When the guest last reported, in seconds since the epoch; 0 or absent: never.
    pub last_update: Option<u64>,
}

impl BalloonReading {
    /// Whether the guest itself reports, that is, has a balloon driver that answers.
    pub fn guest_reports(&self) -> bool {
        self.last_update.is_some_and(|at| at > 0)
            && (self.available_kib.is_some() || self.unused_kib.is_some())
    }

    /// What the guest says it uses, in KiB, where it reports.
    pub fn used_kib(&self) -> Option<u64> {
        if !self.guest_reports() {
            return None;
        }
        let free = self.usable_kib.or(self.unused_kib)?;
        Some(self.available_kib?.saturating_sub(free))
    }
}

/// Figures of a running guest, from the last two readings.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct GuestStats {
    /// Share of the guest's own processors in use, 0 to 1.
    pub cpu: f64,
    /// The balloon's reading.
    pub balloon: BalloonReading,
}

/// A guest as the list shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Guest {
    /// Identity.
    pub id: GuestId,
    /// Name, unique on the host.
    pub name: String,
    /// The hypervisor's number of the running guest.
    pub domain_id: Option<u32>,
    /// What it is doing.
    pub state: GuestState,
    /// Whether a definition stays when it stops.
    pub persistent: bool,
    /// Whether the host starts it with itself.
    pub autostart: bool,
    /// Memory now and at most.
    pub memory: MemorySize,
    /// Processors now and at most.
    pub vcpus: VcpuCount,
    /// Figures while it runs and somebody watches ([`crate::Host::watch_stats`]).
    pub stats: Option<GuestStats>,
    /// What its definition says, once fetched.
    pub details: Option<Arc<GuestDetails>>,
    /// Whether an installation that this program family began has its second stage still to come.
    pub installing: bool,
}

impl Guest {
    /// Whether this is Xen's domain 0: the host itself, which nobody starts or stops from here. `kind`:
    /// what its host runs, as far as that is known.
    pub fn is_host_itself(&self, kind: Option<HypervisorKind>) -> bool {
        kind == Some(HypervisorKind::Xen) && self.domain_id == Some(0)
    }
}

/// How a guest's screen can be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DisplayKind {
    /// VNC.
    Vnc,
    /// SPICE, which this program does not show itself.
    Spice,
    /// Something else, such as a local SDL window.
    Other,
}

/// One graphical display of a guest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Display {
    /// Its kind.
    pub kind: DisplayKind,
    /// Address it listens on, as the host means it; absent when it listens nowhere or is not known.
    pub address: Option<String>,
    /// TCP port, where it listens on one.
    pub port: Option<u16>,
    /// Unix socket on the host, where it listens on one.
    pub socket: Option<String>,
}

/// What a guest's definition says beyond the list's figures.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GuestDetails {
    /// The system, where recorded.
    pub os: Option<OsInfo>,
    /// Free text the user gave.
    pub description: Option<String>,
    /// Displays in order.
    pub displays: Vec<Display>,
    /// How many screens its video devices have, each of which may show something else. VNC shows the
    /// first; stills can be taken of all ([`crate::Host::screenshot`]).
    pub screens: u32,
    /// Whether there is a serial or paravirtual console that can be opened.
    pub has_console: bool,
    /// Whether there is a balloon device.
    pub has_balloon: bool,
    /// Architecture, such as `x86_64`.
    pub arch: String,
    /// libvirt's domain type: `kvm`, `qemu`, `xen`, `test`.
    pub domain_type: String,
    /// Files and volumes that hold its disks (not its CD images).
    pub disks: Vec<String>,
}
