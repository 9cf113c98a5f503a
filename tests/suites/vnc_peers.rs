//! What real VNC servers and the engine say to each other beside pixels.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use integration::peer::{Peer, Server};
use integration::sandbox;
use integration::tier::Tier;
use integration::wait;
use rfb::keyboard::key_by_name;
use rfb::{
    AudioEvent, AudioFormat, ClientConfig, Event, Leds, PointerMode, PowerAction, Rect, Screen,
};

/// TigerVNC's server at `socket`; with the number of its display.
fn xvnc(socket: &Path) -> (Server, String) {
    let (reader, writer) = std::io::pipe().expect("pipes can be made");
    let server = Server::start(
        Command::new("Xvnc")
            .args(["-geometry", "640x480", "-depth", "24", "-displayfd", "1"])
            .args(["-SecurityTypes", "None", "-rfbport", "-1", "-rfbunixpath"])
            .arg(socket)
            .args(["-nolisten", "tcp", "-noreset"])
            .stdout(writer),
    );
    let mut number = String::new();
    BufReader::new(reader)
        .read_line(&mut number)
        .expect("the server says its number");
    (server, format!(":{}", number.trim()))
}

/// Runs `test` with a client of TigerVNC's server, and the name of its display.
fn with_xvnc(config: ClientConfig, test: impl Fn(&mut Peer, &str)) {
    let folder = tempfile::tempdir().expect("a folder");
    let socket = folder.path().join("display");
    let (_server, display) = xvnc(&socket);
    test(&mut Peer::connect(&socket, config), &display);
}

fn xclip(display: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new("xclip");
    command
        .args(["-selection", "clipboard"])
        .args(arguments)
        .env("DISPLAY", display);
    command
}

/// A window on a server's screen.
struct Window<'a> {
    _process: Server,
    display: &'a str,
}

impl<'a> Window<'a> {
    fn open(display: &'a str) -> Self {
        // By its path, for other programs have the same name.
        let mut command = Command::new("/usr/bin/display");
        command.args(["-size", "100x100", "xc:red"]);
        let process = Server::start(command.env("DISPLAY", display));
        let window = Self {
            _process: process,
            display,
        };
        wait::until_true("the window is to be seen", wait::LIMIT, || {
            window.xdotool(&["search", "--onlyvisible", "--class", "display"])
        });
        window
    }

    /// Moves it, and returns when that is done.
    fn shift(&self, x: u16, y: u16) {
        let (x, y) = (x.to_string(), y.to_string());
        let class = ["search", "--onlyvisible", "--class", "display"];
        assert!(self.xdotool(&[&class[..], &["windowmove", "%@", &x, &y]].concat()));
    }

    fn xdotool(&self, arguments: &[&str]) -> bool {
        let status = Command::new("xdotool")
            .args(arguments)
            .env("DISPLAY", self.display)
            .stdout(Stdio::null())
            .status();
        status.is_ok_and(|status| status.success())
    }
}

/// Whether an update changed something.
fn changed(peer: &mut Peer) -> bool {
    let complete = peer.events().contains(&Event::FrameComplete);
    complete && !peer.client().take_damage().is_empty()
}

#[test]
fn tigervnc_sends_updates_by_itself() {
    sandbox::run(Tier::VncServer, || {
        with_xvnc(ClientConfig::default(), sends_updates_by_itself);
    });
}

fn sends_updates_by_itself(peer: &mut Peer, display: &str) {
    peer.event("that it can", |event| {
        (*event == Event::ContinuousUpdatesOff).then_some(())
    });
    peer.until("the first picture", |peer| changed(peer).then_some(()));
    peer.request_nothing();
    assert!(peer.client().set_continuous_updates(true));
    let window = Window::open(display);
    for step in 0..5 {
        if step > 0 {
            window.shift(step * 80, step * 60);
        }
        peer.until("a picture that was not asked for", |peer| {
            changed(peer).then_some(())
        });
    }
    // Those that were on their way have come when it says that it has stopped.
    peer.client().set_continuous_updates(false);
    peer.event("that it has stopped", |event| {
        (*event == Event::ContinuousUpdatesOff).then_some(())
    });
    changed(peer);
    window.shift(10, 10);
    assert!(peer.client().request_fence(b"after painting"));
    peer.until("the fence", |peer| {
        let events = peer.events();
        assert!(!events.contains(&Event::FrameComplete));
        let fence = Event::FenceAnswered(b"after painting".to_vec());
        events.contains(&fence).then_some(())
    });
}

#[test]
fn tigervnc_shares_its_clipboard_in_unicode() {
    sandbox::run(Tier::VncServer, || {
        with_xvnc(ClientConfig::default(), shares_its_clipboard_in_unicode);
    });
}

fn shares_its_clipboard_in_unicode(peer: &mut Peer, display: &str) {
    peer.until("the extended clipboard", |peer| {
        peer.client().has_extended_clipboard().then_some(())
    });
    assert!(peer.client().cut_text("von hier: ä € 🦀\n"));
    let mut paste = xclip(display, &["-out"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("xclip starts");
    // The server comes back for the text when somebody pastes it.
    peer.until("the text is pasted", |_| paste.try_wait().ok().flatten());
    let pasted = paste.wait_with_output().expect("it has ended").stdout;
    assert_eq!(String::from_utf8_lossy(&pasted), "von hier: ä € 🦀\n");

    let mut copy = xclip(display, &["-in"])
        .stdin(Stdio::piped())
        .spawn()
        .expect("xclip starts");
    let mut input = copy.stdin.take().expect("it was asked for");
    input.write_all("von dort: Ж".as_bytes()).expect("it reads");
    drop(input);
    peer.event("an offer", |event| {
        (*event == Event::ClipboardOffered).then_some(())
    });
    assert!(peer.client().request_clipboard());
    let text = peer.event("the text", |event| match event {
        Event::CutText(text) => Some(text.to_string()),
        _ => None,
    });
    assert_eq!(text, "von dort: Ж");
    copy.wait().expect("xclip goes on by itself");
}

#[test]
fn tigervnc_tells_its_locks() {
    sandbox::run(Tier::VncServer, || {
        with_xvnc(ClientConfig::default(), tells_its_locks);
    });
}

fn tells_its_locks(peer: &mut Peer, _: &str) {
    for caps_lock in [false, true, false] {
        let expected = Leds {
            caps_lock,
            ..Leds::default()
        };
        peer.event("the locks", |event| {
            (*event == Event::Leds(expected)).then_some(())
        });
        let key = key_by_name("CapsLock").expect("there is such a key");
        for pressed in [true, false] {
            peer.client().key(key.keysym, Some(key.scancode), pressed);
        }
    }
}

#[test]
fn tigervnc_arranges_its_screens() {
    sandbox::run(Tier::VncServer, || {
        with_xvnc(ClientConfig::default(), arranges_its_screens);
    });
}

fn arranges_its_screens(peer: &mut Peer, _: &str) {
    peer.event("its screens", |event| {
        (*event == Event::ScreensChanged).then_some(())
    });
    let [first] = *peer.client().screens() else {
        panic!("one screen");
    };
    let screen = |id, x, flags| Screen {
        id,
        area: Rect::new(x, 0, 400, 300),
        flags,
    };
    let wanted = [screen(first.id, 0, first.flags), screen(77, 400, 0)];
    assert!(peer.client().set_desktop_layout(800, 300, &wanted));
    peer.event("the new arrangement", |event| {
        (*event == Event::ScreensChanged).then_some(())
    });
    assert_eq!(peer.client().screens(), wanted);
    assert_eq!(peer.client().framebuffer().width(), 800);
    // As one again.
    assert!(peer.client().set_desktop_size(320, 200));
    peer.event("one screen", |event| {
        (*event == Event::ScreensChanged).then_some(())
    });
    assert_eq!(peer.client().screens().len(), 1);
}

/// The same cursor, with transparency and with a mask.
#[test]
fn tigervnc_sends_cursors_alike() {
    sandbox::run(Tier::VncServer, || {
        let folder = tempfile::tempdir().expect("a folder");
        let socket = folder.path().join("display");
        let (_server, display) = xvnc(&socket);
        let mut rich = Peer::connect(&socket, ClientConfig::default());
        let mut plain = Peer::connect(&socket, ClientConfig::basic());
        let window = Window::open(&display);
        window.shift(0, 0);
        rich.client().pointer(50, 50, 0);
        let cursor = |event: &Event| match event {
            Event::CursorChanged(cursor) => cursor.clone(),
            _ => None,
        };
        let rich = rich.event("a cursor with transparency", cursor);
        // Whoever does not move the pointer gets it painted into the picture.
        plain.client().pointer(51, 51, 0);
        let plain = plain.event("a cursor with a mask", cursor);
        assert_eq!((rich.width, rich.height), (plain.width, plain.height));
        assert_eq!(
            (rich.hotspot_x, rich.hotspot_y),
            (plain.hotspot_x, plain.hotspot_y)
        );
        let mut opaque = 0;
        for (rich, plain) in rich.pixels.iter().zip(&plain.pixels) {
            if rich[3] == 255 {
                assert_eq!(rich, plain);
                opaque += 1;
            } else if rich[3] == 0 {
                assert_eq!(plain[3], 0);
            }
        }
        assert!(opaque > 0);
    });
}

/// A guest that turns the keyboard's Caps Lock light on and lets its speaker sound, and does nothing
/// else.
const GUEST: [u8; 36] = [
    0xfa, // no interrupts
    0xb0, 0xed, 0xe6, 0x60, // to the keyboard: lights follow
    0xe4, 0x64, 0xa8, 0x02, 0x75, 0xfa, // has it taken that?
    0xb0, 0x04, 0xe6, 0x60, // Caps Lock
    0xb0, 0xb6, 0xe6, 0x43, // the speaker's timer: a square wave
    0xb0, 0xa9, 0xe6, 0x42, 0xb0, 0x04, 0xe6, 0x42, // of 1000 Hz
    0xe4, 0x61, 0x0c, 0x03, 0xe6, 0x61, // joined to the speaker
    0xf4, 0xeb, 0xfd, // for ever
];

/// QEMU with that guest.
fn qemu(folder: &Path, socket: &Path) -> Server {
    let image = folder.join("floppy");
    let mut floppy = GUEST.to_vec();
    floppy.resize(1_474_560, 0);
    floppy[510..512].copy_from_slice(&[0x55, 0xaa]);
    std::fs::write(&image, floppy).expect("the folder is ours");
    Server::start(
        Command::new("qemu-system-x86_64")
            .args(["-machine", "pc,pcspk-audiodev=sound", "-accel", "tcg"])
            .args(["-m", "16", "-nodefaults", "-vga", "std", "-display", "none"])
            .args(["-audiodev", "none,id=sound", "-vnc"])
            .arg(format!(
                "unix:{},audiodev=sound,power-control=on",
                socket.display()
            ))
            .arg("-drive")
            .arg(format!("file={},format=raw,if=floppy", image.display())),
    )
}

#[test]
fn qemu_tells_what_its_guest_has() {
    sandbox::run(Tier::Daemon, || {
        let folder = tempfile::tempdir().expect("a folder");
        let socket = folder.path().join("display");
        let _server = qemu(folder.path(), &socket);
        let mut peer = Peer::connect(&socket, ClientConfig::default());
        peer.until("what it can do", |peer| {
            let client = peer.client();
            let all = client.takes_scancodes()
                && client.has_extended_clipboard()
                && client.can_play_audio()
                && client.can_power()
                && client.can_set_desktop_size();
            all.then_some(())
        });
        // It has a PS/2 mouse, and knows nothing of pace.
        assert_eq!(peer.client().pointer_mode(), PointerMode::Relative);
        assert!(!peer.client().can_update_continuously());
        assert!(!peer.client().takes_extended_buttons());

        let caps_lock = |event: &Event, on: bool| match event {
            Event::Leds(leds) => (leds.caps_lock == on).then_some(()),
            _ => None,
        };
        peer.event("the guest's light", |event| caps_lock(event, true));
        assert!(peer.client().start_audio(AudioFormat::default()));
        let sound = peer.event("the guest's speaker", |event| match event {
            Event::Audio(AudioEvent::Data(data)) => Some(data.clone()),
            _ => None,
        });
        assert!(sound.len().is_multiple_of(4));
        assert!(sound.iter().any(|&byte| byte != 0));
        peer.client().stop_audio();

        // The machine is started again: its lights go out, until the guest turns one on again.
        peer.events();
        assert!(peer.client().power(PowerAction::Reset));
        peer.event("a reset", |event| caps_lock(event, false));
        peer.event("the guest again", |event| caps_lock(event, true));
    });
}
