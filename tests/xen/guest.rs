//! What is done with a running paravirtual guest.

use std::time::Instant;

use backend::ErrorKind;
use backend::model::{GuestState, HostState};
use integration::wait::{self, LIMIT};
use integration::xen::{PvGuest, XenHost, seen};

const MIB: u64 = 1024;

#[test]
fn a_guest_starts_and_its_memory_moves_live() {
    let Some(xen) = XenHost::get() else { return };
    let guest = PvGuest::define(&xen, "memory");
    let began = Instant::now();
    let mut console = guest.boot();
    guest.wait_for(GuestState::Running);
    seen("start a PV guest, to its shell on the text console", began);

    let before = console.total_memory_mib();
    let began = Instant::now();
    let set = |mib: u64| {
        let set = xen.host().set_memory(guest.id, mib * MIB);
        xen.runtime().block_on(set)
    };
    set(200).expect("it shrinks");
    wait::until_true("the guest gave memory back", LIMIT, || {
        console.total_memory_mib() + 40 < before
    });
    set(384).expect("it grows");
    wait::until_true("the guest has more than at its start", LIMIT, || {
        console.total_memory_mib() > before + 80
    });
    seen("memory of a guest live, 256 to 200 to 384 MiB", began);
    let refused = set(1024).expect_err("that is beyond its most");
    assert_eq!(refused.kind(), ErrorKind::InvalidInput, "{refused:?}");
}

#[test]
fn a_guest_is_paused_saved_and_ended() {
    let Some(xen) = XenHost::get() else { return };
    let guest = PvGuest::define(&xen, "states");
    let wait = |future| xen.runtime().block_on(future);
    let mut console = guest.boot();
    console.run("mark=kept");

    let began = Instant::now();
    xen.runtime()
        .block_on(xen.host().pause(guest.id))
        .expect("it pauses");
    guest.wait_for(GuestState::Paused);
    xen.runtime()
        .block_on(xen.host().resume(guest.id))
        .expect("it goes on");
    guest.wait_for(GuestState::Running);
    assert_eq!(console.run("echo $mark"), "kept");
    seen("pause and resume", began);

    let began = Instant::now();
    wait(xen.host().save(guest.id).outcome()).expect("it is saved");
    guest.wait_for(GuestState::Saved);
    seen("managed save", began);
    let began = Instant::now();
    xen.runtime()
        .block_on(xen.host().start(guest.id))
        .expect("it goes on");
    guest.wait_for(GuestState::Running);
    let mut console = guest.wait_until_ready();
    assert_eq!(console.run("echo $mark"), "kept");
    seen("start where it was saved", began);

    let began = Instant::now();
    xen.runtime()
        .block_on(xen.host().shut_down(guest.id))
        .expect("it is asked");
    guest.wait_for(GuestState::Off);
    seen("shut down", began);

    guest.boot();
    let began = Instant::now();
    xen.runtime()
        .block_on(xen.host().force_off(guest.id))
        .expect("it is ended");
    guest.wait_for(GuestState::Off);
    seen("force off", began);
}

#[test]
fn processors_change_live() {
    let Some(xen) = XenHost::get() else { return };
    let guest = PvGuest::define(&xen, "vcpus");
    let mut console = guest.boot();
    assert_eq!(console.run("nproc"), "1");
    let began = Instant::now();
    let set = |count| {
        let set = xen.host().set_vcpus(guest.id, count);
        xen.runtime().block_on(set)
    };
    set(2).expect("it has a place for a second");
    wait::until_true("the guest uses it", LIMIT, || console.run("nproc") == "2");
    let reading = xen.runtime().block_on(xen.host().vcpus(guest.id));
    let reading = reading.expect("it is told");
    assert_eq!((reading.current, reading.maximum), (2, 2), "{reading:?}");
    set(1).expect("and gives it back");
    wait::until_true("the guest lets go of it", LIMIT, || {
        console.run("nproc") == "1"
    });
    seen("processors of a guest live, 1 to 2 to 1", began);
    let refused = set(3).expect_err("there is no place for a third");
    assert_eq!(refused.kind(), ErrorKind::InvalidInput, "{refused:?}");
}

#[test]
fn a_guest_goes_into_a_file_and_on_from_there() {
    let Some(xen) = XenHost::get() else { return };
    let guest = PvGuest::define(&xen, "file");
    let mut console = guest.boot();
    console.run("mark=kept");
    let path = "/srv/file.save";
    let began = Instant::now();
    let job = xen.host().save_to(guest.id, path, true);
    xen.runtime().block_on(job.outcome()).expect("it is saved");
    guest.wait_for(GuestState::Off);
    seen("save to a file", began);

    // libxl does not tell what is in it, which is no obstacle.
    let file = xen.runtime().block_on(xen.host().saved_file(path));
    assert_eq!(file.expect("it is one").guest, None);
    let began = Instant::now();
    let job = xen.host().restore(path);
    let restored = xen.runtime().block_on(job.outcome());
    assert_eq!(restored.expect("it goes on"), guest.id);
    guest.wait_for(GuestState::Running);
    let mut console = guest.wait_until_ready();
    assert_eq!(console.run("echo $mark"), "kept");
    seen("restore from the file", began);
    xen.shell(&format!("rm -f {path}"));
}

#[test]
fn a_reboot_never_looks_like_an_end() {
    let Some(xen) = XenHost::get() else { return };
    let guest = PvGuest::define(&xen, "again");
    guest.boot();
    let before = xen.guest("again").domain_id;
    let began = Instant::now();
    xen.runtime()
        .block_on(xen.host().reboot(guest.id))
        .expect("it is asked");
    let mut snapshots = xen.host().watch();
    let states = xen.runtime().block_on(async {
        let mut states = Vec::new();
        loop {
            let (state, number) = {
                let snapshot = snapshots.borrow_and_update();
                let guest = snapshot.guest_named("again").expect("it stays defined");
                (guest.state, guest.domain_id)
            };
            if states.last() != Some(&state) {
                states.push(state);
            }
            if state == GuestState::Running && number.is_some() && number != before {
                return states;
            }
            let changed = tokio::time::timeout(LIMIT, snapshots.changed()).await;
            changed
                .unwrap_or_else(|_| panic!("{states:?}"))
                .expect("it lives");
        }
    });
    assert!(!states.contains(&GuestState::Off), "{states:?}");
    guest.wait_until_ready();
    seen("reboot, to its shell", began);
}

#[test]
fn the_daemon_dies_under_a_running_guest_and_is_found_again() {
    let Some(xen) = XenHost::get() else { return };
    let guest = PvGuest::define(&xen, "survivor");
    let mut console = guest.boot();
    console.run("mark=kept");
    let began = Instant::now();
    xen.shell("systemctl kill --signal=KILL libvirtd; sleep 1; systemctl restart libvirtd");
    xen.wait_for("survivor", "it is listed again", |guest| {
        guest.state.is_active()
    });
    let listed = xen.runtime().block_on(async {
        let mut snapshots = xen.host().watch();
        let up = snapshots.wait_for(|snapshot| snapshot.state == HostState::Connected);
        tokio::time::timeout(LIMIT, up).await.is_ok()
    });
    assert!(listed, "{:?}", xen.host().snapshot().state);
    let mut console = guest.wait_until_ready();
    assert_eq!(console.run("echo $mark"), "kept");
    seen(
        "libvirtd killed and restarted under a guest, found again",
        began,
    );
}

#[test]
fn what_the_driver_cannot_do_is_said() {
    let Some(xen) = XenHost::get() else { return };
    let guest = PvGuest::define(&xen, "cannot");
    guest.boot();
    let still = xen.runtime().block_on(xen.host().screenshot(guest.id, 0));
    let error = still.expect_err("libxl takes no stills");
    assert_eq!(error.kind(), ErrorKind::NotSupported, "{error:?}");
    assert!(error.message().starts_with("This hypervisor"), "{error}");
    let info = xen.runtime().block_on(xen.host().info()).expect("it is up");
    assert!(!info.capabilities.screenshot);
}
