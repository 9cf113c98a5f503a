//! What the host's hypervisor can give to a guest (libvirt's domain capabilities), as far as a new
//! guest needs to know.

use std::collections::BTreeSet;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::error::{Error, ErrorKind, Result};

/// Longest document believed; real ones have 20 to 60 KiB.
const LONGEST: usize = 4 * 1024 * 1024;

/// Domain capabilities of one emulator, processor, machine and kind of virtualization.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct DomainCapabilities {
    /// The machine by its full name: `pc-q35-10.0`.
    pub(super) machine: Option<String>,
    /// Most processors of a guest.
    pub(super) maximum_vcpus: Option<u32>,
    /// Modes of `<cpu>` that work: `host-passthrough`.
    cpu_modes: BTreeSet<String>,
    /// Device, enumeration, value: `video`, `modelType`, `virtio`.
    values: BTreeSet<(String, String, String)>,
}

impl DomainCapabilities {
    /// Reads libvirt's document.
    ///
    /// # Errors
    /// [`ErrorKind::Hypervisor`] when it is not one.
    pub(super) fn parse(xml: &str) -> Result<Self> {
        let broken = |detail: String| {
            Error::new(
                ErrorKind::Hypervisor,
                "The host describes its hypervisor in a way that is not understood.",
            )
            .with_detail(detail)
        };
        if xml.len() > LONGEST {
            return Err(broken(format!("{} bytes", xml.len())));
        }
        let mut reader = Reader::from_str(xml);
        let mut capabilities = Self::default();
        // Names of the open elements, and the name= of each.
        let mut open: Vec<(String, String)> = Vec::new();
        // Depth of an element that is said not to be supported; what is in it does not count.
        let mut unsupported: Option<usize> = None;
        let mut seen = false;
        loop {
            match reader
                .read_event()
                .map_err(|error| broken(error.to_string()))?
            {
                Event::Start(start) => {
                    capabilities.note_element(&start);
                    let element = start.local_name().as_ref().to_owned();
                    seen |= element == "domainCapabilities";
                    open.push((element, attribute(&start, "name").unwrap_or_default()));
                    if attribute(&start, "supported").as_deref() == Some("no") {
                        unsupported.get_or_insert(open.len());
                    }
                }
                Event::Empty(empty) => capabilities.note_element(&empty),
                Event::End(_) => {
                    if unsupported == Some(open.len()) {
                        unsupported = None;
                    }
                    open.pop();
                }
                Event::Text(text) if unsupported.is_none() => {
                    capabilities.note_text(&open, text.as_ref().trim());
                }
                Event::Eof if seen => return Ok(capabilities),
                Event::Eof => return Err(broken(String::from("no domainCapabilities"))),
                _ => {}
            }
        }
    }

    fn note_element(&mut self, start: &BytesStart<'_>) {
        match start.local_name().as_ref() {
            "vcpu" => {
                self.maximum_vcpus = attribute(start, "max").and_then(|max| max.parse().ok());
            }
            "mode" if attribute(start, "supported").as_deref() == Some("yes") => {
                self.cpu_modes.extend(attribute(start, "name"));
            }
            _ => {}
        }
    }

    fn note_text(&mut self, open: &[(String, String)], text: &str) {
        if text.is_empty() {
            return;
        }
        match open {
            [_, (machine, _)] if machine == "machine" => self.machine = Some(text.to_owned()),
            [.., (device, _), (list, list_name), (value, _)]
                if list == "enum" && value == "value" =>
            {
                self.values
                    .insert((device.clone(), list_name.clone(), text.to_owned()));
            }
            _ => {}
        }
    }

    /// Whether `device` takes `value` in its enumeration `list`.
    pub(super) fn has(&self, device: &str, list: &str, value: &str) -> bool {
        self.values
            .contains(&(device.to_owned(), list.to_owned(), value.to_owned()))
    }

    /// Whether the enumeration is there at all: older libvirt says nothing of newer ones.
    pub(super) fn tells(&self, device: &str, list: &str) -> bool {
        self.values
            .iter()
            .any(|(known, enumeration, _)| known == device && enumeration == list)
    }

    /// Whether `<cpu mode=...>` works.
    pub(super) fn has_cpu_mode(&self, mode: &str) -> bool {
        self.cpu_modes.contains(mode)
    }
}

fn attribute(start: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = start.try_get_attribute(name).ok()??;
    Some(attribute.value.into_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SOME: &str = "<domainCapabilities><path>/usr/bin/qemu-system-x86_64</path>\
        <machine>pc-q35-10.0</machine><vcpu max='4096'/>\
        <cpu><mode name='host-passthrough' supported='no'/>\
        <mode name='maximum' supported='yes'><enum name='maximumMigratable'>\
        <value>on</value></enum></mode></cpu>\
        <devices><video supported='yes'><enum name='modelType'><value>vga</value>\
        <value>virtio</value></enum></video><rng supported='no'><enum name='backendModel'>\
        <value>random</value></enum></rng><tpm supported='yes'><enum name='model'>\
        <value>tpm-tis</value></enum></tpm></devices></domainCapabilities>";

    #[test]
    fn what_works_is_read_and_what_does_not_is_not() {
        let capabilities = DomainCapabilities::parse(SOME).unwrap();
        assert_eq!(capabilities.machine.as_deref(), Some("pc-q35-10.0"));
        assert_eq!(capabilities.maximum_vcpus, Some(4096));
        assert!(capabilities.has("video", "modelType", "virtio"));
        assert!(!capabilities.has("video", "modelType", "qxl"));
        assert!(!capabilities.has("rng", "backendModel", "random"));
        assert!(capabilities.has("tpm", "model", "tpm-tis"));
        assert!(capabilities.tells("tpm", "model"));
        assert!(!capabilities.tells("channel", "type"));
        assert!(capabilities.has_cpu_mode("maximum"));
        assert!(!capabilities.has_cpu_mode("host-passthrough"));
    }

    #[test]
    fn what_is_none_is_refused() {
        for xml in [
            "",
            "<a/>",
            "<domainCapabilities>",
            "<domainCapabilities",
            "x",
        ] {
            let parsed = DomainCapabilities::parse(xml);
            assert!(parsed.is_err() || xml == "<domainCapabilities>", "{xml}");
        }
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(xml in "[<>/a-e='\" enumvalsupportedyno]{0,200}") {
            let _ = DomainCapabilities::parse(&xml);
        }
    }
}
