//! What the user likes of screens, shared by all windows that show one.

use std::rc::Rc;

use gtk::gio;
use gtk::prelude::*;
use relm4::gtk;
use tokio::sync::watch;
use vnc_widget::VncDisplay;

use super::keys;
use crate::settings::ScreenSettings;

/// The preferences. Clones are the same.
#[derive(Clone)]
pub struct Preferences {
    settings: Rc<watch::Sender<ScreenSettings>>,
    own_keys: gio::Menu,
}

impl std::fmt::Debug for Preferences {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Preferences").finish_non_exhaustive()
    }
}

impl Preferences {
    /// Begins with what was remembered.
    pub fn new(settings: ScreenSettings) -> Self {
        let own_keys = gio::Menu::new();
        keys::fill(&own_keys, &settings.own_keys);
        Self {
            settings: Rc::new(watch::Sender::new(settings)),
            own_keys,
        }
    }

    /// What holds now.
    pub fn get(&self) -> ScreenSettings {
        self.settings.borrow().clone()
    }

    /// Changes something.
    pub fn update(&self, change: impl FnOnce(&mut ScreenSettings)) {
        let keys_changed = {
            let before = self.settings.borrow().own_keys.clone();
            self.settings.send_if_modified(|settings| {
                let old = settings.clone();
                change(settings);
                *settings != old
            });
            before != self.settings.borrow().own_keys
        };
        if keys_changed {
            keys::fill(&self.own_keys, &self.settings.borrow().own_keys);
        }
    }

    /// Lets the display be as the user likes it, now and after each change.
    pub fn rule(&self, display: &VncDisplay) {
        apply(&self.settings.borrow(), display);
        let (mut changes, display) = (self.settings.subscribe(), display.downgrade());
        relm4::spawn_local(async move {
            while changes.changed().await.is_ok() {
                let Some(display) = display.upgrade() else {
                    break;
                };
                apply(&changes.borrow_and_update(), &display);
            }
        });
    }

    /// Calls `keep` with what holds after changes, as long as the program runs.
    pub fn keep(&self, keep: impl Fn(ScreenSettings) + 'static) {
        let mut changes = self.settings.subscribe();
        relm4::spawn_local(async move {
            while changes.changed().await.is_ok() {
                let settings = changes.borrow_and_update().clone();
                keep(settings);
            }
        });
    }

    /// The part of the key menus that holds the user's own combinations, always up to date.
    pub fn own_keys(&self) -> &gio::Menu {
        &self.own_keys
    }
}

fn apply(settings: &ScreenSettings, display: &VncDisplay) {
    // What another version or a person wrote may not be understood: then the usual holds.
    let keys = settings.release_keys.parse().unwrap_or_default();
    display.set_release_keys(keys);
    let shortcuts: Vec<&str> = settings.host_shortcuts.iter().map(String::as_str).collect();
    if let Err(error) = display.set_host_shortcuts(&shortcuts) {
        tracing::warn!(%error, "shortcuts in the settings were not understood");
    }
    display.set_share_clipboard(settings.share_clipboard);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn menus_and_listeners_follow_changes() {
        let preferences = Preferences::new(ScreenSettings::default());
        let mut heard = preferences.settings.subscribe();
        preferences.update(|settings| settings.own_keys.clear());
        assert!(!heard.has_changed().unwrap(), "nothing changed");
        preferences.update(|settings| settings.own_keys.push("Ctrl+Shift+F4".to_owned()));
        assert!(heard.has_changed().unwrap());
        assert_eq!(heard.borrow_and_update().own_keys, ["Ctrl+Shift+F4"]);
        assert_eq!(preferences.own_keys().n_items(), 1);
    }
}
