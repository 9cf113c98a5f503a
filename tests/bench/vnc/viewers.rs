//! The programs that are compared: ours, and those that people use otherwise.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use integration::display::Display;
use integration::{program, wait};

use crate::run;

/// The processor that viewers are bound to.
const PROCESSOR: &str = "1";

/// A viewer of VNC servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Viewer {
    Guesthouse,
    TigerVnc,
    GtkVnc,
}

impl Viewer {
    pub const ALL: [Self; 3] = [Self::Guesthouse, Self::TigerVnc, Self::GtkVnc];

    pub fn name(self) -> &'static str {
        match self {
            Self::Guesthouse => "Guesthouse",
            Self::TigerVnc => "TigerVNC",
            Self::GtkVnc => "gtk-vnc",
        }
    }

    fn program(self) -> PathBuf {
        match self {
            Self::Guesthouse => program::binary(),
            Self::TigerVnc => {
                // Debian's name, which no other viewer has.
                let debian = PathBuf::from("/usr/bin/xtigervncviewer");
                if debian.is_file() {
                    debian
                } else {
                    PathBuf::from("/usr/bin/vncviewer")
                }
            }
            Self::GtkVnc => PathBuf::from("/usr/bin/gvncviewer"),
        }
    }

    pub fn is_installed(self) -> bool {
        self.program().is_file()
    }

    fn arguments(self, port: u16) -> Vec<String> {
        match self {
            Self::Guesthouse => vec!["view".to_owned(), format!("127.0.0.1::{port}")],
            Self::TigerVnc => [
                "-SecurityTypes=None",
                "-RemoteResize=0",
                "-AutoSelect=0",
                "-FullColor=1",
                "-ReconnectOnError=0",
                "-AlertOnFatalError=0",
                &format!("127.0.0.1::{port}"),
            ]
            .map(str::to_owned)
            .to_vec(),
            // It takes a display's number, whatever that may be.
            Self::GtkVnc => vec![format!("127.0.0.1:{}", i32::from(port) - 5900)],
        }
    }

    /// Starts it on a server, bound to one processor if there are several.
    pub fn start(self, display: &Display, port: u16) -> Running {
        // Each run is the first: no settings, no session of an earlier one.
        let home = Path::new("/run/home");
        let _ = std::fs::remove_dir_all(home);
        std::fs::create_dir_all(home).expect("/run is the sandbox's own");
        let several = std::thread::available_parallelism().is_ok_and(|count| count.get() > 1);
        let mut command = if several {
            let mut command = Command::new("taskset");
            command.args(["--cpu-list", PROCESSOR]).arg(self.program());
            command
        } else {
            Command::new(self.program())
        };
        let child = display
            .use_for(&mut command)
            .args(self.arguments(port))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the viewer starts");
        Running { child }
    }

    /// Gives its window a size in which a screen of that many pixels is shown one to one.
    pub fn make_room(self, display: &Display, (width, height): (u32, u32)) {
        // The others take the screen's size by themselves.
        if self == Self::Guesthouse {
            // Of libadwaita's windows where there is no window manager.
            const HEADER: u32 = 47;
            const BORDER: u32 = 5;
            let window = find_window(display);
            let size = [width + 2 * BORDER, height + HEADER + 2 * BORDER];
            let size = size.map(|side| side.to_string());
            xdotool(display, &["windowsize", &window, &size[0], &size[1]]);
            xdotool(display, &["windowmove", &window, "0", "0"]);
        }
    }
}

/// A viewer that runs; ended when this is dropped.
pub struct Running {
    child: Child,
}

impl Running {
    /// Processor time of the whole process so far, in seconds: the user's and the system's.
    pub fn processor_seconds(&self) -> f64 {
        run::processor_seconds(self.child.id())
    }

    /// The most memory it had in use so far, in MB.
    pub fn peak_memory_mb(&self) -> f64 {
        run::peak_memory_mb(&self.child)
    }

    /// Waits until it has used no processor for so long, and gives how long before that it last did.
    pub fn wait_until_idle(&self, quiet: Duration, mut and: impl FnMut() -> bool) -> Instant {
        let mut last = (Instant::now(), self.processor_seconds());
        let start = Instant::now();
        loop {
            std::thread::sleep(Duration::from_millis(2));
            let now = self.processor_seconds();
            if now > last.1 || !and() {
                last = (Instant::now(), now);
            } else if last.0.elapsed() > quiet {
                return last.0;
            }
            assert!(
                start.elapsed() < wait::LIMIT,
                "the viewer does not come to rest"
            );
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs xdotool on a display and gives what it prints.
fn xdotool(display: &Display, arguments: &[&str]) -> String {
    let mut command = Command::new("xdotool");
    let output = display.use_for(&mut command).args(arguments).output();
    let output = output.expect("xdotool is installed");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// The number of our program's window, once there is one.
fn find_window(display: &Display) -> String {
    wait::until("the window", wait::LIMIT, || {
        let search = ["search", "--onlyvisible", "--class", "guesthouse"];
        let found = xdotool(display, &search);
        found.lines().next().map(str::to_owned)
    })
}
