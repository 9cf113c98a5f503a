//! Saving a guest into a file of one's choice and restoring it, through the backend and on the command
//! line, with a real guest.

use std::path::Path;

use backend::model::{Counterpart, GuestId, GuestState};
use backend::{Error, ErrorKind, Host};
use integration::daemon::{Libvirtd, virsh};
use integration::guest::TinyGuest;
use integration::held::Held;
use integration::sandbox;
use integration::tier::Tier;
use integration::wait::LIMIT;
use tokio::runtime::Runtime;

/// What writes a guest's memory for libvirt, and a guest whose memory is being read.
const WRITER: &str = "libvirt_iohelper";
const READER: &str = "-incoming";

const FILE: &str = "/run/home/tiny.save";

struct Scene {
    runtime: Runtime,
    host: Host,
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
        let snapshot = runtime.block_on(host.connected()).expect("the daemon runs");
        let id = snapshot.guest_named("tiny").expect("it is defined").id;
        Self {
            runtime,
            host,
            id,
            guest,
            _daemon: daemon,
        }
    }

    fn save_to(&self, path: &str, replace: bool) -> Result<(), Error> {
        let job = self.host.save_to(self.id, path, replace);
        self.runtime.block_on(job.outcome())
    }

    fn refused(&self, path: &str, replace: bool) -> Error {
        let refused = self.save_to(path, replace);
        refused.expect_err(path)
    }

    fn restore(&self, path: &str) -> Result<GuestId, Error> {
        self.runtime.block_on(self.host.restore(path).outcome())
    }

    fn look(&self, path: &str) -> backend::model::SavedFile {
        let look = self.runtime.block_on(self.host.saved_file(path));
        look.expect("it is a saved guest")
    }

    /// Waits until the snapshot shows the guest in that state.
    fn state(&self, state: GuestState) {
        let mut watch = self.host.watch();
        self.runtime.block_on(async {
            let reached = watch.wait_for(|snapshot| {
                let guest = snapshot.guest(self.id);
                guest.is_some_and(|guest| guest.state == state)
            });
            tokio::time::timeout(LIMIT, reached)
                .await
                .unwrap_or_else(|_| panic!("the list never said {state:?}"))
                .expect("the host lives");
        });
    }
}

fn there(path: &str) -> bool {
    Path::new(path).exists()
}

#[test]
fn a_guest_is_saved_into_a_file_and_goes_on_from_it() {
    sandbox::run(Tier::Guests, || {
        let scene = Scene::set();
        // Nothing to save, and nothing is replaced for it.
        std::fs::write("/run/home/notes", "precious").expect("the sandbox is ours");
        let error = scene.refused(FILE, true);
        assert_eq!(error.kind(), ErrorKind::WrongState, "{error:?}");
        let mut console = scene.guest.boot();
        console.run("echo here > /dev/mark");
        drop(console);

        // Paths that are no place for it.
        for (path, kind) in [
            ("tiny.save", ErrorKind::BadPath),
            ("/proc/tiny.save", ErrorKind::BadPath),
            ("/run/home/", ErrorKind::BadPath),
            ("/nowhere/tiny.save", ErrorKind::BadPath),
            ("/run/home/notes/tiny.save", ErrorKind::BadPath),
            ("/run/home", ErrorKind::AlreadyExists),
            ("/run/home/notes", ErrorKind::AlreadyExists),
        ] {
            for replace in [false, true] {
                let error = scene.refused(path, replace);
                assert_eq!(error.kind(), kind, "{path}: {error:?}");
                assert!(error.remedy().is_some(), "{path}: {error:?}");
            }
        }
        let notes = std::fs::read_to_string("/run/home/notes");
        assert_eq!(notes.expect("it is left alone"), "precious");
        // One that is too small.
        let small = ["-t", "tmpfs", "-o", "size=1m", "none", "/mnt"];
        let mounted = std::process::Command::new("mount").args(small).status();
        assert!(mounted.is_ok_and(|status| status.success()), "mount");
        let error = scene.refused("/mnt/tiny.save", false);
        assert_eq!(error.kind(), ErrorKind::NoSpace, "{error:?}");
        assert!(!there("/mnt/tiny.save"));
        assert_eq!(scene.guest.state(), "running");

        scene.save_to(FILE, false).expect("it is saved");
        scene.state(GuestState::Off);
        let found = scene.look(FILE);
        let guest = found.guest.clone().expect("QEMU's driver tells");
        assert_eq!((guest.name.as_str(), guest.id), ("tiny", scene.id));
        assert_eq!(guest.here, Counterpart::Off);
        assert_eq!(found.disks_moved_on, Some(false));

        assert_eq!(scene.restore(FILE).expect("it goes on"), scene.id);
        scene.state(GuestState::Running);
        let mut console = scene.guest.console();
        assert_eq!(console.run("cat /dev/mark"), "here");
        assert!(there(FILE), "the file is kept");

        // Not a second time beside itself, and not on a disk that moved on without a word.
        let error = scene.restore(FILE).expect_err("it runs");
        assert_eq!(error.kind(), ErrorKind::WrongState, "{error:?}");
        assert!(error.message().contains("tiny"), "{error}");
        console.run("echo x | dd of=/dev/vda conv=fsync 2>/dev/null");
        drop(console);
        let error = scene.refused(FILE, false);
        assert!(error.message().contains("“tiny”"), "{error}");
        virsh(&["destroy", "tiny"]);
        let found = scene.look(FILE);
        assert_eq!(found.disks_moved_on, Some(true));
        assert!(found.warning().is_some());

        // One that the host also keeps a state of is not mixed up with it.
        virsh(&["start", "tiny"]);
        virsh(&["managedsave", "tiny"]);
        let error = scene.restore(FILE).expect_err("which of the two");
        assert!(error.message().contains("already"), "{error}");
        virsh(&["managedsave-remove", "tiny"]);

        // A guest that was deleted is there for this run.
        virsh(&["undefine", "tiny"]);
        let here = scene.look(FILE).guest.map(|guest| guest.here);
        assert_eq!(here, Some(Counterpart::Missing));
        scene.restore(FILE).expect("it goes on");
        assert_eq!(virsh(&["list", "--transient", "--name"]), "tiny");

        for (path, kind) in [
            ("/run/home/notes", ErrorKind::InvalidInput),
            ("/run/home/nothing", ErrorKind::NotFound),
            ("/run/home", ErrorKind::InvalidInput),
            ("notes", ErrorKind::BadPath),
        ] {
            let error = scene.restore(path).expect_err(path);
            assert_eq!(error.kind(), kind, "{path}: {error:?}");
        }
    });
}

#[test]
fn saving_and_restoring_are_broken_off_without_a_trace() {
    sandbox::run(Tier::Guests, || {
        let scene = Scene::set();
        let mut console = scene.guest.boot();
        console.run("echo here > /dev/mark");
        drop(console);

        let job = scene.host.save_to(scene.id, FILE, false);
        let writer = Held::catch(WRITER);
        assert!(there(FILE));
        // It tells how far it is, of the whole.
        let mut progress = job.progress();
        scene.runtime.block_on(async {
            let told = progress.wait_for(|now| now.total.is_some_and(|total| total > now.done));
            tokio::time::timeout(LIMIT, told)
                .await
                .expect("it is told")
                .expect("it is under way");
        });
        job.cancel_handle().cancel();
        let mut stopping = job.progress();
        scene.runtime.block_on(async {
            let told = stopping.wait_for(|now| now.activity.contains("go on"));
            tokio::time::timeout(LIMIT, told)
                .await
                .expect("it is told")
                .expect("it is under way");
        });
        drop(writer);
        let error = scene
            .runtime
            .block_on(job.outcome())
            .expect_err("it was cancelled");
        assert_eq!(error.kind(), ErrorKind::Cancelled, "{error:?}");
        assert_eq!(error.left_behind(), None);
        assert!(!there(FILE));
        assert_eq!(scene.guest.state(), "running");
        assert_eq!(scene.guest.console().run("cat /dev/mark"), "here");

        scene.save_to(FILE, false).expect("now it is saved");
        // And once more in its place, but only by the user's will.
        scene.restore(FILE).expect("it goes on");
        let error = scene.refused(FILE, false);
        assert_eq!(error.kind(), ErrorKind::AlreadyExists, "{error:?}");
        scene.save_to(FILE, true).expect("it is replaced");

        let job = scene.host.restore(FILE);
        let reader = Held::catch(READER);
        scene.state(GuestState::Starting);
        job.cancel_handle().cancel();
        let mut stopping = job.progress();
        scene.runtime.block_on(async {
            // The process goes before the word of it does, or the other way round.
            let told = stopping.wait_for(|now| now.activity == "Stopping");
            let _ = tokio::time::timeout(LIMIT, told).await.expect("it is told");
        });
        let error = scene
            .runtime
            .block_on(job.outcome())
            .expect_err("it was cancelled");
        drop(reader);
        assert_eq!(error.kind(), ErrorKind::Cancelled, "{error:?}");
        scene.state(GuestState::Off);
        assert!(there(FILE));
        scene.restore(FILE).expect("it goes on all the same");
        assert_eq!(scene.guest.console().run("cat /dev/mark"), "here");
    });
}
