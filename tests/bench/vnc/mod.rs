//! How quickly VNC screens are shown: recordings of real servers, replayed to whole programs; the
//! time from a key to its picture; memory for a large screen. How quickly the engine alone decodes is
//! the `replay` benchmark of the crate `rfb`, on the same recordings.

mod latency;
mod memory;
mod recorder;
mod replay;
mod replay_server;
mod scenes;
mod servers;
mod viewers;

use integration::tier::Tier;

/// Whether the programs that serve and show screens are here.
fn is_possible() -> bool {
    Tier::VncServer.is_here() && Tier::Interface.is_here()
}

/// Makes the recordings that are missing.
pub fn record() {
    if is_possible() {
        scenes::record();
    }
}

/// Whole programs on recordings.
pub fn replay() {
    if is_possible() {
        replay::measure();
    }
}

/// From a key or a movement of the pointer to its picture.
pub fn latency() {
    if is_possible() {
        latency::measure();
    }
}

/// Memory for a large screen.
pub fn memory() {
    if is_possible() {
        memory::measure();
    }
}
