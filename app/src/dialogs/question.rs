//! Puts what hosts ask while they are being connected: user names and passwords, and whether an
//! unknown host is the right one. One question at a time; others wait for their turn.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use adw::prelude::*;
use backend::question::{About, Field, HostKey, Question, Secret};
use tokio::sync::oneshot;

use super::shortened;
use crate::hosts::{Hosts, Role};

/// The response that answers; any other leaves the question unanswered, which ends the attempt.
const ANSWER: &str = "answer";

/// Puts whatever `hosts` ask for as long as the program runs, over the window in use or else over
/// `home`.
pub fn put_all(hosts: &Rc<RefCell<Hosts>>, home: &adw::ApplicationWindow) {
    let Some(mut questions) = hosts.borrow_mut().take_questions() else {
        return;
    };
    let (hosts, home) = (hosts.clone(), home.clone());
    relm4::spawn_local(async move {
        while let Some(question) = questions.recv().await {
            if !question.is_withdrawn() {
                let name = name_of(&hosts.borrow(), &question);
                put(&parent(&home), &name, question).await;
            }
        }
    });
}

/// What the host that asks is called for people: one that is new has no other name than its address.
fn name_of(hosts: &Hosts, question: &Question) -> String {
    let entry = hosts.all().iter().find(|entry| {
        let is_new = matches!(entry.role, Role::Chosen { .. }) && entry.snapshot.info.is_none();
        entry.uri() == question.uri() && !is_new
    });
    entry
        .map_or(question.host(), |entry| entry.name())
        .to_owned()
}

/// The window that the user looks at.
fn parent(home: &adw::ApplicationWindow) -> gtk::Window {
    let active = relm4::main_application().active_window();
    if let Some(active) = active.filter(WidgetExt::is_visible) {
        return active;
    }
    home.present();
    home.clone().upcast()
}

async fn put(parent: &gtk::Window, name: &str, mut question: Question) {
    let sheet = Sheet::of(name, &question);
    let dialog = &sheet.dialog;
    dialog.set_transient_for(Some(parent));
    let (responded, response) = oneshot::channel();
    let responded = Cell::new(Some(responded));
    dialog.connect_response(None, move |_, response| {
        if let Some(responded) = responded.take() {
            // Withdrawn in the meantime.
            let _ = responded.send(response == ANSWER);
        }
    });
    dialog.present();
    if let Some(first) = sheet.first_empty() {
        first.grab_focus();
    }
    let answered = tokio::select! {
        response = response => response.unwrap_or(false),
        () = question.withdrawn() => {
            dialog.close();
            false
        }
    };
    let answers = sheet.take_answers();
    if answered {
        question.answer(answers);
    }
}

/// A question on the screen.
struct Sheet {
    dialog: adw::MessageDialog,
    entries: Vec<gtk::Editable>,
}

impl Sheet {
    fn of(name: &str, question: &Question) -> Self {
        let name = shortened(name);
        match question.about() {
            About::Credentials { fields, refused } => {
                Self::credentials(&name, question.uri(), fields, *refused)
            }
            About::HostKey(key) => Self::host_key(&name, key),
            About::Notice(text) => Self {
                dialog: dialog(&format!("“{name}” Waits for You"), text),
                entries: Vec::new(),
            },
            _ => Self {
                dialog: dialog(
                    &format!("“{name}” Asks Something"),
                    "It is something that this program does not know how to answer.",
                ),
                entries: Vec::new(),
            },
        }
    }

    fn credentials(name: &str, uri: &str, fields: &[Field], refused: bool) -> Self {
        let body = if refused {
            format!("That was not accepted. Please try again.\n{uri}")
        } else {
            uri.to_owned()
        };
        let dialog = dialog(&format!("Sign In to “{name}”"), &body);
        dialog.add_response(ANSWER, "_Connect");
        dialog.set_response_appearance(ANSWER, adw::ResponseAppearance::Suggested);
        dialog.set_default_response(Some(ANSWER));
        let form = gtk::Box::new(gtk::Orientation::Vertical, 12);
        let entries = fields.iter().map(|field| {
            let (row, entry) = row(field);
            form.append(&row);
            entry
        });
        let entries = entries.collect();
        dialog.set_extra_child(Some(&form));
        Self { dialog, entries }
    }

    fn host_key(name: &str, key: &HostKey) -> Self {
        let dialog = dialog(
            &format!("Is This the Right “{name}”?"),
            &format!(
                "This computer has not been connected to {} before. Compare the fingerprint below \
                 with the host's own: where they differ, somebody may be between you and the host.",
                key.host
            ),
        );
        dialog.add_response(ANSWER, "_Trust and Connect");
        // Enter must not trust a stranger.
        dialog.set_default_response(Some("cancel"));
        let facts = gtk::Box::new(gtk::Orientation::Vertical, 6);
        let fingerprint = line(&key.fingerprint, &["monospace"]);
        fingerprint.set_selectable(true);
        // It is for comparing, not for typing over.
        fingerprint.set_can_focus(false);
        facts.append(&line(
            &format!("Fingerprint of its {} key", key.key_type),
            &["heading"],
        ));
        facts.append(&fingerprint);
        if !key.note.is_empty() {
            facts.append(&line(&key.note, &["caption"]));
        }
        facts.append(&line(
            &format!("On the host itself this shows it:\n{}", showing(key)),
            &["caption", "dim-label"],
        ));
        dialog.set_extra_child(Some(&facts));
        Self {
            dialog,
            entries: Vec::new(),
        }
    }

    /// The entry to begin with.
    fn first_empty(&self) -> Option<&gtk::Editable> {
        let empty = self.entries.iter().find(|entry| entry.text().is_empty());
        empty.or_else(|| self.entries.first())
    }

    /// What was typed, which then is in the entries no longer.
    fn take_answers(&self) -> Vec<Secret> {
        let typed = self.entries.iter().map(|entry| {
            let answer = Secret::from(entry.text().as_str());
            entry.set_text("");
            answer
        });
        typed.collect()
    }
}

/// The command that shows a host's key on the host.
fn showing(key: &HostKey) -> String {
    let kind = key.key_type.to_ascii_lowercase();
    format!("ssh-keygen -lf /etc/ssh/ssh_host_{kind}_key.pub")
}

fn dialog(heading: &str, body: &str) -> adw::MessageDialog {
    let dialog = adw::MessageDialog::builder()
        .modal(true)
        .heading(heading)
        .body(body)
        .default_response("cancel")
        .close_response("cancel")
        .build();
    dialog.add_response("cancel", "_Cancel");
    dialog
}

fn line(text: &str, classes: &[&str]) -> gtk::Label {
    gtk::Label::builder()
        .label(text)
        .xalign(0.0)
        .wrap(true)
        .wrap_mode(gtk::pango::WrapMode::WordChar)
        .max_width_chars(50)
        .css_classes(
            classes
                .iter()
                .map(|&class| class.to_owned())
                .collect::<Vec<_>>(),
        )
        .build()
}

/// A field under its label.
fn row(field: &Field) -> (gtk::Box, gtk::Editable) {
    let row = gtk::Box::new(gtk::Orientation::Vertical, 6);
    row.append(&line(&field.prompt, &["heading"]));
    let label = gtk::accessible::Property::Label(&field.prompt);
    let entry: gtk::Editable = if field.secret {
        let entry = gtk::PasswordEntry::builder()
            .show_peek_icon(true)
            .activates_default(true)
            .width_chars(30)
            .build();
        entry.update_property(&[label]);
        entry.upcast()
    } else {
        let entry = gtk::Entry::builder()
            .activates_default(true)
            .width_chars(30)
            .build();
        entry.update_property(&[label]);
        entry.upcast()
    };
    if let Some(default) = &field.default {
        entry.set_text(default);
    }
    row.append(&entry);
    (row, entry)
}
