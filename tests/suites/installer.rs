//! A real graphical installer, from an address to its first page, seen through our own engine.

use std::process::{Command, Stdio};
use std::time::Duration;

use integration::daemon::{Libvirtd, virsh};
use integration::tier::Tier;
use integration::tree_server::TreeServer;
use integration::{program, sandbox, testbed, wait};

/// From start to the first page: about a minute on two slow processors, more on busy ones.
const FIRST_PAGE: Duration = Duration::from_mins(20);

#[test]
fn debians_graphical_installer_is_created_and_shown() {
    sandbox::run_within(FIRST_PAGE + Duration::from_mins(5), Tier::Installer, || {
        let _daemon = Libvirtd::start();
        let server = TreeServer::serve(&testbed::tree());
        let disk = "/var/lib/libvirt/images/debian.qcow2";
        let created = Command::new(program::binary())
            .args(["--connect", Libvirtd::URI, "create", "--name", "debian"])
            .args(["--memory", "1024", "--disk", disk, "--size", "8"])
            .args(["--install-url", &server.url("debian")])
            .args(["--virtualization", "emulation"])
            .stdin(Stdio::null())
            .output()
            .expect("guesthouse starts");
        let said = String::from_utf8_lossy(&created.stderr);
        assert!(created.status.success(), "{}: {said}", created.status);
        let live = virsh(&["dumpxml", "debian"]);
        assert!(live.contains("<kernel>"), "{live}");

        // The picture is the artefact; the first page is mostly light, what comes before is black.
        let picture = testbed::screenshots().join("debian-installer.png");
        let file = picture.to_string_lossy().into_owned();
        wait::until_true("the installer's first page", FIRST_PAGE, || {
            let taken = program::run(&["-c", Libvirtd::URI, "screenshot", "debian", &file]);
            let said = String::from_utf8_lossy(&taken.stderr);
            assert!(taken.status.success(), "{}: {said}", taken.status);
            // Not in a tight loop: the guest needs the processor more.
            std::thread::sleep(Duration::from_secs(2));
            mean_brightness(&file) > 0.5
        });

        // Stage two: once the installer is over, what is left boots from its disk.
        virsh(&["destroy", "debian"]);
        let stays = virsh(&["dumpxml", "debian"]);
        for gone in ["<kernel>", "<initrd>", "<cmdline>"] {
            assert!(!stays.contains(gone), "{stays}");
        }
        assert!(
            stays.contains(disk) && stays.contains("<on_reboot>restart</on_reboot>"),
            "{stays}"
        );
        let from_disk = stays.contains("<boot dev='hd'/>") || stays.contains("<boot order='1'/>");
        assert!(from_disk, "{stays}");
        virsh(&["start", "debian"]);
        assert!(!virsh(&["dumpxml", "debian"]).contains("<kernel>"));
    });
}

/// From 0, black, to 1, white.
fn mean_brightness(picture: &str) -> f64 {
    let output = Command::new("/usr/bin/convert")
        .args([
            picture,
            "-colorspace",
            "Gray",
            "-format",
            "%[fx:mean]",
            "info:",
        ])
        .output()
        .expect("convert starts");
    let text = String::from_utf8_lossy(&output.stdout);
    text.trim().parse().expect("convert tells a number")
}
