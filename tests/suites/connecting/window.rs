//! What hosts ask, in the window: by the keyboard and the accessible names, as a user answers it.

use std::path::Path;

use integration::accessibility::{Accessibility, Query};
use integration::daemon::{Libvirtd, virsh};
use integration::display::Display;
use integration::guest::TinyGuest;
use integration::program::{self, Windowed};
use integration::sandbox;
use integration::ssh_server::{self, PASSWORD, SshServer};
use integration::tier::Tier;
use integration::wait::{self, LIMIT};

use super::nothing_is_left;

const PORT: u16 = 2222;

fn button(name: &str) -> Query {
    Query::role("push button").named(name)
}

#[test]
fn a_host_key_and_a_password_are_asked_in_dialogs_and_can_be_cancelled() {
    sandbox::run(Tier::Remote, || {
        if !Tier::Interface.is_here() || !Tier::Guests.is_here() {
            return;
        }
        let _daemon = Libvirtd::start();
        let tiny = TinyGuest::define("tiny");
        virsh(&["start", tiny.name()]);
        let server = SshServer::start(PORT);
        let display = Display::start(1280, 800);
        let uri = server.uri("root", "");
        let mut program = Windowed::start(&display, program::binary(), &["--connect", &uri]);
        let mut tree = Accessibility::of(&display, "guesthouse");

        // Cancelled first: the host says so and is not asked for again by itself.
        tree.wait_for(&Query::any().named("Is This the Right “127.0.0.1”?"));
        tree.wait_for(&Query::role("label").containing(&server.fingerprint()));
        display.screenshot("connecting-host-key");
        tree.press(&button("Cancel"));
        tree.wait_for(&Query::role("label").named("Connecting was cancelled."));
        display.screenshot("connecting-cancelled");
        let page = Query::role("panel").named("Connecting was cancelled.");
        tree.press(
            &Query::role("push button")
                .containing("Try Again")
                .within(page),
        );
        tree.press(&button("Trust and Connect"));

        let password = Query::any().named("root@127.0.0.1's password").nth(1);
        tree.wait_for(&Query::any().named("Sign In to “127.0.0.1”"));
        tree.set_text(&password, "wrong");
        tree.press(&button("Connect"));
        tree.wait_for(&Query::role("label").containing("That was not accepted."));
        display.screenshot("connecting-password");
        tree.set_text(&password, PASSWORD);
        tree.press(&button("Connect"));

        let row = Query::role("panel").containing("tiny, ");
        tree.wait_for(&row);
        assert_eq!(server.logins(), 1);
        assert!(program.is_running());
        program.kill();
        nothing_is_left();
    });
}

#[test]
fn questions_of_two_hosts_come_one_after_the_other() {
    sandbox::run(Tier::Remote, || {
        if !Tier::Interface.is_here() {
            return;
        }
        let _daemon = Libvirtd::start();
        let servers = [SshServer::start(PORT), SshServer::start(PORT + 1)];
        let key = format!("&keyfile={}", ssh_server::key().display());
        let hosts = servers
            .each_ref()
            .map(|server| format!("[[hosts]]\nuri = \"{}\"\n", server.uri("root", &key)))
            .concat();
        let settings = Path::new("/run/home/.config/guesthouse");
        std::fs::create_dir_all(settings).expect("a folder can be made");
        std::fs::write(settings.join("settings.toml"), hosts).expect("settings can be written");
        let display = Display::start(1280, 800);
        let _program = Windowed::start(&display, program::binary(), &[]);
        let mut tree = Accessibility::of(&display, "guesthouse");

        let trust = button("Trust and Connect");
        let fingerprint =
            |server: &SshServer| Query::role("label").containing(&server.fingerprint());
        tree.wait_for(&trust);
        // Which of them was faster is not known.
        let shown = servers
            .each_ref()
            .map(|server| tree.count(&fingerprint(server)));
        assert_eq!(shown.iter().sum::<u64>(), 1, "one question at a time");
        let (first, second) = if shown[0] == 1 { (0, 1) } else { (1, 0) };
        tree.press(&trust);
        tree.wait_until_gone(&fingerprint(&servers[first]));
        tree.wait_for(&fingerprint(&servers[second]));
        tree.press(&trust);
        wait::until_true("both are connected", LIMIT, || {
            servers.iter().all(|server| server.logins() == 1)
        });
        tree.wait_until_gone(&trust);
    });
}
