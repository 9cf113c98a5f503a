//! The main job, end to end, as a user does it: from an empty list through the wizard to a guest
//! on the screen, its memory, and back to an empty list.

use std::process::Command;

use integration::accessibility::{Accessibility, Query};
use integration::console::Console;
use integration::daemon::{Libvirtd, virsh};
use integration::debian_tree::DebianTree;
use integration::display::Display;
use integration::guest::BOOT;
use integration::install::Belongings;
use integration::program::{self, Windowed};
use integration::tier::Tier;
use integration::tree_server::TreeServer;
use integration::wait::LIMIT;
use integration::{sandbox, wait};

const DISK: &str = "/var/lib/libvirt/images/journey.qcow2";

/// What the wizard is told, and what the slider makes of it.
const MEMORY_MIB: u64 = 1024;
const LESS_MIB: u64 = 768;

fn button(name: &str) -> Query {
    Query::role("push button").named(name)
}

/// The part of a menu button that opens its menu: the button holds one of the same name.
fn menu_button(name: &str) -> Query {
    button(name).nth(1)
}

/// A row of the list whose guest is in that state.
fn row(state: &str) -> Query {
    Query::role("panel").containing(&format!("journey, Debian 12, {state}"))
}

/// Gives the wizard the five answers and lets it create the guest.
fn fill_in_wizard(display: &Display, tree: &mut Accessibility, url: &str) {
    let page = |name: &str| Query::role("list item").named(name);
    let text = |name: &str| Query::role("text").named(name);
    let number = |name: &str| Query::role("spin button").named(name);
    let next = button("Next");

    tree.set_text(&text("Install URL"), url);
    // What the address leads to, in words.
    tree.wait_for(&Query::role("label").containing("Debian 12 (tiny)"));
    display.screenshot("journey-wizard-1-source");
    tree.press(&next);
    tree.set_text(&text("Name"), "journey");
    tree.wait_for(&page("Name and system, done"));
    display.screenshot("journey-wizard-2-system");
    tree.press(&next);
    tree.set_text(&number("Memory"), &MEMORY_MIB.to_string());
    display.screenshot("journey-wizard-3-memory");
    tree.press(&next);
    tree.set_text(&text("Disk path"), DISK);
    tree.set_text(&number("Disk size"), "2");
    tree.wait_for(&page("Disk, done"));
    display.screenshot("journey-wizard-4-disk");
    tree.press(&next);
    for fact in [
        "named journey",
        "with 1 GiB of memory",
        "disk of 2 GiB",
        DISK,
    ] {
        tree.wait_for(&Query::role("label").containing(fact));
    }
    display.screenshot("journey-wizard-5-review");
    tree.press(&button("Create"));
}

/// Drags the slider and waits until the balloon, and the guest in it, have followed.
fn give_less_memory(display: &Display, tree: &mut Accessibility, console: &mut Console) {
    let slider = Query::role("slider").named("Memory of the guest, in MiB");
    tree.press(&menu_button("Memory"));
    let full = console.total_memory_mib();
    tree.set_value(&slider, LESS_MIB as f64);
    wait::until_true("the balloon follows the slider", LIMIT, || {
        let actual = (LESS_MIB * 1024).to_string();
        virsh(&["dommemstat", "journey"]).contains(&format!("actual {actual}"))
    });
    let less = console.total_memory_mib();
    assert!(less + 200 < full, "{less} MiB of {full}");
    display.screenshot("journey-memory");
    tree.press(&menu_button("Memory"));
}

#[test]
fn a_guest_is_created_given_less_memory_and_deleted() {
    sandbox::run(Tier::Interface, || {
        if !Tier::Guests.is_here() {
            return;
        }
        let _daemon = Libvirtd::start();
        let files = DebianTree::lay_out();
        let server = TreeServer::serve(files.folder());
        let before = Belongings::now(&[]);
        let display = Display::start(1280, 800);
        let arguments = ["--connect", Libvirtd::URI];
        let mut program = Windowed::start(&display, program::binary(), &arguments);
        let mut tree = Accessibility::of(&display, "guesthouse");

        // A host without guests.
        let empty = Query::role("panel").containing("no guests");
        tree.wait_for(&empty);
        display.screenshot("journey-empty-list");
        tree.press(&button("Create a Virtual Machine"));
        fill_in_wizard(&display, &mut tree, &server.url(DebianTree::path()));

        // Its window comes by itself, with what the guest draws.
        let window = Query::role("frame").named("journey");
        tree.wait_for(&window);
        display.screenshot("journey-creation");
        wait::until_true("the guest runs", LIMIT, || {
            virsh(&["list", "--name"]) == "journey"
        });
        let mut console = Console::on_terminal(&virsh(&["ttyconsole", "journey"]));
        // What it said before this was opened has perhaps passed.
        console.type_line("");
        console.expect("guest#", BOOT);
        wait::until_true("the guest's text in its window", LIMIT, || {
            let picture = display.screenshot("journey-screen");
            lit_text(&picture)
        });
        wait::until_true("the balloon is where the wizard said", BOOT, || {
            let actual = format!("actual {}", MEMORY_MIB * 1024);
            virsh(&["dommemstat", "journey"]).contains(&actual)
        });
        give_less_memory(&display, &mut tree, &mut console);

        // The plug is pulled only once that is confirmed.
        tree.press(&menu_button("More Ways to Stop"));
        display.screenshot("journey-stop-menu");
        tree.press(&Query::role("menu item").containing("Force Off"));
        tree.wait_for(&Query::any().named("Force off “journey”?"));
        display.screenshot("journey-force-off");
        assert_eq!(virsh(&["domstate", "journey"]), "running");
        tree.press(&button("Force Off"));
        wait::until_true("the guest is off", LIMIT, || {
            virsh(&["domstate", "journey"]) == "shut off"
        });

        tree.press(&button("Show All Guests"));
        tree.wait_for(&row("off"));
        // Without a window manager nothing raises the list over the guest's window.
        tree.press(&button("Close").within(window.clone()));
        tree.wait_until_gone(&window);
        tree.click(&row("off"));
        tree.press(&menu_button("More Actions"));
        display.screenshot("journey-list-menu");
        tree.press(&Query::role("menu item").containing("Delete"));
        let tick = Query::role("check box").named(&format!("Delete {DISK}"));
        tree.wait_for(&tick);
        assert!(!tree.is_checked(&tick), "nothing is ticked beforehand");
        // GTK 4.8 gives a check box no action to press it by.
        tree.click(&tick);
        wait::until_true("it is ticked", LIMIT, || tree.is_checked(&tick));
        display.screenshot("journey-delete");
        tree.press(&button("Delete"));
        tree.wait_for(&empty);
        display.screenshot("journey-empty-again");
        wait::until_true("nothing is left but the network", LIMIT, || {
            Belongings::now(&[]).same_on_host(&before)
        });
        assert!(program.is_running());
    });
}

/// Whether the guest's screen, in the middle of the picture, is dark with text on it.
fn lit_text(picture: &std::path::Path) -> bool {
    let output = Command::new("/usr/bin/convert")
        .arg(picture)
        .args(["-crop", "600x300+200+300", "-colorspace", "Gray"])
        .args(["-threshold", "40%", "-format", "%[fx:mean]", "info:"])
        .output()
        .expect("convert starts");
    let text = String::from_utf8_lossy(&output.stdout);
    let lit: f64 = text.trim().parse().expect("convert tells a number");
    (0.005..0.5).contains(&lit)
}
