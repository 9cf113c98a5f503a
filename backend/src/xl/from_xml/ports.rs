//! Serial ports, consoles, channels, input and sound.

use super::Reader;
use crate::xl::Kind;
use crate::xl::guest::{Channel, Guest, Serial};
use crate::xml::document::Element;

impl Reader {
    pub(super) fn serial(&mut self, element: &Element, guest: &mut Guest) {
        self.rest(
            "devices/serial",
            element,
            &["source", "target", "protocol"],
            &["type", "tty"],
        );
        match serial(element).filter(|_| guest.kind == Kind::Hvm) {
            Some(serial) => guest.serials.push(serial),
            None => self.left_out("devices/serial"),
        }
    }

    /// Every guest has one, and a fully virtualized one's is its first serial port.
    pub(super) fn console(&mut self, element: &Element) {
        let target = element
            .child("target")
            .and_then(|target| target.attribute("type"));
        let usual = matches!(target, None | Some("xen" | "serial"));
        let first = element
            .child("target")
            .and_then(|target| target.attribute("port"));
        self.rest(
            "devices/console",
            element,
            &["source", "target"],
            &["type", "tty"],
        );
        if !usual || !matches!(first, None | Some("0")) {
            self.left_out("devices/console");
        }
    }

    pub(super) fn channel(&mut self, element: &Element, guest: &mut Guest) {
        let target = element.child("target");
        let name = target.and_then(|target| target.attribute("name"));
        let xen = target.and_then(|target| target.attribute("type")) == Some("xen");
        let path = element
            .child("source")
            .and_then(|source| source.attribute("path"));
        let socket = match element.attribute("type") {
            Some("pty") => Some(None),
            Some("unix") => path.map(|path| Some(String::from(path))),
            _ => None,
        };
        match (name, socket) {
            (Some(name), Some(socket)) if xen => guest.channels.push(Channel {
                name: name.into(),
                socket,
            }),
            _ => self.left_out("devices/channel"),
        }
    }

    pub(super) fn input(&mut self, element: &Element, guest: &mut Guest) {
        match (element.attribute("type"), element.attribute("bus")) {
            (Some("mouse" | "keyboard"), None | Some("xen" | "ps2")) => {}
            (Some(kind @ ("mouse" | "keyboard" | "tablet")), Some("usb"))
                if guest.kind == Kind::Hvm =>
            {
                guest.usb_inputs.push(kind.into());
            }
            _ => self.left_out("devices/input"),
        }
    }

    pub(super) fn sound(&mut self, element: &Element, guest: &mut Guest) {
        match element.attribute("model") {
            Some(model @ ("ich6" | "ac97" | "es1370" | "sb16" | "pcspk"))
                if guest.kind == Kind::Hvm =>
            {
                guest.sounds.push(model.into());
            }
            _ => self.left_out("devices/sound"),
        }
    }
}

fn serial(element: &Element) -> Option<Serial> {
    let source = element.child("source");
    let text = |name| {
        let value = source?.attribute(name).filter(|value| !value.is_empty())?;
        // QEMU's words end at commas.
        Some(String::from(value)).filter(|value| !value.contains([',', '\n']))
    };
    let listens = text("mode").as_deref() == Some("bind");
    match element.attribute("type")? {
        kind @ ("pty" | "null" | "vc" | "stdio") => Some(Serial::Plain(kind.into())),
        "file" => text("path").map(Serial::File),
        "pipe" => text("path").map(Serial::Pipe),
        "dev" => text("path")
            .filter(|path| path.starts_with("/dev/"))
            .map(Serial::Device),
        "unix" => text("path").map(|path| Serial::Unix { path, listens }),
        "tcp" => {
            let protocol = element
                .child("protocol")
                .and_then(|protocol| protocol.attribute("type"));
            Some(Serial::Tcp {
                host: text("host").unwrap_or_else(|| "127.0.0.1".into()),
                port: text("service")?,
                listens,
                telnet: match protocol {
                    None | Some("raw") => false,
                    Some("telnet") => true,
                    Some(_) => return None,
                },
            })
        }
        _ => None,
    }
}
