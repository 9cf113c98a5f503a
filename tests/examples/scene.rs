//! What happens on the screens that `make bench` records: a terminal that scrolls, an installer's
//! pages, a video, a window over a photograph. Each line on standard input is a step; `done` is
//! printed when it has been drawn. The same steps draw the same things, on any machine with the
//! same fonts.
//!
//! Arguments: terminal, interface, video or dragging; width and height of the screen.

use std::cell::RefCell;
use std::io::{BufRead, Write};
use std::rc::Rc;

use adw::prelude::*;
use gtk::{gdk, glib};
use vte::prelude::*;

fn main() -> glib::ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [kind, width, height] = &arguments[..] else {
        panic!("three arguments, not {arguments:?}");
    };
    let size = [width, height].map(|text| text.parse().expect("a number of pixels"));
    let kind = kind.clone();
    let application = adw::Application::builder()
        .application_id("io.github.guesthouse.Scene")
        .flags(gtk::gio::ApplicationFlags::NON_UNIQUE)
        .build();
    application.connect_activate(move |application| {
        let scene: Box<dyn Scene> = match kind.as_str() {
            "terminal" => Box::new(Terminal::new()),
            "interface" => Box::new(Interface::new()),
            "video" => Box::new(Video::new()),
            "dragging" => Box::new(Dragging::new(application)),
            other => panic!("there is no scene {other}"),
        };
        let window = gtk::Window::builder()
            .application(application)
            .title("scene")
            .decorated(false)
            .default_width(size[0])
            .default_height(size[1])
            .child(&scene.widget())
            .build();
        window.present();
        run(scene, &window);
    });
    application.run_with_args::<&str>(&[])
}

/// Something that goes on.
trait Scene {
    fn widget(&self) -> gtk::Widget;
    fn step(&mut self, number: usize);
}

/// Takes a step for each line, and says when it is on the screen.
fn run(mut scene: Box<dyn Scene>, window: &gtk::Window) {
    let (sender, receiver) = tokio::sync::mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines() {
            if line.is_err() || sender.send(()).is_err() {
                break;
            }
        }
    });
    let mut receiver = receiver;
    let window = window.clone();
    glib::spawn_future_local(async move {
        let mut number = 0;
        while receiver.recv().await.is_some() {
            scene.step(number);
            number += 1;
            // What was changed is laid out and drawn in the frame after the next at the latest.
            for _ in 0..2 {
                painted(&window).await;
            }
            WidgetExt::display(&window).sync();
            println!("done");
            let _ = std::io::stdout().flush();
        }
        window.destroy();
        std::process::exit(0);
    });
}

/// Waits until another frame has been painted.
async fn painted(window: &gtk::Window) {
    let clock = window.frame_clock().expect("the window is realised");
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let sender = RefCell::new(Some(sender));
    let handler = clock.connect_after_paint(move |_| {
        if let Some(sender) = sender.borrow_mut().take() {
            let _ = sender.send(());
        }
    });
    clock.request_phase(gdk::FrameClockPhase::PAINT);
    let _ = receiver.await;
    clock.disconnect(handler);
}

/// Numbers that look random and are the same each time (xorshift).
struct Numbers(u32);

impl Numbers {
    fn next(&mut self) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0
    }

    fn below(&mut self, limit: u32) -> u32 {
        self.next() % limit
    }
}

const WORDS: [&str; 16] = [
    "compiling",
    "guest",
    "src/display/tiles.rs",
    "warning:",
    "0x7f3a",
    "kernel",
    "of",
    "ok",
    "linking",
    "framebuffer",
    "12.4",
    "MiB/s",
    "read",
    "installed",
    "package",
    "[done]",
];

fn sentence(numbers: &mut Numbers, words: u32) -> String {
    let words = (0..words).map(|_| WORDS[numbers.below(16) as usize]);
    words.collect::<Vec<_>>().join(" ")
}

/// Lines of a build, a few at a time, some in colour.
struct Terminal {
    terminal: vte::Terminal,
    numbers: Numbers,
}

impl Terminal {
    fn new() -> Self {
        let terminal = vte::Terminal::new();
        terminal.set_font(Some(&gtk::pango::FontDescription::from_string(
            "DejaVu Sans Mono 11",
        )));
        terminal.set_cursor_blink_mode(vte::CursorBlinkMode::Off);
        let mut scene = Self {
            terminal,
            numbers: Numbers(7),
        };
        for number in 0..200 {
            scene.line(number);
        }
        scene
    }

    fn line(&mut self, number: u32) {
        let words = 4 + self.numbers.below(14);
        let colour = if self.numbers.below(4) == 0 {
            31 + self.numbers.below(6)
        } else {
            0
        };
        let text = sentence(&mut self.numbers, words);
        let line = format!("\x1b[{colour}m{number:6} {text}\x1b[0m\r\n");
        self.terminal.feed(line.as_bytes());
    }
}

impl Scene for Terminal {
    fn widget(&self) -> gtk::Widget {
        self.terminal.clone().upcast()
    }

    fn step(&mut self, number: usize) {
        for line in 0..3 {
            self.line(1000 + number as u32 * 3 + line);
        }
    }
}

/// Pages of an installer: a list that is gone through, a form that is filled in, progress.
struct Interface {
    root: gtk::Box,
    stack: gtk::Stack,
    list: gtk::ListBox,
    scrolled: gtk::ScrolledWindow,
    entries: Vec<gtk::Entry>,
    progress: gtk::ProgressBar,
    task: gtk::Label,
    numbers: Numbers,
}

impl Interface {
    /// Steps on each page.
    const STEPS: usize = 12;

    fn new() -> Self {
        let root = gtk::Box::new(gtk::Orientation::Horizontal, 0);
        let places = gtk::Box::new(gtk::Orientation::Vertical, 12);
        places.set_margin_start(24);
        places.set_margin_end(24);
        places.set_margin_top(24);
        for place in [
            "Language", "Keyboard", "Network", "Users", "Disks", "Software", "Install",
        ] {
            places.append(&gtk::CheckButton::with_label(place));
        }
        let stack = gtk::Stack::new();
        stack.set_hexpand(true);

        let list = gtk::ListBox::new();
        let mut numbers = Numbers(11);
        for number in 0..120 {
            let row = adw::ActionRow::builder()
                .title(format!("Choice {number}"))
                .subtitle(sentence(&mut numbers, 7))
                .build();
            row.add_suffix(&gtk::Switch::builder().valign(gtk::Align::Center).build());
            list.append(&row);
        }
        let scrolled = gtk::ScrolledWindow::builder().child(&list).build();
        scrolled.set_overlay_scrolling(false);
        stack.add_named(&scrolled, Some("0"));

        let form = gtk::Grid::builder()
            .row_spacing(12)
            .column_spacing(24)
            .build();
        form.set_margin_top(24);
        let mut entries = Vec::new();
        for row in 0..10 {
            form.attach(
                &gtk::Label::new(Some(&sentence(&mut numbers, 2))),
                0,
                row,
                1,
                1,
            );
            let entry = gtk::Entry::builder().hexpand(true).build();
            form.attach(&entry, 1, row, 1, 1);
            entries.push(entry);
            form.attach(&gtk::Button::with_label("Change…"), 2, row, 1, 1);
        }
        stack.add_named(&form, Some("1"));

        let work = gtk::Box::new(gtk::Orientation::Vertical, 24);
        work.set_valign(gtk::Align::Center);
        work.set_margin_start(60);
        work.set_margin_end(60);
        let progress = gtk::ProgressBar::new();
        let task = gtk::Label::new(None);
        work.append(&task);
        work.append(&progress);
        stack.add_named(&work, Some("2"));

        root.append(&places);
        root.append(&gtk::Separator::new(gtk::Orientation::Vertical));
        root.append(&stack);
        Self {
            root,
            stack,
            list,
            scrolled,
            entries,
            progress,
            task,
            numbers,
        }
    }
}

impl Scene for Interface {
    fn widget(&self) -> gtk::Widget {
        self.root.clone().upcast()
    }

    fn step(&mut self, number: usize) {
        let (page, step) = (number / Self::STEPS % 3, number % Self::STEPS);
        if step == 0 {
            self.stack.set_visible_child_name(&page.to_string());
        }
        match page {
            0 => {
                let row = self.list.row_at_index(number as i32 % 120);
                self.list.select_row(row.as_ref());
                let way = self.scrolled.vadjustment();
                way.set_value(way.value() + 70.0);
            }
            1 => {
                let entry = &self.entries[number % self.entries.len()];
                entry.set_text(&sentence(&mut self.numbers, 3));
            }
            _ => {
                self.progress.set_fraction(step as f64 / Self::STEPS as f64);
                self.task.set_label(&sentence(&mut self.numbers, 9));
            }
        }
    }
}

/// A picture with the soft shapes of a photograph, moved on by `time`, and with grain.
fn photo(
    width: usize,
    height: usize,
    time: usize,
    grain: u32,
    numbers: &mut Numbers,
) -> gdk::Texture {
    let wave = |value: usize, period: usize| {
        let value = (value % period) as f64 / period as f64 * std::f64::consts::TAU;
        (value.sin() + 1.0) * 60.0
    };
    let columns: Vec<f64> = (0..width).map(|x| wave(x + 9 * time, 700)).collect();
    let mut pixels = Vec::with_capacity(width * height * 4);
    for y in 0..height {
        let (row, slow) = (wave(y + 5 * time, 430), wave(2 * y + time, 990));
        for (x, column) in columns.iter().enumerate() {
            let noise = f64::from(numbers.below(2 * grain + 1)) - f64::from(grain);
            let across = (x + y) as f64 * 60.0 / (width + height) as f64;
            for value in [column + row, row + slow, across + slow + column / 2.0] {
                pixels.push((value + noise).clamp(0.0, 255.0) as u8);
            }
            pixels.push(255);
        }
    }
    gdk::MemoryTexture::new(
        width as i32,
        height as i32,
        gdk::MemoryFormat::B8g8r8a8Premultiplied,
        &glib::Bytes::from_owned(pixels),
        width * 4,
    )
    .upcast()
}

/// A film of 1280 x 720 in the middle of a dark screen.
struct Video {
    picture: gtk::Picture,
    numbers: Numbers,
}

impl Video {
    fn new() -> Self {
        let picture = gtk::Picture::new();
        picture.set_can_shrink(false);
        picture.set_halign(gtk::Align::Center);
        picture.set_valign(gtk::Align::Center);
        let mut scene = Self {
            picture,
            numbers: Numbers(5),
        };
        scene.step(0);
        scene
    }
}

impl Scene for Video {
    fn widget(&self) -> gtk::Widget {
        self.picture.clone().upcast()
    }

    fn step(&mut self, number: usize) {
        let frame = photo(1280, 720, number, 8, &mut self.numbers);
        self.picture.set_paintable(Some(&frame));
    }
}

/// A window over a photograph. `make bench` moves it.
struct Dragging {
    background: gtk::Picture,
    _window: Rc<gtk::Window>,
}

impl Dragging {
    fn new(application: &adw::Application) -> Self {
        let texture = photo(1920, 1080, 0, 3, &mut Numbers(3));
        let background = gtk::Picture::for_paintable(&texture);
        background.set_content_fit(gtk::ContentFit::Fill);
        let interface = Interface::new();
        interface.stack.set_visible_child_name("1");
        let window = gtk::Window::builder()
            .application(application)
            .title("dragged")
            .decorated(false)
            .default_width(800)
            .default_height(500)
            .child(&interface.widget())
            .build();
        let window = Rc::new(window);
        // After the background, so that it is above it.
        glib::timeout_add_local_once(std::time::Duration::from_millis(500), {
            let window = Rc::clone(&window);
            move || window.present()
        });
        Self {
            background,
            _window: window,
        }
    }
}

impl Scene for Dragging {
    fn widget(&self) -> gtk::Widget {
        self.background.clone().upcast()
    }

    fn step(&mut self, _number: usize) {}
}
