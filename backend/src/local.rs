//! This computer's own hypervisor: its address, and starting its daemon where nothing else does.

use std::io::ErrorKind as Io;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;

use crate::error::{Error, ErrorKind, Result};

/// The system daemon's QEMU.
pub const QEMU_SYSTEM: &str = "qemu:///system";
/// The user's own QEMU, with a daemon that libvirt starts by itself.
pub const QEMU_SESSION: &str = "qemu:///session";
/// Xen, in its domain 0.
pub const XEN_SYSTEM: &str = "xen:///system";

/// Sockets that answer for the system's QEMU: of the one daemon for everything, or of the one for
/// QEMU alone.
const SYSTEM_SOCKETS: [&str; 2] = ["libvirt/libvirt-sock", "libvirt/virtqemud-sock"];

/// How long a started daemon may take to answer.
const START_PATIENCE: Duration = Duration::from_secs(30);

/// The address of this computer's system hypervisor: Xen in a domain 0, QEMU elsewhere. Whether it
/// can be used shows when it is opened; [`QEMU_SESSION`] is the way out where there is no daemon or
/// no right to use it.
pub fn system_uri() -> &'static str {
    system_uri_for(&std::fs::read_to_string("/proc/xen/capabilities").unwrap_or_default())
}

/// From what Xen's kernel says; guests of Xen have the file too, without that word.
fn system_uri_for(xen: &str) -> &'static str {
    if xen.contains("control_d") {
        XEN_SYSTEM
    } else {
        QEMU_SYSTEM
    }
}

/// How the system's daemon can be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Access {
    Usable,
    Refused,
    Nobody,
}

fn run_folders() -> impl Iterator<Item = PathBuf> {
    ["/run", "/var/run"].into_iter().map(PathBuf::from)
}

fn access_to_system() -> Access {
    let mut access = Access::Nobody;
    for socket in run_folders().flat_map(|run| SYSTEM_SOCKETS.map(|socket| run.join(socket))) {
        match UnixStream::connect(&socket) {
            Ok(_) => return Access::Usable,
            Err(error) if error.kind() == Io::PermissionDenied => access = Access::Refused,
            Err(_) => {}
        }
    }
    access
}

/// Whether [`start_daemon`] is of use: this user is root, no service manager starts daemons here, a
/// daemon is installed and none runs.
pub async fn can_start_daemon(runtime: &Handle) -> bool {
    runtime.spawn_blocking(start_is_ours).await.unwrap_or(false)
}

fn start_is_ours() -> bool {
    crate::ffi::user::effective_id() == 0
        && !Path::new("/run/systemd/system").exists()
        && access_to_system() == Access::Nobody
        && find_program("libvirtd").is_some()
}

/// Starts libvirt's daemon, and the one that keeps consoles' logs where it is installed, apart from
/// this program, and waits until it answers. For root on a machine where nothing else starts
/// daemons, such as a container.
///
/// # Errors
/// [`ErrorKind::NotSupported`] where it is not this program's to start; [`ErrorKind::NoDaemon`]
/// when it does not come up.
pub async fn start_daemon(runtime: &Handle) -> Result<()> {
    runtime
        .spawn_blocking(start_daemon_blocking)
        .await
        .unwrap_or_else(|_| {
            Err(Error::new(
                ErrorKind::Cancelled,
                "The work was stopped because the program is ending.",
            ))
        })
}

fn start_daemon_blocking() -> Result<()> {
    if access_to_system() == Access::Usable {
        return Ok(());
    }
    if !start_is_ours() {
        return Err(Error::new(
            ErrorKind::NotSupported,
            "The hypervisor service is not this program's to start.",
        )
        .with_remedy("Start it with the system's own tools, as “systemctl start libvirtd”."));
    }
    let mut said = String::new();
    for name in ["virtlogd", "libvirtd"] {
        let Some(program) = find_program(name) else {
            continue;
        };
        if name == "virtlogd"
            && run_folders().any(|run| answers(&run.join("libvirt/virtlogd-sock")))
        {
            continue;
        }
        let started = Command::new(&program)
            .arg("--daemon")
            .stdin(Stdio::null())
            .output()
            .map_err(|error| did_not_start(&error.to_string()))?;
        said.push_str(&String::from_utf8_lossy(&started.stderr));
        if !started.status.success() && name == "libvirtd" {
            return Err(did_not_start(&said));
        }
    }
    let deadline = Instant::now() + START_PATIENCE;
    while access_to_system() != Access::Usable {
        if Instant::now() >= deadline {
            return Err(did_not_start(&said));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

fn answers(socket: &Path) -> bool {
    UnixStream::connect(socket).is_ok()
}

fn did_not_start(said: &str) -> Error {
    Error::new(ErrorKind::NoDaemon, "The hypervisor service did not start.")
        .with_remedy("See the details for what it said.")
        .with_detail(said.trim())
}

/// A program of the system's, whose folder an ordinary PATH may lack.
fn find_program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin", "/sbin", "/usr/local/sbin"].map(PathBuf::from))
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(name))
        .find(|program| program.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_domain_0_is_a_xen_host() {
        assert_eq!(system_uri_for("control_d\n"), XEN_SYSTEM);
        assert_eq!(system_uri_for(""), QEMU_SYSTEM);
        assert!(system_uri().ends_with(":///system"));
    }
}
