//! The rows that ask about a host.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use adw::prelude::*;
use wizard::widgets::{Notice, Tone, set_text};

use super::answers::{Answers, Driver, Reach, Target};
use super::key_row::KeyRow;

const DRIVERS: [&str; 3] = ["QEMU and KVM", "Xen", "Another"];
const PLACES: [&str; 2] = ["Another computer", "This computer"];
const REACHES: [(&str, Reach); 4] = [
    ("SSH (recommended)", Reach::Ssh),
    ("TLS, with certificates", Reach::Tls),
    ("TCP, not encrypted", Reach::Tcp),
    ("A Unix socket", Reach::Socket),
];
const TARGETS: [&str; 3] = ["The host's (system)", "My own (session)", "By another path"];

/// The choice in [`PLACES`] that leaves open how the computer is reached.
const ANOTHER_COMPUTER: u32 = 0;
/// The choice in [`DRIVERS`] and [`TARGETS`] that is filled in further.
const LAST: u32 = 2;

/// The rows.
#[derive(Debug)]
pub struct Form(Rc<Rows>);

#[derive(Debug)]
struct Rows {
    group: adw::PreferencesGroup,
    driver: adw::ComboRow,
    driver_word: adw::EntryRow,
    place: adw::ComboRow,
    reach: adw::ComboRow,
    unencrypted: Notice,
    host: adw::EntryRow,
    user: adw::EntryRow,
    port: adw::EntryRow,
    key: KeyRow,
    socket: adw::EntryRow,
    target: adw::ComboRow,
    path: adw::EntryRow,
    /// What the address says beside the answers.
    further: RefCell<Vec<String>>,
    /// Set while answers are shown, which is no change by the user.
    showing: Cell<bool>,
}

impl Form {
    /// Rows that show the usual answers; `changed` is called when the user changes one.
    pub fn new(changed: impl Fn() + 'static) -> Self {
        let rows = Rows {
            group: adw::PreferencesGroup::new(),
            driver: choice("Hypervisor", &DRIVERS),
            driver_word: field("Driver of libvirt"),
            place: choice("Where", &PLACES),
            reach: choice("Reached by", &REACHES.map(|(name, _)| name)),
            unencrypted: Notice::new(),
            host: field("Host name or address"),
            user: field("User name (optional)"),
            port: field("Port (optional)"),
            key: KeyRow::new(),
            socket: field("Path of the socket"),
            target: choice("Virtual machines", &TARGETS),
            path: field("Path"),
            further: RefCell::default(),
            showing: Cell::default(),
        };
        rows.port.set_input_purpose(gtk::InputPurpose::Digits);
        rows.unencrypted.set_margin_top(9);
        rows.unencrypted.set_margin_start(6);
        rows.unencrypted.set_margin_bottom(9);
        for row in rows.in_order() {
            rows.group.add(row);
        }
        rows.show(&Answers::default());
        let rows = Rc::new(rows);
        tell(&rows, changed);
        Self(rows)
    }

    /// The widget.
    pub fn widget(&self) -> &adw::PreferencesGroup {
        &self.0.group
    }

    /// The field that is filled in first.
    pub fn first(&self) -> &adw::EntryRow {
        &self.0.host
    }

    /// What the rows say.
    pub fn answers(&self) -> Answers {
        self.0.answers()
    }

    /// Shows these answers.
    pub fn show(&self, answers: &Answers) {
        self.0.show(answers);
    }
}

impl Rows {
    /// What is no row stands below the others.
    fn in_order(&self) -> [&gtk::Widget; 12] {
        [
            self.driver.upcast_ref(),
            self.driver_word.upcast_ref(),
            self.place.upcast_ref(),
            self.reach.upcast_ref(),
            self.host.upcast_ref(),
            self.user.upcast_ref(),
            self.port.upcast_ref(),
            self.key.widget().upcast_ref(),
            self.socket.upcast_ref(),
            self.target.upcast_ref(),
            self.path.upcast_ref(),
            self.unencrypted.upcast_ref(),
        ]
    }

    fn answers(&self) -> Answers {
        let text = |row: &adw::EntryRow| row.text().trim().to_owned();
        Answers {
            driver: match self.driver.selected() {
                0 => Driver::Qemu,
                1 => Driver::Xen,
                _ => Driver::Other(text(&self.driver_word)),
            },
            target: match self.target.selected() {
                0 => Target::System,
                1 => Target::Session,
                _ => Target::Other(text(&self.path).trim_start_matches('/').to_owned()),
            },
            reach: if self.place.selected() == ANOTHER_COMPUTER {
                let reach = REACHES.get(self.reach.selected() as usize);
                reach.map_or(Reach::Ssh, |(_, reach)| *reach)
            } else {
                Reach::Here
            },
            host: text(&self.host)
                .trim_start_matches('[')
                .trim_end_matches(']')
                .to_owned(),
            user: text(&self.user),
            port: text(&self.port),
            key: self.key.path(),
            socket: text(&self.socket),
            further: self.further.borrow().clone(),
        }
    }

    fn show(&self, answers: &Answers) {
        self.showing.set(true);
        self.driver.set_selected(match &answers.driver {
            Driver::Qemu => 0,
            Driver::Xen => 1,
            Driver::Other(word) => {
                set_text(&self.driver_word, word);
                LAST
            }
        });
        self.target.set_selected(match &answers.target {
            Target::System => 0,
            Target::Session => 1,
            Target::Other(path) => {
                set_text(&self.path, path);
                LAST
            }
        });
        let way = REACHES.iter().position(|(_, way)| *way == answers.reach);
        self.place.set_selected(u32::from(way.is_none()));
        if let Some(way) = way {
            self.reach.set_selected(way as u32);
        }
        set_text(&self.host, &answers.host);
        set_text(&self.user, &answers.user);
        set_text(&self.port, &answers.port);
        set_text(&self.socket, &answers.socket);
        self.key.set_path(&answers.key);
        self.further.replace(answers.further.clone());
        self.showing.set(false);
        self.arrange();
    }

    /// Shows only the rows that matter.
    fn arrange(&self) {
        let Answers { reach, .. } = self.answers();
        self.driver_word.set_visible(self.driver.selected() == LAST);
        self.reach
            .set_visible(self.place.selected() == ANOTHER_COMPUTER);
        for row in [&self.host, &self.user, &self.port] {
            row.set_visible(reach.names_host());
        }
        self.key.widget().set_visible(reach == Reach::Ssh);
        self.socket.set_visible(reach == Reach::Socket);
        self.path.set_visible(self.target.selected() == LAST);
        if reach == Reach::Tcp {
            self.unencrypted.say(
                Tone::Warning,
                "TCP is not encrypted.",
                Some(
                    "Everybody on the way can read along and take the connection over. Use it \
                      only in a network of your own.",
                ),
            );
        } else {
            self.unencrypted.clear();
        }
    }
}

/// Calls `changed` when the user changes something.
fn tell(rows: &Rc<Rows>, changed: impl Fn() + 'static) {
    let weak = Rc::downgrade(rows);
    let changed: Rc<dyn Fn()> = Rc::new(move || {
        if let Some(rows) = weak.upgrade().filter(|rows| !rows.showing.get()) {
            rows.arrange();
            changed();
        }
    });
    for row in [&rows.driver, &rows.place, &rows.reach, &rows.target] {
        let changed = changed.clone();
        row.connect_selected_notify(move |_| changed());
    }
    for row in [
        &rows.driver_word,
        &rows.host,
        &rows.user,
        &rows.port,
        &rows.socket,
        &rows.path,
    ] {
        let changed = changed.clone();
        row.connect_changed(move |_| changed());
    }
    rows.key.connect_changed(move || changed());
}

fn choice(title: &str, names: &[&str]) -> adw::ComboRow {
    adw::ComboRow::builder()
        .title(title)
        .model(&gtk::StringList::new(names))
        .build()
}

/// A row to type into.
pub fn field(title: &str) -> adw::EntryRow {
    adw::EntryRow::builder()
        .title(title)
        .activates_default(true)
        .input_hints(gtk::InputHints::NO_SPELLCHECK)
        .build()
}
