//! The pointer of servers that want its movements.

use std::rc::Rc;

use gtk::prelude::*;

use crate::{
    scene::Scene,
    scripted::{Scripted, Told},
    stage::{Log, keep_screenshot, pointer, wait, xdotool},
};

/// A server that wants movements, and a window whose pointer is captured.
fn captured(window: (i32, i32)) -> (Scene, Scripted) {
    let (scene, server) = Scene::with(window, |socket| Scripted::relative(640, 480, socket));
    wait("movements are wanted", || {
        scene.display.is_pointer_relative()
    });
    scene.click_into(window.0 as u32 / 2, window.1 as u32 / 2);
    wait("the capture", || scene.display.is_pointer_captured());
    // The click is told, too, and may come later than the capture.
    let mut told = Vec::new();
    wait("the click", || {
        told.extend(server.told());
        let mut buttons = told.iter().map(|told| match told {
            Told::Pointer(buttons, ..) => *buttons,
            Told::Key(..) => 0,
        });
        buttons.any(|down| down == 1) && buttons.any(|down| down == 0)
    });
    (scene, server)
}

pub(super) fn while_grabbed() {
    let (scene, server) = captured((640, 480));
    let changes = Log::default();
    scene.display.connect_capture_changed({
        let changes = Rc::clone(&changes);
        move |_, captured| changes.borrow_mut().push(captured)
    });
    keep_screenshot("captured");
    xdotool("mousemove_relative -- 7 -5");
    server.expect_movement(0, 7, -5);
    // Buttons and the wheel are where they were.
    xdotool("mousedown 1");
    server.expect_buttons(&[1]);
    xdotool("mousemove_relative 2 3");
    server.expect_movement(1, 2, 3);
    xdotool("mouseup 1 click 4");
    server.expect_buttons(&[0, 8, 0]);
    xdotool("keydown ctrl keydown alt keyup alt keyup ctrl");
    wait("the release", || !scene.display.is_pointer_captured());
    assert!(!scene.display.is_grabbed());
    xdotool("mousemove 1000 900");
    assert_eq!(pointer(), (1000, 900), "it is free");
    xdotool("mousemove 300 200 click 1");
    wait("the capture", || scene.display.is_pointer_captured());
    scene.display.close();
    wait("the end", || !scene.display.is_pointer_captured());
    assert_eq!(*changes.borrow(), [false, true, false]);
}

pub(super) fn stays_on_the_picture() {
    let (scene, server) = captured((640, 480));
    scene.window.set_title(Some("captured"));
    for (x, y) in [(3000, 0), (0, 3000), (-5000, 40), (9, -6000), (4000, 4000)] {
        xdotool(&format!("mousemove_relative -- {x} {y}"));
        server.expect_movement(0, x, y);
        let (x, y) = pointer();
        assert!((0..640).contains(&x) && (0..480).contains(&y), "{x}, {y}");
    }
    // The window takes another size, and the pointer has more room.
    scene.window.set_default_size(1000, 700);
    wait("the larger window", || scene.window.width() == 1000);
    wait("more room", || {
        xdotool("mousemove_relative 3000 3000");
        pointer() == (999, 699)
    });
    // The window moves, and the pointer with it.
    xdotool("search --sync --onlyvisible --name ^captured$ windowmove 200 150");
    wait("the room moves along", || {
        xdotool("mousemove_relative -- -3000 -3000");
        pointer() == (200, 150)
    });
    xdotool("mousemove_relative 3000 3000");
    assert_eq!(pointer(), (1199, 849));
    RootExt::set_focus(&scene.window, None::<&gtk::Widget>);
    wait("the end", || !scene.display.is_pointer_captured());
}

pub(super) fn ends_with_the_wish() {
    let (scene, server) = captured((640, 480));
    server.set_pointer_mode(1);
    wait("the end", || !scene.display.is_pointer_captured());
    assert!(scene.display.is_grabbed(), "the keyboard stays grabbed");
    xdotool("mousemove 123 234");
    wait("the place", || {
        server.told().contains(&Told::Pointer(0, 123, 234))
    });
    server.set_pointer_mode(0);
    wait("the capture", || scene.display.is_pointer_captured());
    server.set_pointer_mode(1);
    wait("the end", || !scene.display.is_pointer_captured());
    // A grab from the keyboard does not take the pointer from elsewhere.
    xdotool("mousemove 1500 1100");
    server.set_pointer_mode(0);
    wait("movements are wanted", || {
        scene.display.is_pointer_relative()
    });
    assert!(scene.display.is_grabbed());
    xdotool("mousemove 1400 1000");
    assert_eq!(pointer(), (1400, 1000));
    assert!(!scene.display.is_pointer_captured());
}

pub(super) fn size_of_the_picture() {
    let (_scene, server) = captured((1280, 960));
    // Two pixels of the monitor are one of the guest's; halves add up.
    xdotool("mousemove_relative 3 0 mousemove_relative 3 0 mousemove_relative -- 0 -5");
    server.expect_movement(0, 3, -2);
    xdotool("mousemove_relative -- 0 -1");
    server.expect_movement(0, 0, -1);
}
