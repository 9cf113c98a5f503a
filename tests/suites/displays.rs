//! A guest with two displays: VNC has the first, the second comes as stills into a window of its own.

use std::process::Command;

use integration::accessibility::{Accessibility, Query};
use integration::daemon::{Libvirtd, virsh};
use integration::display::Display;
use integration::guest::{self, TinyGuest};
use integration::program::{self, Windowed};
use integration::tier::Tier;
use integration::{sandbox, wait};

const SETTINGS: &str = "/run/home/.config/guesthouse/settings.toml";

/// A graphics card with two displays, in the place of the one with one.
fn with_two_displays(definition: &str) -> String {
    let one = "<model type='vga'/>";
    assert!(definition.contains(one), "{definition}");
    definition.replace(one, "<model type='virtio' heads='2'/>")
}

fn define(name: &str, definition: &str) {
    let file = format!("/run/{name}.xml");
    std::fs::write(&file, definition).expect("the sandbox is ours");
    virsh(&["define", &file]);
}

/// Takes a picture of a display on the command line: whether it was taken, and what was said.
fn take(guest: &str, display: &str, file: &str) -> (bool, String) {
    let arguments = ["-c", Libvirtd::URI, "screenshot", "--display", display];
    let output = program::run(&[&arguments[..], &[guest, file]].concat());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.success(), said)
}

/// The size of a picture in a file, as `800x600`.
fn size(file: &str) -> String {
    let identify = Command::new("/usr/bin/identify")
        .args(["-format", "%wx%h", file])
        .output()
        .expect("identify starts");
    String::from_utf8_lossy(&identify.stdout).into_owned()
}

fn button(name: &str) -> Query {
    Query::role("push button").named(name)
}

fn window(name: &str) -> Query {
    Query::role("frame").named(name)
}

/// The program, with the windows of its guests.
struct Scene {
    tree: Accessibility,
    display: Display,
    _program: Windowed,
}

impl Scene {
    /// Opens the second display of a guest from its window.
    fn open(guest: &str) -> Self {
        let display = Display::start(1280, 900);
        let arguments = ["--connect", Libvirtd::URI];
        let program = Windowed::start(&display, program::binary(), &arguments);
        let mut tree = Accessibility::of(&display, "guesthouse");
        let row = Query::role("panel").containing(&format!("{guest}, running"));
        tree.click_twice(&row);
        let mut scene = Self {
            tree,
            display,
            _program: program,
        };
        scene.tree.wait_for(&window(guest));
        scene.choose(guest, "Main Menu", "Display 2");
        scene.tree.wait_for(&window(&format!("{guest}: display 2")));
        scene
    }

    /// Chooses from a menu in the header of a window.
    fn choose(&mut self, of: &str, menu: &str, item: &str) {
        // The button holds the one that opens its menu.
        let menu = button(menu).within(window(of)).nth(1);
        self.tree.wait_until_sensitive(&menu);
        self.tree.press(&menu);
        let item = Query::role("menu item").containing(item);
        self.tree.press(&item.within(window(of)));
    }
}

#[test]
fn a_display_that_the_guest_has_not_switched_on_is_told_as_such() {
    sandbox::run(Tier::Interface, || {
        if !Tier::Guests.is_here() {
            return;
        }
        let _daemon = Libvirtd::start();
        // Its firmware knows of the first one only.
        define("dark", &with_two_displays(&guest::small("dark")));
        virsh(&["start", "dark"]);

        let (taken, said) = take("dark", "2", "/run/dark.png");
        assert!(
            taken && said.contains("has not switched display 2 on"),
            "{said}"
        );
        let (taken, said) = take("dark", "3", "/run/none.png");
        assert!(
            !taken && said.contains("“dark” has 2 displays only."),
            "{said}"
        );

        let mut scene = Scene::open("dark");
        let not_in_use = Query::role("label").named("Display 2 is not in use");
        scene.tree.wait_for(&not_in_use);
        scene.display.screenshot("display-dark");
        // The same window comes to the front when it is asked for again.
        scene.choose("dark", "Main Menu", "Display 2");
        let second = window("dark: display 2");
        assert_eq!(scene.tree.count(&second), 1);
        // Closed, it comes anew.
        scene.choose("dark: display 2", "Main Menu", "Close");
        scene.tree.wait_until_gone(&second);
        scene.choose("dark", "Main Menu", "Display 2");
        scene.tree.wait_for(&not_in_use);

        // What is said of the guest is said there as well, and done from there.
        virsh(&["suspend", "dark"]);
        let resume = button("Resume").within(second.clone());
        scene.tree.press(&resume);
        scene.tree.wait_until_gone(&resume);
        wait::until_true("it runs again", wait::LIMIT, || {
            virsh(&["domstate", "dark"]) == "running"
        });
        scene.tree.wait_for(&not_in_use);

        // It closes with the guest's own window, and its size is remembered.
        scene
            .display
            .type_keys("search --name display windowsize --sync 700 500");
        scene.choose("dark", "Main Menu", "Close");
        scene.tree.wait_until_gone(&second);
        wait::until_true("its size is remembered", wait::LIMIT, || {
            std::fs::read_to_string(SETTINGS)
                .is_ok_and(|text| text.contains("[screen.display_window]") && text.contains("700"))
        });
    });
}

#[test]
fn the_second_display_is_shown_and_takes_keys() {
    sandbox::run(Tier::Interface, || {
        if !Tier::Guests.is_here() {
            return;
        }
        let _daemon = Libvirtd::start();
        let guest = TinyGuest::define("tiny");
        let defined = std::fs::read_to_string("/run/tiny.xml").expect("it was defined from it");
        // Without a program that shows it, nothing is plugged into the second output; the guest is told
        // to use it all the same.
        let used = with_two_displays(&defined).replace(
            "quiet</cmdline>",
            "quiet video=Virtual-2:800x600e</cmdline>",
        );
        virsh(&["undefine", "tiny"]);
        define("tiny", &used);
        let mut console = guest.boot();

        let (taken, said) = take("tiny", "2", "/run/second.png");
        assert!(taken && said.is_empty(), "{said}");
        assert_eq!(size("/run/second.png"), "800x600");
        assert!(
            Display::colours("/run/second.png".as_ref()) > 1,
            "it shows something"
        );

        let mut scene = Scene::open("tiny");
        let second = "tiny: display 2";
        scene.choose(second, "Send Keys", "Type Text");
        let text = Query::role("text").named("Text");
        scene.tree.set_text(&text, "echo two > /tmp/typed\n");
        scene.tree.wait_until_sensitive(&button("Type"));
        scene.tree.press(&button("Type"));
        let arrived = wait::until("the keys arrive", wait::LIMIT, || {
            let text = console.run("cat /tmp/typed 2>/dev/null");
            (!text.is_empty()).then_some(text)
        });
        assert_eq!(arrived, "two");
        scene
            .tree
            .press(&button("Close").within(Query::any().named("Type Text")));
        scene.tree.wait_until_gone(&Query::any().named("Type Text"));
        // And those of the keyboard, where the pointer is: there is no window manager.
        scene
            .display
            .type_keys("key --delay 100 m k d i r space slash k e y s Return");
        wait::until_true("the keyboard's keys arrive", wait::LIMIT, || {
            console.run("ls -d /keys 2>/dev/null") == "/keys"
        });
        scene.display.screenshot("display-second");
    });
}
