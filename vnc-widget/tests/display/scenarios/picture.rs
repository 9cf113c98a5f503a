//! The picture on the monitor.

use gtk::prelude::*;
use vnc_widget::Scaling;

use crate::{
    recorder::paint,
    scene::{SURROUND, Scene},
    stage::{Screenshot, keep_screenshot, wait, xdotool},
};

pub(super) fn each_guest_pixel_is_one_pixel() {
    let scene = Scene::new((700, 520), (700, 520));
    let _painting = paint(scene.server(), 700, 520);
    xdotool("mousemove 350 260");
    let truth = scene.settled_picture();
    for scaling in [Scaling::OneToOne, Scaling::Fit] {
        scene.display.set_scaling(scaling);
        wait("the screen shows the server's pixels", || {
            Screenshot::take().area(0, 0, 700, 520) == truth
        });
    }
    keep_screenshot("one-to-one");
}

pub(super) fn a_screen_larger_than_the_window_scrolls() {
    let scene = Scene::new((900, 700), (400, 300));
    let _painting = paint(scene.server(), 900, 700);
    let truth = scene.settled_picture();
    scene.display.set_scaling(Scaling::OneToOne);
    // Some of the window is taken by the scrollbars.
    let corner = |x: usize, y: usize| -> Vec<u8> {
        let rows = truth.chunks_exact(900 * 3).skip(y).take(250);
        rows.flat_map(|row| &row[x * 3..(x + 350) * 3])
            .copied()
            .collect()
    };
    wait("the upper left corner", || {
        Screenshot::take().area(0, 0, 350, 250) == corner(0, 0)
    });
    keep_screenshot("scrolled");
    // A click at the end of the bar goes there.
    xdotool("mousemove 393 200");
    wait("the window is active", || scene.window.is_active());
    xdotool("mousemove 393 283 click 1");
    wait("the lower left corner", || {
        let shown = Screenshot::take().area(0, 0, 350, 250);
        (400..=450).any(|y| shown == corner(0, y))
    });
}

pub(super) fn a_scaled_screen_has_no_seams() {
    let scene = Scene::new((1000, 800), (1000, 800));
    for (width, height) in [
        (730, 584),
        (1370, 1096),
        (747, 700),
        (1111, 613),
        (333, 444),
    ] {
        scene.window.set_default_size(width, height);
        let (columns, rows) = (width as usize, height as usize);
        // Fitted: one side is as long as the window's, the other as the proportions want.
        let zoom = (f64::from(width) / 1000.0).min(f64::from(height) / 800.0);
        let white = ((1000.0 * zoom).round() * (800.0 * zoom).round()) as usize;
        let mut dirty = Vec::new();
        wait("the whole screen in white", || {
            let shown = Screenshot::take().area(0, 0, columns, rows);
            let pixels = || shown.chunks_exact(3);
            dirty = pixels()
                .filter(|&pixel| pixel != [255; 3] && pixel != SURROUND)
                .map(<[u8]>::to_vec)
                .collect();
            pixels().filter(|&pixel| pixel == [255; 3]).count() == white && dirty.is_empty()
        });
        assert!(dirty.is_empty(), "{width} x {height}: {dirty:?}");
        keep_screenshot(&format!("fit-{width}x{height}"));
    }
}
