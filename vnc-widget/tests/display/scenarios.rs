//! What the widget has to do.

use std::{cell::Cell, path::PathBuf, rc::Rc};

use gtk::{glib, prelude::*};
use vnc_widget::{DisplayState, Endpoint, Scaling, VncDisplay, rfb::keyboard};

use crate::{
    recorder::{Recorder, paint},
    stage::{Log, Screenshot, Server, keep_screenshot, wait, xdotool},
};

/// Every scenario with its name.
pub(crate) const ALL: &[(&str, fn())] = &[
    (
        "each_guest_pixel_is_one_pixel",
        each_guest_pixel_is_one_pixel,
    ),
    (
        "a_screen_larger_than_the_window_scrolls",
        a_screen_larger_than_the_window_scrolls,
    ),
    ("a_scaled_screen_has_no_seams", a_scaled_screen_has_no_seams),
    ("keys_arrive", keys_arrive),
    (
        "the_grab_begins_with_a_click_and_ends_with_the_release_key",
        the_grab,
    ),
    ("no_key_stays_down", no_key_stays_down),
    ("the_pointer_arrives", the_pointer_arrives),
    (
        "nothing_gets_through_read_only",
        nothing_gets_through_read_only,
    ),
    (
        "the_screen_follows_the_window",
        the_screen_follows_the_window,
    ),
    (
        "a_broken_connection_is_dimmed_and_comes_back",
        a_broken_connection,
    ),
    ("a_hidden_display_catches_up", a_hidden_display_catches_up),
    ("closing_lets_everything_go", closing_lets_everything_go),
];

/// The colour around a picture.
const SURROUND: [u8; 3] = [28, 28, 31];

/// A VNC server and a window with a display that is connected to it.
struct Scene {
    server: Option<Server>,
    window: gtk::Window,
    display: VncDisplay,
    states: Log<DisplayState>,
    socket: PathBuf,
    _runtime: tokio::runtime::Runtime,
    _folder: tempfile::TempDir,
}

impl Scene {
    /// A server's screen of one size in a window of another.
    fn new(screen: (u32, u32), window: (i32, i32)) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let socket = folder.path().join("display");
        let server = Server::xvnc(screen.0, screen.1, &socket);
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let display = VncDisplay::new(runtime.handle());
        let states = Log::default();
        display.connect_state_changed({
            let states = Rc::clone(&states);
            move |_, state| states.borrow_mut().push(state.clone())
        });
        // Out of the way: X servers paint the pointer, and servers enter it into their picture.
        xdotool("mousemove 1599 1199");
        let window = gtk::Window::builder()
            .decorated(false)
            .default_width(window.0)
            .default_height(window.1)
            .child(&display)
            .build();
        window.present();
        let scene = Self {
            server: Some(server),
            window,
            display,
            states,
            socket,
            _runtime: runtime,
            _folder: folder,
        };
        scene.connect();
        scene
    }

    /// Connects and waits for the picture.
    fn connect(&self) {
        self.display.open(Endpoint::Path(self.socket.clone()));
        wait("the connection", || {
            self.display.state() == DisplayState::Connected
        });
        wait("the picture", || self.display.still().is_some());
    }

    fn server(&self) -> &Server {
        self.server.as_ref().expect("it runs")
    }

    /// Waits until the widget has the server's picture, and returns it.
    fn settled_picture(&self) -> Vec<u8> {
        let (width, height) = self.display.desktop_size().expect("connected");
        let mut truth = Vec::new();
        wait("the widget knows the server's picture", || {
            truth = self
                .server()
                .screenshot()
                .area(0, 0, width as usize, height as usize);
            let picture = self.display.still().and_then(|still| still.picture());
            picture.is_some_and(|picture| picture.rgb() == truth)
        });
        truth
    }

    /// Moves the pointer onto the screen and clicks, as a user does who wants to type.
    fn click_into(&self, x: u32, y: u32) {
        xdotool(&format!("mousemove {x} {y}"));
        wait("the window is active", || self.window.is_active());
        xdotool(&format!("mousemove {x} {y} click 1"));
        wait("the grab", || self.display.is_grabbed());
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        self.display.close();
        self.window.destroy();
    }
}

fn each_guest_pixel_is_one_pixel() {
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

fn a_screen_larger_than_the_window_scrolls() {
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

fn a_scaled_screen_has_no_seams() {
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

fn keys_arrive() {
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

fn the_grab() {
    let scene = Scene::new((640, 480), (640, 480));
    let recorder = Recorder::start(scene.server(), 640, 480);
    // A shortcut of the program, as an accelerator of an application is one.
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

fn no_key_stays_down() {
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

fn the_pointer_arrives() {
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

fn nothing_gets_through_read_only() {
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

fn the_screen_follows_the_window() {
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

fn a_broken_connection() {
    let mut scene = Scene::new((640, 480), (640, 480));
    let painting = paint(scene.server(), 640, 480);
    let truth = scene.settled_picture();
    let shown = || Screenshot::take().area(0, 0, 640, 480);
    wait("the picture", || shown() == truth);
    drop((painting, scene.server.take()));
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

fn a_hidden_display_catches_up() {
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

fn closing_lets_everything_go() {
    let scene = Scene::new((640, 480), (640, 480));
    let display = scene.display.downgrade();
    let window = scene.window.downgrade();
    drop(scene);
    wait("the widget is gone", || {
        display.upgrade().is_none() && window.upgrade().is_none()
    });
}
