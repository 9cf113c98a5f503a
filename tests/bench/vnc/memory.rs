//! What a viewer's memory grows by when it shows a large screen.

use std::sync::Arc;
use std::time::Duration;

use integration::display::Display;

use super::replay_server::{Pace, Recording, ReplayServer};
use super::scenes;
use super::viewers::Viewer;

/// How long a program must have been at rest to have shown everything.
const QUIET: Duration = Duration::from_millis(500);

/// Measures and prints.
pub fn measure() {
    let tiny = Arc::new(Recording::tiny());
    let framebuffer = 3840.0 * 2160.0 * 4.0 / 1e6;
    println!(
        "Memory for a screen of 3840 × 2160, one framebuffer of which is {framebuffer:.0} MB; in a"
    );
    println!("window of the program's own choice, above the same with a screen of 64 × 64.");
    println!(
        "{:<12} {:<14} {:>10} {:>10} {:>12} {:>14}",
        "", "", "64 × 64", "4K", "difference", "framebuffers"
    );
    for scene in ["interface-4K", "terminal-4K"] {
        let path = scenes::path(scene, "Tight");
        if !path.is_file() {
            println!("No recording of {scene}: measure record makes them.");
            continue;
        }
        let large = Arc::new(Recording::read(&path));
        for viewer in Viewer::ALL
            .into_iter()
            .filter(|viewer| viewer.is_installed())
        {
            let [floor, peak] = [&tiny, &large].map(|recording| peak(viewer, recording));
            println!(
                "{:<12} {scene:<14} {floor:>7.0} MB {peak:>7.0} MB {:>9.0} MB {:>14.2}",
                viewer.name(),
                peak - floor,
                (peak - floor) / framebuffer
            );
        }
    }
}

fn peak(viewer: Viewer, recording: &Arc<Recording>) -> f64 {
    let display = Display::start(1280, 900);
    let server = ReplayServer::start(Arc::clone(recording), Pace::Asked);
    let program = viewer.start(&display, server.port());
    if server.wait_for_request() {
        server.go();
        program.wait_until_idle(QUIET, || server.has_sent_all() || server.is_gone());
    }
    program.peak_memory_mb()
}
