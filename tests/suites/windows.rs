//! Journeys through the real windows, by way of the accessibility tree.

use integration::accessibility::{Accessibility, Query};
use integration::daemon::Libvirtd;
use integration::display::Display;
use integration::guest::TinyGuest;
use integration::program::{self, Windowed};
use integration::rfb_server::{Behaviour, RfbServer};
use integration::tier::Tier;
use integration::{sandbox, wait};

/// A row of the list, whose name begins with the guest's and tells its state.
fn row(guest: &str, state: &str) -> Query {
    Query::role("panel").containing(&format!("{guest}, {state}"))
}

fn open(display: &Display, uri: &str) -> (Windowed, Accessibility) {
    let window = Windowed::start(display, program::binary(), &["--connect", uri]);
    let tree = Accessibility::of(display, "guesthouse");
    (window, tree)
}

#[test]
fn a_guest_is_paused_and_resumed_in_the_list() {
    sandbox::run(Tier::Interface, || {
        let display = Display::start(1280, 800);
        let (mut window, mut tree) = open(&display, "test:///default");
        tree.wait_for(&row("test", "running"));
        // The tree knows of a row before it is painted.
        wait::until_true("the list is in the picture", wait::LIMIT, || {
            Display::colours(&display.screenshot("list-one-guest")) > 50
        });

        tree.press(&Query::role("push button").named("Pause"));
        tree.wait_for(&row("test", "paused"));
        tree.press(&Query::role("push button").named("Resume"));
        tree.wait_for(&row("test", "running"));
        tree.press(&Query::role("push button").named("Shut Down"));
        tree.wait_for(&row("test", "off"));
        assert!(window.is_running());
    });
}

#[test]
fn a_second_launch_hands_over_and_ends() {
    sandbox::run(Tier::Interface, || {
        let display = Display::start(1280, 800);
        let (mut first, mut tree) = open(&display, "test:///default");
        tree.wait_for(&row("test", "running"));
        let file = "/run/home/other.xml";
        let other = "<node><domain type='test'><name>other</name><memory>8192</memory>\
                     <os><type>hvm</type></os></domain></node>";
        std::fs::write(file, other).expect("the sandbox is ours");
        for arguments in [vec!["--connect", "test:///run/home/other.xml"], vec![]] {
            let mut second = Windowed::start(&display, program::binary(), &arguments);
            wait::until_true("the second launch ends", wait::LIMIT, || {
                !second.is_running()
            });
            tree.wait_for(&Query::role("panel").containing("other, "));
        }
        assert!(first.is_running());
    });
}

#[test]
fn a_daemon_that_dies_is_shown_and_comes_back() {
    sandbox::run(Tier::Interface, || {
        if !Tier::Guests.is_here() {
            return;
        }
        let daemon = Libvirtd::start();
        let guest = TinyGuest::define("tiny");
        let display = Display::start(1280, 800);
        let (mut window, mut tree) = open(&display, Libvirtd::URI);
        tree.wait_for(&row(guest.name(), "off"));

        daemon.kill();
        tree.wait_for(&Query::role("panel").containing("not connected"));
        display.screenshot("list-daemon-gone");
        let _daemon = Libvirtd::start();
        tree.wait_for(&row(guest.name(), "off"));
        tree.press(&Query::role("push button").named("Start"));
        tree.wait_for(&row(guest.name(), "running"));
        display.screenshot("list-daemon-back");
        assert!(window.is_running());
    });
}

#[test]
fn a_vnc_server_that_is_none_is_told_from_one() {
    sandbox::run(Tier::Interface, || {
        for behaviour in [
            Behaviour::Close,
            Behaviour::Garbage,
            Behaviour::Http,
            Behaviour::GarbageAfterHandshake,
            Behaviour::HugeDesktop,
            Behaviour::Refuse,
        ] {
            let server = RfbServer::start(behaviour);
            let display = Display::start(1280, 800);
            let address = format!("127.0.0.1::{}", server.port());
            let mut window = Windowed::start(&display, program::binary(), &["view", &address]);
            let mut tree = Accessibility::of(&display, "guesthouse");
            // Said in words, with a way on, and the window lives.
            let again = Query::role("push button").named("Connect Again");
            tree.wait_for(&Query::role("label").named("The screen cannot be shown"));
            tree.wait_until_sensitive(&again);
            display.screenshot(&format!("view-{behaviour:?}"));
            tree.press(&again);
            tree.wait_until_sensitive(&again);
            assert!(window.is_running(), "{behaviour:?}");
        }
    });
}
