//! Everything but the devices.

use super::Reader;
use crate::xl::Kind;
use crate::xl::guest::{Actions, Clock, Features, Firmware, Guest};
use crate::xml::document::Element;

/// A longer choice of host CPUs is no sensible one, and may be repeated for every vCPU.
const CPU_SET_LENGTH: usize = 1024;
/// No vCPU has a higher number; a list in the file is as long as the highest one pinned.
const VCPUS: u64 = 4096;

impl Reader {
    pub(super) fn machine(&mut self, domain: &Element, guest: &mut Guest) {
        self.memory(domain, guest);
        self.processors(domain, guest);
        self.boot(domain, guest);
        if let Some(features) = domain.child("features") {
            self.features(features, guest.kind, &mut guest.features);
        }
        if let Some(cpu) = domain.child("cpu") {
            self.cpu(cpu, guest);
        }
        if let Some(clock) = domain.child("clock") {
            self.clock(clock, guest.kind, &mut guest.clock);
        }
        let action = |name, default: &str| {
            domain
                .text_at(&[name])
                .filter(|action| !action.is_empty())
                .unwrap_or_else(|| default.into())
        };
        // libvirt's defaults.
        guest.actions = Actions {
            poweroff: action("on_poweroff", "destroy"),
            reboot: action("on_reboot", "restart"),
            crash: action("on_crash", "destroy"),
        };
    }

    fn memory(&mut self, domain: &Element, guest: &mut Guest) {
        let most = domain.child("memory").and_then(kibibytes);
        let now = domain.child("currentMemory").and_then(kibibytes);
        guest.max_memory = most.or(now).unwrap_or_else(|| {
            self.note(
                "memory",
                "No amount of memory is given; the guest gets 128 MiB.",
            );
            128 * 1024
        });
        guest.memory = now.unwrap_or(guest.max_memory).min(guest.max_memory);
    }

    fn processors(&mut self, domain: &Element, guest: &mut Guest) {
        let number = |text: Option<&str>| {
            text.and_then(|text| text.trim().parse::<u64>().ok())
                .filter(|count| (1..=VCPUS).contains(count))
        };
        let vcpu = domain.child("vcpu");
        guest.max_vcpus = number(vcpu.map(Element::text).as_deref()).unwrap_or(1);
        guest.vcpus = number(vcpu.and_then(|vcpu| vcpu.attribute("current")))
            .unwrap_or(guest.max_vcpus)
            .min(guest.max_vcpus);
        guest.cpus = vcpu
            .and_then(|vcpu| vcpu.attribute("cpuset"))
            .filter(|cpus| cpus.len() <= CPU_SET_LENGTH)
            .map(String::from);
        if let Some(vcpu) = vcpu {
            self.rest("vcpu", vcpu, &[], &["placement", "current", "cpuset"]);
            if guest.cpus.is_none() && vcpu.attribute("cpuset").is_some() {
                self.left_out("vcpu/@cpuset");
            }
            if guest.max_vcpus.to_string() != vcpu.text() {
                self.note(
                    "vcpu",
                    "This is no number of virtual CPUs; the guest has one.",
                );
            }
        }
        let Some(tuning) = domain.child("cputune") else {
            return;
        };
        self.rest("cputune", tuning, &["shares", "vcpupin"], &[]);
        guest.weight = tuning
            .text_at(&["shares"])
            .and_then(|weight| weight.parse().ok());
        for pin in tuning.all("vcpupin") {
            let vcpu = pin
                .attribute("vcpu")
                .and_then(|vcpu| vcpu.parse::<u64>().ok());
            match (vcpu, pin.attribute("cpuset")) {
                (Some(vcpu), Some(cpus))
                    if vcpu < guest.max_vcpus && cpus.len() <= CPU_SET_LENGTH =>
                {
                    guest.pins.push((vcpu, cpus.into()));
                }
                _ => self.left_out("cputune/vcpupin"),
            }
        }
    }

    fn boot(&mut self, domain: &Element, guest: &mut Guest) {
        let boot = &mut guest.boot;
        boot.bootloader = domain
            .text_at(&["bootloader"])
            .filter(|path| !path.is_empty());
        boot.bootloader_args = domain
            .text_at(&["bootloader_args"])
            .map(|arguments| arguments.split_whitespace().map(String::from).collect())
            .unwrap_or_default();
        if guest.kind == Kind::Hvm && boot.bootloader.take().is_some() {
            boot.bootloader_args.clear();
            self.note(
                "bootloader",
                "Fully virtualized guests have no boot loader on the host.",
            );
        }
        let Some(os) = domain.child("os") else { return };
        let text = |name| os.text_at(&[name]).filter(|text: &String| !text.is_empty());
        boot.kernel = text("kernel");
        boot.ramdisk = text("initrd");
        boot.cmdline = text("cmdline");
        let mut known = vec!["type", "kernel", "initrd", "cmdline"];
        if guest.kind == Kind::Hvm {
            known.extend(["loader", "boot", "firmware"]);
            let loader = text("loader").unwrap_or_default();
            let flash = os
                .child("loader")
                .and_then(|loader| loader.attribute("type"))
                == Some("pflash");
            let uefi = flash
                || os.attribute("firmware") == Some("efi")
                || loader.to_lowercase().contains("ovmf");
            boot.firmware = match loader.as_str() {
                _ if uefi => Firmware::Uefi,
                loader if loader.is_empty() || loader.ends_with("hvmloader") => Firmware::Bios,
                loader => Firmware::File(loader.into()),
            };
            for device in os.all("boot") {
                match device.attribute("dev") {
                    Some("fd") => boot.order.push('a'),
                    Some("hd") => boot.order.push('c'),
                    Some("cdrom") => boot.order.push('d'),
                    Some("network") => boot.order.push('n'),
                    _ => self.left_out("os/boot"),
                }
            }
            if boot.order.is_empty() {
                boot.order.push('c');
            }
        }
        self.rest("os", os, &known, &["firmware"]);
    }

    fn features(&mut self, element: &Element, kind: Kind, features: &mut Features) {
        let has = |name| element.child(name).is_some();
        let on = |element: &Element| element.attribute("state") != Some("off");
        let mut known = vec!["xen"];
        if kind == Kind::Hvm {
            known.extend(["acpi", "apic", "pae", "viridian"]);
            features.acpi = has("acpi");
            features.apic = has("apic");
            features.pae = has("pae");
            features.viridian = has("viridian");
        }
        if kind != Kind::Pv {
            known.push("hap");
            features.hap = element.child("hap").map(on);
        }
        self.rest("features", element, &known, &[]);
        let Some(xen) = element.child("xen") else {
            return;
        };
        self.rest("features/xen", xen, &["e820_host", "passthrough"], &[]);
        features.e820_host = xen.child("e820_host").map(on);
        features.passthrough = xen.child("passthrough").map(|passthrough| {
            if on(passthrough) {
                passthrough.attribute("mode").unwrap_or("enabled").into()
            } else {
                "disabled".into()
            }
        });
        if kind != Kind::Pv && features.e820_host.take().is_some() {
            self.left_out("features/xen/e820_host");
        }
    }

    /// libvirt switches nested virtualization on by the host's processor passed through.
    fn cpu(&mut self, cpu: &Element, guest: &mut Guest) {
        if guest.kind == Kind::Pv || cpu.attribute("mode") != Some("host-passthrough") {
            return self.left_out("cpu");
        }
        guest.features.nested = true;
        for feature in cpu.all("feature") {
            let name = feature.attribute("name");
            if matches!(name, Some("vmx" | "svm")) && feature.attribute("policy") == Some("disable")
            {
                guest.features.nested = false;
            } else {
                self.left_out("cpu/feature");
            }
        }
        self.rest("cpu", cpu, &["feature"], &["mode", "check", "migratable"]);
    }

    fn clock(&mut self, element: &Element, kind: Kind, clock: &mut Clock) {
        match element.attribute("offset") {
            Some("localtime") => clock.localtime = true,
            Some("utc") | None => {}
            Some("variable") => {
                clock.localtime = element.attribute("basis") == Some("localtime");
                let seconds = element
                    .attribute("adjustment")
                    .and_then(|seconds| seconds.parse().ok());
                clock.offset = seconds.unwrap_or(0);
                if kind != Kind::Hvm && clock.offset != 0 {
                    clock.offset = 0;
                    self.left_out("clock/@adjustment");
                }
            }
            Some(_) => self.note(
                "clock",
                "xl sets the clock to UTC or local time; it is UTC now.",
            ),
        }
        for timer in element.all("timer") {
            let mode = timer.attribute("mode");
            match timer.attribute("name") {
                Some("hpet") if kind == Kind::Hvm => {
                    clock.hpet = Some(timer.attribute("present") != Some("no"));
                }
                Some("tsc") if matches!(mode, None | Some("auto")) => {}
                Some("tsc") => {
                    clock.tsc = match mode {
                        Some("emulate" | "smpsafe") => Some("always_emulate".into()),
                        Some("paravirt") => Some("native_paravirt".into()),
                        _ => Some("native".into()),
                    };
                }
                _ => self.left_out("clock/timer"),
            }
        }
        self.rest(
            "clock",
            element,
            &["timer"],
            &["offset", "adjustment", "basis", "timezone", "start"],
        );
    }
}

/// An amount of memory, in the unit it names; KiB where it names none.
fn kibibytes(element: &Element) -> Option<u64> {
    /// As much as 64 bits of bytes can address.
    const MOST: u64 = 1 << 54;
    let number: u64 = element.text().parse().ok()?;
    let bytes: u64 = match element.attribute("unit").unwrap_or("KiB") {
        "b" | "bytes" => 1,
        "KB" => 1000,
        "k" | "KiB" => 1024,
        "MB" => 1_000_000,
        "M" | "MiB" => 1 << 20,
        "GB" => 1_000_000_000,
        "G" | "GiB" => 1 << 30,
        "TB" => 1_000_000_000_000,
        "T" | "TiB" => 1 << 40,
        _ => return None,
    };
    let size = u128::from(number) * u128::from(bytes);
    let size = u64::try_from(size.div_ceil(1024)).ok()?;
    Some(size).filter(|&size| size > 0 && size <= MOST)
}
