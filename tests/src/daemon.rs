//! A private libvirt daemon, inside a sandbox, at the usual address.

use std::fs::File;
use std::process::{Child, Command, Output, Stdio};

use crate::{sandbox, wait};

/// Where the daemon's messages go.
const LOG: &str = "/run/libvirtd.log";

/// A running libvirtd, reached as `qemu:///system`. Its messages are printed when a test fails.
#[derive(Debug)]
pub struct Libvirtd {
    process: Child,
}

impl Libvirtd {
    /// The address at which it is reached.
    pub const URI: &str = "qemu:///system";

    /// Starts it and waits until it answers.
    ///
    /// # Panics
    /// Outside a sandbox, where it would be the machine's own; when it does not start.
    pub fn start() -> Self {
        Self::spawn(&[])
    }

    /// Starts it so that it listens on the network too, with that configuration instead of the usual
    /// one; waits until its TLS port, 16514, is open.
    ///
    /// # Panics
    /// As for [`Self::start`].
    pub fn start_listening(configuration: &str) -> Self {
        std::fs::write("/etc/libvirt/libvirtd.conf", configuration)
            .expect("the sandbox has a configuration of its own");
        let daemon = Self::spawn(&["--listen"]);
        wait::until_true("libvirtd listens", wait::LIMIT, || {
            std::net::TcpStream::connect(("127.0.0.1", 16514)).is_ok()
        });
        daemon
    }

    fn spawn(arguments: &[&str]) -> Self {
        assert!(sandbox::is_inside(), "a private daemon needs a sandbox");
        let log = File::options().append(true).create(true).open(LOG);
        let log = log.expect("the log can be opened");
        let process = Command::new("libvirtd")
            .args(arguments)
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("libvirtd starts");
        let daemon = Self { process };
        daemon.wait_until_it_answers();
        daemon
    }

    /// Waits until a client gets an answer.
    ///
    /// # Panics
    /// When there is none after a while.
    pub fn wait_until_it_answers(&self) {
        wait::until_true("libvirtd answers", wait::LIMIT, || {
            try_virsh(&["uri"]).status.success()
        });
    }

    /// Ends it in good order, so that another can be started.
    ///
    /// # Panics
    /// When it does not end.
    pub fn stop(mut self) {
        signal(self.process.id(), "TERM");
        self.process.wait().expect("the daemon can be reaped");
    }

    /// Ends it as a crash does, leaving its guests to themselves.
    ///
    /// # Panics
    /// When it cannot be ended.
    pub fn kill(mut self) {
        self.process.kill().expect("the daemon can be ended");
        self.process.wait().expect("the daemon can be reaped");
    }

    /// Stops it where it is: connections stay open and nothing answers.
    pub fn freeze(&self) {
        signal(self.process.id(), "STOP");
    }

    /// Lets it go on after [`Self::freeze`].
    pub fn thaw(&self) {
        signal(self.process.id(), "CONT");
    }
}

impl Drop for Libvirtd {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = std::fs::read_to_string(LOG).unwrap_or_default();
            eprintln!("--- libvirtd\n{log}");
        }
        // The sandbox ends it otherwise.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Runs virsh on the private daemon and gives what it printed.
///
/// # Panics
/// When it fails, with its message.
pub fn virsh(arguments: &[&str]) -> String {
    printed(arguments, &try_virsh(arguments))
}

/// What a virsh with these arguments printed, that must not have failed.
pub(crate) fn printed(arguments: &[&str], output: &Output) -> String {
    assert!(
        output.status.success(),
        "virsh {}: {}",
        arguments.join(" "),
        String::from_utf8_lossy(&output.stderr).trim()
    );
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// Runs virsh on the private daemon, whatever comes of it.
///
/// # Panics
/// When virsh cannot be started.
pub fn try_virsh(arguments: &[&str]) -> Output {
    Command::new("virsh")
        .args(["--quiet", "--connect", Libvirtd::URI])
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .expect("virsh starts")
}

/// Sends a signal by its name, without "SIG".
pub(crate) fn signal(process: u32, name: &str) {
    let status = Command::new("kill")
        .args(["-s", name, &process.to_string()])
        .status();
    assert!(
        status.is_ok_and(|status| status.success()),
        "kill -s {name}"
    );
}
