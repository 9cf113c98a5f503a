//! The real window on a Xen host.

use std::process::Command;
use std::time::Instant;

use integration::accessibility::{Accessibility, Query};
use integration::display::Display;
use integration::program::{self, Windowed};
use integration::wait::{self, LIMIT};
use integration::xen::{PvGuest, XenHost, seen};

/// The share of a picture's middle that is lit.
fn lit(picture: &std::path::Path) -> f64 {
    let output = Command::new("/usr/bin/convert")
        .arg(picture)
        .args(["-crop", "700x400+150+200", "-colorspace", "Gray"])
        .args(["-threshold", "40%", "-format", "%[fx:mean]", "info:"])
        .output()
        .expect("convert starts");
    let text = String::from_utf8_lossy(&output.stdout);
    text.trim().parse().expect("convert tells a number")
}

#[test]
fn the_list_shows_domain_0_and_a_guests_screen_opens() {
    let Some(xen) = XenHost::get() else { return };
    let guest = PvGuest::define(&xen, "seen");
    let mut console = guest.boot();
    let display = Display::start(1024, 768);
    let began = Instant::now();
    let _window = Windowed::start(&display, program::binary(), &["--connect", xen.ssh()]);
    let mut tree = Accessibility::of(&display, "guesthouse");
    let row = |start: &str| Query::role("panel").containing(start);
    tree.wait_for(&row("Domain-0, this host itself"));
    let guests = row("seen, running");
    tree.wait_for(&guests);
    display.screenshot("xen-list");
    seen("the window lists the host by ssh", began);

    let began = Instant::now();
    tree.click_twice(&guests);
    tree.wait_for(&Query::role("frame").named("seen"));
    let text = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    wait::until_true("the guest's text in its window", LIMIT, || {
        console.run(&format!(
            "for i in 1 2 3 4 5 6 7 8 9; do echo {text}; done >/dev/tty0"
        ));
        let share = lit(&display.screenshot("xen-screen"));
        share > 0.01 && share < 0.5
    });
    seen("a PV guest's screen in its window, through ssh", began);
}
