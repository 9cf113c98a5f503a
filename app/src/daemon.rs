//! The libvirt daemon of this machine: whether it is installed, how to install it, how to start it.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use backend::{Error, ErrorKind, Result};

/// Whether this program runs as the superuser.
pub fn is_root() -> bool {
    // The owner of a process's own entry is its effective user.
    fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

/// The daemons that are installed, in the order to start them: libvirtd, or its modular successors.
fn daemons() -> Vec<PathBuf> {
    let find = |name: &str| {
        ["/usr/sbin", "/usr/bin", "/usr/local/sbin"]
            .iter()
            .map(|folder| Path::new(folder).join(name))
            .find(|path| path.is_file())
    };
    let hypervisor: &[&str] = match find("libvirtd") {
        Some(_) => &["libvirtd"],
        None => &[
            "virtnetworkd",
            "virtnodedevd",
            "virtsecretd",
            "virtstoraged",
            "virtxend",
            "virtqemud",
        ],
    };
    // QEMU's own output goes through virtlogd; nothing else starts it where there is no systemd.
    ["virtlogd"]
        .iter()
        .chain(hypervisor)
        .copied()
        .filter_map(find)
        .collect()
}

/// Whether a libvirt daemon is installed on this machine.
pub fn is_installed() -> bool {
    ["libvirtd", "virtqemud", "virtxend"].iter().any(|name| {
        daemons()
            .iter()
            .any(|path| path.file_name().is_some_and(|file| file == *name))
    })
}

/// The command that installs what is missing, for the distribution this machine runs.
pub fn install_command() -> Option<&'static str> {
    let release = fs::read_to_string("/etc/os-release").ok()?;
    install_command_for(&release)
}

/// As [`install_command`], for the contents of an os-release(5) file.
fn install_command_for(release: &str) -> Option<&'static str> {
    let ids: Vec<&str> = release
        .lines()
        .filter_map(|line| {
            line.strip_prefix("ID=")
                .or_else(|| line.strip_prefix("ID_LIKE="))
        })
        .flat_map(|value| value.trim_matches(['"', '\'']).split_whitespace())
        .collect();
    let is = |names: &[&str]| ids.iter().any(|id| names.contains(id));
    if is(&["debian", "ubuntu"]) {
        Some("sudo apt install libvirt-daemon-system qemu-system-x86")
    } else if is(&["fedora", "rhel"]) {
        Some("sudo dnf install libvirt-daemon-kvm")
    } else if is(&["arch"]) {
        Some("sudo pacman -S libvirt qemu-base dnsmasq")
    } else if is(&["suse", "opensuse"]) {
        Some("sudo zypper install libvirt-daemon-qemu")
    } else {
        None
    }
}

/// Starts the system's libvirt daemon, as the superuser. Blocks: call it on a thread that may.
///
/// Where systemd runs the machine it is asked; elsewhere the daemons put themselves into the
/// background. Returns when they took their sockets or said why not.
///
/// # Errors
/// What could not be started, with its own words as the detail.
pub fn start() -> Result<()> {
    let daemons = daemons();
    if daemons.is_empty() {
        return Err(Error::new(
            ErrorKind::NoDaemon,
            "libvirt is not installed on this machine.",
        )
        .with_remedy(install_command().map_or_else(
            || "Install the libvirt daemon and QEMU from your distribution.".to_owned(),
            |command| format!("Install it with: {command}"),
        )));
    }
    if Path::new("/run/systemd/system").is_dir() {
        return start_by_systemd(&daemons);
    }
    for daemon in daemons {
        let mut command = Command::new(&daemon);
        command.arg("--daemon");
        if let Err(detail) = succeed(command) {
            // One that runs already refuses to start twice; the connection tells in the end.
            if daemon.ends_with("virtlogd") {
                tracing::info!(%detail, "virtlogd did not start");
                continue;
            }
            return Err(not_started(&daemon, detail));
        }
    }
    Ok(())
}

fn start_by_systemd(daemons: &[PathBuf]) -> Result<()> {
    for daemon in daemons {
        let Some(name) = daemon.file_name().and_then(|name| name.to_str()) else {
            continue;
        };
        let mut command = Command::new("systemctl");
        command.args(["start", &format!("{name}.socket")]);
        if let Err(detail) = succeed(command) {
            return Err(not_started(daemon, detail));
        }
    }
    Ok(())
}

fn not_started(daemon: &Path, detail: String) -> Error {
    Error::new(
        ErrorKind::NoDaemon,
        format!("{} could not be started.", daemon.display()),
    )
    .with_remedy("The details tell why. Mend it, then try again.")
    .with_detail(detail)
}

/// Runs `command` to its end; its words when it failed.
fn succeed(mut command: Command) -> Result<(), String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    let words = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(if words.is_empty() {
        format!("It ended with {}.", output.status)
    } else {
        words
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_family_of_distributions_has_its_command() {
        for (release, tool) in [
            ("NAME=x\nID=debian\n", "apt"),
            ("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n", "apt"),
            ("ID=fedora\n", "dnf"),
            ("ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n", "dnf"),
            ("ID=arch\n", "pacman"),
            (
                "ID=\"opensuse-tumbleweed\"\nID_LIKE=\"opensuse suse\"\n",
                "zypper",
            ),
        ] {
            let command = install_command_for(release).unwrap();
            assert!(command.contains(tool), "{release}: {command}");
        }
        assert_eq!(install_command_for("ID=plan9\n"), None);
        assert_eq!(install_command_for("VERSION_ID=debian\n"), None);
    }
}
