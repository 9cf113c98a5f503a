//! The machine and the devices of a guest of Xen, as libvirt's libxl driver takes them.
//!
//! Guests whose kernel knows Xen have no firmware: the host reads the boot menu out of their disk
//! (`pygrub`), which is why the disk is a raw one. The installer's kernel is given by file in any
//! case. <https://libvirt.org/drvxen.html>

use std::io;

use quick_xml::events::BytesText;

use super::{Definition, InstallerBoot};
use crate::install::markup::{Xml, empty, text};
use crate::model::VirtualizationType;

/// Reads a guest's boot menu; without a folder the host's own, wherever its Xen keeps it.
const BOOT_LOADER: &str = "pygrub";

impl Definition<'_> {
    /// Everything between the processors and what happens at the guest's end.
    pub(super) fn xen_machine(
        &self,
        xml: &mut Xml,
        boot: Option<&InstallerBoot>,
    ) -> io::Result<()> {
        let way = self.request.virtualization;
        if way.needs_xen_kernel() && boot.is_none() {
            text(xml, "bootloader", BOOT_LOADER)?;
        }
        xml.create_element("os").write_inner_content(|xml| {
            let (kind, machine) = match way {
                VirtualizationType::XenPv => ("linux", "xenpv"),
                VirtualizationType::XenPvh => ("xenpvh", "xenpvh"),
                _ => ("hvm", "xenfv"),
            };
            xml.create_element("type")
                .with_attributes([("arch", self.arch()), ("machine", machine)])
                .write_text_content(BytesText::new(kind))?;
            if let Some(boot) = boot {
                text(xml, "kernel", &boot.kernel)?;
                text(xml, "initrd", &boot.initrd)?;
                if !boot.arguments.is_empty() {
                    text(xml, "cmdline", &boot.arguments)?;
                }
            }
            if way.needs_xen_kernel() {
                return Ok(());
            }
            empty(xml, "boot", &[("dev", "hd")])
        })?;
        if !way.needs_xen_kernel() {
            xml.create_element("features").write_inner_content(|xml| {
                empty(xml, "acpi", &[])?;
                empty(xml, "apic", &[])
            })?;
        }
        empty(xml, "clock", &[("offset", "utc")])
    }

    /// Everything after what happens at the guest's end.
    pub(super) fn xen_devices(&self, xml: &mut Xml) -> io::Result<()> {
        let emulated = !self.request.virtualization.needs_xen_kernel();
        xml.create_element("devices").write_inner_content(|xml| {
            self.xen_disk(xml)?;
            // A fully virtual machine has a card that every system knows, beside Xen's own.
            self.network_card(xml, emulated.then_some("e1000"))?;
            if emulated {
                empty(xml, "serial", &[("type", "pty")])?;
                empty(xml, "console", &[("type", "pty")])?;
                empty(xml, "input", &[("type", "tablet"), ("bus", "usb")])?;
            } else {
                xml.create_element("console")
                    .with_attribute(("type", "pty"))
                    .write_inner_content(|xml| empty(xml, "target", &[("type", "xen")]))?;
            }
            Self::vnc(xml)?;
            if emulated {
                xml.create_element("video").write_inner_content(|xml| {
                    empty(xml, "model", &[("type", "vga"), ("vram", "16384")])
                })?;
            }
            Ok(())
        })?;
        Ok(())
    }

    fn xen_disk(&self, xml: &mut Xml) -> io::Result<()> {
        let (kind, source) = self.disk.source_kind();
        xml.create_element("disk")
            .with_attributes([("type", kind), ("device", "disk")])
            .write_inner_content(|xml| {
                empty(
                    xml,
                    "driver",
                    &[("name", "qemu"), ("type", self.disk.format)],
                )?;
                empty(xml, "source", &[(source, &self.disk.path)])?;
                empty(xml, "target", &[("dev", "xvda"), ("bus", "xen")])
            })?;
        Ok(())
    }
}
