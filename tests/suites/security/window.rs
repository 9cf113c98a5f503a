//! What servers ask, in the viewer's window, and what it keeps of the answers.

use std::process::Command;

use integration::accessibility::{Accessibility, Query};
use integration::display::Display;
use integration::pki::Pki;
use integration::program::{self, Windowed};
use integration::sandbox;
use integration::tier::Tier;
use integration::wait::{self, LIMIT};
use integration::xvnc::{USER, USER_PASSWORD, Xvnc};

use super::fingerprint;

pub(super) fn button(name: &str) -> Query {
    Query::role("push button").named(name)
}

pub(super) fn label(part: &str) -> Query {
    Query::role("label").containing(part)
}

pub(super) fn password() -> Query {
    Query::role("password text").named("Password of the screen")
}

pub(super) fn view(display: &Display, server: &Xvnc) -> (Windowed, Accessibility) {
    let address = format!("127.0.0.1::{}", server.port());
    let program = Windowed::start(display, program::binary(), &["view", &address]);
    (program, Accessibility::of(display, "guesthouse"))
}

/// Nothing lies over the picture any more.
pub(super) fn connected(tree: &mut Accessibility) {
    tree.wait_until_sensitive(&Query::any().named("Send Keys"));
    tree.wait_until_gone(&button("Open"));
}

fn known_servers() -> String {
    let path = "/run/home/.config/guesthouse/known-servers.toml";
    std::fs::read_to_string(path).unwrap_or_default()
}

#[test]
fn a_server_is_trusted_once_always_or_not_and_a_change_is_loud() {
    sandbox::run(Tier::VncServer, || {
        if !Tier::Interface.is_here() {
            return;
        }
        Xvnc::make_user();
        let pki = Pki::make("/run/pki".as_ref());
        for name in ["server", "other"] {
            pki.certify(name, "ca", "serverAuth", "IP:127.0.0.1", false);
        }
        let shown = fingerprint(&pki.path("server.pem")).to_string();
        let server = |types: &str, name: &str| {
            let files = (
                format!("/run/pki/{name}.pem"),
                format!("/run/pki/{name}-key.pem"),
            );
            Xvnc::start(30, types, Some((&files.0, &files.1)))
        };
        let first = server("X509Plain", "server");
        let display = Display::start(1280, 900);

        // Refused, and asked again when the user wants it.
        let (program, mut tree) = view(&display, &first);
        tree.wait_for(&label("Is this the right “127.0.0.1”?"));
        tree.wait_for(&label(&shown[..40]));
        tree.wait_for(&label("No authority that this computer trusts"));
        display.screenshot("security-trust");
        tree.press(&button("Do Not Connect"));
        tree.wait_for(&label("The screen cannot be shown"));
        tree.press(&button("Connect Again"));
        // Trusted this time, which keeps nothing.
        tree.press(&button("Trust This Time"));
        tree.wait_for(&label("asks for a user name and a password"));
        display.screenshot("security-user");
        let user = Query::any().named("User name for the screen");
        tree.set_text(&user, USER);
        tree.set_text(&password(), "wrong");
        tree.press(&button("Open"));
        // The next attempt does not ask whom to trust again.
        tree.wait_for(&label("The last one was not accepted."));
        tree.set_text(&password(), USER_PASSWORD);
        tree.press(&button("Open"));
        connected(&mut tree);
        assert_eq!(known_servers(), "");
        drop(program);

        // Trusted always.
        let (program, mut tree) = view(&display, &first);
        tree.press(&button("Trust Always"));
        tree.wait_for(&label("asks for a user name and a password"));
        wait::until_true("it is kept", LIMIT, || known_servers().contains(&shown));
        drop(program);
        drop(first);

        // Another certificate, where that is the only thing that changed.
        let second = server("X509None", "other");
        let (program, mut tree) = view(&display, &second);
        tree.wait_for(&label("is not the server it was"));
        display.screenshot("security-changed");
        tree.press(&button("Do Not Connect"));
        tree.wait_for(&label("You chose not to connect."));
        assert!(known_servers().contains(&shown));
        tree.press(&button("Connect Again"));
        tree.press(&button("Trust the New Certificate"));
        connected(&mut tree);
        assert!(!known_servers().contains(&shown));
        drop(program);
        drop(second);

        // None at all.
        let third = Xvnc::start(30, "None", None);
        let (_program, mut tree) = view(&display, &third);
        tree.wait_for(&label("offers no encryption any more"));
        display.screenshot("security-unencrypted");
        tree.press(&button("Connect Unencrypted"));
        connected(&mut tree);
        assert!(!known_servers().contains("fingerprint"));
    });
}

#[test]
fn trust_that_cannot_be_written_down_is_told_and_holds_for_the_window() {
    sandbox::run(Tier::VncServer, || {
        if !Tier::Interface.is_here() {
            return;
        }
        Xvnc::make_user();
        let pki = Pki::make("/run/pki".as_ref());
        pki.certify("server", "ca", "serverAuth", "IP:127.0.0.1", false);
        let settings = "/run/home/.config/guesthouse";
        std::fs::create_dir_all(settings).expect("the sandbox is ours");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "ro", "none", settings])
            .status();
        assert!(mounted.is_ok_and(|status| status.success()), "mount");
        let files = ("/run/pki/server.pem", "/run/pki/server-key.pem");
        let server = Xvnc::start(30, "X509None", Some(files));
        let display = Display::start(1280, 900);
        let (_program, mut tree) = view(&display, &server);
        tree.press(&button("Trust Always"));
        tree.wait_for(&label("could not be remembered"));
        display.screenshot("security-not-remembered");
        tree.press(&button("Close").within(Query::role("dialog")));
        connected(&mut tree);
    });
}

#[test]
fn a_password_that_everybody_can_read_is_warned_of() {
    sandbox::run(Tier::VncServer, || {
        if !Tier::Interface.is_here() {
            return;
        }
        Xvnc::make_user();
        let server = Xvnc::start(30, "Plain", None);
        let display = Display::start(1280, 900);
        let (_program, mut tree) = view(&display, &server);
        tree.wait_for(&label("They will be sent unencrypted"));
        display.screenshot("security-clear");
        tree.set_text(&Query::any().named("User name for the screen"), USER);
        tree.set_text(&password(), USER_PASSWORD);
        tree.press(&button("Send Unencrypted"));
        connected(&mut tree);
    });
}
