//! The picture on the monitor.

use std::rc::Rc;

use gtk::prelude::*;
use vnc_widget::{EdgePanning, Scaling};

use crate::{
    recorder::paint,
    scene::{SURROUND, Scene},
    stage::{Log, Screenshot, keep_screenshot, wait, xdotool},
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

/// A picture with each pixel so many times as wide and high.
pub(super) fn squares(rgb: &[u8], width: usize, factor: usize) -> Vec<u8> {
    let wide = rgb.chunks_exact(width * 3).map(|row| {
        let pixels = row.chunks_exact(3);
        pixels.flat_map(|pixel| pixel.repeat(factor)).collect()
    });
    wide.flat_map(|row: Vec<u8>| row.repeat(factor)).collect()
}

/// The upper left corner of a picture.
fn corner(rgb: &[u8], stride: usize, width: usize, height: usize) -> Vec<u8> {
    let rows = rgb.chunks_exact(stride * 3).take(height);
    rows.flat_map(|row| &row[..width * 3]).copied().collect()
}

pub(super) fn zoomed() {
    // More than one tile each way, and a window that shows all of it at no zoom.
    let scene = Scene::new((300, 290), (560, 420));
    let _painting = paint(scene.server(), 300, 290);
    let truth = scene.settled_picture();
    for factor in [2, 3, 4] {
        scene.display.set_scaling(Scaling::Zoom(factor as f64));
        let sharp = squares(&truth, 300, factor);
        let expected = corner(&sharp, 300 * factor, 540, 400);
        wait("squares", || {
            Screenshot::take().area(0, 0, 540, 400) == expected
        });
        let zoom = scene.display.zoom().expect("a picture");
        assert!((zoom - factor as f64).abs() < 1e-9);
        keep_screenshot(&format!("zoom-{factor}"));
    }
    // The far end, which was not to be seen before.
    xdotool("mousemove 280 200 click --repeat 3 4");
    scene.display.set_scaling(Scaling::Zoom(2.0));
    scene.window.set_default_size(600, 580);
    let sharp = squares(&truth, 300, 2);
    wait("the whole of it", || {
        Screenshot::take().area(0, 0, 600, 580) == sharp
    });
    // Fitted into twice its size, it is as sharp.
    scene.display.set_scaling(Scaling::Fit);
    wait("the same, fitted", || {
        Screenshot::take().area(0, 0, 600, 580) == sharp
    });
}

/// Whether a picture consists of squares of two by two pixels.
fn is_doubled(rgb: &[u8], width: usize) -> bool {
    let stride = width * 3;
    rgb.chunks_exact(stride * 2).all(|rows| {
        let (upper, lower) = rows.split_at(stride);
        upper == lower && upper.chunks_exact(6).all(|pair| pair[..3] == pair[3..])
    })
}

pub(super) fn changes_while_zoomed() {
    let scene = Scene::new((300, 290), (600, 580));
    scene.display.set_scaling(Scaling::Zoom(2.0));
    let shown = || Screenshot::take().area(0, 0, 600, 580);
    wait("white", || shown().iter().all(|part| *part == 255));
    let frames = Log::default();
    // Whatever is drawn is looked at before anything else can happen.
    let clock = scene.window.frame_clock().expect("it is shown");
    let watch = clock.connect_after_paint({
        let frames = Rc::clone(&frames);
        move |_| frames.borrow_mut().push(shown())
    });
    let _painting = paint(scene.server(), 300, 290);
    let truth = scene.settled_picture();
    let sharp = squares(&truth, 300, 2);
    wait("squares", || shown() == sharp);
    let seen = frames.take();
    assert!(seen.contains(&sharp), "the frames were looked at");
    assert!(seen.iter().all(|frame| is_doubled(frame, 600)));
    // With another zoom it may be blurred for a moment, but is there. What lies beyond is taken by the
    // scrollbars.
    let inside = |rgb: &[u8]| corner(rgb, 600, 540, 520);
    scene.display.set_scaling(Scaling::Zoom(3.0));
    let larger = corner(&squares(&truth, 300, 3), 900, 540, 520);
    wait("larger squares", || inside(&shown()) == larger);
    clock.disconnect(watch);
    for frame in frames.take() {
        let frame = inside(&frame);
        let missing = frame.chunks_exact(3).filter(|pixel| *pixel == SURROUND);
        // Noise has any colour somewhere.
        assert!(missing.count() < 100);
    }
}

pub(super) fn reduced() {
    // One tile and a part of another each way, all of which four divides.
    let scene = Scene::new((400, 320), (400, 320));
    let _painting = paint(scene.server(), 400, 320);
    let truth = scene.settled_picture();
    for factor in [2, 4] {
        let (width, height) = (400 / factor, 320 / factor);
        let average = |x: usize, y: usize, part: usize| {
            let rows = y * factor..(y + 1) * factor;
            let sum: usize = rows
                .flat_map(|row| (x * factor..(x + 1) * factor).map(move |column| (row, column)))
                .map(|(row, column)| usize::from(truth[(row * 400 + column) * 3 + part]))
                .sum();
            ((sum + factor * factor / 2) / (factor * factor)) as u8
        };
        let expected: Vec<u8> = (0..height)
            .flat_map(|y| (0..width).flat_map(move |x| (0..3).map(move |part| (x, y, part))))
            .map(|(x, y, part)| average(x, y, part))
            .collect();
        scene
            .display
            .set_scaling(Scaling::Zoom(1.0 / factor as f64));
        wait("averages in the middle of the window", || {
            let (left, top) = ((400 - width) / 2, (320 - height) / 2);
            let shown = Screenshot::take().area(left, top, width, height);
            // Renderers round in ways of their own.
            let mut pairs = shown.iter().zip(&expected);
            pairs.all(|(shown, expected)| shown.abs_diff(*expected) <= 2)
        });
    }
}

pub(super) fn zoomed_without_seams() {
    let scene = Scene::new((1000, 800), (1000, 800));
    for zoom in [0.25, 0.5, 0.73, 1.37, 1.5] {
        scene.display.set_scaling(Scaling::Zoom(zoom));
        let length = |guest: f64| (guest * zoom).round() as usize;
        let (width, height) = (length(1000.0), length(800.0));
        let whole = (width.min(1600), height.min(1200));
        scene
            .window
            .set_default_size(whole.0 as i32, whole.1 as i32);
        wait(&format!("white at {zoom}"), || {
            let shown = Screenshot::take().area(0, 0, whole.0, whole.1);
            shown.iter().all(|part| *part == 255)
        });
    }
}

pub(super) fn pans() {
    let scene = Scene::new((900, 700), (400, 300));
    let _painting = paint(scene.server(), 900, 700);
    let truth = scene.settled_picture();
    scene.display.set_scaling(Scaling::OneToOne);
    scene.display.set_edge_panning(EdgePanning::Always);
    let part = |x: usize, y: usize| -> Vec<u8> {
        let rows = truth.chunks_exact(900 * 3).skip(y).take(300);
        rows.flat_map(|row| &row[x * 3..(x + 400) * 3])
            .copied()
            .collect()
    };
    let shows = |x: usize, y: usize| {
        wait(&format!("the part at {x}, {y}"), || {
            Screenshot::take().area(0, 0, 400, 300) == part(x, y)
        });
    };
    // The server paints its own pointer where it is told to be; then it must be out of sight.
    let guest_pointer = |x: u32, y: u32| {
        wait(&format!("the pointer at {x}, {y}"), || {
            let place = scene.server().xdotool("getmouselocation");
            place.starts_with(&format!("x:{x} y:{y} "))
        });
    };
    shows(0, 0);
    xdotool("mousemove 399 150");
    // It stays on the pixel of the guest that is below it.
    guest_pointer(899, 150);
    xdotool("mousemove 200 299");
    guest_pointer(700, 699);
    xdotool("mousemove 1599 1199");
    shows(500, 400);
    keep_screenshot("panned");
    xdotool("mousemove 0 0");
    guest_pointer(0, 0);
    xdotool("mousemove 1599 1199");
    shows(0, 0);
    // With bars again, the edges are edges.
    scene.display.set_edge_panning(EdgePanning::Never);
    xdotool("mousemove 380 150");
    guest_pointer(380, 150);
}

pub(super) fn a_larger_window_shows_more() {
    let scene = Scene::new((1500, 1100), (300, 250));
    let _painting = paint(scene.server(), 1500, 1100);
    let truth = scene.settled_picture();
    scene.display.set_scaling(Scaling::OneToOne);
    scene.display.set_edge_panning(EdgePanning::Always);
    for (width, height) in [(300, 250), (1400, 1050), (500, 1050)] {
        scene.window.set_default_size(width, height);
        let (width, height) = (width as usize, height as usize);
        let rows = truth.chunks_exact(1500 * 3).take(height);
        let part: Vec<u8> = rows.flat_map(|row| &row[..width * 3]).copied().collect();
        wait("as much of the picture as there is room for", || {
            Screenshot::take().area(0, 0, width, height) == part
        });
    }
}

pub(super) fn in_double_resolution() {
    let scene = Scene::new((700, 520), (350, 260));
    let _painting = paint(scene.server(), 700, 520);
    xdotool("mousemove 350 260");
    let truth = scene.settled_picture();
    for scaling in [Scaling::OneToOne, Scaling::Fit] {
        scene.display.set_scaling(scaling);
        wait("each pixel of the guest is one of the monitor", || {
            Screenshot::take().area(0, 0, 700, 520) == truth
        });
    }
    scene.display.set_scaling(Scaling::Zoom(2.0));
    scene.window.set_default_size(700, 520);
    wait("squares", || {
        Screenshot::take().area(0, 0, 1400, 1040) == squares(&truth, 700, 2)
    });
    keep_screenshot("double-resolution");
}

pub(super) fn pointer_in_double_resolution() {
    let scene = Scene::new((640, 480), (320, 240));
    for (x, y) in [(0, 0), (333, 111), (639, 479)] {
        xdotool(&format!("mousemove {x} {y}"));
        wait("the pointer", || {
            let place = scene.server().xdotool("getmouselocation");
            // GDK tells whole logical pixels, which are two of the monitor's.
            [x, x & !1].iter().any(|x| {
                [y, y & !1]
                    .iter()
                    .any(|y| place.starts_with(&format!("x:{x} y:{y} ")))
            })
        });
    }
}
