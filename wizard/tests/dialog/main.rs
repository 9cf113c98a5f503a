//! The create dialog as its user meets it: real widgets on a virtual display, libvirt's test driver
//! as the host, and an install tree on loopback.
//!
//! GTK works on the main thread only, so this target brings its own small harness. Without a
//! display it starts one for itself.

mod display;
mod journeys;
mod screen;
mod server;
mod size_row;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

fn main() -> ExitCode {
    if let Some(outcome) = display::run_inside() {
        return outcome;
    }
    adw::init().expect("the display is there");
    let filter = std::env::args().skip(1).find(|word| !word.starts_with('-'));
    let mut failed = Vec::new();
    for (name, test) in journeys::ALL.iter().chain(size_row::ALL) {
        if filter
            .as_ref()
            .is_some_and(|part| !name.contains(part.as_str()))
        {
            continue;
        }
        let passed = catch_unwind(AssertUnwindSafe(test)).is_ok();
        println!("test {name} ... {}", if passed { "ok" } else { "FAILED" });
        if !passed {
            failed.push(name);
        }
    }
    if failed.is_empty() {
        return ExitCode::SUCCESS;
    }
    println!("failures: {failed:?}");
    ExitCode::FAILURE
}
