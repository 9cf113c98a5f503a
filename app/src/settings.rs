//! What the program remembers between runs: a TOML file in the user's configuration folder.
//!
//! Keys that this version does not know are kept. A file that cannot be understood is reported,
//! set aside at the next save, and never overwritten.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use tokio::runtime::Handle;

use backend::{Error, ErrorKind};

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

/// The guest list window as it was left.
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

/// What is on the disk, as far as the writer knows.
#[derive(Debug, Default)]
struct Written {
    /// Number of the newest text written; older ones that come late are dropped.
    revision: u64,
    /// The present file could not be understood and is to be kept beside.
    set_aside: bool,
}

/// Makes one change last.
type Saving = Box<dyn FnOnce() + Send>;

/// The settings with their file.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    settings: Settings,
    revision: u64,
    written: Arc<Mutex<Written>>,
}

impl Store {
    /// The user's settings file.
    pub fn default_path() -> PathBuf {
        gtk::glib::user_config_dir()
            .join("guesthouse")
            .join("settings.toml")
    }

    /// Reads `path`. A missing file means defaults; one that cannot be read or understood means
    /// defaults too, with the reason to tell the user.
    ///
    /// Reads on the calling thread: it is a small file, wanted before there is any window.
    pub fn load(path: PathBuf) -> (Self, Option<Error>) {
        let (settings, problem) = match fs::read_to_string(&path) {
            Ok(text) => match toml::from_str(&text) {
                Ok(settings) => (settings, None),
                Err(error) => (Settings::default(), Some(error.to_string())),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => (Settings::default(), None),
            Err(error) => (Settings::default(), Some(error.to_string())),
        };
        let problem = problem.map(|detail| {
            Error::new(
                ErrorKind::InvalidInput,
                "The settings could not be read, so the program starts with its defaults.",
            )
            .with_remedy(format!(
                "The file {} is kept as “settings.toml.unreadable” when the settings next change.",
                path.display()
            ))
            .with_detail(detail)
        });
        let store = Self {
            path,
            settings,
            revision: 0,
            written: Arc::new(Mutex::new(Written {
                revision: 0,
                set_aside: problem.is_some(),
            })),
        };
        (store, problem)
    }

    /// What is remembered.
    pub fn get(&self) -> &Settings {
        &self.settings
    }

    /// Changes what is remembered and writes it in the background, if it did change.
    pub fn update(&mut self, runtime: &Handle, change: impl FnOnce(&mut Settings)) {
        if let Some(write) = self.change(change) {
            runtime.spawn_blocking(write);
        }
    }

    /// Changes what is remembered and writes it before returning: for the end of the program.
    pub fn update_now(&mut self, change: impl FnOnce(&mut Settings)) {
        if let Some(write) = self.change(change) {
            write();
        }
    }

    /// Applies `change`; returns the writing that makes it last, when there was a change.
    fn change(&mut self, change: impl FnOnce(&mut Settings)) -> Option<Saving> {
        let before = self.settings.clone();
        change(&mut self.settings);
        if before == self.settings {
            return None;
        }
        self.revision += 1;
        let (path, revision) = (self.path.clone(), self.revision);
        let (settings, written) = (self.settings.clone(), self.written.clone());
        Some(Box::new(move || {
            let mut written = written.lock().unwrap_or_else(PoisonError::into_inner);
            if written.revision >= revision {
                return;
            }
            match write(&path, &settings, written.set_aside) {
                Ok(()) => {
                    *written = Written {
                        revision,
                        set_aside: false,
                    }
                }
                Err(error) => tracing::warn!(path = %path.display(), %error, "settings not saved"),
            }
        }))
    }
}

/// Writes `settings` to `path` so that a crash at any moment leaves the old file or the new one.
fn write(path: &Path, settings: &Settings, set_aside: bool) -> io::Result<()> {
    let text = toml::to_string_pretty(settings).map_err(io::Error::other)?;
    write_whole(path, &text, set_aside)
}

/// Writes `text` to `path` so that a crash at any moment leaves the old file or the new one. With
/// `set_aside` the old one is kept beside the new.
///
/// # Errors
/// Those of the file system.
pub fn write_whole(path: &Path, text: &str, set_aside: bool) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    if set_aside {
        match fs::rename(path, path.with_extension("toml.unreadable")) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    let fresh = path.with_extension("toml.new");
    let mut file = fs::File::create(&fresh)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&fresh, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_file_means_defaults_and_no_complaint() {
        let folder = tempfile::tempdir().unwrap();
        let (store, problem) = Store::load(folder.path().join("settings.toml"));
        assert_eq!(problem, None);
        assert_eq!(store.get(), &Settings::default());
    }

    #[test]
    fn what_is_written_is_read_again_with_the_keys_of_other_versions() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep").join("settings.toml");
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(
            &path,
            "future = 3\n[window]\nwidth = 1000\nsnapped = true\n[[hosts]]\nuri = \"xen:///\"\nicon = \"x\"\n",
        )
        .unwrap();
        let (mut store, problem) = Store::load(path.clone());
        assert_eq!(problem, None);
        store.update_now(|settings| settings.remember_url("http://a/"));
        let (store, problem) = Store::load(path.clone());
        assert_eq!(problem, None);
        assert_eq!(store.get().recent_urls, ["http://a/"]);
        assert_eq!(store.get().window.width, 1000);
        assert_eq!(store.get().hosts[0].uri, "xen:///");
        let text = fs::read_to_string(&path).unwrap();
        for kept in ["future = 3", "snapped = true", "icon = \"x\""] {
            assert!(text.contains(kept), "{kept} lost in {text}");
        }
    }

    #[test]
    fn a_bad_file_is_told_and_set_aside() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.toml");
        fs::write(&path, "window = 3 3").unwrap();
        let (mut store, problem) = Store::load(path.clone());
        assert_eq!(problem.unwrap().kind(), ErrorKind::InvalidInput);
        store.update_now(|settings| settings.collapsed.push("qemu:///system".to_owned()));
        let aside = fs::read_to_string(folder.path().join("settings.toml.unreadable")).unwrap();
        assert_eq!(aside, "window = 3 3");
        let (store, problem) = Store::load(path);
        assert_eq!(problem, None);
        assert_eq!(store.get().collapsed, ["qemu:///system"]);
    }

    #[test]
    fn an_older_text_that_comes_late_does_not_win() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.toml");
        let (mut store, _) = Store::load(path.clone());
        let first = store
            .change(|settings| settings.remember_url("http://first/"))
            .unwrap();
        let second = store
            .change(|settings| settings.remember_url("http://second/"))
            .unwrap();
        second();
        first();
        let (store, _) = Store::load(path);
        assert_eq!(store.get().recent_urls, ["http://second/", "http://first/"]);
    }

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
