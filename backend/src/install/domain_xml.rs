//! The definition of a new guest: the one that stays, and the installer's.
//!
//! Both come from the same hand, with the same identity and addresses, and differ in three things:
//! the installer's has the kernel, ends when the guest reboots, and is never kept by libvirt.

use std::io;

use quick_xml::Writer;
use quick_xml::events::BytesText;
use uuid::Uuid;

use super::CreateRequest;
use super::capabilities::DomainCapabilities;
use super::markup::{Xml, empty, text};
use super::metadata::Installation;
use crate::error::{Error, ErrorKind, Result};
use crate::model::VirtualizationType;

/// PCI Express root ports of a new guest. Its own devices take about seven, the rest is for what
/// is plugged in while it runs: a port cannot be.
const ROOT_PORTS: usize = 14;
/// How often the balloon driver reports, in seconds; without it the guest's figures stay those of
/// its start.
const STATS_PERIOD: &str = "1";

/// Where a guest's disk is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DiskSource {
    /// Path on the host.
    pub(super) path: String,
    /// `qcow2` or `raw`.
    pub(super) format: &'static str,
    /// Whether it is a block device rather than a file.
    pub(super) block: bool,
}

/// What starts an installer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct InstallerBoot {
    /// Path of the kernel on the host.
    pub(super) kernel: String,
    /// Path of the initrd on the host.
    pub(super) initrd: String,
    /// The kernel's command line.
    pub(super) arguments: String,
}

/// All that goes into a definition.
#[derive(Debug, Clone)]
pub(super) struct Definition<'a> {
    pub(super) request: &'a CreateRequest,
    pub(super) capabilities: &'a DomainCapabilities,
    pub(super) id: Uuid,
    /// The network card's address; ours, because libvirt would make up another for each definition.
    pub(super) mac: String,
    pub(super) disk: DiskSource,
    pub(super) installation: Installation,
}

/// A random address out of the range that QEMU uses.
pub(super) fn random_mac() -> String {
    let [a, b, c, ..] = Uuid::new_v4().into_bytes();
    format!("52:54:00:{a:02x}:{b:02x}:{c:02x}")
}

/// Machines to try for a processor, best first; empty: whatever the emulator takes by itself.
pub(crate) fn machines(arch: &str) -> &'static [&'static str] {
    match arch {
        "x86_64" | "i686" => &["q35", "pc"],
        "aarch64" | "armv7l" | "riscv64" | "loongarch64" => &["virt"],
        "ppc64" | "ppc64le" => &["pseries"],
        "s390x" => &["s390-ccw-virtio"],
        _ => &[],
    }
}

impl Definition<'_> {
    /// The definition that stays: boots from disk, reboots as a guest does.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] for characters that XML cannot carry.
    pub(super) fn lasting(&self) -> Result<String> {
        self.document(None)
    }

    /// The installer's: for one start only, ends when the installer reboots.
    ///
    /// # Errors
    /// As for [`Self::lasting`].
    pub(super) fn installing(&self, boot: &InstallerBoot) -> Result<String> {
        self.document(Some(boot))
    }

    fn document(&self, boot: Option<&InstallerBoot>) -> Result<String> {
        let mut xml = Writer::new_with_indent(Vec::new(), b' ', 2);
        let unwritable = |error: String| {
            Error::new(
                ErrorKind::InvalidInput,
                "The new guest cannot be described to the host.",
            )
            .with_remedy("Use plain letters in its name and its disk's path.")
            .with_detail(error)
        };
        self.domain(&mut xml, boot)
            .map_err(|error| unwritable(error.to_string()))?;
        let text =
            String::from_utf8(xml.into_inner()).map_err(|error| unwritable(error.to_string()))?;
        // Allowed in no XML document, in any form; the fields are checked before, this is the net.
        if let Some(char) = text.chars().find(|&char| {
            char.is_control() && char != '\n' || matches!(char, '\u{fffe}' | '\u{ffff}')
        }) {
            return Err(unwritable(format!("{char:?}")));
        }
        Ok(text)
    }

    fn domain(&self, xml: &mut Xml, boot: Option<&InstallerBoot>) -> io::Result<()> {
        let request = self.request;
        let kind = match request.virtualization {
            VirtualizationType::Kvm => "kvm",
            VirtualizationType::Emulation => "qemu",
            VirtualizationType::Xen => "xen",
        };
        xml.create_element("domain")
            .with_attribute(("type", kind))
            .write_inner_content(|xml| {
                text(xml, "name", &request.name)?;
                text(xml, "uuid", &self.id.to_string())?;
                self.metadata(xml)?;
                mebibytes(xml, "memory", request.maximum_memory_mib)?;
                mebibytes(xml, "currentMemory", request.memory_mib)?;
                text(xml, "vcpu", &request.vcpus.to_string())?;
                self.os(xml, boot)?;
                if self.is_x86() {
                    x86_features(xml)?;
                }
                self.cpu(xml)?;
                self.clock(xml)?;
                text(xml, "on_poweroff", "destroy")?;
                let reboot = if boot.is_some() { "destroy" } else { "restart" };
                text(xml, "on_reboot", reboot)?;
                text(xml, "on_crash", "destroy")?;
                if self.is_x86() {
                    no_sleep(xml)?;
                }
                xml.create_element("devices")
                    .write_inner_content(|xml| self.devices(xml))?;
                Ok(())
            })?;
        Ok(())
    }

    fn metadata(&self, xml: &mut Xml) -> io::Result<()> {
        xml.create_element("metadata").write_inner_content(|xml| {
            if let Some(os) = &self.request.tree.os_id {
                xml.create_element("libosinfo:libosinfo")
                    .with_attribute((
                        "xmlns:libosinfo",
                        "http://libosinfo.org/xmlns/libvirt/domain/1.0",
                    ))
                    .write_inner_content(|xml| {
                        xml.create_element("libosinfo:os")
                            .with_attribute(("id", os.as_str()))
                            .write_empty()?;
                        Ok(())
                    })?;
            }
            self.installation.write(xml)
        })?;
        Ok(())
    }

    fn os(&self, xml: &mut Xml, boot: Option<&InstallerBoot>) -> io::Result<()> {
        let mut os = xml.create_element("os");
        // Where there is no BIOS only this makes the disk bootable.
        if !self.is_x86() && self.capabilities.has("os", "firmware", "efi") {
            os = os.with_attribute(("firmware", "efi"));
        }
        os.write_inner_content(|xml| {
            let mut kind = xml
                .create_element("type")
                .with_attribute(("arch", self.arch()));
            if let Some(machine) = &self.capabilities.machine {
                kind = kind.with_attribute(("machine", machine.as_str()));
            }
            kind.write_text_content(BytesText::new("hvm"))?;
            if let Some(boot) = boot {
                text(xml, "kernel", &boot.kernel)?;
                text(xml, "initrd", &boot.initrd)?;
                if !boot.arguments.is_empty() {
                    text(xml, "cmdline", &boot.arguments)?;
                }
            }
            empty(xml, "boot", &[("dev", "hd")])
        })?;
        Ok(())
    }

    fn cpu(&self, xml: &mut Xml) -> io::Result<()> {
        let modes: &[&str] = match self.request.virtualization {
            VirtualizationType::Kvm => &["host-passthrough", "host-model"],
            // What QEMU emulates by default is a processor of 2003, which systems of today refuse.
            VirtualizationType::Emulation => &["maximum"],
            VirtualizationType::Xen => &[],
        };
        let Some(mode) = modes
            .iter()
            .find(|mode| self.capabilities.has_cpu_mode(mode))
        else {
            return Ok(());
        };
        let cpu = xml.create_element("cpu").with_attribute(("mode", *mode));
        if *mode == "maximum" && self.is_x86() {
            // Page tables of five levels cost an emulated guest a quarter of its speed.
            cpu.write_inner_content(|xml| {
                empty(xml, "feature", &[("policy", "disable"), ("name", "la57")])
            })?;
        } else {
            cpu.write_empty()?;
        }
        Ok(())
    }

    fn clock(&self, xml: &mut Xml) -> io::Result<()> {
        let clock = xml
            .create_element("clock")
            .with_attribute(("offset", "utc"));
        if !self.is_x86() {
            clock.write_empty()?;
            return Ok(());
        }
        clock.write_inner_content(|xml| {
            empty(xml, "timer", &[("name", "rtc"), ("tickpolicy", "catchup")])?;
            empty(xml, "timer", &[("name", "pit"), ("tickpolicy", "delay")])?;
            empty(xml, "timer", &[("name", "hpet"), ("present", "no")])
        })?;
        Ok(())
    }

    fn devices(&self, xml: &mut Xml) -> io::Result<()> {
        self.disk(xml)?;
        self.controllers(xml)?;
        self.network(xml)?;
        empty(xml, "serial", &[("type", "pty")])?;
        xml.create_element("console")
            .with_attribute(("type", "pty"))
            .write_inner_content(|xml| {
                let kind = if self.arch() == "s390x" {
                    "sclp"
                } else {
                    "serial"
                };
                empty(xml, "target", &[("type", kind)])
            })?;
        self.channels(xml)?;
        self.screen(xml)?;
        xml.create_element("memballoon")
            .with_attribute(("model", "virtio"))
            .write_inner_content(|xml| empty(xml, "stats", &[("period", STATS_PERIOD)]))?;
        if self.capabilities.has("rng", "backendModel", "random") {
            xml.create_element("rng")
                .with_attribute(("model", "virtio"))
                .write_inner_content(|xml| {
                    xml.create_element("backend")
                        .with_attribute(("model", "random"))
                        .write_text_content(BytesText::new("/dev/urandom"))?;
                    Ok(())
                })?;
        }
        Ok(())
    }

    fn disk(&self, xml: &mut Xml) -> io::Result<()> {
        let (kind, source) = if self.disk.block {
            ("block", "dev")
        } else {
            ("file", "file")
        };
        let virtio = self.takes("disk", "bus", "virtio");
        let (bus, device) = if virtio {
            ("virtio", "vda")
        } else {
            ("sata", "sda")
        };
        xml.create_element("disk")
            .with_attributes([("type", kind), ("device", "disk")])
            .write_inner_content(|xml| {
                empty(
                    xml,
                    "driver",
                    &[
                        ("name", "qemu"),
                        ("type", self.disk.format),
                        // What the guest frees, the file gives back.
                        ("discard", "unmap"),
                    ],
                )?;
                empty(xml, "source", &[(source, &self.disk.path)])?;
                empty(xml, "target", &[("dev", device), ("bus", bus)])
            })?;
        Ok(())
    }

    fn controllers(&self, xml: &mut Xml) -> io::Result<()> {
        if self.has_usb() {
            empty(
                xml,
                "controller",
                &[("type", "usb"), ("model", "qemu-xhci"), ("ports", "15")],
            )?;
        }
        empty(xml, "controller", &[("type", "virtio-serial")])?;
        if self.is_pcie() {
            empty(
                xml,
                "controller",
                &[("type", "pci"), ("model", "pcie-root")],
            )?;
            for _ in 0..ROOT_PORTS {
                empty(
                    xml,
                    "controller",
                    &[("type", "pci"), ("model", "pcie-root-port")],
                )?;
            }
        }
        Ok(())
    }

    fn network(&self, xml: &mut Xml) -> io::Result<()> {
        let network = self.request.network.as_deref();
        let kind = if network.is_some() { "network" } else { "user" };
        xml.create_element("interface")
            .with_attribute(("type", kind))
            .write_inner_content(|xml| {
                empty(xml, "mac", &[("address", &self.mac)])?;
                if let Some(network) = network {
                    empty(xml, "source", &[("network", network)])?;
                }
                empty(xml, "model", &[("type", "virtio")])
            })?;
        Ok(())
    }

    fn channels(&self, xml: &mut Xml) -> io::Result<()> {
        if self.takes("channel", "type", "unix") {
            channel(xml, "unix", "org.qemu.guest_agent.0", |_| Ok(()))?;
        }
        // Not assumed where libvirt does not tell: it is newer than the telling.
        if self.capabilities.has("channel", "type", "qemu-vdagent") {
            channel(xml, "qemu-vdagent", "com.redhat.spice.0", |xml| {
                xml.create_element("source").write_inner_content(|xml| {
                    empty(xml, "clipboard", &[("copypaste", "yes")])?;
                    empty(xml, "mouse", &[("mode", "client")])
                })?;
                Ok(())
            })?;
        }
        Ok(())
    }

    fn screen(&self, xml: &mut Xml) -> io::Result<()> {
        if !self.takes("graphics", "type", "vnc") {
            return Ok(());
        }
        let bus = if self.has_usb() { "usb" } else { "virtio" };
        empty(xml, "input", &[("type", "tablet"), ("bus", bus)])?;
        if !self.is_x86() {
            empty(xml, "input", &[("type", "keyboard"), ("bus", bus)])?;
        }
        xml.create_element("graphics")
            .with_attributes([("type", "vnc"), ("autoport", "yes")])
            .write_inner_content(|xml| {
                empty(
                    xml,
                    "listen",
                    &[("type", "address"), ("address", "127.0.0.1")],
                )
            })?;
        let model = ["virtio", "vga", "bochs"]
            .into_iter()
            .find(|model| self.takes("video", "modelType", model))
            .unwrap_or("vga");
        xml.create_element("video")
            .write_inner_content(|xml| empty(xml, "model", &[("type", model)]))?;
        Ok(())
    }

    /// Whether `value` works, taking it so where libvirt is too old to tell.
    fn takes(&self, device: &str, list: &str, value: &str) -> bool {
        self.capabilities.has(device, list, value) || !self.capabilities.tells(device, list)
    }

    fn arch(&self) -> &str {
        &self.request.tree.arch
    }

    fn is_x86(&self) -> bool {
        matches!(self.arch(), "x86_64" | "i686")
    }

    fn has_usb(&self) -> bool {
        self.arch() != "s390x"
    }

    fn is_pcie(&self) -> bool {
        let machine = self.capabilities.machine.as_deref().unwrap_or_default();
        machine.contains("q35") || machine == "virt" || machine.starts_with("virt-")
    }
}

fn x86_features(xml: &mut Xml) -> io::Result<()> {
    xml.create_element("features").write_inner_content(|xml| {
        empty(xml, "acpi", &[])?;
        empty(xml, "apic", &[])?;
        // VMware's port answers in ways that confuse the pointer drivers of some guests.
        empty(xml, "vmport", &[("state", "off")])
    })?;
    Ok(())
}

/// A guest that puts itself to sleep is a guest that looks broken.
fn no_sleep(xml: &mut Xml) -> io::Result<()> {
    xml.create_element("pm").write_inner_content(|xml| {
        empty(xml, "suspend-to-mem", &[("enabled", "no")])?;
        empty(xml, "suspend-to-disk", &[("enabled", "no")])
    })?;
    Ok(())
}

fn channel(
    xml: &mut Xml,
    kind: &str,
    name: &str,
    source: impl FnOnce(&mut Xml) -> io::Result<()>,
) -> io::Result<()> {
    xml.create_element("channel")
        .with_attribute(("type", kind))
        .write_inner_content(|xml| {
            source(xml)?;
            empty(xml, "target", &[("type", "virtio"), ("name", name)])
        })?;
    Ok(())
}

fn mebibytes(xml: &mut Xml, name: &str, amount: u64) -> io::Result<()> {
    xml.create_element(name)
        .with_attribute(("unit", "MiB"))
        .write_text_content(BytesText::new(&amount.to_string()))?;
    Ok(())
}
