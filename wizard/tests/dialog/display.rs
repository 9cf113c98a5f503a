//! A virtual display for this run.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, ExitCode, Stdio};

/// Set in the run that has its display.
const INSIDE: &str = "GUESTHOUSE_DIALOG_TEST";

/// Ends with this run, however it ends.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs this program again on a virtual display and gives its outcome; `None` where it already has
/// one. Where there is no X server to start, says so and passes, or fails where nothing may be
/// skipped.
pub(crate) fn run_inside() -> Option<ExitCode> {
    if std::env::var_os(INSIDE).is_some() {
        return None;
    }
    let server = Command::new("Xvfb")
        .args(["-displayfd", "1", "-nolisten", "tcp", "-noreset"])
        .args(["-screen", "0", "800x600x24"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let mut server = match server {
        Ok(child) => Server(child),
        Err(error) => {
            println!("skipped: Xvfb does not start: {error}");
            let required = std::env::var("GUESTHOUSE_REQUIRE_TIERS").is_ok_and(|all| all == "all");
            return Some(ExitCode::from(u8::from(required)));
        }
    };
    let mut number = String::new();
    BufReader::new(server.0.stdout.take().expect("stdout is piped"))
        .read_line(&mut number)
        .expect("Xvfb says its number");
    let status = Command::new(std::env::current_exe().expect("a test knows its own binary"))
        .args(std::env::args_os().skip(1))
        .env(INSIDE, "1")
        .env("DISPLAY", format!(":{}", number.trim()))
        .env_remove("WAYLAND_DISPLAY")
        .env("GDK_BACKEND", "x11")
        .env("GSK_RENDERER", "cairo")
        .env("GTK_A11Y", "none")
        // Nothing of the user's: no settings daemon, no clipboard manager, no bus.
        .env("GSETTINGS_BACKEND", "memory")
        .env("DBUS_SESSION_BUS_ADDRESS", "disabled:")
        .status()
        .expect("the test runs again");
    Some(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
