//! `guesthouse create` from an address to a guest, on a real daemon; the tiny guest plays the
//! installer.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Instant;

use backend::host::Host;
use backend::install;
use integration::daemon::{Libvirtd, virsh};
use integration::debian_tree::DebianTree;
use integration::guest::BOOT;
use integration::tier::Tier;
use integration::tree_server::{Fault, TreeServer};
use integration::{program, sandbox, wait};
use tokio::runtime::Runtime;

const IMAGES: &str = "/var/lib/libvirt/images";

/// A daemon without guests, and a tree to install from.
struct Scene {
    tree: DebianTree,
    server: TreeServer,
    _daemon: Libvirtd,
}

impl Scene {
    fn set() -> Self {
        let daemon = Libvirtd::start();
        let tree = DebianTree::lay_out();
        let server = TreeServer::serve(tree.folder());
        Self {
            tree,
            server,
            _daemon: daemon,
        }
    }

    /// The address of the tree.
    fn url(&self) -> String {
        self.server.url(DebianTree::path())
    }

    /// The command that creates the guest `name` with its disk at `disk` from what `url` holds.
    fn command(name: &str, disk: &str, url: &str) -> Command {
        let mut command = Command::new(program::binary());
        command
            .args(["--connect", Libvirtd::URI, "create", "--name", name])
            .args(["--memory", "1024", "--size", "1", "--disk", disk])
            .args(["--install-url", url])
            .args(["--virtualization", "emulation"])
            .stdin(Stdio::null());
        command
    }

    fn create(&self, name: &str, disk: &str) -> Output {
        Self::command(name, disk, &self.url())
            .output()
            .expect("guesthouse starts")
    }

    /// Asserts that creation fails with a message that holds all of `parts`, and that nothing is
    /// left that was not there before.
    fn refused(&self, name: &str, disk: &str, parts: &[&str]) {
        Self::refused_from(&self.url(), name, disk, parts);
    }

    /// [`Self::refused`] of a creation from another address.
    fn refused_from(url: &str, name: &str, disk: &str, parts: &[&str]) {
        let before = inventory();
        let output = Self::command(name, disk, url)
            .output()
            .expect("guesthouse starts");
        let message = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{message}");
        for part in parts {
            assert!(
                message.contains(part),
                "{part:?} is not in the message:\n{message}"
            );
        }
        assert_eq!(
            inventory(),
            before,
            "something was left behind by:\n{message}"
        );
    }
}

/// What there is: guests, pools, running networks, and all files where guests have theirs.
fn inventory() -> String {
    let files = Command::new("find")
        .args([
            IMAGES,
            "/var/lib/libvirt/boot",
            "/etc/libvirt/qemu",
            "/etc/libvirt/storage",
        ])
        .args(["!", "-type", "d"])
        .output()
        .expect("find is everywhere");
    let mut files: Vec<_> = String::from_utf8_lossy(&files.stdout)
        .lines()
        .map(str::to_owned)
        .collect();
    files.sort();
    format!(
        "guests: {}\npools: {}\nnetworks: {}\nfiles: {}",
        virsh(&["list", "--all", "--name"]),
        virsh(&["pool-list", "--all", "--name"]),
        virsh(&["net-list", "--name"]),
        files.join(" ")
    )
}

fn succeeded(output: &Output) {
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {message}", output.status);
}

fn files_of_the_installer() -> usize {
    let lists = [IMAGES, "/var/lib/libvirt/boot"].map(std::fs::read_dir);
    let files = lists.into_iter().flatten().flatten().flatten();
    files
        .filter(|file| {
            let name = file.file_name().to_string_lossy().into_owned();
            name.contains("linux") || name.contains("kernel") || name.contains("initrd")
        })
        .count()
}

#[test]
fn a_guest_is_made_and_its_second_stage_follows() {
    sandbox::run(Tier::Guests, || {
        let scene = Scene::set();
        let disk = format!("{IMAGES}/web.qcow2");
        succeeded(&scene.create("web", &disk));

        // The installer runs; what stays is an ordinary guest from the first second.
        assert_eq!(virsh(&["domstate", "web"]), "running");
        let live = virsh(&["dumpxml", "web"]);
        assert!(
            live.contains("<kernel>") && live.contains("<initrd>"),
            "{live}"
        );
        let stays = virsh(&["dumpxml", "--inactive", "web"]);
        assert!(
            !stays.contains("<kernel>") && !stays.contains("<initrd>"),
            "{stays}"
        );
        for part in [
            "q35",
            "<on_reboot>restart</on_reboot>",
            "type='tablet'",
            "<rng model='virtio'>",
            "<memballoon model='virtio'",
            "<stats period=",
            "org.qemu.guest_agent.0",
            "<graphics type='vnc'",
            "pcie-root-port",
        ] {
            assert!(stays.contains(part), "{part} is missing:\n{stays}");
        }
        // Only where libvirt says that this QEMU has it.
        if virsh(&["domcapabilities", "--virttype", "qemu"]).contains("qemu-vdagent") {
            assert!(stays.contains("qemu-vdagent"), "{stays}");
        }
        let size = std::fs::metadata(&disk).expect("the disk is there").len();
        assert!(size < 10_000_000, "the disk is sparse: {size}");
        assert!(files_of_the_installer() >= 2, "{}", inventory());

        // Its screen, through the program's own engine.
        let picture = integration::testbed::screenshots().join("install-tiny.png");
        wait::until_true("the installer's screen", BOOT, || {
            let file = picture.to_string_lossy().into_owned();
            succeeded(&program::run(&[
                "-c",
                Libvirtd::URI,
                "screenshot",
                "web",
                &file,
            ]));
            integration::display::Display::colours(&picture) > 1
        });

        // The installer reboots while no program runs: the guest goes off. A later run of the
        // program goes on from there, and tidies up.
        let asked_since = Instant::now();
        wait::until_true("the installer reboots", BOOT, || {
            let keys = [
                "send-key",
                "web",
                "KEY_LEFTCTRL",
                "KEY_LEFTALT",
                "KEY_DELETE",
            ];
            // A guest that stands still while it boots hears no keys (see the suite `installer`).
            let reset = ["reset", "web"];
            let patient = asked_since.elapsed() < BOOT / 2;
            // Refused once it is off.
            let _ = integration::daemon::try_virsh(if patient { &keys[..] } else { &reset });
            virsh(&["domstate", "web"]) == "shut off"
        });
        let runtime = Runtime::new().expect("there are threads");
        let host = Host::open(Libvirtd::URI, runtime.handle());
        runtime.spawn(install::watch_second_stage(host, |_| {}));
        wait::until_true("the second stage", wait::LIMIT, || {
            virsh(&["domstate", "web"]) == "running"
        });
        let second = virsh(&["dumpxml", "web"]);
        assert!(!second.contains("<kernel>"), "{second}");
        wait::until_true("the files are deleted", wait::LIMIT, || {
            files_of_the_installer() == 0
        });
        virsh(&["destroy", "web"]);
        assert_eq!(virsh(&["dumpxml", "web"]).matches("<kernel>").count(), 0);
    });
}

#[test]
fn a_dry_run_makes_nothing() {
    sandbox::run(Tier::Guests, || {
        let scene = Scene::set();
        let before = inventory();
        let mut command = Scene::command("web", &format!("{IMAGES}/web.qcow2"), &scene.url());
        let output = command
            .arg("--dry-run")
            .output()
            .expect("guesthouse starts");
        succeeded(&output);
        let xml = String::from_utf8_lossy(&output.stdout);
        assert!(xml.contains("<name>web</name>"), "{xml}");
        assert_eq!(inventory(), before);
    });
}

#[test]
fn what_is_taken_is_not_touched() {
    sandbox::run(Tier::Guests, || {
        let scene = Scene::set();
        let disk = format!("{IMAGES}/precious.qcow2");
        std::fs::write(&disk, "precious").expect("the sandbox is ours");
        scene.refused("web", &disk, &["precious.qcow2"]);
        assert_eq!(std::fs::read(&disk).expect("it is there"), b"precious");

        let guest = integration::guest::TinyGuest::define("taken");
        let uuid = virsh(&["domuuid", guest.name()]);
        scene.refused("taken", &format!("{IMAGES}/other.qcow2"), &["taken"]);
        assert_eq!(virsh(&["domuuid", guest.name()]), uuid);
    });
}

#[test]
fn a_disk_that_cannot_be_made_is_said() {
    sandbox::run(Tier::Guests, || {
        let scene = Scene::set();
        scene.refused("web", "relative.qcow2", &["path"]);
        scene.refused("web", "/nowhere/at/all/web.qcow2", &["/nowhere/at/all"]);
        scene.refused("web", "/proc/web.qcow2", &["/proc"]);
        scene.refused("web", IMAGES, &[IMAGES]);
    });
}

#[test]
fn a_full_disk_is_said() {
    sandbox::run(Tier::Guests, || {
        let scene = Scene::set();
        let folder = "/run/small";
        std::fs::create_dir(folder).expect("the sandbox is ours");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=16k", "none", folder])
            .status();
        assert!(mounted.is_ok_and(|status| status.success()));
        scene.refused("web", &format!("{folder}/web.qcow2"), &["space"]);
        let left = std::fs::read_dir(folder).expect("it is there").count();
        assert_eq!(left, 0, "the folder is empty again");
    });
}

#[test]
fn a_download_that_fails_leaves_nothing() {
    sandbox::run(Tier::Guests, || {
        let scene = Scene::set();
        let disk = format!("{IMAGES}/web.qcow2");
        let gone = TreeServer::serve(Path::new("/run/nothing-here"));
        let nothing = "127.0.0.1 has nothing at this address.";
        Scene::refused_from(&gone.url("debian"), "web", &disk, &[nothing]);

        scene
            .server
            .misbehave("initrd.gz", Fault::CutAfter(500_000));
        scene.refused("web", &disk, &["127.0.0.1"]);
        scene
            .server
            .misbehave("initrd.gz", Fault::CutAfter(u64::MAX));
        std::fs::write(scene.tree.file("linux"), vec![1; 8_000_000]).expect("the tree is ours");
        scene.refused("web", &disk, &["kernel", "checksum"]);
    });
}

#[test]
fn a_cancelled_creation_leaves_nothing() {
    sandbox::run(Tier::Guests, || {
        let scene = Scene::set();
        let before = inventory();
        scene.server.misbehave("initrd.gz", Fault::Slow(100_000));
        let mut command = Scene::command("web", &format!("{IMAGES}/web.qcow2"), &scene.url());
        let mut creation = command.spawn().expect("guesthouse starts");
        wait::until_true("the download is under way", wait::LIMIT, || {
            let requests = scene.server.requests();
            requests
                .iter()
                .any(|request| request.starts_with("GET") && request.ends_with("initrd.gz"))
        });
        let interrupted = Command::new("kill")
            .args(["-s", "INT", &creation.id().to_string()])
            .status();
        assert!(interrupted.is_ok_and(|status| status.success()));
        let status = creation.wait().expect("it is our child");
        assert_eq!(status.code(), Some(130));
        let whole: u64 = ["linux", "initrd.gz"]
            .map(|file| std::fs::metadata(scene.tree.file(file)).map_or(0, |file| file.len()))
            .iter()
            .sum();
        assert!(
            scene.server.bytes_sent() < whole,
            "the download was read to its end"
        );
        assert_eq!(inventory(), before);
    });
}
