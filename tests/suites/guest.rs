//! A real guest from start to shutdown through the backend: display, keyboard, memory, events.

use backend::host::{DisplayStream, Host};
use backend::model::{GuestId, GuestState};
use backend::{ErrorKind, GuestEvent, Happening, Lifecycle};
use integration::daemon::Libvirtd;
use integration::guest::TinyGuest;
use integration::peer::Peer;
use integration::tier::Tier;
use integration::wait::LIMIT;
use integration::{sandbox, wait};
use rfb::ClientConfig;
use tokio::runtime::Runtime;
use tokio::sync::broadcast;

const MIB: u64 = 1024;

/// The private daemon, a tiny guest defined on it, and the backend connected to it.
struct Scene {
    runtime: Runtime,
    host: Host,
    events: broadcast::Receiver<GuestEvent>,
    id: GuestId,
    guest: TinyGuest,
    _daemon: Libvirtd,
}

impl Scene {
    fn set() -> Self {
        let daemon = Libvirtd::start();
        let guest = TinyGuest::define("tiny");
        let runtime = Runtime::new().expect("there are threads");
        let host = Host::open(Libvirtd::URI, runtime.handle());
        let events = host.events();
        let snapshot = runtime.block_on(host.connected()).expect("the daemon runs");
        let id = snapshot.guest_named("tiny").expect("it is defined").id;
        Self {
            runtime,
            host,
            events,
            id,
            guest,
            _daemon: daemon,
        }
    }

    /// Waits until an event of our guest fits.
    fn event(&mut self, what: &str, fits: impl Fn(Happening) -> bool) {
        let id = self.id;
        let events = &mut self.events;
        self.runtime.block_on(async {
            tokio::time::timeout(LIMIT, async {
                loop {
                    let event = events.recv().await.expect("the host lives");
                    if event.id == id && fits(event.happening) {
                        return;
                    }
                }
            })
            .await
            .unwrap_or_else(|_| panic!("no event: {what}"));
        });
    }

    /// Waits until the snapshot shows the guest in that state.
    fn state(&self, state: GuestState) {
        let mut watch = self.host.watch();
        self.runtime.block_on(async {
            let reached = watch.wait_for(|snapshot| {
                snapshot
                    .guest(self.id)
                    .is_some_and(|guest| guest.state == state)
            });
            tokio::time::timeout(LIMIT, reached)
                .await
                .unwrap_or_else(|_| panic!("the list never said {state:?}"))
                .expect("the host lives");
        });
    }

    /// Waits until three readings in a row of the share of the processor fit, and gives them: a
    /// single one may be a whim of the machine.
    fn shares(&self, what: &str, fits: impl Fn(f64) -> bool) -> [f64; 3] {
        let mut watch = self.host.watch();
        let mut seen = Vec::new();
        self.runtime
            .block_on(async {
                let in_a_row = async {
                    let mut last = None;
                    loop {
                        watch.changed().await.expect("the host lives");
                        let snapshot = watch.borrow_and_update().clone();
                        let stats = snapshot.guest(self.id).and_then(|guest| guest.stats);
                        // A snapshot may be new for other reasons.
                        if let Some(stats) = stats.filter(|_| stats != last) {
                            seen.push(stats.cpu);
                        }
                        last = stats;
                        if let Some(&three) = seen.last_chunk()
                            && three.into_iter().all(&fits)
                        {
                            return three;
                        }
                    }
                };
                tokio::time::timeout(LIMIT, in_a_row).await
            })
            .unwrap_or_else(|_| panic!("{what}: never; the readings were {seen:?}"))
    }

    /// Sets the balloon and waits for the event that says that the guest has followed.
    fn set_memory(&mut self, mib: u64) {
        let set = self.host.set_memory(self.id, mib * MIB);
        self.runtime
            .block_on(set)
            .expect("the balloon takes the target");
        self.event(
            "the balloon at its target",
            |event| matches!(event, Happening::Balloon { actual_kib } if actual_kib == mib * MIB),
        );
    }

    fn start(&mut self) {
        let started = self.runtime.block_on(self.host.start(self.id));
        started.expect("it starts");
        self.event("started", |event| {
            matches!(event, Happening::Lifecycle(Lifecycle::Started))
        });
        self.state(GuestState::Running);
    }
}

#[test]
fn a_guest_lives_from_start_to_shutdown() {
    sandbox::run(Tier::Guests, || {
        let mut scene = Scene::set();
        scene.state(GuestState::Off);
        scene.start();
        let mut console = scene.guest.wait_until_ready();

        // The screen: a text console of 80 columns, 720 pixels wide, with something on it.
        let display = scene.runtime.block_on(scene.host.open_display(scene.id, 0));
        let DisplayStream::Descriptor(socket) = display.expect("it has a display") else {
            panic!("a local daemon hands its display over as a descriptor");
        };
        let mut viewer = Peer::over(socket, ClientConfig::default());
        viewer.look_until("text on the screen", |viewer| viewer.lit_pixels() > 500);
        let (width, height) = viewer.size();
        assert!(width >= 640 && height >= 400, "{width} x {height}");

        // What is typed on the screen's keyboard reaches the guest, and shows.
        console.run("rm -f /tmp/typed");
        let before = viewer.lit_pixels();
        viewer.type_line("touch /tmp/typed");
        viewer.look_until("the typed line", |viewer| viewer.lit_pixels() > before);
        wait::until_true("the keys arrive", LIMIT, || {
            console.run("ls /tmp") == "typed"
        });

        // Memory: down and up, and the guest itself says so.
        let full = console.total_memory_mib();
        scene.set_memory(128);
        let less = console.total_memory_mib();
        assert!(less + 100 < full, "{less} MiB of {full}");
        scene.set_memory(256);
        assert_eq!(console.total_memory_mib(), full);
        let too_much = scene.host.set_memory(scene.id, 257 * MIB);
        let error = scene
            .runtime
            .block_on(too_much)
            .expect_err("it cannot have so much");
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error:?}");

        // The polite end.
        let asked = scene.runtime.block_on(scene.host.shut_down(scene.id));
        asked.expect("it is asked");
        scene.event("stopped", |event| {
            matches!(event, Happening::Lifecycle(Lifecycle::Stopped(_)))
        });
        scene.state(GuestState::Off);
        assert_eq!(scene.guest.state(), "shut off");
    });
}

#[test]
fn figures_follow_the_guest() {
    sandbox::run(Tier::Guests, || {
        let mut scene = Scene::set();
        scene.start();
        let mut console = scene.guest.wait_until_ready();
        let _interest = scene.host.watch_stats();

        let reading = wait::until("the guest reports its memory", LIMIT, || {
            let reading = scene.runtime.block_on(scene.host.balloon(scene.id));
            let reading = reading.expect("it runs");
            reading.guest_reports().then_some(reading)
        });
        assert_eq!(reading.actual_kib, 256 * MIB);
        let available = reading.available_kib.expect("it reports") / MIB;
        // free(1) rounds.
        assert!(
            available.abs_diff(console.total_memory_mib()) <= 1,
            "{available} MiB"
        );

        // A guest that computes shows in the figures, and one that rests does not. How much it gets
        // to compute is up to what else the machine does, so they are compared with each other.
        console.run("while :; do :; done & echo begun");
        let busy = scene.shares("a busy guest", |share| share > 0.1);
        console.run("kill $!");
        let least = busy.into_iter().fold(1.0, f64::min);
        let rest = scene.shares("a guest at rest", |share| share < least / 2.0);
        console.run("while :; do :; done & echo begun");
        let most = rest.into_iter().fold(0.0, f64::max);
        scene.shares("a guest busy again", |share| {
            share > 0.1 && share > most * 2.0
        });
    });
}

#[test]
fn a_guest_is_paused_and_forced_off() {
    sandbox::run(Tier::Guests, || {
        let mut scene = Scene::set();
        scene.start();
        scene
            .runtime
            .block_on(scene.host.pause(scene.id))
            .expect("it pauses");
        scene.event("paused", |event| {
            matches!(event, Happening::Lifecycle(Lifecycle::Suspended))
        });
        scene.state(GuestState::Paused);
        scene
            .runtime
            .block_on(scene.host.resume(scene.id))
            .expect("it goes on");
        scene.event("resumed", |event| {
            matches!(event, Happening::Lifecycle(Lifecycle::Resumed))
        });
        scene.state(GuestState::Running);
        let error = scene.runtime.block_on(scene.host.start(scene.id));
        assert_eq!(
            error.expect_err("it runs already").kind(),
            ErrorKind::WrongState
        );

        scene
            .runtime
            .block_on(scene.host.force_off(scene.id))
            .expect("the plug is pulled");
        scene.event("stopped", |event| {
            matches!(event, Happening::Lifecycle(Lifecycle::Stopped(_)))
        });
        scene.state(GuestState::Off);
    });
}

#[test]
fn a_guest_is_saved_and_goes_on_where_it_was() {
    sandbox::run(Tier::Guests, || {
        let mut scene = Scene::set();
        scene.start();
        let mut console = scene.guest.wait_until_ready();
        console.run("echo here > /dev/mark");
        drop(console);
        scene
            .runtime
            .block_on(scene.host.save(scene.id).outcome())
            .expect("it is saved");
        scene.state(GuestState::Saved);
        scene
            .runtime
            .block_on(scene.host.start(scene.id))
            .expect("it goes on");
        scene.state(GuestState::Running);
        let mut console = scene.guest.console();
        assert_eq!(console.run("cat /dev/mark"), "here");
        drop(console);

        // Cancelled, it either goes on as if nothing had been, or was quicker.
        let job = scene.host.save(scene.id);
        job.cancel_handle().cancel();
        match scene.runtime.block_on(job.outcome()) {
            Ok(()) => scene.state(GuestState::Saved),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Cancelled, "{error:?}");
                scene.state(GuestState::Running);
                scene
                    .runtime
                    .block_on(scene.host.save(scene.id).outcome())
                    .expect("now it is saved");
                scene.state(GuestState::Saved);
            }
        }
        scene
            .runtime
            .block_on(scene.host.discard_saved(scene.id))
            .expect("it is thrown away");
        scene.state(GuestState::Off);
    });
}
