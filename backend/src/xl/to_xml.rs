//! A guest as libvirt's XML for the libxl driver, laid out as libvirt's own conversion does.
//!
//! What libvirt fills in by itself and does the same for every guest (addresses, the emulator) is
//! left to it.

use crate::xml::document::{Element, Node};

use super::guest::{Boot, Firmware, Guest};
use super::{HVM_LOADER, Kind, UEFI_LOADER};

mod devices;
mod display;

/// The namespace of the device model's arguments.
pub(super) const XEN_NAMESPACE: &str = "http://libvirt.org/schemas/domain/xen/1.0";

/// An element with text in it.
fn with_text(name: &str, text: impl Into<String>) -> Element {
    let mut element = Element::new(name);
    element.children.push(Node::Text(text.into()));
    element
}

fn on_off(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}

fn yes_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}

/// The definition.
pub(super) fn domain(guest: &Guest) -> String {
    let mut domain = Element::new("domain").with("type", "xen");
    if !guest.arguments.is_empty() {
        domain.set("xmlns:xen", XEN_NAMESPACE);
    }
    let mut add = |element| domain.children.push(Node::Element(element));
    add(with_text("name", &guest.name));
    if let Some(uuid) = &guest.uuid {
        add(with_text("uuid", uuid));
    }
    add(with_text("memory", guest.max_memory.to_string()).with("unit", "KiB"));
    add(with_text("currentMemory", guest.memory.to_string()).with("unit", "KiB"));
    add(vcpu(guest));
    if let Some(tuning) = tuning(guest) {
        add(tuning);
    }
    if let Some(bootloader) = &guest.boot.bootloader {
        add(with_text("bootloader", bootloader));
        if !guest.boot.bootloader_args.is_empty() {
            add(with_text(
                "bootloader_args",
                guest.boot.bootloader_args.join(" "),
            ));
        }
    }
    add(os(guest.kind, &guest.boot));
    let features = features(guest);
    if !features.children.is_empty() {
        add(features);
    }
    if guest.features.nested {
        add(Element::new("cpu").with("mode", "host-passthrough"));
    }
    add(clock(guest));
    add(with_text("on_poweroff", &guest.actions.poweroff));
    add(with_text("on_reboot", &guest.actions.reboot));
    add(with_text("on_crash", &guest.actions.crash));
    add(devices::all(guest));
    if !guest.arguments.is_empty() {
        let mut line = Element::new("xen:commandline");
        for argument in &guest.arguments {
            let argument = Element::new("xen:arg").with("value", argument);
            line.children.push(Node::Element(argument));
        }
        add(line);
    }
    lay_out(&mut domain, 1);
    format!("{domain}\n")
}

fn vcpu(guest: &Guest) -> Element {
    let mut vcpu = with_text("vcpu", guest.max_vcpus.to_string()).with("placement", "static");
    if let Some(cpus) = &guest.cpus {
        vcpu.set("cpuset", cpus);
    }
    if guest.vcpus < guest.max_vcpus {
        vcpu.set("current", guest.vcpus.to_string());
    }
    vcpu
}

fn tuning(guest: &Guest) -> Option<Element> {
    let mut tuning = Element::new("cputune");
    if let Some(weight) = guest.weight {
        tuning = tuning.containing(with_text("shares", weight.to_string()));
    }
    for (vcpu, cpus) in &guest.pins {
        tuning = tuning.containing(
            Element::new("vcpupin")
                .with("vcpu", vcpu.to_string())
                .with("cpuset", cpus),
        );
    }
    (!tuning.children.is_empty()).then_some(tuning)
}

fn os(kind: Kind, boot: &Boot) -> Element {
    let (name, machine) = match kind {
        Kind::Pv => ("linux", "xenpv"),
        Kind::Pvh => ("xenpvh", "xenpvh"),
        Kind::Hvm => ("hvm", "xenfv"),
    };
    let mut os = Element::new("os").containing(
        with_text("type", name)
            .with("arch", "x86_64")
            .with("machine", machine),
    );
    if kind == Kind::Hvm {
        os = os.containing(match &boot.firmware {
            Firmware::Bios => with_text("loader", HVM_LOADER).with("type", "rom"),
            Firmware::Uefi => with_text("loader", UEFI_LOADER)
                .with("readonly", "yes")
                .with("type", "pflash"),
            Firmware::File(path) => with_text("loader", path).with("type", "rom"),
        });
    }
    for (name, value) in [
        ("kernel", &boot.kernel),
        ("initrd", &boot.ramdisk),
        ("cmdline", &boot.cmdline),
    ] {
        if let Some(value) = value {
            os = os.containing(with_text(name, value));
        }
    }
    if kind == Kind::Hvm {
        for letter in boot.order.chars() {
            let device = match letter {
                'a' => "fd",
                'd' => "cdrom",
                'n' => "network",
                _ => "hd",
            };
            os = os.containing(Element::new("boot").with("dev", device));
        }
    }
    os
}

fn features(guest: &Guest) -> Element {
    let features = &guest.features;
    let mut element = Element::new("features");
    for (name, on) in [
        ("acpi", features.acpi),
        ("apic", features.apic),
        ("pae", features.pae),
    ] {
        if on {
            element = element.containing(Element::new(name));
        }
    }
    if let Some(hap) = features.hap {
        element = element.containing(Element::new("hap").with("state", on_off(hap)));
    }
    if features.viridian {
        element = element.containing(Element::new("viridian"));
    }
    let mut xen = Element::new("xen");
    if let Some(host) = features.e820_host {
        xen = xen.containing(Element::new("e820_host").with("state", on_off(host)));
    }
    if let Some(mode) = features.passthrough.as_deref() {
        let mut passthrough = Element::new("passthrough").with("state", on_off(mode != "disabled"));
        if mode.ends_with("_pt") {
            passthrough.set("mode", mode);
        }
        xen = xen.containing(passthrough);
    }
    if xen.children.is_empty() {
        element
    } else {
        element.containing(xen)
    }
}

fn clock(guest: &Guest) -> Element {
    let clock = &guest.clock;
    let base = if clock.localtime { "localtime" } else { "utc" };
    let mut element = if guest.kind == Kind::Hvm {
        Element::new("clock")
            .with("offset", "variable")
            .with("adjustment", clock.offset.to_string())
            .with("basis", base)
    } else {
        Element::new("clock")
            .with("offset", base)
            .with("adjustment", "reset")
    };
    if let Some(mode) = clock.tsc.as_deref() {
        let mode = match mode {
            "always_emulate" => "emulate",
            "native_paravirt" => "paravirt",
            mode => mode,
        };
        element = element.containing(
            Element::new("timer")
                .with("name", "tsc")
                .with("present", "yes")
                .with("mode", mode),
        );
    }
    if let Some(hpet) = clock.hpet {
        element = element.containing(
            Element::new("timer")
                .with("name", "hpet")
                .with("present", yes_no(hpet)),
        );
    }
    element
}

/// Puts every element on a line of its own. Depth is what this file builds.
fn lay_out(element: &mut Element, depth: usize) {
    if element.elements().next().is_none() {
        return;
    }
    let line = |depth| Node::Text(format!("\n{}", "  ".repeat(depth)));
    let mut children = Vec::with_capacity(element.children.len() * 2 + 1);
    for mut child in std::mem::take(&mut element.children) {
        if let Node::Element(inner) = &mut child {
            lay_out(inner, depth + 1);
        }
        children.extend([line(depth), child]);
    }
    children.push(line(depth - 1));
    element.children = children;
}
