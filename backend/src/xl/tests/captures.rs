//! Against what the libxl driver of libvirt 9.0.0 made of the same files on a real Xen host.

use super::*;

const CFG: &str = include_str!("../fixtures/classic.cfg");
const CFG_XML: &str = include_str!("../fixtures/classic.cfg.xml");
const XM: &str = include_str!("../fixtures/classic.xm");
const XM_XML: &str = include_str!("../fixtures/classic.xm.xml");

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
fn passwords_are_not_printed_for_debugging() {
    let imported = import(CFG).unwrap();
    assert!(!format!("{imported:?}").contains("secret"));
    let (guest, _) = config::guest(syntax::parse(CFG).unwrap()).unwrap();
    assert!(!format!("{guest:?}").contains("secret"));
}
