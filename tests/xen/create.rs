//! Creating guests from an install URL.

use std::time::Instant;

use backend::install::{self, CreateRequest, DiskPlace, NetworkSource, StageEvent};
use backend::model::{GuestState, VirtualizationType};
use integration::debian_tree::DebianTree;
use integration::program;
use integration::tree_server::TreeServer;
use integration::xen::{BOOT, XenHost, remove, seen, wait_for_shell};

/// A request for a small guest of the tree at `url`.
fn request(xen: &XenHost, url: &str, name: &str, way: VirtualizationType) -> CreateRequest {
    let tree = xen.runtime().block_on(install::detect(url, "x86_64"));
    CreateRequest {
        name: name.to_owned(),
        memory_mib: 256,
        maximum_memory_mib: 256,
        vcpus: 1,
        maximum_vcpus: 2,
        disk: DiskPlace::Path(format!("/var/lib/libvirt/images/{name}.img")),
        disk_gib: 1,
        tree: tree.expect("the tree is good"),
        installer: 0,
        extra_arguments: String::from("console=hvc0"),
        virtualization: way,
        network: NetworkSource::Bridge(String::from("br0")),
    }
}

#[test]
fn the_command_line_creates_a_paravirtual_guest() {
    let Some(xen) = XenHost::get() else { return };
    remove(&xen, "tiny");
    let tree = DebianTree::lay_out();
    let server = TreeServer::serve(tree.folder());
    let url = server.url(DebianTree::path());
    let began = Instant::now();
    let created = program::run(&[
        "--connect",
        xen.tcp(),
        "create",
        "--install-url",
        &url,
        "--name",
        "tiny",
        "--memory",
        "256",
        "--size",
        "1",
    ]);
    let said = String::from_utf8_lossy(&created.stderr).into_owned();
    assert!(created.status.success(), "{said}");
    xen.wait_for("tiny", "installing", |guest| {
        guest.state.is_active() && guest.installing
    });
    seen(
        "create a PV guest from an install URL, installer started",
        began,
    );
    let guest = xen.guest("tiny");
    let mut console = xen.console(guest.id);
    wait_for_shell(&mut console);
    assert!(console.run("cat /proc/partitions").contains("xvda"));

    // What a real installer would have left on the disk: a boot menu with a kernel.
    xen.shell(
        "cd /srv && rm -rf r && mkdir -p r/boot/grub && cp guest-vmlinuz guest-initrd.gz r/boot && \
         printf 'menuentry \"tiny\" {\\n linux /boot/guest-vmlinuz console=hvc0 installed\\n \
         initrd /boot/guest-initrd.gz\\n}\\n' >r/boot/grub/grub.cfg && \
         mke2fs -q -F -t ext4 -d r /var/lib/libvirt/images/tiny.img && rm -r r",
    );
    let (told, heard) = std::sync::mpsc::channel();
    let watching = xen.runtime().spawn(install::watch_second_stage(
        xen.host().clone(),
        move |event| {
            let _ = told.send(event);
        },
    ));
    let began = Instant::now();
    console.type_line("reboot -f");
    let event = heard.recv_timeout(BOOT).expect("the installer ended");
    assert!(matches!(event, StageEvent::Continued { .. }), "{event:?}");
    watching.abort();
    let mut console = xen.console(guest.id);
    wait_for_shell(&mut console);
    assert!(console.run("cat /proc/cmdline").contains("installed"));
    seen("second stage: started from its disk by pygrub", began);
    xen.wait_for("tiny", "installed", |guest| !guest.installing);
    let files = xen.shell("ls /var/lib/libvirt/boot");
    let own = guest.id.0.to_string();
    assert!(!files.contains(&own), "the installer's files stay: {files}");
    remove(&xen, "tiny");
}

#[test]
fn a_fully_virtual_guest_starts_its_installer() {
    let Some(xen) = XenHost::get() else { return };
    remove(&xen, "full");
    let tree = DebianTree::lay_out();
    let server = TreeServer::serve(tree.folder());
    let url = server.url(DebianTree::path());
    let request = request(&xen, &url, "full", VirtualizationType::XenHvm);
    let began = Instant::now();
    let job = install::create(xen.host(), request);
    let id = xen.runtime().block_on(job.outcome());
    let id = id.unwrap_or_else(|error| panic!("{error}: {:?}", error.detail()));
    xen.wait_for("full", "running", |guest| {
        guest.state == GuestState::Running
    });
    let details = xen.runtime().block_on(xen.host().details(id));
    let details = details.expect("it is described");
    assert!(!details.displays.is_empty(), "{details:?}");
    seen(
        "create an HVM guest from an install URL, installer started",
        began,
    );
    remove(&xen, "full");
}

#[test]
fn a_helped_guest_is_described_as_the_host_takes_it() {
    let Some(xen) = XenHost::get() else { return };
    let tree = DebianTree::lay_out();
    let server = TreeServer::serve(tree.folder());
    let url = server.url(DebianTree::path());
    let request = request(&xen, &url, "help", VirtualizationType::XenPvh);
    let preview = xen
        .runtime()
        .block_on(install::preview(xen.host(), &request));
    let preview = preview.expect("it could be made");
    let began = Instant::now();
    let command = format!(
        "virsh -q domxml-to-native xen-xl /dev/stdin <<'END'\n{}\nEND",
        preview.xml
    );
    let config = xen.shell(&command);
    for line in ["type = \"pvh\"", "bootloader = \"pygrub\"", "maxvcpus = 2"] {
        assert!(config.contains(line), "{line} in {config}");
    }
    seen(
        "a PVH guest's definition, taken by libvirt (none runs under emulation)",
        began,
    );
}
