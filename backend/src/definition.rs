//! What a definition of a guest, given as a file, says of it.

use crate::error::Result;
use crate::xml::domain as domain_xml;

/// A definition in short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// The guest's name.
    pub name: String,
    /// libvirt's domain type: `kvm`, `qemu`, `xen`, ...
    pub domain_type: String,
}

impl Description {
    /// The hypervisor it is for, as people call it.
    pub fn hypervisor(&self) -> &str {
        match self.domain_type.as_str() {
            "kvm" => "KVM",
            "qemu" => "QEMU",
            "xen" => "Xen",
            other => other,
        }
    }
}

/// Reads libvirt's XML of a guest in short.
///
/// # Errors
/// [`crate::ErrorKind::InvalidInput`] for what is no such definition.
pub fn describe(xml: &str) -> Result<Description> {
    let name = domain_xml::identity(xml)?.name;
    let domain_type = domain_xml::read(xml)?.details.domain_type;
    Ok(Description { name, domain_type })
}
