//! What the program remembers between runs: a TOML file in the user's configuration folder.
//!
//! Only what was changed is written into the file, so that several programs may run at once. Keys
//! that this version does not know are kept. A file that cannot be understood is reported,
//! set aside at the next save, and never overwritten.

mod patch;
mod store;

use serde::{Deserialize, Serialize};

use crate::screen::quality::Quality;
pub use store::{Store, lock, write_whole};

/// How many install addresses are remembered.
const RECENT_URLS: usize = 12;

/// A host the user added.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RememberedHost {
    /// Its libvirt connection URI.
    pub uri: String,
    /// Keys of other versions.
    #[serde(flatten)]
    pub unknown: toml::Table,
}

impl RememberedHost {
    /// A host at `uri`.
    pub fn new(uri: impl Into<String>) -> Self {
        Self {
            uri: uri.into(),
            unknown: toml::Table::new(),
        }
    }
}

/// A window as it was left.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct WindowSettings {
    /// Width in application pixels.
    pub width: i32,
    /// Height in application pixels.
    pub height: i32,
    /// Whether it filled the screen.
    pub maximized: bool,
    /// Keys of other versions.
    #[serde(flatten)]
    pub unknown: toml::Table,
}

impl Default for WindowSettings {
    fn default() -> Self {
        Self {
            width: 860,
            height: 600,
            maximized: false,
            unknown: toml::Table::new(),
        }
    }
}

/// What the user likes of screens.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ScreenSettings {
    /// The keys that give the keyboard back, as names joined by `+`.
    pub release_keys: String,
    /// Shortcuts that stay with this computer while a screen has the keyboard, in GTK's notation.
    pub host_shortcuts: Vec<String>,
    /// Whether texts copied on one side can be pasted on the other.
    pub share_clipboard: bool,
    /// Key combinations of the user's own, as names joined by `+`.
    pub own_keys: Vec<String>,
    /// The keyboard layout that texts were last typed for, as xkb names it: `de` or
    /// `de:nodeadkeys`.
    pub typing_layout: String,
    /// How much of servers' pictures is given up for speed, by its name.
    pub quality: String,
    /// The windows of guests' further displays.
    pub display_window: WindowSettings,
    /// Keys of other versions.
    #[serde(flatten)]
    pub unknown: toml::Table,
}

impl Default for ScreenSettings {
    fn default() -> Self {
        Self {
            release_keys: vnc_widget::ReleaseKeys::default().to_string(),
            host_shortcuts: Vec::new(),
            share_clipboard: true,
            own_keys: Vec::new(),
            typing_layout: String::new(),
            quality: Quality::default().name().to_owned(),
            display_window: WindowSettings::default(),
            unknown: toml::Table::new(),
        }
    }
}

/// Everything that is remembered.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Install addresses that were used, the last one first.
    pub recent_urls: Vec<String>,
    /// URIs of the hosts whose guests are folded away.
    pub collapsed: Vec<String>,
    /// The guest list window.
    pub window: WindowSettings,
    /// Screens of guests and servers.
    pub screen: ScreenSettings,
    /// Hosts beside this machine's own hypervisor.
    pub hosts: Vec<RememberedHost>,
    /// Keys of other versions.
    #[serde(flatten)]
    pub unknown: toml::Table,
}

impl Settings {
    /// Remembers the host at `uri`, once.
    pub fn remember_host(&mut self, uri: &str) {
        if !self.hosts.iter().any(|host| host.uri == uri) {
            self.hosts.push(RememberedHost::new(uri));
        }
    }

    /// Puts `url` at the head of the addresses that were used.
    pub fn remember_url(&mut self, url: &str) {
        self.recent_urls.retain(|known| known != url);
        self.recent_urls.insert(0, url.to_owned());
        self.recent_urls.truncate(RECENT_URLS);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_remembered_once() {
        let mut settings = Settings::default();
        for uri in ["xen:///", "qemu:///session", "xen:///"] {
            settings.remember_host(uri);
        }
        let uris: Vec<_> = settings.hosts.iter().map(|host| &host.uri).collect();
        assert_eq!(uris, ["xen:///", "qemu:///session"]);
    }

    #[test]
    fn recent_addresses_are_few_and_without_doubles() {
        let mut settings = Settings::default();
        for number in 0..30 {
            settings.remember_url(&format!("http://{number}/"));
        }
        settings.remember_url("http://25/");
        assert_eq!(settings.recent_urls.len(), RECENT_URLS);
        assert_eq!(settings.recent_urls[0], "http://25/");
        assert_eq!(
            settings
                .recent_urls
                .iter()
                .filter(|url| *url == "http://25/")
                .count(),
            1
        );
    }
}
