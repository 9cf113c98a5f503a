//! What the search field asks for, and whether a guest answers it.

use backend::model::Guest;

/// What is searched for: every word must occur somewhere in what is shown of a guest. An empty
/// search matches everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    words: Vec<String>,
}

impl Query {
    /// The query for what was typed.
    pub fn new(text: &str) -> Self {
        Self {
            words: text.split_whitespace().map(str::to_lowercase).collect(),
        }
    }

    /// Whether nothing is searched for.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Whether `guest` on the host called `host` answers.
    pub fn matches(&self, guest: &Guest, host: &str) -> bool {
        if self.is_empty() {
            return true;
        }
        let mut text = guest.name.to_lowercase();
        let mut add = |more: &str| {
            text.push('\n');
            text.push_str(&more.to_lowercase());
        };
        add(guest.state.word());
        if guest.installing {
            add("installing");
        }
        add(host);
        if let Some(details) = &guest.details {
            if let Some(os) = &details.os {
                add(&os.name);
            }
            details
                .description
                .as_deref()
                .into_iter()
                .for_each(&mut add);
            for display in &details.displays {
                display.address.as_deref().into_iter().for_each(&mut add);
            }
        }
        self.words.iter().all(|word| text.contains(word.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use backend::model::{GuestDetails, GuestState, OsInfo};

    use super::*;
    use crate::manager::testing::guest;

    #[test]
    fn every_word_must_occur_in_name_state_system_or_host() {
        let mut it = guest("Web-Server 1", GuestState::Paused);
        it.details = Some(Arc::new(GuestDetails {
            os: Some(OsInfo {
                id: String::new(),
                name: "Debian 12".to_owned(),
            }),
            description: Some("Ärger mit PHP".to_owned()),
            ..GuestDetails::default()
        }));
        for hit in [
            "", "  ", "web", "SERVER", "paus deb", "debian 1", "ärger", "thor web",
        ] {
            assert!(Query::new(hit).matches(&it, "thor"), "{hit:?}");
        }
        for miss in ["running", "webserver", "web fedora", "thor2"] {
            assert!(!Query::new(miss).matches(&it, "thor"), "{miss:?}");
        }
    }

    #[test]
    fn words_do_not_match_across_the_parts() {
        let it = guest("web", GuestState::Off);
        assert!(!Query::new("weboff").matches(&it, "thor"));
    }
}
