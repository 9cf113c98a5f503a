//! What is heard of a guest: its speaker, through QEMU, the widget and a sound server.

use std::{
    env,
    io::Read,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    thread,
};

use gtk::prelude::*;
use vnc_widget::{DisplayState, Endpoint, VncDisplay};

use crate::stage::{missing_of, wait};

/// Every scenario with its name.
pub(crate) const ALL: &[(&str, fn())] = &[("a_guest_is_heard", a_guest_is_heard)];

/// The variable with the sound server's address, which the scenarios have to themselves.
pub(crate) const SERVER: &str = "PULSE_SERVER";

/// Samples per second.
const RATE: usize = 48_000;

/// What the guest's speaker plays, in Hz.
const TONE: usize = 1000;

/// A process that ends when it is dropped.
struct Running(Child);

impl Running {
    fn start(command: &mut Command) -> Self {
        let quiet = command.stdin(Stdio::null()).stderr(Stdio::null());
        Self(quiet.spawn().expect("the program starts"))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The socket of the sound server.
fn pulse_socket() -> PathBuf {
    let address = env::var(SERVER).expect("it was set");
    let path = address.strip_prefix("unix:").expect("an address of a file");
    PathBuf::from(path)
}

/// `PulseAudio` with a sink that nobody hears.
fn pulseaudio(folder: &Path) -> Running {
    let socket = pulse_socket();
    let protocol = format!(
        "module-native-protocol-unix socket={} auth-anonymous=1",
        socket.display()
    );
    let server = Running::start(
        Command::new("pulseaudio")
            .args(["-n", "--daemonize=no", "--use-pid-file=no"])
            .args([
                "--exit-idle-time=-1",
                "-L",
                "module-null-sink sink_name=null",
            ])
            .args(["-L", &protocol])
            .env("HOME", folder)
            .env("XDG_RUNTIME_DIR", folder),
    );
    wait("the sound server", || pactl("info").is_some());
    server
}

/// What the sound server says.
fn pactl(arguments: &str) -> Option<String> {
    let output = Command::new("pactl")
        .args(arguments.split(' '))
        .stderr(Stdio::null())
        .output()
        .expect("pactl starts");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    output.status.success().then_some(text)
}

/// Listens at the sink.
struct Ear {
    _process: Running,
    /// Samples of the left channel.
    heard: Arc<Mutex<Vec<i16>>>,
}

impl Ear {
    fn new() -> Self {
        let rate = format!("--rate={RATE}");
        let mut process = Running::start(
            Command::new("parec")
                .args(["--device=null.monitor", "--raw", "--format=s16le"])
                .args(["--channels=2", &rate, "--latency-msec=20"])
                .stdout(Stdio::piped()),
        );
        let heard = Arc::<Mutex<Vec<i16>>>::default();
        let mut output = process.0.stdout.take().expect("it was asked for");
        let samples = Arc::clone(&heard);
        thread::spawn(move || {
            let mut frame = [0; 4];
            while output.read_exact(&mut frame).is_ok() {
                let sample = i16::from_le_bytes([frame[0], frame[1]]);
                samples.lock().expect("nobody panics with it").push(sample);
            }
        });
        Self {
            _process: process,
            heard,
        }
    }

    /// Whether the guest's tone is among what was heard since the last call: ten waves of the right
    /// length in a row.
    fn hears_the_tone(&self) -> bool {
        let samples = std::mem::take(&mut *self.heard.lock().expect("nobody panics with it"));
        let crossings: Vec<usize> = (1..samples.len())
            .filter(|&index| (samples[index - 1] > 0) != (samples[index] > 0))
            .collect();
        let half = RATE / TONE / 2;
        let lengths: Vec<bool> = crossings
            .windows(2)
            .map(|pair| (half - 1..=half + 1).contains(&(pair[1] - pair[0])))
            .collect();
        lengths
            .windows(20)
            .any(|run| run.iter().all(|&right| right))
    }
}

/// A guest that has nothing but a speaker, which sounds as soon as it has booted.
fn guest(folder: &Path, socket: &Path) -> Running {
    // Sets the timer that drives the speaker to 1000 Hz (1193182 / 1193), joins them, and halts.
    let mut floppy = vec![
        0xb0, 0xb6, 0xe6, 0x43, 0xb0, 0xa9, 0xe6, 0x42, 0xb0, 0x04, 0xe6, 0x42, 0xe4, 0x61, 0x0c,
        0x03, 0xe6, 0x61, 0xf4, 0xeb, 0xfd,
    ];
    floppy.resize(1_474_560, 0);
    floppy[510..512].copy_from_slice(&[0x55, 0xaa]);
    let image = folder.join("floppy");
    std::fs::write(&image, floppy).expect("the folder is ours");
    let guest = Running::start(
        Command::new("qemu-system-x86_64")
            .args(["-machine", "pc,pcspk-audiodev=sound", "-accel", "tcg"])
            .args(["-m", "16", "-nodefaults", "-vga", "std", "-display", "none"])
            .args(["-audiodev", "none,id=sound", "-vnc"])
            .arg(format!("unix:{},audiodev=sound", socket.display()))
            .arg("-drive")
            .arg(format!("file={},format=raw,if=floppy", image.display())),
    );
    wait("the guest's display", || socket.exists());
    guest
}

fn a_guest_is_heard() {
    let needed = ["qemu-system-x86_64", "pulseaudio", "parec", "pactl"];
    let missing = missing_of(&needed);
    if !missing.is_empty() {
        let required = env::var("GUESTHOUSE_REQUIRE_TIERS").is_ok_and(|tiers| tiers == "all");
        eprintln!("SKIPPED (sound): not installed: {}", missing.join(", "));
        assert!(!required, "all of the tests are required");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let socket = folder.path().join("display");
    let _guest = guest(folder.path(), &socket);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let display = VncDisplay::new(runtime.handle());
    let window = gtk::Window::builder().child(&display).build();
    window.present();
    display.open(Endpoint::Path(socket));
    wait("the connection", || {
        display.state() == DisplayState::Connected
    });
    wait("an offer of sound", || display.audio_available());
    assert!(!display.plays_audio());

    let server = pulseaudio(folder.path());
    let ear = Ear::new();
    let streams = || pactl("list short sink-inputs").is_some_and(|list| !list.is_empty());
    // Some of silence has to be heard, or nothing could be said of it.
    wait("silence", || {
        ear.heard.lock().is_ok_and(|heard| heard.len() > RATE / 2)
    });
    assert!(!ear.hears_the_tone(), "nobody asked for it");
    assert!(!streams());
    display.set_audio(true);
    wait("the guest's tone", || ear.hears_the_tone());
    assert!(streams());
    display.set_audio(false);
    wait("the end of it", || !streams());

    // The sound server goes away and comes back; the picture knows nothing of it.
    display.set_audio(true);
    wait("the guest's tone", || ear.hears_the_tone());
    drop((ear, server));
    let _server = pulseaudio(folder.path());
    let ear = Ear::new();
    wait("the guest's tone, by a new sound server", || {
        ear.hears_the_tone()
    });
    assert_eq!(display.state(), DisplayState::Connected);
    display.close();
    wait("the end of it", || !streams());
    window.destroy();
}
