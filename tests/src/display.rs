//! A virtual display with a session bus, inside a sandbox, and pictures of it.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::{sandbox, testbed};

/// An X server and a session bus for the programs under test.
#[derive(Debug)]
pub struct Display {
    server: Child,
    bus: Child,
    number: String,
    bus_address: String,
    framebuffer: TempDir,
}

impl Display {
    /// Starts a display of that many pixels.
    ///
    /// # Panics
    /// Outside a sandbox; when one of the servers does not start.
    pub fn start(width: u32, height: u32) -> Self {
        assert!(sandbox::is_inside(), "a display needs a sandbox");
        let framebuffer = tempfile::tempdir().expect("a temporary folder can be made");
        let (server, number) = start_and_read_line(
            Command::new("Xvfb")
                .args(["-displayfd", "1", "-nolisten", "tcp", "-noreset"])
                .arg("-fbdir")
                .arg(framebuffer.path())
                .args(["-screen", "0", &format!("{width}x{height}x24")]),
        );
        let number = format!(":{number}");
        let (bus, bus_address) = start_and_read_line(
            Command::new("dbus-daemon")
                .args(["--session", "--nofork", "--nopidfile", "--print-address=1"])
                // What the bus starts, the accessibility registry first, needs the display.
                .env("DISPLAY", &number),
        );
        Self {
            server,
            bus,
            number,
            bus_address,
            framebuffer,
        }
    }

    /// The file in which the server keeps what is on the screen, in the format of xwd(1). Reading
    /// it costs the programs on the display nothing.
    pub fn framebuffer(&self) -> PathBuf {
        self.framebuffer.path().join("Xvfb_screen0")
    }

    /// The process of the X server.
    pub fn server_id(&self) -> u32 {
        self.server.id()
    }

    /// What the programs on the display call it.
    pub fn number(&self) -> &str {
        &self.number
    }

    /// Lets `command` open its windows here.
    pub fn use_for<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command
            .env("DISPLAY", &self.number)
            .env("GDK_BACKEND", "x11")
            .env("DBUS_SESSION_BUS_ADDRESS", &self.bus_address)
    }

    /// Takes a picture of the whole screen to `build/screenshots/NAME.png`.
    ///
    /// # Panics
    /// When it cannot be taken.
    pub fn screenshot(&self, name: &str) -> PathBuf {
        let file = testbed::screenshots().join(format!("{name}.png"));
        let mut import = Command::new("/usr/bin/import");
        let status = self
            .use_for(&mut import)
            .args(["-window", "root"])
            .arg(&file)
            .status();
        assert!(status.is_ok_and(|status| status.success()), "import {name}");
        file
    }

    /// Plays keys on the display's keyboard, in the words of xdotool.
    ///
    /// # Panics
    /// When they cannot be played.
    pub fn type_keys(&self, arguments: &str) {
        let mut xdotool = Command::new("xdotool");
        let status = self
            .use_for(&mut xdotool)
            .args(arguments.split_whitespace())
            .status();
        assert!(
            status.is_ok_and(|status| status.success()),
            "xdotool {arguments}"
        );
    }

    /// How many different colours a picture has: one, when nothing was drawn.
    ///
    /// # Panics
    /// When the picture cannot be read.
    pub fn colours(picture: &std::path::Path) -> u32 {
        let output = Command::new("/usr/bin/identify")
            .args(["-format", "%k"])
            .arg(picture)
            .output()
            .expect("identify starts");
        let text = String::from_utf8_lossy(&output.stdout);
        text.trim().parse().expect("identify counts the colours")
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        // The sandbox ends both otherwise.
        for process in [&mut self.bus, &mut self.server] {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

/// Starts a server that prints one line when it is ready.
fn start_and_read_line(command: &mut Command) -> (Child, String) {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        // They complain about limits that a sandbox cannot raise.
        .stderr(Stdio::null())
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let mut line = String::new();
    let stdout = child.stdout.take().expect("it was asked for");
    BufReader::new(stdout)
        .read_line(&mut line)
        .expect("a server prints its line");
    assert!(!line.is_empty(), "{command:?} ended at once");
    (child, line.trim().to_owned())
}
