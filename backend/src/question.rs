//! What a host asks while it is being connected, and how a person answers.
//!
//! A [`crate::Host`] opened with an [`Asker`] sends its questions there, one at a time. Each is
//! answered once, or dropped, which cancels the attempt to connect. A question whose answer nobody
//! needs any more (the host was closed, the server hung up) tells so: [`Question::withdrawn`].

use std::fmt;
use std::path::PathBuf;

use tokio::sync::{mpsc, oneshot};
use zeroize::Zeroizing;

use crate::uri;

/// A password, passphrase or code. Its memory is wiped when it goes, and it is never printed.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// The text itself, for the one who needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// One thing to be typed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// What is wanted, in the words of the server or of ssh: "Password".
    pub prompt: String,
    /// Whether what is typed must not be seen.
    pub secret: bool,
    /// What is likely meant, to begin with.
    pub default: Option<String>,
}

/// The key by which a host identifies itself, unknown so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostKey {
    /// The host as ssh calls it, with its address: `[host]:2222 (10.0.0.5)`.
    pub host: String,
    /// Kind of key: "ED25519".
    pub key_type: String,
    /// "SHA256:" and the digest.
    pub fingerprint: String,
    /// What else ssh knows of that key, such as other names it belongs to; may be empty.
    pub note: String,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum About {
    /// User name, password, passphrase, one-time code.
    Credentials {
        /// What is to be typed in; never empty.
        fields: Vec<Field>,
        /// Whether the last answer was not accepted.
        refused: bool,
    },
    /// Whether an unknown host is the one that is meant.
    HostKey(HostKey),
    /// Something is to be done elsewhere, such as touching a security key; there is nothing to
    /// answer, and it is withdrawn when it was done.
    Notice(String),
}

/// A question that waits for a person.
pub struct Question {
    uri: String,
    about: About,
    reply: oneshot::Sender<Vec<Secret>>,
}

impl Question {
    pub(crate) fn new(uri: String, about: About) -> (Self, oneshot::Receiver<Vec<Secret>>) {
        let (reply, replied) = oneshot::channel();
        (Self { uri, about, reply }, replied)
    }

    /// The connection URI of the host that asks.
    pub fn uri(&self) -> &str {
        &self.uri
    }

    /// The name or address of that host, as its URI has it; the URI itself where it has none.
    pub fn host(&self) -> &str {
        uri::remote_host(&self.uri).unwrap_or(&self.uri)
    }

    /// What is asked.
    pub fn about(&self) -> &About {
        &self.about
    }

    /// Answers [`About::Credentials`]: one answer for each field, in their order.
    pub fn answer(self, answers: Vec<Secret>) {
        // Withdrawn in the meantime: then nobody needs it.
        let _ = self.reply.send(answers);
    }

    /// Answers [`About::HostKey`]: it is the right host, now and in future.
    pub fn trust(self) {
        self.answer(Vec::new());
    }

    /// Resolves when nobody waits for the answer any more.
    pub async fn withdrawn(&mut self) {
        self.reply.closed().await;
    }

    /// Whether nobody waits for the answer any more.
    pub fn is_withdrawn(&self) -> bool {
        self.reply.is_closed()
    }
}

impl fmt::Debug for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Question")
            .field("uri", &self.uri)
            .field("about", &self.about)
            .finish_non_exhaustive()
    }
}

/// Who is asked. Clones share the receiver.
#[derive(Debug, Clone)]
pub struct Asker {
    questions: mpsc::UnboundedSender<Question>,
    askpass: Option<PathBuf>,
}

impl Asker {
    /// An asker, and where its questions arrive. What ssh asks is asked by ssh itself, on the
    /// terminal the program was started from.
    pub fn new() -> (Self, mpsc::UnboundedReceiver<Question>) {
        let (questions, receiver) = mpsc::unbounded_channel();
        let asker = Self {
            questions,
            askpass: None,
        };
        (asker, receiver)
    }

    /// Sends what ssh asks to the same place. `program` is what ssh starts for it: one that calls
    /// [`crate::answer_for_ssh`] first of all.
    #[must_use]
    pub fn with_askpass(mut self, program: PathBuf) -> Self {
        self.askpass = Some(program);
        self
    }

    pub(crate) fn askpass(&self) -> Option<&PathBuf> {
        self.askpass.as_ref()
    }

    /// Sends the question; without a receiver it is dropped, which cancels.
    pub(crate) fn send(&self, question: Question) {
        let _ = self.questions.send(question);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_printed() {
        let secret = Secret::from("hunter2");
        assert_eq!(format!("{secret:?}"), "Secret");
        assert!(!format!("{:?}", vec![Some(secret)]).contains("hunter2"));
    }

    #[tokio::test]
    async fn a_question_notices_that_nobody_waits() {
        let about = About::Notice("Touch the key.".into());
        let (mut question, replied) = Question::new("qemu:///system".into(), about);
        assert!(!question.is_withdrawn());
        drop(replied);
        question.withdrawn().await;
        assert!(question.is_withdrawn());
    }
}
