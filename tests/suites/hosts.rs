//! Two real daemons, of which one fails: frozen, cut off, killed under load. It costs the other
//! nothing, keeps what was known of it, comes back by itself; and what was asked of it meanwhile is
//! done once, or not, and said.

use std::collections::BTreeMap;
use std::future::Future;

use backend::host::Host;
use backend::model::{GuestId, GuestState, HostState};
use backend::{Error, GuestEvent, Happening, Lifecycle, Result, StopReason};
use integration::daemon::Libvirtd;
use integration::guest::small;
use integration::remote::{self, RemoteHost};
use integration::sandbox;
use integration::threads::Threads;
use integration::tier::Tier;
use integration::wait::LIMIT;
use tokio::runtime::Runtime;
use tokio::sync::broadcast;

use super::daemon::{is_up, settle};

/// Commands that are under way when a daemon is killed.
const LOAD: usize = 8;

/// A guest on the healthy host, and what is told of it.
struct Healthy {
    host: Host,
    events: broadcast::Receiver<GuestEvent>,
    id: GuestId,
}

impl Healthy {
    fn open(runtime: &Runtime) -> Self {
        let host = Host::open(Libvirtd::URI, runtime.handle());
        let events = host.events();
        runtime.block_on(async {
            host.connected().await.expect("it runs");
            let id = host.define(small("well")).await.expect("it is defined");
            Self { host, events, id }
        })
    }

    /// Starts the guest, asks for this and that, and ends it; each command is taken, told by an event
    /// and seen in the list.
    fn cycle(&mut self, runtime: &Runtime) {
        let (host, id) = (self.host.clone(), self.id);
        runtime.block_on(async {
            host.start(id).await.expect("start");
            self.seen(Lifecycle::Started, GuestState::Running).await;
            host.pause(id).await.expect("pause");
            self.seen(Lifecycle::Suspended, GuestState::Paused).await;
            host.balloon(id).await.expect("balloon");
            host.details(id).await.expect("details");
            host.networks().await.expect("networks");
            host.resume(id).await.expect("resume");
            self.seen(Lifecycle::Resumed, GuestState::Running).await;
            host.force_off(id).await.expect("force off");
            self.seen(Lifecycle::Stopped(StopReason::Destroyed), GuestState::Off)
                .await;
        });
    }

    async fn seen(&mut self, lifecycle: Lifecycle, state: GuestState) {
        let id = self.id;
        told(&mut self.events, id, lifecycle).await;
        let mut watch = self.host.watch();
        let listed =
            watch.wait_for(|snapshot| snapshot.guest(id).is_some_and(|guest| guest.state == state));
        let listed = in_time(&format!("a list that says {state:?}"), listed).await;
        listed.expect("the host lives");
    }
}

/// Waits for an event of that guest.
async fn told(events: &mut broadcast::Receiver<GuestEvent>, id: GuestId, lifecycle: Lifecycle) {
    let told = async {
        loop {
            let event = events.recv().await.expect("the host lives");
            if event.id == id && event.happening == Happening::Lifecycle(lifecycle) {
                return;
            }
        }
    };
    in_time(&format!("an event {lifecycle:?}"), told).await;
}

async fn in_time<T>(what: &str, it: impl Future<Output = T>) -> T {
    let outcome = tokio::time::timeout(LIMIT, it).await;
    outcome.unwrap_or_else(|_| panic!("{what}: never"))
}

/// Defines and starts a guest on the remote host, and waits until the list says that it runs.
fn running_guest(runtime: &Runtime, host: &Host) -> GuestId {
    let id = runtime.block_on(async {
        host.connected().await.expect("it runs");
        let id = host.define(small("far")).await.expect("it is defined");
        host.start(id).await.expect("it starts");
        id
    });
    settle(runtime, host, "the guest runs", |snapshot| {
        snapshot
            .guest(id)
            .is_some_and(|guest| guest.state == GuestState::Running)
    });
    id
}

fn is_silent(state: &HostState) -> bool {
    matches!(state, HostState::NotAnswering { .. })
}

#[test]
fn a_frozen_host_costs_the_other_nothing() {
    sandbox::run(Tier::Daemon, || {
        let _daemon = Libvirtd::start();
        let far = RemoteHost::start();
        let runtime = Threads::start();
        let mut healthy = Healthy::open(&runtime);
        let host = Host::open(RemoteHost::URI, runtime.handle());
        let id = running_guest(&runtime, &host);
        let old = remote::connections_to(RemoteHost::PORT);
        assert!(!old.is_empty());

        far.freeze();
        // More than the host has workers for, before anybody has noticed.
        let asked: Vec<_> = (0..LOAD)
            .map(|_| {
                let host = host.clone();
                runtime.spawn(async move { host.pause(id).await })
            })
            .collect();
        healthy.cycle(&runtime);
        settle(&runtime, &host, "not answering", |snapshot| {
            is_silent(&snapshot.state)
        });
        healthy.cycle(&runtime);
        for asked in asked {
            let error = runtime
                .block_on(asked)
                .expect("it does not panic")
                .expect_err("nobody answers");
            // None got as far as asking for a pause.
            assert!(!error.may_be_done(), "{error:?}");
            assert!(error.remedy().is_some(), "{error:?}");
        }
        // Until keepalive has given the connection up, and beyond: callbacks are removed, the
        // connection is closed and new ones are attempted, all with a daemon that says nothing.
        while remote::connections_to(RemoteHost::PORT)
            .iter()
            .any(|port| old.contains(port))
        {
            healthy.cycle(&runtime);
        }
        host.reconnect();
        healthy.cycle(&runtime);

        far.thaw();
        settle(&runtime, &host, "answering again", is_up);
        assert_eq!(far.virsh(&["domstate", "far"]), "running");
        runtime.block_on(host.pause(id)).expect("it obeys again");
        assert_eq!(far.virsh(&["domstate", "far"]), "paused");
    });
}

#[test]
fn a_host_that_is_cut_off_keeps_its_guests_and_comes_back() {
    sandbox::run(Tier::Daemon, || {
        let far = RemoteHost::start();
        let runtime = Threads::start();
        let host = Host::open(RemoteHost::URI, runtime.handle());
        let id = running_guest(&runtime, &host);
        let interest = host.watch_stats();
        settle(&runtime, &host, "figures", |snapshot| {
            snapshot
                .guest(id)
                .is_some_and(|guest| guest.stats.is_some())
        });

        for until_the_connection_is_dead in [false, true] {
            let old = remote::connections_to(RemoteHost::PORT);
            far.cut();
            let lost = settle(&runtime, &host, "not answering", |snapshot| {
                is_silent(&snapshot.state)
            });
            assert!(lost.last_heard.is_some(), "when it was last heard is known");
            let guest = lost.guest(id).expect("it stays");
            assert_eq!(guest.state, GuestState::Running);
            assert!(guest.stats.is_some(), "the last figures stay");
            let refused = runtime.block_on(host.pause(id));
            let error = refused.expect_err("nobody hears it");
            assert!(!error.may_be_done(), "{error:?}");
            if until_the_connection_is_dead {
                integration::wait::until_true("the connection is given up", LIMIT, || {
                    let now = remote::connections_to(RemoteHost::PORT);
                    now.iter().all(|port| !old.contains(port))
                });
                assert!(
                    is_silent(&host.snapshot().state),
                    "and it is no other failure"
                );
                assert!(host.snapshot().guest(id).is_some());
            }

            far.mend();
            settle(&runtime, &host, "answering again", |snapshot| {
                is_up(snapshot)
                    && snapshot
                        .guest(id)
                        .is_some_and(|guest| guest.state == GuestState::Running)
            });
            runtime.block_on(host.pause(id)).expect("it obeys again");
            assert_eq!(far.virsh(&["domstate", "far"]), "paused");
            // What is cut off next is to be what the list shows.
            settle(&runtime, &host, "paused", |snapshot| {
                snapshot
                    .guest(id)
                    .is_some_and(|guest| guest.state == GuestState::Paused)
            });
            runtime.block_on(host.resume(id)).expect("and again");
            settle(&runtime, &host, "running with figures", |snapshot| {
                snapshot.guest(id).is_some_and(|guest| {
                    guest.state == GuestState::Running && guest.stats.is_some()
                })
            });
        }
        drop(interest);
    });
}

/// What came of a command, as its caller is told.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Done,
    NotDone,
    Unknown,
}

impl Outcome {
    fn of<T>(result: &Result<T, Error>) -> Self {
        match result {
            Ok(_) => Self::Done,
            Err(error) if error.may_be_done() => Self::Unknown,
            Err(_) => Self::NotDone,
        }
    }

    /// Checks it against what was really done.
    fn check(&self, what: &str, done: bool) {
        match self {
            Self::Done => assert!(done, "{what}: said to be done"),
            Self::NotDone => assert!(!done, "{what}: said not to be done"),
            Self::Unknown => {}
        }
    }
}

#[test]
fn commands_under_way_when_a_daemon_dies_are_done_once_or_not() {
    sandbox::run(Tier::Daemon, || {
        let mut far = RemoteHost::start();
        let runtime = Threads::start();
        let host = Host::open(RemoteHost::URI, runtime.handle());
        runtime.block_on(host.connected()).expect("it runs");
        let guests: Vec<GuestId> = (0..2 * LOAD)
            .map(|number| {
                let define = host.define(small(&format!("old-{number}")));
                runtime.block_on(define).expect("it is defined")
            })
            .collect();

        // All at once: each kind in a different way, and how often it was done can be seen afterwards.
        let mut commands = BTreeMap::new();
        let (tell, told) = std::sync::mpsc::channel();
        for number in 0..LOAD {
            let (start, rename) = (guests[number], guests[LOAD + number]);
            let mut spawn = |what: String,
                             command: std::pin::Pin<
                Box<dyn Future<Output = Result<()>> + Send>,
            >| {
                let tell = tell.clone();
                let task = runtime.spawn(async move {
                    let outcome = command.await;
                    // Only the first few are listened to.
                    let _ = tell.send(());
                    outcome
                });
                commands.insert(what, task);
            };
            let it = host.clone();
            spawn(
                format!("start {number}"),
                Box::pin(async move { it.start(start).await }),
            );
            let it = host.clone();
            let name = format!("new-{number}");
            spawn(
                format!("rename {number}"),
                Box::pin(async move { it.rename(rename, &name).await }),
            );
            let it = host.clone();
            let xml = small(&format!("defined-{number}"));
            spawn(
                format!("define {number}"),
                Box::pin(async move { it.define(xml).await.map(drop) }),
            );
        }
        told.recv_timeout(LIMIT).expect("the first is done");
        far.kill_daemon();
        let outcomes: BTreeMap<String, Outcome> = commands
            .into_iter()
            .map(|(what, task)| {
                let result = runtime.block_on(in_time(&what, task));
                (what, Outcome::of(&result.expect("it does not panic")))
            })
            .collect();
        far.start_daemon();
        settle(&runtime, &host, "connected again", is_up);

        let names = far.virsh(&["list", "--all", "--name"]);
        let names: Vec<&str> = names.lines().collect();
        assert!(outcomes.values().any(|outcome| *outcome == Outcome::Done));
        assert!(
            outcomes.values().any(|outcome| *outcome != Outcome::Done),
            "the daemon was killed too late to show anything"
        );
        for number in 0..LOAD {
            let of = |what: &str| &outcomes[&format!("{what} {number}")];
            let there = |name: String| names.contains(&name.as_str());
            of("define").check("define", there(format!("defined-{number}")));
            of("rename").check("rename", there(format!("new-{number}")));
            // QEMU's log begins a paragraph with each start.
            let log = format!("/var/log/libvirt/qemu/old-{number}.log");
            let starts = far.lines_of(&log, "starting up libvirt version");
            assert!(starts <= 1, "started {starts} times");
            if starts == 0 || *of("start") == Outcome::Done {
                of("start").check("start", starts == 1);
            }
        }
        // The list agrees with what is there now.
        let listed = settle(&runtime, &host, "the list", |snapshot| {
            snapshot.guests.len() == names.iter().filter(|name| !name.is_empty()).count()
        });
        for guest in listed.guests.iter() {
            assert!(names.contains(&guest.name.as_str()), "{}", guest.name);
        }
    });
}

#[test]
fn a_save_whose_daemon_dies_ends_with_words_and_loses_nothing() {
    sandbox::run(Tier::Daemon, || {
        let mut far = RemoteHost::start();
        let runtime = Threads::start();
        let host = Host::open(RemoteHost::URI, runtime.handle());
        let id = running_guest(&runtime, &host);
        // Storage that hangs: nobody takes what is written.
        far.run("mkdir", &["-p", "/var/lib/libvirt/qemu/save"]);
        far.run("mkfifo", &["/var/lib/libvirt/qemu/save/far.save"]);
        let mut events = host.events();
        let job = host.save(id);
        // libvirt stops a guest before it writes its memory.
        runtime.block_on(told(&mut events, id, Lifecycle::Suspended));
        far.kill_daemon();
        let error = runtime
            .block_on(in_time("the end of the saving", job.outcome()))
            .expect_err("it cannot have been saved");
        assert!(error.may_be_done(), "nobody knows: {error:?}");
        assert!(error.remedy().is_some());

        far.run("rm", &["/var/lib/libvirt/qemu/save/far.save"]);
        far.start_daemon();
        let back = settle(&runtime, &host, "connected again", |snapshot| {
            is_up(snapshot) && snapshot.guest(id).is_some()
        });
        let guest = back.guest(id).expect("as waited for");
        assert!(guest.state.is_active(), "{:?}", guest.state);
        // And it can be saved now.
        runtime
            .block_on(in_time("the second saving", host.save(id).outcome()))
            .expect("nothing hangs any more");
        settle(&runtime, &host, "saved", |snapshot| {
            snapshot
                .guest(id)
                .is_some_and(|guest| guest.state == GuestState::Saved)
        });
    });
}
