//! The same under Wayland, as far as the windowing system matters.

use gtk::prelude::*;
use vnc_widget::Scaling;

use crate::{
    recorder::Recorder,
    scene::Scene,
    scripted::{Scripted, Told},
    stage::{Screenshot, keep_screenshot, wait},
    sway::{ALT, CONTROL, Hand, KEY_A, KEY_T, LEFT_ALT, LEFT_BUTTON, LEFT_CTRL, MONITOR},
};

/// Clicks into the display and waits for the grab.
fn click_into(scene: &Scene, hand: &mut Hand, x: u32, y: u32) {
    wait("the window is active", || scene.window.is_active());
    hand.point(x, y);
    hand.click(LEFT_BUTTON);
    wait("the grab", || scene.display.is_grabbed());
}

/// Presses and releases Ctrl+Alt.
fn leave(hand: &mut Hand) {
    hand.key(LEFT_CTRL, true, CONTROL);
    hand.key(LEFT_ALT, true, CONTROL | ALT);
    hand.key(LEFT_ALT, false, CONTROL);
    hand.key(LEFT_CTRL, false, 0);
}

pub(super) fn pixels() {
    let scene = Scene::new((700, 520), (700, 520));
    let _painting = crate::recorder::paint(scene.server(), 700, 520);
    let truth = scene.settled_picture();
    for scaling in [Scaling::OneToOne, Scaling::Fit] {
        scene.display.set_scaling(scaling);
        wait("the screen shows the server's pixels", || {
            Screenshot::take().area(0, 0, 700, 520) == truth
        });
    }
}

pub(super) fn keys_and_clicks() {
    let mut hand = Hand::new();
    let scene = Scene::new((640, 480), (640, 480));
    let recorder = Recorder::start(scene.server(), 640, 480);
    click_into(&scene, &mut hand, 320, 240);
    recorder.expect(&["press 1", "release 1"]);
    hand.tap(KEY_A);
    recorder.expect(&["down a 38", "up a 38"]);
    leave(&mut hand);
    wait("the end of the grab", || !scene.display.is_grabbed());
    recorder.expect(&[
        "down Control_L 37",
        "down Alt_L 64",
        "up Alt_L 64",
        "up Control_L 37",
    ]);
}

pub(super) fn shortcuts_of_the_desktop() {
    let mut hand = Hand::new();
    let scene = Scene::new((640, 480), (640, 480));
    let recorder = Recorder::start(scene.server(), 640, 480);
    let alt_t = |hand: &mut Hand| {
        hand.key(LEFT_ALT, true, ALT);
        hand.key(KEY_T, true, ALT);
        hand.key(KEY_T, false, ALT);
        hand.key(LEFT_ALT, false, 0);
    };
    let taken = || Screenshot::take().pixel(1000, 800) == [0x11, 0x22, 0x33];
    click_into(&scene, &mut hand, 320, 240);
    recorder.expect(&["press 1", "release 1"]);
    // A shortcut of the compositor goes to the guest,
    alt_t(&mut hand);
    recorder.expect(&["down Alt_L 64", "down t 28", "up t 28", "up Alt_L 64"]);
    assert!(!taken());
    // unless it is to stay with the host,
    scene
        .display
        .set_host_shortcuts(&["<Alt>t"])
        .expect("a shortcut");
    hand.key(LEFT_ALT, true, ALT);
    recorder.expect(&["down Alt_L 64"]);
    wait("the shortcut of the desktop", || {
        hand.key(KEY_T, true, ALT);
        hand.key(KEY_T, false, ALT);
        taken()
    });
    hand.key(LEFT_ALT, false, 0);
    recorder.expect(&["up Alt_L 64"]);
}

pub(super) fn full_screen() {
    let (width, height) = (1500, 1100);
    let mut hand = Hand::new();
    let scene = Scene::new((width, height), (640, 480));
    let _painting = crate::recorder::paint(scene.server(), width, height);
    let truth = scene.settled_picture();
    scene.display.set_scaling(Scaling::OneToOne);
    scene.window.fullscreen();
    let part = |x: usize, y: usize| -> Vec<u8> {
        let (columns, rows) = (MONITOR.0 as usize, MONITOR.1 as usize);
        let rows = truth.chunks_exact(width as usize * 3).skip(y).take(rows);
        rows.flat_map(|row| &row[x * 3..(x + columns) * 3])
            .copied()
            .collect()
    };
    let whole = || Screenshot::take().area(0, 0, MONITOR.0 as usize, MONITOR.1 as usize);
    // The compositor and the server paint pointers, which are not part of it.
    let shows = |x: usize, y: usize| {
        wait(&format!("the part at {x}, {y} without bars"), || {
            let expected = part(x, y);
            let shown = whole();
            let differing = shown.iter().zip(&expected).filter(|(a, b)| a != b);
            differing.count() < 3000
        });
    };
    shows(0, 0);
    hand.point(MONITOR.0 - 1, MONITOR.1 - 1);
    shows(
        width as usize - MONITOR.0 as usize,
        height as usize - MONITOR.1 as usize,
    );
    keep_screenshot("full-screen");
    hand.point(0, 0);
    shows(0, 0);
    // Bars again.
    scene.window.unfullscreen();
    wait("the window", || scene.window.width() == 640);
}

/// A server that wants movements, and a window whose pointer is captured.
fn captured() -> (Scene, Scripted, Hand) {
    let mut hand = Hand::new();
    let (scene, server) = Scene::with((640, 480), |s| Scripted::relative(640, 480, s));
    wait("movements are wanted", || {
        scene.display.is_pointer_relative()
    });
    click_into(&scene, &mut hand, 320, 240);
    wait("the capture", || scene.display.is_pointer_captured());
    server.told();
    (scene, server, hand)
}

pub(super) fn capture() {
    let (scene, server, mut hand) = captured();
    hand.move_by(7.0, -5.0);
    server.expect_movement(0, 7, -5);
    hand.move_by(5000.0, 3000.0);
    server.expect_movement(0, 5000, 3000);
    // Halves add up.
    hand.move_by(0.5, 0.0);
    hand.move_by(0.5, -1.0);
    server.expect_movement(0, 1, -1);
    hand.button(LEFT_BUTTON, true);
    server.expect_buttons(&[1]);
    hand.move_by(2.0, 3.0);
    server.expect_movement(1, 2, 3);
    hand.button(LEFT_BUTTON, false);
    server.expect_buttons(&[0]);
    leave(&mut hand);
    wait("the release", || !scene.display.is_pointer_captured());
    click_into(&scene, &mut hand, 300, 200);
    wait("the capture", || scene.display.is_pointer_captured());
    scene.display.close();
    wait("the end", || !scene.display.is_pointer_captured());
}

pub(super) fn capture_ends_with_the_wish() {
    let (scene, server, mut hand) = captured();
    server.set_pointer_mode(1);
    wait("the end", || !scene.display.is_pointer_captured());
    assert!(scene.display.is_grabbed());
    hand.point(123, 234);
    wait("the place", || {
        server.told().contains(&Told::Pointer(0, 123, 234))
    });
    server.set_pointer_mode(0);
    wait("the capture", || scene.display.is_pointer_captured());
    // The window goes while the pointer is held.
    scene.window.set_visible(false);
    wait("the end", || !scene.display.is_pointer_captured());
}
