//! Against what the libxl driver of libvirt 9.0.0 made of the same files on a real Xen host.

use super::*;

const CFG: &str = include_str!("../fixtures/classic.cfg");
const CFG_XML: &str = include_str!("../fixtures/classic.cfg.xml");
const XM: &str = include_str!("../fixtures/classic.xm");
const XM_XML: &str = include_str!("../fixtures/classic.xm.xml");
const DEFINITION: &str = include_str!("../fixtures/classic.xml");
const EXPORTED: &str = include_str!("../fixtures/classic.exported.cfg");
const RUNNING: &str = include_str!("../fixtures/pv1-running.xml");

#[test]
fn a_file_of_today_becomes_what_libvirt_makes_of_it() {
    let imported = import(CFG).unwrap();
    assert_eq!(imported.notes, []);
    assert_eq!(
        (imported.name.as_str(), imported.kind),
        ("classic", Kind::Pv)
    );
    // libvirt's conversion prints no password; the guest is to have its own all the same.
    assert_eq!(imported.vnc_password.as_deref(), Some("secret"));
    let secret = " passwd='secret'";
    assert_eq!(imported.xml.matches(secret).count(), 1);
    let xml = imported.xml.replace(secret, "");
    assert_eq!(comparable(&xml), comparable(CFG_XML));
}

#[test]
fn a_file_of_xm_becomes_what_libvirt_makes_of_it() {
    let imported = import(XM).unwrap();
    assert_eq!(imported.notes, []);
    assert_eq!(imported.vnc_password, None);
    // The one difference: Xen's own tap driver is gone, and xl passes over the prefix that asked
    // for it, so that the guest starts.
    let libvirt = XM_XML.replace("<driver name='tap'", "<driver name='qemu'");
    assert_eq!(comparable(&imported.xml), comparable(&libvirt));
}

#[test]
fn an_export_says_what_libvirts_says() {
    let exported = export(DEFINITION).unwrap();
    assert_eq!(exported.notes, []);
    let settings = |text: &str| syntax::parse(text).unwrap().settings;
    let mut ours = settings(&exported.text);
    let theirs = settings(EXPORTED);
    // Today's files say what kind of guest it is.
    assert!(exported.text.contains("type = \"pv\"\n"));
    ours.remove("type");
    assert_eq!(
        ours.keys().collect::<Vec<_>>(),
        theirs.keys().collect::<Vec<_>>()
    );
    for (key, value) in &theirs {
        let text = |value: &syntax::Value| match value {
            syntax::Value::List(items) => format!("{:?}", items[0].value),
            value => format!("{value:?}"),
        };
        // In any order of the parts, the target aside: ours is last as well.
        let parts = |text: String| {
            let mut parts: Vec<_> = text
                .replace([')', '('], ",")
                .split(',')
                .map(String::from)
                .collect();
            parts.sort();
            parts
        };
        assert_eq!(
            parts(text(&ours[key].value)),
            parts(text(&value.value)),
            "{key}"
        );
    }
}

#[test]
fn what_libvirt_exports_is_the_same_guest() {
    let imported = import(EXPORTED).unwrap();
    assert_eq!(imported.notes, []);
    assert_eq!(comparable(&imported.xml), comparable(DEFINITION));
}

#[test]
fn a_running_guest_is_exported_without_what_is_of_the_moment() {
    let exported = export(RUNNING).unwrap();
    assert_eq!(exported.notes, []);
    for line in [
        "vcpus = 1",
        "maxvcpus = 2",
        "maxmem = 384",
        "vfb = [ \"type=vnc,vncunused=0,vncdisplay=1,vnclisten=0.0.0.0\" ]",
        "vif = [ \"mac=00:16:3e:11:22:33,bridge=br0,script=vif-bridge\" ]",
    ] {
        assert!(
            exported.text.lines().any(|found| found == line),
            "{line} in {}",
            exported.text
        );
    }
    assert!(!exported.text.contains("vif1.0"));
}

#[test]
fn passwords_are_not_printed_for_debugging() {
    let imported = import(CFG).unwrap();
    let exported = export(&imported.xml).unwrap();
    assert!(exported.text.contains("vncpasswd=secret"));
    assert!(!format!("{imported:?}{exported:?}").contains("secret"));
    let (guest, _) = config::guest(syntax::parse(CFG).unwrap()).unwrap();
    assert!(!format!("{guest:?}").contains("secret"));
}
