//! Tiers: groups of tests that need something of the machine, and what happens where it is
//! missing.
//!
//! Locally a test whose tier is out of reach says so and passes. Where
//! `GUESTHOUSE_REQUIRE_TIERS=all` is set, as in continuous integration, it fails.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use crate::testbed;

/// What a test needs beyond the test driver of libvirt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tier {
    /// Namespaces only.
    Sandbox,
    /// A private libvirt daemon with QEMU.
    Daemon,
    /// The daemon and the tiny guest.
    Guests,
    /// The daemon and the tree of a real installer.
    Installer,
    /// A virtual display, a session bus and the accessibility tree.
    Interface,
    /// The daemon, an ssh server, and what makes certificates and passwords.
    Remote,
    /// Other projects' VNC servers (`TigerVNC`, libvncserver, QEMU), and certificates for them.
    VncServer,
    /// That, windows, and a keyring (GNOME's).
    Keyring,
}

impl Tier {
    /// Why this tier cannot run here; `None` when it can.
    fn obstacle(self) -> Option<String> {
        let own = match self {
            Self::Sandbox => None,
            Self::Daemon => {
                missing_programs(&["libvirtd", "virsh", "qemu-system-x86_64", "qemu-img"])
            }
            Self::Guests => Self::Daemon.obstacle().or_else(|| {
                missing_file(&testbed::kernel()).or_else(|| missing_file(&testbed::initrd()))
            }),
            Self::Installer => Self::Daemon
                .obstacle()
                .or_else(|| missing_file(&testbed::tree())),
            Self::Interface => missing_programs(&["Xvfb", "dbus-daemon", "dconf", "import"])
                .or_else(python_obstacle),
            Self::Remote => Self::Daemon.obstacle().or_else(|| {
                missing_programs(&["sshd", "ssh", "ssh-keygen", "openssl", "saslpasswd2"])
            }),
            Self::VncServer => missing_programs(&[
                "Xvnc",
                "x11vnc",
                "qemu-system-x86_64",
                "display",
                "xclip",
                "openssl",
            ]),
            Self::Keyring => Self::VncServer
                .obstacle()
                .or_else(|| Self::Interface.obstacle())
                .or_else(|| missing_programs(&["gnome-keyring-daemon", "dbus-send"])),
        };
        own.or_else(sandbox_obstacle)
    }

    /// Whether the test may go on. Where it may not, says why on the terminal (past the capture of
    /// the test runner), or fails the test when all tiers are required.
    ///
    /// # Panics
    /// When the tier is out of reach and required.
    pub fn is_here(self) -> bool {
        let Some(obstacle) = self.obstacle() else {
            return true;
        };
        let required = std::env::var("GUESTHOUSE_REQUIRE_TIERS").is_ok_and(|tiers| tiers == "all");
        assert!(!required, "tier {self:?} is required here: {obstacle}");
        // A closed terminal is no reason to fail.
        let _ = writeln!(std::io::stderr(), "SKIPPED (tier {self:?}): {obstacle}");
        false
    }
}

fn missing_programs(programs: &[&str]) -> Option<String> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let missing: Vec<_> = programs
        .iter()
        .filter(|program| {
            let mut folders = std::env::split_paths(&path).chain(["/usr/sbin".into()]);
            !folders.any(|folder| folder.join(program).is_file())
        })
        .copied()
        .collect();
    (!missing.is_empty()).then(|| {
        format!(
            "not installed: {} (scripts/setup-system test installs them)",
            missing.join(", ")
        )
    })
}

fn missing_file(path: &Path) -> Option<String> {
    (!path.exists()).then(|| format!("{} is not there: run scripts/fetch-testbed", path.display()))
}

fn python_obstacle() -> Option<String> {
    static OBSTACLE: OnceLock<Option<String>> = OnceLock::new();
    let check = "import gi; gi.require_version('Atspi', '2.0'); from gi.repository import Atspi";
    OBSTACLE
        .get_or_init(|| {
            let works = Command::new(testbed::PYTHON)
                .args(["-c", check])
                .stderr(Stdio::null())
                .status()
                .is_ok_and(|status| status.success());
            (!works)
                .then(|| "Python has no Atspi bindings (python3-gi, gir1.2-atspi-2.0)".to_owned())
        })
        .clone()
}

fn sandbox_obstacle() -> Option<String> {
    static OBSTACLE: OnceLock<Option<String>> = OnceLock::new();
    OBSTACLE
        .get_or_init(|| {
            let output = crate::sandbox::command("true").output();
            match output {
                Ok(output) if output.status.success() => None,
                Ok(output) => Some(format!(
                    "no namespaces here: {}",
                    String::from_utf8_lossy(&output.stderr).trim()
                )),
                Err(error) => Some(format!("no namespaces here: {error}")),
            }
        })
        .clone()
}
