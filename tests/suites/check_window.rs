//! The window of the host check, on a real daemon and without one: what it shows, and that what it
//! proposes to run is run when it was looked at, and helps.

use integration::accessibility::{Accessibility, Query};
use integration::daemon::{Libvirtd, try_virsh, virsh};
use integration::display::Display;
use integration::program::{self, Windowed};
use integration::tier::Tier;
use integration::{sandbox, wait};

fn open(display: &Display, uri: &str) -> (Windowed, Accessibility) {
    let window = Windowed::start(display, program::binary(), &["--connect", uri]);
    let tree = Accessibility::of(display, "guesthouse");
    (window, tree)
}

fn button(name: &str) -> Query {
    Query::role("push button").named(name)
}

/// A button whose name is told with its label.
fn button_with(name: &str) -> Query {
    Query::role("push button").containing(name)
}

fn says(text: &str) -> Query {
    Query::role("label").containing(text)
}

/// A line of the report, whose name begins with the verdict.
fn line(text: &str) -> Query {
    Query::role("list item").containing(text)
}

fn check_window() -> Query {
    Query::role("frame").named("Host Check")
}

#[test]
fn a_network_that_stands_is_started_when_its_command_was_shown() {
    sandbox::run(Tier::Interface, || {
        if !Tier::Daemon.is_here() {
            return;
        }
        let _daemon = Libvirtd::start();
        let display = Display::start(1280, 800);
        let (mut program, mut tree) = open(&display, Libvirtd::URI);
        tree.press(&button_with("Host Check"));
        tree.wait_for(&line("good: The hypervisor service answers at"));
        tree.wait_for(&line("note: The network “default” is there and not active"));
        tree.wait_for(&says("notes"));
        display.screenshot("check-report");

        let run = button_with("Run: Start it, now and with the host.");
        tree.press(&run);
        tree.wait_for(&Query::any().named("Run This Now?"));
        let command = "virsh --connect qemu:///system net-start default";
        tree.wait_for(&says(command));
        display.screenshot("check-run");
        assert_eq!(virsh(&["net-list", "--name"]), "", "only shown so far");
        tree.press(&button("Cancel"));
        tree.wait_until_gone(&Query::any().named("Run This Now?"));
        assert_eq!(virsh(&["net-list", "--name"]), "", "and not wanted");

        tree.press(&run);
        tree.press(&button("Run"));
        tree.wait_for(&line("good: The network “default” is there, active"));
        assert_eq!(virsh(&["net-list", "--name"]), "default");
        assert_eq!(virsh(&["net-list", "--autostart", "--name"]), "default");
        tree.wait_until_gone(&run);

        // What changes outside is seen by checking again.
        virsh(&["net-destroy", "default"]);
        tree.press(&button("Check Again"));
        tree.wait_for(&line("note: The network “default” is there and not active"));
        tree.press(&button("Copy Report"));
        tree.wait_for(&says("The report is copied."));
        tree.press(&button("Close").within(check_window()));
        tree.wait_until_gone(&check_window());
        // The second time as the first.
        tree.press(&button_with("Host Check"));
        tree.wait_for(&line("good: The hypervisor service answers at"));
        assert!(program.is_running());
    });
}

#[test]
fn a_service_that_does_not_run_is_started_from_its_check() {
    sandbox::run(Tier::Interface, || {
        if !Tier::Daemon.is_here() {
            return;
        }
        let display = Display::start(1280, 800);
        let (mut program, mut tree) = open(&display, Libvirtd::URI);
        // The list behind the page has such a button too.
        let page = Query::role("panel").named("No hypervisor service runs on this computer.");
        tree.press(&button_with("What Is Missing?").within(page));
        tree.wait_for(&line(
            "problem: No hypervisor service runs on this computer",
        ));
        display.screenshot("check-no-service");
        tree.press(&button_with("Run: Start it"));
        tree.wait_for(&says("libvirtd --daemon"));
        assert!(!try_virsh(&["uri"]).status.success(), "only shown so far");
        tree.press(&button("Run"));
        tree.wait_for(&line("good: The hypervisor service answers at"));
        wait::until_true("the daemon answers", wait::LIMIT, || {
            try_virsh(&["uri"]).status.success()
        });
        // The list has come up with it.
        tree.wait_for(&button_with("Host Check"));
        assert!(program.is_running());
    });
}

#[test]
fn a_host_that_stops_answering_is_checked_all_the_same() {
    sandbox::run(Tier::Interface, || {
        if !Tier::Daemon.is_here() {
            return;
        }
        let daemon = Libvirtd::start();
        let display = Display::start(1280, 800);
        let (mut program, mut tree) = open(&display, Libvirtd::URI);
        tree.wait_for(&button_with("Host Check"));
        daemon.freeze();
        tree.press(&button_with("Host Check"));
        tree.wait_for(&says("Checking…"));
        tree.wait_for(&line("does not answer"));
        tree.wait_for(&line("good: libvirt is installed"));
        daemon.thaw();
        // The attempt from before ends now, a moment before another can be made.
        wait::until_true("it is seen to answer again", wait::LIMIT, || {
            tree.press(&button("Check Again"));
            tree.count(&line("good: The hypervisor service answers at")) > 0
        });
        assert!(program.is_running());
    });
}

#[test]
fn every_host_of_the_list_can_be_checked() {
    sandbox::run(Tier::Interface, || {
        let display = Display::start(1280, 800);
        let (mut program, mut tree) = open(&display, "test:///default");
        tree.wait_for(&Query::role("panel").containing("test, running"));
        // A menu button holds the one that opens its menu.
        tree.press(&button("Host Menu").nth(1));
        tree.press(&Query::role("menu item").containing("Host Check"));
        tree.wait_for(&line(
            "good: The hypervisor service answers at test:///default.",
        ));
        assert!(program.is_running());
    });
}
