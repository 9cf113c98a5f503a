//! Small help with writing XML.

use std::io;

use quick_xml::Writer;
use quick_xml::events::BytesText;

/// What documents are written with.
pub(super) type Xml = Writer<Vec<u8>>;

/// `<name>content</name>`
pub(super) fn text(xml: &mut Xml, name: &str, content: &str) -> io::Result<()> {
    xml.create_element(name)
        .write_text_content(BytesText::new(content))?;
    Ok(())
}

/// `<name key="value" .../>`
pub(super) fn empty(xml: &mut Xml, name: &str, attributes: &[(&str, &str)]) -> io::Result<()> {
    xml.create_element(name)
        .with_attributes(attributes.iter().copied())
        .write_empty()?;
    Ok(())
}
