//! A window in which combinations of keys are added to a list and removed from it.

use std::rc::Rc;

use adw::prelude::*;
use gtk::glib;

type Accept = dyn Fn(&str) -> Result<String, String>;

/// What is listed.
pub(super) struct List {
    /// The window's title.
    pub(super) title: &'static str,
    /// What the combinations are for, and how they are written.
    pub(super) about: &'static str,
    /// Those that are there, as people read them.
    pub(super) entries: Vec<String>,
    /// Takes up a combination, and returns it as people read it; or says, as a sentence, why not.
    pub(super) add: Box<Accept>,
    /// Removes one, as people read it.
    pub(super) remove: Rc<dyn Fn(&str)>,
}

/// Shows the window over `parent`. Each change holds at once.
pub(super) fn edit(parent: &impl IsA<gtk::Window>, list: List) {
    let window = adw::Window::builder()
        .transient_for(parent)
        .modal(true)
        .title(list.title)
        .default_width(460)
        .default_height(420)
        .build();
    let rows = adw::PreferencesGroup::builder()
        .description(list.about)
        .build();
    let entry = adw::EntryRow::builder().title("New combination").build();
    let add = gtk::Button::builder()
        .label("_Add")
        .use_underline(true)
        .valign(gtk::Align::Center)
        .build();
    entry.add_suffix(&add);
    let problem = gtk::Label::builder()
        .xalign(0.0)
        .wrap(true)
        .margin_top(6)
        .visible(false)
        .css_classes(["error", "caption"])
        .build();
    let fresh = adw::PreferencesGroup::new();
    fresh.add(&entry);
    fresh.add(&problem);
    let page = adw::PreferencesPage::new();
    page.add(&fresh);
    page.add(&rows);
    let content = gtk::Box::new(gtk::Orientation::Vertical, 0);
    content.append(&adw::HeaderBar::new());
    content.append(&page);
    window.set_content(Some(&content));

    for names in &list.entries {
        add_row(&rows, names, &list.remove);
    }
    entry.connect_changed({
        let problem = problem.clone();
        move |entry| {
            entry.remove_css_class("error");
            problem.set_visible(false);
        }
    });
    let accept = {
        let entry = entry.downgrade();
        move || {
            let Some(entry) = entry.upgrade() else { return };
            match (list.add)(&entry.text()) {
                Ok(names) => {
                    add_row(&rows, &names, &list.remove);
                    entry.set_text("");
                }
                Err(reason) => {
                    entry.add_css_class("error");
                    problem.set_label(&reason);
                    problem.set_visible(true);
                }
            }
        }
    };
    let accept = Rc::new(accept);
    add.connect_clicked({
        let accept = accept.clone();
        move |_| accept()
    });
    entry.connect_entry_activated(move |_| accept());
    close_on_escape(&window);
    window.present();
    entry.grab_focus();
}

fn add_row(rows: &adw::PreferencesGroup, names: &str, remove: &Rc<dyn Fn(&str)>) {
    let row = adw::ActionRow::builder()
        .title(glib::markup_escape_text(names))
        .build();
    let button = gtk::Button::builder()
        .icon_name("user-trash-symbolic")
        .tooltip_text("Remove")
        .valign(gtk::Align::Center)
        .css_classes(["flat"])
        .build();
    let label = format!("Remove {names}");
    button.update_property(&[gtk::accessible::Property::Label(&label)]);
    row.add_suffix(&button);
    rows.add(&row);
    let (rows, row) = (rows.downgrade(), row.downgrade());
    let (names, remove) = (names.to_owned(), remove.clone());
    button.connect_clicked(move |_| {
        remove(&names);
        if let (Some(rows), Some(row)) = (rows.upgrade(), row.upgrade()) {
            rows.remove(&row);
        }
    });
}

fn close_on_escape(window: &adw::Window) {
    let controller = gtk::ShortcutController::new();
    controller.add_shortcut(gtk::Shortcut::new(
        gtk::ShortcutTrigger::parse_string("Escape"),
        Some(gtk::NamedAction::new("window.close")),
    ));
    window.add_controller(controller);
}
