//! A guest as both a configuration file and libvirt's XML describe it: what the two have in common.

use std::fmt;

use super::Kind;
use super::disk::Disk;
use super::vif::Vif;

/// A password. It is not shown where the guest is printed for debugging.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Secret(pub(super) String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// A guest.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Guest {
    pub(super) kind: Kind,
    pub(super) name: String,
    pub(super) uuid: Option<String>,
    /// KiB at the start.
    pub(super) memory: u64,
    /// KiB it may be given.
    pub(super) max_memory: u64,
    pub(super) vcpus: u64,
    pub(super) max_vcpus: u64,
    /// Host CPUs that any vCPU may run on.
    pub(super) cpus: Option<String>,
    /// Host CPUs for single vCPUs.
    pub(super) pins: Vec<(u64, String)>,
    /// Weight of the credit schedulers.
    pub(super) weight: Option<u64>,
    pub(super) boot: Boot,
    pub(super) features: Features,
    pub(super) clock: Clock,
    pub(super) actions: Actions,
    /// The device model's program.
    pub(super) emulator: Option<String>,
    /// Arguments for it.
    pub(super) arguments: Vec<String>,
    pub(super) disks: Vec<Disk>,
    pub(super) vifs: Vec<Vif>,
    pub(super) displays: Vec<Display>,
    pub(super) video: Option<Video>,
    pub(super) serials: Vec<Serial>,
    /// `mouse`, `tablet` or `keyboard` on the emulated USB bus.
    pub(super) usb_inputs: Vec<String>,
    pub(super) usb_controllers: Vec<UsbController>,
    pub(super) usb_devices: Vec<UsbDevice>,
    pub(super) pci: Vec<Pci>,
    /// As libvirt names them.
    pub(super) sounds: Vec<String>,
    pub(super) channels: Vec<Channel>,
    pub(super) max_grant_frames: Option<u64>,
    pub(super) max_event_channels: Option<u64>,
}

/// How it boots.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Boot {
    pub(super) kernel: Option<String>,
    pub(super) ramdisk: Option<String>,
    pub(super) cmdline: Option<String>,
    pub(super) bootloader: Option<String>,
    pub(super) bootloader_args: Vec<String>,
    /// HVM alone.
    pub(super) firmware: Firmware,
    /// HVM alone: letters of `boot=`.
    pub(super) order: String,
}

/// What an HVM guest's virtual machine starts with.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) enum Firmware {
    #[default]
    Bios,
    Uefi,
    File(String),
}

/// Switches. Nothing where the default is left.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Features {
    pub(super) acpi: bool,
    pub(super) apic: bool,
    pub(super) pae: bool,
    pub(super) hap: Option<bool>,
    pub(super) viridian: bool,
    pub(super) nested: bool,
    pub(super) e820_host: Option<bool>,
    /// As `passthrough=` spells them, `disabled` included.
    pub(super) passthrough: Option<String>,
}

/// Its clock.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Clock {
    pub(super) localtime: bool,
    /// Seconds; HVM alone.
    pub(super) offset: i64,
    /// The mode as `tsc_mode=` spells it.
    pub(super) tsc: Option<String>,
    pub(super) hpet: Option<bool>,
}

/// What follows when it stops.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Actions {
    pub(super) poweroff: String,
    pub(super) reboot: String,
    pub(super) crash: String,
}

/// A display.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Display {
    Vnc(Vnc),
    Sdl(Sdl),
    Spice(Spice),
}

/// A VNC server.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Vnc {
    pub(super) listen: Option<String>,
    /// Nothing for one of the host's choice.
    pub(super) port: Option<u16>,
    pub(super) password: Option<Secret>,
    pub(super) keymap: Option<String>,
}

/// A window on the host.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Sdl {
    pub(super) display: Option<String>,
    pub(super) xauthority: Option<String>,
}

/// A SPICE server.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Spice {
    pub(super) listen: Option<String>,
    pub(super) port: Option<u16>,
    pub(super) tls_port: Option<u16>,
    pub(super) password: Option<Secret>,
    pub(super) agent_mouse: Option<bool>,
    pub(super) clipboard: Option<bool>,
}

/// An emulated graphics card; HVM alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Video {
    /// `cirrus`, `stdvga`, `qxl` or `none`.
    pub(super) card: String,
    /// MiB.
    pub(super) memory: Option<u64>,
}

/// A serial port; HVM alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Serial {
    /// `pty`, `null`, `vc` or `stdio`.
    Plain(String),
    File(String),
    Pipe(String),
    Device(String),
    Unix {
        path: String,
        listens: bool,
    },
    Tcp {
        host: String,
        port: String,
        listens: bool,
        telnet: bool,
    },
}

/// A USB controller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct UsbController {
    /// 1 or 2.
    pub(super) version: u64,
    pub(super) ports: u64,
}

/// A USB device of the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum UsbDevice {
    /// Hexadecimal vendor and product, four digits each.
    Model(String, String),
    /// Bus and device.
    Place(u64, u64),
}

/// A PCI device of the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pci {
    pub(super) domain: u32,
    pub(super) bus: u32,
    pub(super) slot: u32,
    pub(super) function: u32,
    pub(super) permissive: bool,
    pub(super) seize: bool,
}

/// A channel between guest and host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Channel {
    pub(super) name: String,
    /// The socket's path; nothing for a pseudo terminal.
    pub(super) socket: Option<String>,
}
