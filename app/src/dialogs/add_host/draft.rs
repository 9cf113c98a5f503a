//! The address as it stands: made of the answers, or typed by hand.

use wizard::widgets::Tone;

use super::answers::Answers;
use super::objection::objection;

/// What is to be added. Whatever was changed last counts.
#[derive(Debug)]
pub struct Draft {
    answers: Answers,
    uri: String,
    /// Whether the address was typed and says what the answers cannot.
    beyond_answers: bool,
    /// URIs in the list.
    known: Vec<String>,
}

impl Draft {
    /// The usual answers, beside the hosts of the URIs that are `known`.
    pub fn new(known: Vec<String>) -> Self {
        let answers = Answers::default();
        Self {
            uri: answers.uri(),
            answers,
            beyond_answers: false,
            known,
        }
    }

    /// The connection URI.
    pub fn uri(&self) -> &str {
        &self.uri
    }

    /// Takes other answers: they make another address.
    pub fn answer(&mut self, answers: Answers) {
        self.uri = answers.uri();
        self.answers = answers;
        self.beyond_answers = false;
    }

    /// Takes an address that was typed. Returns the answers that make it, where some do.
    pub fn type_in(&mut self, uri: String) -> Option<&Answers> {
        let answers = Answers::of(&uri);
        self.uri = uri;
        self.beyond_answers = answers.is_none();
        self.answers = answers?;
        Some(&self.answers)
    }

    /// Notes that the host at `uri` is in the list now.
    pub fn know(&mut self, uri: &str) {
        self.known.push(uri.to_owned());
    }

    /// Whether a host at `uri` makes sense and is not in the list.
    pub fn is_new(&self, uri: &str) -> bool {
        objection(uri, &self.known).is_none()
    }

    /// Whether it can be added as it stands.
    pub fn is_complete(&self) -> bool {
        self.missing().is_none() && self.objection().is_none()
    }

    /// What there is to say about it.
    pub fn hint(&self) -> (Tone, &'static str) {
        match (self.missing(), self.objection()) {
            (Some(missing), _) => (Tone::Note, missing),
            (None, Some(objection)) => (Tone::Error, objection),
            (None, None) if self.beyond_answers => (
                Tone::Note,
                "This address says what the answers above cannot: it is used as it stands.",
            ),
            (None, None) => (Tone::Note, "This address can be changed by hand, too."),
        }
    }

    /// What is still to be said, where nothing that was said is wrong.
    fn missing(&self) -> Option<&'static str> {
        if self.beyond_answers || self.answers.objection().is_some() {
            return None;
        }
        self.answers.missing()
    }

    /// What is wrong. An address by hand counts as it is, whatever the answers show.
    fn objection(&self) -> Option<&'static str> {
        let of_answers = (!self.beyond_answers).then(|| self.answers.objection());
        let of_answers = of_answers.flatten();
        of_answers.or_else(|| objection(&self.uri, &self.known))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> Draft {
        Draft::new(vec!["qemu+ssh://known/system".to_owned()])
    }

    fn answers(host: &str) -> Answers {
        Answers {
            host: host.to_owned(),
            ..Answers::default()
        }
    }

    #[test]
    fn what_was_changed_last_counts() {
        let mut draft = draft();
        draft.answer(answers("one"));
        assert_eq!(draft.uri(), "qemu+ssh://one/system");
        let shown = draft.type_in("xen+tls://two/system".to_owned());
        assert_eq!(shown.map(|answers| answers.host.as_str()), Some("two"));
        assert!(draft.is_complete());
        let shown = draft.type_in("qemu+libssh2://three/system".to_owned());
        assert_eq!(shown, None);
        assert!(draft.is_complete());
        assert!(draft.hint().1.contains("as it stands"));
        draft.answer(answers("four"));
        assert_eq!(draft.uri(), "qemu+ssh://four/system");
    }

    #[test]
    fn what_is_missing_is_no_mistake_and_what_is_known_is_not_new() {
        let mut draft = draft();
        assert_eq!(draft.hint().0, Tone::Note);
        assert!(!draft.is_complete());
        for wrong in ["known", "me@host"] {
            draft.answer(answers(wrong));
            assert_eq!(draft.hint().0, Tone::Error, "{wrong}");
            assert!(!draft.is_complete());
        }
        draft.type_in("nonsense".to_owned());
        assert_eq!(draft.hint().0, Tone::Error);
        assert!(!draft.is_complete());
        draft.know("test:///default");
        assert!(!draft.is_new("test:///default"));
        assert!(draft.is_new("qemu:///session"));
    }
}
