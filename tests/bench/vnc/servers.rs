//! VNC servers with something on their screens.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use integration::wait;

/// `TigerVNC`'s server: an X server whose screen is seen over VNC.
pub struct Xvnc {
    server: Child,
    number: u16,
}

impl Xvnc {
    pub fn start((width, height): (u16, u16)) -> Self {
        let mut server = Command::new("Xvnc")
            .args(["-displayfd", "1", "-depth", "24", "-geometry"])
            .arg(format!("{width}x{height}"))
            .args(["-SecurityTypes", "None", "-localhost", "-AlwaysShared"])
            // More clients at once than that takes for an attack.
            .arg("-UseBlacklist=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvnc is installed");
        let mut line = String::new();
        let output = server.stdout.take().expect("it was asked for");
        let read = BufReader::new(output).read_line(&mut line);
        read.expect("the server says its number");
        let number = line.trim().parse().expect("the server says its number");
        Self { server, number }
    }

    pub fn display(&self) -> String {
        format!(":{}", self.number)
    }

    pub fn port(&self) -> u16 {
        5900 + self.number
    }

    /// Lets `command` open its windows here.
    pub fn use_for<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command
            .env("DISPLAY", self.display())
            .env("GDK_BACKEND", "x11")
            // The scene needs no desktop's services, and must not wait for them.
            .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
            .env("GTK_A11Y", "none")
    }

    /// Runs xdotool on this screen and gives what it prints.
    pub fn xdotool(&self, arguments: &[&str]) -> String {
        let mut command = Command::new("xdotool");
        let output = self.use_for(&mut command).args(arguments).output();
        let output = output.expect("xdotool is installed");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// The number of the window with this title, once there is one.
    pub fn find_window(&self, title: &str) -> String {
        wait::until("the window", wait::LIMIT, || {
            let found = self.xdotool(&["search", "--onlyvisible", "--name", title]);
            found.lines().next().map(str::to_owned)
        })
    }
}

impl Drop for Xvnc {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// The tiny guest in QEMU, with QEMU's own VNC server and a serial console.
pub struct QemuGuest {
    emulator: Child,
    console: UnixStream,
}

impl QemuGuest {
    /// The display number of its server: nothing else listens in the sandbox.
    const NUMBER: u16 = 71;

    /// Boots it and waits until it takes commands.
    pub fn start(kernel: &Path, initrd: &Path) -> Self {
        let socket = PathBuf::from("/run/serial");
        let emulator = Command::new("qemu-system-x86_64")
            .args(["-accel", "tcg", "-m", "256", "-vga", "std", "-nodefaults"])
            .args([
                "-display",
                &format!("vnc=127.0.0.1:{},share=ignore", Self::NUMBER),
            ])
            .arg("-serial")
            .arg(format!("unix:{},server=on,wait=off", socket.display()))
            .arg("-kernel")
            .arg(kernel)
            .arg("-initrd")
            .arg(initrd)
            .args(["-append", "console=ttyS0 quiet"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("QEMU is installed");
        let console = wait::until("QEMU's console", wait::LIMIT, || {
            UnixStream::connect(&socket).ok()
        });
        let mut guest = Self { emulator, console };
        guest.read_until("GUEST-READY");
        guest.command("true");
        guest
    }

    pub fn port() -> u16 {
        5900 + Self::NUMBER
    }

    /// Has the guest's shell run a command, to its end.
    pub fn command(&mut self, command: &str) {
        // What the terminal echoes does not have the answer in it.
        let line = format!("{command}; echo do''ne\n");
        self.console.write_all(line.as_bytes()).expect("QEMU reads");
        self.read_until("done");
    }

    fn read_until(&mut self, text: &str) {
        let mut seen = Vec::new();
        let mut byte = [0];
        while !seen.ends_with(text.as_bytes()) {
            self.console.read_exact(&mut byte).expect("QEMU runs");
            seen.push(byte[0]);
        }
    }
}

impl Drop for QemuGuest {
    fn drop(&mut self) {
        let _ = self.emulator.kill();
        let _ = self.emulator.wait();
    }
}
