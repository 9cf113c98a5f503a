//! The widget on a real (virtual) display, connected to a real VNC server.
//!
//! The test starts an X server of its own (Xvfb) and runs itself in it for each of GSK's renderers
//! and resolutions, and in a Wayland compositor (sway) of its own; the VNC servers (TigerVNC's Xvnc) and what runs inside them are its children too.
//! Arguments select tests by parts of their names.

mod exchange;
mod recorder;
mod scenarios;
mod scene;
mod scripted;
mod sound;
mod stage;
mod sway;

use std::{
    env,
    panic::{self, AssertUnwindSafe},
    process::{Command, ExitCode},
};

use stage::{Server, programs_missing};
use sway::Sway;

/// Tells a copy of this program what it is to be.
const ROLE: &str = "VNC_WIDGET_TEST_ROLE";

/// Tells it the same as GDK: how many pixels of the monitor a logical pixel has.
const SCALE: &str = "GDK_SCALE";

fn main() -> ExitCode {
    match env::var(ROLE).as_deref() {
        Ok("recorder") => recorder::run(),
        Ok("scenarios") => run_scenarios(),
        _ => run_all(),
    }
}

/// Runs the scenarios with each renderer.
fn run_all() -> ExitCode {
    // What libtest's list option is asked for by tools; these tests are one.
    if env::args().any(|argument| argument == "--list") {
        println!("display: test");
        return ExitCode::SUCCESS;
    }
    let mut missing = programs_missing();
    missing.extend(sway::programs_missing());
    if !missing.is_empty() {
        let required = env::var("GUESTHOUSE_REQUIRE_TIERS").is_ok_and(|tiers| tiers == "all");
        eprintln!(
            "SKIPPED (display tests): not installed: {}",
            missing.join(", ")
        );
        return if required {
            ExitCode::FAILURE
        } else {
            ExitCode::SUCCESS
        };
    }
    let screen = Server::xvfb(1600, 1200);
    let folder = tempfile::tempdir().expect("a folder");
    let mut failed = false;
    for (renderer, scale) in [("cairo", "1"), ("gl", "1"), ("cairo", "2"), ("gl", "2")] {
        println!("\nX11, GSK_RENDERER={renderer} {SCALE}={scale}");
        let mut scenarios = scenarios_with(renderer);
        scenarios
            .env("DISPLAY", screen.display())
            .env("GDK_BACKEND", "x11")
            .env(SCALE, scale)
            // A sound server is started by the test that wants one.
            .env(
                sound::SERVER,
                format!("unix:{}", folder.path().join("sound").display()),
            )
            .env_remove("WAYLAND_DISPLAY");
        failed |= !succeeds(&mut scenarios);
    }
    println!("\nWayland");
    let compositor = Sway::start();
    let mut scenarios = scenarios_with("cairo");
    scenarios
        .envs(compositor.environment())
        .env("GDK_BACKEND", "wayland")
        .env_remove(SCALE)
        .env_remove("DISPLAY");
    failed |= !succeeds(&mut scenarios);
    if failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

/// A copy of this program that runs scenarios.
fn scenarios_with(renderer: &str) -> Command {
    let mut command = Command::new(env::current_exe().expect("it runs"));
    command
        .args(env::args().skip(1))
        .env(ROLE, "scenarios")
        .env("GSK_RENDERER", renderer)
        // There is no session bus, and looking for one takes time.
        .env("GTK_A11Y", "none")
        .env("GSETTINGS_BACKEND", "memory");
    command
}

fn succeeds(command: &mut Command) -> bool {
    command.status().is_ok_and(|status| status.success())
}

/// Runs the scenarios one after the other on the display that is set.
fn run_scenarios() -> ExitCode {
    gtk::init().expect("there is a display");
    let filters: Vec<String> = env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    let mut failed = 0;
    let scenarios = if env::var("GDK_BACKEND").as_deref() == Ok("wayland") {
        vec![scenarios::UNDER_WAYLAND]
    } else if env::var(SCALE).as_deref() == Ok("2") {
        vec![scenarios::IN_DOUBLE_RESOLUTION]
    } else {
        vec![scenarios::ALL, exchange::ALL, sound::ALL]
    };
    for (name, scenario) in scenarios.into_iter().flatten() {
        if !filters.is_empty() && !filters.iter().any(|filter| name.contains(filter.as_str())) {
            continue;
        }
        // Scenarios share nothing but the screen, which each of them fills anew.
        let passed = panic::catch_unwind(AssertUnwindSafe(scenario)).is_ok();
        println!("test {name} ... {}", if passed { "ok" } else { "FAILED" });
        failed += u32::from(!passed);
    }
    if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
