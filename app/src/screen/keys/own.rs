//! The user's own key combinations.

use std::rc::Rc;

use adw::prelude::*;
use gtk::{gio, glib};

use super::menu;
use crate::dialogs::shortened;
use crate::screen::preferences::Preferences;

/// The most that are kept: a menu that does not fit the screen helps nobody.
const MOST: usize = 20;

/// Makes `menu` hold the combinations in `own`.
pub fn fill(menu: &gio::Menu, own: &[String]) {
    menu.remove_all();
    for names in own.iter().take(MOST) {
        // An underscore would be taken for a mnemonic.
        menu.append_item(&menu::item(&names.replace('_', "__"), names));
    }
}

/// A combination as it is kept and shown: `ctrl + alt+f2` is `Ctrl+Alt+F2`. `None` when one of its
/// keys is unknown.
fn tidy(text: &str) -> Option<String> {
    rfb::keyboard::combination(text)?;
    let names = text.split('+').map(|name| {
        let mut letters = name.trim().chars();
        let first = letters.next().into_iter().flat_map(char::to_uppercase);
        first
            .chain(letters.flat_map(char::to_lowercase))
            .collect::<String>()
    });
    Some(names.collect::<Vec<_>>().join("+"))
}

/// Lets the user add and remove combinations, in a window over `parent`. Each change holds at once.
pub fn edit(parent: &impl IsA<gtk::Window>, preferences: &Preferences) {
    let window = adw::Window::builder()
        .transient_for(parent)
        .modal(true)
        .title("Own Combinations")
        .default_width(460)
        .default_height(420)
        .build();
    let list = adw::PreferencesGroup::builder()
        .description(
            "They are in the menu of keys beside the usual ones. Write names with plus signs \
             between them, such as Ctrl+Shift+F4 or Super+L.",
        )
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
    page.add(&list);
    let content = gtk::Box::new(gtk::Orientation::Vertical, 0);
    content.append(&adw::HeaderBar::new());
    content.append(&page);
    window.set_content(Some(&content));

    for names in preferences.get().own_keys {
        add_row(&list, &names, preferences);
    }
    let preferences = preferences.clone();
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
            match accept(&entry.text(), &preferences) {
                Ok(names) => {
                    add_row(&list, &names, &preferences);
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

/// Takes up a combination; or says, as a sentence, why not.
fn accept(text: &str, preferences: &Preferences) -> Result<String, String> {
    let Some(names) = tidy(text) else {
        return Err(format!(
            "“{}” is no combination: write keys such as Ctrl, Alt, Shift, Super, F2, Delete, Home \
             or A, with plus signs between them.",
            shortened(text)
        ));
    };
    let own = preferences.get().own_keys;
    if own.contains(&names) {
        return Err(format!("{names} is there already."));
    }
    if own.len() >= MOST {
        return Err(format!("There are {MOST} already: remove one first."));
    }
    preferences.update(|settings| settings.own_keys.push(names.clone()));
    Ok(names)
}

fn add_row(list: &adw::PreferencesGroup, names: &str, preferences: &Preferences) {
    let row = adw::ActionRow::builder()
        .title(glib::markup_escape_text(names))
        .build();
    let remove = gtk::Button::builder()
        .icon_name("user-trash-symbolic")
        .tooltip_text("Remove")
        .valign(gtk::Align::Center)
        .css_classes(["flat"])
        .build();
    let label = format!("Remove {names}");
    remove.update_property(&[gtk::accessible::Property::Label(&label)]);
    row.add_suffix(&remove);
    list.add(&row);
    let (list, names, preferences) = (list.downgrade(), names.to_owned(), preferences.clone());
    let row = row.downgrade();
    remove.connect_clicked(move |_| {
        preferences.update(|settings| settings.own_keys.retain(|each| *each != names));
        if let (Some(list), Some(row)) = (list.upgrade(), row.upgrade()) {
            list.remove(&row);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::ScreenSettings;

    #[test]
    fn combinations_are_tidied_and_kept_once() {
        assert_eq!(tidy(" ctrl + ALT+f2").as_deref(), Some("Ctrl+Alt+F2"));
        assert_eq!(tidy("super+l").as_deref(), Some("Super+L"));
        assert_eq!(tidy("Ctrl+"), None);
        assert_eq!(tidy(""), None);
        let preferences = Preferences::new(ScreenSettings::default());
        assert_eq!(accept("ctrl+k", &preferences).as_deref(), Ok("Ctrl+K"));
        assert!(accept("Ctrl+K", &preferences).is_err());
        assert!(accept("Ctrl+Oops", &preferences).is_err());
        assert_eq!(preferences.get().own_keys, ["Ctrl+K"]);
    }
}
