//! Displays and graphics cards.

use super::Reader;
use crate::xl::Kind;
use crate::xl::guest::{Display, Guest, Sdl, Secret, Spice, Video, Vnc};
use crate::xml::document::Element;

impl Reader {
    pub(super) fn graphics(&mut self, element: &Element) -> Option<Display> {
        const PATH: &str = "devices/graphics";
        let text = |name| {
            element
                .attribute(name)
                .filter(|value| !value.is_empty())
                .map(String::from)
        };
        let port = |name| {
            let port = element.attribute(name)?.parse::<u16>().ok();
            port.filter(|&port| port > 0 && element.attribute("autoport") != Some("yes"))
        };
        let password = text("passwd").map(Secret);
        match element.attribute("type") {
            Some("vnc") => {
                self.rest(
                    PATH,
                    element,
                    &["listen"],
                    &["type", "port", "autoport", "listen", "passwd", "keymap"],
                );
                Some(Display::Vnc(Vnc {
                    listen: self.listen(element),
                    port: port("port"),
                    password,
                    keymap: text("keymap"),
                }))
            }
            Some("sdl") => {
                self.rest(PATH, element, &[], &["type", "display", "xauth"]);
                Some(Display::Sdl(Sdl {
                    display: text("display"),
                    xauthority: text("xauth"),
                }))
            }
            Some("spice") => {
                self.rest(
                    PATH,
                    element,
                    &["listen", "mouse", "clipboard"],
                    &[
                        "type", "port", "tlsPort", "autoport", "listen", "passwd", "keymap",
                    ],
                );
                let inner = |name, attribute| {
                    element
                        .child(name)
                        .and_then(|child| child.attribute(attribute))
                };
                Some(Display::Spice(Spice {
                    listen: self.listen(element),
                    port: port("port"),
                    tls_port: port("tlsPort"),
                    password,
                    agent_mouse: inner("mouse", "mode").map(|mode| mode == "client"),
                    clipboard: inner("clipboard", "copypaste").map(|copypaste| copypaste != "no"),
                }))
            }
            _ => {
                self.left_out(PATH);
                None
            }
        }
    }

    fn listen(&mut self, element: &Element) -> Option<String> {
        let listen = element.child("listen");
        if listen.is_some_and(|listen| !matches!(listen.attribute("type"), None | Some("address")))
        {
            self.left_out("devices/graphics/listen");
        }
        let address = listen
            .and_then(|listen| listen.attribute("address"))
            .or_else(|| element.attribute("listen"));
        address
            .filter(|address| !address.is_empty())
            .map(String::from)
    }

    pub(super) fn video(&mut self, element: &Element, guest: &mut Guest) {
        let model = element.child("model");
        let name = model.and_then(|model| model.attribute("type"));
        let card = match name {
            // The framebuffer's own.
            Some("xen") => return,
            Some("vga") => "stdvga",
            Some(card @ ("cirrus" | "qxl" | "none")) => card,
            _ => "",
        };
        if guest.kind != Kind::Hvm || card.is_empty() || guest.video.is_some() {
            return self.left_out("devices/video");
        }
        let vram = model.and_then(|model| model.attribute("vram")?.parse::<u64>().ok());
        guest.video = Some(Video {
            card: card.into(),
            memory: vram
                .map(|vram| vram.div_ceil(1024))
                .filter(|&memory| memory > 0),
        });
    }
}
