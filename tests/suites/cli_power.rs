//! What scripts did with `xm`, on the command line, with a real guest: start, shut down, save, restore,
//! console.

use std::path::Path;

use integration::daemon::{Libvirtd, virsh};
use integration::guest::TinyGuest;
use integration::held::Held;
use integration::terminal::Terminal;
use integration::tier::Tier;
use integration::wait::LIMIT;
use integration::{program, sandbox, wait};

const FILE: &str = "/run/home/tiny.save";

/// Ctrl+C and Ctrl+], as a terminal hands them over.
const INTERRUPT: &[u8] = b"\x03";
const LEAVE: &[u8] = b"\x1d";

fn with_host<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    [&["-c", Libvirtd::URI], arguments].concat()
}

/// Runs a command to its end: its status, and everything it said.
fn run(arguments: &[&str]) -> (Option<i32>, String) {
    let output = program::run(&with_host(arguments));
    let text = [output.stdout, output.stderr].concat();
    (
        output.status.code(),
        String::from_utf8_lossy(&text).into_owned(),
    )
}

fn done(arguments: &[&str], part: &str) {
    let (status, text) = run(arguments);
    assert_eq!(status, Some(0), "{arguments:?}: {text}");
    assert!(text.contains(part), "{arguments:?}: {text}");
}

fn refused(arguments: &[&str], part: &str) {
    let (status, text) = run(arguments);
    assert_eq!(status, Some(1), "{arguments:?}: {text}");
    assert!(text.contains(part), "{arguments:?}: {text}");
}

#[test]
fn a_guest_is_run_from_the_command_line() {
    sandbox::run(Tier::Guests, || {
        let _daemon = Libvirtd::start();
        let guest = TinyGuest::define("tiny");
        refused(&["start", "nobody"], "nobody");
        refused(&["pause", "tiny"], "not running");
        done(&["start", "tiny"], "tiny is started.");
        refused(&["start", "tiny"], "running already");
        let mut console = guest.wait_until_ready();
        done(&["pause", "tiny"], "tiny is paused.");
        assert_eq!(guest.state(), "paused");
        done(&["resume", "tiny"], "tiny goes on.");
        console.run("echo here > /dev/mark");
        drop(console);

        // Saved by the host, and into a file.
        done(&["save", "tiny"], "guesthouse start");
        done(&["start", "tiny"], "goes on where it was saved");
        assert_eq!(guest.console().run("cat /dev/mark"), "here");
        refused(&["save", "tiny", "tiny.save"], "root folder");
        done(&["save", "tiny", FILE], "guesthouse restore");
        assert_eq!(guest.state(), "shut off");
        done(&["restore", FILE], "tiny goes on. The file is kept.");
        refused(&["restore", FILE], "is running");
        refused(&["save", "tiny", FILE], "--replace");
        done(&["save", "--replace", "tiny", FILE], "is saved");
        done(&["restore", FILE], "goes on");
        let mut console = guest.console();
        assert_eq!(console.run("cat /dev/mark"), "here");
        console.run("echo x | dd of=/dev/vda conv=fsync 2>/dev/null");
        drop(console);
        done(&["force-off", "tiny"], "tiny is off.");
        refused(&["restore", FILE], "--force");
        done(&["restore", "--force", FILE], "goes on");

        // It is asked, and asked with patience.
        done(&["shutdown", "--wait", "tiny"], "tiny is off.");
        assert_eq!(guest.state(), "shut off");
        refused(&["shutdown", "tiny"], "not running");
        refused(&["restore", "/run/home/nothing"], "no file");
    });
}

#[test]
fn a_saving_is_cancelled_at_the_terminal() {
    sandbox::run(Tier::Guests, || {
        let _daemon = Libvirtd::start();
        let guest = TinyGuest::define("tiny");
        drop(guest.boot());
        let mut terminal = Terminal::run(&with_host(&["save", "tiny", FILE]));
        let writer = Held::catch("libvirt_iohelper");
        // Of a whole, and with the time it takes.
        terminal.wait_for("MB of ");
        // There is no shell in the terminal that turns the key into the signal.
        terminal.signal("INT");
        terminal.wait_for("the guest goes on");
        drop(writer);
        assert_eq!(terminal.wait().code(), Some(130));
        assert!(!Path::new(FILE).exists());
        assert_eq!(guest.state(), "running");
    });
}

#[test]
fn a_console_is_typed_into_and_left() {
    sandbox::run(Tier::Guests, || {
        let _daemon = Libvirtd::start();
        let guest = TinyGuest::define("tiny");
        // A console that libvirt opens: the other is a socket of the tests.
        let xml = virsh(&["dumpxml", "--inactive", "tiny"]);
        let socket = xml.find("<serial type='unix'>").expect("it has one");
        let end = xml.find("</console>").expect("and its console") + "</console>".len();
        let plain = "<serial type='pty'/><console type='pty'/>";
        std::fs::write(
            "/run/tiny.xml",
            [&xml[..socket], plain, &xml[end..]].concat(),
        )
        .expect("the sandbox is ours");
        virsh(&["define", "/run/tiny.xml"]);

        refused(&["console", "tiny"], "needs a terminal");
        let mut off = Terminal::run(&with_host(&["console", "tiny"]));
        assert_eq!(off.wait().code(), Some(1));
        assert!(off.shown().contains("not running"), "{}", off.shown());

        virsh(&["start", "tiny"]);
        let mut terminal = Terminal::run(&with_host(&["console", "tiny"]));
        terminal.wait_for("Ctrl+] leaves it");
        wait::until_true("keys are handed over as typed", LIMIT, || {
            !terminal.is_ordinary()
        });
        wait::until_true("the guest's shell", integration::guest::BOOT, || {
            terminal.type_keys(b"\r");
            terminal.shown().contains("guest#")
        });
        terminal.type_keys(b"echo he''re $((6*7))\r");
        terminal.wait_for("here 42");
        // The guest's, not ours.
        terminal.type_keys(b"stty -isig; read x; echo \"$x\" | od -c; stty isig\r");
        terminal.type_keys(INTERRUPT);
        terminal.type_keys(b"\r");
        terminal.wait_for("003");
        terminal.type_keys(LEAVE);
        assert_eq!(terminal.wait().code(), Some(0));
        terminal.wait_for("the guest stays on");
        assert!(terminal.is_ordinary());
        assert_eq!(guest.state(), "running");

        // Told to end, and when the guest ends.
        let mut told = Terminal::run(&with_host(&["console", "tiny"]));
        wait::until_true("it is open", LIMIT, || !told.is_ordinary());
        told.signal("TERM");
        told.wait();
        assert!(told.is_ordinary());
        let mut ended = Terminal::run(&with_host(&["console", "tiny"]));
        wait::until_true("it is open", LIMIT, || !ended.is_ordinary());
        virsh(&["destroy", "tiny"]);
        assert_eq!(ended.wait().code(), Some(0));
        ended.wait_for("on the guest's side");
        assert!(ended.is_ordinary());
    });
}
