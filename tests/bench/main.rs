//! Measures what a user waits for and what the program costs, on lists of 1, 100 and 500 guests of
//! libvirt's test driver: launch until the list is on the screen, peak memory, processor time while
//! nothing happens. Beside it, in the same run and the same way, virt-manager where it is
//! installed, and an empty libadwaita window as the floor. Then what a host that stalls costs the
//! others, and how quickly VNC screens are shown, beside other viewers.
//!
//! `measure PART…` measures some parts alone: `list`, `stalled`, `replay`, `latency`, `memory`.
//! `measure record` only makes the recordings that are replayed, where they are missing.

#![allow(
    unreachable_pub,
    reason = "a binary has no outside: `pub` here means for the program's other modules"
)]

mod guests;
mod run;
mod screen;
mod stalled;
mod vnc;

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use integration::tier::Tier;
use integration::{program, sandbox};
use run::{Figures, Subject};

const COUNTS: [usize; 3] = [1, 100, 500];

/// What can be measured, in this order.
const PARTS: [(&str, fn()); 6] = [
    ("list", list),
    ("stalled", stalled),
    ("record", vnc::record),
    ("replay", vnc::replay),
    ("latency", vnc::latency),
    ("memory", vnc::memory),
];

fn main() -> ExitCode {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|part| part == name);
    let mut parts = PARTS.iter().filter(|(name, _)| wanted(name));
    match (parts.next(), parts.next()) {
        (Some(&(_, measure)), None) => alone(measure),
        _ => one_after_the_other(PARTS.iter().filter(|(name, _)| wanted(name))),
    }
}

/// Measures one part in a sandbox.
fn alone(measure: fn()) -> ExitCode {
    match sandbox::enter() {
        Ok(None) => {
            measure();
            println!();
            ExitCode::SUCCESS
        }
        Ok(Some(status)) if status.success() => ExitCode::SUCCESS,
        Ok(Some(_)) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("measure: no namespaces here: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Measures parts in a sandbox each: what one leaves behind, guests and servers, would be in the way of
/// the next.
fn one_after_the_other<'a>(parts: impl Iterator<Item = &'a (&'static str, fn())>) -> ExitCode {
    let program = std::env::current_exe().expect("it runs");
    let failed = parts
        .filter(|(name, _)| {
            let status = Command::new(&program).arg(name).status();
            !status.is_ok_and(|status| status.success())
        })
        .count();
    if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn stalled() {
    if Tier::Daemon.is_here() {
        stalled::measure();
    }
}

fn list() {
    println!(
        "Launch until listed (median of {}), peak memory, idle processor.\n",
        run::RUNS
    );
    println!("{:<24} {:>8} {:>10} {:>12}", "", "listed", "memory", "idle");
    let floor = Subject {
        name: "empty window",
        program: program::example("empty-window"),
        arguments: Vec::new(),
    };
    let floor = floor.measure(None);
    print("empty window", &floor);

    for count in COUNTS {
        println!();
        let file = guests::write(count);
        let uri = format!("test://{}", file.display());
        let own = Subject {
            name: "Guesthouse",
            program: program::binary(),
            arguments: vec!["--connect".to_owned(), uri.clone()],
        };
        let own = own.measure(Some(count));
        print(&format!("Guesthouse, {count}"), &own);
        println!(
            "{:<24} {:>+7.2}s {:>+7.0} MB",
            "  above the floor",
            own.listed - floor.listed,
            own.memory_mb - floor.memory_mb
        );
        if let Some(program) = virt_manager() {
            let other = Subject {
                name: "virt-manager",
                program,
                arguments: vec!["--no-fork".to_owned(), "--connect".to_owned(), uri],
            };
            let other = other.measure(Some(count));
            print(&format!("virt-manager, {count}"), &other);
            println!(
                "{:<24} {:>7.1}x {:>9.1}x {:>11.1}x",
                "  to Guesthouse's",
                other.listed / own.listed,
                other.memory_mb / own.memory_mb,
                other.idle_percent / own.idle_percent.max(0.1)
            );
        }
    }
    if virt_manager().is_none() {
        println!("\nvirt-manager is not installed, so it is not compared.");
    }
}

fn print(name: &str, figures: &Figures) {
    println!(
        "{name:<24} {:>7.2}s {:>7.0} MB {:>10.1} %",
        figures.listed, figures.memory_mb, figures.idle_percent
    );
}

fn virt_manager() -> Option<PathBuf> {
    let program = PathBuf::from("/usr/bin/virt-manager");
    program.is_file().then_some(program)
}
