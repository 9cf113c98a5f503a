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

/// When a volume's content was last changed, in seconds and nanoseconds since the epoch; where its
/// description tells.
///
/// # Errors
/// [`crate::ErrorKind::InvalidInput`] for what is not well-formed.
pub(crate) fn volume_changed_at(xml: &str) -> Result<Option<(u64, u32)>> {
    let root = Document::parse(xml)?.root;
    let text = root.text_at(&["target", "timestamps", "mtime"]);
    Ok(text.and_then(|text| {
        // Written with nine decimals, or with none.
        let (seconds, nanos) = text.trim().split_once('.').unwrap_or((text.trim(), "0"));
        Some((seconds.parse().ok()?, nanos.parse().ok()?))
    }))
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
    fn volumes_say_when_they_were_changed() {
        let of = |times: &str| {
            let xml = format!("<volume><target><path>/a</path>{times}</target></volume>");
            volume_changed_at(&xml).unwrap()
        };
        let times = |mtime: &str| of(&format!("<timestamps><mtime>{mtime}</mtime></timestamps>"));
        assert_eq!(
            times("1341933637.027319099"),
            Some((1_341_933_637, 27_319_099))
        );
        assert_eq!(times("1341933637"), Some((1_341_933_637, 0)));
        assert!(times("1341933637") < times("1341933637.000000001"));
        assert_eq!(times("yesterday"), None);
        assert_eq!(of(""), None);
    }

    #[test]
    fn a_folder_and_back() {
        let xml = of_folder("a<b", "/srv/images & more");
        assert_eq!(folder(&xml).unwrap().unwrap(), "/srv/images & more");
        let logical = "<pool type='logical'><target><path>/dev/vg</path></target></pool>";
        assert_eq!(folder(logical).unwrap(), None);
    }
}
