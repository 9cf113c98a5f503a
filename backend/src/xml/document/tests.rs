//! What is read, written and refused.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

fn name() -> impl Strategy<Value = String> {
    "[a-z]{1,6}(:[a-z]{1,6})?"
}

fn content() -> impl Strategy<Value = String> {
    r"([ -~]|[\t\n\r]|[äöü€𝄞]){1,12}"
}

fn leaf() -> impl Strategy<Value = Node> {
    prop_oneof![
        content().prop_map(Node::Text),
        "[a-z<>&' ]{0,10}".prop_map(Node::CData),
        "[a-z<>&' ]{0,10}".prop_map(Node::Comment),
        "[a-z]{1,5} [a-z='<&]{0,8}".prop_map(Node::Instruction),
    ]
}

fn any_element() -> impl Strategy<Value = Element> {
    let bare = || (name(), vec((name(), content()), 0..4));
    let start = bare().prop_map(|(name, attributes)| Element {
        name,
        attributes,
        children: Vec::new(),
    });
    start.prop_recursive(5, 40, 5, move |inner| {
        let child = prop_oneof![inner.prop_map(Node::Element), leaf()];
        (bare(), vec(child, 0..5)).prop_map(|((name, attributes), children)| Element {
            name,
            attributes,
            children,
        })
    })
}

/// Makes what cannot be written in XML at all into what can: one attribute per name, one text
/// node at a time.
fn writable(mut element: Element) -> Element {
    let mut seen = std::collections::HashSet::new();
    element
        .attributes
        .retain(|(name, _)| seen.insert(name.clone()));
    let mut children: Vec<Node> = Vec::new();
    for child in element.children {
        match (children.last_mut(), child) {
            (Some(Node::Text(before)), Node::Text(text)) => before.push_str(&text),
            (_, Node::Element(inner)) => children.push(Node::Element(writable(inner))),
            (_, other) => children.push(other),
        }
    }
    element.children = children;
    element
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(root in any_element()) {
        let root = writable(root);
        let text = root.to_string();
        let read = Document::parse(&text).unwrap();
        prop_assert_eq!(&read.root, &root);
        prop_assert_eq!(read.to_string(), text);
    }

    #[test]
    fn nothing_makes_the_reader_panic(text in "[<>/a'\"=&;# !?\\[\\]-]{0,60}") {
        let _ = Document::parse(&text);
    }
}

#[test]
fn libvirts_documents_come_out_byte_for_byte() {
    let text = "<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>\n  \
                    <name>a &amp; b</name>\n  <!-- by hand -->\n  <unknown x='&lt;1&gt;'/>\n  \
                    <qemu:commandline>\n    <qemu:arg value='-s'/>\n  </qemu:commandline>\n\
                    </domain>\n";
    let document = Document::parse(text).unwrap();
    assert_eq!(document.to_string(), text);
    assert_eq!(document.root.text_at(&["name"]).unwrap(), "a & b");
}

#[test]
fn an_appended_element_stands_like_its_neighbours() {
    let text = "<devices>\n    <a/>\n  </devices>";
    let mut root = Document::parse(text).unwrap().root;
    root.append(Element::new("b").with("x", "1"));
    assert_eq!(
        root.to_string(),
        "<devices>\n    <a/>\n    <b x='1'/>\n  </devices>"
    );
    let mut empty = Element::new("devices");
    empty.append(Element::new("b"));
    assert_eq!(empty.to_string(), "<devices><b/></devices>");
}

#[test]
fn what_is_no_document_is_refused() {
    let deep = "<a>".repeat(100_000);
    for text in [
        "",
        "x",
        "<a>",
        "<a></b>",
        "<a/><b/>",
        "<a/>x",
        "<a b='1' b='2'/>",
        "<a>&nope;</a>",
        "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>",
        deep.as_str(),
    ] {
        let short: String = text.chars().take(40).collect();
        assert!(Document::parse(text).is_err(), "{short}");
    }
}
