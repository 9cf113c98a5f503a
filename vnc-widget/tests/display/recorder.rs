//! A window inside the VNC server that shows noise and writes down what arrives.

use std::{
    cell::{Cell, RefCell},
    env,
    io::{BufRead, BufReader, Write},
    process::{Child, Command, ExitCode, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
};

use gtk::{gdk, glib, prelude::*};

use crate::{
    ROLE, SCALE,
    stage::{Server, wait},
};

/// The first line.
const READY: &str = "ready";

/// A running recorder.
pub(crate) struct Recorder {
    process: Child,
    lines: Receiver<String>,
    seen: RefCell<Vec<String>>,
}

impl Recorder {
    /// Starts one that fills the server's screen.
    pub(crate) fn start(server: &Server, width: u32, height: u32) -> Self {
        let mut process = Command::new(env::current_exe().expect("it runs"))
            .args([width.to_string(), height.to_string()])
            .env(ROLE, "recorder")
            .env("DISPLAY", server.display())
            .env("GDK_BACKEND", "x11")
            .env("GSK_RENDERER", "cairo")
            .env(SCALE, "1")
            .stdout(Stdio::piped())
            .spawn()
            .expect("a copy of this program starts");
        let output = process.stdout.take().expect("it was asked for");
        let (sender, lines) = channel();
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                // The test may be over.
                let _ = sender.send(line);
            }
        });
        let recorder = Self {
            process,
            lines,
            seen: RefCell::default(),
        };
        recorder.expect(&[READY]);
        recorder
    }

    /// Waits until exactly these lines have come since the last call.
    pub(crate) fn expect(&self, expected: &[&str]) {
        let mut seen = self.seen.borrow_mut();
        wait(&format!("{expected:?}"), || {
            seen.extend(self.lines.try_iter());
            let so_far = &expected[..seen.len().min(expected.len())];
            assert_eq!(*seen, so_far, "of {expected:?}");
            seen.len() == expected.len()
        });
        seen.clear();
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Fills the server's screen with noise until the result is dropped.
pub(crate) fn paint(server: &Server, width: u32, height: u32) -> Recorder {
    Recorder::start(server, width, height)
}

/// Pixels that are nowhere the same.
fn noise(width: i32, height: i32) -> gdk::Texture {
    let mut state = 0x2545_f491_u32;
    let pixels: Vec<u8> = (0..width * height)
        .flat_map(|_| {
            // xorshift: any mixture will do.
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            let [red, green, blue, _] = state.to_le_bytes();
            [red, green, blue]
        })
        .collect();
    gdk::MemoryTexture::new(
        width,
        height,
        gdk::MemoryFormat::R8g8b8,
        &glib::Bytes::from_owned(pixels),
        width as usize * 3,
    )
    .upcast()
}

/// The recorder's own process.
pub(crate) fn run() -> ExitCode {
    gtk::init().expect("there is a display");
    let mut size = env::args()
        .skip(1)
        .map(|number| number.parse().expect("a number"));
    let width = size.next().expect("a width");
    let height = size.next().expect("a height");
    let window = gtk::Window::builder()
        .decorated(false)
        // Across all screens of a server: GTK would fit a default size into one of them.
        .width_request(width)
        .height_request(height)
        .child(&gtk::Picture::for_paintable(&noise(width, height)))
        .build();
    let keys = gtk::EventControllerKey::new();
    keys.set_propagation_phase(gtk::PropagationPhase::Capture);
    keys.connect_key_pressed(|_, key, code, _| {
        say(&format!("down {} {code}", name(key)));
        glib::Propagation::Stop
    });
    keys.connect_key_released(|_, key, code, _| say(&format!("up {} {code}", name(key))));
    window.add_controller(keys);
    let pointer = gtk::EventControllerLegacy::new();
    pointer.connect_event(|_, event| {
        let button = event
            .downcast_ref::<gdk::ButtonEvent>()
            .map(gdk::ButtonEvent::button);
        let scroll = event.downcast_ref::<gdk::ScrollEvent>();
        match (event.event_type(), button, scroll) {
            (gdk::EventType::ButtonPress, Some(button), _) => say(&format!("press {button}")),
            (gdk::EventType::ButtonRelease, Some(button), _) => say(&format!("release {button}")),
            (_, _, Some(scroll)) => say(&format!("scroll {:?}", scroll.direction())),
            _ => {}
        }
        glib::Propagation::Stop
    });
    window.add_controller(pointer);
    let ticks = Cell::new(0);
    window.add_tick_callback(move |_, _| {
        ticks.set(ticks.get() + 1);
        if ticks.get() < 2 {
            return glib::ControlFlow::Continue;
        }
        // The window has been drawn once.
        say(READY);
        glib::ControlFlow::Break
    });
    window.present();
    glib::MainLoop::new(None, false).run();
    ExitCode::SUCCESS
}

fn name(key: gdk::Key) -> String {
    key.name().map_or_else(String::new, Into::into)
}

fn say(line: &str) {
    // The test may be over.
    let _ = writeln!(std::io::stdout(), "{line}");
}
