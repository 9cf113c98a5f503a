//! Disks, interfaces, the host's devices and the device model.

use super::settings::Settings;
use crate::xl::guest::{Guest, Pci};
use crate::xl::{Kind, disk, spec, vif};

pub(super) fn read(settings: &mut Settings, guest: &mut Guest) {
    for (line, text) in settings.list("disk") {
        let (disk, notes) = disk::parse(&text);
        for note in notes {
            settings.note(line, "disk", note);
        }
        let Some(disk) = disk else { continue };
        if guest.disks.iter().any(|other| other.vdev == disk.vdev) {
            settings.note(
                line,
                "disk",
                format!(
                    "There is a disk {} already; this one is left out.",
                    disk.vdev
                ),
            );
            continue;
        }
        guest.disks.push(disk);
    }
    for (line, text) in settings.list("vif") {
        let (mut vif, notes) = vif::parse(&text);
        for note in notes {
            settings.note(line, "vif", note);
        }
        // Emulated cards are for guests that have emulated hardware.
        let emulated = vif.model.is_some();
        if guest.kind != Kind::Hvm {
            vif.only_paravirtualized = false;
            if vif.model.take().is_some() {
                settings.note(
                    line,
                    "vif",
                    "Only fully virtualized guests have an emulated card.",
                );
            }
        } else if vif.only_paravirtualized && emulated {
            vif.model = None;
            settings.note(
                line,
                "vif",
                "Without an emulated card its model means nothing.",
            );
        }
        guest.vifs.push(vif);
    }
    pci(settings, guest);
    model(settings, guest);
}

fn pci(settings: &mut Settings, guest: &mut Guest) {
    let permissive = settings.flag("pci_permissive").unwrap_or(false);
    let seize = settings.flag("pci_seize").unwrap_or(false);
    for key in ["pci_msitranslate", "pci_power_mgmt"] {
        settings.only(
            key,
            false,
            "libvirt has no setting for this with Xen; it is left out.",
        );
    }
    for (line, text) in settings.list("pci") {
        let mut device = None;
        let (mut permissive, mut seize) = (permissive, seize);
        for (index, part) in spec::parts(&text).enumerate() {
            let value = part.value.unwrap_or_default();
            match part.key {
                "bdf" => device = address(value),
                "permissive" if spec::flag(value).is_some() => {
                    permissive = spec::flag(value).unwrap_or(permissive);
                }
                "seize" if spec::flag(value).is_some() => {
                    seize = spec::flag(value).unwrap_or(seize);
                }
                "msitranslate" | "power_mgmt" if spec::flag(value) == Some(false) => {}
                _ if index == 0 && part.value.is_none() => {
                    let (place, slot) = part.key.split_once('@').unwrap_or((part.key, ""));
                    if !slot.is_empty() {
                        settings.note(line, "pci", "The guest may see the device in another slot.");
                    }
                    device = address(place);
                }
                key => settings.note(
                    line,
                    "pci",
                    format!("“{key}” of this device has no counterpart in libvirt for Xen."),
                ),
            }
        }
        match device {
            Some(device) => guest.pci.push(Pci {
                permissive,
                seize,
                ..device
            }),
            None => settings.note(
                line,
                "pci",
                "The address of the host's device is not understood, or names several functions; it \
                 is left out.",
            ),
        }
    }
}

/// `[DDDD:]BB:DD.F`, as lspci writes it.
fn address(text: &str) -> Option<Pci> {
    let hexadecimal = |text: &str, most: u32| {
        u32::from_str_radix(text, 16)
            .ok()
            .filter(|&number| number <= most)
    };
    let (place, function) = text.split_once('.')?;
    let mut parts = place.rsplit(':');
    let slot = hexadecimal(parts.next()?, 0x1f)?;
    let bus = hexadecimal(parts.next()?, 0xff)?;
    let domain = parts
        .next()
        .map_or(Some(0), |domain| hexadecimal(domain, 0xffff))?;
    parts.next().is_none().then_some(Pci {
        domain,
        bus,
        slot,
        function: hexadecimal(function, 7)?,
        permissive: false,
        seize: false,
    })
}

fn model(settings: &mut Settings, guest: &mut Guest) {
    guest.emulator = settings.text("device_model_override");
    let mut keys = vec!["device_model_args"];
    keys.push(match guest.kind {
        Kind::Hvm => "device_model_args_hvm",
        Kind::Pv | Kind::Pvh => "device_model_args_pv",
    });
    for key in keys {
        let arguments = settings.list(key).into_iter().map(|(_, argument)| argument);
        guest.arguments.extend(arguments);
    }
    if let Some((line, version)) = settings.line("device_model_version")
        && version != "qemu-xen"
    {
        settings.note(
            line,
            "device_model_version",
            "The guest runs with the host's usual QEMU; the old one has to be chosen by its path.",
        );
    }
}
