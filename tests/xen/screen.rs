//! The screen of a paravirtual guest, through the connection's own ssh session.

use std::os::fd::OwnedFd;
use std::time::Instant;

use backend::host::{DisplayStream, Host};
use integration::peer::Peer;
use integration::program;
use integration::wait::LIMIT;
use integration::xen::{PvGuest, XenHost, seen};
use rfb::ClientConfig;

#[test]
fn the_framebuffer_comes_through_ssh() {
    let Some(xen) = XenHost::get() else { return };
    let guest = PvGuest::define(&xen, "screen");
    let mut console = guest.boot();

    let began = Instant::now();
    let by_ssh = Host::open(xen.ssh(), xen.runtime().handle());
    let listed = xen.runtime().block_on(by_ssh.connected());
    let listed = listed.unwrap_or_else(|error| panic!("{error}: {:?}", error.detail()));
    assert!(listed.guest_named("screen").is_some());
    seen("connect by ssh and list", began);

    let began = Instant::now();
    let stream = xen
        .runtime()
        .block_on(by_ssh.open_display(guest.id, 0))
        .unwrap_or_else(|error| panic!("{error}: {:?}", error.detail()));
    // It listens on the loopback of a computer that is not this one.
    let DisplayStream::Descriptor(socket) = stream else {
        panic!("{stream:?}");
    };
    drop(OwnedFd::from(socket));

    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let shot = |name: &str| {
        let path = folder.path().join(name);
        let taken = program::run(&[
            "--connect",
            xen.ssh(),
            "screenshot",
            "screen",
            path.to_str().expect("it is plain text"),
        ]);
        let said = String::from_utf8_lossy(&taken.stderr).into_owned();
        assert!(taken.status.success(), "{said}");
        std::fs::read(path).expect("it was written")
    };
    let before = shot("before.png");
    seen("picture of a PV framebuffer through ssh", began);
    // What is written to the guest's screen shows.
    console.run("for i in 1 2 3 4 5 6 7 8; do echo NEW-LINE-$i; done >/dev/tty0; sleep 1");
    let after = shot("after.png");
    assert_ne!(before, after, "the picture is live");

    by_ssh.close();
}

#[test]
fn keys_and_pointer_reach_the_framebuffer() {
    let Some(xen) = XenHost::get() else { return };
    let guest = PvGuest::define(&xen, "keys");
    let mut console = guest.boot();
    let by_ssh = Host::open(xen.ssh(), xen.runtime().handle());
    let connected = xen.runtime().block_on(by_ssh.connected());
    connected.unwrap_or_else(|error| panic!("{error}: {:?}", error.detail()));
    let stream = xen
        .runtime()
        .block_on(by_ssh.open_display(guest.id, 0))
        .unwrap_or_else(|error| panic!("{error}: {:?}", error.detail()));
    let DisplayStream::Descriptor(socket) = stream else {
        panic!("{stream:?}");
    };
    let began = Instant::now();
    let mut typist = Peer::over(socket, ClientConfig::default());
    typist.type_line("echo typed >/dev/hvc0");
    console.expect("typed", LIMIT);
    seen("keys typed on a PV framebuffer through ssh", began);

    let began = Instant::now();
    let device = console.run(
        "grep -A 5 'Xen Virtual Pointer' /proc/bus/input/devices | grep -o 'event[0-9]*' | head -n 1",
    );
    assert!(device.starts_with("event"), "{device}");
    console.type_line(&format!(
        "head -c 24 /dev/input/{device} >/dev/null; echo POINTED-$((1 + 1))"
    ));
    typist.point_about();
    console.expect("POINTED-2", LIMIT);
    seen("pointer moved on a PV framebuffer through ssh", began);
    by_ssh.close();
}
