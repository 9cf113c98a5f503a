//! What stands in the window instead of a list: nothing yet, no hypervisor, no hits.

use adw::prelude::*;
use backend::model::HostState;

use crate::daemon;
use crate::hosts::{HostEntry, Role};
use crate::manager::host_action::{self, HostAction, Means};
use crate::manager::words;

/// What the window shows.
#[derive(Debug, Clone, PartialEq)]
pub enum Page {
    /// The list.
    List,
    /// Hosts are there and have no guests.
    NoGuests {
        /// The hosts in words.
        hosts: String,
        /// Whether there is one only, whose menu the list would have.
        only: bool,
    },
    /// The only host cannot be used.
    Trouble {
        /// What happened.
        title: String,
        /// Why, and what to do.
        description: String,
        /// The words of the library underneath.
        detail: Option<String>,
        /// What helps, the best first.
        remedies: Vec<(HostAction, &'static str)>,
    },
    /// Nothing answers the search.
    NoHits {
        /// What was searched for.
        text: String,
    },
}

/// Which page suits the hosts. `hits`: whether the list has rows; `search`: what is searched for.
pub fn choose(hosts: &[HostEntry], hits: bool, search: &str, means: Means) -> Page {
    if !search.trim().is_empty() {
        return if hits {
            Page::List
        } else {
            Page::NoHits {
                text: search.trim().to_owned(),
            }
        };
    }
    if let [only] = hosts
        && let HostState::Failed { error, .. } = &only.snapshot.state
        && only.snapshot.guests.is_empty()
    {
        return trouble(only, error, means);
    }
    let ready = hosts
        .iter()
        .all(|entry| entry.snapshot.state == HostState::Connected);
    let empty = hosts.iter().all(|entry| entry.snapshot.guests.is_empty());
    if ready && empty {
        let names: Vec<String> = hosts.iter().map(describe).collect();
        return Page::NoGuests {
            hosts: names.join("\n"),
            only: hosts.len() == 1,
        };
    }
    Page::List
}

fn describe(entry: &HostEntry) -> String {
    let mut parts = vec![entry.name().to_owned()];
    if let Some(info) = &entry.snapshot.info {
        parts.push(words::capacity(info, &[]).replace(" · no guests", ""));
    }
    parts.join(words::SEPARATOR)
}

fn trouble(entry: &HostEntry, error: &backend::Error, means: Means) -> Page {
    let state = &entry.snapshot.state;
    let missing = entry.role == Role::System && !means.installed;
    let (title, mut description) = if missing {
        let description = match daemon::install_command() {
            Some(command) => format!(
                "Virtual machines need libvirt and QEMU, which are not installed. Install them \
                 with:\n\n{command}"
            ),
            None => "Virtual machines need libvirt and QEMU, which are not installed. Install \
                     them with your distribution's package manager."
                .to_owned(),
        };
        ("No hypervisor on this computer".to_owned(), description)
    } else {
        (
            error.message().to_owned(),
            error.remedy().unwrap_or_default().to_owned(),
        )
    };
    if let HostState::Failed {
        retry_at: Some(_), ..
    } = state
    {
        if !description.is_empty() {
            description.push_str("\n\n");
        }
        description.push_str("It is tried again by itself.");
    }
    Page::Trouble {
        title,
        description,
        detail: error.detail().map(str::to_owned),
        remedies: host_action::remedies(entry, means)
            .into_iter()
            .map(|action| (action, action.label(state)))
            .collect(),
    }
}

/// The widget of a page other than the list. Buttons name actions of the window: `win.create`,
/// `win.add-host`, `win.clear-search`, and `only-host.*` for what helps the only host.
pub fn build(page: &Page) -> gtk::Widget {
    let status = adw::StatusPage::new();
    match page {
        Page::List => {}
        Page::NoGuests { hosts, only } => {
            status.set_icon_name(Some("computer-symbolic"));
            status.set_title("No Virtual Machines Yet");
            status.set_description(Some(&escaped(&format!(
                "A virtual machine is a computer inside this one, with a system of its own.\n{hosts}"
            ))));
            let create = button("_Create a Virtual Machine", "win.create");
            create.add_css_class("suggested-action");
            let column = column(&[create]);
            if *only {
                let check = HostAction::Check;
                let label = check.label(&HostState::Connected);
                let check = button(label, &format!("only-host.{}", check.name()));
                check.remove_css_class("pill");
                column.append(&check);
            }
            status.set_child(Some(&column));
        }
        Page::Trouble {
            title,
            description,
            detail,
            remedies,
        } => {
            status.set_icon_name(Some("network-server-symbolic"));
            status.set_title(&escaped(title));
            status.set_description(Some(&escaped(description)));
            let helps = |is_check: bool| {
                remedies
                    .iter()
                    .filter(move |(action, _)| (*action == HostAction::Check) == is_check)
                    .map(|(action, label)| button(label, &format!("only-host.{}", action.name())))
            };
            let first: Vec<gtk::Button> = helps(false).collect();
            if let Some(best) = first.first() {
                best.add_css_class("suggested-action");
            }
            status.add_css_class("compact");
            let column = column(&first);
            // Smaller and below the others, so that a narrow window holds them.
            let add = button("_Add a Host…", "win.add-host");
            let further: Vec<gtk::Button> = helps(true).chain([add]).collect();
            for button in &further {
                button.remove_css_class("pill");
            }
            column.append(&row(&further));
            if let Some(detail) = detail {
                let details = crate::dialogs::error::details(detail);
                let room = adw::Clamp::builder().maximum_size(420).child(&details);
                column.append(&room.build());
            }
            status.set_child(Some(&column));
        }
        Page::NoHits { text } => {
            status.set_icon_name(Some("system-search-symbolic"));
            status.set_title("No Results");
            status.set_description(Some(&escaped(&format!(
                "No guest's name, system, state or host has “{text}” in it."
            ))));
            status.set_child(Some(&column(&[button(
                "_Clear the Search",
                "win.clear-search",
            )])));
        }
    }
    status.upcast()
}

/// A status page reads its texts as markup.
fn escaped(text: &str) -> String {
    gtk::glib::markup_escape_text(text).into()
}

fn button(label: &str, action: &str) -> gtk::Button {
    let button = gtk::Button::with_mnemonic(label);
    button.set_action_name(Some(action));
    button.set_halign(gtk::Align::Center);
    button.add_css_class("pill");
    // GTK 4.8 would tell screen readers the label with its underscore.
    let spoken = label.replace('_', "");
    button.update_property(&[gtk::accessible::Property::Label(&spoken)]);
    button
}

fn column(buttons: &[gtk::Button]) -> gtk::Box {
    let column = gtk::Box::new(gtk::Orientation::Vertical, 18);
    column.append(&row(buttons));
    column
}

fn row(buttons: &[gtk::Button]) -> gtk::Box {
    let row = gtk::Box::new(gtk::Orientation::Horizontal, 12);
    row.set_halign(gtk::Align::Center);
    for button in buttons {
        row.append(button);
    }
    row
}
