//! The connection's beginning and end.

use std::{
    cell::Cell,
    rc::Rc,
    time::{Duration, Instant},
};

use gtk::{glib, prelude::*};
use vnc_widget::{DisplayState, Endpoint};

use crate::{
    recorder::paint,
    scene::Scene,
    scripted::Scripted,
    stage::{Log, PATIENCE, Screenshot, Server, keep_screenshot, wait},
};

pub(super) fn the_screen_follows_the_window() {
    let scene = Scene::new((1000, 800), (640, 480));
    let sizes = Log::default();
    scene.display.connect_desktop_resized({
        let sizes = Rc::clone(&sizes);
        move |_, width, height| sizes.borrow_mut().push((width, height))
    });
    scene.display.set_follow_window(true);
    let size = |expected| {
        wait("the size of the window", || {
            scene.display.desktop_size() == Some(expected)
        });
        let _painting = paint(scene.server(), expected.0, expected.1);
        let (width, height) = (expected.0 as usize, expected.1 as usize);
        let truth = scene.settled_picture();
        wait("the screen in its new size", || {
            Screenshot::take().area(0, 0, width, height) == truth
        });
    };
    size((640, 480));
    scene.window.set_default_size(911, 605);
    size((911, 605));
    assert_eq!(*sizes.borrow(), [(640, 480), (911, 605)]);
}

pub(super) fn a_broken_connection() {
    let mut scene = Scene::new((640, 480), (640, 480));
    let painting = paint(scene.server(), 640, 480);
    let truth = scene.settled_picture();
    let shown = || Screenshot::take().area(0, 0, 640, 480);
    wait("the picture", || shown() == truth);
    // The server first: it would show what lies below the painting.
    drop((scene.server.take(), painting));
    wait("the end", || {
        matches!(scene.display.state(), DisplayState::Disconnected { .. })
    });
    wait("a darker picture", || {
        let shown = shown();
        shown.iter().zip(&truth).all(|(dim, full)| dim <= full) && shown != truth
    });
    keep_screenshot("disconnected");
    assert!(!Screenshot::take().is_plain(), "the last picture stays");
    assert!(
        scene
            .display
            .still()
            .and_then(|still| still.picture())
            .is_some_and(|picture| picture.rgb() == truth)
    );

    // Nobody is there yet.
    let _ = std::fs::remove_file(&scene.socket);
    scene.display.open(Endpoint::Path(scene.socket.clone()));
    wait("a failure with words", || match scene.display.state() {
        DisplayState::Disconnected { error: Some(error) } => {
            error.to_string().contains("no such file or directory")
        }
        _ => false,
    });
    scene.server = Some(Server::xvnc(640, 480, &scene.socket));
    scene.connect();
    wait("the new picture", || {
        shown().iter().all(|&part| part == 255)
    });
    let states = scene.states.borrow();
    let reached = states
        .iter()
        .filter(|state| **state == DisplayState::Connected)
        .count();
    assert_eq!(reached, 2, "{states:?}");
}

pub(super) fn a_flood_of_news() {
    let (scene, server) = Scene::with((640, 480), |s| Scripted::relative(640, 480, s));
    let told = Rc::new(Cell::new(0));
    scene.display.connect_screens_changed({
        let told = Rc::clone(&told);
        move |_| {
            told.set(told.get() + 1);
            // What a program does about it takes its time; more news come meanwhile.
            std::thread::sleep(Duration::from_millis(2));
        }
    });
    let painted = Rc::new(Cell::new(0));
    let clock = scene.window.frame_clock().expect("it is shown");
    clock.connect_after_paint({
        let painted = Rc::clone(&painted);
        move |_| painted.set(painted.get() + 1)
    });
    // Something moves, as a spinner does.
    scene.display.add_tick_callback(|display, _| {
        display.queue_draw();
        glib::ControlFlow::Continue
    });
    server.flood();
    // Step by step: there is always something left to do.
    let context = glib::MainContext::default();
    let start = Instant::now();
    let mut before = None;
    while before.is_none_or(|before| painted.get() < before + 20) {
        assert!(start.elapsed() < PATIENCE, "no frames in the flood");
        context.iteration(true);
        if told.get() > 10 {
            before = before.or(Some(painted.get()));
        }
    }
}

pub(super) fn a_hidden_display_catches_up() {
    let scene = Scene::new((640, 480), (640, 480));
    scene.settled_picture();
    scene.display.set_visible(false);
    wait("the display is hidden", || !scene.display.is_mapped());
    let _painting = paint(scene.server(), 640, 480);
    scene.display.set_visible(true);
    let truth = scene.settled_picture();
    wait("the new picture", || {
        Screenshot::take().area(0, 0, 640, 480) == truth
    });
}

pub(super) fn closing_lets_everything_go() {
    let scene = Scene::new((640, 480), (640, 480));
    let display = scene.display.downgrade();
    let window = scene.window.downgrade();
    drop(scene);
    wait("the widget is gone", || {
        display.upgrade().is_none() && window.upgrade().is_none()
    });
}
