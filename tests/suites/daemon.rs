//! A daemon that is not there, dies, hangs and comes back: said, survived, and mended by itself.

use std::sync::Arc;

use backend::ErrorKind;
use backend::host::Host;
use backend::model::{GuestState, HostSnapshot, HostState};
use integration::daemon::Libvirtd;
use integration::guest::TinyGuest;
use integration::threads::Threads;
use integration::tier::Tier;
use integration::wait::LIMIT;
use integration::{program, sandbox};
use tokio::runtime::Runtime;

/// Waits until the host's snapshot fits.
pub(super) fn settle(
    runtime: &Runtime,
    host: &Host,
    what: &str,
    mut fits: impl FnMut(&HostSnapshot) -> bool,
) -> Arc<HostSnapshot> {
    let mut watch = host.watch();
    runtime.block_on(async {
        let reached = watch.wait_for(|snapshot| fits(snapshot));
        let snapshot = tokio::time::timeout(LIMIT, reached).await;
        let snapshot =
            snapshot.unwrap_or_else(|_| panic!("{what}: never; it is {:?}", host.snapshot().state));
        snapshot.expect("the host lives").clone()
    })
}

pub(super) fn is_up(snapshot: &HostSnapshot) -> bool {
    matches!(snapshot.state, HostState::Connected)
}

/// Threads of this process.
fn threads() -> usize {
    std::fs::read_dir("/proc/self/task")
        .expect("a process has threads")
        .count()
}

#[test]
fn no_daemon_is_said_and_found_once_it_runs() {
    sandbox::run(Tier::Daemon, || {
        let runtime = Threads::start();
        let host = Host::open(Libvirtd::URI, runtime.handle());
        let error = runtime
            .block_on(host.connected())
            .expect_err("nothing runs");
        assert_eq!(error.kind(), ErrorKind::NoDaemon, "{error:?}");
        assert!(error.remedy().is_some(), "what to do is said");

        let listed = program::run(&["--connect", Libvirtd::URI, "list"]);
        assert_eq!(listed.status.code(), Some(1));

        let _daemon = Libvirtd::start();
        host.reconnect();
        settle(&runtime, &host, "connected", is_up);
    });
}

#[test]
fn a_daemon_that_dies_is_missed_and_found_again() {
    sandbox::run(Tier::Guests, || {
        let daemon = Libvirtd::start();
        let guest = TinyGuest::define("tiny");
        guest.boot();
        let runtime = Threads::start();
        let host = Host::open(Libvirtd::URI, runtime.handle());
        let running = |snapshot: &HostSnapshot| {
            let guest = snapshot.guest_named("tiny");
            guest.is_some_and(|guest| guest.state == GuestState::Running)
        };
        settle(&runtime, &host, "listed", running);

        daemon.kill();
        let lost = settle(&runtime, &host, "missed", |snapshot| !is_up(snapshot));
        assert!(
            running(&lost),
            "the last known list stays: {:?}",
            lost.guests
        );
        let id = lost.guest_named("tiny").expect("it stays").id;
        let refused = runtime.block_on(host.pause(id));
        assert!(refused.is_err(), "{refused:?}");

        let _daemon = Libvirtd::start();
        settle(&runtime, &host, "found again", |snapshot| {
            is_up(snapshot) && running(snapshot)
        });
        runtime.block_on(host.pause(id)).expect("it obeys again");
        settle(&runtime, &host, "paused", |snapshot| {
            let guest = snapshot.guest(id);
            guest.is_some_and(|guest| guest.state == GuestState::Paused)
        });
    });
}

#[test]
fn a_daemon_that_hangs_is_noticed_and_delays_nobody() {
    sandbox::run(Tier::Daemon, || {
        let daemon = Libvirtd::start();
        let runtime = Threads::start();
        let host = Host::open(Libvirtd::URI, runtime.handle());
        settle(&runtime, &host, "connected", is_up);

        daemon.freeze();
        settle(&runtime, &host, "not answering", |snapshot| {
            !matches!(snapshot.state, HostState::Connected | HostState::Connecting)
        });

        // Trying again and again piles nothing up.
        let before = threads();
        for _ in 0..40 {
            host.reconnect();
            let refused = runtime.block_on(host.networks());
            assert!(refused.is_err(), "it is silent");
        }
        let after = threads();
        assert!(after <= before + 4, "{before} threads became {after}");

        // Another host meanwhile.
        let other = Host::open("test:///default", runtime.handle());
        let snapshot = runtime
            .block_on(other.connected())
            .expect("it needs no daemon");
        assert_eq!(snapshot.guests.len(), 1);

        // A program that starts now: it ends, and says why.
        let listed = program::run(&["--connect", Libvirtd::URI, "list"]);
        assert_eq!(listed.status.code(), Some(1));
        assert!(!listed.stderr.is_empty());

        daemon.thaw();
        settle(&runtime, &host, "answering again", is_up);
    });
}
