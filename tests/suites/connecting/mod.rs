//! Connecting to other computers: what they ask, how it is answered, and what is said when it fails.

mod failures;
mod sasl;
mod ssh;
mod window;

use std::sync::Arc;

use backend::model::{HostSnapshot, HostState};
use backend::question::{About, Asker, Question, Secret};
use backend::{Error, Host};
use integration::program;
use integration::ssh_server::processes;
use integration::wait::{self, LIMIT};
use tokio::runtime::Runtime;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::timeout;

/// A host that is being connected, with this test as the person who is asked.
struct Scene {
    // Dropped first: threads of the runtime may wait for answers.
    questions: UnboundedReceiver<Question>,
    host: Host,
    runtime: Runtime,
}

impl Scene {
    fn open(uri: &str) -> Self {
        let runtime = Runtime::new().expect("there are threads");
        let (host, questions) = open(&runtime, uri);
        Self {
            questions,
            host,
            runtime,
        }
    }

    /// The next question.
    fn question(&mut self) -> Question {
        let questions = &mut self.questions;
        let next = self
            .runtime
            .block_on(async { timeout(LIMIT, questions.recv()).await });
        next.unwrap_or_else(|_| panic!("no question; it is {:?}", self.host.snapshot().state))
            .expect("the host lives")
    }

    /// The next question, or why it failed for good without one.
    fn question_or_failure(&mut self) -> Result<Question, Error> {
        let mut watch = self.host.watch();
        let questions = &mut self.questions;
        self.runtime.block_on(async {
            tokio::select! {
                // One that was asked counts, however soon the failure follows.
                biased;
                question = timeout(LIMIT, questions.recv()) => {
                    Ok(question.expect("neither").expect("the host lives"))
                }
                failed = watch.wait_for(|snapshot| {
                    matches!(snapshot.state, HostState::Failed { retry_at: None, .. })
                }) => match &failed.expect("the host lives").state {
                    HostState::Failed { error, .. } => Err(error.clone()),
                    state => panic!("{state:?}"),
                },
            }
        })
    }

    /// Waits for the next question, which has to be for one secret, and whether the last answer is said
    /// to be refused; answers it.
    fn answer_password(&mut self, password: &str, expect_refused: bool) {
        let question = self.question();
        let About::Credentials { fields, refused } = question.about() else {
            panic!("not a password: {question:?}");
        };
        assert_eq!(*refused, expect_refused, "{question:?}");
        assert_eq!(fields.len(), 1, "{question:?}");
        assert!(
            fields[0].secret && fields[0].prompt.contains("assword"),
            "{question:?}"
        );
        question.answer(vec![Secret::from(password)]);
    }

    /// Waits until it is connected.
    fn connected(&mut self) -> Arc<HostSnapshot> {
        self.settle("connected", |snapshot| {
            snapshot.state == HostState::Connected
        })
    }

    /// Waits until it has failed for good, and gives the reason.
    fn failed(&mut self) -> Error {
        let snapshot = self.settle("failed", |snapshot| {
            matches!(snapshot.state, HostState::Failed { retry_at: None, .. })
        });
        match &snapshot.state {
            HostState::Failed { error, .. } => error.clone(),
            state => panic!("{state:?}"),
        }
    }

    fn settle(&mut self, what: &str, fits: impl Fn(&HostSnapshot) -> bool) -> Arc<HostSnapshot> {
        let mut watch = self.host.watch();
        let host = self.host.clone();
        let questions = &mut self.questions;
        self.runtime.block_on(async move {
            tokio::select! {
                reached = timeout(LIMIT, watch.wait_for(|snapshot| fits(snapshot))) => reached
                    .unwrap_or_else(|_| panic!("{what}: never; it is {:?}", host.snapshot().state))
                    .expect("the host lives")
                    .clone(),
                question = questions.recv() => panic!("{what}: but it asks {question:?}"),
            }
        })
    }
}

/// Begins to connect; what ssh asks goes through the program, as it does for a user.
fn open(runtime: &Runtime, uri: &str) -> (Host, UnboundedReceiver<Question>) {
    let (asker, questions) = Asker::new();
    let asker = asker.with_askpass(program::binary());
    let host = Host::open_asking(uri, runtime.handle(), asker);
    (host, questions)
}

/// Children of this process that have ended and were not waited for.
fn zombies() -> usize {
    let own = std::process::id().to_string();
    let entries = std::fs::read_dir("/proc").expect("processes are listed");
    let stats =
        entries.filter_map(|entry| std::fs::read_to_string(entry.ok()?.path().join("stat")).ok());
    // "NUMBER (NAME) STATE PARENT ..."
    stats
        .filter_map(|stat| {
            let (_, rest) = stat.rsplit_once(") ")?;
            let mut words = rest.split(' ');
            Some(words.next()? == "Z" && words.next()? == own)
        })
        .filter(|is_zombie| *is_zombie)
        .count()
}

/// Waits until no ssh and no private folder is left.
fn nothing_is_left() {
    wait::until_true("every child was waited for", LIMIT, || zombies() == 0);
    wait::until_true("no ssh is left", LIMIT, || {
        processes("guesthouse-").is_empty()
    });
    wait::until_true("no folder is left", LIMIT, || {
        let mut entries = std::fs::read_dir("/run/user").expect("the sandbox has it");
        !entries.any(|entry| {
            let name = entry.expect("entries can be read").file_name();
            name.to_string_lossy().starts_with("guesthouse-")
        })
    });
}
