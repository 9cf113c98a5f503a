//! Tests of the harness itself: without these, a failure elsewhere could be its fault.

use std::io::{Read, Write};
use std::net::TcpStream;

use integration::accessibility::{Accessibility, Query};
use integration::daemon::{Libvirtd, try_virsh, virsh};
use integration::display::Display;
use integration::guest::TinyGuest;
use integration::program::{self, Windowed};
use integration::rfb_server::{Behaviour, RfbServer};
use integration::tier::Tier;
use integration::tree_server::{Fault, TreeServer};
use integration::{sandbox, testbed, wait};

/// What the kernel puts into every new network, depending on the modules that it has loaded.
const TUNNELS: [&str; 7] = ["tunl", "sit", "gre", "erspan", "ip_vti", "ip6", "teql"];

#[test]
fn a_sandbox_is_empty() {
    sandbox::run(Tier::Sandbox, || {
        let interfaces = std::fs::read_to_string("/proc/net/dev").expect("/proc is there");
        let names: Vec<_> = interfaces
            .lines()
            .filter_map(|line| line.split_once(':'))
            .map(|(name, _)| name.trim())
            .filter(|name| !TUNNELS.iter().any(|tunnel| name.starts_with(tunnel)))
            .collect();
        assert_eq!(names, ["lo"]);
        assert_eq!(std::process::id() / 100, 0, "process numbers start again");
    });
}

#[test]
#[should_panic(expected = "this panic must get out")]
fn a_failure_inside_is_a_failure_outside() {
    assert!(
        Tier::Sandbox.is_here(),
        "skipped, so: this panic must get out"
    );
    sandbox::run(Tier::Sandbox, || panic!("this panic must get out"));
}

#[test]
fn the_daemon_starts_and_stops() {
    sandbox::run(Tier::Daemon, || {
        let daemon = Libvirtd::start();
        assert_eq!(virsh(&["list", "--all", "--name"]), "");
        assert!(virsh(&["net-list", "--inactive", "--name"]).contains("default"));
        daemon.kill();
        assert!(!try_virsh(&["uri"]).status.success());
        drop(Libvirtd::start());
    });
}

#[test]
fn the_tiny_guest_boots_and_obeys() {
    sandbox::run(Tier::Guests, || {
        let _daemon = Libvirtd::start();
        let guest = TinyGuest::define("tiny");
        assert_eq!(guest.state(), "shut off");
        let mut console = guest.boot();
        assert!(console.total_memory_mib() > 180);

        virsh(&["setmem", guest.name(), "131072", "--live"]);
        wait::until_true("the guest gives memory back", wait::LIMIT, || {
            console.total_memory_mib() < 110
        });

        virsh(&["shutdown", guest.name()]);
        wait::until_true("the guest shuts down", wait::LIMIT, || {
            guest.state() == "shut off"
        });
    });
}

#[test]
fn trees_are_served_well_and_badly() {
    sandbox::run(Tier::Sandbox, || {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        std::fs::write(folder.path().join("linux"), vec![7; 100_000]).expect("it is ours");
        let server = TreeServer::serve(folder.path());

        assert_eq!(fetch(&server, "HEAD", "linux"), ("200".to_owned(), 0));
        assert_eq!(fetch(&server, "GET", "linux"), ("200".to_owned(), 100_000));
        assert_eq!(fetch(&server, "GET", "initrd.gz").0, "404");
        assert_eq!(fetch(&server, "GET", "").0, "404", "a folder is no file");

        server.misbehave("linux", Fault::CutAfter(5000));
        assert_eq!(fetch(&server, "GET", "linux"), ("200".to_owned(), 5000));
        server.misbehave("linux", Fault::Broken);
        assert_eq!(fetch(&server, "GET", "linux").0, "500");
        assert_eq!(server.bytes_sent(), 105_000);
        assert!(server.requests().contains(&"HEAD /linux".to_owned()));
    });
}

#[test]
fn the_installer_tree_is_complete() {
    sandbox::run(Tier::Installer, || {
        let server = TreeServer::serve(&testbed::tree());
        let (codename, _) = testbed::tree_release();
        let images = format!("debian/dists/{codename}/main/installer-amd64/current/images");
        let (status, length) = fetch(&server, "GET", &format!("{images}/MANIFEST"));
        assert_eq!(status, "200");
        assert!(length > 50);
        for file in ["linux", "initrd.gz"] {
            let path = format!("{images}/netboot/gtk/debian-installer/amd64/{file}");
            assert_eq!(fetch(&server, "HEAD", &path).0, "200", "{path}");
        }
    });
}

#[test]
fn bad_vnc_servers_are_bad() {
    sandbox::run(Tier::Sandbox, || {
        let connect = |behaviour| {
            let server = RfbServer::start(behaviour);
            TcpStream::connect(("127.0.0.1", server.port())).expect("it listens")
        };
        let mut byte = [0; 1];
        assert_eq!(connect(Behaviour::Close).read(&mut byte).unwrap(), 0);
        let mut version = [0; 12];
        connect(Behaviour::Garbage)
            .read_exact(&mut version)
            .unwrap();
        assert_ne!(&version, b"RFB 003.008\n");
        connect(Behaviour::HugeDesktop)
            .read_exact(&mut version)
            .unwrap();
        assert_eq!(&version, b"RFB 003.008\n");
    });
}

#[test]
fn a_program_is_driven_through_its_accessibility_tree() {
    sandbox::run(Tier::Interface, || {
        let display = Display::start(800, 600);
        let mut window = Windowed::start(&display, program::example("widgets"), &[]);
        let mut tree = Accessibility::of(&display, "widgets");

        let greet = Query::role("push button").named("Greet");
        let memory = Query::role("slider").named("Memory");
        tree.wait_for(&greet);
        tree.set_text(&Query::role("text").nth(0), "tiny");
        tree.set_value(&memory, 1024.0);
        assert!((tree.value(&memory) - 1024.0).abs() < f64::EPSILON);
        tree.wait_until_sensitive(&greet);
        tree.press(&greet);
        tree.wait_for(&Query::role("label").named("tiny has 1024 MiB"));
        tree.wait_until_gone(&Query::any().named("Nothing yet"));

        // The tree knows of a window before it is painted.
        wait::until_true("the window is in the picture", wait::LIMIT, || {
            Display::colours(&display.screenshot("harness-widgets")) > 10
        });
        assert!(window.is_running());
    });
}

/// Status and length of what comes for one request.
fn fetch(server: &TreeServer, method: &str, path: &str) -> (String, usize) {
    let url = server.url("");
    let address = url.trim_start_matches("http://").trim_end_matches('/');
    let mut stream = TcpStream::connect(address).expect("the server listens");
    write!(
        stream,
        "{method} /{path} HTTP/1.1\r\nHost: {address}\r\n\r\n"
    )
    .expect("it reads");
    stream
        .shutdown(std::net::Shutdown::Write)
        .expect("it is open");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("it answers");
    let end = answer
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .expect("the head ends");
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    let status = head.split_whitespace().nth(1).unwrap_or_default();
    (status.to_owned(), answer.len() - end - 4)
}
