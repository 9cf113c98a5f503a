//! A real guest's virtual processors, changed while it runs.

use backend::{Error, ErrorKind, Host};
use integration::console::Console;
use integration::daemon::{Libvirtd, virsh};
use integration::guest::TinyGuest;
use integration::tier::Tier;
use integration::wait::LIMIT;
use integration::{program, sandbox, wait};
use tokio::runtime::Runtime;

/// What the guest itself says it uses. Its start brings added processors up by itself.
fn wait_until_online(console: &mut Console, processors: &str) {
    wait::until_true("the guest uses its processors", LIMIT, || {
        console.run("cat /sys/devices/system/cpu/online") == processors
    });
}

#[test]
fn processors_come_and_go_while_the_guest_runs() {
    sandbox::run(Tier::Guests, || {
        let _daemon = Libvirtd::start();
        let guest = TinyGuest::define("tiny");
        let runtime = Runtime::new().expect("there are threads");
        let host = Host::open(Libvirtd::URI, runtime.handle());
        let snapshot = runtime.block_on(host.connected()).expect("the daemon runs");
        let id = snapshot.guest_named("tiny").expect("it is defined").id;
        let set = |count| runtime.block_on(host.set_vcpus(id, count));
        let refused = |result: Result<(), Error>, kind| {
            let error = result.expect_err("it cannot be");
            assert_eq!(error.kind(), kind, "{error:?}");
            assert!(error.message().ends_with('.'), "{error}");
        };
        let counts = |current: u32, maximum: u32| {
            let mut watch = host.watch();
            let told = watch.wait_for(|snapshot| {
                let guest = snapshot.guest(id).expect("it is there");
                (guest.vcpus.current, guest.vcpus.maximum) == (current, maximum)
            });
            runtime.block_on(async {
                let told = tokio::time::timeout(LIMIT, told).await;
                told.unwrap_or_else(|_| panic!("the list never said {current} of {maximum}"))
                    .expect("the host lives");
            });
        };

        // Off: from the next start on.
        refused(set(4), ErrorKind::InvalidInput);
        runtime
            .block_on(host.set_maximum_vcpus(id, 4))
            .expect("it is off");
        set(2).expect("there is room");
        counts(2, 4);
        set(1).expect("one is enough");
        refused(set(0), ErrorKind::InvalidInput);

        // Running: at once, and the guest itself says so.
        let mut console = guest.boot();
        wait_until_online(&mut console, "0");
        set(3).expect("they can be plugged in");
        counts(3, 4);
        wait_until_online(&mut console, "0-2");
        assert_eq!(virsh(&["vcpucount", "tiny", "--config", "--current"]), "3");
        let read = runtime.block_on(host.vcpus(id)).expect("it runs");
        assert_eq!((read.current, read.maximum, read.online), (3, 4, None));
        refused(set(5), ErrorKind::InvalidInput);

        // More at most only from the next start on.
        runtime
            .block_on(host.set_maximum_vcpus(id, 6))
            .expect("it is noted");
        refused(set(5), ErrorKind::InvalidInput);
        let live = virsh(&["vcpucount", "tiny", "--live", "--maximum"]);
        let config = virsh(&["vcpucount", "tiny", "--config", "--maximum"]);
        assert_eq!((live.as_str(), config.as_str()), ("4", "6"));

        // The same on the command line.
        let said = |arguments: &[&str]| {
            let output =
                program::run(&[&["-c", Libvirtd::URI, "vcpus", "tiny"], arguments].concat());
            let text = [output.stdout, output.stderr].concat();
            (
                output.status.code(),
                String::from_utf8_lossy(&text).into_owned(),
            )
        };
        let (status, text) = said(&[]);
        assert_eq!(status, Some(0), "{text}");
        assert!(text.contains("3 of at most 4"), "{text}");
        let (status, text) = said(&["4"]);
        assert_eq!(status, Some(0), "{text}");
        wait_until_online(&mut console, "0-3");
        let (status, text) = said(&["5"]);
        assert_eq!(status, Some(1), "{text}");
        assert!(text.contains("--maximum"), "{text}");
        let (status, text) = said(&["--maximum", "8"]);
        assert_eq!(status, Some(0), "{text}");
        let config = virsh(&["vcpucount", "tiny", "--config", "--maximum"]);
        assert_eq!(config, "8");
    });
}
