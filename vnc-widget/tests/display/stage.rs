//! X servers, screenshots, and waiting.

use std::{
    cell::{Cell, RefCell},
    env,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    rc::Rc,
    time::{Duration, Instant},
};

use gtk::glib;

/// How long anything may take that is waited for.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// `ImageMagick`'s screenshot program; other programs of this name exist.
const IMPORT: &str = "/usr/bin/import";

/// What these tests need and the system does not have.
pub(crate) fn programs_missing() -> Vec<&'static str> {
    missing_of(&["Xvfb", "Xvnc", "xdotool", "xclip", IMPORT])
}

/// Which of these programs the system does not have.
pub(crate) fn missing_of(programs: &[&'static str]) -> Vec<&'static str> {
    let path = env::var_os("PATH").unwrap_or_default();
    programs
        .iter()
        .copied()
        .filter(|program| !env::split_paths(&path).any(|folder| folder.join(program).is_file()))
        .collect()
}

/// An X server. It ends when it is dropped.
pub(crate) struct Server {
    process: Child,
    number: String,
}

impl Server {
    /// A screen without a monitor.
    pub(crate) fn xvfb(width: u32, height: u32) -> Self {
        let geometry = format!("{width}x{height}x24");
        Self::start(Command::new("Xvfb").args(["-screen", "0", &geometry]))
    }

    /// A white screen that is served as VNC at a socket.
    pub(crate) fn xvnc(width: u32, height: u32, socket: &Path) -> Self {
        let geometry = format!("{width}x{height}");
        Self::start(
            Command::new("Xvnc")
                .args(["-geometry", &geometry, "-depth", "24", "-wr"])
                .args(["-SecurityTypes", "None", "-rfbport", "-1", "-rfbunixpath"])
                .arg(socket),
        )
    }

    fn start(command: &mut Command) -> Self {
        let mut process = command
            .args(["-displayfd", "1", "-nolisten", "tcp", "-noreset"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the server starts");
        let mut line = String::new();
        let output = process.stdout.take().expect("it was asked for");
        BufReader::new(output)
            .read_line(&mut line)
            .expect("the server says its number");
        assert!(!line.is_empty(), "{command:?} ended at once");
        Self {
            process,
            number: line.trim().to_owned(),
        }
    }

    /// The value of DISPLAY for its clients.
    pub(crate) fn display(&self) -> String {
        format!(":{}", self.number)
    }

    /// What its clients see.
    pub(crate) fn screenshot(&self) -> Screenshot {
        Screenshot::of(&self.display())
    }

    /// What xdotool says on this server.
    pub(crate) fn xdotool(&self, arguments: &str) -> String {
        xdotool_on(Some(&self.display()), arguments)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It is ours, and may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Plays keys and clicks on the display on which the widget is.
pub(crate) fn xdotool(arguments: &str) {
    xdotool_on(None, arguments);
}

/// Where the pointer is on the display on which the widget is.
pub(crate) fn pointer() -> (i32, i32) {
    let said = xdotool_on(None, "getmouselocation");
    let mut numbers = said
        .split_whitespace()
        .filter_map(|word| word.split_once(':')?.1.parse().ok());
    let mut next = || numbers.next().expect("x:NUMBER y:NUMBER");
    (next(), next())
}

fn xdotool_on(display: Option<&str>, arguments: &str) -> String {
    let mut command = Command::new("xdotool");
    command.args(arguments.split_whitespace());
    if let Some(display) = display {
        command.env("DISPLAY", display);
    }
    let output = command.output().expect("xdotool starts");
    assert!(output.status.success(), "xdotool {arguments}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// All pixels of a screen: red, green, blue.
#[derive(PartialEq, Eq)]
pub(crate) struct Screenshot {
    width: usize,
    rgb: Vec<u8>,
}

impl Screenshot {
    /// Of the display on which the widget is.
    pub(crate) fn take() -> Self {
        match env::var("DISPLAY") {
            Ok(display) => Self::of(&display),
            Err(_) => Self::by(Command::new("grim").args(["-t", "ppm", "-"])),
        }
    }

    fn of(display: &str) -> Self {
        Self::by(Command::new(IMPORT).args([
            "-display", display, "-window", "root", "-depth", "8", "ppm:-",
        ]))
    }

    fn by(command: &mut Command) -> Self {
        let output = command.output().expect("the program starts");
        assert!(output.status.success(), "{command:?}");
        // "P6", width and height, maximum, and then the pixels.
        let mut lines = output.stdout.splitn(4, |&byte| byte == b'\n');
        let (magic, size, _) = (lines.next(), lines.next(), lines.next());
        assert_eq!(magic, Some(b"P6".as_slice()));
        let size = String::from_utf8_lossy(size.expect("a size")).into_owned();
        let width = size.split(' ').next().and_then(|width| width.parse().ok());
        Self {
            width: width.expect("a number"),
            rgb: lines.next().expect("pixels").to_vec(),
        }
    }

    /// The pixels of a rectangle, row by row.
    pub(crate) fn area(&self, x: usize, y: usize, width: usize, height: usize) -> Vec<u8> {
        self.rgb
            .chunks_exact(self.width * 3)
            .skip(y)
            .take(height)
            .flat_map(|row| &row[x * 3..(x + width) * 3])
            .copied()
            .collect()
    }

    /// One pixel.
    pub(crate) fn pixel(&self, x: usize, y: usize) -> [u8; 3] {
        let start = (y * self.width + x) * 3;
        [self.rgb[start], self.rgb[start + 1], self.rgb[start + 2]]
    }

    /// Whether all is of one colour.
    pub(crate) fn is_plain(&self) -> bool {
        self.rgb
            .chunks_exact(3)
            .all(|pixel| pixel == &self.rgb[..3])
    }
}

/// Keeps a picture of the screen where a person can look at it.
pub(crate) fn keep_screenshot(name: &str) {
    if env::var_os("DISPLAY").is_none() {
        let file = folder_of_screenshots().join(format!("{name}-wayland.png"));
        let status = Command::new("grim").arg(file).status();
        assert!(status.is_ok_and(|status| status.success()), "grim");
        return;
    }
    let renderer = env::var("GSK_RENDERER").unwrap_or_default();
    let status = Command::new(IMPORT)
        .args(["-window", "root"])
        .arg(folder_of_screenshots().join(format!("{name}-{renderer}.png")))
        .status();
    assert!(status.is_ok_and(|status| status.success()), "import");
}

fn folder_of_screenshots() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("screenshots");
    std::fs::create_dir_all(&folder).expect("the build folder can be written");
    folder
}

/// Runs GTK until something is so.
pub(crate) fn wait(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        if start.elapsed() >= PATIENCE {
            keep_screenshot("failed");
            panic!("{what}: not within {} s", PATIENCE.as_secs());
        }
        run_gtk(Duration::from_millis(50));
    }
}

/// Lets GTK do what there is to do for so long: looking may take much longer than a frame, and one
/// step of the main loop draws none.
fn run_gtk(time: Duration) {
    let context = glib::MainContext::default();
    let over = Rc::new(Cell::new(false));
    glib::timeout_add_local_once(time, {
        let over = Rc::clone(&over);
        move || over.set(true)
    });
    while !over.get() {
        context.iteration(true);
    }
    while context.iteration(false) {}
}

/// Values that a handler of a signal has been given.
pub(crate) type Log<T> = Rc<RefCell<Vec<T>>>;
