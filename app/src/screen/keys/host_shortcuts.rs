//! Shortcuts that stay with this computer while a screen has the keyboard.

use std::rc::Rc;

use gtk::gdk;
use gtk::prelude::*;

use super::list::{self, List};
use crate::dialogs::shortened;
use crate::screen::preferences::Preferences;

/// Lets the user add and remove shortcuts, in a window over `parent`.
pub fn edit_host_shortcuts(parent: &impl IsA<gtk::Window>, preferences: &Preferences) {
    let (adding, removing) = (preferences.clone(), preferences.clone());
    let entries = preferences.get().host_shortcuts;
    let list = List {
        title: "Shortcuts That Stay Here",
        about: "They work on this computer even while a screen has the keyboard. Write names with \
                plus signs between them, such as Alt+Tab or Super+L. The desktop gets all of its \
                shortcuts with the same Ctrl, Alt, Shift or Super back.",
        entries: entries.iter().map(|each| readable(each)).collect(),
        add: Box::new(move |text| accept(text, &adding)),
        remove: Rc::new(move |names| {
            removing.update(|settings| {
                settings
                    .host_shortcuts
                    .retain(|each| readable(each) != names);
            });
        }),
    };
    list::edit(parent, list);
}

fn accept(text: &str, preferences: &Preferences) -> Result<String, String> {
    let Some(accelerator) = accelerator(text) else {
        return Err(format!(
            "“{}” is no shortcut: write Ctrl, Alt, Shift or Super, a plus sign and another key.",
            shortened(text)
        ));
    };
    let names = readable(&accelerator);
    if preferences.get().host_shortcuts.contains(&accelerator) {
        return Err(format!("{names} is there already."));
    }
    preferences.update(|settings| settings.host_shortcuts.push(accelerator));
    Ok(names)
}

/// What people write, in GTK's notation: `alt+tab` is `<Alt>Tab`. At least one modifier is needed.
fn accelerator(text: &str) -> Option<String> {
    let (modifiers, key) = text.rsplit_once('+')?;
    let mut accelerator = String::new();
    for name in ["ctrl", "alt", "shift", "super"] {
        let named = |each: &&str| each.trim().eq_ignore_ascii_case(name);
        if modifiers.split('+').any(|each| named(&each)) {
            let mut letters = name.chars();
            let first = letters.next().map(|letter| letter.to_ascii_uppercase());
            accelerator.push('<');
            accelerator.extend(first.into_iter().chain(letters));
            accelerator.push('>');
        }
    }
    let count = accelerator.matches('<').count();
    if count != modifiers.split('+').count() {
        return None;
    }
    accelerator.push_str(&key_name(key.trim())?);
    Some(accelerator)
}

/// How GDK calls a key, in whatever case it was written.
fn key_name(written: &str) -> Option<String> {
    let lower = written.to_ascii_lowercase();
    let usual = match lower.as_str() {
        "esc" => "Escape",
        "del" => "Delete",
        "enter" => "Return",
        "pageup" => "Page_Up",
        "pagedown" => "Page_Down",
        _ => written,
    };
    let mut letters = usual.chars();
    let first = letters.next()?.to_ascii_uppercase();
    let capital: String = std::iter::once(first).chain(letters).collect();
    [usual, lower.as_str(), capital.as_str()]
        .into_iter()
        .find_map(gdk::Key::from_name)
        .and_then(|key| key.to_lower().name())
        .map(|name| name.to_string())
}

/// An accelerator of GTK's as people read it: `<Alt>Tab` is `Alt+Tab`.
fn readable(accelerator: &str) -> String {
    let (modifiers, key) = match accelerator.rsplit_once('>') {
        Some((modifiers, key)) => (modifiers, key),
        None => ("", accelerator),
    };
    let mut names: Vec<String> = modifiers
        .split('>')
        .map(|name| name.trim_start_matches('<').to_owned())
        .filter(|name| !name.is_empty())
        .collect();
    names.push(match key {
        key if key.chars().count() == 1 => key.to_uppercase(),
        key => key.to_owned(),
    });
    names.join("+")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shortcuts_are_read_as_people_write_them() {
        let read = |text: &str| accelerator(text);
        assert_eq!(read("alt+tab").as_deref(), Some("<Alt>Tab"));
        assert_eq!(
            read("Shift + Ctrl+Escape").as_deref(),
            Some("<Ctrl><Shift>Escape")
        );
        assert_eq!(read("super+L").as_deref(), Some("<Super>l"));
        assert_eq!(read("ctrl+f4").as_deref(), Some("<Ctrl>F4"));
        for bad in ["", "Tab", "Alt+", "Hyper+A", "Alt+NoSuchKey", "Alt+Alt+A"] {
            assert_eq!(read(bad), None, "{bad}");
        }
        assert_eq!(readable("<Ctrl><Shift>Escape"), "Ctrl+Shift+Escape");
        assert_eq!(readable("<Super>l"), "Super+L");
    }
}
