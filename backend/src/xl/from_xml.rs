//! A guest out of libvirt's XML. What is not asked for here is told to the user by its element.

use crate::error::{Error, ErrorKind, Result};
use crate::xml::document::{Document, Element};

use super::guest::Guest;
use super::to_xml::XEN_NAMESPACE;
use super::{Kind, Note};

mod devices;
mod display;
mod machine;
mod ports;

/// What libvirt fills in and xl has no need of, wherever it stands.
const PLUMBING: [&str; 2] = ["address", "alias"];

/// Collects what is not carried over.
#[derive(Default)]
struct Reader {
    notes: Vec<Note>,
}

impl Reader {
    fn note(&mut self, element: &str, why: impl Into<String>) {
        self.notes.push(Note::at_line(0, element, why));
    }

    /// Tells of every element and attribute in `element` that is not among those.
    fn rest(&mut self, path: &str, element: &Element, elements: &[&str], attributes: &[&str]) {
        for child in element.elements() {
            let name = child.name.as_str();
            if !elements.contains(&name) && !PLUMBING.contains(&name) {
                self.left_out(&format!("{path}/{name}"));
            }
        }
        for (name, _) in &element.attributes {
            if !attributes.contains(&name.as_str()) {
                self.left_out(&format!("{path}/@{name}"));
            }
        }
    }

    fn left_out(&mut self, element: &str) {
        self.note(element, "xl has no setting for this; it is left out.");
    }
}

/// The guest that a definition describes, and what of it xl has no place for.
///
/// # Errors
/// [`ErrorKind::InvalidInput`] for what is no definition of a Xen guest.
pub(super) fn guest(xml: &str) -> Result<(Guest, Vec<Note>)> {
    let domain = Document::parse(xml)?.root;
    if domain.name != "domain" {
        return Err(Error::new(
            ErrorKind::InvalidInput,
            "This is not the definition of a guest.",
        ));
    }
    if domain.attribute("type") != Some("xen") {
        return Err(Error::new(
            ErrorKind::InvalidInput,
            "Only guests of Xen can be written as a configuration for xl, and this is none.",
        ));
    }
    let name = domain.text_at(&["name"]).unwrap_or_default();
    if name.is_empty() {
        return Err(Error::new(
            ErrorKind::InvalidInput,
            "The definition does not name the guest.",
        ));
    }
    let mut reader = Reader::default();
    let mut guest = Guest {
        kind: kind(&domain)?,
        name,
        uuid: domain.text_at(&["uuid"]),
        ..Guest::default()
    };
    reader.machine(&domain, &mut guest);
    if let Some(devices) = domain.child("devices") {
        reader.devices(devices, &mut guest);
    }
    for element in domain.elements() {
        reader.other(&domain, element, &mut guest);
    }
    Ok((guest, reader.notes))
}

fn kind(domain: &Element) -> Result<Kind> {
    let os_type = domain.at(&["os", "type"]);
    let machine = os_type.and_then(|os_type| os_type.attribute("machine"));
    let name = os_type.map(Element::text).unwrap_or_default();
    match name.as_str() {
        "linux" | "xen" | "xenpvh" if machine == Some("xenpvh") => Ok(Kind::Pvh),
        "xenpvh" => Ok(Kind::Pvh),
        "hvm" => Ok(Kind::Hvm),
        "linux" | "xen" => Ok(Kind::Pv),
        "" if domain.child("bootloader").is_some() => Ok(Kind::Pv),
        _ => Err(Error::new(
            ErrorKind::InvalidInput,
            "The definition does not say in a way that is known how the guest is virtualized.",
        )),
    }
}

impl Reader {
    /// The outermost elements that nothing else asks for.
    fn other(&mut self, domain: &Element, element: &Element, guest: &mut Guest) {
        match element.name.as_str() {
            "name" | "uuid" | "memory" | "currentMemory" | "vcpu" | "vcpus" | "cputune"
            | "bootloader" | "bootloader_args" | "os" | "features" | "cpu" | "clock"
            | "on_poweroff" | "on_reboot" | "on_crash" | "devices" | "resource" => {}
            "title" | "description" | "metadata" => {
                self.note(
                    &element.name,
                    "A file for xl has no place for notes on the guest.",
                );
            }
            name => match name.split_once(':') {
                Some((prefix, "commandline"))
                    if domain.attribute(&format!("xmlns:{prefix}")) == Some(XEN_NAMESPACE) =>
                {
                    let arguments = element
                        .elements()
                        .filter_map(|argument| argument.attribute("value"));
                    guest.arguments.extend(arguments.map(String::from));
                }
                _ => self.left_out(name),
            },
        }
    }
}
