//! The certificates of VNC servers that the user trusts for good: a TOML file beside the settings,
//! shared by all that run of the program.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use backend::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};
use vnc_widget::Fingerprint;

use crate::settings::{Store, lock, write_whole};

/// The file's content. What other versions wrote into it is kept.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Known {
    /// By the server's name, with its port where it was reached by that.
    servers: BTreeMap<String, Server>,
    #[serde(flatten)]
    unknown: toml::Table,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Server {
    /// SHA-256 of its certificate.
    fingerprint: String,
    #[serde(flatten)]
    unknown: toml::Table,
}

/// The certificate that `server` is known by.
///
/// # Errors
/// When the file cannot be read or understood: a server that was known is not taken for a new one.
pub async fn pin(server: &str) -> Result<Option<Fingerprint>> {
    let server = server.to_owned();
    let found = tokio::task::spawn_blocking(move || find(&path(), &server)).await;
    found.map_err(io::Error::other).flatten().map_err(|error| {
        Error::new(
            ErrorKind::NotSupported,
            "Which servers are trusted cannot be read, so none is connected.",
        )
        .with_remedy(format!(
            "Mend or remove the file {}: without it each server is asked about anew.",
            path().display()
        ))
        .with_detail(error.to_string())
    })
}

/// Knows `server` by this certificate from now on, or no longer by any.
///
/// # Errors
/// When the file cannot be written; then what was known before is known still.
pub async fn remember(server: &str, fingerprint: Option<Fingerprint>) -> Result<()> {
    let name = server.to_owned();
    let kept = tokio::task::spawn_blocking(move || keep(&path(), &name, fingerprint)).await;
    kept.map_err(io::Error::other).flatten().map_err(|error| {
        Error::new(
            ErrorKind::BadPath,
            "Your choice could not be remembered, so you will be asked again.",
        )
        .with_remedy(format!(
            "The connection goes on. For the choice to last, {} has to be a file that you may \
             write to, in a folder with room.",
            path().display()
        ))
        .with_detail(format!("{server}: {error}"))
    })
}

fn path() -> PathBuf {
    Store::default_path().with_file_name("known-servers.toml")
}

fn read(path: &Path) -> io::Result<Known> {
    match fs::read_to_string(path) {
        Ok(text) => toml::from_str(&text).map_err(io::Error::other),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Known::default()),
        Err(error) => Err(error),
    }
}

fn find(path: &Path, server: &str) -> io::Result<Option<Fingerprint>> {
    let known = read(path)?;
    let Some(entry) = known.servers.get(server) else {
        return Ok(None);
    };
    let fingerprint = entry.fingerprint.parse().map_err(io::Error::other)?;
    Ok(Some(fingerprint))
}

/// Changes one entry. Others that do the same at this moment wait for each other.
fn keep(path: &Path, server: &str, fingerprint: Option<Fingerprint>) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let lock = lock(&path.with_extension("toml.lock"));
    let (mut known, set_aside) = match read(path) {
        Ok(known) => (known, false),
        Err(error) => {
            tracing::warn!(%error, "the known servers are set aside");
            (Known::default(), true)
        }
    };
    match fingerprint {
        Some(fingerprint) => {
            let entry = Server {
                fingerprint: fingerprint.to_string(),
                unknown: toml::Table::new(),
            };
            known.servers.insert(server.to_owned(), entry);
        }
        None => {
            known.servers.remove(server);
        }
    }
    let text = toml::to_string_pretty(&known).map_err(io::Error::other)?;
    write_whole(path, &text, set_aside, lock.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fingerprint(byte: &str) -> Fingerprint {
        byte.repeat(32).parse().unwrap()
    }

    #[test]
    fn servers_are_known_until_they_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep").join("known-servers.toml");
        assert_eq!(find(&path, "a:5900").unwrap(), None);
        keep(&path, "a:5900", Some(fingerprint("0A"))).unwrap();
        keep(&path, "b", Some(fingerprint("0B"))).unwrap();
        keep(&path, "a:5900", Some(fingerprint("0C"))).unwrap();
        assert_eq!(find(&path, "a:5900").unwrap(), Some(fingerprint("0C")));
        assert_eq!(find(&path, "b").unwrap(), Some(fingerprint("0B")));
        assert_eq!(find(&path, "a").unwrap(), None);
        keep(&path, "a:5900", None).unwrap();
        assert_eq!(find(&path, "a:5900").unwrap(), None);
        assert_eq!(find(&path, "b").unwrap(), Some(fingerprint("0B")));
    }

    #[test]
    fn what_cannot_be_understood_is_kept_beside() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("known-servers.toml");
        fs::write(&path, "servers = 3").unwrap();
        assert!(find(&path, "a").is_err());
        keep(&path, "a", Some(fingerprint("0A"))).unwrap();
        assert_eq!(find(&path, "a").unwrap(), Some(fingerprint("0A")));
        let aside = path.with_extension("toml.unreadable");
        assert_eq!(fs::read_to_string(aside).unwrap(), "servers = 3");
        fs::write(&path, "[servers.a]\nfingerprint = \"short\"").unwrap();
        assert!(find(&path, "a").is_err());
    }

    #[test]
    fn keys_of_other_versions_stay() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("known-servers.toml");
        fs::write(&path, "future = 1\n").unwrap();
        keep(&path, "a", Some(fingerprint("0A"))).unwrap();
        assert!(fs::read_to_string(&path).unwrap().contains("future = 1"));
    }
}
