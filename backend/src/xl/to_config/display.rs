//! Displays and graphics cards.

use super::Writer;
use crate::xl::Kind;
use crate::xl::guest::{Display, Guest, Spice, Video, Vnc};

const FIRST_PORT: u16 = 5900;

impl Writer<'_> {
    pub(super) fn displays(&mut self, guest: &Guest) {
        if guest.kind == Kind::Hvm {
            return self.emulated(guest);
        }
        let mut framebuffers = Vec::new();
        for display in &guest.displays {
            let mut parts = Vec::new();
            match display {
                Display::Vnc(vnc) => {
                    parts.push("type=vnc".into());
                    parts.push(match vnc.port {
                        Some(port) => format!("vncunused=0,vncdisplay={}", self.number(port)),
                        None => "vncunused=1".into(),
                    });
                    self.part("vfb", &mut parts, "vnclisten", vnc.listen.as_ref());
                    let password = vnc.password.as_ref().map(|password| &password.0);
                    self.part("vfb", &mut parts, "vncpasswd", password);
                    self.part("vfb", &mut parts, "keymap", vnc.keymap.as_ref());
                }
                Display::Sdl(sdl) => {
                    parts.push("type=sdl".into());
                    self.part("vfb", &mut parts, "display", sdl.display.as_ref());
                    self.part("vfb", &mut parts, "xauthority", sdl.xauthority.as_ref());
                }
                Display::Spice(_) => {
                    self.note(
                        "graphics",
                        "Only fully virtualized guests have SPICE with xl.",
                    );
                    continue;
                }
            }
            framebuffers.push(parts.join(","));
        }
        self.list("vfb", &framebuffers);
    }

    fn number(&mut self, port: u16) -> u16 {
        port.checked_sub(FIRST_PORT).unwrap_or_else(|| {
            self.note(
                "graphics",
                "xl has VNC displays from port 5900 on only; it is that one now.",
            );
            0
        })
    }

    fn emulated(&mut self, guest: &Guest) {
        let (mut vnc, mut sdl, mut spice) = (None, None, None);
        for display in &guest.displays {
            let twice = match display {
                Display::Vnc(display) => vnc.replace(display).is_some(),
                Display::Sdl(display) => sdl.replace(display).is_some(),
                Display::Spice(display) => spice.replace(display).is_some(),
            };
            if twice {
                self.note(
                    "graphics",
                    "xl has one display of a kind; the last one is written.",
                );
            }
        }
        self.flag("sdl", sdl.is_some());
        if let Some(sdl) = sdl {
            self.maybe("display", sdl.display.as_ref());
            self.maybe("xauthority", sdl.xauthority.as_ref());
        }
        self.flag("vnc", vnc.is_some());
        if let Some(vnc) = vnc {
            self.vnc(vnc);
        }
        if let Some(spice) = spice {
            self.spice(spice);
        }
        if let Some(Video { card, memory }) = &guest.video {
            self.string("vga", card);
            if let Some(memory) = memory {
                self.raw("videoram", memory);
            }
        }
    }

    fn vnc(&mut self, vnc: &Vnc) {
        self.flag("vncunused", vnc.port.is_none());
        if let Some(port) = vnc.port {
            let number = self.number(port);
            self.raw("vncdisplay", number);
        }
        self.maybe("vnclisten", vnc.listen.as_ref());
        self.maybe(
            "vncpasswd",
            vnc.password.as_ref().map(|password| &password.0),
        );
        self.maybe("keymap", vnc.keymap.as_ref());
    }

    fn spice(&mut self, spice: &Spice) {
        self.flag("spice", true);
        self.maybe("spicehost", spice.listen.as_ref());
        for (key, port) in [("spiceport", spice.port), ("spicetls_port", spice.tls_port)] {
            if let Some(port) = port {
                self.raw(key, port);
            }
        }
        if spice.port.is_none() && spice.tls_port.is_none() {
            self.note(
                "graphics",
                "xl wants to be told a port for SPICE; add spiceport.",
            );
        }
        self.flag("spicedisable_ticketing", spice.password.is_none());
        self.maybe(
            "spicepasswd",
            spice.password.as_ref().map(|password| &password.0),
        );
        if let Some(client) = spice.agent_mouse {
            self.flag("spiceagent_mouse", client);
        }
        if spice.agent_mouse == Some(true) || spice.clipboard == Some(true) {
            self.flag("spicevdagent", true);
        }
        if let Some(clipboard) = spice.clipboard {
            self.flag("spice_clipboard_sharing", clipboard);
        }
    }
}
