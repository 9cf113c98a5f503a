//! SASL as QEMU speaks it inside RFB (type 20): the mechanism is agreed upon by name, then messages
//! with their length in front go back and forth until the server says that it is over.
//!
//! The mechanisms are rsasl's: SCRAM (RFC 5802, RFC 7677), in which the server has to prove that it
//! knows the password too, and PLAIN (RFC 4616), which is used inside TLS alone. No security layer is
//! negotiated: encryption is the affair of TLS.

use std::sync::Arc;

use rsasl::{
    callback::{Context, Request, SessionCallback, SessionData},
    config::SASLConfig,
    mechanisms::{
        plain::PLAIN,
        scram::{SCRAM_SHA256, SCRAM_SHA512},
    },
    prelude::{Mechanism, Mechname, Registry, SASLClient, Session, SessionError, State},
    property::{AuthId, Password},
};

use super::credentials::Credentials;
use crate::{
    bytes::Bytes,
    error::{Error, Result},
};

const DURING: &str = "SASL";

/// The longest list of mechanisms; real ones have a hundred bytes.
const MAX_LIST: u32 = 4 << 10;
/// The longest message; those of SCRAM have some hundred bytes.
const MAX_MESSAGE: u32 = 64 << 10;
/// How often a server may have a password hashed (a fraction of a second's work; Cyrus SASL asks for
/// 4096 times, the most careful advice is 600,000).
const MAX_ITERATIONS: u32 = 600_000;
/// Said of a server that lets us in without having shown that it knows the password.
const UNPROVEN: &str = "the server did not prove that it knows the password";

/// Those that can be used, best first; PLAIN sends the password as it is.
static MECHANISMS: &[Mechanism] = &[SCRAM_SHA512, SCRAM_SHA256, PLAIN];
const NAMES: [&str; 3] = ["SCRAM-SHA-512", "SCRAM-SHA-256", PLAIN_NAME];
const PLAIN_NAME: &str = "PLAIN";

/// The bytes of a message with its length in front, if they are all there.
enum Message<'a> {
    Need(usize),
    Whole(&'a [u8]),
}

fn message(input: &[u8], limit: u32) -> Result<Message<'_>> {
    let mut bytes = Bytes::new(input);
    let Some(length) = bytes.u32() else {
        return Ok(Message::Need(4));
    };
    if length > limit {
        return Err(Error::protocol(
            DURING,
            format!("a message of {length} bytes"),
        ));
    }
    Ok(match bytes.take(length as usize) {
        None => Message::Need(4 + length as usize),
        Some(text) => Message::Whole(text),
    })
}

/// What a step led to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Progress<T> {
    /// More is needed, nothing was taken.
    Need(usize),
    /// After so many bytes, this.
    Done(usize, T),
}

/// Reads the server's list of mechanisms and picks one by its name.
pub(crate) fn choose(input: &[u8], tls: bool) -> Result<Progress<&'static str>> {
    let list = match message(input, MAX_LIST)? {
        Message::Need(count) => return Ok(Progress::Need(count)),
        Message::Whole(list) => list,
    };
    let text = crate::handshake::printable(list);
    let offered: Vec<&str> = text
        .split([',', ' '])
        .filter(|name| !name.is_empty())
        .collect();
    let usable = |name: &&str| offered.contains(name) && (tls || *name != PLAIN_NAME);
    match NAMES.into_iter().find(usable) {
        Some(name) => Ok(Progress::Done(4 + list.len(), name)),
        None => Err(Error::UnsupportedSasl {
            mechanisms: offered.into_iter().map(str::to_owned).collect(),
            tls,
        }),
    }
}

/// An exchange that has begun.
pub(crate) struct Exchange {
    session: Session,
    /// This side has said and heard all it has to.
    finished: bool,
}

impl std::fmt::Debug for Exchange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Exchange")
            .field("finished", &self.finished)
            .finish_non_exhaustive()
    }
}

/// Gives rsasl what it asks for.
struct Answers(Credentials);

impl SessionCallback for Answers {
    fn callback(
        &self,
        _: &SessionData,
        _: &Context<'_>,
        request: &mut Request<'_>,
    ) -> std::result::Result<(), SessionError> {
        if let Some(user) = self.0.user_name() {
            request.satisfy::<AuthId>(user)?;
        }
        request.satisfy::<Password>(self.0.expose_password().as_bytes())?;
        Ok(())
    }
}

impl Exchange {
    /// Begins it, and writes what the server is to be told first. `None` when the credentials cannot
    /// be used with it, for example because the user's name is missing.
    pub(crate) fn begin(
        mechanism: &'static str,
        credentials: &Credentials,
        out: &mut Vec<u8>,
    ) -> Option<Self> {
        credentials.user_name().filter(|name| !name.is_empty())?;
        let config: Arc<SASLConfig> = SASLConfig::builder()
            .with_registry(Registry::with_mechanisms(MECHANISMS))
            .with_callback(Answers(credentials.clone()))
            .ok()?;
        let name = Mechname::parse(mechanism.as_bytes()).ok()?;
        let mut session = SASLClient::new(config).start_suggested(&[name]).ok()?;
        let mut first = zeroize::Zeroizing::new(Vec::with_capacity(1024));
        let state = session.step(None, &mut *first).ok()?;
        put(mechanism.as_bytes(), out);
        put_data(&first, out);
        Some(Self {
            session,
            finished: state.is_finished(),
        })
    }

    /// Takes one answer of the server. Done: whether it was the last.
    pub(crate) fn step(&mut self, input: &[u8], out: &mut Vec<u8>) -> Result<Progress<bool>> {
        let data = match message(input, MAX_MESSAGE)? {
            Message::Need(count) => return Ok(Progress::Need(count)),
            Message::Whole(data) => data,
        };
        let length = 4 + data.len() + 1;
        let Some(&complete) = input.get(length - 1) else {
            return Ok(Progress::Need(length));
        };
        let complete = complete != 0;
        // A text that is there ends with a zero byte, by which an empty one differs from none.
        let text = data.strip_suffix(&[0]).unwrap_or(data);
        let had_finished = self.finished;
        if had_finished && !complete {
            return Err(Error::protocol(DURING, "the server goes on for no reason"));
        }
        let mut answer = Vec::new();
        if !had_finished {
            check_iterations(text)?;
            // SCRAM's own way to say that it failed (RFC 5802, section 7, "server-error").
            if let Some(reason) = text.strip_prefix(b"e=") {
                return Err(Error::AuthenticationFailed {
                    reason: Some(crate::handshake::printable(reason)),
                });
            }
            let input = (!data.is_empty()).then_some(text);
            input.map_or(Ok(()), check_attributes)?;
            let state = self.session.step(input, &mut answer);
            let state = state.map_err(|error| explain(&error))?;
            self.finished = matches!(state, State::Finished(_));
        }
        if complete && !self.finished {
            // Whoever cannot prove that it knows the password is not the server it should be.
            return Err(Error::protocol(DURING, UNPROVEN));
        }
        if !complete {
            put_data(&answer, out);
        }
        Ok(Progress::Done(length, complete))
    }
}

/// Every part of what a SCRAM server says is a letter and an equals sign, with a value or without
/// (RFC 5802, section 5.1). The library takes the two for granted.
fn check_attributes(message: &[u8]) -> Result<()> {
    let is_attribute = |part: &[u8]| part.len() >= 2 && part[1] == b'=';
    if message.split(|&byte| byte == b',').all(is_attribute) {
        return Ok(());
    }
    Err(Error::protocol(DURING, "an answer that is none of SCRAM's"))
}

/// The server says how often the password is to be hashed: that must not become a way to keep us busy.
fn check_iterations(message: &[u8]) -> Result<()> {
    for attribute in message.split(|&byte| byte == b',') {
        let Some(number) = attribute.strip_prefix(b"i=") else {
            continue;
        };
        let number = std::str::from_utf8(number).ok();
        let number: Option<u32> = number.and_then(|digits| digits.parse().ok());
        if number.is_none_or(|number| number > MAX_ITERATIONS) {
            return Err(Error::protocol(
                DURING,
                "the server wants the password hashed too often",
            ));
        }
    }
    Ok(())
}

/// What it means that a step failed.
fn explain(error: &SessionError) -> Error {
    match error {
        SessionError::MutualAuthenticationFailed => Error::protocol(DURING, UNPROVEN),
        _ => Error::protocol(DURING, error.to_string()),
    }
}

/// A name or a list with its length in front.
fn put(bytes: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(&(bytes.len() as u32).to_be_bytes());
    out.extend_from_slice(bytes);
}

/// A message, with a zero byte at its end; an empty one is none.
fn put_data(bytes: &[u8], out: &mut Vec<u8>) {
    if bytes.is_empty() {
        out.extend_from_slice(&[0; 4]);
        return;
    }
    out.reserve_exact(5 + bytes.len());
    out.extend_from_slice(&(bytes.len() as u32 + 1).to_be_bytes());
    out.extend_from_slice(bytes);
    out.push(0);
}
