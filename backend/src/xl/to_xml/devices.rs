//! The devices, in libvirt's order.

use super::{display, with_text, yes_no};
use crate::xl::Kind;
use crate::xl::disk::Disk;
use crate::xl::guest::{Channel, Guest, Pci, Serial, UsbDevice};
use crate::xl::vif::Vif;
use crate::xml::document::{Element, Node};

pub(super) fn all(guest: &Guest) -> Element {
    let hvm = guest.kind == Kind::Hvm;
    let mut devices = Element::new("devices");
    let mut add = |element| devices.children.push(Node::Element(element));
    if let Some(emulator) = &guest.emulator {
        add(with_text("emulator", emulator));
    }
    let buses: Vec<_> = guest
        .disks
        .iter()
        .map(|disk| bus(disk, guest.kind))
        .collect();
    for (disk, bus) in guest.disks.iter().zip(&buses) {
        add(self::disk(disk, bus));
    }
    add(bus_controller(guest));
    if buses.contains(&"ide") {
        add(Element::new("controller")
            .with("type", "ide")
            .with("index", "0"));
    }
    for (index, controller) in (0..).zip(&guest.usb_controllers) {
        let index: usize = index;
        add(Element::new("controller")
            .with("type", "usb")
            .with("index", index.to_string())
            .with("model", format!("qusb{}", controller.version))
            .with("ports", controller.ports.to_string()));
    }
    for vif in &guest.vifs {
        add(interface(vif));
    }
    for (port, device) in guest.serials.iter().enumerate() {
        add(serial(device, port));
    }
    if !hvm || !guest.serials.is_empty() {
        add(console(hvm));
    }
    for channel in &guest.channels {
        add(self::channel(channel));
    }
    for input in &guest.usb_inputs {
        add(input_device(input, "usb"));
    }
    for input in ["mouse", "keyboard"] {
        add(input_device(input, if hvm { "ps2" } else { "xen" }));
    }
    for element in display::all(guest) {
        add(element);
    }
    for model in &guest.sounds {
        add(Element::new("sound").with("model", model));
    }
    for device in &guest.usb_devices {
        add(usb_device(device));
    }
    for device in &guest.pci {
        add(pci_device(device));
    }
    add(Element::new("memballoon").with("model", "xen"));
    devices
}

/// Paravirtualized guests see all disks on Xen's bus, whatever they are called.
fn bus(disk: &Disk, kind: Kind) -> &'static str {
    match disk.vdev.get(..2) {
        _ if kind != Kind::Hvm => "xen",
        Some("hd") => "ide",
        Some("sd") => "scsi",
        Some("fd") => "fdc",
        _ => "xen",
    }
}

fn disk(disk: &Disk, bus: &str) -> Element {
    let block = disk.on_device();
    let driver = match disk.backend_type.as_deref() {
        Some("qdisk") => "qemu",
        Some("tap") => "tap",
        _ if block => "phy",
        _ => "qemu",
    };
    let mut driver = Element::new("driver")
        .with("name", driver)
        .with("type", &disk.format);
    if let Some(discard) = disk.discard {
        driver.set("discard", if discard { "unmap" } else { "ignore" });
    }
    let mut element = Element::new("disk")
        .with("type", if block { "block" } else { "file" })
        .with("device", if disk.cdrom { "cdrom" } else { "disk" })
        .containing(driver);
    if let Some(target) = &disk.target {
        let attribute = if block { "dev" } else { "file" };
        element = element.containing(Element::new("source").with(attribute, target));
    }
    if let Some(backend) = &disk.backend {
        element = element.containing(Element::new("backenddomain").with("name", backend));
    }
    element = element.containing(
        Element::new("target")
            .with("dev", &disk.vdev)
            .with("bus", bus),
    );
    if disk.read_only {
        element = element.containing(Element::new("readonly"));
    }
    if disk.shared {
        element = element.containing(Element::new("shareable"));
    }
    element
}

fn bus_controller(guest: &Guest) -> Element {
    let mut controller = Element::new("controller")
        .with("type", "xenbus")
        .with("index", "0");
    for (name, limit) in [
        ("maxGrantFrames", guest.max_grant_frames),
        ("maxEventChannels", guest.max_event_channels),
    ] {
        if let Some(limit) = limit {
            controller.set(name, limit.to_string());
        }
    }
    controller
}

fn interface(vif: &Vif) -> Element {
    let kind = if vif.bridge.is_some() {
        "bridge"
    } else {
        "ethernet"
    };
    let mut element = Element::new("interface").with("type", kind);
    let named = |name: &str, attribute: &str, value: &Option<String>| {
        let value = value.as_ref()?;
        Some(Element::new(name).with(attribute, value))
    };
    let mut parts = vec![
        named("mac", "address", &vif.mac),
        named("source", "bridge", &vif.bridge),
    ];
    for ip in &vif.ips {
        let family = if ip.contains(':') { "ipv6" } else { "ipv4" };
        let (address, prefix) = match ip.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (ip.as_str(), None),
        };
        let mut ip = Element::new("ip")
            .with("address", address)
            .with("family", family);
        if let Some(prefix) = prefix {
            ip.set("prefix", prefix);
        }
        parts.push(Some(ip));
    }
    parts.push(vif.rate.map(|rate| {
        Element::new("bandwidth")
            .containing(Element::new("outbound").with("average", rate.to_string()))
    }));
    parts.push(named("script", "path", &vif.script));
    parts.push(named("backenddomain", "name", &vif.backend));
    parts.push(named("target", "dev", &vif.vifname));
    let netfront = vif.only_paravirtualized.then(|| "netfront".into());
    parts.push(named(
        "model",
        "type",
        &netfront.or_else(|| vif.model.clone()),
    ));
    for part in parts.into_iter().flatten() {
        element = element.containing(part);
    }
    element
}

fn serial(serial: &Serial, port: usize) -> Element {
    let path = |kind: &str, path: &str| {
        Element::new("serial")
            .with("type", kind)
            .containing(Element::new("source").with("path", path))
    };
    let mode = |listens: bool| if listens { "bind" } else { "connect" };
    let element = match serial {
        Serial::Plain(kind) => Element::new("serial").with("type", kind),
        Serial::File(file) => path("file", file),
        Serial::Pipe(pipe) => path("pipe", pipe),
        Serial::Device(device) => path("dev", device),
        Serial::Unix { path, listens } => Element::new("serial").with("type", "unix").containing(
            Element::new("source")
                .with("mode", mode(*listens))
                .with("path", path),
        ),
        Serial::Tcp {
            host,
            port,
            listens,
            telnet,
        } => Element::new("serial")
            .with("type", "tcp")
            .containing(
                Element::new("source")
                    .with("mode", mode(*listens))
                    .with("host", host)
                    .with("service", port),
            )
            .containing(
                Element::new("protocol").with("type", if *telnet { "telnet" } else { "raw" }),
            ),
    };
    element.containing(Element::new("target").with("port", port.to_string()))
}

fn console(hvm: bool) -> Element {
    let kind = if hvm { "serial" } else { "xen" };
    Element::new("console")
        .with("type", "pty")
        .containing(Element::new("target").with("type", kind).with("port", "0"))
}

fn channel(channel: &Channel) -> Element {
    let target = Element::new("target")
        .with("type", "xen")
        .with("name", &channel.name);
    match &channel.socket {
        Some(path) => Element::new("channel").with("type", "unix").containing(
            Element::new("source")
                .with("mode", "bind")
                .with("path", path),
        ),
        None => Element::new("channel").with("type", "pty"),
    }
    .containing(target)
}

fn input_device(kind: &str, bus: &str) -> Element {
    Element::new("input").with("type", kind).with("bus", bus)
}

fn usb_device(device: &UsbDevice) -> Element {
    let source = match device {
        UsbDevice::Model(vendor, product) => Element::new("source")
            .containing(Element::new("vendor").with("id", format!("0x{vendor}")))
            .containing(Element::new("product").with("id", format!("0x{product}"))),
        UsbDevice::Place(bus, device) => Element::new("source").containing(
            Element::new("address")
                .with("bus", bus.to_string())
                .with("device", device.to_string()),
        ),
    };
    host_device("usb", false).containing(source)
}

fn pci_device(device: &Pci) -> Element {
    let mut source = Element::new("source").containing(
        Element::new("address")
            .with("domain", format!("{:#06x}", device.domain))
            .with("bus", format!("{:#04x}", device.bus))
            .with("slot", format!("{:#04x}", device.slot))
            .with("function", format!("{:#x}", device.function)),
    );
    if device.permissive {
        source.set("writeFiltering", "no");
    }
    host_device("pci", device.seize)
        .containing(Element::new("driver").with("name", "xen"))
        .containing(source)
}

/// xl's `seize` takes a device from the host's driver; libvirt calls the device managed then.
fn host_device(kind: &str, managed: bool) -> Element {
    Element::new("hostdev")
        .with("mode", "subsystem")
        .with("type", kind)
        .with("managed", yes_no(managed))
}
