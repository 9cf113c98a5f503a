//! What the server asks, and what is answered without asking anybody.

use relm4::prelude::*;
use vnc_widget::{CredentialKind, Credentials, Error, Fingerprint, TrustQuestion};

use super::{Stage, VncAnswer, VncScreen};
use crate::keyring::{self, Found};
use crate::known_servers;
use crate::screen::link::{Link, sentence};
use crate::screen::question::{Answer, Asked, Given};

/// What has been said to the server, and what is known of it.
#[derive(Debug, Default)]
pub(super) struct Said {
    /// By what the server is known.
    pub(super) server: Option<String>,
    /// By what its password is kept.
    pub(super) account: String,
    /// A certificate that the user trusts as long as the window is open.
    trusted: Option<Fingerprint>,
    /// What the user wants the server to be known by, while that is not written down.
    pub(super) anew: Anew,
    /// What let us in the last time.
    good: Option<Credentials>,
    /// What was said in this attempt.
    given: Option<Credentials>,
    /// Whether the last thing said was not accepted.
    refused: bool,
    /// Whether it was the keyring that said it.
    from_keyring: bool,
    /// What the keyring answered, where it was asked.
    keyring: Keyring,
    /// What is to be kept once it has let us in.
    to_keep: Option<Credentials>,
}

/// What a server is to be known by in the place of what is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Anew {
    /// Nothing else.
    #[default]
    AsWritten,
    /// This certificate, or none.
    By(Option<Fingerprint>),
}

/// What is known of the keyring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Keyring {
    /// Nothing yet.
    #[default]
    Unasked,
    /// It is being asked.
    Asking,
    /// It was asked, and holds nothing that helps.
    Asked,
    /// There is none.
    Missing,
}

impl Said {
    /// An attempt begins; what an earlier one still waits for is of no interest.
    pub(super) fn begin(&mut self) {
        if self.keyring == Keyring::Asking {
            self.keyring = Keyring::Unasked;
        }
    }
}

impl VncScreen {
    /// The server wants to know who we are.
    pub(super) fn asked_who(&mut self, kind: CredentialKind, sender: &ComponentSender<Self>) {
        // What everybody on the way can read is not sent by itself, and not kept.
        let in_clear = kind == CredentialKind::UsernameAndPasswordInClear;
        // A connection that is made again is let in by what let it in before.
        if let Some(good) = self.said.good.take().filter(|_| !in_clear) {
            self.say(good);
            return;
        }
        if self.said.keyring == Keyring::Asking {
            return;
        }
        if self.said.keyring == Keyring::Unasked && !in_clear {
            self.said.keyring = Keyring::Asking;
            let (serial, account) = (self.serial, self.said.account.clone());
            sender.oneshot_command(async move {
                VncAnswer::Found(serial, kind, keyring::find(&account).await)
            });
            return;
        }
        let asked = Asked::Credentials {
            kind,
            refused: self.said.refused,
            can_remember: self.said.keyring == Keyring::Asked && !in_clear,
        };
        self.ask(asked, sender);
    }

    /// The keyring was asked first.
    pub(super) fn found(
        &mut self,
        kind: CredentialKind,
        found: Found,
        sender: &ComponentSender<Self>,
    ) {
        self.said.keyring = Keyring::Asked;
        match found {
            Found::Kept(credentials) => {
                self.said.from_keyring = true;
                self.say(credentials);
                return;
            }
            Found::NoKeyring => self.said.keyring = Keyring::Missing,
            Found::Nothing => {}
        }
        self.asked_who(kind, sender);
    }

    /// Nothing vouches for the server.
    pub(super) fn asked_trust(&mut self, question: TrustQuestion, sender: &ComponentSender<Self>) {
        if self.said.trusted == Some(question.certificate.fingerprint) {
            self.display.answer_trust(true);
            return;
        }
        let can_remember = self.said.server.is_some();
        self.ask(
            Asked::Trust {
                question,
                can_remember,
            },
            sender,
        );
    }

    fn ask(&mut self, asked: Asked, sender: &ComponentSender<Self>) {
        self.tell(Link::Asks(Box::new(asked)), sender);
    }

    fn say(&mut self, credentials: Credentials) {
        self.said.given = Some(credentials.clone());
        self.display.provide_credentials(credentials);
    }

    /// The user has answered.
    pub(super) fn answer(&mut self, answer: Answer, sender: &ComponentSender<Self>) {
        let Link::Asks(asked) = self.link.clone() else {
            return;
        };
        match (answer, *asked) {
            (Answer::Credentials(given), _) => {
                let Given {
                    credentials,
                    remember,
                } = given;
                self.said.from_keyring = false;
                self.said.to_keep = remember.then(|| credentials.clone());
                self.say(credentials);
                self.tell(self.connecting(), sender);
            }
            (Answer::TrustOnce, Asked::Trust { question, .. }) => {
                self.trust(question.certificate.fingerprint, sender);
            }
            (Answer::TrustAlways, Asked::Trust { question, .. }) => {
                let fingerprint = question.certificate.fingerprint;
                if let Some(server) = self.said.server.clone() {
                    // Not left off when the window is closed meanwhile.
                    let kept = crate::runtime::handle().spawn(async move {
                        known_servers::remember(&server, Some(fingerprint)).await
                    });
                    sender.oneshot_command(async move {
                        VncAnswer::Remembered(kept.await.unwrap_or(Ok(())))
                    });
                }
                self.trust(fingerprint, sender);
            }
            (Answer::TrustAlways, Asked::Changed { shown, .. }) => {
                self.know_anew(Some(shown.fingerprint), sender);
            }
            (Answer::Unencrypted, Asked::NoLongerEncrypted) => self.know_anew(None, sender),
            (Answer::Refuse, Asked::Trust { .. }) => self.display.answer_trust(false),
            _ => self.end(Some("You chose not to connect.".to_owned()), sender),
        }
    }

    fn trust(&mut self, fingerprint: Fingerprint, sender: &ComponentSender<Self>) {
        self.said.trusted = Some(fingerprint);
        self.display.answer_trust(true);
        self.tell(self.connecting(), sender);
    }

    /// Puts another certificate into the place of the one that is known, or none, and connects.
    fn know_anew(&mut self, fingerprint: Option<Fingerprint>, sender: &ComponentSender<Self>) {
        let Some(server) = self.said.server.clone() else {
            return;
        };
        self.said.anew = Anew::By(fingerprint);
        self.serial += 1;
        self.stage = Stage::Preparing;
        self.tell(self.connecting(), sender);
        let serial = self.serial;
        sender.command(move |out, shutdown| {
            shutdown
                .register(async move {
                    let kept = known_servers::remember(&server, fingerprint).await;
                    out.emit(VncAnswer::Remembered(kept));
                    out.emit(VncAnswer::Paused(serial));
                })
                .drop_on_shutdown()
        });
    }

    /// The session runs.
    pub(super) fn let_in(&mut self) {
        self.said.refused = false;
        self.said.good = self.said.given.take();
        self.said.keyring = Keyring::Unasked;
        if let Some(credentials) = self.said.to_keep.take() {
            let account = self.said.account.clone();
            crate::runtime::handle().spawn(async move {
                keyring::keep(&account, &credentials).await;
            });
        }
    }

    /// The connection ended. Returns whether everything about that is said and done.
    pub(super) fn ended(&mut self, error: Option<&Error>, sender: &ComponentSender<Self>) -> bool {
        self.said.refused = was_wrong_password(error, self.said.given.is_some());
        // What was given is of no use any more.
        self.said.given = None;
        self.said.to_keep = None;
        if self.said.refused && std::mem::take(&mut self.said.from_keyring) {
            let account = self.said.account.clone();
            crate::runtime::handle().spawn(async move { keyring::forget(&account).await });
        }
        if !self.said.refused {
            self.said.keyring = Keyring::Unasked;
        }
        let Some(error) = error else {
            return false;
        };
        if self.said.refused {
            // The server hangs up after a wrong password; asking again needs a new call. That is no
            // loop: the next attempt ends here only after somebody has typed.
            self.connect(sender);
            return true;
        }
        match error {
            Error::CertificateChanged {
                server,
                known,
                shown,
            } => {
                self.stage = Stage::Idle;
                let asked = Asked::Changed {
                    server: server.clone(),
                    known: *known,
                    shown: (**shown).clone(),
                };
                self.ask(asked, sender);
            }
            Error::Rfb(rfb::Error::EncryptionMissing { .. }) => {
                self.stage = Stage::Idle;
                self.ask(Asked::NoLongerEncrypted, sender);
            }
            error if is_final(error) => self.end(Some(sentence(&error.to_string())), sender),
            _ => return false,
        }
        true
    }
}

/// Whether another attempt would find the same.
fn is_final(error: &Error) -> bool {
    matches!(
        error,
        Error::NotTrusted
            | Error::ClientCertificateNeeded
            | Error::CertificateFile { .. }
            | Error::Rfb(
                rfb::Error::UnsupportedSecurity { .. } | rfb::Error::UnsupportedSasl { .. }
            )
    )
}

/// Whether a connection ended because of what the user gave it. A server may say so without having
/// asked for it: then something else is no remedy, and a pause is due.
fn was_wrong_password(error: Option<&Error>, given: bool) -> bool {
    given && error.is_some_and(Error::is_wrong_password)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_password_that_was_given_can_be_wrong() {
        let wrong = Error::Rfb(rfb::Error::AuthenticationFailed { reason: None });
        assert!(was_wrong_password(Some(&wrong), true));
        assert!(!was_wrong_password(Some(&wrong), false));
        assert!(!was_wrong_password(Some(&Error::ClosedEarly), true));
        assert!(!was_wrong_password(None, true));
    }
}
