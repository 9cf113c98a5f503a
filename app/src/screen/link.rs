//! How the way to a screen stands, and how long to wait before it is tried again.

use std::time::Duration;

use super::question::Asked;

/// How the way to a screen stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Link {
    /// Not wanted: there is nothing to show.
    #[default]
    Idle,
    /// Being made; `again`: after a picture had been there.
    Connecting {
        /// Whether a picture was there before.
        again: bool,
    },
    /// The server asks something.
    Asks(Box<Asked>),
    /// It is there.
    Up,
    /// It broke or could not be made, and is tried again by itself.
    Waiting {
        /// Why, as a sentence.
        reason: String,
    },
    /// It ended or could not be made, and is tried again only when asked.
    Ended {
        /// Why, as a sentence; absent when the server ended it in good order.
        reason: Option<String>,
    },
}

/// How long to wait before attempt number `attempt` (from 1): the first ones follow quickly, as a
/// guest that has just started may listen any moment.
pub fn pause_before(attempt: u32) -> Duration {
    Duration::from_millis(match attempt {
        0..=3 => 250,
        4..=6 => 1000,
        7..=9 => 2000,
        _ => 5000,
    })
}

/// Makes a sentence of a clause, as error types of libraries give them.
pub fn sentence(clause: &str) -> String {
    let mut letters = clause.trim().chars();
    let Some(first) = letters.next() else {
        return String::new();
    };
    let mut sentence: String = first.to_uppercase().chain(letters).collect();
    if !sentence.ends_with(['.', '!', '?']) {
        sentence.push('.');
    }
    sentence
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clauses_become_sentences() {
        assert_eq!(sentence("the server left"), "The server left.");
        assert_eq!(sentence("Why?"), "Why?");
        assert_eq!(sentence("ärger"), "Ärger.");
        assert_eq!(sentence("  "), "");
    }

    #[test]
    fn pauses_grow_and_stay_bounded() {
        let pauses: Vec<_> = (0..40).map(pause_before).collect();
        assert!(pauses.is_sorted());
        assert_eq!(pause_before(u32::MAX), Duration::from_secs(5));
    }
}
