//! The preferences: what holds for all screens.

use adw::prelude::*;
use vnc_widget::ReleaseKeys;

use crate::screen::keys;
use crate::screen::preferences::Preferences;

/// Shows the preferences over `parent`. Each change holds at once, in all windows.
pub fn present(parent: &impl IsA<gtk::Window>, preferences: &Preferences) {
    let window = adw::PreferencesWindow::builder()
        .transient_for(parent)
        .modal(true)
        .search_enabled(false)
        .default_width(520)
        .default_height(480)
        .build();
    let page = adw::PreferencesPage::new();
    page.add(&keyboard(&window, preferences));
    page.add(&sharing(preferences));
    window.add(&page);
    window.present();
}

fn keyboard(window: &adw::PreferencesWindow, preferences: &Preferences) -> adw::PreferencesGroup {
    let group = adw::PreferencesGroup::builder()
        .title("Keyboard")
        .description(
            "A click into a screen gives it the keyboard, with the desktop’s shortcuts where the \
             desktop lets go of them.",
        )
        .build();
    let chosen = preferences.get().release_keys;
    let mut choices: Vec<String> = ReleaseKeys::CHOICES
        .iter()
        .map(|choice| (*choice).to_owned())
        .collect();
    // What was written into the settings by hand stays to be chosen.
    if !choices.contains(&chosen) && chosen.parse::<ReleaseKeys>().is_ok() {
        choices.push(chosen.clone());
    }
    let labels: Vec<&str> = choices.iter().map(String::as_str).collect();
    let release = adw::ComboRow::builder()
        .title("Give the keyboard back with")
        .model(&gtk::StringList::new(&labels))
        .build();
    let place = choices.iter().position(|choice| *choice == chosen);
    release.set_selected(place.unwrap_or(0) as u32);
    release.connect_selected_notify({
        let preferences = preferences.clone();
        move |row| {
            if let Some(choice) = choices.get(row.selected() as usize) {
                preferences.update(|settings| settings.release_keys.clone_from(choice));
            }
        }
    });
    group.add(&release);
    group.add(&opener(
        "Shortcuts That Stay Here",
        "Such as Alt+Tab, while a screen has the keyboard",
        window,
        preferences,
        keys::edit_host_shortcuts,
    ));
    group.add(&opener(
        "Own Combinations",
        "To be sent from the menu of keys",
        window,
        preferences,
        keys::edit,
    ));
    group
}

/// A row that opens a window of its own.
fn opener(
    title: &str,
    subtitle: &str,
    window: &adw::PreferencesWindow,
    preferences: &Preferences,
    open: fn(&adw::PreferencesWindow, &Preferences),
) -> adw::ActionRow {
    let row = adw::ActionRow::builder()
        .title(title)
        .subtitle(subtitle)
        .activatable(true)
        .build();
    row.add_suffix(&gtk::Image::from_icon_name("go-next-symbolic"));
    let (window, preferences) = (window.downgrade(), preferences.clone());
    row.connect_activated(move |_| {
        if let Some(window) = window.upgrade() {
            open(&window, &preferences);
        }
    });
    row
}

fn sharing(preferences: &Preferences) -> adw::PreferencesGroup {
    let group = adw::PreferencesGroup::builder().title("Sharing").build();
    let switch = gtk::Switch::builder()
        .valign(gtk::Align::Center)
        .active(preferences.get().share_clipboard)
        .build();
    let row = adw::ActionRow::builder()
        .title("Share the clipboard")
        .subtitle("Copied texts can be pasted on the other side, while the screen is in use")
        .activatable_widget(&switch)
        .build();
    row.add_suffix(&switch);
    switch.connect_active_notify({
        let preferences = preferences.clone();
        move |switch| preferences.update(|settings| settings.share_clipboard = switch.is_active())
    });
    group.add(&row);
    group
}
