//! Whole programs on the same recordings: how much processor time they take to show them, drawing
//! included.

use std::sync::Arc;
use std::time::Duration;

use integration::display::Display;

use crate::run;

use super::replay_server::{Pace, Recording, ReplayServer};
use super::scenes::{self, SCENES};
use super::viewers::Viewer;

/// Runs of each program on each recording.
const RUNS: usize = 3;

/// How long a program must have been at rest to have shown everything.
const QUIET: Duration = Duration::from_millis(300);

/// What is replayed, of each scene: all would take too long. JPEG is for videos and photographs.
const ENCODINGS: [(&str, &[&str]); 6] = [
    ("terminal", &["ZRLE", "Tight", "Raw"]),
    ("interface", &["ZRLE", "Tight", "Raw"]),
    ("video", &["Tight", "JPEG"]),
    ("dragging", &["Tight", "JPEG"]),
    ("terminal-4K", &["Tight"]),
    ("interface-4K", &["Tight"]),
];

/// What is replayed update by update: this takes as long as a session does.
const ASKED: [(&str, &[&str]); 3] = [
    ("terminal", &["Tight"]),
    ("interface", &["Tight"]),
    ("video", &["JPEG"]),
];

/// What showing a recording took, in seconds.
#[derive(Debug, Clone, Copy, Default)]
struct Sample {
    /// Processor time of the program.
    processor: f64,
    /// Processor time of the X server meanwhile.
    display: f64,
}

/// Measures and prints.
pub fn measure() {
    println!(
        "Whole programs, on one processor: processor seconds to show a recording (median of {RUNS}),"
    );
    println!(
        "and those of the X server meanwhile. Ratios to Guesthouse: of the program, and of both together,"
    );
    println!("for some programs let the X server do their work.");
    let flood = "As fast as the program reads";
    let asked = "One update when the program has asked for it, as servers do";
    rows(flood, Pace::Flood, &ENCODINGS);
    rows(asked, Pace::Asked, &ASKED);
    for viewer in Viewer::ALL {
        if !viewer.is_installed() {
            println!(
                "\n{} is not installed, so it is not compared.",
                viewer.name()
            );
        }
    }
}

fn rows(what: &str, pace: Pace, encodings: &[(&str, &[&str])]) {
    println!(
        "\n{what}\n{:<21} {:>12} {:>12} {:>12} {:>12} {:>12}",
        "", "Guesthouse", "TigerVNC", "ratios", "gtk-vnc", "ratios"
    );
    for (name, encodings) in encodings {
        let scene = SCENES.iter().find(|scene| scene.name == *name);
        for encoding in *encodings {
            let path = scenes::path(name, encoding);
            if let Some(scene) = scene
                && path.is_file()
            {
                let recording = Arc::new(Recording::read(&path));
                compare(&format!("{name}, {encoding}"), &recording, scene.size, pace);
            }
        }
    }
}

fn compare(name: &str, recording: &Arc<Recording>, size: (u16, u16), pace: Pace) {
    let size = (size.0.into(), size.1.into());
    let mut samples = Viewer::ALL.map(|viewer| (viewer, Vec::new()));
    for run in 0..RUNS {
        for (viewer, samples) in &mut samples {
            if viewer.is_installed() {
                // One picture shows that it was drawn.
                let picture = (run == 0).then(|| format!("bench-{}-{name}", viewer.name()));
                samples.extend(replay(*viewer, recording, size, pace, picture));
            }
        }
    }
    let [own, tiger, gtk] = samples.map(|(_, samples)| median(samples));
    let show = |sample: Option<Sample>| match sample {
        Some(sample) => format!("{:.2} + {:.2}", sample.processor, sample.display),
        None => "cannot".to_owned(),
    };
    let ratios = |sample: Option<Sample>| match (sample, own) {
        (Some(other), Some(own)) => format!(
            "{:.1} / {:.1}",
            other.processor / own.processor,
            (other.processor + other.display) / (own.processor + own.display)
        ),
        _ => "-".to_owned(),
    };
    println!(
        "{name:<21} {:>12} {:>12} {:>12} {:>12} {:>12}",
        show(own),
        show(tiger),
        ratios(tiger),
        show(gtk),
        ratios(gtk)
    );
}

fn median(mut samples: Vec<Sample>) -> Option<Sample> {
    samples.sort_by(|one, other| one.processor.total_cmp(&other.processor));
    samples.get(samples.len() / 2).copied()
}

/// Has a viewer show a recording. `None` when it leaves before the end.
fn replay(
    viewer: Viewer,
    recording: &Arc<Recording>,
    size: (u32, u32),
    pace: Pace,
    picture: Option<String>,
) -> Option<Sample> {
    let display = Display::start(size.0 + 20, size.1 + 100);
    let server = ReplayServer::start(Arc::clone(recording), pace);
    let program = viewer.start(&display, server.port());
    if !server.wait_for_request() {
        return None;
    }
    viewer.make_room(&display, size);
    // The window and all that belongs to it are there.
    program.wait_until_idle(QUIET, || true);
    let before = (
        program.processor_seconds(),
        run::processor_seconds(display.server_id()),
    );
    server.go();
    program.wait_until_idle(QUIET, || server.has_sent_all() || server.is_gone());
    let taken = Sample {
        processor: program.processor_seconds() - before.0,
        display: run::processor_seconds(display.server_id()) - before.1,
    };
    if let Some(name) = picture {
        display.screenshot(&name.replace([',', ' '], ""));
    }
    (!server.is_gone()).then_some(taken)
}
