//! The same under Wayland, as far as the windowing system matters.

use gtk::prelude::*;
use vnc_widget::Scaling;

use crate::{
    recorder::Recorder,
    scene::Scene,
    scripted::{Scripted, Told},
    stage::{Screenshot, wait},
    sway::{ALT, CONTROL, Hand, KEY_A, KEY_T, LEFT_ALT, LEFT_BUTTON, LEFT_CTRL},
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
    server.expect_movement(7, -5);
    hand.move_by(5000.0, 3000.0);
    server.expect_movement(5000, 3000);
    // Halves add up.
    hand.move_by(0.5, 0.0);
    hand.move_by(0.5, -1.0);
    server.expect_movement(1, -1);
    hand.button(LEFT_BUTTON, true);
    hand.move_by(2.0, 3.0);
    hand.button(LEFT_BUTTON, false);
    let mut seen = Vec::new();
    wait("a drag", || {
        seen.extend(server.told());
        seen.len() >= 3
    });
    let by = |buttons, x: u16, y: u16| Told::Pointer(buttons, 0x7fff + x, 0x7fff + y);
    assert_eq!(seen, [by(1, 0, 0), by(1, 2, 3), by(0, 0, 0)]);
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
