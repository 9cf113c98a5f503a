//! What a guest is and how it boots.

use super::settings::Settings;
use crate::xl::Kind;
use crate::xl::guest::{Boot, Firmware};

/// `type=`, and the older `builder=`. Without either it is paravirtualized, as on x86.
pub(super) fn kind(settings: &mut Settings) -> Kind {
    let by_builder = settings
        .line("builder")
        .and_then(|(line, builder)| match builder.trim() {
            "hvm" => Some(Kind::Hvm),
            "generic" | "linux" => Some(Kind::Pv),
            _ => {
                settings.note(
                    line,
                    "builder",
                    "This builder is not known; it is left out.",
                );
                None
            }
        });
    // Before it was a type of its own.
    let pvh = settings.flag("pvh").filter(|&pvh| pvh).map(|_| Kind::Pvh);
    let by_type = settings
        .line("type")
        .and_then(|(line, kind)| match kind.trim() {
            "pv" => Some(Kind::Pv),
            "pvh" => Some(Kind::Pvh),
            "hvm" => Some(Kind::Hvm),
            _ => {
                settings.note(
                    line,
                    "type",
                    "This type is not known; it is one of pv, pvh and hvm.",
                );
                None
            }
        });
    by_type.or(pvh).or(by_builder).unwrap_or_default()
}

pub(super) fn read(settings: &mut Settings, kind: Kind) -> Boot {
    let mut boot = Boot {
        ramdisk: settings.text("ramdisk"),
        cmdline: cmdline(settings),
        ..Boot::default()
    };
    let kernel = settings.line("kernel");
    if kind == Kind::Hvm {
        firmware(settings, &mut boot);
        match kernel {
            // xm wanted the virtual machine's own loader here, and xl passes over it.
            Some((line, path)) if path.ends_with("hvmloader") => {
                if boot.firmware == Firmware::Bios && path != super::super::HVM_LOADER {
                    settings.note(
                        line,
                        "kernel",
                        "The loader of fully virtualized guests is the host's own.",
                    );
                }
            }
            kernel => boot.kernel = kernel.map(|(_, path)| path.trim().into()),
        }
        boot.order = order(settings);
        return boot;
    }
    boot.kernel = kernel.map(|(_, path)| path.trim().into());
    if let Some((line, _)) = settings.line("firmware") {
        settings.note(
            line,
            "firmware",
            "libvirt knows the file of pvgrub only by its path; choose it as the guest's kernel.",
        );
    }
    boot.bootloader = settings.text("bootloader");
    let listed = settings.is_list("bootloader_args");
    for key in ["bootloader_args", "bootargs"] {
        for (line, text) in settings.list(key) {
            if listed && text.split_whitespace().count() != 1 {
                settings.note(
                    line,
                    key,
                    "libvirt takes an argument with blanks in it for several.",
                );
            }
            boot.bootloader_args
                .extend(text.split_whitespace().map(String::from));
        }
    }
    if boot.kernel.is_none() && boot.bootloader.is_none() {
        settings.note(
            0,
            "kernel",
            "Neither a kernel nor a boot loader is given; the guest boots by pygrub from its first disk.",
        );
        boot.bootloader = Some("pygrub".into());
    }
    boot
}

/// `cmdline=`, or else what `root=` and `extra=` come to; what is ignored stays and is told.
fn cmdline(settings: &mut Settings) -> Option<String> {
    if let Some(cmdline) = settings.text("cmdline") {
        return Some(cmdline);
    }
    let root = settings
        .text("root")
        .map(|root| format!("root={}", root.trim()));
    let extra = settings.text("extra").map(|extra| extra.trim().to_owned());
    match (root, extra) {
        (Some(root), Some(extra)) => Some(format!("{root} {extra}")),
        (root, extra) => root.or(extra),
    }
}

fn firmware(settings: &mut Settings, boot: &mut Boot) {
    for key in ["bios", "firmware"] {
        let Some((line, firmware)) = settings.line(key) else {
            continue;
        };
        boot.firmware = match firmware.trim() {
            "bios" | "seabios" => Firmware::Bios,
            "uefi" | "ovmf" => Firmware::Uefi,
            path if path.starts_with('/') => Firmware::File(path.into()),
            "rombios" => {
                settings.note(
                    line,
                    key,
                    "libvirt starts guests with SeaBIOS instead of this old one.",
                );
                Firmware::Bios
            }
            _ => {
                settings.note(
                    line,
                    key,
                    "This firmware is not known; the guest starts with its usual BIOS.",
                );
                Firmware::Bios
            }
        };
    }
}

/// The letters of `boot=` that mean something, in order.
fn order(settings: &mut Settings) -> String {
    // As documented.
    let default = String::from("cd");
    let Some((line, text)) = settings.line("boot") else {
        return default;
    };
    let mut order = String::new();
    for letter in text.trim().chars() {
        if !matches!(letter, 'a' | 'c' | 'd' | 'n') {
            settings.note(
                line,
                "boot",
                "Only the letters a, c, d and n name devices to boot from.",
            );
        } else if !order.contains(letter) {
            order.push(letter);
        }
    }
    if order.is_empty() { default } else { order }
}
