//! Asking on the terminal what the server of a screen wants to know.

use std::io;
use std::sync::Arc;

use backend::question::Field;
use backend::{Error, ErrorKind, Result};
use tokio::sync::Mutex;
use vnc_widget::{Answer, CredentialKind, Credentials, Question, TrustQuestion};

use super::ask::ask;
use super::output::print_error;
use crate::known_servers;

/// Locked while something is typed, for which the terminal may show nothing. A program that ended
/// then would leave it like that.
pub(super) type Terminal = Arc<Mutex<()>>;

/// Puts one question. `server` is what the server is known by, where an answer can be kept.
///
/// # Errors
/// [`ErrorKind::Cancelled`] when it was cancelled, [`ErrorKind::AuthenticationFailed`] when there is
/// no terminal, or the answer is no.
pub(super) async fn put(
    terminal: &Terminal,
    question: Question,
    server: Option<&str>,
) -> Result<Answer> {
    let typing = Arc::clone(terminal).lock_owned().await;
    let can_remember = server.is_some();
    let answered = tokio::task::spawn_blocking(move || {
        let answered = match question {
            Question::Credentials(kind) => credentials(kind).map(Answered::Credentials),
            Question::Trust(question) => trust(&question, can_remember),
            // Nothing else is asked.
            _ => Ok(Answered::No),
        };
        drop(typing);
        answered
    });
    let answered = answered.await.map_err(io::Error::other);
    match (answered.and_then(|answered| answered), server) {
        (Ok(Answered::Credentials(credentials)), _) => Ok(Answer::Credentials(credentials)),
        (Ok(Answered::Once), _) => Ok(Answer::Trusted),
        (Ok(Answered::Always(fingerprint)), server) => {
            if let Some(server) = server
                && let Err(error) = known_servers::remember(server, Some(fingerprint)).await
            {
                print_error(&error);
            }
            Ok(Answer::Trusted)
        }
        (Ok(Answered::No), _) => Err(Error::new(
            ErrorKind::AuthenticationFailed,
            "The display’s certificate was not trusted.",
        )),
        (Err(error), _) if error.kind() == io::ErrorKind::Interrupted => {
            Err(Error::new(ErrorKind::Cancelled, "No picture was taken."))
        }
        (Err(error), _) => Err(Error::new(
            ErrorKind::AuthenticationFailed,
            "The display asks something and there is no terminal to answer on.",
        )
        .with_detail(error.to_string())),
    }
}

enum Answered {
    Credentials(Credentials),
    Once,
    Always(vnc_widget::Fingerprint),
    No,
}

fn credentials(kind: CredentialKind) -> io::Result<Credentials> {
    let field = |prompt: &str, secret| Field {
        prompt: prompt.to_owned(),
        secret,
        default: None,
    };
    let password = |prompt: &str| ask(&field(prompt, true));
    if kind == CredentialKind::Password {
        let password = password("Password of the display")?;
        return Ok(Credentials::password(password.expose()));
    }
    let in_clear = kind == CredentialKind::UsernameAndPasswordInClear;
    let user = ask(&field("User name for the display", false))?;
    let password = password(if in_clear {
        "Password (it will be sent unencrypted; Ctrl+C does not send it)"
    } else {
        "Password"
    })?;
    let credentials = Credentials::user(user.expose(), password.expose());
    // Whoever typed it was told.
    Ok(if in_clear {
        credentials.even_in_clear()
    } else {
        credentials
    })
}

fn trust(question: &TrustQuestion, can_remember: bool) -> io::Result<Answered> {
    let answers = if can_remember {
        "“always”, “once” or “no”"
    } else {
        "“once” or “no”"
    };
    let prompt = format!(
        "{}.\nThe SHA-256 of the certificate of “{}” ({}) is\n{}\nCompare it with the server’s own. \
         Is it the right one? Type {answers}",
        question.reason,
        question.server,
        question.certificate.subject,
        question.certificate.fingerprint
    );
    let typed = ask(&Field {
        prompt,
        secret: false,
        default: Some("no".to_owned()),
    })?;
    Ok(match typed.expose().trim() {
        "always" if can_remember => Answered::Always(question.certificate.fingerprint),
        "once" => Answered::Once,
        _ => Answered::No,
    })
}
