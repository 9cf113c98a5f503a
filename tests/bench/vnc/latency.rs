//! From a key or a movement of the pointer to the changed pixel on the screen: through a viewer to
//! a server, whose program draws, and back. The event is a real one of the viewer's display (XTEST),
//! and the pixel is looked for in that display's framebuffer, which costs nobody anything.

use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use integration::display::Display;
use integration::testbed;
use x11rb::CURRENT_TIME;
use x11rb::connection::Connection;
use x11rb::protocol::xproto::{
    BUTTON_PRESS_EVENT, BUTTON_RELEASE_EVENT, ChangeGCAux, ConnectionExt as _, CreateGCAux,
    CreateWindowAux, EventMask, InputFocus, KEY_PRESS_EVENT, KEY_RELEASE_EVENT,
    MOTION_NOTIFY_EVENT, Rectangle, WindowClass,
};
use x11rb::protocol::xtest::ConnectionExt as _;
use x11rb::rust_connection::RustConnection;

use super::servers::{QemuGuest, Xvnc};
use super::viewers::Viewer;
use crate::screen::Screen;

/// How often the viewers take turns, and events of each kind in a turn.
const TURNS: usize = 3;
const EVENTS: usize = 40;

/// How long a picture may take until it counts as lost.
const LOST: Duration = Duration::from_secs(2);

/// The server's screen, and the part of it that changes.
const SCREEN: (u16, u16) = (1024, 768);
const CHANGING: Rectangle = Rectangle {
    x: 362,
    y: 234,
    width: 300,
    height: 300,
};

/// A place within that part, on the viewer's display, whatever stands above and left of the picture; and
/// where the pointer is, beside it.
const WATCHED: (usize, usize) = (512, 400);
const POINTER: (i16, i16) = (200, 300);

/// The key `a` (evdev's code and 8).
const KEY: u8 = 38;

/// Times in milliseconds.
#[derive(Default)]
struct Times(Vec<f64>);

impl Times {
    fn share(&mut self, share: f64) -> Option<f64> {
        self.0.sort_by(f64::total_cmp);
        let last = self.0.len().checked_sub(1)?;
        Some(self.0[(last as f64 * share) as usize])
    }
}

/// Measures and prints.
pub fn measure() {
    println!(
        "From an event to its picture, in ms: median (and 95 %); {TURNS} turns of {EVENTS} events each."
    );
    println!(
        "{:<26} {:>16} {:>16} {:>7} {:>16} {:>7}",
        "", "Guesthouse", "TigerVNC", "ratio", "gtk-vnc", "ratio"
    );
    let mut keys = Viewer::ALL.map(|_| Times::default());
    let mut movements = Viewer::ALL.map(|_| Times::default());
    let server = Xvnc::start(SCREEN);
    flicker(&server);
    for _ in 0..TURNS {
        for (index, viewer) in installed() {
            let stage = Stage::new(viewer, server.port(), SCREEN);
            let look = || stage.screen.pixel(WATCHED);
            // The first of each may have more to do.
            if stage.press(look).is_some() {
                keys[index]
                    .0
                    .extend((0..EVENTS).filter_map(|_| stage.press(look)));
            }
            if stage.movement(look).is_some() {
                movements[index]
                    .0
                    .extend((0..EVENTS).filter_map(|_| stage.movement(look)));
            }
        }
    }
    print("Xvnc, key", &mut keys);
    print("Xvnc, pointer", &mut movements);

    if !testbed::kernel().is_file() {
        println!("No guest of QEMU: scripts/fetch-testbed brings it.");
        return;
    }
    let mut guest = QemuGuest::start(&testbed::kernel(), &testbed::initrd());
    let mut keys = Viewer::ALL.map(|_| Times::default());
    for _ in 0..TURNS {
        for (index, viewer) in installed() {
            // The shell's echo is all that is to be seen: no blinking cursor.
            guest.command("printf '\\033[2J\\033[H\\033[?25l' >/dev/tty1");
            let stage = Stage::new(viewer, QemuGuest::port(), (720, 400));
            let look = || stage.screen.rows(0, 160);
            if stage.press(look).is_some() {
                keys[index]
                    .0
                    .extend((0..EVENTS).filter_map(|_| stage.press(look)));
            }
        }
    }
    print("QEMU, key", &mut keys);
}

fn installed() -> impl Iterator<Item = (usize, Viewer)> {
    let viewers = Viewer::ALL.into_iter().enumerate();
    viewers.filter(|(_, viewer)| viewer.is_installed())
}

fn print(name: &str, times: &mut [Times; 3]) {
    let medians = times.each_mut().map(|times| times.share(0.5));
    let [own, tiger, gtk] =
        times
            .each_mut()
            .map(|times| match (times.share(0.5), times.share(0.95)) {
                (Some(median), Some(most)) => format!("{median:.1} ({most:.1})"),
                _ => "cannot".to_owned(),
            });
    let ratio = |other: Option<f64>| match (other, medians[0]) {
        (Some(other), Some(own)) => format!("{:.2}x", other / own),
        _ => "-".to_owned(),
    };
    println!(
        "{name:<26} {own:>16} {tiger:>16} {:>7} {gtk:>16} {:>7}",
        ratio(medians[1]),
        ratio(medians[2])
    );
}

/// A program on the server's screen that changes the colour of a part of it with each key, click and
/// movement, at once. It ends with the server.
fn flicker(server: &Xvnc) {
    let display = server.display();
    let (connection, screen) = x11rb::connect(Some(&display)).expect("Xvnc is an X server");
    thread::spawn(move || {
        // An error is the server's end.
        let _ = run_flicker(&connection, screen);
    });
}

fn run_flicker(
    connection: &RustConnection,
    screen: usize,
) -> Result<(), Box<dyn std::error::Error>> {
    let root = connection.setup().roots[screen].root;
    let window = connection.generate_id()?;
    let look = CreateWindowAux::new()
        .background_pixel(0x0030_3030)
        .override_redirect(1)
        .event_mask(EventMask::KEY_PRESS | EventMask::BUTTON_PRESS | EventMask::POINTER_MOTION);
    let (width, height) = SCREEN;
    connection.create_window(
        0,
        window,
        root,
        0,
        0,
        width,
        height,
        0,
        WindowClass::INPUT_OUTPUT,
        0,
        &look,
    )?;
    connection.map_window(window)?;
    let context = connection.generate_id()?;
    connection.create_gc(context, window, &CreateGCAux::new())?;
    connection.flush()?;
    for colour in [0x00e0_6010, 0x0010_60e0].into_iter().cycle() {
        connection.wait_for_event()?;
        connection.change_gc(context, &ChangeGCAux::new().foreground(colour))?;
        connection.poly_fill_rectangle(window, context, &[CHANGING])?;
        connection.flush()?;
    }
    Ok(())
}

/// A viewer on a display of its own, with the pointer over its picture.
struct Stage {
    screen: Screen,
    input: RustConnection,
    root: u32,
    // Ended in this order.
    _viewer: super::viewers::Running,
    _display: Display,
}

impl Stage {
    fn new(viewer: Viewer, port: u16, size: (u16, u16)) -> Self {
        let display = Display::start(1280, 900);
        let running = viewer.start(&display, port);
        viewer.make_room(&display, (size.0.into(), size.1.into()));
        running.wait_until_idle(Duration::from_millis(700), || true);
        let (input, number) = x11rb::connect(Some(display.number())).expect("Xvfb listens");
        let root = input.setup().roots[number].root;
        let stage = Self {
            screen: Screen::open(&display.framebuffer()),
            input,
            root,
            _viewer: running,
            _display: display,
        };
        // What a window manager does, and a click gives the picture the keyboard.
        stage.event(MOTION_NOTIFY_EVENT, 0, POINTER);
        stage.focus();
        stage.event(BUTTON_PRESS_EVENT, 1, POINTER);
        stage.event(BUTTON_RELEASE_EVENT, 1, POINTER);
        thread::sleep(Duration::from_millis(500));
        stage
    }

    /// Gives the keyboard to the window under the pointer.
    fn focus(&self) {
        let window = self
            .input
            .query_pointer(self.root)
            .expect("Xvfb listens")
            .reply()
            .expect("it has a pointer")
            .child;
        let focus = self
            .input
            .set_input_focus(InputFocus::PARENT, window, CURRENT_TIME);
        focus
            .expect("Xvfb listens")
            .check()
            .expect("the window is there");
    }

    fn event(&self, kind: u8, detail: u8, (x, y): (i16, i16)) {
        self.input
            .xtest_fake_input(kind, detail, 0, self.root, x, y, 0)
            .and_then(|_| self.input.flush())
            .expect("Xvfb listens");
    }

    /// Presses a key; milliseconds until the picture changed.
    fn press<T: PartialEq>(&self, look: impl Fn() -> T) -> Option<f64> {
        let taken = time_until_changed(look, || self.event(KEY_PRESS_EVENT, KEY, (0, 0)));
        self.event(KEY_RELEASE_EVENT, KEY, (0, 0));
        rest();
        taken
    }

    /// Moves the pointer; milliseconds until the picture changed.
    fn movement<T: PartialEq>(&self, look: impl Fn() -> T) -> Option<f64> {
        let (x, y) = POINTER;
        let taken = time_until_changed(look, || self.event(MOTION_NOTIFY_EVENT, 0, (x + 4, y)));
        rest();
        self.event(MOTION_NOTIFY_EVENT, 0, (x, y));
        rest();
        taken
    }
}

/// Milliseconds from `event` until `look` sees something else.
fn time_until_changed<T: PartialEq>(look: impl Fn() -> T, event: impl Fn()) -> Option<f64> {
    let before = look();
    let start = Instant::now();
    event();
    while look() == before {
        if start.elapsed() > LOST {
            return None;
        }
        thread::sleep(Duration::from_micros(100));
    }
    Some(start.elapsed().as_secs_f64() * 1000.0)
}

/// Lets everything come to rest, for a time that falls into step with nobody's frames.
fn rest() {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let odd = u64::from(now.unwrap_or_default().subsec_micros() % 23);
    thread::sleep(Duration::from_millis(60 + odd));
}
