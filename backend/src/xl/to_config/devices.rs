//! Disks, interfaces, ports and the host's devices.

use super::Writer;
use crate::xl::guest::{Guest, Serial, UsbDevice};
use crate::xl::{Kind, disk, vif};

impl Writer<'_> {
    pub(super) fn devices(&mut self, guest: &Guest) {
        self.maybe("device_model_override", guest.emulator.as_ref());
        self.list("device_model_args", &guest.arguments);
        self.displays(guest);
        let vifs: Vec<_> = guest
            .vifs
            .iter()
            .map(|vif| self.vif(vif, guest.kind))
            .collect();
        self.list("vif", &vifs);
        let disks: Vec<_> = guest.disks.iter().map(|disk| self.disk(disk)).collect();
        self.list("disk", &disks);
        let serials: Vec<_> = guest.serials.iter().map(serial).collect();
        self.list("serial", &serials);
        let controllers: Vec<_> = guest
            .usb_controllers
            .iter()
            .map(|usb| format!("type=qusb,version={},ports={}", usb.version, usb.ports))
            .collect();
        self.list("usbctrl", &controllers);
        self.usb(guest);
        let pci: Vec<_> = guest
            .pci
            .iter()
            .map(|pci| {
                format!(
                    "{:04x}:{:02x}:{:02x}.{:x}{}{}",
                    pci.domain,
                    pci.bus,
                    pci.slot,
                    pci.function,
                    if pci.permissive { ",permissive=1" } else { "" },
                    if pci.seize { ",seize=1" } else { "" },
                )
            })
            .collect();
        self.list("pci", &pci);
        let sounds = guest.sounds.iter().map(|sound| match sound.as_str() {
            "ich6" => "hda",
            sound => sound,
        });
        let sounds = sounds.collect::<Vec<_>>().join(",");
        if !sounds.is_empty() {
            self.string("soundhw", &sounds);
        }
        let mut channels = Vec::new();
        for channel in &guest.channels {
            let kind = if channel.socket.is_some() {
                "socket"
            } else {
                "pty"
            };
            let mut parts = vec![format!("connection={kind}")];
            self.part("channel", &mut parts, "path", channel.socket.as_ref());
            self.part("channel", &mut parts, "name", Some(&channel.name));
            channels.push(parts.join(","));
        }
        self.list("channel", &channels);
    }

    fn usb(&mut self, guest: &Guest) {
        let mut emulated = guest.usb_inputs.clone();
        let mut real = Vec::new();
        for device in &guest.usb_devices {
            match device {
                UsbDevice::Place(bus, device) => {
                    real.push(format!("type=hostdev,hostbus={bus},hostaddr={device}"));
                }
                UsbDevice::Model(vendor, product) if guest.kind == Kind::Hvm => {
                    emulated.push(format!("host:{vendor}:{product}"));
                }
                UsbDevice::Model(..) => self.note(
                    "usbdev",
                    "xl gives USB devices to such a guest by bus and number, and not by their model; \
                     this one is left out.",
                ),
            }
        }
        if !emulated.is_empty() {
            self.flag("usb", true);
        }
        self.list("usbdevice", &emulated);
        self.list("usbdev", &real);
    }

    fn vif(&mut self, vif: &vif::Vif, kind: Kind) -> String {
        let mut parts = Vec::new();
        self.part("vif", &mut parts, "mac", vif.mac.as_ref());
        self.part("vif", &mut parts, "bridge", vif.bridge.as_ref());
        let default = vif.bridge.as_ref().map(|_| "vif-bridge".into());
        self.part(
            "vif",
            &mut parts,
            "script",
            vif.script.as_ref().or(default.as_ref()),
        );
        let ips = Some(vif.ips.join(" ")).filter(|ips| !ips.is_empty());
        self.part("vif", &mut parts, "ip", ips.as_ref());
        self.part("vif", &mut parts, "model", vif.model.as_ref());
        if kind == Kind::Hvm && vif.only_paravirtualized {
            parts.push("type=vif".into());
        }
        self.part("vif", &mut parts, "vifname", vif.vifname.as_ref());
        if let Some(rate) = vif.rate {
            parts.push(format!("rate={rate}KB/s"));
        }
        self.part("vif", &mut parts, "backend", vif.backend.as_ref());
        parts.join(",")
    }

    fn disk(&mut self, disk: &disk::Disk) -> String {
        if disk.shared {
            self.note(
                "disk",
                "xl does not mark disks as shared among guests; it does not hinder it either.",
            );
        }
        let access = if disk.read_only { "ro" } else { "rw" };
        let mut parts = vec![format!(
            "format={},vdev={},access={access}",
            disk.format, disk.vdev
        )];
        self.part(
            "disk",
            &mut parts,
            "backendtype",
            disk.backend_type.as_ref(),
        );
        self.part("disk", &mut parts, "backend", disk.backend.as_ref());
        if disk.cdrom {
            parts.push("devtype=cdrom".into());
        }
        match disk.discard {
            Some(true) => parts.push("discard".into()),
            Some(false) => parts.push("no-discard".into()),
            None => {}
        }
        // Last, because it takes everything that follows.
        if let Some(target) = &disk.target {
            parts.push(format!("target={target}"));
        }
        parts.join(",")
    }
}

fn serial(serial: &Serial) -> String {
    let server = |listens: bool| if listens { ",server,nowait" } else { "" };
    match serial {
        Serial::Plain(kind) => kind.clone(),
        Serial::File(path) => format!("file:{path}"),
        Serial::Pipe(path) => format!("pipe:{path}"),
        Serial::Device(path) => path.clone(),
        Serial::Unix { path, listens } => format!("unix:{path}{}", server(*listens)),
        Serial::Tcp {
            host,
            port,
            listens,
            telnet,
        } => {
            let kind = if *telnet { "telnet" } else { "tcp" };
            format!("{kind}:{host}:{port}{}", server(*listens))
        }
    }
}
