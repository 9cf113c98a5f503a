//! Saving into a file, restoring from it and setting processors, through the windows and with a real
//! guest.

use std::path::Path;

use integration::accessibility::{Accessibility, Query};
use integration::daemon::{Libvirtd, virsh};
use integration::display::Display;
use integration::guest::TinyGuest;
use integration::held::Held;
use integration::program::{self, Windowed};
use integration::tier::Tier;
use integration::wait::LIMIT;
use integration::{sandbox, wait};

const FILE: &str = "/run/home/tiny.save";

fn row(state: &str) -> Query {
    Query::role("panel").containing(&format!("tiny, {state}"))
}

fn button(name: &str) -> Query {
    Query::role("push button").named(name)
}

/// The part of a menu button that opens its menu: the button holds one of the same name.
fn menu_button(name: &str) -> Query {
    button(name).nth(1)
}

fn choose(tree: &mut Accessibility, menu: &str, item: &str) {
    tree.press(&menu_button(menu));
    tree.press(&Query::role("menu item").containing(item));
}

fn file_entry() -> Query {
    Query::role("text").named("File")
}

fn label(part: &str) -> Query {
    Query::any().containing(part)
}

#[test]
fn a_guest_is_saved_and_restored_in_the_windows() {
    sandbox::run(Tier::Interface, || {
        if !Tier::Guests.is_here() {
            return;
        }
        let _daemon = Libvirtd::start();
        let guest = TinyGuest::define("tiny");
        let mut console = guest.boot();
        console.run("echo here > /dev/mark");
        let display = Display::start(1024, 768);
        let arguments = ["--connect", Libvirtd::URI];
        let mut program = Windowed::start(&display, program::binary(), &arguments);
        let mut tree = Accessibility::of(&display, "guesthouse");

        // From its window: how far it is, and the way back.
        tree.click(&row("running"));
        choose(&mut tree, "More Actions", "Open");
        let window = Query::role("frame").named("tiny");
        tree.wait_for(&window);
        tree.press(&menu_button("Memory"));
        let processors = Query::role("spin button").named("Processors");
        tree.set_value(&processors, 2.0);
        wait::until_true("the guest uses both", LIMIT, || {
            console.run("cat /sys/devices/system/cpu/online") == "0-1"
        });
        drop(console);
        // How many depends on the host.
        let more = Query::role("push button").containing("From Its Next Start On");
        tree.wait_for(&more);
        display.screenshot("processors");
        tree.press(&more);
        tree.wait_for(&label("from its next start on."));
        let most = virsh(&["vcpucount", "tiny", "--config", "--maximum"]);
        assert!(["3", "4"].contains(&most.as_str()), "{most}");
        tree.press(&menu_button("Memory"));

        choose(&mut tree, "More Ways to Stop", "Save to File");
        tree.wait_for(&file_entry());
        display.screenshot("save-to-file");
        tree.set_text(&file_entry(), FILE);
        tree.press(&button("Save"));
        let writer = Held::catch("libvirt_iohelper");
        let cancel = button("Cancel").within(window.clone());
        tree.wait_for(&cancel);
        tree.wait_for(&label(" of "));
        display.screenshot("saving-to-file");
        tree.press(&cancel);
        tree.wait_for(&label("Letting the guest go on"));
        drop(writer);
        tree.wait_until_gone(&label("Letting the guest go on"));
        assert!(!Path::new(FILE).exists());
        assert_eq!(guest.state(), "running");

        // From the list, to the end.
        // Without a window manager nothing raises the list over the guest's window.
        tree.press(&button("Close").within(window.clone()));
        tree.wait_until_gone(&window);
        tree.click(&row("running"));
        choose(&mut tree, "More Actions", "Save to File");
        tree.set_text(&file_entry(), FILE);
        tree.press(&button("Save"));
        tree.wait_for(&row("off"));
        assert!(Path::new(FILE).exists());
        display.screenshot("saved-to-file");

        // And back, with a change of mind in the middle.
        let restore = |tree: &mut Accessibility| {
            choose(tree, "Menu", "Restore from a File");
            tree.set_text(&file_entry(), FILE);
            tree.press(&button("Continue"));
            tree.wait_for(&label("Restore “tiny”?"));
        };
        restore(&mut tree);
        display.screenshot("restore-question");
        tree.press(&button("Restore"));
        let reader = Held::catch("-incoming");
        tree.wait_for(&label("s so far"));
        display.screenshot("restoring");
        tree.wait_for(&row("starting"));
        tree.press(&button("Cancel"));
        tree.wait_for(&row("off"));
        drop(reader);
        restore(&mut tree);
        tree.press(&button("Restore"));
        tree.wait_for(&row("running"));
        tree.wait_for(&label("The file is kept."));
        let mut console = guest.console();
        assert_eq!(console.run("cat /dev/mark"), "here");

        // A disk that moved on is warned of.
        console.run("echo x | dd of=/dev/vda conv=fsync 2>/dev/null");
        drop(console);
        virsh(&["destroy", "tiny"]);
        tree.wait_for(&row("off"));
        restore(&mut tree);
        tree.wait_for(&button("Restore All the Same"));
        display.screenshot("restore-warning");
        tree.press(&button("Cancel"));

        // One that the host saved: for how long its memory is read is said.
        virsh(&["start", "tiny"]);
        drop(guest.wait_until_ready());
        virsh(&["managedsave", "tiny"]);
        tree.click(&row("saved"));
        choose(&mut tree, "More Actions", "Open");
        let start = button("Start").within(window.clone());
        tree.press(&start);
        let reader = Held::catch("-incoming");
        tree.wait_for(&label("Restoring the guest’s memory"));
        tree.wait_for(&label("s so far"));
        display.screenshot("restoring-saved");
        drop(reader);
        tree.wait_until_gone(&label("Restoring the guest’s memory"));
        tree.wait_for(&row("running"));
        assert!(program.is_running());
    });
}
