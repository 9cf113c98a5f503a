use std::collections::BTreeSet;

use proptest::prelude::*;
use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::Event;
use uuid::Uuid;

use super::{Definition, DiskSource, InstallerBoot, machines, random_mac};
use crate::install::capabilities::DomainCapabilities;
use crate::install::metadata::Installation;
use crate::install::{
    CreateRequest, DiskPlace, InstallTree, Installer, NetworkSource, RemoteFile, TreeFamily,
    XenBoot,
};
use crate::model::VirtualizationType;

pub(in crate::install) fn request(name: &str) -> CreateRequest {
    let file = RemoteFile {
        url: String::from("http://a.b/linux"),
        size: None,
        sha256: None,
    };
    CreateRequest {
        name: name.to_owned(),
        memory_mib: 1024,
        maximum_memory_mib: 2048,
        vcpus: 2,
        maximum_vcpus: 2,
        disk: DiskPlace::Path(String::from("/x/y.qcow2")),
        disk_gib: 20,
        tree: InstallTree {
            url: String::from("http://a.b/"),
            family: TreeFamily::Debian,
            distribution: String::from("Debian"),
            version: String::from("12"),
            codename: None,
            os_id: Some(String::from("http://debian.org/debian/12")),
            arch: String::from("x86_64"),
            installers: vec![Installer {
                graphical: true,
                kernel: file.clone(),
                initrd: file,
                arguments: String::new(),
                on_xen: XenBoot::Usual,
            }],
            minimum_memory_mib: 780,
            recommended_memory_mib: 2048,
            recommended_disk_gib: 20,
        },
        installer: 0,
        extra_arguments: String::new(),
        virtualization: VirtualizationType::Emulation,
        network: NetworkSource::Network(String::from("default")),
    }
}

fn definition<'a>(
    request: &'a CreateRequest,
    capabilities: &'a DomainCapabilities,
) -> Definition<'a> {
    Definition {
        request,
        capabilities,
        id: Uuid::nil(),
        mac: String::from("52:54:00:01:02:03"),
        disk: DiskSource {
            path: String::from("/x/y.qcow2"),
            format: "qcow2",
            block: false,
        },
        installation: Installation {
            files: vec![String::from("/boot/k"), String::from("/boot/i")],
        },
    }
}

fn boot() -> InstallerBoot {
    InstallerBoot {
        kernel: String::from("/boot/k"),
        initrd: String::from("/boot/i"),
        arguments: String::from("console=ttyS0"),
    }
}

/// Capabilities with `values` as in `video/modelType/virtio`.
fn capabilities(machine: &str, modes: &[&str], values: &[&str]) -> DomainCapabilities {
    let mut xml = format!("<domainCapabilities><machine>{machine}</machine><cpu>");
    for mode in modes {
        xml.push_str(&format!("<mode name='{mode}' supported='yes'/>"));
    }
    xml.push_str("</cpu><devices>");
    for value in values {
        let parts: Vec<&str> = value.split('/').collect();
        let [device, list, value] = parts[..] else {
            panic!("{value}");
        };
        xml.push_str(&format!(
            "<{device} supported='yes'><enum name='{list}'><value>{value}</value></enum></{device}>"
        ));
    }
    xml.push_str("</devices></domainCapabilities>");
    DomainCapabilities::parse(&xml).unwrap()
}

fn modern() -> DomainCapabilities {
    capabilities(
        "pc-q35-10.0",
        &["maximum", "host-passthrough"],
        &[
            "disk/bus/virtio",
            "graphics/type/vnc",
            "video/modelType/virtio",
            "video/modelType/vga",
            "rng/backendModel/random",
            "channel/type/unix",
            "channel/type/qemu-vdagent",
        ],
    )
}

/// A document as lines: `/domain/os/type=hvm`, `/domain/os/type@arch=x86_64`.
fn flat(xml: &str) -> Vec<String> {
    let mut reader = Reader::from_str(xml);
    let mut path = String::new();
    let mut lines = Vec::new();
    loop {
        let event = reader.read_event().unwrap();
        match &event {
            Event::Start(start) | Event::Empty(start) => {
                path.push('/');
                path.push_str(start.local_name().as_ref());
                lines.push(path.clone());
                for attribute in start.attributes() {
                    let attribute = attribute.unwrap();
                    let value = unescape(&attribute.value).unwrap().into_owned();
                    lines.push(format!("{path}@{}={value}", attribute.key.as_ref()));
                }
            }
            Event::Text(text) if !text.as_ref().trim().is_empty() => {
                lines.push(format!("{path}={}", text.as_ref()));
            }
            Event::GeneralRef(reference) => {
                lines.push(format!("{path}&{}", reference.as_ref()));
            }
            Event::Eof => return lines,
            _ => {}
        }
        if matches!(event, Event::Empty(_) | Event::End(_)) {
            path.truncate(path.rfind('/').unwrap_or(0));
        }
    }
}

fn has(xml: &str, line: &str) -> bool {
    flat(xml).iter().any(|known| known == line)
}

#[test]
fn the_two_definitions_differ_in_what_makes_an_installer_only() {
    let (request, capabilities) = (request("g"), modern());
    let definition = definition(&request, &capabilities);
    let lasting: BTreeSet<String> = flat(&definition.lasting().unwrap()).into_iter().collect();
    let installing: BTreeSet<String> = flat(&definition.installing(&boot()).unwrap())
        .into_iter()
        .collect();
    assert_eq!(
        installing.difference(&lasting).collect::<Vec<_>>(),
        [
            "/domain/on_reboot=destroy",
            "/domain/os/cmdline",
            "/domain/os/cmdline=console=ttyS0",
            "/domain/os/initrd",
            "/domain/os/initrd=/boot/i",
            "/domain/os/kernel",
            "/domain/os/kernel=/boot/k",
        ]
    );
    assert_eq!(
        lasting.difference(&installing).collect::<Vec<_>>(),
        ["/domain/on_reboot=restart"]
    );
}

#[test]
fn a_guest_on_todays_qemu_has_everything() {
    let (request, capabilities) = (request("g"), modern());
    let xml = definition(&request, &capabilities).lasting().unwrap();
    for line in [
        "/domain@type=qemu",
        "/domain/memory=2048",
        "/domain/currentMemory=1024",
        "/domain/vcpu=2",
        "/domain/cpu@mode=maximum",
        "/domain/metadata/libosinfo/os@id=http://debian.org/debian/12",
        "/domain/metadata/installation/start-again",
        "/domain/metadata/installation/delete@path=/boot/i",
        "/domain/os/type@machine=pc-q35-10.0",
        "/domain/os/boot@dev=hd",
        "/domain/devices/disk/source@file=/x/y.qcow2",
        "/domain/devices/disk/target@bus=virtio",
        "/domain/devices/interface@type=network",
        "/domain/devices/interface/mac@address=52:54:00:01:02:03",
        "/domain/devices/interface/model@type=virtio",
        "/domain/devices/serial@type=pty",
        "/domain/devices/channel/target@name=org.qemu.guest_agent.0",
        "/domain/devices/channel/source/clipboard@copypaste=yes",
        "/domain/devices/input@type=tablet",
        "/domain/devices/graphics/listen@address=127.0.0.1",
        "/domain/devices/video/model@type=virtio",
        "/domain/devices/memballoon/stats@period=1",
        "/domain/devices/rng/backend=/dev/urandom",
    ] {
        assert!(has(&xml, line), "{line} is missing in {xml}");
    }
    let ports = flat(&xml)
        .into_iter()
        .filter(|line| line.ends_with("@model=pcie-root-port"))
        .count();
    assert_eq!(ports, 14);
}

#[test]
fn what_a_host_lacks_is_left_out() {
    let old = capabilities(
        "pc-i440fx-4.2",
        &[],
        &[
            "disk/bus/sata",
            "graphics/type/vnc",
            "video/modelType/cirrus",
            "video/modelType/vga",
            "channel/type/pty",
        ],
    );
    let request = CreateRequest {
        network: NetworkSource::User,
        virtualization: VirtualizationType::Kvm,
        ..request("g")
    };
    let xml = definition(&request, &old).lasting().unwrap();
    assert!(has(&xml, "/domain@type=kvm"));
    assert!(has(&xml, "/domain/devices/video/model@type=vga"));
    assert!(has(&xml, "/domain/devices/disk/target@bus=sata"));
    assert!(has(&xml, "/domain/devices/interface@type=user"));
    for path in [
        "/domain/cpu",
        "/domain/devices/rng",
        "/domain/devices/channel",
        "/domain/devices/controller@model=pcie-root-port",
        "/domain/devices/interface/source",
    ] {
        assert!(!has(&xml, path), "{path}");
    }
}

#[test]
fn a_host_without_displays_gets_a_guest_without() {
    let headless = capabilities("s390-ccw-virtio-9.0", &[], &["graphics/type/dbus"]);
    let mut request = request("g");
    request.tree.arch = String::from("s390x");
    let xml = definition(&request, &headless).lasting().unwrap();
    for path in [
        "/domain/devices/graphics",
        "/domain/devices/video",
        "/domain/devices/input",
        "/domain/features",
        "/domain/pm",
        "/domain/devices/controller@type=usb",
    ] {
        assert!(!has(&xml, path), "{path}");
    }
    assert_eq!(
        machines("s390x", VirtualizationType::Kvm),
        ["s390-ccw-virtio"]
    );
}

/// A request for a guest of Xen with a bridge.
fn on_xen(way: VirtualizationType) -> CreateRequest {
    CreateRequest {
        virtualization: way,
        network: NetworkSource::Bridge(String::from("xenbr0")),
        maximum_vcpus: 4,
        ..request("g")
    }
}

fn on_raw_disk<'a>(
    request: &'a CreateRequest,
    capabilities: &'a DomainCapabilities,
) -> Definition<'a> {
    let mut definition = definition(request, capabilities);
    definition.disk.format = "raw";
    definition
}

#[test]
fn a_guest_whose_kernel_knows_xen_boots_by_the_hosts_boot_loader() {
    for (way, kind, machine) in [
        (VirtualizationType::XenPv, "linux", "xenpv"),
        (VirtualizationType::XenPvh, "xenpvh", "xenpvh"),
    ] {
        let (request, none) = (on_xen(way), DomainCapabilities::default());
        let definition = on_raw_disk(&request, &none);
        let lasting = definition.lasting().unwrap();
        let installing = definition.installing(&boot()).unwrap();
        for xml in [&lasting, &installing] {
            for line in [
                "/domain@type=xen".to_owned(),
                format!("/domain/os/type={kind}"),
                format!("/domain/os/type@machine={machine}"),
                "/domain/vcpu=4".to_owned(),
                "/domain/vcpu@current=2".to_owned(),
                "/domain/devices/disk/driver@type=raw".to_owned(),
                "/domain/devices/disk/target@bus=xen".to_owned(),
                "/domain/devices/interface/source@bridge=xenbr0".to_owned(),
                "/domain/devices/console/target@type=xen".to_owned(),
                "/domain/devices/graphics@type=vnc".to_owned(),
            ] {
                assert!(has(xml, &line), "{line} in {xml}");
            }
            for path in [
                "/domain/cpu",
                "/domain/features",
                "/domain/pm",
                "/domain/os/boot",
                "/domain/devices/channel",
                "/domain/devices/memballoon",
                "/domain/devices/interface/model",
            ] {
                assert!(!has(xml, path), "{path} in {xml}");
            }
        }
        assert!(has(&lasting, "/domain/bootloader=pygrub") && !has(&lasting, "/domain/os/kernel"));
        assert!(!has(&installing, "/domain/bootloader"));
        assert!(has(&installing, "/domain/os/kernel=/boot/k"));
    }
}

#[test]
fn a_fully_virtual_guest_of_xen_has_what_every_system_knows() {
    let (request, none) = (
        on_xen(VirtualizationType::XenHvm),
        DomainCapabilities::default(),
    );
    let definition = on_raw_disk(&request, &none);
    let lasting = definition.lasting().unwrap();
    for line in [
        "/domain/os/type=hvm",
        "/domain/os/type@machine=xenfv",
        "/domain/os/boot@dev=hd",
        "/domain/features/acpi",
        "/domain/devices/interface/model@type=e1000",
        "/domain/devices/input@type=tablet",
        "/domain/devices/video/model@type=vga",
    ] {
        assert!(has(&lasting, line), "{line} in {lasting}");
    }
    assert!(!has(&lasting, "/domain/bootloader"));
    let installing = definition.installing(&boot()).unwrap();
    assert!(has(&installing, "/domain/os/kernel=/boot/k"));
    assert!(has(&installing, "/domain/on_reboot=destroy"));
}

#[test]
fn a_guest_without_network_has_no_card() {
    let request = CreateRequest {
        network: NetworkSource::None,
        ..request("g")
    };
    let modern = modern();
    let xml = definition(&request, &modern).lasting().unwrap();
    assert!(!has(&xml, "/domain/devices/interface"));
}

#[test]
fn addresses_are_of_qemus_range_and_differ() {
    let macs: BTreeSet<String> = (0..50)
        .map(|_| random_mac(VirtualizationType::Kvm))
        .collect();
    assert!(macs.len() > 45);
    assert!(
        macs.iter()
            .all(|mac| mac.starts_with("52:54:00:") && mac.len() == 17)
    );
}

#[test]
fn control_characters_never_reach_the_host() {
    let capabilities = modern();
    for name in ["a\u{1}b", "a\u{0}", "a\u{ffff}", "a\u{7f}"] {
        assert!(
            definition(&request(name), &capabilities).lasting().is_err(),
            "{name:?}"
        );
    }
}

proptest! {
    /// Whatever is typed arrives as it was typed, and as nothing else.
    #[test]
    fn nothing_typed_can_change_the_document(
        name in "[^\\p{Cc}\u{fffe}\u{ffff}]{1,40}",
        path in "/[^\\p{Cc}\u{fffe}\u{ffff}]{1,60}",
        network in "[^\\p{Cc}\u{fffe}\u{ffff}]{1,20}",
        arguments in "[^\\p{Cc}\u{fffe}\u{ffff}]{1,60}",
    ) {
        let capabilities = modern();
        let plain = request("plain");
        let odd = CreateRequest { network: NetworkSource::Network(network.clone()), ..request(&name) };
        let mut of_odd = definition(&odd, &capabilities);
        of_odd.disk.path.clone_from(&path);
        of_odd.installation.files = vec![path.clone(), path.clone()];
        let boot = InstallerBoot { arguments: arguments.clone(), ..boot() };
        let xml = of_odd.installing(&boot).unwrap();
        let plain = definition(&plain, &capabilities).installing(&self::boot()).unwrap();
        let shape = |xml: &str| flat(xml)
            .into_iter()
            .filter(|line| !line.contains(['=', '&']))
            .collect::<Vec<_>>();
        prop_assert_eq!(shape(&xml), shape(&plain));
        let disk_line = format!("/domain/devices/disk/source@file={path}");
        let network_line = format!("/domain/devices/interface/source@network={network}");
        prop_assert!(has(&xml, &disk_line));
        prop_assert!(has(&xml, &network_line));
        prop_assert_eq!(text_of(&xml, "name"), name);
        prop_assert_eq!(text_of(&xml, "cmdline"), arguments);
    }
}

/// The text of the first element called `name`, entities resolved.
fn text_of(xml: &str, name: &str) -> String {
    let open = format!("<{name}>");
    let start = xml.find(&open).unwrap() + open.len();
    let end = start + xml[start..].find('<').unwrap();
    unescape(&xml[start..end]).unwrap().into_owned()
}
