//! Who is ahead, the field or the dialog.

use std::cell::{Cell, RefCell};

/// What a field and the dialog last agreed on.
///
/// What the user types reaches the dialog as a message, and what the dialog knows comes back as
/// one. In between the two differ, and a proposal that was under way must not overwrite what has
/// just been typed. So a proposal is written only into a field that the user has not changed since
/// both were last the same.
#[derive(Debug)]
pub(super) struct Agreement<T> {
    agreed: RefCell<T>,
    /// Nothing was told yet: what comes first is what the dialog began with, and is shown even
    /// when it is the user's own from an earlier attempt.
    begins: Cell<bool>,
}

impl<T: PartialEq + Clone> Agreement<T> {
    /// Both begin with what the field holds.
    pub(super) fn new(begin: T) -> Self {
        Self {
            agreed: RefCell::new(begin),
            begins: Cell::new(true),
        }
    }

    /// Compares what the field shows with what the dialog tells; returns whether the field is to
    /// show that instead. `by_hand`: what is told is the user's own.
    pub(super) fn adopts(&self, shown: &T, told: &T, by_hand: bool) -> bool {
        let same = shown == told;
        let begins = self.begins.replace(false);
        let unchanged = (begins || !by_hand) && *self.agreed.borrow() == *shown;
        if same || unchanged {
            self.agreed.replace(told.clone());
        }
        !same && unchanged
    }
}

#[cfg(test)]
mod tests {
    use super::Agreement;

    #[test]
    fn proposals_are_shown() {
        let name = Agreement::new("");
        assert!(name.adopts(&"", &"debian-12", false));
        assert!(!name.adopts(&"debian-12", &"debian-12", false));
        assert!(name.adopts(&"debian-12", &"fedora-43", false));
    }

    #[test]
    fn what_was_typed_in_an_earlier_attempt_is_shown() {
        let name = Agreement::new("");
        assert!(name.adopts(&"", &"mine", true));
        assert!(!name.adopts(&"mine2", &"mine", true), "and left alone then");
    }

    #[test]
    fn a_late_proposal_does_not_replace_what_is_typed() {
        let name = Agreement::new("");
        assert!(!name.adopts(&"w", &"", false), "not heard of the w yet");
        assert!(!name.adopts(&"w", &"debian-12", false), "still not");
        assert!(!name.adopts(&"we", &"w", true), "one letter behind");
        assert!(!name.adopts(&"we", &"we", true));
    }

    #[test]
    fn a_decision_given_back_follows_proposals_again() {
        let disk = Agreement::new("");
        assert!(!disk.adopts(&"", &"", false));
        assert!(!disk.adopts(&"/x", &"/x", true));
        assert!(disk.adopts(&"/x", &"pool/y", false), "a pool was picked");
    }
}
