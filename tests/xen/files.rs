//! Files of xl and xm, with libvirt's own conversion of them as the judge.

use std::time::Instant;

use backend::xl;
use integration::program;
use integration::xen::{XenHost, remove, seen, wait_for_shell};

const FILES: [(&str, &str); 3] = [
    ("classic.cfg", include_str!("files/classic.cfg")),
    ("full.cfg", include_str!("files/full.cfg")),
    ("pvh.cfg", include_str!("files/pvh.cfg")),
];

/// What libvirt on the host makes of `text`: `domxml-from-native` or `domxml-to-native`.
fn convert(xen: &XenHost, how: &str, text: &str) -> String {
    let command = format!("virsh -q {how} xen-xl /dev/stdin <<'END-OF-FILE'\n{text}\nEND-OF-FILE");
    xen.shell(&command)
}

/// A guest as libvirt writes it for xl, in an order of its own, without what is made up anew each
/// time, and without the password, which libvirt gives to nobody who does not ask for it.
fn settled(config: &str) -> Vec<String> {
    let mut lines: Vec<String> = config
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with("uuid"))
        .map(|line| line.replace(",vncpasswd=secret", ""))
        .collect();
    lines.sort();
    lines
}

#[test]
fn files_are_read_as_libvirt_reads_them() {
    let Some(xen) = XenHost::get() else { return };
    let began = Instant::now();
    for (name, text) in FILES {
        let ours = xl::import(text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let theirs = convert(&xen, "domxml-from-native", text);
        assert_eq!(
            settled(&convert(&xen, "domxml-to-native", &ours.xml)),
            settled(&convert(&xen, "domxml-to-native", &theirs)),
            "{name}:\n{}\n{theirs}",
            ours.xml
        );
    }
    seen(
        "three files of xl, read as libvirt's own conversion reads them",
        began,
    );
}

#[test]
fn files_are_written_as_libvirt_writes_them() {
    let Some(xen) = XenHost::get() else { return };
    let began = Instant::now();
    for (name, text) in FILES {
        let xml = convert(&xen, "domxml-from-native", text);
        let ours = xl::export(&xml).unwrap_or_else(|error| panic!("{name}: {error}"));
        let again = convert(&xen, "domxml-from-native", &ours.text);
        assert_eq!(
            settled(&convert(&xen, "domxml-to-native", &again)),
            settled(&convert(&xen, "domxml-to-native", &xml)),
            "{name}:\n{}",
            ours.text
        );
    }
    seen(
        "three files of xl, written so that libvirt reads the same guest",
        began,
    );
}

#[test]
fn a_file_becomes_a_guest_that_runs() {
    let Some(xen) = XenHost::get() else { return };
    remove(&xen, "classic");
    let began = Instant::now();
    let file = tempfile::NamedTempFile::new().expect("a temporary file can be made");
    // Debian 12's QEMU for Xen has no cipher for passwords of VNC, and does not start with one.
    let text = FILES[0].1.replace(",vncpasswd=secret", "");
    std::fs::write(file.path(), &text).expect("it is ours");
    let path = file.path().to_str().expect("it is plain text");
    let imported = program::run(&["--connect", xen.tcp(), "import", "--start", path]);
    let said = String::from_utf8_lossy(&imported.stderr).into_owned();
    assert!(imported.status.success(), "{said}");
    xen.wait_for("classic", "running", |guest| guest.state.is_active());
    let guest = xen.guest("classic");
    wait_for_shell(&mut xen.console(guest.id));
    seen("import a file of xl and start its guest", began);

    // One that Xen does not start tells where the reasons are.
    remove(&xen, "classic");
    std::fs::write(file.path(), FILES[0].1).expect("it is ours");
    let refused = program::run(&["--connect", xen.tcp(), "import", "--start", path]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("/var/log/libvirt/libxl"), "{said}");
    remove(&xen, "classic");
    std::fs::write(file.path(), text).expect("it is ours");
    let imported = program::run(&["--connect", xen.tcp(), "import", path]);
    assert!(imported.status.success());

    let exported = program::run(&["--connect", xen.tcp(), "export", "classic"]);
    let exported = String::from_utf8_lossy(&exported.stdout).into_owned();
    assert!(exported.contains("/srv/guest-vmlinuz"), "{exported}");
    remove(&xen, "classic");
}
