//! The user's own key combinations.

use std::rc::Rc;

use gtk::gio;
use gtk::prelude::*;

use super::list::{self, List};
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

/// Lets the user add and remove combinations, in a window over `parent`.
pub fn edit(parent: &impl IsA<gtk::Window>, preferences: &Preferences) {
    let (adding, removing) = (preferences.clone(), preferences.clone());
    let list = List {
        title: "Own Combinations",
        about: "They are in the menu of keys beside the usual ones. Write names with plus signs \
                between them, such as Ctrl+Shift+F4 or Super+L.",
        entries: preferences.get().own_keys,
        add: Box::new(move |text| accept(text, &adding)),
        remove: Rc::new(move |names| {
            removing.update(|settings| settings.own_keys.retain(|each| each != names));
        }),
    };
    list::edit(parent, list);
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
