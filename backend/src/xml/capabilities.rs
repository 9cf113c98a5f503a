//! `<capabilities>`: what a host can do.

use crate::error::Result;
use crate::xml::document::Document;

/// What is read of a host's capabilities.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct CapabilitiesView {
    /// The host's own architecture.
    pub(crate) arch: String,
    /// Domain types (`kvm`, `qemu`, `xen`) for guests of the host's own architecture.
    pub(crate) domain_types: Vec<String>,
    /// Kinds of guests (`hvm`, `xen`, `xenpvh`) of the host's own architecture.
    pub(crate) os_types: Vec<String>,
}

/// Reads capabilities.
///
/// # Errors
/// [`crate::ErrorKind::InvalidInput`] for what is not well-formed.
pub(crate) fn read(xml: &str) -> Result<CapabilitiesView> {
    let root = Document::parse(xml)?.root;
    let arch = root.text_at(&["host", "cpu", "arch"]).unwrap_or_default();
    let mut domain_types: Vec<String> = Vec::new();
    let mut os_types: Vec<String> = Vec::new();
    let note = |list: &mut Vec<String>, word: &str| {
        if !word.is_empty() && !list.iter().any(|known| known == word) {
            list.push(word.into());
        }
    };
    for guest in root.all("guest") {
        for guest_arch in guest.all("arch") {
            if guest_arch.attribute("name") != Some(arch.as_str()) {
                continue;
            }
            note(
                &mut os_types,
                &guest.text_at(&["os_type"]).unwrap_or_default(),
            );
            for domain in guest_arch.all("domain") {
                note(
                    &mut domain_types,
                    domain.attribute("type").unwrap_or_default(),
                );
            }
        }
    }
    Ok(CapabilitiesView {
        arch,
        domain_types,
        os_types,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_hosts_own_architecture_counts() {
        let view = read(
            "<capabilities><host><cpu><arch>x86_64</arch></cpu></host>\
             <guest><os_type>hvm</os_type><arch name='i686'><domain type='odd'/></arch></guest>\
             <guest><os_type>hvm</os_type><arch name='x86_64'><emulator>/q</emulator>\
             <domain type='qemu'/><domain type='kvm'/></arch></guest></capabilities>",
        )
        .unwrap();
        assert_eq!(view.arch, "x86_64");
        assert_eq!(view.domain_types, ["qemu", "kvm"]);
        assert_eq!(view.os_types, ["hvm"]);
    }
}
