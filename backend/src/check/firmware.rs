//! Firmware for guests that boot by UEFI.

use std::path::Path;

use super::line::{Line, Topic};
use super::shell::Shell;
use crate::error::Result;
use crate::install::{domain_capabilities, machines};
use crate::link::Link;
use crate::local::Need;
use crate::model::VirtualizationType;
use crate::xml::capabilities::CapabilitiesView;
use crate::xml::document::{Document, Element};

/// Xen's machine whose guests have firmware.
const XEN_MACHINE: &str = "xenfv";

/// What libvirt knows of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Firmware {
    /// Whether it chooses one by itself when a guest wants UEFI.
    chosen: bool,
    /// Files it knows.
    files: Vec<String>,
}

/// Asks the host. Blocks, for seconds where it has to try its emulators first.
pub(super) fn read(link: &Link, said: &CapabilitiesView) -> Result<Firmware> {
    let has = |kind: &str| said.domain_types.iter().any(|known| known == kind);
    let (kind, machines) = if has("xen") {
        ("xen", [XEN_MACHINE].as_slice())
    } else if has("kvm") {
        ("kvm", machines(&said.arch, VirtualizationType::Kvm))
    } else {
        ("qemu", machines(&said.arch, VirtualizationType::Emulation))
    };
    parse(&domain_capabilities(
        link.connect(),
        &said.arch,
        machines,
        kind,
    )?)
}

/// From libvirt's domain capabilities.
fn parse(xml: &str) -> Result<Firmware> {
    let root = Document::parse(xml)?.root;
    let Some(os) = root.child("os") else {
        return Ok(Firmware::default());
    };
    let chosen = os
        .all("enum")
        .filter(|list| list.attribute("name") == Some("firmware"))
        .any(|list| list.all("value").any(|value| value.text() == "efi"));
    let files = os
        .all("loader")
        .filter(|loader| loader.attribute("supported") == Some("yes"))
        .flat_map(|loader| loader.all("value").map(Element::text))
        .filter(|file| is_uefi(file))
        .collect();
    Ok(Firmware { chosen, files })
}

/// By the names that the distributions give it: Xen's BIOS stands in the same list.
fn is_uefi(file: &str) -> bool {
    let file = file.to_ascii_lowercase();
    ["ovmf", "edk2", "efi", "aavmf"]
        .iter()
        .any(|word| file.contains(word))
}

/// `here`: the host is this computer, whose files can be looked at.
pub(super) fn judge(firmware: &Firmware, here: bool, shell: &Shell) -> Line {
    let topic = Topic::Firmware;
    // Xen's driver names files that it was built for, whether they are there or not.
    let file = firmware
        .files
        .iter()
        .find(|file| !here || Path::new(file).is_file());
    match (file, firmware.chosen) {
        (Some(file), _) => Line::good(
            topic,
            format!("Firmware for UEFI guests is there ({file})."),
        ),
        (None, true) => Line::good(topic, "Firmware for UEFI guests is there."),
        (None, false) => {
            let line = Line::note(
                topic,
                "There is no firmware for guests that boot by UEFI; others boot by BIOS.",
            );
            if here {
                line.with_command("Install it.", shell.install(Need::Firmware))
            } else {
                line.with_advice("Install it there if guests need it.")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::line::Verdict;
    use super::*;

    const FULLY_VIRTUAL: &str = include_str!("../../tests/data/xen/domcapabilities-xenfv.xml");
    const PARAVIRTUAL: &str = include_str!("../../tests/data/xen/domcapabilities-xenpv-11.3.xml");
    const QEMU: &str = "<domainCapabilities><os supported='yes'><enum name='firmware'>\
        <value>bios</value><value>efi</value></enum><loader supported='yes'>\
        <value>/usr/share/OVMF/OVMF_CODE_4M.fd</value><enum name='type'><value>rom</value></enum>\
        </loader></os></domainCapabilities>";

    #[test]
    fn firmware_is_found_in_what_real_hosts_say() {
        let shell = Shell::default();
        let xen = parse(FULLY_VIRTUAL).unwrap();
        assert_eq!(xen.files, ["/usr/lib/xen/boot/ovmf.bin"]);
        assert_eq!(judge(&xen, false, &shell).verdict, Verdict::Good);
        let none = parse(PARAVIRTUAL).unwrap();
        assert_eq!(none, Firmware::default());
        assert_eq!(judge(&none, false, &shell).verdict, Verdict::Note);
        let qemu = parse(QEMU).unwrap();
        assert!(qemu.chosen);
        assert_eq!(judge(&qemu, true, &shell).verdict, Verdict::Good);
        assert!(parse("<domainCapabilities/>").unwrap().files.is_empty());
        assert!(parse("<a").is_err());
    }

    #[test]
    fn a_file_that_is_named_and_missing_counts_for_nothing_here() {
        let named = Firmware {
            chosen: false,
            files: vec!["/nonexistent/ovmf.bin".into()],
        };
        let shell = Shell {
            distribution: crate::local::Distribution::of("ID=debian\n", ""),
            ..Shell::default()
        };
        let line = judge(&named, true, &shell);
        assert_eq!(line.verdict, Verdict::Note);
        assert!(line.remedy.unwrap().command.unwrap().contains("install"));
        assert_eq!(judge(&named, false, &shell).verdict, Verdict::Good);
    }
}
