//! The libvirt daemon of this machine: how to install it, how to start it.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use backend::{Error, ErrorKind, Result, local};

/// Whether this program runs as the superuser.
pub fn is_root() -> bool {
    // The owner of a process's own entry is its effective user.
    fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

/// The command that installs what is missing, for the distribution this machine runs.
pub fn install_command() -> Option<String> {
    local::install_command().map(|command| format!("sudo {command}"))
}

/// Starts the system's libvirt daemon, as the superuser. Blocks: call it on a thread that may.
///
/// Where systemd runs the machine it is asked; elsewhere the daemons put themselves into the
/// background. Returns when they took their sockets or said why not.
///
/// # Errors
/// What could not be started, with its own words as the detail.
pub fn start() -> Result<()> {
    let daemons = local::daemons();
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
    if local::has_systemd() {
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
        Ok(())
    } else {
        Err(last_words(&output))
    }
}

/// What a program that failed said on standard error, or how it ended.
pub fn last_words(output: &Output) -> String {
    let words = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    if words.is_empty() {
        format!("It ended with {}.", output.status)
    } else {
        words
    }
}
