//! Import and export as a whole.

mod captures;
mod device_keys;
mod keys;
mod old_files;
mod properties;

use super::*;
use crate::xml::document::{Document, Element, Node};

/// A definition to compare: without the blanks between elements, the order of attributes, and the
/// UUID that libvirt makes up.
fn comparable(xml: &str) -> Element {
    let mut root = Document::parse(xml).unwrap().root;
    root.children
        .retain(|node| !matches!(node, Node::Element(element) if element.name == "uuid"));
    tidy(&mut root);
    root
}

fn tidy(element: &mut Element) {
    element.attributes.sort();
    element
        .children
        .retain(|node| !matches!(node, Node::Text(text) if text.trim().is_empty()));
    for node in &mut element.children {
        if let Node::Element(inner) = node {
            tidy(inner);
        }
    }
}

/// Those lines, and an amount of memory unless they say it.
fn with_memory(lines: &str) -> String {
    let said = lines.starts_with("memory=");
    format!("{}\n{lines}", if said { "" } else { "memory=64" })
}

/// The definition of a guest with those lines more, which all must be understood.
fn domain(lines: &str) -> Element {
    let imported = import(&format!("name='g'; kernel='/k'; {}", with_memory(lines))).unwrap();
    assert_eq!(imported.notes, [], "{lines}");
    comparable(&imported.xml)
}

/// The same for a fully virtualized one.
fn hvm(lines: &str) -> Element {
    let imported = import(&format!("name='g'; type='hvm'; {}", with_memory(lines))).unwrap();
    assert_eq!(imported.notes, [], "{lines}");
    comparable(&imported.xml)
}

/// The notes on a guest with those lines more, as they are shown.
fn notes(lines: &str) -> Vec<String> {
    let imported = import(&format!("name='g'; kernel='/k'; {}", with_memory(lines))).unwrap();
    imported.notes.iter().map(ToString::to_string).collect()
}

/// The devices of that name.
fn devices<'a>(domain: &'a Element, name: &'a str) -> Vec<String> {
    let devices = domain.child("devices").unwrap();
    devices.all(name).map(ToString::to_string).collect()
}
