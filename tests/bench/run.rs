//! One program, started and watched.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use integration::display::Display;

use crate::screen::Screen;

/// Starts per figure; after one more that only warms the caches.
pub const RUNS: usize = 5;

/// How long nothing may change before the picture counts as complete.
const QUIET: Duration = Duration::from_millis(1500);

/// How long the processor is watched while nothing happens.
const IDLE: Duration = Duration::from_secs(10);

/// A program to measure.
pub struct Subject {
    pub name: &'static str,
    pub program: PathBuf,
    pub arguments: Vec<String>,
}

/// What was measured.
pub struct Figures {
    /// Seconds from start until the window with its list was on the screen; the median.
    pub listed: f64,
    /// The most memory the process had in use (`VmHWM`), in MB; the largest of the runs.
    pub memory_mb: f64,
    /// Processor time while nothing happens, in per cent of one processor.
    pub idle_percent: f64,
}

impl Subject {
    /// Starts it [`RUNS`] times. With a number of guests the last run leaves a picture, so that
    /// one can see that it is the list that was waited for.
    pub fn measure(&self, guests: Option<usize>) -> Figures {
        let mut listed = Vec::new();
        let mut memory_mb = 0_f64;
        let mut idle_percent = 0.0;
        for run in 0..=RUNS {
            let display = Display::start(1280, 800);
            let screen = Screen::open(&display.framebuffer());
            let start = Instant::now();
            let mut child = self.start(&display);
            let complete = screen
                .time_until_complete(start, QUIET, Duration::from_mins(1))
                .unwrap_or_else(|| panic!("{} drew nothing", self.name));
            if run > 0 {
                listed.push(complete.as_secs_f64());
            }
            if run == RUNS {
                idle_percent = idle(&child);
                if let Some(guests) = guests {
                    let name = self.name.to_lowercase();
                    display.screenshot(&format!("bench-{name}-{guests}"));
                }
            }
            memory_mb = memory_mb.max(peak_memory_mb(&child));
            // What it thinks of the end is not measured.
            let _ = child.kill();
            let _ = child.wait();
        }
        listed.sort_by(f64::total_cmp);
        Figures {
            listed: listed[listed.len() / 2],
            memory_mb,
            idle_percent,
        }
    }

    fn start(&self, display: &Display) -> Child {
        // Each run is the first: no settings, no session of an earlier one.
        let home = PathBuf::from("/run/home");
        let _ = std::fs::remove_dir_all(&home);
        std::fs::create_dir_all(&home).expect("/run is the sandbox's own");
        let mut command = Command::new(&self.program);
        display
            .use_for(&mut command)
            .args(&self.arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }
}

fn idle(child: &Child) -> f64 {
    let before = processor_seconds(child.id());
    let start = Instant::now();
    std::thread::sleep(IDLE);
    let used = processor_seconds(child.id()) - before;
    100.0 * used / start.elapsed().as_secs_f64()
}

/// Processor time of the whole process so far: utime and stime of proc(5), in ticks of 10 ms.
pub fn processor_seconds(process: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"));
    let stat = stat.expect("the program still runs");
    // The name, in brackets, may hold anything; the fields after it do not.
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
    let ticks = fields.split_whitespace().skip(11).take(2);
    ticks
        .filter_map(|ticks| ticks.parse::<f64>().ok())
        .sum::<f64>()
        / 100.0
}

pub fn peak_memory_mb(child: &Child) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id()));
    let status = status.expect("the program still runs");
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|peak| peak.split_whitespace().next()?.parse::<f64>().ok());
    peak.expect("proc(5) tells the peak in kB") * 1024.0 / 1e6
}
