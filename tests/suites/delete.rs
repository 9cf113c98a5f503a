//! Deleting guests together with their disks.

use std::path::Path;
use std::process::Command;

use backend::host::DeleteOptions;
use backend::{ErrorKind, Host};
use integration::daemon::Libvirtd;
use integration::guest::TinyGuest;
use integration::sandbox;
use integration::tier::Tier;
use tokio::runtime::Runtime;

#[test]
fn a_disk_that_others_are_overlays_of_is_not_deleted() {
    sandbox::run(Tier::Guests, || {
        let _daemon = Libvirtd::start();
        let folder = "/run/disks";
        std::fs::create_dir(folder).expect("a folder can be made");
        // Off, so that no definition says what their disks stand on: only the files do.
        let images = "/var/lib/libvirt/images";
        TinyGuest::define("base");
        TinyGuest::define("top");
        let base = format!("{images}/base.qcow2");
        let middle = format!("{folder}/middle.qcow2");
        let top = format!("{images}/top.qcow2");
        overlay(&base, &middle);
        overlay(&middle, &top);

        let runtime = Runtime::new().expect("there are threads");
        let host = Host::open(Libvirtd::URI, runtime.handle());
        let snapshot = runtime.block_on(host.connected()).expect("it connects");
        let delete = |name: &str, disk: &str| {
            let id = snapshot.guest_named(name).expect("it is listed").id;
            let disks = vec![disk.to_owned()];
            runtime.block_on(host.delete(id, DeleteOptions { disks }))
        };
        let refused = delete("base", &base).expect_err("the other guest stands on it");
        assert_eq!(refused.kind(), ErrorKind::InvalidInput);
        assert!(refused.message().contains("top"), "{refused}");
        assert!(Path::new(&base).exists());

        delete("top", &top).expect("nothing stands on it");
        assert!(!Path::new(&top).exists() && Path::new(&middle).exists());
        delete("base", &base).expect("no guest stands on it any more");
        assert!(!Path::new(&base).exists());
    });
}

/// Makes `disk` an overlay of `base`, in place of what was there.
fn overlay(base: &str, disk: &str) {
    let made = Command::new("qemu-img")
        .args(["create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", base])
        .arg(disk)
        .status();
    assert!(made.is_ok_and(|status| status.success()), "qemu-img create");
}
