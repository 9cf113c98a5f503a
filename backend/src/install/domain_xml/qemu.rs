//! The machine and the devices of a guest of QEMU.

use std::io;

use quick_xml::events::BytesText;

use super::{Definition, InstallerBoot};
use crate::install::markup::{Xml, empty, text};
use crate::model::VirtualizationType;

/// PCI Express root ports of a new guest. Its own devices take about seven, the rest is for what
/// is plugged in while it runs: a port cannot be.
const ROOT_PORTS: usize = 14;
/// How often the balloon driver reports, in seconds; without it the guest's figures stay those of
/// its start.
const STATS_PERIOD: &str = "1";

impl Definition<'_> {
    /// Everything between the processors and what happens at the guest's end.
    pub(super) fn qemu_machine(
        &self,
        xml: &mut Xml,
        boot: Option<&InstallerBoot>,
    ) -> io::Result<()> {
        self.os(xml, boot)?;
        if self.is_x86() {
            x86_features(xml)?;
        }
        self.cpu(xml)?;
        self.clock(xml)
    }

    /// Everything after what happens at the guest's end.
    pub(super) fn qemu_devices(&self, xml: &mut Xml) -> io::Result<()> {
        if self.is_x86() {
            no_sleep(xml)?;
        }
        xml.create_element("devices")
            .write_inner_content(|xml| self.devices(xml))?;
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
            _ => &[],
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
        self.network_card(xml, Some("virtio"))?;
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
        let (kind, source) = self.disk.source_kind();
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
        Self::vnc(xml)?;
        let model = ["virtio", "vga", "bochs"]
            .into_iter()
            .find(|model| self.takes("video", "modelType", model))
            .unwrap_or("vga");
        xml.create_element("video")
            .write_inner_content(|xml| empty(xml, "model", &[("type", model)]))?;
        Ok(())
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
