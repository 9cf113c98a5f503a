//! The settings with their file.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use backend::{Error, ErrorKind};
use gtk::glib;
use tokio::runtime::Handle;
use toml::Table;

use super::Settings;
use super::patch::Patch;

/// The settings with their file.
#[derive(Debug)]
pub struct Store {
    settings: Settings,
    file: Arc<SettingsFile>,
}

impl Store {
    /// The user's settings file.
    pub fn default_path() -> PathBuf {
        glib::user_config_dir()
            .join("guesthouse")
            .join("settings.toml")
    }

    /// Reads `path`. A missing file means defaults; one that cannot be read or understood means
    /// defaults too, with the reason to tell the user.
    ///
    /// Reads on the calling thread: it is a small file, wanted before there is any window.
    pub fn load(path: PathBuf) -> (Self, Option<Error>) {
        let (settings, problem) = match read(&path) {
            Ok((settings, _)) => (settings, None),
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
            settings,
            file: Arc::new(SettingsFile {
                path,
                waiting: Mutex::default(),
                writing: Mutex::new(()),
            }),
        };
        (store, problem)
    }

    /// What is remembered.
    pub fn get(&self) -> &Settings {
        &self.settings
    }

    /// Changes what is remembered and writes it in the background, if it did change.
    pub fn update(&mut self, runtime: &Handle, change: impl FnOnce(&mut Settings)) {
        if self.change(change) {
            let file = self.file.clone();
            runtime.spawn_blocking(move || file.write());
        }
    }

    /// Changes what is remembered and writes it before returning: for the end of the program.
    pub fn update_now(&mut self, change: impl FnOnce(&mut Settings)) {
        self.change(change);
        self.flush();
    }

    /// Writes what has not been written yet before returning: for the end of the program.
    pub fn flush(&self) {
        self.file.write();
    }

    /// Applies `change`; returns whether there is something to be written.
    fn change(&mut self, change: impl FnOnce(&mut Settings)) -> bool {
        let before = self.settings.clone();
        change(&mut self.settings);
        if before == self.settings {
            return false;
        }
        match (Table::try_from(&before), Table::try_from(&self.settings)) {
            (Ok(before), Ok(after)) => {
                let patch = Patch::between(&before, &after);
                self.file.waiting().push(patch);
                true
            }
            (Err(error), _) | (_, Err(error)) => {
                tracing::warn!(%error, "settings cannot be written");
                false
            }
        }
    }
}

/// The file, and what is to be done with it.
#[derive(Debug)]
struct SettingsFile {
    path: PathBuf,
    /// What the file does not have yet.
    waiting: Mutex<Vec<Patch>>,
    /// Held while the file is written, so that changes get there in their order.
    writing: Mutex<()>,
}

impl SettingsFile {
    fn waiting(&self) -> MutexGuard<'_, Vec<Patch>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes what waits. What cannot be written now goes with what comes next.
    fn write(&self) {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let patches = std::mem::take(&mut *self.waiting());
        if patches.is_empty() {
            return;
        }
        if let Err(error) = self.apply(&patches) {
            tracing::warn!(path = %self.path.display(), %error, "settings not saved");
            self.waiting().splice(0..0, patches);
        }
    }

    /// Changes the file as it is now: other programs may have changed it, and wait meanwhile.
    fn apply(&self, patches: &[Patch]) -> io::Result<()> {
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder)?;
        }
        let lock = lock(&self.path.with_extension("toml.lock"));
        let (mut table, set_aside) = match read(&self.path) {
            Ok((_, table)) => (table, false),
            Err(_) => (Table::new(), true),
        };
        for patch in patches {
            patch.apply(&mut table);
        }
        let text = toml::to_string_pretty(&table).map_err(io::Error::other)?;
        write_whole(&self.path, &text, set_aside, lock.is_some())
    }
}

/// How often a lock that somebody else has is tried, and how long between.
const TRIES: u32 = 20;
const BETWEEN_TRIES: Duration = Duration::from_millis(100);

/// Has other programs that change settings wait, until what is returned is dropped. `None` where there
/// are no locks, or another has it for very long: settings that the other overwrites at worst are
/// better than settings that are lost for certain.
pub fn lock(path: &Path) -> Option<fs::File> {
    // One that the superuser made cannot be written, and can be locked.
    let file = fs::File::create(path).or_else(|_| fs::File::open(path));
    let file = file
        .inspect_err(|error| tracing::warn!(path = %path.display(), %error, "no lock"))
        .ok()?;
    for _ in 0..TRIES {
        match file.try_lock() {
            Ok(()) => return Some(file),
            Err(fs::TryLockError::WouldBlock) => std::thread::sleep(BETWEEN_TRIES),
            Err(fs::TryLockError::Error(error)) => {
                tracing::warn!(path = %path.display(), %error, "no lock");
                return None;
            }
        }
    }
    tracing::warn!(path = %path.display(), "another program keeps the lock");
    None
}

/// Reads and understands a file; one that is missing has nothing in it.
fn read(path: &Path) -> io::Result<(Settings, Table)> {
    let text = match fs::read_to_string(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        text => text?,
    };
    let settings = toml::from_str(&text).map_err(io::Error::other)?;
    let table = toml::from_str(&text).map_err(io::Error::other)?;
    Ok((settings, table))
}

/// Writes `text` to `path` so that a crash at any moment leaves the old file or the new one. With
/// `set_aside` the old one is kept beside the new. `locked`: no other program is at it.
///
/// # Errors
/// Those of the file system.
pub fn write_whole(path: &Path, text: &str, set_aside: bool, locked: bool) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    if set_aside {
        match fs::rename(path, path.with_extension("toml.unreadable")) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    let fresh = if locked {
        path.with_extension("toml.new")
    } else {
        // A name that no other program uses.
        path.with_extension(format!("toml.{}.new", glib::uuid_string_random()))
    };
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
        let (mut other, _) = Store::load(path.clone());
        store.update_now(|settings| settings.collapsed.push("qemu:///system".to_owned()));
        // What one has put right the other does not set aside.
        other.update_now(|settings| settings.remember_url("http://a/"));
        let aside = fs::read_to_string(folder.path().join("settings.toml.unreadable")).unwrap();
        assert_eq!(aside, "window = 3 3");
        let (store, problem) = Store::load(path);
        assert_eq!(problem, None);
        assert_eq!(store.get().collapsed, ["qemu:///system"]);
    }

    #[test]
    fn changes_are_written_in_their_order_by_whoever_comes_first() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.toml");
        let (mut store, _) = Store::load(path.clone());
        store.change(|settings| settings.remember_url("http://first/"));
        store.change(|settings| settings.remember_url("http://second/"));
        store.flush();
        store.flush();
        let (store, _) = Store::load(path);
        assert_eq!(store.get().recent_urls, ["http://second/", "http://first/"]);
    }

    #[test]
    fn programs_that_run_at_once_keep_what_the_other_changed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.toml");
        let (mut list, _) = Store::load(path.clone());
        let (mut viewer, _) = Store::load(path.clone());
        viewer.update_now(|settings| settings.screen.typing_layout = "de".to_owned());
        list.update_now(|settings| settings.screen.share_clipboard = false);
        viewer.update_now(|settings| settings.screen.own_keys.push("Ctrl+C".to_owned()));
        list.update_now(|settings| settings.remember_host("xen:///"));
        let (now, problem) = Store::load(path);
        assert_eq!(problem, None);
        let screen = &now.get().screen;
        assert_eq!(screen.typing_layout, "de");
        assert!(!screen.share_clipboard);
        assert_eq!(screen.own_keys, ["Ctrl+C"]);
        assert_eq!(now.get().hosts[0].uri, "xen:///");
    }

    #[test]
    fn programs_that_write_at_the_same_moment_wait_for_each_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.toml");
        std::thread::scope(|scope| {
            for number in 0..8 {
                let path = path.clone();
                scope.spawn(move || {
                    let (mut store, _) = Store::load(path);
                    store.update_now(|settings| {
                        let key = format!("key{number}");
                        settings.unknown.insert(key, toml::Value::Boolean(true));
                    });
                });
            }
        });
        let (store, _) = Store::load(path);
        assert_eq!(store.get().unknown.len(), 8);
    }

    #[test]
    fn what_could_not_be_written_goes_with_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.toml");
        let aside = path.with_extension("toml.unreadable");
        fs::write(&path, "window = 3 3").unwrap();
        fs::create_dir(&aside).unwrap();
        let (mut store, _) = Store::load(path.clone());
        store.update_now(|settings| settings.screen.typing_layout = "de".to_owned());
        assert_eq!(fs::read_to_string(&path).unwrap(), "window = 3 3");
        fs::remove_dir(&aside).unwrap();
        store.update_now(|settings| settings.remember_url("http://a/"));
        let (store, _) = Store::load(path);
        assert_eq!(store.get().screen.typing_layout, "de");
        assert_eq!(store.get().recent_urls, ["http://a/"]);
    }
}
