//! Passwords that are kept, with GNOME's keyring.

use std::io::Write;
use std::process::{Child, Command, Stdio};

use integration::accessibility::Query;
use integration::display::Display;
use integration::sandbox;
use integration::tier::Tier;
use integration::wait::{self, LIMIT};
use integration::xvnc::{PASSWORD, Xvnc};

use super::window::{button, connected, label, password, view};

/// A keyring that is open, on the session bus of that display.
struct Keyring(Child);

impl Keyring {
    fn unlock(display: &Display) -> Self {
        let mut command = Command::new("gnome-keyring-daemon");
        let mut daemon = display
            .use_for(&mut command)
            .args(["--unlock", "--foreground", "--components=secrets"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("gnome-keyring-daemon starts");
        let mut stdin = daemon.stdin.take().expect("it was asked for");
        stdin.write_all(b"master").expect("it reads");
        drop(stdin);
        wait::until_true("the keyring is on the bus", LIMIT, || {
            let mut ask = Command::new("dbus-send");
            let answer = display
                .use_for(&mut ask)
                .args(["--session", "--print-reply", "--dest=org.freedesktop.DBus"])
                .args(["/", "org.freedesktop.DBus.NameHasOwner"])
                .arg("string:org.freedesktop.secrets")
                .output();
            answer.is_ok_and(|answer| String::from_utf8_lossy(&answer.stdout).contains("true"))
        });
        Self(daemon)
    }
}

impl Drop for Keyring {
    fn drop(&mut self) {
        // The sandbox ends it otherwise.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_password_is_remembered_only_when_told_and_forgotten_when_wrong() {
    sandbox::run(Tier::Keyring, || {
        let server = Xvnc::start(30, "VncAuth", None);
        let display = Display::start(1280, 900);
        let _keyring = Keyring::unlock(&display);
        let remember = Query::any().named("Remember the password");

        // Not told: asked again.
        let (program, mut tree) = view(&display, &server);
        tree.wait_for(&remember);
        display.screenshot("security-remember");
        assert!(!tree.is_checked(&remember), "off at first");
        tree.set_text(&password(), PASSWORD);
        tree.press(&button("Open"));
        connected(&mut tree);
        drop(program);

        // Told, and then wrong: nothing is kept.
        let (program, mut tree) = view(&display, &server);
        tree.press(&remember);
        tree.set_text(&password(), "wrong");
        tree.press(&button("Open"));
        tree.wait_for(&label("The last one was not accepted."));
        tree.set_text(&password(), PASSWORD);
        assert!(tree.is_checked(&remember), "as it was left");
        tree.press(&button("Open"));
        connected(&mut tree);
        // It is kept in the background.
        wait::until_true("it is kept", LIMIT, || kept(&display));
        drop(program);

        // Now nobody is asked,
        let (program, mut tree) = view(&display, &server);
        connected(&mut tree);
        drop(program);
        drop(server);

        // until it is wrong.
        let server = Xvnc::start_with_another_password(30);
        let (_program, mut tree) = view(&display, &server);
        tree.wait_for(&label("The last one was not accepted."));
        wait::until_true("it is forgotten", LIMIT, || !kept(&display));
    });
}

/// Whether the keyring holds something of ours.
fn kept(display: &Display) -> bool {
    let mut ask = Command::new("dbus-send");
    let answer = display
        .use_for(&mut ask)
        .args([
            "--session",
            "--print-reply",
            "--dest=org.freedesktop.secrets",
        ])
        .args(["/org/freedesktop/secrets"])
        .arg("org.freedesktop.Secret.Service.SearchItems")
        .arg("dict:string:string:xdg:schema,guesthouse.screen")
        .output()
        .expect("dbus-send starts");
    String::from_utf8_lossy(&answer.stdout).contains("object path")
}
