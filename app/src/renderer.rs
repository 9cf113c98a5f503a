//! What draws the windows where there is no graphics card.

use std::{env, fs, path::Path};

use gtk::glib;

/// The variable by which GTK is told what to draw with.
const VARIABLE: &str = "GSK_RENDERER";

/// From here on GTK (4.14) knows by itself that OpenGL in software is slower than drawing without it.
const KNOWS_BY_ITSELF: u32 = 14;

/// Has GTK draw without OpenGL on computers without a graphics card, unless the user has chosen
/// something. Before 4.14 GTK has Mesa emulate one, and each picture of a guest takes fifty times as
/// long.
///
/// It sets a variable of the environment: to be called while there is one thread only.
pub fn choose() {
    let chosen = env::var_os(VARIABLE).is_some();
    if !chosen && gtk::minor_version() < KNOWS_BY_ITSELF && !has_graphics_card(Path::new("/dev")) {
        // An error would be a name with `=` in it.
        let _ = glib::setenv(VARIABLE, "cairo", false);
    }
}

/// Whether a device that draws is among these: a kernel driver's render node, or one of NVIDIA's own
/// driver, which may have none.
fn has_graphics_card(devices: &Path) -> bool {
    let render_node = fs::read_dir(devices.join("dri")).is_ok_and(|entries| {
        entries
            .flatten()
            .any(|entry| entry.file_name().as_encoded_bytes().starts_with(b"renderD"))
    });
    render_node || devices.join("nvidia0").exists()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(files: &[&str]) -> bool {
        let devices = tempfile::tempdir().unwrap();
        for file in files {
            let file = devices.path().join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, "").unwrap();
        }
        has_graphics_card(devices.path())
    }

    #[test]
    fn cards_are_known_by_what_programs_draw_with() {
        assert!(with(&["dri/card0", "dri/renderD128"]));
        assert!(with(&["nvidiactl", "nvidia0"]));
        // Of cards that only show pictures, as simple ones of guests do.
        assert!(!with(&["dri/card0"]));
        assert!(!with(&["null"]));
    }
}
