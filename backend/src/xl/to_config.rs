//! A guest as a file for today's xl, in the order and the spellings of libvirt's own conversion.

use std::collections::BTreeMap;

use super::guest::{Firmware, Guest};
use super::{Kind, Note};

mod devices;
mod display;

/// The file; what cannot be written in it becomes a note.
pub(super) fn text(guest: &Guest, notes: &mut Vec<Note>) -> String {
    let mut writer = Writer {
        text: String::new(),
        notes,
    };
    writer.general(guest);
    writer.boot(guest);
    writer.devices(guest);
    writer.text
}

struct Writer<'a> {
    text: String,
    notes: &'a mut Vec<Note>,
}

/// In quotes, with what would end them escaped.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => out.extend(['\\', letter]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            // No value has them, and xl would refuse the file.
            control if control.is_control() => {}
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

impl Writer<'_> {
    fn raw(&mut self, key: &str, value: impl std::fmt::Display) {
        self.text.push_str(&format!("{key} = {value}\n"));
    }

    fn string(&mut self, key: &str, value: &str) {
        self.raw(key, quoted(value));
    }

    fn maybe(&mut self, key: &str, value: Option<&String>) {
        if let Some(value) = value {
            self.string(key, value);
        }
    }

    fn flag(&mut self, key: &str, value: bool) {
        self.raw(key, u8::from(value));
    }

    fn list(&mut self, key: &str, values: &[String]) {
        if !values.is_empty() {
            let values: Vec<_> = values.iter().map(|value| quoted(value)).collect();
            self.raw(key, format!("[ {} ]", values.join(", ")));
        }
    }

    fn note(&mut self, key: &str, why: &str) {
        self.notes.push(Note::at_line(0, key, why));
    }

    /// `key=value` as a part of a device, which has no way to write a comma.
    fn part(&mut self, device: &str, parts: &mut Vec<String>, key: &str, value: Option<&String>) {
        let Some(value) = value else { return };
        if value.contains([',', '\n']) || value.trim() != value {
            self.note(
                device,
                &format!("The value of “{key}” has a comma or blanks that xl cannot take; it is left out."),
            );
        } else {
            parts.push(format!("{key}={value}"));
        }
    }

    fn mebibytes(&mut self, kibibytes: u64) -> u64 {
        if !kibibytes.is_multiple_of(1024) {
            self.note("memory", "xl counts memory in MiB; it is rounded up.");
        }
        kibibytes.div_ceil(1024).max(1)
    }

    fn general(&mut self, guest: &Guest) {
        self.string("name", &guest.name);
        self.string(
            "type",
            match guest.kind {
                Kind::Pv => "pv",
                Kind::Pvh => "pvh",
                Kind::Hvm => "hvm",
            },
        );
        self.maybe("uuid", guest.uuid.as_ref());
        let (most, now) = (
            self.mebibytes(guest.max_memory),
            self.mebibytes(guest.memory),
        );
        self.raw("maxmem", most);
        self.raw("memory", now);
        if guest.max_vcpus != guest.vcpus {
            self.raw("maxvcpus", guest.max_vcpus);
        }
        self.raw("vcpus", guest.vcpus);
        self.processors(guest);
        let features = &guest.features;
        if guest.kind == Kind::Hvm {
            self.flag("pae", features.pae);
            self.flag("acpi", features.acpi);
            self.flag("apic", features.apic);
            self.flag("viridian", features.viridian);
        }
        if let Some(hap) = features.hap {
            self.flag("hap", hap);
        }
        if features.nested {
            self.flag("nestedhvm", true);
        }
        if let Some(host) = features.e820_host {
            self.flag("e820_host", host);
        }
        self.maybe("passthrough", features.passthrough.as_ref());
        if guest.kind == Kind::Hvm {
            self.raw("rtc_timeoffset", guest.clock.offset);
        }
        self.flag("localtime", guest.clock.localtime);
        self.maybe("tsc_mode", guest.clock.tsc.as_ref());
        if let Some(hpet) = guest.clock.hpet {
            self.flag("hpet", hpet);
        }
        self.string("on_poweroff", &guest.actions.poweroff);
        self.string("on_reboot", &guest.actions.reboot);
        self.string("on_crash", &guest.actions.crash);
        for (key, limit) in [
            ("max_grant_frames", guest.max_grant_frames),
            ("max_event_channels", guest.max_event_channels),
        ] {
            if let Some(limit) = limit {
                self.raw(key, limit);
            }
        }
    }

    fn processors(&mut self, guest: &Guest) {
        if let Some(weight) = guest.weight {
            self.raw("cpu_weight", weight);
        }
        let pins: BTreeMap<_, _> = guest.pins.iter().cloned().collect();
        let Some(last) = pins.keys().next_back() else {
            self.maybe("cpus", guest.cpus.as_ref());
            return;
        };
        // The list counts from the first vCPU on. Its length is bounded by who reads the pins.
        let others = guest.cpus.as_deref().unwrap_or("all");
        let cpus: Vec<_> = (0..=*last)
            .map(|vcpu| pins.get(&vcpu).map_or(others, String::as_str).to_owned())
            .collect();
        self.list("cpus", &cpus);
    }

    fn boot(&mut self, guest: &Guest) {
        let boot = &guest.boot;
        self.maybe("kernel", boot.kernel.as_ref());
        self.maybe("ramdisk", boot.ramdisk.as_ref());
        self.maybe("cmdline", boot.cmdline.as_ref());
        self.maybe("bootloader", boot.bootloader.as_ref());
        self.list("bootloader_args", &boot.bootloader_args);
        if guest.kind != Kind::Hvm {
            return;
        }
        match &boot.firmware {
            Firmware::Bios => {}
            Firmware::Uefi => self.string("firmware", "ovmf"),
            Firmware::File(path) => self.string("firmware", path),
        }
        self.string("boot", &boot.order);
    }
}
