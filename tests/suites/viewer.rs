//! What a viewer's window does with a server: quality, colours, and the power of its machine.

use std::process::Command;

use integration::accessibility::{Accessibility, Query};
use integration::display::Display;
use integration::peer::{Peer, Server};
use integration::program::{self, Windowed};
use integration::sandbox;
use integration::scripted::{Heard, ScriptedServer};
use integration::tier::Tier;
use integration::wait::{self, LIMIT};
use integration::xvnc::Xvnc;
use rfb::{ClientConfig, Rect, Screen};

const SETTINGS: &str = "/run/home/.config/guesthouse/settings.toml";

/// Numbers of the pseudo-encoding that asks for JPEG quality 0, and the one after that for 9.
const QUALITY_0: i32 = -32;
const AFTER_QUALITY_9: i32 = -22;

/// The acts of xvp.
const SHUT_DOWN: u8 = 2;
const RESTART: u8 = 3;
const RESET: u8 = 4;

fn button(name: &str) -> Query {
    Query::role("push button").named(name)
}

fn label(part: &str) -> Query {
    Query::role("label").containing(part)
}

/// A viewer's window on a server at a port of this computer.
struct Scene {
    tree: Accessibility,
    display: Display,
    window: Windowed,
}

impl Scene {
    fn open(port: u16) -> Self {
        let display = Display::start(1280, 900);
        let address = format!("127.0.0.1::{port}");
        let window = Windowed::start(&display, program::binary(), &["view", &address]);
        let mut tree = Accessibility::of(&display, "guesthouse");
        tree.wait_until_sensitive(&Query::any().named("Send Keys"));
        Self {
            tree,
            display,
            window,
        }
    }

    /// Presses an item of the main menu.
    fn press_item(&mut self, item: &str) {
        // The button holds the one that opens its menu.
        self.tree.press(&button("Main Menu").nth(1));
        self.tree.press(&Query::any().containing(item));
    }

    /// Chooses from the main menu, by way of a submenu.
    fn choose(&mut self, submenu: &str, item: &str, picture: Option<&str>) {
        // The button holds the one that opens its menu.
        self.tree.press(&button("Main Menu").nth(1));
        self.tree
            .press(&Query::role("menu item").containing(submenu));
        let item = Query::any().named(item).within(Query::role("menu"));
        self.tree.wait_for(&item);
        if let Some(picture) = picture {
            self.display.screenshot(picture);
        }
        self.tree.press(&item);
    }
}

impl Scene {
    /// Waits until the window shows something red, something blue, both or neither.
    fn wait_for_colours(&self, picture: &str, red: bool, blue: bool) {
        wait::until_true(&format!("red {red}, blue {blue}"), LIMIT, || {
            let file = self.display.screenshot(picture);
            let pixels = Command::new("/usr/bin/convert")
                .arg(file)
                .args(["-depth", "8", "rgb:-"])
                .output()
                .expect("convert starts");
            let shows = |colour: [u8; 3]| pixels.stdout.chunks(3).any(|pixel| pixel == colour);
            shows([255, 0, 0]) == red && shows([0, 0, 255]) == blue
        });
    }
}

/// Shows a coloured window, and its border, on a server for as long as it lives.
fn fill(server: &Xvnc, colour: &str, place: &str) -> Server {
    // By its path, for other programs have the same name.
    let mut command = Command::new("/usr/bin/display");
    command
        .args(["-size", place.split('+').next().unwrap_or(place)])
        .args(["-geometry", place])
        .arg(format!("xc:{colour}"));
    Server::start(command.env("DISPLAY", server.display()))
}

/// Whether it is a list of encodings that asks for this JPEG quality, or for none.
fn asks_for(heard: &Heard, wanted: Option<i32>) -> bool {
    let Heard::Encodings(numbers) = heard else {
        return false;
    };
    let mut numbers = numbers.iter();
    let number = numbers.find(|number| (QUALITY_0..AFTER_QUALITY_9).contains(*number));
    number.map(|number| number - QUALITY_0) == wanted
}

#[test]
fn quality_follows_the_connection_or_what_was_chosen() {
    sandbox::run(Tier::Interface, || {
        let server = ScriptedServer::start(RESTART);
        let mut scene = Scene::open(server.port());
        let asks = |wanted: Option<i32>| {
            wait::until_true(&format!("it asks for {wanted:?}"), LIMIT, || {
                server.take(|heard| asks_for(heard, wanted)).is_some()
            });
        };
        asks(None);
        // Pictures wait for a slow connection: step by step down.
        server.set_rate(500_000);
        for level in [8, 6, 4] {
            asks(Some(level));
        }
        scene.press_item("Connection Figures");
        scene.tree.wait_for(&label("JPEG quality 4 of 9"));
        scene.display.screenshot("viewer-figures");
        // Up again as soon as nothing is waited for.
        server.set_rate(0);
        for level in [Some(6), Some(8), None] {
            asks(level);
        }

        // What is chosen by hand holds, is remembered, and holds for the next window.
        scene.choose("Quality", "Fast, for Slow Lines", Some("viewer-quality"));
        asks(Some(3));
        wait::until_true("it is remembered", LIMIT, || {
            std::fs::read_to_string(SETTINGS).is_ok_and(|text| text.contains("\"fast\""))
        });
        drop(scene);
        server.heard();
        let _scene = Scene::open(server.port());
        asks(Some(3));
    });
}

#[test]
fn fewer_colours_come_by_another_connection_under_the_picture() {
    sandbox::run(Tier::Interface, || {
        let server = ScriptedServer::start(RESTART);
        let mut scene = Scene::open(server.port());
        let heard = |wanted: &Heard| {
            wait::until_true(&format!("{wanted:?}"), LIMIT, || {
                server.take(|heard| heard == wanted).is_some()
            });
        };
        heard(&Heard::Session);
        heard(&Heard::Bits(32));
        for (item, bits) in [("Low (8 Bit)", 8), ("Medium (16 Bit)", 16), ("Full", 32)] {
            scene.choose("Colours", item, (bits == 8).then_some("viewer-colours"));
            heard(&Heard::Session);
            heard(&Heard::Bits(bits));
            scene
                .tree
                .wait_until_sensitive(&Query::any().named("Send Keys"));
        }
    });
}

#[test]
fn a_machine_is_turned_off_and_on_where_its_server_can() {
    sandbox::run(Tier::Interface, || {
        let server = ScriptedServer::start(RESTART);
        let mut scene = Scene::open(server.port());
        let asked = |act| {
            wait::until_true(&format!("act {act}"), LIMIT, || {
                server.take(|heard| *heard == Heard::Power(act)).is_some()
            });
        };
        scene.choose("Machine", "Shut Down", Some("viewer-power"));
        asked(SHUT_DOWN);
        scene.tree.wait_for(&label("was asked to shut down."));
        scene.choose("Machine", "Restart", None);
        asked(RESTART);
        scene.tree.wait_for(&label("The server could not restart"));
        scene.display.screenshot("viewer-power-failed");
        // A reset loses something.
        scene.choose("Machine", "Reset…", None);
        scene.tree.wait_for(&label("is lost"));
        scene.display.screenshot("viewer-reset");
        scene.tree.press(&button("Cancel"));
        scene.choose("Machine", "Reset…", None);
        scene.tree.press(&button("Reset"));
        asked(RESET);
        let power = |heard: &Heard| matches!(heard, Heard::Power(_));
        assert_eq!(server.take(power), None, "nothing unasked");
    });
}

#[test]
fn one_of_several_screens_is_shown_alone() {
    sandbox::run(Tier::VncServer, || {
        if !Tier::Interface.is_here() {
            return;
        }
        let server = Xvnc::start(7, "None", None);
        let mut scene = Scene::open(server.port());
        // One screen is nothing to choose from.
        scene.tree.press(&button("Main Menu").nth(1));
        let figures = Query::any().containing("Connection Figures");
        scene.tree.wait_for(&figures);
        let screens = Query::role("menu item").containing("Screens");
        assert_eq!(scene.tree.count(&screens), 0);
        scene.tree.press(&figures);

        let mut peer = Peer::connect(&server.socket(), ClientConfig::default());
        let [first] = peer.until("its screen", |peer| {
            <[Screen; 1]>::try_from(peer.client().screens()).ok()
        });
        let two = [
            Screen {
                area: Rect::new(0, 0, 640, 480),
                ..first
            },
            Screen {
                id: first.id + 1,
                area: Rect::new(640, 0, 300, 400),
                flags: 0,
            },
        ];
        assert!(peer.client().set_desktop_layout(940, 480, &two));
        peer.until("the new arrangement", |peer| {
            (peer.client().screens() == two).then_some(())
        });
        drop(peer);

        let _blue = fill(&server, "blue", "400x300+20+20");
        let _red = fill(&server, "red", "200x300+680+20");
        scene.wait_for_colours("viewer-screens-all", true, true);
        scene.choose("Screens", "2 · 300 × 400", Some("viewer-screens"));
        scene.wait_for_colours("viewer-screens-2", true, false);
        scene.choose("Screens", "1 · 640 × 480", None);
        scene.wait_for_colours("viewer-screens-1", false, true);
        scene.choose("Screens", "All", None);
        scene.wait_for_colours("viewer-screens-all", true, true);

        // Each in a window: the new one lies over this one, is for looking only as this one is, and closes
        // with it.
        scene.press_item("View Only");
        scene.choose("Screens", "Each in a Window of Its Own", None);
        scene.tree.wait_for(&label("screen 1 of 2"));
        scene.tree.wait_for(&label("screen 2 of 2"));
        for screen in 0..2 {
            let screen = Query::role("image").containing("Screen of").nth(screen);
            scene
                .tree
                .wait_for_description(&screen, "Connected, for looking only");
        }
        scene.wait_for_colours("viewer-screens-apart", true, false);
        scene
            .tree
            .press(&button("Close").within(Query::role("frame")));
        wait::until_true("all are closed", LIMIT, || !scene.window.is_running());
    });
}

#[test]
fn qemus_machine_is_reset() {
    sandbox::run(Tier::Daemon, || {
        if !Tier::Interface.is_here() {
            return;
        }
        // Reset, it ends.
        let mut qemu = Server::start(
            Command::new("qemu-system-x86_64")
                .args(["-machine", "pc", "-accel", "tcg", "-m", "16", "-nodefaults"])
                .args(["-vga", "std", "-display", "none", "-no-reboot"])
                .args(["-vnc", "127.0.0.1:3,power-control=on"]),
        );
        wait::until_true("it listens", LIMIT, || {
            std::net::TcpStream::connect(("127.0.0.1", 5903)).is_ok()
        });
        let mut scene = Scene::open(5903);
        assert!(!qemu.has_ended());
        scene.choose("Machine", "Reset…", None);
        scene.tree.press(&button("Reset"));
        wait::until_true("it is reset", LIMIT, || qemu.has_ended());
    });
}
