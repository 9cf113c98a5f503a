//! Keeping a picture of a screen as a file.

use std::path::PathBuf;

use backend::{Error, ErrorKind};
use gtk::gio;
use gtk::prelude::*;
use relm4::gtk;

use super::picture::Shot;
use crate::dialogs;

/// Asks where to keep `shot`, writes it there and tells what became of it.
pub async fn save_and_tell(
    parent: adw::ApplicationWindow,
    toasts: adw::ToastOverlay,
    name: String,
    shot: Shot,
) {
    match save(&parent, &name, shot).await {
        Ok(Some(path)) => toasts.add_toast(dialogs::error::toast(&format!(
            "The picture is in {}.",
            path.display()
        ))),
        Ok(None) => {}
        Err(error) => dialogs::error::tell(&parent, &toasts, &error),
    }
}

/// Asks where to keep `shot` and writes it there as a PNG. Returns the file, or `None` when the
/// user thought better of it.
///
/// # Errors
/// When the file could not be written.
async fn save(
    parent: &impl IsA<gtk::Window>,
    name: &str,
    shot: Shot,
) -> Result<Option<PathBuf>, Error> {
    let chooser = gtk::FileChooserNative::new(
        Some("Keep the Picture"),
        Some(parent),
        gtk::FileChooserAction::Save,
        Some("_Save"),
        Some("_Cancel"),
    );
    chooser.set_modal(true);
    chooser.set_current_name(&format!("{}.png", file_stem(name)));
    let answer = chooser.run_future().await;
    let file = chooser.file().and_then(|file| file.path());
    chooser.destroy();
    let Some(path) = file.filter(|_| answer == gtk::ResponseType::Accept) else {
        return Ok(None);
    };
    let target = path.clone();
    let write = move || match shot.read() {
        Some(pixels) => pixels.write_png(&target),
        None => Err("there is not enough memory for it".to_owned()),
    };
    let written = gio::spawn_blocking(write)
        .await
        .unwrap_or_else(|_| Err("the encoder failed".to_owned()));
    match written {
        Ok(()) => Ok(Some(path)),
        Err(detail) => Err(Error::new(
            ErrorKind::BadPath,
            format!("The picture could not be written to {}.", path.display()),
        )
        .with_remedy("Choose a folder that you may write to and that has room.")
        .with_detail(detail)),
    }
}

/// A name for a file, out of a name that may hold anything.
pub(super) fn file_stem(name: &str) -> String {
    let stem: String = name
        .chars()
        .map(|letter| match letter {
            '/' | '\0' | ':' => '-',
            other => other,
        })
        .collect();
    let stem = stem.trim_start_matches('.').trim();
    if stem.is_empty() {
        "screen".to_owned()
    } else {
        stem.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::file_stem;

    #[test]
    fn names_make_files_that_can_be_seen() {
        assert_eq!(file_stem("debian-12"), "debian-12");
        assert_eq!(file_stem("../etc/x"), "-etc-x");
        assert_eq!(file_stem("[::1]:1"), "[--1]-1");
        assert_eq!(file_stem(".."), "screen");
    }
}
