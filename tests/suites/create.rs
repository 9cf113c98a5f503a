//! A guest made from an install tree: what is made, and as whom.

use std::os::unix::fs::MetadataExt;
use std::process::Command;

use backend::Host;
use backend::install::{self, DiskPlace};
use backend::model::GuestState;
use integration::daemon::{Libvirtd, virsh};
use integration::install::TinyTree;
use integration::tier::Tier;
use integration::{program, sandbox};
use tokio::runtime::Runtime;

const DISKS: &str = "/run/disks";

#[test]
fn a_guest_is_made_as_the_preview_said_whatever_its_name() {
    sandbox::run(Tier::Guests, || {
        let _daemon = Libvirtd::start();
        let tree = TinyTree::serve();
        std::fs::create_dir(DISKS).expect("a folder can be made");
        let runtime = Runtime::new().expect("there are threads");
        let host = Host::open(Libvirtd::URI, runtime.handle());
        runtime.block_on(host.info()).expect("the daemon answers");
        let name = "g&<\"🐧'>";
        let disk = format!("{DISKS}/a&b\"<🐧.qcow2");
        let request = tree.request(&runtime, name, &disk);

        let preview = runtime
            .block_on(install::preview(&host, &request))
            .expect("nothing is in the way");
        assert!(preview.xml.contains("<on_reboot>restart</on_reboot>"));
        assert!(!preview.xml.contains("<kernel>"));
        assert!(
            preview.steps.iter().any(|step| step.contains(&disk)),
            "{preview:?}"
        );
        assert_eq!(virsh(&["list", "--all", "--name"]), "", "nothing was made");

        let job = install::create(&host, request.clone());
        let id = runtime.block_on(job.outcome()).expect("it is made");

        let live = virsh(&["dumpxml", name]);
        assert!(live.contains("<on_reboot>destroy</on_reboot>"), "{live}");
        assert!(live.contains(&format!("guesthouse-{}.kernel</kernel>", id.0)));
        assert!(live.contains(&format!(
            "<cmdline>inst.repo={} console=tty0 console=ttyS0 quiet</cmdline>",
            tree.url()
        )));
        let lasting = virsh(&["dumpxml", "--inactive", name]);
        assert!(lasting.contains("<on_reboot>restart</on_reboot>"));
        assert!(!lasting.contains("<kernel>") && !lasting.contains("<cmdline>"));
        assert!(lasting.contains("xmlns/installation/1"));
        assert!(lasting.contains("http://fedoraproject.org/fedora/43"));
        // The same card and the same places in both.
        for part in ["<mac address=", "<address type='pci'"] {
            let of = |xml: &str| -> Vec<String> {
                xml.lines()
                    .filter(|line| line.contains(part))
                    .map(str::to_owned)
                    .collect()
            };
            assert_eq!(of(&live), of(&lasting));
        }
        assert!(live.matches("pcie-root-port'").count() >= 14);
        assert!(live.contains("<stats period='1'/>"));

        // Ten gibibytes for the guest, nearly nothing on the host.
        let file = std::fs::metadata(&disk).expect("the disk is there");
        assert!(file.blocks() * 512 < 4 << 20, "{} blocks", file.blocks());
        let information = Command::new("qemu-img")
            .args(["info", "--force-share", "--output=json", &disk])
            .output()
            .expect("qemu-img runs");
        let information = String::from_utf8_lossy(&information.stdout).into_owned();
        assert!(information.contains("\"virtual-size\": 10737418240"));
        assert!(information.contains("\"format\": \"qcow2\""));
        // Pools made on the way are gone, the network runs.
        assert_eq!(virsh(&["pool-list", "--all", "--name"]), "");
        assert_eq!(virsh(&["net-list", "--name"]), "default");

        let mut watch = host.watch();
        let shown = watch.wait_for(|snapshot| {
            snapshot
                .guest(id)
                .is_some_and(|guest| guest.installing && guest.state == GuestState::Running)
        });
        runtime
            .block_on(shown)
            .expect("the list shows it installing");

        // A proposal steps aside for what is there, and the place is reported as taken.
        let place = DiskPlace::Path(disk);
        let report = runtime.block_on(install::inspect_place(&host, &place));
        assert!(report.expect("it can be looked at").exists);
    });
}

#[test]
fn the_proposed_place_steps_aside_for_what_is_there() {
    sandbox::run(Tier::Daemon, || {
        let _daemon = Libvirtd::start();
        let runtime = Runtime::new().expect("there are threads");
        let host = Host::open(Libvirtd::URI, runtime.handle());
        runtime.block_on(host.info()).expect("the daemon answers");
        let propose = || {
            runtime
                .block_on(install::propose_place(&host, "my guest"))
                .expect("a place")
        };
        let path = |name: &str| DiskPlace::Path(format!("/var/lib/libvirt/images/{name}"));
        assert_eq!(propose(), path("my-guest.qcow2"));
        std::fs::write("/var/lib/libvirt/images/my-guest.qcow2", "x").expect("written");
        assert_eq!(propose(), path("my-guest-1.qcow2"));

        virsh(&[
            "pool-create-as",
            "default",
            "dir",
            "--target",
            "/var/lib/libvirt/images",
        ]);
        let volume = DiskPlace::Volume {
            pool: String::from("default"),
            name: String::from("my-guest-1.qcow2"),
        };
        assert_eq!(propose(), volume);
        let report = runtime
            .block_on(install::inspect_place(&host, &volume))
            .expect("the pool is there");
        assert!(!report.exists && report.available.is_some_and(|bytes| bytes > 0));
    });
}

/// A dialog asks again while its last question is still out, and another program may ask the same.
#[test]
fn one_folder_can_be_looked_at_by_many_at_once() {
    sandbox::run(Tier::Daemon, || {
        let _daemon = Libvirtd::start();
        let runtime = Runtime::new().expect("there are threads");
        let hosts: Vec<Host> = (0..4)
            .map(|_| Host::open(Libvirtd::URI, runtime.handle()))
            .collect();
        for host in &hosts {
            runtime.block_on(host.info()).expect("the daemon answers");
        }
        for round in 0..20 {
            let place = DiskPlace::Path(format!("/var/lib/libvirt/images/{round}.qcow2"));
            let looks: Vec<_> = hosts
                .iter()
                .cloned()
                .map(|host| {
                    let place = place.clone();
                    runtime.spawn(async move { install::inspect_place(&host, &place).await })
                })
                .collect();
            for look in looks {
                let report = runtime.block_on(look).expect("it ends");
                assert!(!report.expect("it can be looked at").exists);
            }
        }
        assert_eq!(virsh(&["pool-list", "--all", "--name"]), "");
    });
}

/// Nothing of the host's files is ours to touch: as somebody who may write in none of its folders,
/// everything goes through libvirt.
#[test]
fn an_ordinary_user_creates_guests_on_the_system_daemon() {
    sandbox::run(Tier::Guests, || {
        let _daemon = Libvirtd::start();
        let tree = TinyTree::serve();
        std::fs::create_dir(DISKS).expect("a folder can be made");
        // What the group libvirt and its rules are for on a real machine.
        let opened = Command::new("chmod")
            .args(["0777", "/run/libvirt/libvirt-sock"])
            .status();
        assert!(opened.is_ok_and(|status| status.success()));
        let example = program::example("install");
        let disk = format!("{DISKS}/g.qcow2");
        let mut child = Command::new("setpriv")
            .args(["--reuid", "daemon", "--regid", "daemon", "--clear-groups"])
            .arg(example)
            .args([Libvirtd::URI, &tree.url(), "g", &disk])
            .stdout(std::process::Stdio::piped())
            .spawn()
            .expect("setpriv starts");
        let said = super::second_stage::first_line(&mut child);
        assert_eq!(said, "created");
        assert_eq!(virsh(&["domstate", "g"]), "running");
        let owner = |path: &str| std::fs::metadata(path).expect("it is there").uid();
        assert_eq!(owner(&disk), 0);
        let boot: Vec<_> = std::fs::read_dir("/var/lib/libvirt/boot")
            .expect("the folder is there")
            .flatten()
            .collect();
        assert_eq!(boot.len(), 2, "{boot:?}");
        assert!(
            boot.iter()
                .all(|file| owner(&file.path().to_string_lossy()) == 0)
        );
        child.kill().expect("it can be ended");
        child.wait().expect("and reaped");
    });
}
