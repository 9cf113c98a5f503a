//! Several screens of one server.

use std::{cell::Cell, rc::Rc};

use gtk::prelude::*;
use vnc_widget::{
    Scaling,
    rfb::{Rect, Screen},
};

use super::picture::squares;
use crate::{
    recorder::Recorder,
    scene::{SURROUND, Scene},
    stage::{Log, Screenshot, keep_screenshot, wait, xdotool},
};

fn screen(id: u32, x: u16, y: u16, width: u16, height: u16) -> Screen {
    Screen {
        id,
        area: Rect::new(x, y, width, height),
        flags: 0,
    }
}

/// The first and the second screen of [`two_screens`]. Neither begins nor ends where a tile does.
const LEFT: u32 = 71;
const RIGHT: u32 = 72;
const WIDTH: usize = 330 + 290;

/// A server with two screens beside each other, the right one a little lower, noise across both, and a
/// window.
fn two_screens(window: (i32, i32)) -> (Scene, Recorder) {
    let scene = Scene::new((640, 480), window);
    arrange(&scene, &both());
    let recorder = Recorder::start(scene.server(), 640, 480);
    (scene, recorder)
}

fn both() -> [Screen; 2] {
    [
        screen(LEFT, 0, 0, 330, 300),
        screen(RIGHT, 330, 20, 290, 260),
    ]
}

/// Asks for an arrangement and waits for it.
fn arrange(scene: &Scene, screens: &[Screen]) {
    wait("the server tells its screens", || {
        !scene.display.screens().is_empty()
    });
    scene.display.request_screens(screens);
    wait("the server has these screens", || {
        // In an order of its own.
        let told = scene.display.screens();
        told.len() == screens.len() && screens.iter().all(|screen| told.contains(screen))
    });
}

/// A part of a picture.
fn part(rgb: &[u8], stride: usize, area: Rect) -> Vec<u8> {
    let [x, y, width, height] = [area.x, area.y, area.width, area.height].map(usize::from);
    let rows = rgb.chunks_exact(stride * 3).skip(y).take(height);
    rows.flat_map(|row| &row[x * 3..(x + width) * 3])
        .copied()
        .collect()
}

pub(super) fn one_of_two() {
    let (scene, _painting) = two_screens((700, 520));
    let truth = scene.settled_picture();
    scene.display.set_scaling(Scaling::OneToOne);
    scene.display.set_shown_screen(Some(RIGHT));
    let expected = part(&truth, WIDTH, both()[1].area);
    wait("the right screen in the middle of the window", || {
        Screenshot::take().area(205, 130, 290, 260) == expected
    });
    keep_screenshot("right-screen");
    // Nothing of the other is to be seen beside it.
    let shot = Screenshot::take();
    for (x, y) in [(204, 200), (495, 200), (300, 129), (300, 390)] {
        assert_eq!(shot.pixel(x, y), SURROUND, "{x}, {y}");
    }
    let still = scene.display.still().expect("a picture");
    assert_eq!((still.width(), still.height()), (290, 260));
    assert_eq!(still.picture().expect("memory").rgb(), expected);
    // Twice as large, and sharp; the window is as large as it then is.
    scene.display.set_scaling(Scaling::Zoom(2.0));
    scene.window.set_default_size(580, 520);
    let sharp = squares(&expected, 290, 2);
    wait("squares", || {
        Screenshot::take().area(0, 0, 580, 520) == sharp
    });
    // The other one.
    scene.display.set_scaling(Scaling::OneToOne);
    scene.display.set_shown_screen(Some(LEFT));
    let expected = part(&truth, WIDTH, both()[0].area);
    wait("the left screen in the middle of the window", || {
        Screenshot::take().area(125, 110, 330, 300) == expected
    });
    // It goes away, and all that there is is shown; it comes back, and is shown again.
    arrange(&scene, &both()[1..]);
    wait_for_picture(&scene, (620, 280));
    arrange(&scene, &both());
    wait_for_picture(&scene, (330, 300));
    scene.display.set_shown_screen(None);
    wait_for_picture(&scene, (620, 300));
}

/// Waits until a picture of this size is shown.
fn wait_for_picture(scene: &Scene, size: (u32, u32)) {
    wait(&format!("a picture of {size:?}"), || {
        let still = scene.display.still().expect("a picture");
        (still.width(), still.height()) == size
    });
}

pub(super) fn the_pointer() {
    let (scene, recorder) = two_screens((580, 520));
    scene.display.set_shown_screen(Some(RIGHT));
    wait("twice its size", || scene.display.zoom() == Some(2.0));
    let arrives = |x: u32, y: u32, guest: (u32, u32)| {
        xdotool(&format!("mousemove {x} {y}"));
        let place = format!("x:{} y:{} ", guest.0, guest.1);
        wait(&format!("the pointer at {guest:?}"), || {
            let place_there = scene.server().xdotool("getmouselocation");
            place_there.starts_with(&place)
        });
    };
    arrives(300, 200, (330 + 150, 20 + 100));
    arrives(0, 0, (330, 20));
    arrives(579, 519, (619, 279));
    scene.click_into(579, 519);
    recorder.expect(&["press 1", "release 1"]);
    // Beside the picture the nearest pixel of the screen is meant, not one of the other.
    scene.window.set_default_size(1000, 520);
    wait("the wider window", || scene.window.width() == 1000);
    wait("the picture in the middle", || {
        Screenshot::take().pixel(100, 100) == SURROUND
    });
    arrives(100, 300, (330, 20 + 150));
    // The arrangement changes below the pointer, where the wheel then turns.
    arrange(
        &scene,
        &[
            screen(RIGHT, 0, 0, 290, 260),
            screen(LEFT, 290, 0, 330, 300),
        ],
    );
    xdotool("click 4");
    recorder.expect(&["scroll Up"]);
    let place = scene.server().xdotool("getmouselocation");
    assert!(place.starts_with("x:0 y:150 "), "{place}");
    arrives(500, 258, (145, 129));
}

pub(super) fn the_window_is_followed() {
    let (scene, _painting) = two_screens((580, 520));
    let changes = Rc::new(Cell::new(0));
    scene.display.connect_screens_changed({
        let changes = Rc::clone(&changes);
        move |_| changes.set(changes.get() + 1)
    });
    // There is no such screen: nothing is asked of those that there are.
    scene.display.set_shown_screen(Some(99));
    scene.display.set_follow_window(true);
    scene.window.set_default_size(400, 310);
    wait("the window", || scene.window.height() == 310);
    scene.display.set_shown_screen(Some(LEFT));
    wait(
        "the left screen has the window's size, the right one its own",
        || {
            scene.display.screens()
                == [
                    screen(LEFT, 0, 0, 400, 310),
                    screen(RIGHT, 400, 20, 290, 260),
                ]
        },
    );
    assert_eq!(scene.display.desktop_size(), Some((690, 310)));
    assert_eq!(changes.get(), 1, "nothing else was tried before");
    wait("it fills the window", || {
        let truth = scene.server().screenshot().area(0, 0, 400, 310);
        Screenshot::take().area(0, 0, 400, 310) == truth
    });
    scene.display.set_shown_screen(Some(RIGHT));
    wait("the right screen has it", || {
        scene.display.screens()
            == [
                screen(LEFT, 0, 0, 400, 310),
                screen(RIGHT, 400, 20, 400, 310),
            ]
    });
    // The connection goes, and the screens with it; the last picture stays as it was.
    wait_for_picture(&scene, (400, 310));
    let before = changes.get();
    scene.display.close();
    assert_eq!(changes.get(), before + 1);
    assert!(scene.display.screens().is_empty());
    wait_for_picture(&scene, (400, 310));
    // It comes back, and so does the screen.
    let still = || scene.display.still().expect("a picture");
    let last = still();
    let sizes = Log::default();
    let watch = scene.window.frame_clock().expect("it is shown");
    let watch = (
        watch.clone(),
        watch.connect_after_paint({
            let sizes = Rc::clone(&sizes);
            let display = scene.display.clone();
            move |_| {
                let still = display.still().expect("a picture");
                sizes.borrow_mut().push((still.width(), still.height()));
            }
        }),
    );
    scene.connect();
    wait("the screens", || scene.display.screens().len() == 2);
    let _painting = Recorder::start(scene.server(), 640, 480);
    wait("a frame of it", || !still().is_same(&last));
    let painted = sizes.borrow().len();
    scene.window.queue_draw();
    wait("its drawing", || sizes.borrow().len() > painted);
    watch.0.disconnect(watch.1);
    assert!(
        sizes.borrow().iter().all(|size| *size == (400, 310)),
        "{sizes:?}"
    );
}
