//! What a user does with the dialog, and what it says to that.

use adw::prelude::*;
use wizard::Unlogged;
use wizard::dialog::CreateInput;
use wizard::draft::{Draft, Edit};

use crate::screen::{Screen, find};
use crate::server::TreeServer;

/// All of them.
pub(crate) const ALL: &[(&str, fn())] = &[
    ("a_tree_fills_the_answers_in", a_tree_fills_the_answers_in),
    ("a_taken_name_is_said_at_once", a_taken_name_is_said_at_once),
    (
        "nothing_there_is_said_and_mended",
        nothing_there_is_said_and_mended,
    ),
    (
        "an_answer_to_an_older_url_is_dropped",
        an_answer_to_an_older_url_is_dropped,
    ),
    (
        "what_was_typed_outlives_the_next_system",
        what_was_typed_outlives_the_next_system,
    ),
    (
        "pages_turn_and_keep_what_they_hold",
        pages_turn_and_keep_what_they_hold,
    ),
    (
        "enter_goes_on_once_the_url_is_good",
        enter_goes_on_once_the_url_is_good,
    ),
    (
        "the_review_leads_back_to_what_is_missing",
        the_review_leads_back_to_what_is_missing,
    ),
    (
        "closing_asks_only_when_something_is_lost",
        closing_asks_only_when_something_is_lost,
    ),
    (
        "a_recent_url_is_taken_with_one_click",
        a_recent_url_is_taken_with_one_click,
    ),
    (
        "a_failed_attempt_is_come_back_to",
        a_failed_attempt_is_come_back_to,
    ),
    (
        "logged_messages_hold_no_secrets",
        logged_messages_hold_no_secrets,
    ),
    (
        "a_host_that_cannot_install_says_so",
        a_host_that_cannot_install_says_so,
    ),
];

const FOUND: &str = "Debian 12 (bookworm), i386";

fn a_tree_fills_the_answers_in() {
    let server = TreeServer::start();
    let screen = Screen::open(&[]);
    // Otherwise the answer may come before there was time to look at the screen.
    let held = server.hold();
    screen
        .entry("Install URL")
        .set_text(&server.url("/debian/"));
    screen.wait_for("Looking at what is there…");
    drop(held);
    screen.wait_for(FOUND);
    screen.wait("a name is proposed", |screen| {
        screen.entry("Name").text() == "debian-12"
    });
    screen.wait("a place is proposed", |screen| {
        screen
            .entry("Disk path")
            .text()
            .ends_with("debian-12.qcow2")
    });
}

fn a_taken_name_is_said_at_once() {
    let screen = Screen::open(&[]);
    screen.send(CreateInput::Next);
    let name = screen.entry("Name");
    // The test driver's own guest.
    name.set_text("test");
    screen.wait_for("A guest named test is on");
    screen.wait_for("test-2 is free.");
    name.set_text("te st");
    screen.wait_for("A name cannot hold spaces");
    name.set_text("test2");
    screen.wait("all is well", |screen| {
        !screen.says("A name cannot") && !screen.says("A guest named")
    });
}

fn nothing_there_is_said_and_mended() {
    let server = TreeServer::start();
    let screen = Screen::open(&[]);
    let url = screen.entry("Install URL");
    url.set_text(&server.url("/nothing/"));
    screen.wait("an error with a remedy", |_| url.has_css_class("error"));
    assert!(!screen.button("Create").is_sensitive());
    url.set_text(&server.url("/debian/"));
    screen.wait_for(FOUND);
    assert!(!url.has_css_class("error"));
    url.set_text("");
    screen.wait("nothing is said of nothing", |screen| {
        !screen.says(FOUND) && !url.has_css_class("error")
    });
}

fn an_answer_to_an_older_url_is_dropped() {
    let server = TreeServer::start();
    let screen = Screen::open(&[]);
    let url = screen.entry("Install URL");
    url.set_text(&server.url("/slow/debian/"));
    url.emit_by_name::<()>("entry-activated", &[]);
    screen.wait_for("Looking at what is there…");
    url.set_text(&server.url("/debian/"));
    screen.wait_for(FOUND);
    assert_eq!(screen.page(), "From", "the older Enter is forgotten");
}

fn what_was_typed_outlives_the_next_system() {
    let server = TreeServer::start();
    let screen = Screen::open(&[]);
    let url = screen.entry("Install URL");
    url.set_text(&server.url("/debian/"));
    screen.wait_for(FOUND);
    screen.entry("Name").set_text("mine");
    url.set_text(&server.url("/older/"));
    screen.wait_for("Debian 11 (bullseye)");
    assert_eq!(screen.entry("Name").text(), "mine");
    screen.wait("the disk is named after it", |screen| {
        screen.entry("Disk path").text().ends_with("mine.qcow2")
    });
}

fn pages_turn_and_keep_what_they_hold() {
    let screen = Screen::open(&[]);
    assert_eq!(screen.page(), "From");
    assert!(!screen.button("Back").is_sensitive());
    for page in ["Name and system", "Memory and processors", "Disk", "Review"] {
        screen.button("Next").emit_clicked();
        screen.wait(page, |screen| screen.page() == page);
        if page == "Disk" {
            screen.entry("Disk path").set_text("/vm/typed.qcow2");
        }
    }
    assert!(!screen.button("Next").get_visible(), "Review is the last");
    screen.button("Back").emit_clicked();
    screen.wait("back", |screen| screen.page() == "Disk");
    assert_eq!(screen.entry("Disk path").text(), "/vm/typed.qcow2");
}

fn enter_goes_on_once_the_url_is_good() {
    let server = TreeServer::start();
    let screen = Screen::open(&[]);
    let url = screen.entry("Install URL");
    url.set_text(&server.url("/debian/"));
    url.emit_by_name::<()>("entry-activated", &[]);
    screen.wait("the next page", |screen| screen.page() == "Name and system");
    screen.wait_for("Debian 12 (bookworm)");
}

fn the_review_leads_back_to_what_is_missing() {
    let screen = Screen::open(&[]);
    screen.send(CreateInput::Go(wizard::draft::Step::Review));
    screen.wait_for("Say where to install from.");
    screen.wait_for("What is still needed");
    let row = find(screen.window(), |row: &adw::ActionRow| {
        row.title() == "Say where to install from."
    })
    .expect("it was just read");
    WidgetExt::activate(&row);
    screen.wait("the first page", |screen| screen.page() == "From");
}

fn closing_asks_only_when_something_is_lost() {
    let screen = Screen::open(&[]);
    screen.window().close();
    screen.wait("it closes without a word", Screen::is_closed);

    let screen = Screen::open(&[]);
    screen.entry("Name").set_text("precious");
    screen.wait("the name has arrived", |screen| {
        screen.entry("Disk path").text().contains("precious")
    });
    screen.window().close();
    screen.wait("it asks", |screen| question(screen).is_some());
    press(&question(&screen).expect("it asked"), "_Go On Editing");
    screen.wait("it stays", |screen| question(screen).is_none());
    assert!(!screen.is_closed());
    assert_eq!(screen.entry("Name").text(), "precious");

    screen.window().close();
    screen.wait("it asks again", |screen| question(screen).is_some());
    let question = question(&screen).expect("it asked");
    assert!(
        question.body().contains("precious"),
        "it says what is lost: {:?}",
        question.body()
    );
    press(&question, "_Discard");
    screen.wait("it closes", Screen::is_closed);
}

fn question(screen: &Screen) -> Option<adw::MessageDialog> {
    gtk::Window::list_toplevels()
        .into_iter()
        .filter_map(|window| window.downcast::<adw::MessageDialog>().ok())
        .find(|dialog| {
            dialog.is_visible()
                && dialog.transient_for().as_ref()
                    == Some(screen.window().upcast_ref::<gtk::Window>())
        })
}

fn press(dialog: &adw::MessageDialog, label: &str) {
    find(dialog, |button: &gtk::Button| {
        button.label().as_deref() == Some(label)
    })
    .expect("the answer is offered")
    .emit_clicked();
}

fn a_recent_url_is_taken_with_one_click() {
    let server = TreeServer::start();
    let url = server.url("/debian/");
    let screen = Screen::open(std::slice::from_ref(&url));
    screen.wait_for("Used before");
    let row = find(screen.window(), |row: &adw::ActionRow| row.title() == url);
    WidgetExt::activate(&row.expect("it is offered"));
    screen.wait_for(FOUND);
    assert_eq!(screen.entry("Install URL").text(), url);
}

fn a_failed_attempt_is_come_back_to() {
    let server = TreeServer::start();
    let mut draft = Draft::default();
    for edit in [
        Edit::Url(server.url("/debian/")),
        Edit::Name("mine".into()),
        Edit::Memory(1234),
        Edit::Disk("/vm/mine.qcow2".into()),
        Edit::ExtraArguments("auto".into()),
    ] {
        draft.apply(edit, None);
    }
    let screen = Screen::open_again(draft);
    assert_eq!(screen.page(), "Review");
    screen.wait("everything is there again", |screen| {
        screen.entry("Name").text() == "mine"
            && screen.entry("Disk path").text() == "/vm/mine.qcow2"
            && screen.entry("Installer arguments").text() == "auto"
            && screen.entry("Install URL").text() == server.url("/debian/")
            && find(screen.window(), |spin: &gtk::SpinButton| {
                spin.text() == "1234"
            })
            .is_some()
    });
    screen.send(CreateInput::Go(wizard::draft::Step::From));
    screen.wait_for(FOUND);
}

fn logged_messages_hold_no_secrets() {
    let clipboard = CreateInput::Clipboard(Unlogged("hunter2".into()));
    assert!(!format!("{clipboard:?}").contains("hunter2"));
    let mut draft = Draft::default();
    draft.apply(Edit::Url("http://me:hunter2@host/".into()), None);
    let host = backend::Host::open("test:///default", crate::screen::RUNTIME.handle());
    let choices = wizard::Choices::new(host, draft);
    assert!(!format!("{choices:?}").contains("hunter2"));
}

fn a_host_that_cannot_install_says_so() {
    let server = TreeServer::start();
    let screen = Screen::open(&[]);
    screen
        .entry("Install URL")
        .set_text(&server.url("/debian/"));
    screen.wait_for(FOUND);
    screen.wait_for("cannot install guests from a URL");
    assert!(!screen.button("Create").is_sensitive());
}
