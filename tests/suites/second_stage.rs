//! What happens when an installer ends, whoever is there to see it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;

use backend::Host;
use backend::host::DeleteOptions;
use backend::install::{self, StageEvent};
use backend::model::GuestId;
use integration::console::Console;
use integration::daemon::{Libvirtd, virsh};
use integration::guest::BOOT;
use integration::install::TinyTree;
use integration::tier::Tier;
use integration::wait::LIMIT;
use integration::{program, sandbox, wait};
use tokio::runtime::Runtime;

const DISK: &str = "/var/lib/libvirt/images/g.qcow2";

/// The next line that a child prints.
pub(crate) fn first_line(child: &mut Child) -> String {
    let output = child.stdout.take().expect("it is piped");
    let mut line = String::new();
    let mut reader = BufReader::new(output);
    reader.read_line(&mut line).expect("it prints text");
    child.stdout = Some(reader.into_inner());
    line.trim().to_owned()
}

/// A daemon and a connection to it.
struct Scene {
    tree: TinyTree,
    runtime: Runtime,
    host: Host,
    _daemon: Libvirtd,
}

impl Scene {
    fn set() -> Self {
        let daemon = Libvirtd::start();
        let tree = TinyTree::serve();
        let runtime = Runtime::new().expect("there are threads");
        let host = Host::open(Libvirtd::URI, runtime.handle());
        runtime.block_on(host.info()).expect("the daemon answers");
        Self {
            tree,
            runtime,
            host,
            _daemon: daemon,
        }
    }

    fn create(&self) -> GuestId {
        let request = self.tree.request(&self.runtime, "g", DISK);
        let job = install::create(&self.host, request);
        self.runtime.block_on(job.outcome()).expect("it is made")
    }

    /// Watches for second stages from now on.
    fn watch(&self) -> mpsc::Receiver<StageEvent> {
        let (tell, told) = mpsc::channel();
        let watching = install::watch_second_stage(self.host.clone(), move |event| {
            // The test may have ended.
            let _ = tell.send(event);
        });
        self.runtime.spawn(watching);
        told
    }
}

/// The guest's console, once its shell is there.
fn console() -> Console {
    let mut console = Console::on_terminal(&virsh(&["ttyconsole", "g"]));
    // What it said before this was opened has perhaps passed.
    console.type_line("");
    console.expect("guest#", BOOT);
    console
}

fn boot_files() -> usize {
    std::fs::read_dir("/var/lib/libvirt/boot")
        .expect("the folder is there")
        .count()
}

/// Running from its disk, with nothing left of the installer.
fn assert_second_stage() {
    assert_eq!(virsh(&["domstate", "g"]), "running");
    let live = virsh(&["dumpxml", "g"]);
    assert!(!live.contains("<kernel>"), "{live}");
    assert!(live.contains("<on_reboot>restart</on_reboot>"));
    wait::until_true("the note is gone", LIMIT, || {
        !virsh(&["dumpxml", "g"]).contains("xmlns/installation")
            && !virsh(&["dumpxml", "--inactive", "g"]).contains("xmlns/installation")
    });
    assert_eq!(boot_files(), 0);
    assert_eq!(virsh(&["pool-list", "--all", "--name"]), "");
}

#[test]
fn a_program_killed_in_mid_install_is_followed_by_the_next() {
    sandbox::run(Tier::Guests, || {
        let scene = Scene::set();
        let mut first = Command::new(program::example("install"))
            .args([Libvirtd::URI, &scene.tree.url(), "g", DISK])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the example starts");
        assert_eq!(first_line(&mut first), "created");
        let snapshot = scene.runtime.block_on(async {
            let mut watch = scene.host.watch();
            let shown = watch.wait_for(|snapshot| snapshot.guest_named("g").is_some());
            shown.await.expect("the host lives").clone()
        });
        let id = snapshot.guest_named("g").expect("it was seen").id;
        // SIGKILL: nothing can be tidied up.
        first.kill().expect("it can be killed");
        first.wait().expect("and reaped");
        assert_eq!(virsh(&["domstate", "g"]), "running");

        // The installer ends while nobody is there.
        console().type_line("reboot -f");
        wait::until_true("the installer has ended", LIMIT, || {
            virsh(&["domstate", "g"]) == "shut off"
        });
        assert_eq!(boot_files(), 2);

        let told = scene.watch();
        let event = told.recv_timeout(LIMIT).expect("it is continued");
        assert!(matches!(event, StageEvent::Continued { id: of, .. } if of == id));
        assert_second_stage();
    });
}

#[test]
fn a_program_that_is_there_continues_at_once_and_once() {
    sandbox::run(Tier::Guests, || {
        let scene = Scene::set();
        // Two that watch: as a window and a command line would.
        let (told, told_too) = (scene.watch(), scene.watch());
        let id = scene.create();
        console().type_line("reboot -f");
        // Whichever is quicker does it; both tell.
        for told in [told, told_too] {
            let event = told.recv_timeout(LIMIT).expect("it is continued");
            assert!(matches!(event, StageEvent::Continued { .. }), "{event:?}");
        }
        assert_second_stage();
        // From now on it is a guest like others: off means off.
        virsh(&["destroy", "g"]);
        wait::until_true("the list shows it off", LIMIT, || {
            let snapshot = scene.host.snapshot();
            snapshot
                .guest(id)
                .is_some_and(|guest| !guest.state.is_active() && !guest.installing)
        });
        assert_eq!(virsh(&["domstate", "g"]), "shut off");
    });
}

#[test]
fn an_installer_that_is_stopped_stays_off_and_leaves_nothing() {
    sandbox::run(Tier::Guests, || {
        let scene = Scene::set();
        let told = scene.watch();
        let broken_off = |id: GuestId| {
            let event = told.recv_timeout(LIMIT).expect("it is seen");
            assert!(matches!(event, StageEvent::BrokenOff { id: of, .. } if of == id));
            assert_eq!(virsh(&["domstate", "g"]), "shut off");
            assert!(!virsh(&["dumpxml", "g"]).contains("xmlns/installation"));
            assert_eq!(boot_files(), 0);
            let delete = scene.host.delete(
                id,
                DeleteOptions {
                    disks: vec![DISK.to_owned()],
                },
            );
            scene.runtime.block_on(delete).expect("it can be deleted");
        };
        // Forced off by somebody, here or elsewhere.
        let id = scene.create();
        virsh(&["destroy", "g"]);
        broken_off(id);

        // Asked to shut down by us: it does so by itself, as after a reboot, and yet stays off.
        let id = scene.create();
        let up = console();
        let asked = scene.runtime.block_on(scene.host.shut_down(id));
        asked.expect("it can be asked");
        broken_off(id);
        drop(up);
    });
}

#[test]
fn a_guest_off_for_reasons_unknown_is_left_to_the_user() {
    sandbox::run(Tier::Guests, || {
        let scene = Scene::set();
        let id = scene.create();
        virsh(&["destroy", "g"]);
        // With the daemon goes its memory of why.
        let Scene {
            runtime,
            host,
            _daemon: daemon,
            ..
        } = scene;
        daemon.kill();
        let daemon = Libvirtd::start();
        assert!(virsh(&["domstate", "g", "--reason"]).contains("unknown"));
        wait::until_true("the host is connected again", LIMIT, || {
            runtime.block_on(host.xml(id, true)).is_ok()
        });

        let (tell, told) = mpsc::channel();
        runtime.spawn(install::watch_second_stage(host.clone(), move |event| {
            let _ = tell.send(event);
        }));
        wait::until_true("the list shows it", LIMIT, || {
            let snapshot = host.snapshot();
            snapshot.guest(id).is_some_and(|guest| guest.installing)
        });
        assert_eq!(boot_files(), 2);
        // The user starts it: from disk, and what was left goes.
        runtime.block_on(host.start(id)).expect("it can be started");
        wait::until_true("the installer's files are gone", LIMIT, || {
            boot_files() == 0
        });
        let live = virsh(&["dumpxml", "g"]);
        assert!(!live.contains("<kernel>"));
        let event = told.recv_timeout(LIMIT).expect("the end is told");
        assert!(matches!(event, StageEvent::Continued { id: of, .. } if of == id));
        drop(daemon);
    });
}

#[test]
fn deleting_a_guest_in_mid_install_takes_the_installers_files_along() {
    sandbox::run(Tier::Guests, || {
        let scene = Scene::set();
        let id = scene.create();
        assert_eq!(boot_files(), 2);
        scene
            .runtime
            .block_on(scene.host.force_off(id))
            .expect("it can be forced off");
        let delete = scene.host.delete(id, DeleteOptions::default());
        scene.runtime.block_on(delete).expect("it can be deleted");
        assert_eq!(boot_files(), 0);
        assert!(
            std::fs::exists(DISK).expect("it can be looked for"),
            "the disk was not named"
        );
    });
}
