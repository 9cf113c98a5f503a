//! `<volume>`: a storage volume's description.

use crate::error::Result;
use crate::xml::document::Document;

/// The path of the volume that this one is the overlay of.
///
/// # Errors
/// [`crate::ErrorKind::InvalidInput`] for what is not well-formed.
pub(crate) fn base(xml: &str) -> Result<Option<String>> {
    let root = Document::parse(xml)?.root;
    let base = root.text_at(&["backingStore", "path"]);
    Ok(base.filter(|path| !path.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_overlay_names_its_base() {
        let overlay = "<volume type='file'><name>b</name><backingStore><path>/a.qcow2</path>\
                       <format type='qcow2'/></backingStore></volume>";
        assert_eq!(base(overlay).unwrap().as_deref(), Some("/a.qcow2"));
        assert_eq!(base("<volume><backingStore/></volume>").unwrap(), None);
        assert_eq!(base("<volume/>").unwrap(), None);
    }
}
