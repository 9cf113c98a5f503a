//! An attempt to connect, as far as a person takes part in it: what it asks, what was answered, and
//! how it is called off.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::watch;

use crate::error::{Error, ErrorKind};
use crate::question::{About, Asker, Field, Question, Secret};
use crate::wire::Wire;

/// How often one attempt asks for the same thing. Servers set bounds of their own, most of them
/// lower.
const TRIES: usize = 5;

/// Answers that a host accepted, for when the connection has to be remade. They live as long as the
/// host does, in memory only.
#[derive(Debug, Clone, Default)]
pub(crate) struct Memory(Arc<Mutex<HashMap<Vec<String>, Vec<Secret>>>>);

impl Memory {
    fn lock(&self) -> MutexGuard<'_, HashMap<Vec<String>, Vec<Secret>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One attempt. Clones are the same attempt.
#[derive(Clone)]
pub(crate) struct Attempt(Arc<Inner>);

struct Inner {
    uri: String,
    asker: Option<Asker>,
    memory: Memory,
    /// Whether a question waits for a person.
    asking: watch::Sender<bool>,
    called_off: watch::Sender<bool>,
    /// What libvirt opened for it.
    wire: Wire,
    course: Mutex<Course>,
}

/// What has come of the attempt's questions.
#[derive(Default)]
struct Course {
    /// How often each was asked, remembered answers included.
    asked: HashMap<Vec<String>, usize>,
    given: HashMap<Vec<String>, Vec<Secret>>,
    /// Whether a person was asked.
    disturbed: bool,
    /// Why a question was not answered.
    ended: Option<Error>,
}

impl Attempt {
    /// An attempt at `uri`; without an asker every question ends it.
    pub(crate) fn new(uri: &str, asker: Option<Asker>, memory: Memory) -> Self {
        Self(Arc::new(Inner {
            uri: uri.to_owned(),
            asker,
            memory,
            asking: watch::Sender::new(false),
            called_off: watch::Sender::new(false),
            wire: Wire::default(),
            course: Mutex::default(),
        }))
    }

    pub(crate) fn uri(&self) -> &str {
        &self.0.uri
    }

    /// Lets a thread that may block wait for [`Self::ask`].
    pub(crate) fn ask_blocking(&self, fields: Vec<Field>, runtime: &Handle) -> Option<Vec<Secret>> {
        runtime.block_on(self.ask(About::Credentials {
            fields,
            refused: false,
        }))
    }

    pub(crate) fn asker(&self) -> Option<&Asker> {
        self.0.asker.as_ref()
    }

    /// Whether a question waits for a person, as that changes.
    pub(crate) fn asking(&self) -> watch::Receiver<bool> {
        self.0.asking.subscribe()
    }

    /// Ends the attempt as soon as possible; a question that is open is withdrawn. A connection that
    /// came of it is cut.
    pub(crate) fn call_off(&self) {
        self.0.called_off.send_replace(true);
        self.0.wire.cut();
    }

    /// The sockets of the attempt, and of the connection that comes of it.
    pub(crate) fn wire(&self) -> &Wire {
        &self.0.wire
    }

    /// Resolves when the attempt was called off.
    pub(crate) async fn called_off(&self) {
        let mut called_off = self.0.called_off.subscribe();
        // The sender lives as long as this does.
        let _ = called_off.wait_for(|called_off| *called_off).await;
    }

    /// Why the attempt ended with a question, if it did.
    pub(crate) fn ended(&self) -> Option<Error> {
        self.course().ended.clone()
    }

    /// Whether a person was asked anything: then a failure is not followed by another attempt, which
    /// would ask again.
    pub(crate) fn has_disturbed(&self) -> bool {
        self.course().disturbed
    }

    /// How many questions there were so far, those answered from memory included.
    pub(crate) fn times_asked(&self) -> usize {
        self.course().asked.values().sum()
    }

    /// Whether what was asked may be asked once more.
    pub(crate) fn may_ask_again(&self) -> bool {
        let course = self.course();
        course.ended.is_none() && course.asked.values().all(|times| *times < TRIES)
    }

    /// The host let us in: what was answered is right.
    pub(crate) fn succeeded(&self) {
        let mut given = std::mem::take(&mut self.course().given);
        given.retain(|prompts, _| prompts.iter().all(|prompt| is_lasting(prompt)));
        self.0.memory.lock().extend(given);
    }

    /// Asks, and waits for the answer: from memory where an earlier connection was given one, from
    /// the person otherwise. Nothing: the attempt is over, for the reason in [`Self::ended`].
    pub(crate) async fn ask(&self, about: About) -> Option<Vec<Secret>> {
        let About::Credentials { fields, .. } = about else {
            return self.ask_person(about).await;
        };
        let wanted = fields.len();
        let key: Vec<String> = fields.iter().map(|field| field.prompt.clone()).collect();
        let times = {
            let mut course = self.course();
            let times = course.asked.entry(key.clone()).or_default();
            *times += 1;
            *times
        };
        // Used up by being looked at: when it is asked again, it was not accepted.
        let remembered = self.0.memory.lock().remove(&key);
        let answers = match remembered {
            Some(answers) if times == 1 => answers,
            _ if times > TRIES => return None,
            _ => {
                let refused = times > 1;
                let fields = self.with_last_answers(&key, fields);
                self.ask_person(About::Credentials { fields, refused })
                    .await?
            }
        };
        if answers.len() != wanted {
            // The asker does not keep to the rules; nothing sensible can be sent.
            return None;
        }
        self.course().given.insert(key, answers.clone());
        Some(answers)
    }

    /// Proposes what was answered the last time, secrets excepted: a name is seldom what was wrong.
    fn with_last_answers(&self, key: &[String], mut fields: Vec<Field>) -> Vec<Field> {
        if let Some(given) = self.course().given.get(key) {
            for (field, answer) in fields.iter_mut().zip(given) {
                if !field.secret {
                    field.default = Some(answer.expose().to_owned());
                }
            }
        }
        fields
    }

    async fn ask_person(&self, about: About) -> Option<Vec<Secret>> {
        let Some(asker) = self.asker() else {
            self.course().ended = Some(nobody_to_ask(&about));
            return None;
        };
        self.course().disturbed = true;
        let (question, replied) = Question::new(self.0.uri.clone(), about);
        let waiting = Waiting::begin(&self.0.asking);
        asker.send(question);
        let answers = tokio::select! {
            replied = replied => replied.ok(),
            () = self.called_off() => None,
        };
        drop(waiting);
        if answers.is_none() {
            self.course().ended = Some(cancelled());
        }
        answers
    }

    /// Resolves when `limit` has passed, not counting the time in which a person was waited for.
    pub(crate) async fn run_out_of_time(&self, limit: Duration) {
        let mut asking = self.asking();
        loop {
            let _ = asking.wait_for(|asking| !asking).await;
            tokio::select! {
                () = tokio::time::sleep(limit) => return,
                _ = asking.wait_for(|asking| *asking) => {}
            }
        }
    }

    fn course(&self) -> MutexGuard<'_, Course> {
        self.0.course.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Says that a person is waited for, while it lives.
struct Waiting<'a>(&'a watch::Sender<bool>);

impl<'a> Waiting<'a> {
    fn begin(asking: &'a watch::Sender<bool>) -> Self {
        asking.send_replace(true);
        Self(asking)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.send_replace(false);
    }
}

/// Whether what is asked for stays the same: a code is good for one login only, and giving it a second
/// time may count against the user.
fn is_lasting(prompt: &str) -> bool {
    let prompt = prompt.to_lowercase();
    ["password", "passphrase", "user name", "username"]
        .iter()
        .any(|word| prompt.contains(word))
        && !prompt.contains("one-time")
}

pub(crate) fn cancelled() -> Error {
    Error::new(ErrorKind::Cancelled, "Connecting was cancelled.")
        .with_remedy("Connect again when you can answer what the host asks.")
}

fn nobody_to_ask(about: &About) -> Error {
    let what = match about {
        About::Credentials { fields, .. } => {
            let prompts: Vec<&str> = fields.iter().map(prompt).collect();
            format!("The host asks for “{}”.", prompts.join("”, “"))
        }
        About::HostKey(key) => format!("The identity of “{}” is not known yet.", key.host),
        About::Notice(text) => text.clone(),
    };
    Error::new(ErrorKind::AuthenticationFailed, what)
        .with_remedy("Connect from the window or a terminal, where that can be answered.")
}

fn prompt(field: &Field) -> &str {
    field.prompt.trim_end_matches([':', ' '])
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc::UnboundedReceiver;

    use super::*;

    fn password() -> About {
        About::Credentials {
            fields: vec![Field {
                prompt: "Password: ".into(),
                secret: true,
                default: None,
            }],
            refused: false,
        }
    }

    fn attempt(memory: &Memory) -> (Attempt, UnboundedReceiver<Question>) {
        let (asker, questions) = Asker::new();
        let attempt = Attempt::new("qemu+ssh://h/system", Some(asker), memory.clone());
        (attempt, questions)
    }

    /// Answers the next question and tells whether it was said to be a repeated one.
    async fn reply(questions: &mut UnboundedReceiver<Question>, text: &str) -> bool {
        let question = questions.recv().await.expect("a question");
        let refused = matches!(question.about(), About::Credentials { refused: true, .. });
        question.answer(vec![text.into()]);
        refused
    }

    #[tokio::test]
    async fn what_was_accepted_is_used_once_more_and_then_asked_again() {
        let memory = Memory::default();
        let (first, mut questions) = attempt(&memory);
        let (answer, refused) = tokio::join!(first.ask(password()), reply(&mut questions, "a"));
        assert_eq!(answer, Some(vec!["a".into()]));
        assert!(!refused);
        first.succeeded();

        let (second, mut questions) = attempt(&memory);
        assert_eq!(second.ask(password()).await, Some(vec!["a".into()]));
        assert!(!second.has_disturbed());
        // The server asks again: it was not accepted this time.
        let (answer, refused) = tokio::join!(second.ask(password()), reply(&mut questions, "b"));
        assert_eq!(answer, Some(vec!["b".into()]));
        assert!(refused);
        assert!(second.has_disturbed());
    }

    #[test]
    fn codes_are_not_remembered() {
        for (prompt, lasting) in [
            ("root@h's password", true),
            ("(root@h) Password", true),
            ("Enter passphrase for key '/k'", true),
            ("User name", true),
            ("(root@h) Verification code", false),
            ("One-time password (OATH) for `me'", false),
            ("Accept updated hostkeys? (yes/no)", false),
        ] {
            assert_eq!(is_lasting(prompt), lasting, "{prompt}");
        }
    }

    #[tokio::test]
    async fn what_was_refused_is_not_remembered() {
        let memory = Memory::default();
        let (first, mut questions) = attempt(&memory);
        let _ = tokio::join!(first.ask(password()), reply(&mut questions, "wrong"));
        drop(first);
        let (second, mut questions) = attempt(&memory);
        let (_, refused) = tokio::join!(second.ask(password()), reply(&mut questions, "a"));
        assert!(!refused);
        assert!(second.has_disturbed());
    }

    #[tokio::test]
    async fn a_dropped_question_cancels_and_calling_off_withdraws_it() {
        let (dropped, mut questions) = attempt(&Memory::default());
        let drop_it = async { drop(questions.recv().await) };
        let (answer, ()) = tokio::join!(dropped.ask(password()), drop_it);
        assert_eq!(answer, None);
        let kind = dropped.ended().map(|error| error.kind());
        assert_eq!(kind, Some(ErrorKind::Cancelled));

        let (closed, mut questions) = attempt(&Memory::default());
        let mut asking = closed.asking();
        let call_off = async {
            let mut question = questions.recv().await.expect("a question");
            assert!(*asking.borrow_and_update());
            closed.call_off();
            question.withdrawn().await;
        };
        let (answer, ()) = tokio::join!(closed.ask(password()), call_off);
        assert_eq!(answer, None);
        assert!(!*asking.borrow_and_update());
    }

    #[tokio::test]
    async fn without_an_asker_a_question_ends_the_attempt() {
        let attempt = Attempt::new("qemu+tcp://h/system", None, Memory::default());
        assert_eq!(attempt.ask(password()).await, None);
        let error = attempt.ended().expect("a reason");
        assert_eq!(error.kind(), ErrorKind::AuthenticationFailed);
        assert_eq!(error.message(), "The host asks for “Password”.");
        assert!(error.remedy().is_some());
    }

    #[tokio::test]
    async fn a_name_is_proposed_again_and_a_password_is_not() {
        let (attempt, mut questions) = attempt(&Memory::default());
        let both = || {
            let field = |prompt: &str, secret| Field {
                prompt: prompt.into(),
                secret,
                default: None,
            };
            About::Credentials {
                fields: vec![field("User name", false), field("Password", true)],
                refused: false,
            }
        };
        let first = async {
            let question = questions.recv().await.expect("a question");
            question.answer(vec!["me".into(), "wrong".into()]);
        };
        let _ = tokio::join!(attempt.ask(both()), first);
        let second = async {
            let question = questions.recv().await.expect("a question");
            let About::Credentials { fields, .. } = question.about() else {
                panic!("{question:?}");
            };
            fields.iter().map(|field| field.default.clone()).collect()
        };
        let (_, defaults): (_, Vec<_>) = tokio::join!(attempt.ask(both()), second);
        assert_eq!(defaults, [Some("me".to_owned()), None]);
    }

    #[tokio::test]
    async fn the_same_is_not_asked_for_ever() {
        let (attempt, mut questions) = attempt(&Memory::default());
        for _ in 0..TRIES {
            let (answer, _) = tokio::join!(attempt.ask(password()), reply(&mut questions, "x"));
            assert!(answer.is_some());
        }
        assert!(!attempt.may_ask_again());
        assert_eq!(attempt.ask(password()).await, None);
    }
}
