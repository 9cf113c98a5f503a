//! What a host that stalls costs the others: commands to a healthy host, and the window, with both
//! hosts well and with one of them stopped, in turns and in the same run.

use std::process::Command;
use std::time::{Duration, Instant};

use backend::host::Host;
use backend::model::HostState;
use integration::accessibility::{Accessibility, Query};
use integration::daemon::{Libvirtd, virsh};
use integration::display::Display;
use integration::guest::small;
use integration::program::{self, Windowed};
use integration::remote::RemoteHost;
use integration::wait;
use tokio::runtime::Runtime;

use crate::screen::Screen;

/// How often it goes from well to stalled and back, and what is done each time.
const TURNS: usize = 4;
const COMMANDS: usize = 100;
const MOVEMENTS: usize = 40;
const WALKS: usize = 10;

/// A place in the row of the healthy host's guest, one where nothing is, and a pixel of the row that
/// the pointer does not cover.
const IN_ROW: (usize, usize) = (300, 130);
const BESIDE: (usize, usize) = (300, 700);
const WATCHED: (usize, usize) = (250, 120);

/// Times in milliseconds, with both hosts well and with one stalled.
#[derive(Default)]
struct Times {
    well: Vec<f64>,
    stalled: Vec<f64>,
}

impl Times {
    fn take(&mut self, stalled: bool, time: Duration) {
        let times = if stalled {
            &mut self.stalled
        } else {
            &mut self.well
        };
        times.push(time.as_secs_f64() * 1000.0);
    }

    fn print(&mut self, name: &str) {
        for (share, what) in [(0.5, "median"), (0.95, "95 %")] {
            let [well, stalled] = [&mut self.well, &mut self.stalled].map(|times| {
                times.sort_by(f64::total_cmp);
                times[((times.len() - 1) as f64 * share) as usize]
            });
            println!(
                "{name:<34} {what:<8} {well:>8.2} ms {stalled:>8.2} ms {:>7.2}x",
                stalled / well
            );
        }
    }
}

/// Measures and prints.
pub fn measure() {
    let _daemon = Libvirtd::start();
    let far = RemoteHost::start();
    let far_virsh = |arguments: &[&str]| far.virsh(arguments);
    for (virsh, name) in [
        (&virsh as &dyn Fn(&[&str]) -> String, "near"),
        (&far_virsh, "far"),
    ] {
        let file = format!("/run/{name}.xml");
        std::fs::write(&file, small(name)).expect("/run is the sandbox's own");
        virsh(&["define", &file]);
        virsh(&["start", name]);
    }
    let runtime = Runtime::new().expect("there are threads");
    let near_host = Host::open(Libvirtd::URI, runtime.handle());
    let far_host = Host::open(RemoteHost::URI, runtime.handle());
    let snapshot = runtime.block_on(near_host.connected()).expect("it runs");
    let id = snapshot.guest_named("near").expect("it is defined").id;

    let settings = "/run/home/.config/guesthouse";
    std::fs::create_dir_all(settings).expect("/run is the sandbox's own");
    let hosts = format!("[[hosts]]\nuri = \"{}\"\n", RemoteHost::URI);
    std::fs::write(format!("{settings}/settings.toml"), hosts).expect("/run is the sandbox's own");
    let display = Display::start(1280, 800);
    let screen = Screen::open(&display.framebuffer());
    let _window = Windowed::start(&display, program::binary(), &[]);
    let mut tree = Accessibility::of(&display, "guesthouse");
    let silent = Query::role("panel").containing("not answering");
    tree.wait_for(&Query::role("panel").containing("far, running"));

    let (mut details, mut balloon) = (Times::default(), Times::default());
    let (mut picture, mut walk) = (Times::default(), Times::default());
    for turn in 0..2 * TURNS {
        let stalled = turn % 2 == 1;
        let is_so = |state: &HostState| match state {
            HostState::Connected => !stalled,
            HostState::NotAnswering { .. } => stalled,
            _ => false,
        };
        if stalled {
            far.freeze();
            tree.wait_for(&silent);
        } else if turn > 0 {
            far.thaw();
            tree.wait_until_gone(&silent);
        }
        wait::until_true("it is noticed", wait::LIMIT, || {
            is_so(&far_host.snapshot().state)
        });
        for _ in 0..COMMANDS {
            let start = Instant::now();
            runtime.block_on(near_host.details(id)).expect("details");
            details.take(stalled, start.elapsed());
            let start = Instant::now();
            runtime.block_on(near_host.balloon(id)).expect("balloon");
            balloon.take(stalled, start.elapsed());
        }
        for _ in 0..MOVEMENTS {
            for place in [IN_ROW, BESIDE] {
                let before = screen.pixel(WATCHED);
                let start = Instant::now();
                move_pointer(&display, place);
                wait_while(|| screen.pixel(WATCHED) == before);
                picture.take(stalled, start.elapsed());
            }
        }
        for _ in 0..WALKS {
            let start = Instant::now();
            tree.count(&Query::role("nothing"));
            walk.take(stalled, start.elapsed());
        }
    }
    println!(
        "{:<43} {:>11} {:>11} {:>8}",
        "One of two hosts stalled", "both well", "stalled", "ratio"
    );
    details.print("a guest's definition, other host");
    balloon.print("a guest's balloon, other host");
    picture.print("pointer to picture, window");
    walk.print("walk through the widgets, window");
    far.thaw();
    // What waits for hosts is not waited for.
    runtime.shutdown_background();
}

fn move_pointer(display: &Display, (x, y): (usize, usize)) {
    let mut command = Command::new("xdotool");
    let moved = display
        .use_for(&mut command)
        .args(["mousemove", &x.to_string(), &y.to_string()])
        .status();
    assert!(moved.is_ok_and(|status| status.success()), "xdotool");
}

/// Waits closely: what is waited for takes milliseconds.
fn wait_while(it_is: impl Fn() -> bool) {
    let start = Instant::now();
    while it_is() {
        assert!(start.elapsed() < wait::LIMIT, "the picture does not change");
        std::thread::sleep(Duration::from_micros(200));
    }
}
