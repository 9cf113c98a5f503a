//! Adding hosts: by plain answers, by an address, out of what virt-manager remembers; with hosts that
//! answer, that fail and that say nothing.

use std::net::TcpListener;
use std::process::Command;

use integration::accessibility::{Accessibility, Query};
use integration::daemon::Libvirtd;
use integration::display::Display;
use integration::program::{self, Windowed};
use integration::tier::Tier;
use integration::{sandbox, wait};

/// Where the sandbox's user keeps the program's settings.
const SETTINGS: &str = "/run/home/.config/guesthouse/settings.toml";

/// The private daemon at its socket, which makes it another host than `qemu:///system`.
const BY_SOCKET: &str = "qemu+unix:///system?socket=/run/libvirt/libvirt-sock";

fn button(name: &str) -> Query {
    Query::role("push button").named(name)
}

fn text(name: &str) -> Query {
    Query::role("text").named(name)
}

fn says(text: &str) -> Query {
    Query::role("label").containing(text)
}

fn dialog() -> Query {
    Query::role("frame").named("Add a Host")
}

fn address() -> Query {
    text("Connection URI")
}

/// Opens the list with the test driver's host, and the dialog over it.
fn open(display: &Display) -> (Windowed, Accessibility) {
    let arguments = ["--connect", "test:///default"];
    let program = Windowed::start(display, program::binary(), &arguments);
    let mut tree = Accessibility::of(display, "guesthouse");
    tree.wait_for(&Query::role("panel").containing("test, running"));
    open_dialog(&mut tree);
    (program, tree)
}

fn open_dialog(tree: &mut Accessibility) {
    // A menu button holds the one that opens its menu.
    tree.press(&button("Menu").nth(1));
    tree.press(&Query::role("menu item").containing("Add a Host"));
    tree.wait_for(&dialog());
}

/// Waits until the address is this one. Rows do not tell their texts with GTK 4.8; the page that says
/// what is being connected has it too.
fn wait_for_address(tree: &mut Accessibility, uri: &str) {
    tree.wait_for(&Query::role("label").named(uri).within(dialog()));
}

fn is_remembered(uri: &str) -> bool {
    let line = format!("uri = \"{uri}\"");
    std::fs::read_to_string(SETTINGS).is_ok_and(|text| text.contains(&line))
}

#[test]
fn answers_make_the_address_and_an_address_makes_answers() {
    sandbox::run(Tier::Interface, || {
        let display = Display::start(1280, 800);
        let (mut program, mut tree) = open(&display);
        tree.wait_for(&says("Name the other computer."));
        tree.set_text(&text("Host name or address"), "build7");
        wait_for_address(&mut tree, "qemu+ssh://build7/system");
        tree.set_text(&text("User name (optional)"), "me@work");
        tree.set_text(&text("Port (optional)"), "ssh");
        tree.wait_for(&says("A port is a number from 1 to 65535."));
        tree.set_text(&text("Port (optional)"), "2222");
        wait_for_address(&mut tree, "qemu+ssh://me%40work@build7:2222/system");
        tree.wait_until_sensitive(&button("Add"));

        tree.set_text(&address(), "xen+tcp://[2001:db8::7]/system");
        tree.wait_for(&says("TCP is not encrypted."));
        display.screenshot("add-host-answers");
        // The other answers are those of the address.
        tree.set_text(&text("Port (optional)"), "1");
        wait_for_address(&mut tree, "xen+tcp://[2001:db8::7]:1/system");
        tree.set_text(&address(), "qemu+libssh2://build7/system");
        tree.wait_for(&says("it is used as it stands"));
        tree.set_text(&address(), "test:///default");
        tree.wait_for(&says("That host is in the list already."));
        tree.press(&button("Cancel"));
        tree.wait_until_gone(&dialog());
        assert!(program.is_running());
    });
}

#[test]
fn a_host_that_fails_is_explained_and_one_that_answers_is_added_for_good() {
    sandbox::run(Tier::Interface, || {
        if !Tier::Daemon.is_here() {
            return;
        }
        let _daemon = Libvirtd::start();
        let display = Display::start(1280, 800);
        let (program, mut tree) = open(&display);
        let refused = "qemu+tcp://127.0.0.1:1/system";
        tree.set_text(&address(), refused);
        tree.press(&button("Add"));
        tree.wait_for(&says("does not listen on the network"));
        tree.wait_for(&button("Add Anyway"));
        display.screenshot("add-host-failed");
        tree.press(&button("Back"));
        assert!(!is_remembered(refused));

        tree.set_text(&address(), BY_SOCKET);
        tree.press(&button("Add"));
        tree.wait_until_gone(&dialog());
        tree.wait_for(&says("Added: QEMU"));
        display.screenshot("add-host-added");
        wait::until_true("it is remembered", wait::LIMIT, || is_remembered(BY_SOCKET));

        // One that is off now can be added all the same.
        open_dialog(&mut tree);
        tree.set_text(&address(), refused);
        tree.press(&button("Add"));
        tree.press(&button("Add Anyway"));
        tree.wait_until_gone(&dialog());
        tree.wait_for(&Query::role("panel").containing(refused));
        wait::until_true("it is remembered", wait::LIMIT, || is_remembered(refused));

        // At the next start they are opened side by side, with this computer's own.
        program.kill();
        let mut program = Windowed::start(&display, program::binary(), &[]);
        let mut tree = Accessibility::of(&display, "guesthouse");
        tree.wait_for(&Query::role("panel").containing(refused));
        wait::until_true("both ways to the daemon are open", wait::LIMIT, || {
            tree.count(&says("QEMU")) >= 2
        });
        assert!(program.is_running());
    });
}

#[test]
fn a_host_that_says_nothing_can_be_given_up() {
    sandbox::run(Tier::Interface, || {
        let display = Display::start(1280, 800);
        let (mut program, mut tree) = open(&display);
        // The system takes connections to it, and nobody talks.
        let silent = TcpListener::bind("127.0.0.1:0").expect("the loopback is up");
        let port = silent.local_addr().expect("it is bound").port();
        tree.set_text(&address(), &format!("qemu+tcp://127.0.0.1:{port}/system"));
        tree.press(&button("Add"));
        tree.wait_for(&says("has not answered"));
        tree.wait_for(&button("Add Anyway"));
        display.screenshot("add-host-silent");
        tree.press(&button("Cancel"));
        // Back at the answers, which are as they were.
        tree.wait_until_sensitive(&button("Add"));
        tree.set_text(&text("User name (optional)"), "me");
        wait_for_address(&mut tree, &format!("qemu+tcp://me@127.0.0.1:{port}/system"));
        tree.press(&button("Cancel"));
        tree.wait_until_gone(&dialog());
        assert!(program.is_running());
    });
}

#[test]
fn what_virt_manager_remembers_is_taken_over() {
    sandbox::run(Tier::Interface, || {
        let display = Display::start(1280, 800);
        let remember = |key: &str, value: &str| {
            let mut dconf = Command::new("dconf");
            let status = display
                .use_for(&mut dconf)
                .args(["write"])
                .arg(format!("/org/virt-manager/virt-manager/connections/{key}"))
                .arg(value)
                .status();
            assert!(status.is_ok_and(|status| status.success()), "{key}");
        };
        let (one, other) = (
            "qemu+tcp://127.0.0.1:1/system",
            "xen+tcp://127.0.0.1:1/system",
        );
        // One is in the list already, and one makes no sense.
        remember(
            "uris",
            &format!("['{one}', 'test:///default', '{other}', 'qemu+ssh:///x']"),
        );
        remember("autoconnect", &format!("['{other}']"));
        let (mut program, mut tree) = open(&display);
        tree.wait_for(&says("2 hosts that are not in the list yet"));
        tree.click(&says("Found in virt-manager"));
        let add_one = Query::role("push button").containing(&format!("Add {one}"));
        tree.press(&add_one);
        tree.wait_until_gone(&add_one);
        tree.wait_for(&says("1 host that is not in the list yet"));
        display.screenshot("add-host-virt-manager");
        tree.wait_for(&Query::role("panel").containing(one));
        tree.press(&button("Add All"));
        tree.wait_until_gone(&button("Add All"));
        tree.wait_for(&Query::role("panel").containing(other));
        wait::until_true("both are remembered", wait::LIMIT, || {
            is_remembered(one) && is_remembered(other)
        });
        assert!(program.is_running());
    });
}
