//! Serial ports, channels, USB and sound.

use super::settings::Settings;
use crate::xl::Kind;
use crate::xl::guest::{Channel, Guest, Serial, UsbController, UsbDevice};
use crate::xl::spec;

const NO_USB: &str =
    "This kind of USB controller has no counterpart in libvirt for Xen; it is left out.";

pub(super) fn read(settings: &mut Settings, guest: &mut Guest) {
    if guest.kind == Kind::Hvm {
        serials(settings, guest);
        emulated_usb(settings, guest);
        sounds(settings, guest);
    }
    usb(settings, guest);
    channels(settings, guest);
}

fn serials(settings: &mut Settings, guest: &mut Guest) {
    for (line, text) in settings.list("serial") {
        match serial(text.trim()) {
            Some(serial) => guest.serials.push(serial),
            None if matches!(text.trim(), "none" | "") => {}
            None => settings.note(
                line,
                "serial",
                "This kind of serial port is not carried over.",
            ),
        }
    }
    for (line, text) in settings.list("parallel") {
        if !matches!(text.trim(), "none" | "") {
            settings.note(line, "parallel", "Parallel ports are not carried over.");
        }
    }
}

/// A serial port in QEMU's words.
fn serial(text: &str) -> Option<Serial> {
    if matches!(text, "pty" | "null" | "vc" | "stdio") {
        return Some(Serial::Plain(text.into()));
    }
    if text.starts_with("/dev/") {
        return Some(Serial::Device(text.into()));
    }
    let (kind, rest) = text.split_once(':')?;
    let (place, options) = rest.split_once(',').unwrap_or((rest, ""));
    let listens = options
        .split(',')
        .any(|option| matches!(option.trim(), "server" | "server=on"));
    let given = |text: &str| Some(String::from(text)).filter(|text| !text.is_empty());
    match kind {
        "file" => given(rest).map(Serial::File),
        "pipe" => given(rest).map(Serial::Pipe),
        "unix" => given(place).map(|path| Serial::Unix { path, listens }),
        "tcp" | "telnet" => {
            let (host, port) = place.rsplit_once(':')?;
            port.parse::<u16>().ok()?;
            Some(Serial::Tcp {
                host: given(host).unwrap_or_else(|| "127.0.0.1".into()),
                port: port.into(),
                listens,
                telnet: kind == "telnet",
            })
        }
        _ => None,
    }
}

/// `usb=` and `usbdevice=`: QEMU's own bus.
fn emulated_usb(settings: &mut Settings, guest: &mut Guest) {
    let line = settings
        .line("usb")
        .map(|(line, text)| (line, spec::flag(&text)));
    let devices = settings.list("usbdevice");
    if let (Some((line, Some(true))), true) = (line, devices.is_empty()) {
        settings.note(
            line,
            "usb",
            "libvirt makes the emulated USB bus with the first device on it.",
        );
    }
    for (line, text) in devices {
        match text.trim() {
            input @ ("mouse" | "tablet" | "keyboard") => guest.usb_inputs.push(input.into()),
            "" => {}
            other => match other.strip_prefix("host:").and_then(host_device) {
                Some(device) => guest.usb_devices.push(device),
                None => settings.note(line, "usbdevice", "This USB device is not carried over."),
            },
        }
    }
}

/// `vvvv:pppp`, or `bus.device`.
fn host_device(text: &str) -> Option<UsbDevice> {
    if let Some((bus, device)) = text.split_once('.') {
        return Some(UsbDevice::Place(bus.parse().ok()?, device.parse().ok()?));
    }
    let (vendor, product) = text.split_once(':')?;
    let digits = |text: &str| {
        let number = u16::from_str_radix(text.trim_start_matches("0x"), 16).ok()?;
        Some(format!("{number:04x}"))
    };
    Some(UsbDevice::Model(digits(vendor)?, digits(product)?))
}

/// `usbctrl=` and `usbdev=`.
fn usb(settings: &mut Settings, guest: &mut Guest) {
    for (line, text) in settings.list("usbctrl") {
        let mut controller = UsbController {
            version: 2,
            ports: 8,
        };
        let mut known = true;
        for part in spec::parts(&text) {
            let number = part
                .value
                .and_then(spec::number)
                .and_then(|n| u64::try_from(n).ok());
            match (part.key, part.value, number) {
                ("type", Some("qusb" | "auto"), _) => {}
                ("version", _, Some(version @ 1..=2)) => controller.version = version,
                ("ports", _, Some(ports @ 1..=31)) => controller.ports = ports,
                _ => known = false,
            }
        }
        if known {
            guest.usb_controllers.push(controller);
        } else {
            settings.note(line, "usbctrl", NO_USB);
        }
    }
    for (line, text) in settings.list("usbdev") {
        let (mut bus, mut device) = (None, None);
        for part in spec::parts(&text) {
            let number = part
                .value
                .and_then(spec::number)
                .and_then(|n| u64::try_from(n).ok());
            match part.key {
                "type" if part.value == Some("hostdev") => {}
                "hostbus" => bus = number,
                "hostaddr" => device = number,
                key => settings.note(
                    line,
                    "usbdev",
                    format!("“{key}” of this USB device has no counterpart in libvirt for Xen."),
                ),
            }
        }
        match (bus, device) {
            (Some(bus), Some(device)) => guest.usb_devices.push(UsbDevice::Place(bus, device)),
            _ => settings.note(
                line,
                "usbdev",
                "It is not said which USB device is meant; it is left out.",
            ),
        }
    }
}

fn sounds(settings: &mut Settings, guest: &mut Guest) {
    let Some((line, text)) = settings.line("soundhw") else {
        return;
    };
    for card in text
        .split(',')
        .map(str::trim)
        .filter(|card| !card.is_empty())
    {
        match card {
            "hda" => guest.sounds.push("ich6".into()),
            "ac97" | "es1370" | "sb16" | "pcspk" => guest.sounds.push(card.into()),
            _ => settings.note(
                line,
                "soundhw",
                "libvirt does not know this sound card; it is left out.",
            ),
        }
    }
}

fn channels(settings: &mut Settings, guest: &mut Guest) {
    for (line, text) in settings.list("channel") {
        let (mut name, mut connection, mut path) = (None, None, None);
        for part in spec::parts(&text) {
            let value = part
                .value
                .filter(|value| !value.is_empty())
                .map(String::from);
            match part.key {
                "name" => name = value,
                "connection" => connection = value.map(|value| value.to_lowercase()),
                "path" => path = value,
                key => settings.note(
                    line,
                    "channel",
                    format!("“{key}” of this channel has no counterpart in libvirt for Xen."),
                ),
            }
        }
        let socket = connection.as_deref() == Some("socket");
        let complete = match connection.as_deref() {
            Some("pty") => true,
            Some("socket") => path.is_some(),
            _ => false,
        };
        match name {
            Some(name) if complete => guest.channels.push(Channel {
                name,
                socket: path.filter(|_| socket),
            }),
            _ => settings.note(
                line,
                "channel",
                "A channel needs a name, and a connection by pty or by a socket's path; it is left out.",
            ),
        }
    }
}
