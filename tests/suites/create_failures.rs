//! Creations that fail or are cancelled: a clear message, and nothing left behind.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use backend::install::{self, CreateRequest, DiskPlace, NetworkSource};
use backend::job::Progress;
use backend::{Error, ErrorKind, Host};
use integration::daemon::{Libvirtd, virsh};
use integration::install::{Belongings, TinyTree};
use integration::tier::Tier;
use integration::tree_server::Fault;
use integration::wait::LIMIT;
use integration::{sandbox, wait};
use tokio::runtime::Runtime;
use tokio::sync::watch;

const DISKS: &str = "/run/disks";
const FULL: &str = "/run/full";

struct Scene {
    tree: TinyTree,
    runtime: Runtime,
    host: Host,
    daemon: Libvirtd,
}

impl Scene {
    fn set() -> Self {
        let daemon = Libvirtd::start();
        let tree = TinyTree::serve();
        std::fs::create_dir(DISKS).expect("a folder can be made");
        let runtime = Runtime::new().expect("there are threads");
        let host = Host::open(Libvirtd::URI, runtime.handle());
        runtime.block_on(host.info()).expect("the daemon answers");
        Self {
            tree,
            runtime,
            host,
            daemon,
        }
    }

    fn request(&self) -> CreateRequest {
        self.tree
            .request(&self.runtime, "g", &format!("{DISKS}/g.qcow2"))
    }

    /// Creates what cannot be created.
    fn fail(&self, request: CreateRequest) -> Error {
        let before = Belongings::now(&[DISKS, FULL]);
        let job = install::create(&self.host, request);
        let error = self
            .runtime
            .block_on(job.outcome())
            .expect_err("something is in the way");
        assert_eq!(Belongings::now(&[DISKS, FULL]), before, "{error:?}");
        assert!(error.message().ends_with('.'), "{error:?}");
        assert!(error.remedy().is_some(), "{error:?}");
        assert!(
            !error.remedy().unwrap_or_default().contains("Left behind"),
            "{error:?}"
        );
        error
    }

    /// The same failure, foreseen on the review page.
    fn foreseen(&self, request: &CreateRequest) -> ErrorKind {
        let preview = install::preview(&self.host, request);
        let error = self.runtime.block_on(preview);
        error.expect_err("it can be foreseen").kind()
    }
}

fn at(path: &str) -> DiskPlace {
    DiskPlace::Path(path.to_owned())
}

fn mount(options: &str, folder: &str) {
    std::fs::create_dir_all(folder).expect("a folder can be made");
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", options, "none", folder])
        .status();
    assert!(mounted.is_ok_and(|status| status.success()));
}

#[test]
fn what_is_in_the_way_is_said_before_anything_is_made() {
    sandbox::run(Tier::Guests, || {
        let scene = Scene::set();
        let good = scene.request();

        let taken = format!("{DISKS}/taken.qcow2");
        std::fs::write(&taken, "precious").expect("written");
        mount("size=1M", FULL);
        virsh(&["pool-define-as", "stopped", "dir", "--target", "/run/home"]);
        let volume = |pool: &str| DiskPlace::Volume {
            pool: pool.to_owned(),
            name: String::from("g"),
        };
        for (disk, kind) in [
            (at(&taken), ErrorKind::AlreadyExists),
            (at("/run/nowhere/g.qcow2"), ErrorKind::BadPath),
            (at(&format!("{taken}/g.qcow2")), ErrorKind::BadPath),
            (at("g.qcow2"), ErrorKind::BadPath),
            (at("/run/disks/"), ErrorKind::BadPath),
            (at("/run/disks/../g.qcow2"), ErrorKind::BadPath),
            (at(&format!("{FULL}/g.qcow2")), ErrorKind::NoSpace),
            (volume("nosuch"), ErrorKind::NotFound),
            (volume("stopped"), ErrorKind::WrongState),
        ] {
            let request = CreateRequest {
                disk,
                ..good.clone()
            };
            assert_eq!(scene.foreseen(&request), kind, "{:?}", request.disk);
            let error = scene.fail(request.clone());
            assert_eq!(error.kind(), kind, "{:?}: {error:?}", request.disk);
        }
        assert_eq!(
            std::fs::read_to_string(&taken).expect("it is there"),
            "precious"
        );

        for (request, kind) in [
            (
                CreateRequest {
                    network: NetworkSource::Network(String::from("nosuch")),
                    ..good.clone()
                },
                ErrorKind::NotFound,
            ),
            (
                CreateRequest {
                    vcpus: 100_000,
                    ..good.clone()
                },
                ErrorKind::InvalidInput,
            ),
            (
                CreateRequest {
                    name: String::from("a/b"),
                    ..good.clone()
                },
                ErrorKind::InvalidInput,
            ),
            (
                CreateRequest {
                    virtualization: backend::model::VirtualizationType::Kvm,
                    ..good.clone()
                },
                ErrorKind::NotSupported,
            ),
        ] {
            assert_eq!(scene.foreseen(&request), kind);
            assert_eq!(scene.fail(request).kind(), kind);
        }
        // Nothing of this was worth a transfer.
        let fetched = |request: &String| request.starts_with("GET") && request.contains("/images/");
        assert!(!scene.tree.server.requests().iter().any(fetched));

        // The name of a guest that is there.
        let made = scene
            .runtime
            .block_on(install::create(&scene.host, good.clone()).outcome());
        made.expect("the good one is made");
        let twin = CreateRequest {
            disk: at(&format!("{DISKS}/other.qcow2")),
            ..good
        };
        assert_eq!(scene.foreseen(&twin), ErrorKind::AlreadyExists);
        assert_eq!(scene.fail(twin).kind(), ErrorKind::AlreadyExists);
    });
}

#[test]
fn what_fails_on_the_way_is_undone() {
    sandbox::run(Tier::Guests, || {
        let scene = Scene::set();
        let good = scene.request();

        // A folder that the host can read and not write.
        mount("ro", "/run/ro");
        let request = CreateRequest {
            disk: at("/run/ro/g.qcow2"),
            ..good.clone()
        };
        let error = scene.fail(request);
        assert_eq!(error.kind(), ErrorKind::BadPath, "{error:?}");

        // Space for the disk but not for the installer's files, neither in the host's own folder
        // nor beside the disk.
        mount("size=1M", "/var/lib/libvirt/boot");
        mount("size=70M", FULL);
        std::fs::write(format!("{FULL}/filler"), vec![0; 5 << 20]).expect("written");
        let request = CreateRequest {
            disk: at(&format!("{FULL}/g.qcow2")),
            ..good.clone()
        };
        let big = with_large_kernel(&scene, request);
        let error = scene.fail(big);
        assert_eq!(error.kind(), ErrorKind::NoSpace, "{error:?}");
        // Beside the disk there is space: it goes there.
        let made = install::create(&scene.host, good.clone()).outcome();
        let id = scene.runtime.block_on(made).expect("there is a place");
        assert!(virsh(&["dumpxml", "g"]).contains(&format!("<kernel>{DISKS}/guesthouse-")));
        scene
            .runtime
            .block_on(scene.host.force_off(id))
            .expect("it can be forced off");
        let delete = scene.host.delete(
            id,
            backend::host::DeleteOptions {
                disks: vec![format!("{DISKS}/g.qcow2")],
            },
        );
        scene.runtime.block_on(delete).expect("it can be deleted");
        virsh(&["net-destroy", "default"]);

        // A guest that cannot be started: no machine has that much memory.
        let request = CreateRequest {
            memory_mib: 1 << 30,
            maximum_memory_mib: 1 << 30,
            ..good.clone()
        };
        let error = scene.fail(request);
        assert!(error.detail().is_some(), "{error:?}");

        // The server, in the middle.
        scene.tree.server.misbehave("initrd", Fault::Missing);
        assert_eq!(scene.fail(good.clone()).kind(), ErrorKind::Download);
        scene.tree.tamper_with_kernel();
        let error = scene.fail(good);
        assert_eq!(error.kind(), ErrorKind::Download);
        assert!(error.message().contains("checksum"), "{error}");
    });
}

/// The same request, with a kernel of 68 MiB.
fn with_large_kernel(scene: &Scene, mut request: CreateRequest) -> CreateRequest {
    std::fs::write("/run/tree/images/large", vec![7; 68 << 20]).expect("written");
    let kernel = &mut request.tree.installers[0].kernel;
    kernel.url = scene.tree.server.url("images/large");
    kernel.size = Some(68 << 20);
    kernel.sha256 = None;
    request
}

/// What a creation does, in order.
const STAGES: [&str; 8] = [
    "Checking",
    "Fetching the kernel",
    "Fetching the initrd",
    "Handing the kernel",
    "Handing the initrd",
    "Making the disk",
    "Starting the network",
    "Starting the installer",
];

/// Waits until a creation has come to `stage`, and gives the one that it is seen in: most pass so
/// quickly that on a busy machine only a later one is seen.
async fn reach(progress: &mut watch::Receiver<Progress>, stage: &str) -> &'static str {
    let mut left = STAGES.iter().skip_while(|&&earlier| earlier != stage);
    let now = progress.wait_for(|now| left.clone().any(|stage| now.activity.starts_with(stage)));
    let now = now.await.expect("it is held in the last stage");
    left.find(|stage| now.activity.starts_with(*stage))
        .expect("it was just found")
}

/// Holds the daemon back from starting guests: while this lives, a creation does not get past its
/// last stage. By way of libvirt's own hook, which has to be there before the daemon is.
struct Held;

impl Held {
    const HOOK: &str = "/etc/libvirt/hooks/qemu";
    const HELD: &str = "/run/held";
    const ASKED: &str = "/run/asked";

    fn lay_hook() {
        let hook = format!(
            "#!/bin/sh\n[ \"$2\" = prepare ] || exit 0\n: >{}\nwhile [ -e {} ]; do sleep 0.05; done\n",
            Self::ASKED,
            Self::HELD
        );
        std::fs::create_dir_all("/etc/libvirt/hooks").expect("the sandbox is ours");
        std::fs::write(Self::HOOK, hook).expect("the sandbox is ours");
        std::fs::set_permissions(Self::HOOK, std::fs::Permissions::from_mode(0o755))
            .expect("the sandbox is ours");
    }

    fn now() -> Self {
        // It is not there unless an earlier creation came so far.
        let _ = std::fs::remove_file(Self::ASKED);
        std::fs::write(Self::HELD, "").expect("the sandbox is ours");
        Self
    }

    /// Whether a guest is being started, and held.
    fn was_asked() -> bool {
        Path::new(Self::ASKED).exists()
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        std::fs::remove_file(Self::HELD).expect("it was just made");
    }
}

#[test]
fn a_cancelled_creation_leaves_nothing_whenever_it_is_cancelled() {
    sandbox::run(Tier::Guests, || {
        Held::lay_hook();
        let scene = Scene::set();
        let request = scene.request();
        for stage in STAGES {
            let before = Belongings::now(&[DISKS]);
            let slow = match stage {
                "Fetching the kernel" => Some("vmlinuz"),
                "Fetching the initrd" => Some("initrd"),
                _ => None,
            };
            if let Some(file) = slow {
                scene.tree.server.misbehave(file, Fault::Slow(100_000));
            }
            let held = Held::now();
            let job = install::create(&scene.host, request.clone());
            let (cancel, mut progress) = (job.cancel_handle(), job.progress());
            let seen = scene.runtime.block_on(reach(&mut progress, stage));
            if Some(&stage) == STAGES.last() {
                wait::until_true("the daemon asks the hook", LIMIT, Held::was_asked);
            }
            cancel.cancel();
            drop(held);
            let outcome = scene.runtime.block_on(job.outcome());
            let error = outcome.expect_err(stage);
            assert_eq!(error.kind(), ErrorKind::Cancelled, "{stage}: {error:?}");
            assert_eq!(Belongings::now(&[DISKS]), before, "{stage}");
            if let Some(file) = slow {
                assert_eq!(seen, stage, "it is slow");
                scene.tree.server.misbehave(file, Fault::CutAfter(u64::MAX));
            }
        }
    });
}

#[test]
fn a_daemon_that_dies_in_the_middle_gets_its_folders_back_clean() {
    sandbox::run(Tier::Guests, || {
        Held::lay_hook();
        let Scene {
            tree,
            runtime,
            host,
            daemon,
        } = Scene::set();
        let request = tree.request(&runtime, "g", &format!("{DISKS}/g.qcow2"));
        let before = Belongings::now(&[DISKS]);
        let _held = Held::now();
        let job = install::create(&host, request);
        runtime.block_on(reach(&mut job.progress(), "Handing the initrd"));
        daemon.kill();
        let _daemon = Libvirtd::start();
        let outcome = runtime.block_on(async { tokio::time::timeout(LIMIT, job.outcome()).await });
        let error = outcome.expect("it ends").expect_err("its daemon died");
        assert_eq!(error.kind(), ErrorKind::Disconnected, "{error:?}");
        assert_eq!(Belongings::now(&[DISKS]), before, "{error:?}");
    });
}
