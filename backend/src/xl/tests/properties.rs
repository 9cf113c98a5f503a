//! Nothing panics, and what is carried over comes back the same.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

/// The pieces that files are made of, put together without sense.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => prop_oneof![
            Just("name"), Just("disk"), Just("vif"), Just("vfb"), Just("pci"), Just("cpus"),
            Just("type"), Just("memory"), Just("if"), Just("None"), Just("usbctrl"), Just("boot"),
        ].prop_map(String::from),
        5 => r#"[\[\](),;+=:'"\\#\n .@0-9a-z-]{1,4}"#,
        2 => prop_oneof![
            Just("'g'"), Just("'hvm'"), Just("= "), Just(" += ["), Just("'phy:a,xvda,w'"),
            Just("\"\"\""), Just("'type=vnc,vncdisplay=1'"), Just("'01:00.0'"), Just("'0-3,^1'"),
            Just("\nname = 'g'\n"), Just("\n  "), Just("'''"),
        ].prop_map(String::from),
        1 => any::<char>().prop_map(String::from),
    ];
    vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

/// A path; behind a comma it could be taken for something else in most places.
fn path() -> impl Strategy<Value = String> {
    "/[a-zA-Z0-9_/=+ .:-]{0,20}[a-z]"
}

fn disk() -> impl Strategy<Value = String> {
    let format = prop_oneof![
        Just("raw"),
        Just("qcow2"),
        Just("qcow"),
        Just("vhd"),
        Just("qed")
    ];
    let place = prop_oneof![path(), "/dev/vg/[a-z]{1,8}", "/[a-z,= ]{1,12}[a-z]"];
    let options = prop_oneof![
        Just(""),
        Just("backendtype=phy,"),
        Just("backendtype=qdisk,"),
        Just("backendtype=tap,"),
        Just("discard,"),
        Just("no-discard,"),
        Just("backend=store,"),
        Just("cdrom,"),
    ];
    let vdev = prop_oneof!["xvd[a-z]", "hd[a-d]", "sd[a-z][1-9]?", "d[0-9]{1,3}"];
    let access = prop_oneof![Just("r"), Just("w"), Just("ro"), Just("rw"), Just("")];
    (format, place, options, vdev, access).prop_map(|(format, place, options, vdev, access)| {
        format!("format={format},vdev={vdev},access={access},{options}target={place}")
    })
}

fn vif() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        "mac=00:16:3e(:[0-9a-f]{2}){3}",
        "bridge=[a-z]{1,8}[0-9]",
        Just("script=vif-route".to_owned()),
        Just("script=vif-bridge".to_owned()),
        "ip=10\\.0\\.0\\.[1-9]( 10\\.0\\.1\\.[1-9])?",
        Just("type=ioemu".to_owned()),
        "vifname=[a-uw-z]{1,8}",
        "rate=[1-9][0-9]{0,3}[MK]B/s",
        "backend=[a-z]{4,8}",
    ];
    vec(part, 0..6).prop_map(|parts| parts.join(","))
}

fn quote(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn list(key: &'static str, items: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    vec(items, 0..4).prop_map(move |items| {
        let items: Vec<_> = items.iter().map(|item| quote(item)).collect();
        format!("{key} = [ {} ]", items.join(",\n  "))
    })
}

/// Lines that every kind of guest may have.
fn common() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => list("disk", disk()),
        4 => list("vif", vif()),
        1 => "[a-z ]{1,10}[\"'\\\\&<>]{0,3}[a-zäöü]".prop_map(|text| format!("cmdline = {}", quote(&text))),
        1 => (1..4096_u32, 1..4096_u32).prop_map(|(a, b)| format!("memory = {}\nmaxmem = {}", a.min(b), a.max(b))),
        1 => (1..64_u32, 1..64_u32).prop_map(|(a, b)| format!("vcpus = {}\nmaxvcpus = {}", a.min(b), a.max(b))),
        1 => "cpus = '[0-9](-[0-9])?(,\\^?[0-9])?'",
        1 => (1..65535_u32).prop_map(|weight| format!("cpu_weight = {weight}")),
        1 => Just("localtime = 1".to_owned()),
        1 => Just("on_crash = 'coredump-restart'; on_reboot = 'destroy'".to_owned()),
        1 => Just("passthrough = 'sync_pt'".to_owned()),
        1 => Just("tsc_mode = 'always_emulate'".to_owned()),
        1 => "max_grant_frames = [1-9][0-9]",
        1 => list("pci", "[0-9a-f]{2}:[01][0-9a-f]\\.[0-7](,permissive=1)?(,seize=1)?"),
        1 => list("usbdev", "hostbus=[1-9],hostaddr=[1-9]"),
        1 => list("channel", "connection=pty,name=[a-z.]{1,9}"),
        1 => list("device_model_args", "-[a-z ]{0,5}[a-z]"),
    ]
}

fn of_pv() -> impl Strategy<Value = String> {
    let vfb = prop_oneof![
        "type=vnc(,vncunused=1)?(,vnclisten=10\\.0\\.0\\.1)?(,vncpasswd=[a-z]{1,8})?(,keymap=de)?",
        "vncdisplay=[0-9]{1,2}",
        "type=sdl(,display=:[0-9])?",
    ];
    prop_oneof![
        2 => list("vfb", vfb),
        1 => Just("e820_host = 1".to_owned()),
        1 => Just("bootloader = 'pygrub'; bootloader_args = ['-q', '--x']".to_owned()),
        1 => path().prop_map(|path| format!("ramdisk = {}", quote(&path))),
    ]
}

fn of_hvm() -> impl Strategy<Value = String> {
    prop_oneof![
        "vnclisten = '0\\.0\\.0\\.0'; vncpasswd = '[a-z,\\\\\\\\]{0,4}[a-z]'; vncdisplay = [1-9]",
        Just("vnc = 0".to_owned()),
        Just("sdl = 1; vnc = 1".to_owned()),
        "spice = 1; spiceport = 6[0-9]{3}; spicepasswd = '[a-z]{3}'; spiceagent_mouse = [01]",
        Just("spice = 1; spiceport = 6000; spicedisable_ticketing = 1".to_owned()),
        "serial = '(pty|null|file:/a|/dev/ttyS0|unix:/s,server|tcp:h:1,server|telnet:h:2)'",
        "usb = 1; usbdevice = \\['tablet', 'host:[0-9a-f]{4}:[0-9a-f]{4}'\\]",
        "boot = '(c|dc|ndc|a)'",
        "firmware = '(ovmf|bios|/f)'",
        "vga = '(cirrus|stdvga|qxl|none)'",
        "stdvga = 1; videoram = [1-9][0-9]",
        "acpi = 0; apic = 0; pae = 0; hap = [01]; viridian = 1; nestedhvm = [01]",
        "rtc_timeoffset = -?[1-9][0-9]{0,4}; hpet = [01]",
        "soundhw = '(hda|ac97|sb16,es1370)'",
        "device_model_override = '/[a-z]{3}'",
        Just("vif = ['model=e1000,bridge=br0', 'type=vif']".to_owned()),
    ]
}

fn configuration() -> impl Strategy<Value = String> {
    let head = |kind: &str| format!("name = 'g'\ntype = '{kind}'\nmemory = 64\n");
    let of_kind = |lines: Vec<String>, more: Vec<String>, head: String| {
        let mut text = head;
        for line in lines.iter().chain(&more) {
            text.push_str(line);
            text.push('\n');
        }
        text
    };
    prop_oneof![
        (vec(common(), 0..6), vec(of_pv(), 0..4)).prop_map(move |(lines, more)| {
            of_kind(lines, more, head("pv") + "kernel = '/k'\n")
        }),
        vec(common(), 0..6)
            .prop_map(move |lines| { of_kind(lines, Vec::new(), head("pvh") + "kernel = '/k'\n") }),
        (vec(common(), 0..6), vec(of_hvm(), 0..5)).prop_map(move |(lines, more)| of_kind(
            lines,
            more,
            head("hvm")
        )),
    ]
}

/// What comes out of anything that is taken must be taken again, and be the same then.
fn comes_back(text: &str) -> Result<(), TestCaseError> {
    let Ok(first) = import(text) else {
        return Ok(());
    };
    prop_assert!(Document::parse(&first.xml).is_ok(), "{}", first.xml);
    let exported = export(&first.xml);
    prop_assert!(exported.is_ok(), "{exported:?} of {}", first.xml);
    let again = import(&exported.unwrap().text);
    prop_assert!(again.is_ok(), "{again:?}");
    Ok(())
}

proptest! {
    #[test]
    fn nothing_panics_on_any_bytes(bytes in vec(any::<u8>(), 0..400)) {
        comes_back(&String::from_utf8_lossy(&bytes))?;
    }

    #[test]
    fn nothing_panics_on_what_looks_like_a_file(text in pieces()) {
        comes_back(&text)?;
        comes_back(&format!("name='g'\n{text}"))?;
        comes_back(&format!("name='g'; type='hvm'\n{text}"))?;
    }

    #[test]
    fn nothing_panics_on_any_device(text in r"[a-z:,=0-9/.@^ !-]{0,40}") {
        for key in ["disk", "vif", "vfb", "pci", "serial", "usbdevice", "usbctrl", "usbdev", "channel"] {
            for kind in ["pv", "hvm"] {
                comes_back(&format!("name='g'; type='{kind}'\n{key} = ['{text}']\n"))?;
            }
        }
        for key in ["cpus", "boot", "vnclisten", "memory", "rtc_timeoffset", "uuid"] {
            comes_back(&format!("name='g'; type='hvm'\n{key} = '{text}'\n"))?;
        }
    }

    #[test]
    fn nothing_panics_on_any_definition(text in "(<(domain|name|os|type|disk|devices|a)[ a-z'=]{0,9}/?>|</[a-z]{1,7}>|[a-z&;]){0,20}") {
        let _ = export(&text);
        let _ = export(&format!("<domain type='xen'><name>g</name><os><type>hvm</type></os><devices>{text}</devices></domain>"));
    }

    #[test]
    fn import_export_import_is_the_same_guest(text in configuration()) {
        let first = import(&text).unwrap();
        let exported = export(&first.xml).unwrap();
        let second = import(&exported.text).unwrap();
        prop_assert_eq!(comparable(&first.xml), comparable(&second.xml), "{}", exported.text);
        prop_assert_eq!(second.notes, Vec::<Note>::new(), "{}", exported.text);
        prop_assert_eq!(&first.vnc_password, &second.vnc_password);
        // Once more changes nothing at all.
        prop_assert_eq!(export(&second.xml).unwrap().text, exported.text);
    }
}
