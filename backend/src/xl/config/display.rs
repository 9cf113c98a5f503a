//! Displays: the paravirtual framebuffer of `vfb=`, and the keys of the emulated one, which xl takes
//! for the former too where a guest has only that.

use super::settings::Settings;
use crate::xl::Kind;
use crate::xl::guest::{Display, Sdl, Secret, Spice, Video, Vnc};
use crate::xl::spec;

const FIRST_PORT: u64 = 5900;

pub(super) fn read(settings: &mut Settings, kind: Kind) -> Vec<Display> {
    let mut displays: Vec<_> = settings
        .list("vfb")
        .into_iter()
        .filter_map(|(line, text)| framebuffer(settings, line, &text))
        .collect();
    let spice = if kind == Kind::Hvm {
        spice(settings)
    } else {
        None
    };
    displays.extend(emulated(settings, kind, spice.is_none()));
    displays.extend(spice.map(Display::Spice));
    displays
}

/// The keys around a VNC server and a window, wherever they were written.
#[derive(Default)]
struct Keys {
    line: usize,
    vnc: Option<bool>,
    sdl: Option<bool>,
    listen: Option<String>,
    number: Option<String>,
    unused: Option<bool>,
    password: Option<Secret>,
    keymap: Option<String>,
    display: Option<String>,
    xauthority: Option<String>,
}

fn framebuffer(settings: &mut Settings, line: usize, text: &str) -> Option<Display> {
    let mut keys = Keys {
        line,
        ..Keys::default()
    };
    for part in spec::parts(text) {
        let value = part.value.unwrap_or_default().trim_matches(['"', '\'']);
        let text = Some(String::from(value)).filter(|value| !value.is_empty());
        match part.key {
            "type" if value == "sdl" => keys.sdl = Some(true),
            "type" if value == "vnc" => keys.vnc = Some(true),
            "vnc" if spec::flag(value).is_some() => keys.vnc = spec::flag(value),
            "sdl" if spec::flag(value).is_some() => keys.sdl = spec::flag(value),
            "vnclisten" => keys.listen = text,
            "vncdisplay" => keys.number = text,
            "vncunused" if spec::flag(value).is_some() => keys.unused = spec::flag(value),
            "vncpasswd" => keys.password = text.map(Secret),
            "keymap" => keys.keymap = text,
            "display" => keys.display = text,
            "xauthority" => keys.xauthority = text,
            "opengl" if spec::flag(value) == Some(false) => {}
            "videoram" | "opengl" | "vncconsole" | "vncviewer" | "type" => settings.note(
                line,
                "vfb",
                format!(
                    "“{}” of this framebuffer has no counterpart in libvirt.",
                    part.key
                ),
            ),
            // The value is not repeated: with a slip in the key it may be a password.
            _ => settings.note(
                line,
                "vfb",
                "A part of this framebuffer is not understood; it is left out.",
            ),
        }
    }
    if keys.sdl == Some(true) && keys.vnc != Some(true) {
        return Some(keys.sdl());
    }
    if keys.vnc == Some(false) {
        settings.note(
            line,
            "vfb",
            "A framebuffer that is not shown anywhere is left out.",
        );
        return None;
    }
    if keys.sdl == Some(true) {
        settings.note(
            line,
            "vfb",
            "A framebuffer is shown in one way with libvirt: by VNC.",
        );
    }
    Some(Display::Vnc(keys.vnc(settings, "vfb")))
}

/// The emulated graphics card's display. An HVM guest has one over VNC unless told otherwise.
fn emulated(settings: &mut Settings, kind: Kind, default: bool) -> Vec<Display> {
    let mut displays = Vec::new();
    let hidden = kind == Kind::Hvm && settings.flag("nographic") == Some(true);
    let sdl = settings.flag("sdl");
    let vnc = settings.flag("vnc");
    let default = kind == Kind::Hvm && default && !hidden && sdl != Some(true);
    let mut keys = Keys::default();
    if vnc.unwrap_or(default) {
        keys.unused = settings.flag("vncunused");
        keys.number = settings.text("vncdisplay");
        if let Some((line, listen)) = settings.line("vnclisten") {
            keys.line = line;
            keys.listen = Some(listen);
        }
        keys.password = settings.secret("vncpasswd");
        keys.keymap = settings.text("keymap");
        displays.push(Display::Vnc(keys.vnc(settings, "vnc")));
    } else {
        for key in ["vncunused", "vncdisplay", "vnclisten", "vncpasswd"] {
            if let Some((line, _)) = settings.line(key) {
                settings.note(
                    line,
                    key,
                    "The guest has no VNC display of its own by this; it is left out.",
                );
            }
        }
    }
    if sdl == Some(true) {
        displays.push(
            Keys {
                display: settings.text("display"),
                xauthority: settings.text("xauthority"),
                ..Keys::default()
            }
            .sdl(),
        );
    }
    settings.only(
        "opengl",
        false,
        "libvirt has no setting for this with Xen; it is left out.",
    );
    displays
}

impl Keys {
    fn sdl(self) -> Display {
        Display::Sdl(Sdl {
            display: self.display,
            xauthority: self.xauthority,
        })
    }

    fn vnc(self, settings: &mut Settings, key: &str) -> Vnc {
        let mut number = self.number;
        let listen = self.listen.map(|listen| {
            let (address, with) = address(&listen);
            number = number.take().or(with);
            address
        });
        let number = number.and_then(|text| {
            let number = spec::number(&text).and_then(|number| u64::try_from(number).ok());
            let port =
                number.and_then(|number| u16::try_from(number.checked_add(FIRST_PORT)?).ok());
            if port.is_none() {
                settings.note(
                    self.line,
                    key,
                    "The number of the VNC display is not one; the host chooses.",
                );
            }
            port
        });
        let port = match (number, self.unused) {
            (Some(port), Some(true)) => {
                if u64::from(port) != FIRST_PORT {
                    settings.note(
                        self.line,
                        key,
                        "The host chooses a free port, and not from the given display on.",
                    );
                }
                None
            }
            (None, Some(false)) => Some(FIRST_PORT as u16),
            (number, _) => number,
        };
        Vnc {
            listen: listen.filter(|listen| !listen.is_empty()),
            port,
            password: self.password,
            keymap: self.keymap,
        }
    }
}

/// An address, and the display number that may stand behind it. An IPv6 address has colons itself.
fn address(text: &str) -> (String, Option<String>) {
    let text = text.trim();
    let bare = |address: &str| address.trim_matches(['[', ']']).to_owned();
    match text.rsplit_once(':') {
        Some((address, number))
            if number.chars().all(|digit| digit.is_ascii_digit())
                && (!address.contains(':') || address.ends_with(']')) =>
        {
            (
                bare(address),
                Some(number.into()).filter(|number: &String| !number.is_empty()),
            )
        }
        _ => (bare(text), None),
    }
}

fn spice(settings: &mut Settings) -> Option<Spice> {
    if settings.flag("spice") != Some(true) {
        return None;
    }
    let mut port = |key| {
        let port = settings.size(key)?;
        let port = u16::try_from(port).ok().filter(|&port| port > 0);
        if port.is_none() {
            settings.note(0, key, "This is no port; the host chooses.");
        }
        port
    };
    let (plain, tls_port) = (port("spiceport"), port("spicetls_port"));
    let mut spice = Spice {
        listen: settings.text("spicehost"),
        port: plain,
        tls_port,
        password: settings.secret("spicepasswd"),
        agent_mouse: settings.flag("spiceagent_mouse"),
        clipboard: settings.flag("spice_clipboard_sharing"),
    };
    if settings.flag("spicedisable_ticketing") == Some(true) {
        spice.password = None;
    } else if spice.password.is_none() {
        settings.note(
            0,
            "spicedisable_ticketing",
            "A password is asked for and none is given; the SPICE display is open without one.",
        );
    }
    let uses_agent = spice.agent_mouse == Some(true) || spice.clipboard == Some(true);
    settings.only(
        "spicevdagent",
        uses_agent,
        "libvirt gives the guest the agent's channel just where its mouse or clipboard are used.",
    );
    Some(spice)
}

/// The emulated graphics card, where the file chooses one.
pub(super) fn video(settings: &mut Settings, kind: Kind) -> Option<Video> {
    if kind != Kind::Hvm {
        return None;
    }
    let standard = settings.flag("stdvga").filter(|&standard| standard);
    let memory = settings
        .size("videoram")
        .filter(|&memory| memory > 0 && memory < 1 << 20);
    let card = settings.line("vga").and_then(|(line, card)| {
        if matches!(card.as_str(), "cirrus" | "stdvga" | "qxl" | "none") {
            return Some(card);
        }
        settings.note(
            line,
            "vga",
            "This graphics card is not known; the guest gets the usual one.",
        );
        None
    });
    match (card.or(standard.map(|_| "stdvga".into())), memory) {
        (None, None) => None,
        (card, memory) => Some(Video {
            card: card.unwrap_or_else(|| "cirrus".into()),
            memory,
        }),
    }
}
