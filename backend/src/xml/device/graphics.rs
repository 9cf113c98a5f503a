//! `<graphics>`: displays.

use crate::model::{Display, DisplayKind};
use crate::xml::document::Element;

/// Reads one `<graphics>`. Ports that are still to be chosen (`-1`) count as none.
pub(crate) fn read(graphics: &Element) -> Display {
    let kind = match graphics.attribute("type") {
        Some("vnc") => DisplayKind::Vnc,
        Some("spice") => DisplayKind::Spice,
        _ => DisplayKind::Other,
    };
    let listen = graphics.child("listen");
    let of_listen = |name| listen.and_then(|listen| listen.attribute(name));
    let text = |value: Option<&str>| value.filter(|value| !value.is_empty()).map(String::from);
    Display {
        kind,
        address: text(of_listen("address").or_else(|| graphics.attribute("listen"))),
        port: graphics
            .attribute("port")
            .and_then(|port| port.parse().ok())
            .filter(|&port| port > 0),
        socket: text(of_listen("socket").or_else(|| graphics.attribute("socket"))),
    }
}

/// A VNC display on the host's loopback with a port of libvirt's choice.
pub(crate) fn new_vnc() -> Element {
    Element::new("graphics")
        .with("type", "vnc")
        .with("port", "-1")
        .with("autoport", "yes")
        .with("listen", "127.0.0.1")
        .containing(
            Element::new("listen")
                .with("type", "address")
                .with("address", "127.0.0.1"),
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::document::Document;

    fn display(text: &str) -> Display {
        read(&Document::parse(text).unwrap().root)
    }

    #[test]
    fn a_port() {
        let seen = display(
            "<graphics type='vnc' port='5901' autoport='yes' listen='127.0.0.1'>\
             <listen type='address' address='127.0.0.1'/></graphics>",
        );
        assert_eq!(seen.kind, DisplayKind::Vnc);
        assert_eq!(seen.port, Some(5901));
        assert_eq!(seen.address.as_deref(), Some("127.0.0.1"));
    }

    #[test]
    fn a_socket_or_nothing() {
        let socket = display(
            "<graphics type='vnc' socket='/run/x.sock'><listen type='socket' \
             socket='/run/x.sock'/></graphics>",
        );
        assert_eq!(socket.socket.as_deref(), Some("/run/x.sock"));
        assert_eq!(socket.port, None);
        let nothing = display("<graphics type='spice' port='-1'><listen type='none'/></graphics>");
        assert_eq!(nothing.kind, DisplayKind::Spice);
        assert_eq!((nothing.port, nothing.address), (None, None));
    }
}
