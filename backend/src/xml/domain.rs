//! `<domain>`: a guest's definition.

use uuid::Uuid;

use crate::error::{Error, ErrorKind, Result};
use crate::model::GuestDetails;
use crate::xml::device::{disk, graphics, video};
use crate::xml::document::{Document, Element};
use crate::xml::metadata;

/// What is read of a definition.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct DomainView {
    /// For everybody.
    pub(crate) details: GuestDetails,
    /// Whether an installation's second stage is noted.
    pub(crate) installing: bool,
}

/// Reads a definition.
///
/// # Errors
/// [`crate::ErrorKind::InvalidInput`] for what is not well-formed.
pub(crate) fn read(xml: &str) -> Result<DomainView> {
    let domain = Document::parse(xml)?.root;
    let devices = domain.child("devices");
    let all = |name| {
        devices
            .into_iter()
            .flat_map(move |devices| devices.all(name))
    };
    let notes = domain.child("metadata");
    let details = GuestDetails {
        os: notes.and_then(metadata::os),
        description: domain
            .text_at(&["description"])
            .filter(|text| !text.is_empty()),
        displays: all("graphics").map(graphics::read).collect(),
        screens: all("video")
            .map(video::screens)
            .fold(0, u32::saturating_add),
        has_console: devices.is_some_and(|devices| ports(devices).any(can_be_opened)),
        has_balloon: all("memballoon").any(|balloon| balloon.attribute("model") != Some("none")),
        arch: domain
            .at(&["os", "type"])
            .and_then(|os_type| os_type.attribute("arch"))
            .unwrap_or_default()
            .into(),
        domain_type: domain.attribute("type").unwrap_or_default().into(),
        disks: all("disk").filter_map(disk::storage_of_disk).collect(),
    };
    let installing =
        notes.is_some_and(|notes| metadata::of_namespace(notes, metadata::INSTALLATION).is_some());
    Ok(DomainView {
        details,
        installing,
    })
}

/// Who a definition describes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) name: String,
    /// Where the definition says it; libvirt makes one up otherwise.
    pub(crate) id: Option<Uuid>,
}

/// Who a definition describes.
///
/// # Errors
/// [`crate::ErrorKind::InvalidInput`] for what is no definition of a guest.
pub(crate) fn identity(xml: &str) -> Result<Identity> {
    let root = Document::parse(xml)?.root;
    if root.name != "domain" {
        return Err(Error::new(
            ErrorKind::InvalidInput,
            "This is no definition of a guest: libvirt's begin with <domain>.",
        ));
    }
    let id = root.text_at(&["uuid"]);
    Ok(Identity {
        name: root.text_at(&["name"]).unwrap_or_default(),
        id: id.and_then(|id| Uuid::parse_str(id.trim()).ok()),
    })
}

/// All storage that a definition's disks and drives refer to.
///
/// # Errors
/// [`crate::ErrorKind::InvalidInput`] for what is not well-formed.
pub(crate) fn storage_used(xml: &str) -> Result<Vec<String>> {
    let domain = Document::parse(xml)?.root;
    let disks = domain
        .child("devices")
        .into_iter()
        .flat_map(|devices| devices.all("disk"));
    Ok(disks.flat_map(disk::sources).collect())
}

/// The name by which a running guest's first console that can be opened is asked for, where it has
/// one.
///
/// # Errors
/// [`crate::ErrorKind::InvalidInput`] for what is not well-formed.
pub(crate) fn console_alias(xml: &str) -> Result<Option<String>> {
    let domain = Document::parse(xml)?.root;
    let alias = domain
        .child("devices")
        .and_then(|devices| ports(devices).find(|port| can_be_opened(port)))
        .and_then(|port| port.child("alias"))
        .and_then(|alias| alias.attribute("name"));
    Ok(alias.map(String::from))
}

/// Consoles and serial ports.
fn ports(devices: &Element) -> impl Iterator<Item = &Element> {
    devices.all("console").chain(devices.all("serial"))
}

/// libvirt opens those it made itself; one that leads to a socket or a file is another's.
fn can_be_opened(port: &Element) -> bool {
    matches!(port.attribute("type"), None | Some("pty"))
}

/// The definition with a VNC display more.
///
/// # Errors
/// [`crate::ErrorKind::InvalidInput`] for what is not well-formed.
pub(crate) fn with_vnc(xml: &str) -> Result<String> {
    let mut document = Document::parse(xml)?;
    if document.root.child("devices").is_none() {
        document.root.append(Element::new("devices"));
    }
    if let Some(devices) = document.root.child_mut("devices") {
        // libvirt adds a video device by itself where there is none.
        devices.append(graphics::new_vnc());
    }
    Ok(document.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::DisplayKind;

    const XML: &str = "<domain type='qemu'>
  <name>g</name>
  <description>for trying things</description>
  <metadata>
    <gh:installation xmlns:gh='https://guesthouse.github.io/xmlns/installation/1'/>
  </metadata>
  <os><type arch='x86_64' machine='q35'>hvm</type></os>
  <devices>
    <disk type='file' device='disk'><source file='/d.qcow2'/></disk>
    <disk type='file' device='cdrom'><source file='/c.iso'/></disk>
    <graphics type='vnc' port='5900' listen='127.0.0.1'/>
    <video><model type='virtio' heads='2'/></video>
    <video><model type='vga'/></video>
    <serial type='pty'/>
    <memballoon model='virtio'/>
  </devices>
</domain>
";

    #[test]
    fn a_definition_is_read() {
        let view = read(XML).unwrap();
        assert!(view.installing);
        let details = view.details;
        assert_eq!(details.description.as_deref(), Some("for trying things"));
        assert_eq!(details.displays[0].kind, DisplayKind::Vnc);
        assert_eq!(details.screens, 3);
        assert_eq!(details.disks, ["/d.qcow2"]);
        assert_eq!(details.arch, "x86_64");
        assert_eq!(details.domain_type, "qemu");
        assert!(details.has_console && details.has_balloon);
    }

    #[test]
    fn a_port_that_leads_elsewhere_is_no_console() {
        let console = |port: &str| {
            let xml = format!("<domain><devices>{port}</devices></domain>");
            read(&xml).unwrap().details.has_console
        };
        assert!(console("<console/>") && console("<console type='pty'/>"));
        assert!(!console("<serial type='unix'/>"));
        assert!(console("<serial type='file'/><serial type='pty'/>"));
        let xml = "<domain><devices><serial type='file'><alias name='serial0'/></serial>\
                   <serial type='pty'><alias name='serial1'/></serial></devices></domain>";
        assert_eq!(console_alias(xml).unwrap().as_deref(), Some("serial1"));
    }

    #[test]
    fn a_definition_says_whose_it_is() {
        let known = identity(XML).unwrap();
        assert_eq!((known.name.as_str(), known.id), ("g", None));
        let id = "6695eb01-f6a4-8304-79aa-97f2502e193f";
        let xml = format!("<domain><name>a</name><uuid>{id}</uuid></domain>");
        assert_eq!(identity(&xml).unwrap().id, Uuid::parse_str(id).ok());
        for other in ["<network><name>a</name></network>", "name = 'a'", ""] {
            let error = identity(other).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{other}");
        }
    }

    #[test]
    fn an_almost_empty_definition_is_read() {
        let view = read("<domain/>").unwrap();
        assert_eq!(view, DomainView::default());
    }

    #[test]
    fn adding_a_display_leaves_the_rest_alone() {
        let edited = with_vnc(XML).unwrap();
        let added = read(&edited).unwrap().details;
        assert_eq!(added.displays.len(), 2);
        let mut lines = edited.lines();
        for line in XML.lines() {
            assert!(lines.any(|edited| edited == line), "{line}");
        }
    }
}
