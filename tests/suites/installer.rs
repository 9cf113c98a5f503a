//! A real graphical installer, from an address to its first page, seen through our own engine.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use integration::daemon::{Libvirtd, virsh};
use integration::tier::Tier;
use integration::tree_server::TreeServer;
use integration::{program, sandbox, testbed, wait};

/// From start to the first page: about a minute on two slow processors, more on busy ones.
const FIRST_PAGE: Duration = Duration::from_mins(20);

/// How often a guest that stands still is made anew. Emulated, one in some dozens loses an interrupt and
/// waits for its balloon for ever (seen with QEMU 10.0): no fault of what is tested here.
const ATTEMPTS: u32 = 3;

/// A guest that used less than so many seconds of the processor
const ALIVE: f64 = 6.0;

/// in this time stands still, however busy the machine is; one that boots uses all it gets.
const STILL: Duration = Duration::from_mins(2);

const DISK: &str = "/var/lib/libvirt/images/debian.qcow2";

#[test]
fn debians_graphical_installer_is_created_and_shown() {
    sandbox::run_within(FIRST_PAGE + Duration::from_mins(5), Tier::Installer, || {
        let _daemon = Libvirtd::start();
        let server = TreeServer::serve(&testbed::tree());
        let mut attempts = 1;
        create(&server);
        while !first_page_comes() {
            assert!(attempts < ATTEMPTS, "{ATTEMPTS} guests stood still");
            attempts += 1;
            virsh(&["destroy", "debian"]);
            virsh(&["undefine", "debian"]);
            std::fs::remove_file(DISK).expect("the sandbox is ours");
            create(&server);
        }

        // Stage two: once the installer is over, what is left boots from its disk.
        virsh(&["destroy", "debian"]);
        let stays = virsh(&["dumpxml", "debian"]);
        for gone in ["<kernel>", "<initrd>", "<cmdline>"] {
            assert!(!stays.contains(gone), "{stays}");
        }
        assert!(
            stays.contains(DISK) && stays.contains("<on_reboot>restart</on_reboot>"),
            "{stays}"
        );
        let from_disk = stays.contains("<boot dev='hd'/>") || stays.contains("<boot order='1'/>");
        assert!(from_disk, "{stays}");
        virsh(&["start", "debian"]);
        assert!(!virsh(&["dumpxml", "debian"]).contains("<kernel>"));
    });
}

fn create(server: &TreeServer) {
    let created = Command::new(program::binary())
        .args(["--connect", Libvirtd::URI, "create", "--name", "debian"])
        .args(["--memory", "1024", "--disk", DISK, "--size", "8"])
        .args(["--install-url", &server.url("debian")])
        .args(["--virtualization", "emulation"])
        .stdin(Stdio::null())
        .output()
        .expect("guesthouse starts");
    let said = String::from_utf8_lossy(&created.stderr);
    assert!(created.status.success(), "{}: {said}", created.status);
    let live = virsh(&["dumpxml", "debian"]);
    assert!(live.contains("<kernel>"), "{live}");
}

/// Waits for the first page; false when the guest stands still before it is there.
fn first_page_comes() -> bool {
    // The picture is the artefact; the first page is mostly light, what comes before is black.
    let picture = testbed::screenshots().join("debian-installer.png");
    let file = picture.to_string_lossy().into_owned();
    let mut used = cpu_seconds();
    let mut since = Instant::now();
    let mut stands = false;
    wait::until_true("the installer's first page", FIRST_PAGE, || {
        let taken = program::run(&["-c", Libvirtd::URI, "screenshot", "debian", &file]);
        let said = String::from_utf8_lossy(&taken.stderr);
        assert!(taken.status.success(), "{}: {said}", taken.status);
        // Not in a tight loop: the guest needs the processor more.
        std::thread::sleep(Duration::from_secs(2));
        if since.elapsed() > STILL {
            let now = cpu_seconds();
            stands = now - used < ALIVE;
            (used, since) = (now, Instant::now());
        }
        stands || mean_brightness(&file) > 0.5
    });
    !stands
}

fn cpu_seconds() -> f64 {
    let told = virsh(&["dominfo", "debian"]);
    let line = told.lines().find(|line| line.starts_with("CPU time"));
    let number = line.and_then(|line| line.split_whitespace().last());
    number
        .and_then(|number| number.strip_suffix('s')?.parse().ok())
        .unwrap_or_else(|| panic!("no processor time in {told}"))
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
