//! Keys and clicks.

use std::{cell::Cell, rc::Rc};

use gtk::{glib, prelude::*};
use vnc_widget::rfb::keyboard;

use crate::{
    recorder::Recorder,
    scene::{SURROUND, Scene},
    stage::{Log, Screenshot, wait, xdotool},
};

pub(super) fn keys_arrive() {
    let scene = Scene::new((640, 480), (640, 480));
    let recorder = Recorder::start(scene.server(), 640, 480);
    scene.click_into(320, 240);
    recorder.expect(&["press 1", "release 1"]);
    // Names are what the keys mean; numbers are hardware keycodes, which the server can only know
    // from the scancodes of extended key events.
    xdotool("key a");
    recorder.expect(&["down a 38", "up a 38"]);
    xdotool("keydown shift key a keyup shift");
    recorder.expect(&["down Shift_L 50", "down A 38", "up A 38", "up Shift_L 50"]);
    xdotool("key Delete key Return key F12 key KP_Enter key Tab");
    recorder.expect(&[
        "down Delete 119",
        "up Delete 119",
        "down Return 36",
        "up Return 36",
        "down F12 96",
        "up F12 96",
        "down KP_Enter 104",
        "up KP_Enter 104",
        "down Tab 23",
        "up Tab 23",
    ]);
    let keys = keyboard::combination("Ctrl+Alt+Delete").expect("known keys");
    scene.display.send_keys(&keys);
    recorder.expect(&[
        "down Control_L 37",
        "down Alt_L 64",
        "down Delete 119",
        "up Delete 119",
        "up Alt_L 64",
        "up Control_L 37",
    ]);
}

/// In the order in which people press and release.
const CONTROL_W: &str = "keydown ctrl key w keyup ctrl";

/// Counts a shortcut of the program, as an accelerator of an application is one.
fn count_control_w(scene: &Scene) -> Rc<Cell<u32>> {
    let closed = Rc::new(Cell::new(0));
    let shortcuts = gtk::ShortcutController::new();
    shortcuts.set_scope(gtk::ShortcutScope::Global);
    shortcuts.set_propagation_phase(gtk::PropagationPhase::Capture);
    shortcuts.add_shortcut(gtk::Shortcut::new(
        gtk::ShortcutTrigger::parse_string("<Control>w"),
        Some(gtk::CallbackAction::new({
            let closed = Rc::clone(&closed);
            move |_, _| {
                closed.set(closed.get() + 1);
                glib::Propagation::Stop
            }
        })),
    ));
    scene.window.add_controller(shortcuts);
    closed
}

pub(super) fn the_grab() {
    let scene = Scene::new((640, 480), (640, 480));
    let recorder = Recorder::start(scene.server(), 640, 480);
    let closed = count_control_w(&scene);
    let changes = Log::default();
    scene.display.connect_grab_changed({
        let changes = Rc::clone(&changes);
        move |_, grabbed| changes.borrow_mut().push(grabbed)
    });

    scene.click_into(320, 240);
    recorder.expect(&["press 1", "release 1"]);
    let control_w = [
        "down Control_L 37",
        "down w 25",
        "up w 25",
        "up Control_L 37",
    ];
    xdotool(CONTROL_W);
    recorder.expect(&control_w);
    assert_eq!(
        closed.get(),
        0,
        "the shortcut is the server's while grabbed"
    );

    xdotool("keydown ctrl keydown alt key t keyup alt keyup ctrl");
    recorder.expect(&[
        "down Control_L 37",
        "down Alt_L 64",
        "down t 28",
        "up t 28",
        "up Alt_L 64",
        "up Control_L 37",
    ]);
    assert!(
        scene.display.is_grabbed(),
        "a combination does not lead out"
    );

    xdotool("keydown ctrl keydown alt keyup alt keyup ctrl");
    wait("the end of the grab", || !scene.display.is_grabbed());
    recorder.expect(&[
        "down Control_L 37",
        "down Alt_L 64",
        "up Alt_L 64",
        "up Control_L 37",
    ]);
    xdotool(CONTROL_W);
    wait("the program's shortcut", || closed.get() == 1);

    scene.display.grab_keyboard();
    wait("the grab", || scene.display.is_grabbed());
    xdotool(CONTROL_W);
    recorder.expect(&control_w);
    assert_eq!(closed.get(), 1);
    assert_eq!(*changes.borrow(), [true, false, true]);
}

pub(super) fn no_key_stays_down() {
    let scene = Scene::new((640, 480), (640, 480));
    let recorder = Recorder::start(scene.server(), 640, 480);
    scene.click_into(320, 240);
    recorder.expect(&["press 1", "release 1"]);
    xdotool("keydown shift");
    recorder.expect(&["down Shift_L 50"]);
    RootExt::set_focus(&scene.window, None::<&gtk::Widget>);
    recorder.expect(&["up Shift_L 50"]);
    assert!(!scene.display.is_grabbed());
    xdotool("keyup shift");
    // The grab comes back with the focus.
    scene.display.grab_focus();
    wait("the grab", || scene.display.is_grabbed());
    xdotool("keydown ctrl");
    recorder.expect(&["down Control_L 37"]);
    scene.display.close();
    recorder.expect(&["up Control_L 37"]);
    xdotool("keyup ctrl");
}

pub(super) fn the_pointer_arrives() {
    let scene = Scene::new((640, 480), (640, 480));
    let recorder = Recorder::start(scene.server(), 640, 480);
    let arrives = |x: u32, y: u32, guest: (u32, u32)| {
        xdotool(&format!("mousemove {x} {y}"));
        let place = format!("x:{} y:{} ", guest.0, guest.1);
        wait(&format!("the pointer at {guest:?}"), || {
            scene
                .server()
                .xdotool("getmouselocation")
                .starts_with(&place)
        });
    };
    arrives(100, 200, (100, 200));
    arrives(0, 0, (0, 0));
    arrives(639, 479, (639, 479));
    scene.click_into(300, 200);
    recorder.expect(&["press 1", "release 1"]);
    xdotool("click 2 click 3");
    recorder.expect(&["press 2", "release 2", "press 3", "release 3"]);
    xdotool("mousedown 1 mousedown 3 mouseup 1 mouseup 3");
    recorder.expect(&["press 1", "press 3", "release 1", "release 3"]);
    xdotool("click 4 click 5 click 5 click 6 click 7");
    recorder.expect(&[
        "scroll Up",
        "scroll Down",
        "scroll Down",
        "scroll Left",
        "scroll Right",
    ]);
    // Twice as large, with room beside it.
    scene.window.set_default_size(1280, 1160);
    wait("the larger window", || scene.window.height() == 1160);
    wait("the picture in the middle", || {
        Screenshot::take().pixel(640, 99) == SURROUND
    });
    arrives(600, 500, (300, 200));
    arrives(1279, 1059, (639, 479));
    // Beside the picture the nearest pixel is meant.
    arrives(640, 20, (320, 0));
}

pub(super) fn nothing_gets_through_read_only() {
    let scene = Scene::new((640, 480), (640, 480));
    let recorder = Recorder::start(scene.server(), 640, 480);
    scene.display.set_read_only(true);
    xdotool("mousemove 300 200");
    wait("the window is active", || scene.window.is_active());
    let keys = gtk::EventControllerKey::new();
    keys.set_propagation_phase(gtk::PropagationPhase::Capture);
    let came = Rc::new(Cell::new(false));
    keys.connect_key_released({
        let came = Rc::clone(&came);
        move |_, _, _, _| came.set(true)
    });
    scene.window.add_controller(keys);
    xdotool("click 1 key a");
    wait("the window has had the key", || came.get());
    scene.display.set_read_only(false);
    scene.click_into(310, 210);
    xdotool("key b");
    // What was kept back would have come first.
    recorder.expect(&["press 1", "release 1", "down b 56", "up b 56"]);
}

pub(super) fn release_keys() {
    let scene = Scene::new((640, 480), (640, 480));
    let recorder = Recorder::start(scene.server(), 640, 480);
    scene
        .display
        .set_release_keys("Shift+F12".parse().expect("keys"));
    scene.click_into(320, 240);
    recorder.expect(&["press 1", "release 1"]);
    xdotool("keydown ctrl keydown alt keyup alt keyup ctrl");
    recorder.expect(&[
        "down Control_L 37",
        "down Alt_L 64",
        "up Alt_L 64",
        "up Control_L 37",
    ]);
    assert!(scene.display.is_grabbed());
    xdotool("keydown shift key F12 keyup shift");
    wait("the end of the grab", || !scene.display.is_grabbed());
    // What leads out is not for the guest.
    recorder.expect(&["down Shift_L 50", "up Shift_L 50"]);
}

pub(super) fn host_shortcuts() {
    let scene = Scene::new((640, 480), (640, 480));
    let recorder = Recorder::start(scene.server(), 640, 480);
    assert!(
        scene
            .display
            .set_host_shortcuts(&["<Control>w", "w"])
            .is_err()
    );
    scene
        .display
        .set_host_shortcuts(&["<Control>w", "<Alt>Tab"])
        .expect("shortcuts");
    let closed = count_control_w(&scene);
    scene.click_into(320, 240);
    recorder.expect(&["press 1", "release 1"]);
    xdotool(CONTROL_W);
    wait("the program's shortcut", || closed.get() == 1);
    recorder.expect(&["down Control_L 37", "up Control_L 37"]);
    // Others with the same modifier, and the key without it, are the guest's.
    xdotool("keydown ctrl key q keyup ctrl key w");
    recorder.expect(&[
        "down Control_L 37",
        "down q 24",
        "up q 24",
        "up Control_L 37",
        "down w 25",
        "up w 25",
    ]);
    // The desktop has its shortcuts while Alt is down, and took none of these.
    xdotool("keydown alt key q keyup alt key a");
    recorder.expect(&[
        "down Alt_L 64",
        "down q 24",
        "up q 24",
        "up Alt_L 64",
        "down a 38",
        "up a 38",
    ]);
    assert!(scene.display.is_grabbed());
}
