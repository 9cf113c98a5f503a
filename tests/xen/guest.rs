//! What is done with a running paravirtual guest.

use std::time::Instant;

use backend::ErrorKind;
use backend::model::GuestState;
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
fn what_the_driver_cannot_do_is_said() {
    let Some(xen) = XenHost::get() else { return };
    let guest = PvGuest::define(&xen, "cannot");
    guest.boot();
    let still = xen.runtime().block_on(xen.host().screenshot(guest.id));
    let error = still.expect_err("libxl takes no stills");
    assert_eq!(error.kind(), ErrorKind::NotSupported, "{error:?}");
    assert!(error.message().starts_with("This hypervisor"), "{error}");
    let info = xen.runtime().block_on(xen.host().info()).expect("it is up");
    assert!(!info.capabilities.screenshot);
}
