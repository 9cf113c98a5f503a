//! `<pool>`: a storage pool's definition.

use crate::error::Result;
use crate::xml::document::{Document, Element};

/// The folder of a pool that is one.
///
/// # Errors
/// [`crate::ErrorKind::InvalidInput`] for what is not well-formed.
pub(crate) fn folder(xml: &str) -> Result<Option<String>> {
    let root = Document::parse(xml)?.root;
    let is_folder = matches!(root.attribute("type"), Some("dir" | "fs" | "netfs"));
    Ok(root.text_at(&["target", "path"]).filter(|_| is_folder))
}

/// A pool over an existing folder.
pub(crate) fn of_folder(name: &str, path: &str) -> String {
    let text = |name: &str, text: &str| {
        let mut element = Element::new(name);
        element
            .children
            .push(crate::xml::document::Node::Text(text.into()));
        element
    };
    Element::new("pool")
        .with("type", "dir")
        .containing(text("name", name))
        .containing(Element::new("target").containing(text("path", path)))
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_and_back() {
        let xml = of_folder("a<b", "/srv/images & more");
        assert_eq!(folder(&xml).unwrap().unwrap(), "/srv/images & more");
        let logical = "<pool type='logical'><target><path>/dev/vg</path></target></pool>";
        assert_eq!(folder(logical).unwrap(), None);
    }
}
