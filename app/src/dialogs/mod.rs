//! Dialogs, one file each.

pub mod about;
pub mod add_host;
pub mod confirm;
pub mod delete;
pub mod discard_saved;
pub mod error;
pub mod force_off;
mod host_path;
pub mod import;
pub mod preferences;
pub mod question;
pub mod quit;
pub mod rename;
pub mod restore;
pub mod save_to_file;
pub mod shortcuts;

use adw::prelude::*;

/// Shows a message dialog; resolves with the name of the user's response.
fn answer(dialog: &adw::MessageDialog) -> impl Future<Output = String> + use<> {
    let (answer, answered) = tokio::sync::oneshot::channel();
    let answer = std::cell::Cell::new(Some(answer));
    dialog.connect_response(None, move |_, response| {
        if let Some(answer) = answer.take() {
            // Whoever asked may have gone on.
            let _ = answer.send(response.to_owned());
        }
    });
    dialog.present();
    async move { answered.await.unwrap_or_default() }
}

/// Longest name in a heading.
const HEADING_NAME: usize = 40;

/// A name that fits into a heading: a long one loses its middle.
pub fn shortened(name: &str) -> String {
    let length = name.chars().count();
    if length <= HEADING_NAME {
        return name.to_owned();
    }
    let half = (HEADING_NAME - 1) / 2;
    let head: String = name.chars().take(half).collect();
    let tail: String = name.chars().skip(length - half).collect();
    format!("{head}…{tail}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_lose_their_middle() {
        assert_eq!(shortened("web"), "web");
        let long = format!("a{}ö", "x".repeat(198));
        let short = shortened(&long);
        assert_eq!(short.chars().count(), 39);
        assert!(short.starts_with("ax") && short.ends_with("xö") && short.contains('…'));
    }
}
