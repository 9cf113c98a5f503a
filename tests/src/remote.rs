//! A second host with a libvirt daemon of its own, inside the sandbox: namespaces beside those of the
//! test, reached by TCP over a cable that can be cut.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Output, Stdio};

use crate::daemon::{self, signal};
use crate::{sandbox, wait};

/// Where the daemon's messages go.
const LOG: &str = "/run/remote.log";

/// Addresses of the two ends of the cable, and names of its network cards.
const HERE: &str = "10.73.0.1";
const THERE: &str = "10.73.0.2";
const CARD_HERE: &str = "cable";
const CARD_THERE: &str = "cable-end";

/// A card that nobody has: what is sent to it vanishes.
const NOBODY: &str = "02:00:00:00:00:99";

/// A remote host. Its daemon's messages are printed when a test fails.
#[derive(Debug)]
pub struct RemoteHost {
    /// Holds the namespaces.
    holder: Child,
    daemon: Option<Child>,
}

impl RemoteHost {
    /// The address at which its libvirt is reached.
    pub const URI: &str = "qemu+tcp://10.73.0.2/system";

    /// The TCP port of its libvirt.
    pub const PORT: u16 = 16509;

    /// Makes it, with a daemon that answers.
    ///
    /// # Panics
    /// Outside a sandbox; when there is one already; when something does not start.
    pub fn start() -> Self {
        assert!(sandbox::is_inside(), "a remote host needs a sandbox");
        let mut holder = Command::new("unshare")
            .args(["--mount", "--net", "--propagation", "private"])
            .args(["sh", "-c", include_str!("remote.sh"), "sh", "/run/remote"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("unshare starts");
        let mut ready = String::new();
        let stdout = holder.stdout.take().expect("it was asked for");
        BufReader::new(stdout)
            .read_line(&mut ready)
            .expect("it says that it is ready");
        assert_eq!(ready, "ready\n", "the remote host's namespaces are made");
        let mut host = Self {
            holder,
            daemon: None,
        };
        let netns = host.holder.id().to_string();
        let make = ["link", "add", CARD_HERE, "type", "veth", "peer", "name"];
        ip(&[&make[..], &[CARD_THERE, "netns", &netns]].concat());
        ip(&["addr", "add", &format!("{HERE}/24"), "dev", CARD_HERE]);
        ip(&["link", "set", CARD_HERE, "up"]);
        host.ip(&["addr", "add", &format!("{THERE}/24"), "dev", CARD_THERE]);
        host.ip(&["link", "set", CARD_THERE, "up"]);
        host.start_daemon();
        host
    }

    /// Starts its daemon, and waits until it answers.
    ///
    /// # Panics
    /// When it does not.
    pub fn start_daemon(&mut self) {
        let log = File::options().append(true).create(true).open(LOG);
        let log = log.expect("the log can be opened");
        let daemon = self
            .inside("libvirtd")
            .args(["--listen", "--pid-file", "/run/libvirt/libvirtd.pid"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("libvirtd starts");
        self.daemon = Some(daemon);
        wait::until_true("the remote libvirtd answers", wait::LIMIT, || {
            self.try_virsh(&["uri"]).status.success()
        });
    }

    /// Ends the daemon as a crash does, leaving its guests to themselves.
    ///
    /// # Panics
    /// When there is none, or it cannot be ended.
    pub fn kill_daemon(&mut self) {
        let mut daemon = self.daemon.take().expect("there is a daemon");
        daemon.kill().expect("the daemon can be ended");
        daemon.wait().expect("the daemon can be reaped");
    }

    /// Stops the daemon where it is: connections stay open and nothing answers.
    ///
    /// # Panics
    /// When there is none.
    pub fn freeze(&self) {
        signal(
            self.daemon.as_ref().expect("there is a daemon").id(),
            "STOP",
        );
    }

    /// Lets it go on after [`Self::freeze`].
    ///
    /// # Panics
    /// When there is none.
    pub fn thaw(&self) {
        signal(
            self.daemon.as_ref().expect("there is a daemon").id(),
            "CONT",
        );
    }

    /// Cuts the cable: what is sent vanishes, both ways, and nobody is told.
    pub fn cut(&self) {
        let to_nobody = |address| {
            [
                "neigh",
                "replace",
                address,
                "lladdr",
                NOBODY,
                "nud",
                "permanent",
                "dev",
            ]
        };
        ip(&[&to_nobody(THERE)[..], &[CARD_HERE]].concat());
        self.ip(&[&to_nobody(HERE)[..], &[CARD_THERE]].concat());
    }

    /// Mends the cable after [`Self::cut`].
    pub fn mend(&self) {
        ip(&["neigh", "del", THERE, "dev", CARD_HERE]);
        self.ip(&["neigh", "del", HERE, "dev", CARD_THERE]);
    }

    /// Runs virsh over there, as its own administrator would, and gives what it printed. The cable
    /// does not matter.
    ///
    /// # Panics
    /// When it fails, with its message.
    pub fn virsh(&self, arguments: &[&str]) -> String {
        daemon::printed(arguments, &self.try_virsh(arguments))
    }

    fn try_virsh(&self, arguments: &[&str]) -> Output {
        self.inside("virsh")
            .args(["--quiet", "--connect", "qemu:///system"])
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .expect("virsh starts")
    }

    /// How many lines of a file over there have `text` in them; none where there is no file.
    ///
    /// # Panics
    /// When it cannot be looked at.
    pub fn lines_of(&self, path: &str, text: &str) -> usize {
        let output = self.inside("cat").arg(path).stderr(Stdio::null()).output();
        let output = output.expect("cat starts").stdout;
        let content = String::from_utf8_lossy(&output);
        content.lines().filter(|line| line.contains(text)).count()
    }

    /// Runs a program over there.
    ///
    /// # Panics
    /// When it fails.
    pub fn run(&self, program: &str, arguments: &[&str]) {
        let status = self.inside(program).args(arguments).status();
        assert!(
            status.is_ok_and(|status| status.success()),
            "{program} {arguments:?}"
        );
    }

    fn ip(&self, arguments: &[&str]) {
        self.run("ip", arguments);
    }

    /// A command in the remote host's namespaces.
    fn inside(&self, program: &str) -> Command {
        let mut command = Command::new("nsenter");
        command
            .args([
                "--mount",
                "--net",
                "--target",
                &self.holder.id().to_string(),
                "--",
            ])
            .arg(program);
        command
    }
}

impl Drop for RemoteHost {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = std::fs::read_to_string(LOG).unwrap_or_default();
            eprintln!("--- remote libvirtd\n{log}");
        }
        // The sandbox ends them otherwise.
        for process in self.daemon.iter_mut().chain([&mut self.holder]) {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

/// Local ports of this network's TCP connections to `port` that stand as far as this side knows.
///
/// # Panics
/// When the system does not tell.
pub fn connections_to(port: u16) -> Vec<u16> {
    let table = std::fs::read_to_string("/proc/net/tcp").expect("proc(5) tells");
    let port_of = |address: &str| {
        let (_, port) = address.split_once(':')?;
        u16::from_str_radix(port, 16).ok()
    };
    table
        .lines()
        .skip(1)
        .filter_map(|line| {
            let mut fields = line.split_whitespace().skip(1);
            let (local, remote, state) = (fields.next()?, fields.next()?, fields.next()?);
            // 01: TCP_ESTABLISHED.
            (state == "01" && port_of(remote) == Some(port)).then(|| port_of(local))?
        })
        .collect()
}

fn ip(arguments: &[&str]) {
    let status = Command::new("ip").args(arguments).status();
    assert!(
        status.is_ok_and(|status| status.success()),
        "ip {arguments:?}"
    );
}
