//! What goes over beside the picture, keys and clicks: clipboards, locks, figures.

use std::{
    io::Write,
    process::{Child, Command, Stdio},
    rc::Rc,
    thread,
};

use gtk::prelude::*;

use crate::{
    recorder::{Recorder, paint},
    scene::Scene,
    stage::{Log, keep_screenshot, wait, xdotool},
};

/// Every scenario with its name.
pub(crate) const ALL: &[(&str, fn())] = &[
    ("texts_are_copied_and_pasted", texts_are_copied_and_pasted),
    (
        "nothing_is_copied_without_focus_or_permission",
        nothing_is_copied_without_focus_or_permission,
    ),
    ("locks_are_put_right_once", locks_are_put_right_once),
    (
        "figures_come_while_somebody_listens",
        figures_come_while_somebody_listens,
    ),
];

/// `xclip` on the display of a server, or of the widget.
fn xclip(display: Option<&str>, arguments: &[&str]) -> Command {
    let mut command = Command::new("xclip");
    command.args(["-selection", "clipboard"]).args(arguments);
    if let Some(display) = display {
        command.env("DISPLAY", display);
    }
    command
}

/// A program that has copied a text and gives it to who pastes it, as long as it lives.
struct Copied(Child);

fn copy(display: Option<&str>, text: &str) -> Copied {
    let mut process = xclip(display, &["-in", "-quiet"])
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("xclip starts");
    let mut input = process.stdin.take().expect("it was asked for");
    input.write_all(text.as_bytes()).expect("xclip reads");
    drop(input);
    // The clipboard is its own when it has the text to give.
    wait("the text is copied", || paste(display) == text);
    Copied(process)
}

impl Drop for Copied {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The text in a clipboard, empty if there is none. It may be this very program that has it, so
/// GTK has to run meanwhile.
fn paste(display: Option<&str>) -> String {
    let mut command = xclip(display, &["-out", "-target", "UTF8_STRING"]);
    command.stderr(Stdio::null());
    let output = thread::spawn(move || command.output().expect("xclip starts"));
    wait("the text is pasted", || output.is_finished());
    let output = output.join().expect("it does not panic");
    String::from_utf8(output.stdout).expect("text")
}

fn texts_are_copied_and_pasted() {
    let scene = Scene::new((640, 480), (640, 480));
    let server = scene.server().display();
    let server = Some(server.as_str());
    // Copied here before the display is turned to.
    let here = copy(None, "from here: ä € 🦀\nsecond line");
    scene.click_into(320, 240);
    wait("the text from here is there", || {
        paste(server) == "from here: ä € 🦀\nsecond line"
    });
    let there = copy(server, "from there: ö Ж");
    wait("the text from there is here", || {
        paste(None) == "from there: ö Ж"
    });
    drop((here, there));
    // Once more each way, now with the display in use all the time.
    let _there = copy(server, "again");
    wait("the second text from there is here", || {
        paste(None) == "again"
    });
    // The server takes no more than 256 KiB.
    let long = "0123456789abcdef".repeat(15_000);
    let _here = copy(None, &long);
    wait("a long text from here is there", || paste(server) == long);
}

fn nothing_is_copied_without_focus_or_permission() {
    let scene = Scene::new((640, 480), (640, 480));
    let server = scene.server().display();
    let server = Some(server.as_str());
    let leave = || {
        scene.display.release_keyboard();
        wait("the display is left", || !scene.display.is_grabbed());
    };
    // Something that both know, to wait for.
    let _first = copy(None, "known");
    scene.click_into(320, 240);
    wait("a text is there", || paste(server) == "known");
    leave();
    let secret = copy(None, "secret of this side");
    let other = copy(server, "secret of that side");
    // What has been seen by now would have been seen before the display is turned to again.
    assert_eq!(paste(None), "secret of this side");
    assert_eq!(paste(server), "secret of that side");
    scene.display.set_share_clipboard(false);
    scene.click_into(320, 240);
    let _answer = copy(server, "still a secret");
    assert_eq!(paste(None), "secret of this side");
    leave();
    scene.display.set_share_clipboard(true);
    scene.display.set_read_only(true);
    scene.display.grab_focus();
    assert_eq!(paste(server), "still a secret");
    assert_eq!(paste(None), "secret of this side");
    // Turned to with permission: now it goes over.
    scene.display.set_read_only(false);
    scene.click_into(320, 240);
    wait("the text from here is there", || {
        paste(server) == "secret of this side"
    });
    drop((secret, other));
}

/// Caps Lock on this side's display, which other tests use after this one.
struct CapsLock;

impl CapsLock {
    fn on() -> Self {
        xdotool("key Caps_Lock");
        Self
    }
}

impl Drop for CapsLock {
    fn drop(&mut self) {
        xdotool("key Caps_Lock");
    }
}

fn locks_are_put_right_once() {
    let scene = Scene::new((640, 480), (640, 480));
    let recorder = Recorder::start(scene.server(), 640, 480);
    let caps_lock = CapsLock::on();
    scene.click_into(320, 240);
    // GTK's recorder sees the focus first, then the click.
    recorder.expect(&[
        "down Caps_Lock 66",
        "up Caps_Lock 66",
        "press 1",
        "release 1",
    ]);
    // Both are alike now, and a letter is what it is on both.
    xdotool("key a");
    recorder.expect(&["down A 38", "up A 38"]);
    // Left and turned to again: nothing to put right.
    scene.display.release_keyboard();
    scene.click_into(320, 240);
    recorder.expect(&["press 1", "release 1"]);
    // Off again elsewhere.
    scene.display.release_keyboard();
    drop(caps_lock);
    scene.display.grab_keyboard();
    recorder.expect(&["down Caps_Lock 66", "up Caps_Lock 66"]);
    // Pressed here, it is for both.
    xdotool("key Caps_Lock");
    recorder.expect(&["down Caps_Lock 66", "up Caps_Lock 66"]);
    let _off = CapsLock;
    xdotool("key a");
    recorder.expect(&["down A 38", "up A 38"]);
}

fn figures_come_while_somebody_listens() {
    let scene = Scene::new((640, 480), (640, 480));
    assert_eq!(scene.display.statistics(), None);
    let log: Log<vnc_widget::DisplayStatistics> = Log::default();
    let handler = scene.display.connect_statistics({
        let log = Rc::clone(&log);
        move |_, statistics| log.borrow_mut().push(*statistics)
    });
    let _painting = paint(scene.server(), 640, 480);
    wait("figures of the painting", || {
        log.borrow().iter().any(|figures| {
            figures.encoding.is_some()
                && figures.bits_per_second > 0.0
                && figures.frames_per_second > 0.0
        })
    });
    assert!(scene.display.statistics().is_some());
    keep_screenshot("figures");
    scene.display.disconnect(handler);
    wait("the figures end", || scene.display.statistics().is_none());
}
