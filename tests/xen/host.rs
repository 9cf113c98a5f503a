//! The host and its domain 0.

use std::time::Instant;

use backend::ErrorKind;
use backend::model::HypervisorKind;
use integration::program;
use integration::wait::{self, LIMIT};
use integration::xen::{XenHost, seen};

const MIB: u64 = 1024;

#[test]
fn the_host_is_listed_with_domain_0() {
    let Some(xen) = XenHost::get() else { return };
    let began = Instant::now();
    let info = xen.runtime().block_on(xen.host().info()).expect("it is up");
    assert_eq!(info.kind, HypervisorKind::Xen);
    assert!(info.hypervisor.contains("4.17"), "{}", info.hypervisor);
    // What is read guest by guest comes after the list.
    xen.wait_for("Domain-0", "its memory", |guest| {
        guest.memory.current_kib == 768 * MIB
    });
    let zero = xen.guest("Domain-0");
    assert!(zero.is_host_itself(Some(info.kind)), "{zero:?}");

    let listed = program::run(&["--connect", xen.tcp(), "list"]);
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    let line = listed.lines().find(|line| line.contains("Domain-0"));
    let line = line.unwrap_or_else(|| panic!("{listed}"));
    assert!(line.contains("running") && line.contains("768"), "{line}");
    seen("list with domain 0, states and memory", began);
}

#[test]
fn figures_come_without_bulk_statistics() {
    let Some(xen) = XenHost::get() else { return };
    let began = Instant::now();
    let _interest = xen.host().watch_stats();
    xen.wait_for("Domain-0", "figures", |guest| {
        guest
            .stats
            .is_some_and(|stats| stats.cpu > 0.0 && stats.balloon.actual_kib > 0)
    });
    seen("figures of CPU and memory", began);
}

#[test]
fn domain_0_gives_memory_and_takes_it_back() {
    let Some(xen) = XenHost::get() else { return };
    let zero = xen.guest("Domain-0");
    let total = || -> u64 {
        let line = xen.shell("awk '/^MemTotal/{print $2}' /proc/meminfo");
        line.parse().expect("it is a number")
    };
    let before = total();
    let began = Instant::now();
    let set = |mib: u64| {
        xen.runtime()
            .block_on(xen.host().set_memory(zero.id, mib * MIB))
    };
    set(640).expect("domain 0 shrinks");
    wait::until_true("its kernel has less", LIMIT, || {
        total() + 100 * MIB < before
    });
    set(768).expect("and grows");
    wait::until_true("its kernel has it back", LIMIT, || total() >= before);
    seen("memory of domain 0, 768 to 640 MiB and back", began);

    let refused = program::run(&["--connect", xen.tcp(), "memory", "Domain-0", "128"]);
    assert!(!refused.status.success(), "the host would starve");
}

#[test]
fn domain_0_is_not_ended() {
    let Some(xen) = XenHost::get() else { return };
    let zero = xen.guest("Domain-0");
    let refused = xen.runtime().block_on(xen.host().force_off(zero.id));
    let error = refused.expect_err("it is the host itself");
    assert!(error.message().ends_with('.'), "{error:?}");
    assert_ne!(error.kind(), ErrorKind::Disconnected);
    assert_eq!(xen.guest("Domain-0").state.word(), "running");
}
