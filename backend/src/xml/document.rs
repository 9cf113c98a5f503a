//! A lossless XML tree: what an edit does not touch is written out as it was read, elements and
//! attributes of unknown namespaces, comments and blanks included.
//!
//! Names keep their prefixes as written. Entities are resolved on reading and made again on
//! writing; quoting is libvirt's own (single quotes), so that libvirt's documents come out byte for
//! byte.

use std::fmt::Write as _;

use quick_xml::Reader;
use quick_xml::escape::{resolve_predefined_entity, unescape};
use quick_xml::events::{BytesStart, Event};

use crate::error::{Error, ErrorKind, Result};

/// Deeper nesting than this is not a document of libvirt's.
const DEPTH_LIMIT: usize = 128;

/// A document: one element, with what stands before and after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Document {
    before: Vec<Node>,
    /// The outermost element.
    pub(crate) root: Element,
    after: Vec<Node>,
}

/// A piece of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Node {
    /// An element.
    Element(Element),
    /// Text, entities resolved.
    Text(String),
    /// Text in a CDATA section.
    CData(String),
    /// A comment, without its marks.
    Comment(String),
    /// An instruction or the XML declaration, without its marks.
    Instruction(String),
}

/// An element.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Element {
    /// Its name with its prefix, as written.
    pub(crate) name: String,
    /// Its attributes in order, values with entities resolved.
    pub(crate) attributes: Vec<(String, String)>,
    /// What it contains, in order.
    pub(crate) children: Vec<Node>,
}

impl Document {
    /// Reads a document.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] for what is not well-formed, for a DTD and for absurd nesting.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let mut reader = Reader::from_str(text);
        reader.config_mut().check_comments = true;
        let mut builder = Builder::default();
        loop {
            match reader.read_event().map_err(malformed)? {
                Event::Start(start) => builder.open(element(&start)?)?,
                Event::Empty(start) => builder.add(Node::Element(element(&start)?))?,
                // The reader has checked that it closes what is open.
                Event::End(_) => builder.close()?,
                Event::Text(piece) => builder.text(&piece)?,
                Event::GeneralRef(reference) => {
                    let character;
                    let resolved = match reference.resolve_char_ref().map_err(malformed)? {
                        Some(found) => {
                            character = found.to_string();
                            character.as_str()
                        }
                        None => resolve_predefined_entity(&reference)
                            .ok_or_else(|| malformed("an entity that is not defined"))?,
                    };
                    builder.text(resolved)?;
                }
                Event::CData(data) => builder.add(Node::CData(data.to_string()))?,
                Event::Comment(comment) => builder.add(Node::Comment(comment.to_string()))?,
                Event::Decl(declaration) => {
                    builder.add(Node::Instruction(declaration.to_string()))?;
                }
                Event::PI(instruction) => {
                    builder.add(Node::Instruction(instruction.to_string()))?;
                }
                Event::DocType(_) => return Err(malformed("a document type definition")),
                Event::Eof => return builder.finish(),
            }
        }
    }
}

impl std::fmt::Display for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut text = String::new();
        for node in &self.before {
            write_node(&mut text, node);
        }
        write_element(&mut text, &self.root);
        for node in &self.after {
            write_node(&mut text, node);
        }
        f.write_str(&text)
    }
}

impl std::fmt::Display for Element {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut text = String::new();
        write_element(&mut text, self);
        f.write_str(&text)
    }
}

impl Element {
    /// An element without attributes and content.
    pub(crate) fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..Self::default()
        }
    }

    /// The same with an attribute more.
    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.set(name, value);
        self
    }

    /// The same with an element more inside.
    #[must_use]
    pub(crate) fn containing(mut self, child: Self) -> Self {
        self.children.push(Node::Element(child));
        self
    }

    /// The value of an attribute.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find_map(|(found, value)| (found == name).then_some(value.as_str()))
    }

    /// Sets an attribute, where it stands or else at the end.
    pub(crate) fn set(&mut self, name: &str, value: impl Into<String>) {
        let value = value.into();
        match self.attributes.iter_mut().find(|(found, _)| found == name) {
            Some((_, present)) => *present = value,
            None => self.attributes.push((name.into(), value)),
        }
    }

    /// The elements directly inside.
    pub(crate) fn elements(&self) -> impl Iterator<Item = &Self> {
        self.children.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            _ => None,
        })
    }

    /// The elements of that name directly inside.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.elements().filter(move |element| element.name == name)
    }

    /// The first element of that name directly inside.
    pub(crate) fn child(&self, name: &str) -> Option<&Self> {
        self.elements().find(|element| element.name == name)
    }

    /// The same, to change.
    pub(crate) fn child_mut(&mut self, name: &str) -> Option<&mut Self> {
        self.children.iter_mut().find_map(|node| match node {
            Node::Element(element) if element.name == name => Some(element),
            _ => None,
        })
    }

    /// The first element reached by going down those names.
    pub(crate) fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter()
            .try_fold(self, |element, name| element.child(name))
    }

    /// The text directly inside, trimmed.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        for node in &self.children {
            if let Node::Text(piece) | Node::CData(piece) = node {
                text.push_str(piece);
            }
        }
        text.trim().into()
    }

    /// The text of the first element reached by going down those names.
    pub(crate) fn text_at(&self, path: &[&str]) -> Option<String> {
        self.at(path).map(Self::text)
    }

    /// Adds an element as the last one inside, laid out as its neighbours are.
    pub(crate) fn append(&mut self, element: Self) {
        // What stands before the first element inside is how children are set apart here; what
        // stands before the end tag stays there.
        let indent = match self.children.as_slice() {
            [Node::Text(blank), Node::Element(_), ..] if blank.trim().is_empty() => {
                Some(Node::Text(blank.clone()))
            }
            _ => None,
        };
        let end = match self.children.last() {
            Some(Node::Text(blank)) if indent.is_some() && blank.trim().is_empty() => {
                self.children.pop()
            }
            _ => None,
        };
        self.children.extend(indent);
        self.children.push(Node::Element(element));
        self.children.extend(end);
    }
}

/// Builds the tree without recursion.
#[derive(Default)]
struct Builder {
    open: Vec<Element>,
    before: Vec<Node>,
    root: Option<Element>,
    after: Vec<Node>,
}

impl Builder {
    fn open(&mut self, element: Element) -> Result<()> {
        if self.open.len() >= DEPTH_LIMIT {
            return Err(malformed("elements nested too deeply"));
        }
        self.open.push(element);
        Ok(())
    }

    fn close(&mut self) -> Result<()> {
        match self.open.pop() {
            Some(element) => self.add(Node::Element(element)),
            None => Err(malformed("an end without a beginning")),
        }
    }

    fn add(&mut self, node: Node) -> Result<()> {
        if let Some(parent) = self.open.last_mut() {
            parent.children.push(node);
            return Ok(());
        }
        match node {
            Node::Element(element) => match self.root {
                None => self.root = Some(element),
                Some(_) => return Err(malformed("more than one outermost element")),
            },
            node if self.root.is_none() => self.before.push(node),
            node => self.after.push(node),
        }
        Ok(())
    }

    /// Adds text to the text before it: the reader cuts it at entities.
    fn text(&mut self, piece: &str) -> Result<()> {
        let siblings = match self.open.last_mut() {
            Some(parent) => &mut parent.children,
            None if !piece.trim().is_empty() => {
                return Err(malformed("text outside of elements"));
            }
            None if self.root.is_none() => &mut self.before,
            None => &mut self.after,
        };
        match siblings.last_mut() {
            Some(Node::Text(text)) => text.push_str(piece),
            _ => siblings.push(Node::Text(piece.into())),
        }
        Ok(())
    }

    fn finish(self) -> Result<Document> {
        if !self.open.is_empty() {
            return Err(malformed("elements that are not closed"));
        }
        let root = self.root.ok_or_else(|| malformed("no element"))?;
        Ok(Document {
            before: self.before,
            root,
            after: self.after,
        })
    }
}

fn element(start: &BytesStart<'_>) -> Result<Element> {
    let mut element = Element::new(start.name().0);
    for attribute in start.attributes() {
        let attribute = attribute.map_err(malformed)?;
        let value = unescape(&attribute.value).map_err(malformed)?;
        element
            .attributes
            .push((attribute.key.0.into(), value.into_owned()));
    }
    Ok(element)
}

fn malformed(reason: impl std::fmt::Display) -> Error {
    Error::new(
        ErrorKind::InvalidInput,
        "This is not a well-formed XML document.",
    )
    .with_detail(reason.to_string())
}

fn write_node(out: &mut String, node: &Node) {
    match node {
        Node::Element(element) => write_element(out, element),
        Node::Text(text) => write_text(out, text),
        Node::CData(text) => wrap(out, "<![CDATA[", text, "]]>"),
        Node::Comment(text) => wrap(out, "<!--", text, "-->"),
        Node::Instruction(text) => wrap(out, "<?", text, "?>"),
    }
}

fn wrap(out: &mut String, before: &str, text: &str, after: &str) {
    out.push_str(before);
    out.push_str(text);
    out.push_str(after);
}

/// Depth is bounded by what was read and what this program adds, so recursion is too.
fn write_element(out: &mut String, element: &Element) {
    out.push('<');
    out.push_str(&element.name);
    for (name, value) in &element.attributes {
        out.push(' ');
        out.push_str(name);
        out.push_str("='");
        write_value(out, value);
        out.push('\'');
    }
    if element.children.is_empty() {
        out.push_str("/>");
        return;
    }
    out.push('>');
    for child in &element.children {
        write_node(out, child);
    }
    wrap(out, "</", &element.name, ">");
}

fn write_text(out: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            // A bare one would be read as a line feed.
            '\r' => out.push_str("&#13;"),
            other => out.push(other),
        }
    }
}

fn write_value(out: &mut String, value: &str) {
    for character in value.chars() {
        match character {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\'' => out.push_str("&apos;"),
            // Bare ones would be read as blanks.
            '\t' | '\n' | '\r' => {
                // Writing to a string cannot fail.
                let _ = write!(out, "&#{};", character as u32);
            }
            other => out.push(other),
        }
    }
}

#[cfg(test)]
mod tests;
