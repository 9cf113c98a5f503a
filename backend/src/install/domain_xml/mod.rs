//! The definition of a new guest: the one that stays, and the installer's.
//!
//! What every hypervisor takes is written here; the machine and its devices are [`qemu`]'s or
//! [`xen`]'s.
//!
//! Both come from the same hand, with the same identity and addresses, and differ in three things:
//! the installer's has the kernel, ends when the guest reboots, and is never kept by libvirt.

mod qemu;
#[cfg(test)]
pub(super) mod tests;
mod xen;

use std::io;

use quick_xml::Writer;
use quick_xml::events::BytesText;
use uuid::Uuid;

use super::capabilities::DomainCapabilities;
use super::markup::{Xml, empty, text};
use super::metadata::Installation;
use super::{CreateRequest, NetworkSource};
use crate::error::{Error, ErrorKind, Result};
use crate::model::VirtualizationType;

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

impl DiskSource {
    /// libvirt's word for such a disk, and for what names it.
    fn source_kind(&self) -> (&'static str, &'static str) {
        if self.block {
            ("block", "dev")
        } else {
            ("file", "file")
        }
    }
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

/// A random address out of the range that QEMU uses, or that is Xen's.
pub(super) fn random_mac(way: VirtualizationType) -> String {
    let [a, b, c, ..] = Uuid::new_v4().into_bytes();
    if way.is_xen() {
        // The first bit of what is free to choose stays clear.
        return format!("00:16:3e:{:02x}:{b:02x}:{c:02x}", a & 0x7f);
    }
    format!("52:54:00:{a:02x}:{b:02x}:{c:02x}")
}

/// Machines to try for a guest, best first; empty: whatever the host takes by itself.
pub(crate) fn machines(arch: &str, way: VirtualizationType) -> &'static [&'static str] {
    match (way, arch) {
        (VirtualizationType::XenPv, _) => &["xenpv"],
        (VirtualizationType::XenPvh, _) => &["xenpvh"],
        (VirtualizationType::XenHvm, _) => &["xenfv"],
        (_, "x86_64" | "i686") => &["q35", "pc"],
        (_, "aarch64" | "armv7l" | "riscv64" | "loongarch64") => &["virt"],
        (_, "ppc64" | "ppc64le") => &["pseries"],
        (_, "s390x") => &["s390-ccw-virtio"],
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
            VirtualizationType::XenPv | VirtualizationType::XenPvh | VirtualizationType::XenHvm => {
                "xen"
            }
        };
        xml.create_element("domain")
            .with_attribute(("type", kind))
            .write_inner_content(|xml| {
                text(xml, "name", &request.name)?;
                text(xml, "uuid", &self.id.to_string())?;
                self.metadata(xml)?;
                mebibytes(xml, "memory", request.maximum_memory_mib)?;
                mebibytes(xml, "currentMemory", request.memory_mib)?;
                self.vcpu(xml)?;
                if request.virtualization.is_xen() {
                    self.xen_machine(xml, boot)?;
                } else {
                    self.qemu_machine(xml, boot)?;
                }
                text(xml, "on_poweroff", "destroy")?;
                let reboot = if boot.is_some() { "destroy" } else { "restart" };
                text(xml, "on_reboot", reboot)?;
                text(xml, "on_crash", "destroy")?;
                if request.virtualization.is_xen() {
                    self.xen_devices(xml)
                } else {
                    self.qemu_devices(xml)
                }
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

    /// Processors: those of the start, and the places for more.
    fn vcpu(&self, xml: &mut Xml) -> io::Result<()> {
        let request = self.request;
        let mut vcpu = xml.create_element("vcpu");
        let machine = self.capabilities.maximum_vcpus.unwrap_or(u32::MAX);
        let most = request.maximum_vcpus.min(machine).max(request.vcpus);
        if most > request.vcpus {
            vcpu = vcpu.with_attribute(("current", &*request.vcpus.to_string()));
        }
        vcpu.write_text_content(BytesText::new(&most.to_string()))?;
        Ok(())
    }

    /// The network card, of `model` where it matters.
    fn network_card(&self, xml: &mut Xml, model: Option<&str>) -> io::Result<()> {
        let (kind, source) = match &self.request.network {
            NetworkSource::Network(name) => ("network", Some(("network", name))),
            NetworkSource::Bridge(name) => ("bridge", Some(("bridge", name))),
            NetworkSource::User => ("user", None),
            NetworkSource::None => return Ok(()),
        };
        xml.create_element("interface")
            .with_attribute(("type", kind))
            .write_inner_content(|xml| {
                empty(xml, "mac", &[("address", &self.mac)])?;
                if let Some((attribute, name)) = source {
                    empty(xml, "source", &[(attribute, name)])?;
                }
                match model {
                    Some(model) => empty(xml, "model", &[("type", model)]),
                    None => Ok(()),
                }
            })?;
        Ok(())
    }

    /// A VNC display that only the host itself can reach.
    fn vnc(xml: &mut Xml) -> io::Result<()> {
        xml.create_element("graphics")
            .with_attributes([("type", "vnc"), ("autoport", "yes")])
            .write_inner_content(|xml| {
                empty(
                    xml,
                    "listen",
                    &[("type", "address"), ("address", "127.0.0.1")],
                )
            })?;
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
}

fn mebibytes(xml: &mut Xml, name: &str, amount: u64) -> io::Result<()> {
    xml.create_element(name)
        .with_attribute(("unit", "MiB"))
        .write_text_content(BytesText::new(&amount.to_string()))?;
    Ok(())
}
