//! The backend against libvirt's test driver, which needs no daemon.
#![allow(clippy::unwrap_used, reason = "a test fails by it")]

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use backend::host::DeleteOptions;
use backend::model::{Guest, GuestState, HostSnapshot, HostState, HypervisorKind};
use backend::{ErrorKind, Happening, Host, Lifecycle};
use tokio::runtime::Handle;

/// For conditions that come at once unless something is broken.
const SOON: Duration = Duration::from_mins(2);

/// A test driver of its own, with that many guests, every third running.
struct Hypervisor {
    _file: tempfile::NamedTempFile,
    uri: String,
}

impl Hypervisor {
    fn with_guests(count: usize) -> Self {
        let mut xml = String::from("<node>");
        for number in 0..count {
            let state = if number % 3 == 0 { 1 } else { 5 };
            write!(
                xml,
                "<domain type='test' xmlns:test='http://libvirt.org/schemas/domain/test/1.0'>\
                 <test:runstate>{state}</test:runstate>\
                 <name>guest-{number:03}</name>\
                 <metadata><libosinfo:libosinfo \
                 xmlns:libosinfo='http://libosinfo.org/xmlns/libvirt/domain/1.0'>\
                 <libosinfo:os id='http://debian.org/debian/12'/></libosinfo:libosinfo></metadata>\
                 <memory unit='MiB'>512</memory><currentMemory unit='MiB'>256</currentMemory>\
                 <vcpu current='1'>4</vcpu><os><type arch='x86_64'>hvm</type></os></domain>"
            )
            .unwrap();
        }
        xml.push_str("</node>");
        Self::described(&xml)
    }

    fn described(xml: &str) -> Self {
        let file = tempfile::Builder::new().suffix(".xml").tempfile().unwrap();
        std::fs::write(file.path(), xml).unwrap();
        let uri = format!("test://{}", file.path().display());
        Self { _file: file, uri }
    }

    fn open(&self) -> Host {
        Host::open(&self.uri, &Handle::current())
    }
}

async fn until(host: &Host, wanted: impl Fn(&HostSnapshot) -> bool) -> Arc<HostSnapshot> {
    let mut snapshots = host.watch();
    tokio::time::timeout(SOON, snapshots.wait_for(|snapshot| wanted(snapshot)))
        .await
        .unwrap_or_else(|_| panic!("waited in vain; last: {:?}", host.snapshot().state))
        .unwrap()
        .clone()
}

async fn until_guest(host: &Host, name: &str, wanted: impl Fn(&Guest) -> bool) {
    until(host, |snapshot| {
        snapshot
            .guest_named(name)
            .is_some_and(|guest| wanted(guest))
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_guests_are_listed_at_once() {
    let hypervisor = Hypervisor::with_guests(500);
    let start = Instant::now();
    let host = hypervisor.open();
    let snapshot = host.connected().await.unwrap();
    let listed = start.elapsed();
    assert_eq!(snapshot.guests.len(), 500);
    assert!(snapshot.guests.is_sorted_by_key(|guest| guest.name.clone()));
    let running = |guest: &&Arc<Guest>| guest.state == GuestState::Running;
    assert_eq!(snapshot.guests.iter().filter(running).count(), 167);
    let first = &snapshot.guests[0];
    assert_eq!(first.memory.current_kib, 256 * 1024);
    assert_eq!(first.memory.maximum_kib, 512 * 1024);
    assert_eq!((first.vcpus.current, first.vcpus.maximum), (1, 4));
    assert!(first.persistent);
    // Definitions follow by themselves.
    let complete = until(&host, |snapshot| {
        snapshot.guests.iter().all(|guest| guest.details.is_some())
    })
    .await;
    eprintln!(
        "500 guests: listed in {listed:?}, definitions in {:?}, {} snapshots",
        start.elapsed(),
        complete.generation
    );
    for guest in complete.guests.iter() {
        let os = guest.details.as_ref().unwrap().os.as_ref().unwrap();
        assert_eq!(os.name, "Debian 12");
    }
    let info = host.info().await.unwrap();
    assert_eq!(info.kind, HypervisorKind::Test);
    assert!(info.local);
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_change_the_snapshot_through_events() {
    let hypervisor = Hypervisor::with_guests(2);
    let host = hypervisor.open();
    let snapshot = host.connected().await.unwrap();
    let (name, id) = ("guest-001", snapshot.guest_named("guest-001").unwrap().id);
    let mut events = host.events();
    host.start(id).await.unwrap();
    until_guest(&host, name, |guest| guest.state == GuestState::Running).await;
    let event = tokio::time::timeout(SOON, events.recv())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(event.id, id);
    assert_eq!(event.happening, Happening::Lifecycle(Lifecycle::Started));

    let again = host.start(id).await.unwrap_err();
    assert_eq!(again.kind(), ErrorKind::WrongState, "{again:?}");
    assert_eq!(again.message(), "The guest is running already.");

    host.pause(id).await.unwrap();
    until_guest(&host, name, |guest| guest.state == GuestState::Paused).await;
    host.resume(id).await.unwrap();
    until_guest(&host, name, |guest| guest.state == GuestState::Running).await;
    host.force_off(id).await.unwrap();
    until_guest(&host, name, |guest| guest.state == GuestState::Off).await;
    let off = host.pause(id).await.unwrap_err();
    assert_eq!(off.kind(), ErrorKind::WrongState, "{off:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_is_bounded_by_the_maximum() {
    let hypervisor = Hypervisor::with_guests(1);
    let host = hypervisor.open();
    let id = host.connected().await.unwrap().guests[0].id;
    let too_much = host.set_memory(id, 513 * 1024).await.unwrap_err();
    assert_eq!(too_much.kind(), ErrorKind::InvalidInput);
    assert!(too_much.message().contains("512 MiB"), "{too_much}");
    host.set_memory(id, 128 * 1024).await.unwrap();
    assert_eq!(host.balloon(id).await.unwrap().actual_kib, 128 * 1024);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_is_renamed_and_deleted() {
    let hypervisor = Hypervisor::with_guests(2);
    let host = hypervisor.open();
    let snapshot = host.connected().await.unwrap();
    let (running, off) = (snapshot.guests[0].id, snapshot.guests[1].id);
    let taken = host.rename(off, "guest-000").await.unwrap_err();
    assert_eq!(taken.kind(), ErrorKind::AlreadyExists);
    let kept = host
        .delete(running, DeleteOptions::default())
        .await
        .unwrap_err();
    assert_eq!(kept.kind(), ErrorKind::WrongState);
    let stranger = DeleteOptions {
        disks: vec!["/etc/passwd".into()],
    };
    let refused = host.delete(off, stranger).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidInput);
    host.delete(off, DeleteOptions::default()).await.unwrap();
    until(&host, |snapshot| snapshot.guest(off).is_none()).await;
    let gone = host.start(off).await.unwrap_err();
    assert_eq!(gone.kind(), ErrorKind::NotFound, "{gone:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_another_guest_uses_is_not_deleted() {
    let guest = |name: &str, disks: &str| {
        format!(
            "<domain type='test' xmlns:test='http://libvirt.org/schemas/domain/test/1.0'>\
             <test:runstate>5</test:runstate><name>{name}</name><memory>1024</memory>\
             <os><type>hvm</type></os><devices>{disks}</devices></domain>"
        )
    };
    let file = |path: &str, target: &str| {
        format!("<disk type='file'><source file='{path}'/><target dev='{target}'/></disk>")
    };
    let volume = |name: &str| format!("<volume><name>{name}</name><capacity>1</capacity></volume>");
    let hypervisor = Hypervisor::described(&format!(
        "<node>{}{}<pool type='dir'><name>p</name><target><path>/p</path></target>{}{}{}</pool></node>",
        guest(
            "a",
            &[
                file("/p/shared", "sda"),
                file("/p/by-name", "sdb"),
                file("/p/own", "sdc")
            ]
            .concat()
        ),
        guest(
            "b",
            &format!(
                "{}<disk type='volume' device='cdrom'><source pool='p' volume='by-name'/>\
                 <target dev='sdb'/></disk>",
                file("/p/shared", "sda")
            )
        ),
        volume("shared"),
        volume("by-name"),
        volume("own"),
    ));
    let host = hypervisor.open();
    let id = host.connected().await.unwrap().guest_named("a").unwrap().id;
    for shared in ["/p/shared", "/p/by-name"] {
        let options = DeleteOptions {
            disks: vec!["/p/own".into(), shared.into()],
        };
        let refused = host.delete(id, options).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::InvalidInput, "{refused:?}");
        assert!(refused.message().contains("“b”"), "{refused}");
    }
    let left = || async {
        let volumes = host.volumes("p").await.unwrap();
        volumes
            .into_iter()
            .map(|volume| volume.name)
            .collect::<Vec<_>>()
    };
    assert_eq!(left().await, ["by-name", "own", "shared"]);
    let options = DeleteOptions {
        disks: vec!["/p/own".into()],
    };
    host.delete(id, options).await.unwrap();
    assert_eq!(left().await, ["by-name", "shared"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_installer_is_not_rebooted_into_half_a_system() {
    let guest = |name: &str, kernel: &str| {
        format!(
            "<domain type='test' xmlns:test='http://libvirt.org/schemas/domain/test/1.0'>\
             <test:runstate>1</test:runstate><name>{name}</name><metadata>\
             <guesthouse:installation \
             xmlns:guesthouse='https://guesthouse.github.io/xmlns/installation/1'/></metadata>\
             <memory>1024</memory><os><type>hvm</type>{kernel}</os></domain>"
        )
    };
    let hypervisor = Hypervisor::described(&format!(
        "<node>{}{}</node>",
        guest("installing", "<kernel>/k</kernel>"),
        guest("installed", "")
    ));
    let host = hypervisor.open();
    let snapshot = host.connected().await.unwrap();
    let id = |name| snapshot.guest_named(name).unwrap().id;
    let refused = host.reboot(id("installing")).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidInput, "{refused:?}");
    assert!(refused.message().contains("installer"), "{refused}");
    host.reboot(id("installed")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_are_read_only_while_somebody_watches() {
    let hypervisor = Hypervisor::with_guests(3);
    let host = hypervisor.open();
    host.connected().await.unwrap();
    assert!(
        host.snapshot()
            .guests
            .iter()
            .all(|guest| guest.stats.is_none())
    );
    let interest = host.watch_stats();
    let second = host.watch_stats();
    until_guest(&host, "guest-000", |guest| guest.stats.is_some()).await;
    assert_eq!(
        host.snapshot().guest_named("guest-001").unwrap().stats,
        None
    );
    drop(interest);
    drop(second);
    until_guest(&host, "guest-000", |guest| guest.stats.is_none()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_to_connect_are_told() {
    let host = Host::open("test:///no/such/file.xml", &Handle::current());
    let missing = host.connected().await.unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::NotFound, "{missing:?}");
    let unconnected = host.pools().await.unwrap_err();
    assert_eq!(unconnected.kind(), ErrorKind::Disconnected);

    let host = Host::open("not an address", &Handle::current());
    let nonsense = host.connected().await.unwrap_err();
    assert_eq!(nonsense.kind(), ErrorKind::InvalidInput, "{nonsense:?}");

    let host = Host::open(
        "qemu+unix:///system?socket=/no/such/socket",
        &Handle::current(),
    );
    let nobody = host.connected().await.unwrap_err();
    assert_eq!(nobody.kind(), ErrorKind::NoDaemon, "{nobody:?}");
    assert!(matches!(
        host.snapshot().state,
        HostState::Failed {
            retry_at: Some(_),
            ..
        }
    ));
    host.close();
    until(&host, |snapshot| snapshot.state == HostState::Closed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_was_closed_is_opened_again_when_asked() {
    let host = Host::open("test:///default", &Handle::current());
    host.connected().await.unwrap();
    for _ in 0..2 {
        host.close();
        until(&host, |snapshot| snapshot.state == HostState::Closed).await;
        assert!(host.networks().await.is_err());
        host.reconnect();
        until(&host, |snapshot| snapshot.state == HostState::Connected).await;
        assert!(!host.networks().await.unwrap().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pools_and_networks_are_listed() {
    let host = Host::open("test:///default", &Handle::current());
    host.connected().await.unwrap();
    let pools = host.pools().await.unwrap();
    let default = pools
        .iter()
        .find(|pool| pool.name == "default-pool")
        .unwrap();
    assert!(default.active && default.available > 0);
    assert_eq!(default.path.as_deref(), Some("/default-pool"));
    assert!(host.volumes("default-pool").await.unwrap().is_empty());
    let nowhere = host.volumes("nope").await.unwrap_err();
    assert_eq!(nowhere.kind(), ErrorKind::NotFound);
    let networks = host.networks().await.unwrap();
    assert!(
        networks
            .iter()
            .any(|network| network.name == "default" && network.active)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_still_is_taken() {
    let host = Host::open("test:///default", &Handle::current());
    let id = host.connected().await.unwrap().guests[0].id;
    let still = host.screenshot(id, 0).await.unwrap();
    assert_eq!(still.mime_type, "image/png");
    assert!(still.data.starts_with(b"\x89PNG"));
    let no_display = host.open_display(id, 0).await.unwrap_err();
    assert_eq!(no_display.kind(), ErrorKind::NotSupported);
}
