//! What each key comes to in the definition, and what is told of those that come to nothing.

use super::*;

fn os(domain: &Element) -> String {
    domain.child("os").unwrap().to_string()
}

#[test]
fn kinds() {
    let kind = |lines: &str| {
        import(&format!("name='g'\nkernel='/k'\n{lines}"))
            .unwrap()
            .kind
    };
    assert_eq!(kind(""), Kind::Pv);
    assert_eq!(kind("type='pv'"), Kind::Pv);
    assert_eq!(kind("type='pvh'"), Kind::Pvh);
    assert_eq!(kind("pvh=1"), Kind::Pvh);
    assert_eq!(kind("type='hvm'"), Kind::Hvm);
    assert_eq!(kind("builder='hvm'"), Kind::Hvm);
    assert_eq!(kind("builder='generic'"), Kind::Pv);
    assert_eq!(kind("builder='linux'"), Kind::Pv);
    // The newer key counts.
    assert_eq!(kind("builder='generic'; type='hvm'"), Kind::Hvm);
    assert!(notes("type='vm'")[0].starts_with("Line 2, type: "));
    assert!(notes("builder='domain'")[0].starts_with("Line 2, builder: "));
    assert!(os(&domain("type='pvh'")).contains("machine='xenpvh'>xenpvh<"));
}

#[test]
fn command_lines() {
    let cmdline = |lines: &str| domain(lines).text_at(&["os", "cmdline"]);
    assert_eq!(cmdline(""), None);
    assert_eq!(cmdline("extra='ro'").as_deref(), Some("ro"));
    assert_eq!(
        cmdline("root='/dev/xvda1 ro'").as_deref(),
        Some("root=/dev/xvda1 ro")
    );
    assert_eq!(
        cmdline("root='/dev/a'; extra='4'").as_deref(),
        Some("root=/dev/a 4")
    );
    assert_eq!(cmdline("cmdline='x'").as_deref(), Some("x"));
    let told = notes("cmdline='x'; root='/dev/a'\nextra='4'");
    assert_eq!(told.len(), 2);
    assert!(told[0].starts_with("Line 2, root: It is ignored"));
    assert!(told[1].starts_with("Line 3, extra: It is ignored"));
}

#[test]
fn boot_loaders() {
    let loaded = |lines: &str| {
        let xml = import(&format!("name='g'\nmemory=64\n{lines}"))
            .unwrap()
            .xml;
        let domain = comparable(&xml);
        (
            domain.text_at(&["bootloader"]),
            domain.text_at(&["bootloader_args"]),
        )
    };
    let pair = |loader: &str, args: &str| {
        (
            Some(loader.into()),
            Some(String::from(args)).filter(|args| !args.is_empty()),
        )
    };
    assert_eq!(loaded("bootloader='pygrub'"), pair("pygrub", ""));
    assert_eq!(
        loaded("bootloader='/b'; bootloader_args=['-q', '--x']"),
        pair("/b", "-q --x")
    );
    assert_eq!(
        loaded("bootloader='/b'; bootloader_args='-q --x'"),
        pair("/b", "-q --x")
    );
    assert_eq!(loaded("bootloader='/b'; bootargs='-q'"), pair("/b", "-q"));
    // xl would not start it at all.
    assert_eq!(loaded(""), pair("pygrub", ""));
    let told = import("name='g'; memory=64").unwrap().notes;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].line, None);
    assert!(notes("bootloader='/b'; bootloader_args=['a b']")[0].contains("blanks"));
    assert!(notes("firmware='pvgrub64'")[0].contains("pvgrub"));
}

#[test]
fn firmware_and_order() {
    let rom = "<loader type='rom'>/usr/lib/xen/boot/hvmloader</loader>";
    let flash = "<loader readonly='yes' type='pflash'>/usr/lib/xen/boot/ovmf.bin</loader>";
    for lines in [
        "",
        "bios='seabios'",
        "firmware='bios'",
        "kernel='/usr/lib/xen/boot/hvmloader'",
    ] {
        assert!(os(&hvm(lines)).contains(rom), "{lines}");
    }
    for lines in ["bios='ovmf'", "firmware='uefi'", "firmware='ovmf'"] {
        assert!(os(&hvm(lines)).contains(flash), "{lines}");
    }
    assert!(os(&hvm("firmware='/f'")).contains("<loader type='rom'>/f</loader>"));
    let direct = os(&hvm("kernel='/k'; ramdisk='/r'; cmdline='c'"));
    assert!(direct.contains("<kernel>/k</kernel><initrd>/r</initrd><cmdline>c</cmdline>"));
    let order = |lines: &str| {
        let domain = hvm(lines);
        let os = domain.child("os").unwrap();
        let devices = os.all("boot").filter_map(|boot| boot.attribute("dev"));
        devices.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(order(""), "hd cdrom");
    assert_eq!(order("boot='dcn'"), "cdrom hd network");
    assert_eq!(order("boot='a'"), "fd");
    for lines in ["bios='rombios'", "firmware='odd'", "boot='xyz'"] {
        assert!(
            !notes(&format!("type='hvm'\n{lines}")).is_empty(),
            "{lines}"
        );
    }
}

#[test]
fn memory_and_processors() {
    let text = |lines: &str, name: &str| domain(lines).text_at(&[name]).unwrap();
    assert_eq!(text("memory=128", "memory"), "131072");
    assert_eq!(text("memory='0x80'", "memory"), "131072");
    assert_eq!(text("maxmem=256", "memory"), "262144");
    assert_eq!(text("maxmem=256", "currentMemory"), "65536");
    let vcpu = |lines: &str| domain(lines).child("vcpu").unwrap().to_string();
    assert_eq!(vcpu(""), "<vcpu placement='static'>1</vcpu>");
    assert_eq!(vcpu("vcpus=4"), "<vcpu placement='static'>4</vcpu>");
    assert_eq!(
        vcpu("maxvcpus=4"),
        "<vcpu current='1' placement='static'>4</vcpu>"
    );
    assert_eq!(
        vcpu("cpus='0-3, 5,^1'"),
        "<vcpu cpuset='0-3,5,^1' placement='static'>1</vcpu>"
    );
    assert_eq!(vcpu("cpus='all'"), "<vcpu placement='static'>1</vcpu>");
    assert_eq!(
        vcpu("cpus=3"),
        "<vcpu cpuset='3' placement='static'>1</vcpu>"
    );
    let tuning = domain("vcpus=3; cpus=['2','all',3]; cpu_weight=512");
    assert_eq!(
        tuning.child("cputune").unwrap().to_string(),
        "<cputune><shares>512</shares><vcpupin cpuset='2' vcpu='0'/>\
         <vcpupin cpuset='3' vcpu='2'/></cputune>"
    );
    for (lines, word) in [
        ("memory='lots'", "memory"),
        ("memory=0", "memory"),
        ("memory=99999999999999", "memory"),
        ("memory=[1]", "memory"),
        ("maxmem=32", "maxmem"),
        ("vcpus=0", "vcpus"),
        ("vcpus=2; maxvcpus=1", "vcpus"),
        ("cpus='nodes:0-1'", "cpus"),
        ("cpus='all,^1'", "cpus"),
        ("cpus='^1'", "cpus"),
        ("cpus=['1','2']", "cpus"),
        ("cpu_weight=99999", "cpu_weight"),
    ] {
        let told = notes(lines);
        assert!(
            told.iter().any(|note| note.contains(&format!("{word}: "))),
            "{lines}: {told:?}"
        );
    }
}

#[test]
fn features_and_clock() {
    let features = |lines: &str| hvm(lines).child("features").unwrap().to_string();
    assert_eq!(features(""), "<features><acpi/><apic/><pae/></features>");
    assert_eq!(
        features("acpi=0; apic=0; hap=0; viridian=1; passthrough='share_pt'"),
        "<features><pae/><hap state='off'/><viridian/><xen>\
         <passthrough mode='share_pt' state='on'/></xen></features>"
    );
    assert!(features("viridian=['defaults']").contains("<viridian/>"));
    assert!(features("viridian=[]; hap=1").ends_with("<hap state='on'/></features>"));
    assert!(notes("type='hvm'\nviridian=['all','!freq']")[0].contains("groups"));
    assert!(
        domain("e820_host=1")
            .to_string()
            .contains("<e820_host state='on'/>")
    );
    assert!(
        domain("passthrough='disabled'")
            .to_string()
            .contains("<passthrough state='off'/>")
    );
    assert!(
        hvm("nestedhvm=1")
            .to_string()
            .contains("<cpu mode='host-passthrough'/>")
    );
    let clock = |domain: Element| domain.child("clock").unwrap().to_string();
    assert_eq!(
        clock(domain("localtime=1")),
        "<clock adjustment='reset' offset='localtime'/>"
    );
    assert_eq!(
        clock(hvm(
            "rtc_timeoffset=-3600; localtime=1; tsc_mode='native'; hpet=0"
        )),
        "<clock adjustment='-3600' basis='localtime' offset='variable'>\
         <timer mode='native' name='tsc' present='yes'/><timer name='hpet' present='no'/></clock>"
    );
}

#[test]
fn events() {
    let domain = domain(
        "on_poweroff='preserve'; on_reboot='rename-restart'; on_crash='coredump-destroy'\n\
         on_watchdog='destroy'; on_soft_reset='soft-reset'",
    );
    assert_eq!(
        domain.text_at(&["on_poweroff"]).as_deref(),
        Some("preserve")
    );
    assert_eq!(
        domain.text_at(&["on_reboot"]).as_deref(),
        Some("rename-restart")
    );
    assert_eq!(
        domain.text_at(&["on_crash"]).as_deref(),
        Some("coredump-destroy")
    );
    assert!(notes("on_poweroff='coredump-restart'")[0].contains("destroy the guest"));
    assert!(notes("on_reboot='soft-reset'")[0].contains("restart the guest"));
    assert!(notes("on_watchdog='restart'")[0].starts_with("Line 2, on_watchdog: "));
}

#[test]
fn the_device_model() {
    let domain = hvm(
        "device_model_override='/q'; device_model_version='qemu-xen'\n\
         device_model_args=['-a']; device_model_args_hvm=['b c']",
    );
    assert_eq!(devices(&domain, "emulator"), ["<emulator>/q</emulator>"]);
    let line = domain.child("xen:commandline").unwrap();
    assert_eq!(line.elements().count(), 2);
    let told = notes(
        "device_model='/usr/lib/xen/bin/qemu-dm'\ndevice_model_version='qemu-xen-traditional'",
    );
    assert!(told[0].contains("device_model_override"));
    assert!(told[1].starts_with("Line 3, device_model_version: "));
}

#[test]
fn every_key_that_is_left_says_why() {
    let told = notes(
        "vncconsole=1\nnics=2\ndhcp='dhcp'\nacpi=1\ncpuid='host'\nxyzzy=1\nonline=[[1]]\npvshim=1",
    );
    let words = [
        "Line 2, vncconsole: This opens a viewer",
        "Line 3, nics: Interfaces that are only counted",
        "Line 4, dhcp: xm made words",
        "Line 5, acpi: Only fully virtualized",
        "Line 6, cpuid: libvirt has no setting",
        "Line 7, xyzzy: This key is not known",
        "Line 8, online: This key is not known",
        "Line 9, pvshim: libvirt has no setting",
    ];
    assert_eq!(told.len(), words.len(), "{told:?}");
    for (told, word) in told.iter().zip(words) {
        assert!(told.starts_with(word), "{told}");
    }
    // Names that other lines are made with have served.
    assert_eq!(notes("vm='a'\nextra='x=' + vm"), Vec::<String>::new());
}

#[test]
fn without_a_name_there_is_no_guest() {
    for text in [
        "",
        "memory=1",
        "name=''",
        "name=[1]",
        "name=None",
        "name='a/b'",
        "name='a\\nb'",
    ] {
        let error = import(text).unwrap_err();
        assert_eq!(error.kind(), crate::ErrorKind::InvalidInput);
        assert!(error.remedy().is_some(), "{text}");
    }
    assert!(
        import("a=1\nname='a/b'")
            .unwrap_err()
            .message()
            .contains("line 2")
    );
}

#[test]
fn only_definitions_of_xen_guests_are_exported() {
    for xml in [
        "",
        "<network/>",
        "<domain/>",
        "<domain type='kvm'><name>g</name></domain>",
        "<domain type='xen'/>",
        "<domain type='xen'><name>g</name></domain>",
        "<domain type='xen'><name>g</name><os><type>exe</type></os></domain>",
    ] {
        assert_eq!(
            export(xml).unwrap_err().kind(),
            crate::ErrorKind::InvalidInput,
            "{xml}"
        );
    }
}

#[test]
fn what_xl_has_no_place_for_is_told() {
    let exported = export(
        "<domain type='xen'><name>g</name><description>d</description>\
         <memory unit='KiB'>65537</memory><vcpu placement='auto'>1</vcpu>\
         <os><type machine='xenpv'>linux</type><kernel>/k</kernel><smbios mode='host'/></os>\
         <features><acpi/></features><cpu mode='custom'/><clock offset='timezone' timezone='X'/>\
         <devices><disk type='network'><target dev='xvda'/></disk>\
         <disk type='file'><source file='/a'/><target dev='vda'/></disk>\
         <disk type='file'><source file='/a'/><target dev='xvdb'/><iotune/></disk>\
         <interface type='network'><source network='default'/></interface>\
         <rng/><graphics type='rdp'/><memballoon model='xen'/></devices></domain>",
    )
    .unwrap();
    let keys: Vec<_> = exported
        .notes
        .iter()
        .map(|note| note.key.as_str())
        .collect();
    assert_eq!(
        keys,
        [
            "os/smbios",
            "features/acpi",
            "cpu",
            "clock",
            "devices/disk",
            "devices/disk",
            "devices/disk/iotune",
            "devices/interface",
            "devices/rng",
            "devices/graphics",
            "description",
            "memory",
            "memory",
        ]
    );
    assert!(exported.text.contains("maxmem = 65\n"));
    assert!(exported.notes.iter().all(|note| note.line.is_none()));
}
