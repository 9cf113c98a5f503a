//! What a guest window does with the screen: texts typed as keys, own combinations, videos.

use integration::accessibility::{Accessibility, Query};
use integration::console::Console;
use integration::daemon::{Libvirtd, virsh};
use integration::display::Display;
use integration::guest::TinyGuest;
use integration::program::{self, Windowed};
use integration::tier::Tier;
use integration::{sandbox, wait};

const SETTINGS: &str = "/run/home/.config/guesthouse/settings.toml";

const VIDEO: &str = "/run/home/video.avi";

fn button(name: &str) -> Query {
    Query::role("push button").named(name)
}

/// A guest's window, opened from the list.
struct Scene {
    tree: Accessibility,
    display: Display,
    _window: Windowed,
}

impl Scene {
    /// Opens the window of the guest called tiny on the host at `uri`, with `layout` as the one that was
    /// last typed for.
    fn open(uri: &str, layout: &str) -> Self {
        let folder = SETTINGS.rsplit_once('/').expect("a path").0;
        std::fs::create_dir_all(folder).expect("the sandbox is ours");
        let settings = format!("[screen]\ntyping_layout = \"{layout}\"\n");
        std::fs::write(SETTINGS, settings).expect("the sandbox is ours");
        let display = Display::start(1280, 900);
        let arguments = ["--connect", uri];
        let window = Windowed::start(&display, program::binary(), &arguments);
        let mut tree = Accessibility::of(&display, "guesthouse");
        let row = Query::role("panel").containing("tiny, running");
        tree.click_twice(&row);
        tree.wait_until_sensitive(&button("Send Keys"));
        Self {
            tree,
            display,
            _window: window,
        }
    }

    fn choose(&mut self, menu: &str, item: &str) {
        // The button holds the one that opens its menu.
        self.tree.press(&button(menu).within(guest_window()).nth(1));
        self.tree.press(&Query::role("menu item").containing(item));
    }

    fn begin_recording(&mut self) {
        self.choose("Main Menu", "Record a Video");
        let chooser = Query::any().named("Record a Video");
        let name = Query::role("text").within(chooser.clone());
        self.tree.set_text(&name, VIDEO);
        self.tree.press(&button("Record").within(chooser));
        self.tree.wait_for(&stop_recording());
    }

    /// Ends the recording, in which something moved.
    fn end_recording(&mut self) {
        self.tree.press(&stop_recording());
        self.tree
            .wait_for(&Query::role("label").containing("The video is in"));
        let jpeg_begins = [0xff, 0xd8, 0xff];
        let video = whole_video();
        let pictures = video.windows(3).filter(|part| *part == jpeg_begins);
        assert!(pictures.count() >= 2, "the typed text is to be seen coming");
    }

    fn add_vnc(&mut self) {
        self.tree
            .press(&button("Add a VNC Display for the Next Start"));
        self.tree
            .wait_for(&Query::role("label").containing("From its next start on"));
    }

    /// Types `text` and waits until all of it has been pressed.
    fn type_text(&mut self, text: &str, picture: &str) {
        self.choose("Send Keys", "Type Text");
        self.tree.set_text(&Query::role("text").named("Text"), text);
        let go = button("Type");
        self.tree.wait_until_sensitive(&go);
        self.tree.press(&go);
        // The button becomes "Close" when the last key has been pressed.
        self.tree.press(&button("Close").within(typing_window()));
        self.display.screenshot(picture);
    }
}

fn stop_recording() -> Query {
    Query::role("push button").containing("Stop Recording")
}

/// The video, once it has been ended: with an index, which comes last.
fn whole_video() -> Vec<u8> {
    wait::until("the video's end", wait::LIMIT, || {
        let video = std::fs::read(VIDEO).ok()?;
        let has_index = video.windows(4).any(|part| part == b"idx1");
        (has_index && video.starts_with(b"RIFF") && &video[8..12] == b"AVI ").then_some(video)
    })
}

fn guest_window() -> Query {
    Query::role("frame").named("tiny")
}

fn typing_window() -> Query {
    Query::any().named("Type Text")
}

/// What a file in the guest holds, once it is there.
fn read(console: &mut Console, file: &str) -> String {
    wait::until("the keys arrive", wait::LIMIT, || {
        let text = console.run(&format!("cat {file} 2>/dev/null"));
        (!text.is_empty()).then_some(text)
    })
}

#[test]
fn a_text_arrives_as_it_was_written_whatever_layout_the_guest_has() {
    sandbox::run(Tier::Interface, || {
        if !Tier::Guests.is_here() {
            return;
        }
        let _daemon = Libvirtd::start();
        let guest = TinyGuest::define("tiny");
        let mut console = guest.boot();

        let mut scene = Scene::open(Libvirtd::URI, "us");
        scene.begin_recording();
        scene.type_text(
            "echo \"T@y~p;e{d}\\\" > /tmp/x\" > /tmp/typed\n",
            "typing-us",
        );
        assert_eq!(read(&mut console, "/tmp/typed"), "T@y~p;e{d}\" > /tmp/x");

        scene.end_recording();

        // The combination of the user's own goes into the menu at once, and into the guest.
        scene.choose("Send Keys", "Own Combinations");
        let entry = Query::role("text").within(Query::any().named("Own Combinations"));
        scene.tree.set_text(&entry, "ctrl+c");
        scene.tree.press(&button("Add"));
        scene.tree.wait_for(&button("Remove Ctrl+C"));
        scene.display.screenshot("own-combinations");
        wait::until_true("it is remembered", wait::LIMIT, || {
            std::fs::read_to_string(SETTINGS).is_ok_and(|text| text.contains("\"Ctrl+C\""))
        });
        drop(scene);

        // A guest whose keyboard has Y and Z in each other's places, as the German one has.
        console.run("dumpkmap >/tmp/k; cp /tmp/k /tmp/german");
        for (from, to) in [(21, 44), (44, 21)] {
            let place = |keycode: usize| 7 + 256 + 2 * keycode;
            console.run(&format!(
                "dd if=/tmp/k of=/tmp/german bs=1 count=2 conv=notrunc skip={} seek={} 2>&1",
                place(from),
                place(to)
            ));
        }
        console
            .run("loadkmap </tmp/german; echo 'echo $1 >/tmp/named' >/bin/zyz; chmod 755 /bin/zyz");
        let mut scene = Scene::open(Libvirtd::URI, "de");
        scene.type_text("zyz zebra\n", "typing-de");
        assert_eq!(read(&mut console, "/tmp/named"), "zebra");
    });
}

/// More keys than may wait for a host.
const LONG: &str = "a long line that is typed key by key, each after the one before it was taken";

#[test]
fn a_text_is_typed_where_there_is_no_vnc_display_and_what_did_not_arrive_is_told() {
    sandbox::run(Tier::Interface, || {
        // libvirt's test driver takes keys and gives stills.
        let node = "<node><domain type='test'><name>tiny</name><memory>8192</memory><vcpu>1</vcpu>\
                    <os><type>hvm</type></os>\
                    <devices><graphics type='spice' port='5999'/></devices></domain></node>";
        std::fs::write("/run/node.xml", node).expect("the sandbox is ours");
        let mut scene = Scene::open("test:///run/node.xml", "us");
        scene.type_text(LONG, "typing-stills");
        // The guest is shut down in the middle of the next one.
        scene.choose("Send Keys", "Type Text");
        let text = Query::role("text").named("Text");
        scene.tree.set_text(&text, LONG);
        scene.tree.wait_until_sensitive(&button("Type"));
        scene.tree.press(&button("Type"));
        scene.tree.wait_for(&button("Stop"));
        scene
            .tree
            .press(&button("Shut Down").within(guest_window()));
        scene
            .tree
            .wait_for(&Query::role("label").containing("Part of the text did not arrive."));
        scene.display.screenshot("typing-broken");
    });
}

/// Puts SPICE in the place of the VNC that the guest called tiny was defined with.
fn give_spice_alone() {
    let file = "/run/tiny.xml";
    let definition = std::fs::read_to_string(file).expect("it was defined by it");
    let vnc = "<graphics type='vnc'";
    assert!(definition.contains(vnc), "{definition}");
    let definition = definition.replace(vnc, "<graphics type='spice'");
    std::fs::write(file, definition).expect("the sandbox is ours");
    virsh(&["undefine", "tiny"]);
    virsh(&["define", file]);
}

/// Takes VNC away from the guest called tiny, which is off, and leaves the rest.
fn take_vnc_away() {
    let definition = virsh(&["dumpxml", "--inactive", "tiny"]);
    let (before, vnc) = definition
        .split_once("<graphics type='vnc'")
        .expect("it was added");
    let (_, after) = vnc.split_once("</graphics>").expect("it ends");
    let file = "/run/tiny.xml";
    std::fs::write(file, format!("{before}{after}")).expect("the sandbox is ours");
    virsh(&["define", file]);
}

#[test]
fn a_guest_with_spice_alone_is_seen_and_typed_to_and_gets_vnc() {
    sandbox::run(Tier::Interface, || {
        if !Tier::Guests.is_here() {
            return;
        }
        let _daemon = Libvirtd::start();
        if !virsh(&["domcapabilities"]).contains("<value>spice</value>") {
            println!("QEMU has no SPICE here");
            return;
        }
        let guest = TinyGuest::define("tiny");
        give_spice_alone();
        let mut console = guest.boot();

        let mut scene = Scene::open(Libvirtd::URI, "us");
        let stills = Query::role("label").containing("This guest has no VNC display");
        scene.tree.wait_for(&stills);
        scene.type_text("echo \"a~b{c}\" > /tmp/typed\n", "typing-spice");
        assert_eq!(read(&mut console, "/tmp/typed"), "a~b{c}");
        // By hand, too.
        scene
            .tree
            .click(&Query::any().named("Still of the guest’s screen"));
        scene.display.type_keys("type --delay 50 id>/tmp/hand");
        scene.display.type_keys("key Return");
        assert!(read(&mut console, "/tmp/hand").starts_with("uid=0"));

        scene.add_vnc();
        virsh(&["destroy", "tiny"]);
        virsh(&["start", "tiny"]);
        let screen = Query::any().containing("Screen of");
        scene.tree.wait_for_description(&screen, "Connected.");

        // A video ends with its screen, and what the menu says holds for the next one.
        scene.begin_recording();
        scene.choose("Main Menu", "View Only");
        virsh(&["destroy", "tiny"]);
        take_vnc_away();
        virsh(&["start", "tiny"]);
        // The notice may be gone before the guest has started.
        scene.tree.wait_until_gone(&stop_recording());
        whole_video();
        scene.tree.wait_for(&stills);
        scene.add_vnc();
        virsh(&["destroy", "tiny"]);
        virsh(&["start", "tiny"]);
        scene
            .tree
            .wait_for_description(&screen, "Connected, for looking only");
        scene.display.screenshot("spice-with-vnc");
    });
}
