//! The windows while one of several hosts fails: they go on, for that host too, and end at once.

use integration::accessibility::{Accessibility, Query};
use integration::daemon::Libvirtd;
use integration::display::Display;
use integration::guest::small;
use integration::program::{self, Windowed};
use integration::remote::RemoteHost;
use integration::tier::Tier;
use integration::{sandbox, wait};

/// Questions that the window answers while a host is frozen: each goes through its main loop.
const QUESTIONS: usize = 200;

fn row(guest: &str, state: &str) -> Query {
    Query::role("panel").containing(&format!("{guest}, {state}"))
}

fn button(label: &str) -> Query {
    Query::role("push button").named(label)
}

/// Defines a guest where this virsh goes.
fn define(virsh: impl Fn(&[&str]) -> String, name: &str) {
    let file = format!("/run/{name}.xml");
    std::fs::write(&file, small(name)).expect("the sandbox is ours");
    virsh(&["define", &file]);
}

/// Hosts to be opened beside this machine's own, as if the user had added them before.
fn remember(hosts: &[&str]) {
    let folder = std::path::Path::new("/run/home/.config/guesthouse");
    std::fs::create_dir_all(folder).expect("the sandbox is ours");
    let hosts: Vec<String> = hosts
        .iter()
        .map(|uri| format!("[[hosts]]\nuri = \"{uri}\"\n"))
        .collect();
    std::fs::write(folder.join("settings.toml"), hosts.concat()).expect("the sandbox is ours");
}

#[test]
fn a_frozen_host_holds_up_neither_the_window_nor_its_end() {
    sandbox::run(Tier::Interface, || {
        if !Tier::Daemon.is_here() {
            return;
        }
        let daemon = Libvirtd::start();
        define(integration::daemon::virsh, "near");
        let far = RemoteHost::start();
        define(|arguments| far.virsh(arguments), "far");
        remember(&[RemoteHost::URI, "test:///default"]);

        // Frozen from the beginning: the others are listed.
        far.freeze();
        let display = Display::start(1280, 800);
        let mut window = Windowed::start(&display, program::binary(), &[]);
        let mut tree = Accessibility::of(&display, "guesthouse");
        tree.wait_for(&row("near", "off"));
        tree.wait_for(&row("test", "running"));
        far.thaw();
        tree.wait_for(&row("far", "off"));

        // Frozen while it is shown.
        far.freeze();
        tree.wait_for(&Query::role("panel").containing("not answering"));
        let start = button("Start");
        tree.press(&start);
        tree.wait_for(&row("near", "running"));
        for _ in 0..QUESTIONS {
            assert_eq!(tree.count(&row("near", "running")), 1);
            assert_eq!(tree.count(&row("far", "off")), 1, "its guests stay listed");
        }
        tree.press(&button("Pause"));
        tree.wait_for(&row("near", "paused"));
        tree.press(&button("Resume"));
        tree.wait_for(&row("near", "running"));
        display.screenshot("list-one-of-three-frozen");

        // The program ends although it waits for that host.
        assert!(window.is_running());
        tree.press(&button("Close"));
        wait::until_true("the program ends", wait::LIMIT, || !window.is_running());
        drop(daemon);
    });
}

#[test]
fn a_guest_window_keeps_its_last_picture_and_comes_back_with_its_host() {
    sandbox::run(Tier::Interface, || {
        if !Tier::Daemon.is_here() {
            return;
        }
        let far = RemoteHost::start();
        define(|arguments| far.virsh(arguments), "far");
        far.virsh(&["start", "far"]);
        let display = Display::start(1280, 900);
        let arguments = ["--connect", RemoteHost::URI];
        let mut window = Windowed::start(&display, program::binary(), &arguments);
        let mut tree = Accessibility::of(&display, "guesthouse");
        tree.click_twice(&row("far", "running"));
        let away = Query::role("label").named("The host does not answer");
        let keys = button("Send Keys");
        // Keys can be sent to a screen that is connected.
        tree.wait_until_sensitive(&keys);
        far.cut();
        tree.wait_for(&away);
        tree.wait_for(&Query::role("label").containing("It has not answered for"));
        display.screenshot("guest-host-away");
        far.mend();
        tree.wait_until_gone(&away);
        tree.wait_until_sensitive(&keys);
        display.screenshot("guest-host-back");
        assert!(window.is_running());
    });
}
