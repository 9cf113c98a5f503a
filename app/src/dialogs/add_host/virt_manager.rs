//! The connections that virt-manager remembers, in the user's desktop settings. Only read.
//!
//! Its settings schema is there while it is installed; without it dconf's own tool still tells what
//! it has left.

use std::process::{Command, Stdio};

use gtk::gio;
use gtk::glib::{Variant, VariantTy};
use gtk::prelude::*;

const SCHEMA: &str = "org.virt-manager.virt-manager.connections";
const PATH: &str = "/org/virt-manager/virt-manager/connections/";

/// The connections it shows.
const URIS: &str = "uris";
/// Those of them that it opens by itself.
const AUTOCONNECT: &str = "autoconnect";

/// A connection that virt-manager remembers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remembered {
    /// Its URI.
    pub uri: String,
    /// Whether virt-manager opens it by itself.
    pub autoconnect: bool,
}

/// All of them; none where there are none, or nobody knows.
pub async fn remembered() -> Vec<Remembered> {
    let read = gio::spawn_blocking(|| {
        let mut uris = list(URIS);
        let autoconnect = list(AUTOCONNECT);
        uris.retain(|uri| !uri.is_empty());
        uris.into_iter()
            .map(|uri| Remembered {
                autoconnect: autoconnect.contains(&uri),
                uri,
            })
            .collect()
    });
    // It does not panic; if it does the log has it.
    read.await.unwrap_or_default()
}

/// One of its lists. Blocks.
fn list(key: &str) -> Vec<String> {
    let of_schema = from_schema(key).unwrap_or_default();
    if of_schema.is_empty() {
        from_tool(key).unwrap_or_default()
    } else {
        of_schema
    }
}

/// By its settings schema: asking for one that is not there would end the program, so it is looked up
/// first.
fn from_schema(key: &str) -> Option<Vec<String>> {
    let schema = gio::SettingsSchemaSource::default()?.lookup(SCHEMA, true)?;
    if !schema.has_key(key) || schema.path().is_none() {
        return None;
    }
    let settings = gio::Settings::new_full(&schema, gio::SettingsBackend::NONE, None);
    settings.value(key).get()
}

fn from_tool(key: &str) -> Option<Vec<String>> {
    let output = Command::new("dconf")
        .args(["read", &format!("{PATH}{key}")])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    understand(&String::from_utf8_lossy(&output.stdout))
}

/// A list of texts as dconf's tool prints it.
fn understand(printed: &str) -> Option<Vec<String>> {
    let list = VariantTy::new("as").ok()?;
    Variant::parse(Some(list), printed.trim()).ok()?.get()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_as_they_are_printed() {
        assert_eq!(
            understand("['qemu:///system', \"xen+ssh://root@it's/\"]\n"),
            Some(vec![
                "qemu:///system".to_owned(),
                "xen+ssh://root@it's/".to_owned()
            ])
        );
        assert_eq!(understand("@as []"), Some(Vec::new()));
        // Not set, another kind, broken.
        for printed in ["", "'qemu:///system'", "3", "['a'", "[1, 2]"] {
            assert_eq!(understand(printed), None, "{printed}");
        }
    }

    #[test]
    fn a_schema_that_is_not_there_ends_nothing() {
        let _ = from_schema(URIS);
        let _ = from_schema("no such key");
    }
}
