//! What the server of a screen asks before it shows anything, and how it is answered.

use vnc_widget::{Certificate, CredentialKind, Credentials, Fingerprint, TrustQuestion};

use super::cover::Message;

/// Something that a person has to answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// Who we are.
    Credentials {
        /// What is wanted.
        kind: CredentialKind,
        /// Whether the last answer was not accepted.
        refused: bool,
        /// Whether there is a place to keep passwords.
        can_remember: bool,
    },
    /// Whether it is the right server, which nothing vouches for.
    Trust {
        /// What it shows, and why that is not enough.
        question: TrustQuestion,
        /// Whether the answer can be kept: for servers that have a name.
        can_remember: bool,
    },
    /// Whether it is the right server, although it shows another certificate than before.
    Changed {
        /// The name by which it was reached.
        server: String,
        /// What it should show.
        known: Fingerprint,
        /// What it shows.
        shown: Certificate,
    },
    /// Whether to go on without encryption, which the server had before.
    NoLongerEncrypted,
}

/// An answer.
#[derive(Debug)]
pub enum Answer {
    /// Who we are.
    Credentials(Given),
    /// It is the right server, now and later; also in place of another that was known.
    TrustAlways,
    /// It is the right server.
    TrustOnce,
    /// Connect without encryption, now and later.
    Unencrypted,
    /// It is not the right server, or nobody knows.
    Refuse,
}

/// What was typed in.
#[derive(Debug)]
pub struct Given {
    /// Name and password, or a password alone.
    pub credentials: Credentials,
    /// Whether it is to be kept.
    pub remember: bool,
}

impl Asked {
    /// The question in words; `who` asks, at the beginning of a sentence.
    pub fn message(&self, who: &str) -> Message {
        let message = match self {
            Self::Credentials { kind, refused, .. } => credentials(*kind, *refused, who),
            Self::Trust {
                question,
                can_remember,
            } => trust(question, *can_remember),
            Self::Changed {
                server,
                known,
                shown,
            } => Message {
                icon: Some("dialog-warning-symbolic"),
                title: format!("“{server}” is not the server it was"),
                text:
                    "It shows another certificate than the one that you trusted. Either it has a \
                       new one, or somebody is between you and the server. Ask whoever runs it \
                       before you go on."
                        .to_owned(),
                fact: Some(format!(
                    "Trusted:\n{}\nShown:\n{}",
                    in_lines(*known),
                    in_lines(shown.fingerprint)
                )),
                act: Some("_Do Not Connect"),
                second: Some("_Trust the New Certificate"),
                ..Message::default()
            },
            Self::NoLongerEncrypted => Message {
                icon: Some("dialog-warning-symbolic"),
                title: "The server offers no encryption any more".to_owned(),
                text: "You trusted its certificate before, and now it has none. Either it was set \
                       up anew, or somebody is between you and the server. Ask whoever runs it \
                       before you go on."
                    .to_owned(),
                act: Some("_Do Not Connect"),
                second: Some("Connect _Unencrypted"),
                ..Message::default()
            },
        };
        Message {
            asked: Some(self.clone()),
            ..message
        }
    }

    /// Whether a user name is wanted.
    pub fn wants_user(&self) -> bool {
        matches!(self, Self::Credentials { kind, .. } if *kind != CredentialKind::Password)
    }

    /// Whether a password is wanted.
    pub fn wants_password(&self) -> bool {
        matches!(self, Self::Credentials { .. })
    }

    /// Whether the answer is to be sent as it is, for everybody on the way to read.
    pub fn is_in_clear(&self) -> bool {
        matches!(
            self,
            Self::Credentials {
                kind: CredentialKind::UsernameAndPasswordInClear,
                ..
            }
        )
    }

    /// Whether the password can be kept.
    pub fn offers_to_remember(&self) -> bool {
        matches!(
            self,
            Self::Credentials {
                can_remember: true,
                ..
            }
        )
    }

    /// What the buttons say: the first, the second, the third.
    pub fn answer(&self, button: usize) -> Answer {
        match (self, button) {
            (
                Self::Trust {
                    can_remember: true, ..
                },
                0,
            )
            | (Self::Changed { .. }, 1) => Answer::TrustAlways,
            (
                Self::Trust {
                    can_remember: true, ..
                },
                1,
            )
            | (Self::Trust { .. }, 0) => Answer::TrustOnce,
            (Self::NoLongerEncrypted, 1) => Answer::Unencrypted,
            _ => Answer::Refuse,
        }
    }
}

fn credentials(kind: CredentialKind, refused: bool, who: &str) -> Message {
    let wants = match kind {
        CredentialKind::Password => "a password",
        _ => "a user name and a password",
    };
    let mut text = String::new();
    if refused {
        text.push_str("The last one was not accepted.");
    }
    if kind == CredentialKind::UsernameAndPasswordInClear {
        if refused {
            text.push(' ');
        }
        text.push_str(
            "They will be sent unencrypted: everybody on the way to the server can read them.",
        );
    }
    Message {
        icon: Some("dialog-password-symbolic"),
        title: format!("{who} asks for {wants}"),
        text,
        act: Some(if kind == CredentialKind::UsernameAndPasswordInClear {
            "_Send Unencrypted"
        } else {
            "_Open"
        }),
        ..Message::default()
    }
}

fn trust(question: &TrustQuestion, can_remember: bool) -> Message {
    let TrustQuestion {
        server,
        certificate,
        reason,
        ..
    } = question;
    let mut text = format!(
        "{reason}. Compare the fingerprint of its certificate with the server’s own: where they \
         differ, somebody may be between you and the server."
    );
    if !certificate.subject.is_empty() {
        text.push_str(&format!(
            "\nThe certificate says “{}”.",
            certificate.subject
        ));
    }
    let (act, second, third) = if can_remember {
        (
            "Trust _Always",
            Some("Trust This _Time"),
            Some("_Do Not Connect"),
        )
    } else {
        ("Trust This _Time", Some("_Do Not Connect"), None)
    };
    Message {
        icon: Some("security-medium-symbolic"),
        title: format!("Is this the right “{server}”?"),
        text,
        fact: Some(in_lines(certificate.fingerprint)),
        act: Some(act),
        second,
        third,
        ..Message::default()
    }
}

/// A fingerprint in two lines of sixteen bytes.
fn in_lines(fingerprint: Fingerprint) -> String {
    let text = fingerprint.to_string();
    let (first, second) = text.split_at(text.len() / 2);
    format!("{first}\n{}", second.trim_start_matches(':'))
}
