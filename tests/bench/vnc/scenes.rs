//! The recordings: what is done on which screen. They are made once and kept under
//! `build/recordings`; removing that folder has them made again.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use integration::{program, testbed};

use super::recorder::{self, Kind, OF_QEMU, OF_XVNC, OF_XVNC_4K, Recorder};
use super::servers::{QemuGuest, Xvnc};

/// Something that happens on a screen.
#[derive(Debug, Clone, Copy)]
pub struct Scene {
    /// What `examples/scene.rs` calls it.
    program: &'static str,
    /// What its recordings are called.
    pub name: &'static str,
    pub size: (u16, u16),
    steps: usize,
    /// The kinds of recording made of it.
    kinds: &'static [Kind],
}

const fn hd(program: &'static str, steps: usize) -> Scene {
    Scene {
        program,
        name: program,
        size: (1920, 1080),
        steps,
        kinds: &OF_XVNC,
    }
}

const fn uhd(program: &'static str, name: &'static str) -> Scene {
    Scene {
        program,
        name,
        size: (3840, 2160),
        steps: 40,
        kinds: &OF_XVNC_4K,
    }
}

/// Everything that is recorded of Xvnc.
pub const SCENES: [Scene; 6] = [
    hd("terminal", 120),
    hd("interface", 144),
    hd("video", 36),
    hd("dragging", 72),
    uhd("terminal", "terminal-4K"),
    uhd("interface", "interface-4K"),
];

/// Where recordings are kept.
pub fn folder() -> PathBuf {
    let folder = testbed::checkout().join("build/recordings");
    std::fs::create_dir_all(&folder).expect("the folder for recordings can be made");
    folder
}

/// The recording of a scene (or of QEMU's `console`) in an encoding.
pub fn path(scene: &str, kind: &str) -> PathBuf {
    folder().join(format!("{scene}.{kind}.rfb"))
}

/// The kinds of which there is no recording yet.
fn missing(scene: &str, kinds: &[Kind]) -> Vec<Kind> {
    let missing = |kind: &&Kind| !path(scene, kind.name).is_file();
    kinds.iter().filter(missing).copied().collect()
}

/// Makes the recordings that are missing.
pub fn record() {
    for scene in SCENES {
        let kinds = missing(scene.name, scene.kinds);
        if !kinds.is_empty() {
            println!("recording {} …", scene.name);
            scene.record(&kinds);
        }
    }
    let kinds = missing("console", &OF_QEMU);
    if kinds.is_empty() {
        return;
    }
    if testbed::kernel().is_file() {
        println!("recording console …");
        console(&kinds);
    } else {
        println!("no recording of QEMU: scripts/fetch-testbed brings its guest");
    }
}

fn recorders(scene: &str, port: u16, kinds: &[Kind]) -> Vec<Recorder> {
    let connect = |kind: &Kind| Recorder::connect(port, *kind, &path(scene, kind.name));
    let mut recorders: Vec<_> = kinds.iter().map(connect).collect();
    recorder::first_pictures(&mut recorders);
    recorders
}

impl Scene {
    fn record(&self, kinds: &[Kind]) {
        let server = Xvnc::start(self.size);
        let mut player = Player::start(&server, self);
        let window = (self.program == "dragging").then(|| server.find_window("dragged"));
        let recorders = recorders(self.name, server.port(), kinds);
        recorder::record(recorders, self.steps, |number| match &window {
            Some(window) => {
                let (x, y) = path_of_the_window(number);
                server.xdotool(&["windowmove", window, &x.to_string(), &y.to_string()]);
            }
            None => player.step(),
        });
    }
}

/// Round and round, fast and slow.
fn path_of_the_window(number: usize) -> (i32, i32) {
    let angle = number as f64 * std::f64::consts::TAU / 48.0;
    let (sine, cosine) = angle.sin_cos();
    (560 + (540.0 * cosine) as i32, 290 + (280.0 * sine) as i32)
}

/// The program that shows a scene.
struct Player {
    child: Child,
    steps: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Player {
    fn start(server: &Xvnc, scene: &Scene) -> Self {
        let mut command = Command::new(program::example("scene"));
        let mut child = server
            .use_for(&mut command)
            .arg(scene.program)
            .args([scene.size.0, scene.size.1].map(|side| side.to_string()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the scene starts");
        let steps = child.stdin.take().expect("it was asked for");
        let answers = BufReader::new(child.stdout.take().expect("it was asked for"));
        let mut player = Self {
            child,
            steps,
            answers,
        };
        // The first frames of a window are those that bring it there.
        (0..3).for_each(|_| player.step());
        player
    }

    fn step(&mut self) {
        self.steps.write_all(b"\n").expect("the scene reads");
        let mut line = String::new();
        self.answers
            .read_line(&mut line)
            .expect("the scene answers");
        assert_eq!(line, "done\n", "the scene ended");
    }
}

impl Drop for Player {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// QEMU's own server: the console of a guest that writes line after line.
fn console(kinds: &[Kind]) {
    let mut guest = QemuGuest::start(&testbed::kernel(), &testbed::initrd());
    let recorders = recorders("console", QemuGuest::port(), kinds);
    recorder::record(recorders, 60, |number| {
        guest.command(&format!("seq {number} 37 {} >/dev/tty0", number + 90));
    });
}
