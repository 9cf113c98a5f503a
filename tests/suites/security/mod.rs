//! Ways to log in to a screen, with the servers of others.

mod keyring;
mod qemu;
mod window;
mod xvnc;

use std::cell::RefCell;
use std::time::Duration;

use tokio::runtime::Runtime;
use vnc_widget::{
    Answer, CredentialKind, Credentials, Distrust, Endpoint, Error, Fingerprint, Picture, Question,
    TlsPolicy, TrustQuestion, capture,
};

/// Long enough for the busiest machine: only what hangs gets this far.
const PATIENCE: Duration = Duration::from_mins(2);

/// Somebody who answers what a server asks.
struct Person {
    credentials: Option<Credentials>,
    trusting: bool,
    /// What was asked for.
    kinds: RefCell<Vec<CredentialKind>>,
    /// Whom to trust was asked.
    doubts: RefCell<Vec<TrustQuestion>>,
}

impl Person {
    /// Who trusts everybody, and knows that.
    fn knowing(credentials: Credentials) -> Self {
        Self {
            credentials: Some(credentials),
            ..Self::stranger()
        }
    }

    /// Who trusts everybody and knows nothing.
    fn stranger() -> Self {
        Self {
            credentials: None,
            trusting: true,
            kinds: RefCell::default(),
            doubts: RefCell::default(),
        }
    }

    fn answer(&self, question: Question) -> Option<Answer> {
        match question {
            Question::Credentials(kind) => {
                self.kinds.borrow_mut().push(kind);
                self.credentials.clone().map(Answer::Credentials)
            }
            Question::Trust(question) => {
                self.doubts.borrow_mut().push(*question);
                self.trusting.then_some(Answer::Trusted)
            }
            other => panic!("{other:?}"),
        }
    }

    /// A picture of the server at that port of this machine.
    fn look(&self, port: u16, policy: TlsPolicy) -> Result<Picture, Error> {
        let runtime = Runtime::new().expect("there are threads");
        let endpoint = Endpoint::Tcp {
            host: "127.0.0.1".to_owned(),
            port,
        };
        let answer = async |question| self.answer(question);
        let handle = runtime.handle().clone();
        runtime.block_on(capture(&handle, endpoint, policy, answer, PATIENCE))
    }

    fn kinds(&self) -> Vec<CredentialKind> {
        self.kinds.take()
    }

    /// Why the server was not trusted by itself, and what it showed.
    fn doubts(&self) -> Vec<(Distrust, Fingerprint)> {
        let doubts = self.doubts.take().into_iter();
        doubts
            .map(|doubt| (doubt.reason, doubt.certificate.fingerprint))
            .collect()
    }
}

/// A policy that finds nothing in the usual places.
fn nothing_known() -> TlsPolicy {
    TlsPolicy {
        folders: Vec::new(),
        ..TlsPolicy::default()
    }
}

/// The SHA-256 of a certificate in a file, as openssl has it.
fn fingerprint(file: &std::path::Path) -> Fingerprint {
    let output = std::process::Command::new("openssl")
        .args(["x509", "-noout", "-fingerprint", "-sha256", "-in"])
        .arg(file)
        .output()
        .expect("openssl starts");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let (_, digits) = text.trim().split_once('=').expect("NAME=DIGITS");
    digits.parse().expect("a fingerprint")
}
