//! Displays and graphics cards.

use super::yes_no;
use crate::xl::Kind;
use crate::xl::guest::{Display, Guest, Sdl, Spice, Video, Vnc};
use crate::xml::document::Element;

pub(super) fn all(guest: &Guest) -> Vec<Element> {
    let mut elements: Vec<_> = guest
        .displays
        .iter()
        .map(|display| match display {
            Display::Vnc(display) => vnc(display),
            Display::Sdl(display) => sdl(display),
            Display::Spice(display) => spice(display),
        })
        .collect();
    if guest.kind == Kind::Hvm {
        match &guest.video {
            Some(video) => elements.push(card(video)),
            None if !elements.is_empty() => elements.push(model("cirrus", Some(8192))),
            None => {}
        }
    } else if !elements.is_empty() {
        elements.push(model("xen", Some(4096)));
    }
    elements
}

fn vnc(vnc: &Vnc) -> Element {
    let mut element = Element::new("graphics").with("type", "vnc");
    let port = vnc.port.map(|port| port.to_string());
    element.set("autoport", yes_no(port.is_none()));
    element.set("port", port.unwrap_or_else(|| "-1".into()));
    if let Some(keymap) = &vnc.keymap {
        element.set("keymap", keymap);
    }
    if let Some(password) = &vnc.password {
        element.set("passwd", &password.0);
    }
    listening(element, vnc.listen.as_deref())
}

/// The address stands in two places: the attribute is what older versions of libvirt read.
fn listening(mut element: Element, address: Option<&str>) -> Element {
    let mut listen = Element::new("listen").with("type", "address");
    if let Some(address) = address {
        element.set("listen", address);
        listen.set("address", address);
    }
    element.containing(listen)
}

fn sdl(sdl: &Sdl) -> Element {
    let mut element = Element::new("graphics").with("type", "sdl");
    if let Some(display) = &sdl.display {
        element.set("display", display);
    }
    if let Some(authority) = &sdl.xauthority {
        element.set("xauth", authority);
    }
    element
}

fn spice(spice: &Spice) -> Element {
    let mut element = Element::new("graphics").with("type", "spice");
    if let Some(port) = spice.port {
        element.set("port", port.to_string());
    }
    if let Some(port) = spice.tls_port {
        element.set("tlsPort", port.to_string());
    }
    let chosen = spice.port.is_some() || spice.tls_port.is_some();
    element.set("autoport", yes_no(!chosen));
    if let Some(password) = &spice.password {
        element.set("passwd", &password.0);
    }
    element = listening(element, spice.listen.as_deref());
    if let Some(client) = spice.agent_mouse {
        let mode = if client { "client" } else { "server" };
        element = element.containing(Element::new("mouse").with("mode", mode));
    }
    if let Some(clipboard) = spice.clipboard {
        element =
            element.containing(Element::new("clipboard").with("copypaste", yes_no(clipboard)));
    }
    element
}

fn card(video: &Video) -> Element {
    let name = match video.card.as_str() {
        "stdvga" => "vga",
        card => card,
    };
    if name == "none" {
        return Element::new("video").containing(Element::new("model").with("type", "none"));
    }
    model(name, video.memory.map(|memory| memory * 1024))
}

/// `vram` in KiB.
fn model(name: &str, vram: Option<u64>) -> Element {
    let mut model = Element::new("model").with("type", name);
    if let Some(vram) = vram {
        model.set("vram", vram.to_string());
    }
    Element::new("video").containing(model.with("heads", "1").with("primary", "yes"))
}
