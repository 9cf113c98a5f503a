//! Disks, interfaces, the host's devices, and which devices need no mention.

use super::Reader;
use crate::xl::Kind;
use crate::xl::disk::{Disk, is_device_name};
use crate::xl::guest::{Guest, Pci, UsbController, UsbDevice};
use crate::xl::vif::{Vif, is_default_script};
use crate::xml::document::Element;

fn text(element: &Element, name: &str, attribute: &str) -> Option<String> {
    let value = element.child(name)?.attribute(attribute)?;
    Some(value.into()).filter(|value: &String| !value.is_empty())
}

impl Reader {
    pub(super) fn devices(&mut self, devices: &Element, guest: &mut Guest) {
        for device in devices.elements() {
            match device.name.as_str() {
                "emulator" => guest.emulator = Some(device.text()).filter(|path| !path.is_empty()),
                "disk" => guest.disks.extend(self.disk(device)),
                "controller" => self.controller(device, guest),
                "interface" => guest.vifs.push(self.interface(device, guest.kind)),
                "serial" => self.serial(device, guest),
                "console" => self.console(device),
                "channel" => self.channel(device, guest),
                "input" => self.input(device, guest),
                "graphics" => guest.displays.extend(self.graphics(device)),
                "video" => self.video(device, guest),
                "sound" => self.sound(device, guest),
                "hostdev" => self.host_device(device, guest),
                "memballoon" if matches!(device.attribute("model"), Some("xen") | None) => {}
                name => self.left_out(&format!("devices/{name}")),
            }
        }
    }

    fn disk(&mut self, element: &Element) -> Option<Disk> {
        const PATH: &str = "devices/disk";
        let kind = element.attribute("type").unwrap_or("file");
        let vdev = text(element, "target", "dev").unwrap_or_default();
        let driver = |name| {
            element
                .child("driver")
                .and_then(|driver| driver.attribute(name))
        };
        let format = match driver("type") {
            None | Some("raw" | "aio") => "raw",
            Some("vpc" | "vhd") => "vhd",
            Some(format @ ("qcow" | "qcow2" | "qed")) => format,
            Some(_) => "",
        };
        let cdrom = element.attribute("device") == Some("cdrom");
        let target = match kind {
            "block" => text(element, "source", "dev"),
            _ => text(element, "source", "file"),
        };
        let why = if !matches!(kind, "file" | "block") {
            "xl takes files and devices of the host, and this is neither; it is left out."
        } else if !matches!(element.attribute("device"), None | Some("disk" | "cdrom")) {
            "xl has disks and CD drives, and this is neither; it is left out."
        } else if !is_device_name(&vdev) {
            "xl does not know disks by such a name; it is left out."
        } else if format.is_empty() {
            "xl does not know this format; it is left out."
        } else if target.is_none() && !cdrom {
            "Neither file nor device is named for the disk; it is left out."
        } else {
            ""
        };
        if !why.is_empty() {
            self.note(PATH, format!("{vdev}: {why}").trim_start_matches(": "));
            return None;
        }
        self.rest(
            PATH,
            element,
            &[
                "driver",
                "source",
                "target",
                "readonly",
                "shareable",
                "backenddomain",
                "backingStore",
            ],
            &["type", "device"],
        );
        for (name, known) in [
            ("source", ["file", "dev", "index"]),
            ("target", ["dev", "bus", "tray"]),
        ] {
            if let Some(inner) = element.child(name) {
                self.rest(&format!("{PATH}/{name}"), inner, &[], &known);
            }
        }
        if let Some(driver) = element.child("driver") {
            self.rest(
                "devices/disk/driver",
                driver,
                &[],
                &["name", "type", "discard"],
            );
        }
        let backend_type = match driver("name") {
            Some("qemu") => Some("qdisk"),
            Some(name @ ("phy" | "tap")) => Some(name),
            Some("file") | None => None,
            Some(_) => {
                self.left_out("devices/disk/driver/@name");
                None
            }
        };
        Some(Disk {
            target,
            format: format.into(),
            vdev,
            read_only: cdrom || element.child("readonly").is_some(),
            cdrom,
            shared: element.child("shareable").is_some(),
            backend_type: backend_type.map(String::from),
            backend: text(element, "backenddomain", "name"),
            discard: match driver("discard") {
                Some("unmap") => Some(true),
                Some("ignore") => Some(false),
                _ => None,
            },
        })
    }

    fn interface(&mut self, element: &Element, kind: Kind) -> Vif {
        const PATH: &str = "devices/interface";
        self.rest(
            PATH,
            element,
            &[
                "mac",
                "source",
                "ip",
                "bandwidth",
                "script",
                "backenddomain",
                "target",
                "model",
            ],
            &["type"],
        );
        let mut vif = Vif {
            mac: text(element, "mac", "address"),
            script: text(element, "script", "path"),
            backend: text(element, "backenddomain", "name"),
            // Names that the host has made up are not the guest's.
            vifname: text(element, "target", "dev").filter(|name| !name.starts_with("vif")),
            ..Vif::default()
        };
        match element.attribute("type") {
            Some("bridge") => vif.bridge = text(element, "source", "bridge"),
            Some("ethernet") => {}
            // A running guest's XML names the bridge of its network.
            _ => {
                vif.bridge = text(element, "source", "bridge");
                if vif.bridge.is_none() {
                    self.note(
                        PATH,
                        "xl joins interfaces to bridges and does not know libvirt's networks; name the \
                         bridge in the file.",
                    );
                }
            }
        }
        if vif.bridge.is_some() && vif.script.as_deref().is_some_and(is_default_script) {
            vif.script = None;
        }
        for ip in element.all("ip") {
            if let Some(address) = ip.attribute("address") {
                let prefix = ip.attribute("prefix").map(|prefix| format!("/{prefix}"));
                vif.ips
                    .push(format!("{address}{}", prefix.unwrap_or_default()));
            }
        }
        if let Some(bandwidth) = element.child("bandwidth") {
            self.rest("devices/interface/bandwidth", bandwidth, &["outbound"], &[]);
            if let Some(outbound) = bandwidth.child("outbound") {
                self.rest(
                    "devices/interface/bandwidth/outbound",
                    outbound,
                    &[],
                    &["average"],
                );
                vif.rate = outbound
                    .attribute("average")
                    .and_then(|rate| rate.parse().ok());
            }
        }
        match text(element, "model", "type").as_deref() {
            Some("netfront") => vif.only_paravirtualized = kind == Kind::Hvm,
            Some(model) if kind == Kind::Hvm => vif.model = Some(model.into()),
            Some(_) => self.left_out("devices/interface/model"),
            None => {}
        }
        vif
    }

    fn controller(&mut self, element: &Element, guest: &mut Guest) {
        let number = |name| {
            element
                .attribute(name)
                .and_then(|number| number.parse::<u64>().ok())
        };
        match element.attribute("type") {
            Some("xenbus") => {
                guest.max_grant_frames = number("maxGrantFrames");
                guest.max_event_channels = number("maxEventChannels");
            }
            Some("ide") => {}
            Some("usb") => match element.attribute("model") {
                Some(model @ ("qusb1" | "qusb2")) => guest.usb_controllers.push(UsbController {
                    version: if model == "qusb1" { 1 } else { 2 },
                    ports: number("ports")
                        .filter(|ports| (1..=31).contains(ports))
                        .unwrap_or(8),
                }),
                _ => self.left_out("devices/controller"),
            },
            _ => self.left_out("devices/controller"),
        }
    }

    fn host_device(&mut self, element: &Element, guest: &mut Guest) {
        const PATH: &str = "devices/hostdev";
        self.rest(
            PATH,
            element,
            &["driver", "source"],
            &["mode", "type", "managed"],
        );
        let source = element.child("source");
        let address = source.and_then(|source| source.child("address"));
        let read = match element.attribute("type") {
            Some("pci") => address.and_then(pci).map(|device| {
                guest.pci.push(Pci {
                    permissive: source.and_then(|source| source.attribute("writeFiltering"))
                        == Some("no"),
                    seize: element.attribute("managed") == Some("yes"),
                    ..device
                });
            }),
            Some("usb") => source
                .and_then(usb)
                .map(|device| guest.usb_devices.push(device)),
            _ => None,
        };
        if read.is_none() {
            self.left_out(PATH);
        }
    }
}

/// A number, hexadecimal with `0x`.
fn number(element: &Element, name: &str) -> Option<u32> {
    let text = element.attribute(name)?;
    match text.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

fn pci(address: &Element) -> Option<Pci> {
    let part = |name, most| number(address, name).filter(|&number| number <= most);
    Some(Pci {
        domain: part("domain", 0xffff).unwrap_or(0),
        bus: part("bus", 0xff)?,
        slot: part("slot", 0x1f)?,
        function: part("function", 7)?,
        permissive: false,
        seize: false,
    })
}

fn usb(source: &Element) -> Option<UsbDevice> {
    if let Some(address) = source.child("address") {
        let place = |name| number(address, name).map(u64::from);
        return Some(UsbDevice::Place(place("bus")?, place("device")?));
    }
    let id = |name| {
        let id = number(source.child(name)?, "id").filter(|&id| id <= 0xffff)?;
        Some(format!("{id:04x}"))
    };
    Some(UsbDevice::Model(id("vendor")?, id("product")?))
}
