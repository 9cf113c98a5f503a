//! From the server's first byte to `ServerInit` (RFC 6143, sections 7.1 to 7.3).

use crate::{
    bytes::Bytes,
    client::Outbox,
    config::ClientConfig,
    error::{Error, Result},
    event::{CredentialKind, Event},
    input_buffer::Step,
    pixel_format::PixelFormat,
    security::{SecurityType, vnc_auth},
};

/// Bytes of a version announcement, `RFB 003.008\n`.
const VERSION_LENGTH: usize = 12;
/// The longest reason read; what a longer one says at its end is not worth waiting for.
const MAX_REASON: u32 = 16 << 10;
/// The longest desktop name accepted.
pub(crate) const MAX_NAME: u32 = 64 << 10;

/// The versions that differ for a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Version {
    V3_3,
    V3_7,
    V3_8,
}

/// What the server sends at the end of the handshake.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ServerInit {
    pub(crate) width: u16,
    pub(crate) height: u16,
    /// The format in which the server sends pixels unless it is asked for another.
    pub(crate) format: PixelFormat,
    pub(crate) name: String,
}

/// The result of a step.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The handshake goes on.
    Going(Step),
    /// The handshake is over, after so many bytes.
    Done(usize, ServerInit),
}

/// What is awaited next.
#[derive(Debug)]
enum State {
    Version,
    /// RFB 3.3: one type, of the server's choice.
    SecurityType,
    /// RFB 3.7 and later: a list to choose from.
    SecurityTypes,
    Challenge,
    /// The server's challenge is here, the owner's password is not.
    Password([u8; vnc_auth::CHALLENGE_LENGTH]),
    /// Whether we may go on, and what it means if not.
    SecurityResult(Refusal),
    Reason(Refusal),
    ServerInit,
}

/// What the reason that follows is the reason for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refusal {
    Connection,
    Authentication,
    TooManyAttempts,
}

/// The handshake's state machine.
#[derive(Debug)]
pub(crate) struct Handshake {
    state: State,
    version: Version,
}

impl Handshake {
    pub(crate) fn new() -> Self {
        Self {
            state: State::Version,
            version: Version::V3_8,
        }
    }

    /// Whether the server waits for a password.
    pub(crate) fn needs_password(&self) -> bool {
        matches!(self.state, State::Password(_))
    }

    /// Answers the challenge, if there is one.
    pub(crate) fn provide_password(&mut self, password: &str, outbox: &mut Outbox) {
        if let State::Password(challenge) = self.state {
            let response = vnc_auth::response(password, challenge);
            outbox.bytes.extend_from_slice(&response);
            self.state = State::SecurityResult(Refusal::Authentication);
        }
    }

    /// What it means that the connection ended here.
    pub(crate) fn end_of_input(&self) -> Error {
        match self.state {
            // Many servers close the connection rather than say why.
            State::SecurityResult(Refusal::Authentication)
            | State::Reason(Refusal::Authentication) => {
                Error::AuthenticationFailed { reason: None }
            }
            State::Reason(Refusal::TooManyAttempts) => Error::TooManyAttempts { reason: None },
            _ => Error::Closed,
        }
    }

    /// Takes the next part of the handshake off the front of `input`.
    pub(crate) fn step(
        &mut self,
        input: &[u8],
        config: &ClientConfig,
        outbox: &mut Outbox,
    ) -> Result<Outcome> {
        let step = match &self.state {
            State::Version => self.version(input, outbox)?,
            State::SecurityType => self.security_type(input, config, outbox)?,
            State::SecurityTypes => self.security_types(input, config, outbox)?,
            State::Challenge => match Bytes::new(input).array() {
                None => Step::Need(vnc_auth::CHALLENGE_LENGTH),
                Some(challenge) => {
                    self.state = State::Password(*challenge);
                    outbox.event(Event::NeedCredentials(CredentialKind::Password));
                    Step::Consumed(challenge.len())
                }
            },
            State::Password(_) if input.is_empty() => Step::Need(1),
            State::Password(_) => {
                return Err(Error::protocol(
                    "the handshake",
                    "something came while the server had to wait for the password",
                ));
            }
            State::SecurityResult(failure) => {
                let failure = *failure;
                self.security_result(input, failure, config, outbox)?
            }
            State::Reason(refusal) => reason(input, *refusal)?,
            State::ServerInit => return server_init(input),
        };
        Ok(Outcome::Going(step))
    }

    fn version(&mut self, input: &[u8], outbox: &mut Outbox) -> Result<Step> {
        // A web or ssh server is recognised by its first byte, not after a wait for twelve.
        let prefix = b"RFB ";
        let length = input.len().min(prefix.len());
        if input[..length] != prefix[..length] {
            return Err(not_vnc(input));
        }
        let Some(announcement) = input.get(..VERSION_LENGTH) else {
            return Ok(Step::Need(VERSION_LENGTH));
        };
        let (major, minor) = parse_version(announcement).ok_or_else(|| not_vnc(input))?;
        self.version = match (major, minor) {
            (0..=2, _) | (3, 0..=2) => {
                return Err(Error::UnsupportedVersion {
                    version: format!("{major:03}.{minor:03}"),
                });
            }
            // Odd versions below 3.7 were made up by servers that speak 3.3 (RFC 6143, 7.1.1),
            // odd later ones (3.889 of Apple, 4.1 and 5.0 of RealVNC) all understand 3.8.
            (3, 3..=6) => Version::V3_3,
            (3, 7) => Version::V3_7,
            _ => Version::V3_8,
        };
        let (answer, state) = match self.version {
            Version::V3_3 => (b"RFB 003.003\n", State::SecurityType),
            Version::V3_7 => (b"RFB 003.007\n", State::SecurityTypes),
            Version::V3_8 => (b"RFB 003.008\n", State::SecurityTypes),
        };
        outbox.bytes.extend_from_slice(answer);
        self.state = state;
        Ok(Step::Consumed(VERSION_LENGTH))
    }

    fn security_type(
        &mut self,
        input: &[u8],
        config: &ClientConfig,
        outbox: &mut Outbox,
    ) -> Result<Step> {
        let mut bytes = Bytes::new(input);
        let Some(number) = bytes.u32() else {
            return Ok(Step::Need(4));
        };
        if number == 0 {
            self.state = State::Reason(Refusal::Connection);
        } else {
            let number = u8::try_from(number).map_err(|_| {
                Error::protocol(
                    "the handshake",
                    format!("security type {number} is no such type"),
                )
            })?;
            self.choose(&[number], config, outbox)?;
        }
        Ok(Step::Consumed(4))
    }

    fn security_types(
        &mut self,
        input: &[u8],
        config: &ClientConfig,
        outbox: &mut Outbox,
    ) -> Result<Step> {
        let mut bytes = Bytes::new(input);
        let Some(count) = bytes.u8() else {
            return Ok(Step::Need(1));
        };
        let Some(offered) = bytes.take(count.into()) else {
            return Ok(Step::Need(1 + usize::from(count)));
        };
        if offered.is_empty() {
            self.state = State::Reason(Refusal::Connection);
        } else {
            let chosen = self.choose(offered, config, outbox)?;
            debug_assert!(offered.contains(&chosen.0));
        }
        Ok(Step::Consumed(1 + offered.len()))
    }

    /// Chooses among `offered`, says so where the version wants it said, and goes on from there.
    fn choose(
        &mut self,
        offered: &[u8],
        config: &ClientConfig,
        outbox: &mut Outbox,
    ) -> Result<SecurityType> {
        let Some(chosen) = SecurityType::choose(offered) else {
            return Err(Error::UnsupportedSecurity {
                offered: offered.iter().copied().map(SecurityType).collect(),
            });
        };
        if self.version > Version::V3_3 {
            outbox.bytes.push(chosen.0);
        }
        if chosen == SecurityType::VNC_AUTH {
            self.state = State::Challenge;
        } else if self.version == Version::V3_8 {
            // Nothing was checked, so a failure is no matter of passwords.
            self.state = State::SecurityResult(Refusal::Connection);
        } else {
            // Before 3.8 there is no result where there was nothing to check.
            self.client_init(config, outbox);
        }
        Ok(chosen)
    }

    fn security_result(
        &mut self,
        input: &[u8],
        failure: Refusal,
        config: &ClientConfig,
        outbox: &mut Outbox,
    ) -> Result<Step> {
        let mut bytes = Bytes::new(input);
        let Some(result) = bytes.u32() else {
            return Ok(Step::Need(4));
        };
        let refusal = match result {
            0 => {
                self.client_init(config, outbox);
                return Ok(Step::Consumed(4));
            }
            2 => Refusal::TooManyAttempts,
            _ => failure,
        };
        if self.version < Version::V3_8 {
            return Err(refused(refusal, None));
        }
        self.state = State::Reason(refusal);
        Ok(Step::Consumed(4))
    }

    fn client_init(&mut self, config: &ClientConfig, outbox: &mut Outbox) {
        outbox.bytes.push(config.shared.into());
        self.state = State::ServerInit;
    }
}

/// The numbers of `RFB 003.008\n`. Some servers leave out leading zeros or end with something else
/// than a line feed.
fn parse_version(announcement: &[u8]) -> Option<(u32, u32)> {
    let text = std::str::from_utf8(announcement).ok()?;
    let (major, minor) = text.strip_prefix("RFB ")?.trim_end().split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

fn not_vnc(input: &[u8]) -> Error {
    let start = &input[..input.len().min(VERSION_LENGTH)];
    Error::NotVnc {
        received: printable(start),
    }
}

/// Text from a stranger, fit to be shown: control characters become spaces.
pub(crate) fn printable(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes)
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect::<String>()
        .trim()
        .to_owned()
}

/// Reads the reason for a refusal: ends in the error it explains.
fn reason(input: &[u8], refusal: Refusal) -> Result<Step> {
    let mut bytes = Bytes::new(input);
    let Some(length) = bytes.u32() else {
        return Ok(Step::Need(4));
    };
    let length = length.min(MAX_REASON) as usize;
    match bytes.take(length) {
        None => Ok(Step::Need(4 + length)),
        Some(text) => Err(refused(refusal, Some(printable(text)))),
    }
}

fn refused(refusal: Refusal, reason: Option<String>) -> Error {
    let reason = reason.filter(|reason| !reason.is_empty());
    // RFB knows no code for "try again later" before the security types; servers say it in words.
    let too_many = reason
        .as_ref()
        .is_some_and(|reason| reason.to_ascii_lowercase().contains("too many"));
    match refusal {
        _ if too_many => Error::TooManyAttempts { reason },
        Refusal::TooManyAttempts => Error::TooManyAttempts { reason },
        Refusal::Authentication => Error::AuthenticationFailed { reason },
        Refusal::Connection => Error::Refused {
            reason: reason.unwrap_or_else(|| "no reason given".to_owned()),
        },
    }
}

fn server_init(input: &[u8]) -> Result<Outcome> {
    const HEADER: usize = 4 + PixelFormat::LENGTH + 4;
    let mut bytes = Bytes::new(input);
    let need = |length| Ok(Outcome::Going(Step::Need(length)));
    let (Some(width), Some(height), Some(format), Some(length)) =
        (bytes.u16(), bytes.u16(), bytes.array(), bytes.u32())
    else {
        return need(HEADER);
    };
    if length > MAX_NAME {
        return Err(Error::protocol(
            "the handshake",
            format!("a desktop name of {length} bytes"),
        ));
    }
    let Some(name) = bytes.take(length as usize) else {
        return need(HEADER + length as usize);
    };
    Ok(Outcome::Done(
        HEADER + name.len(),
        ServerInit {
            width,
            height,
            format: PixelFormat::from_bytes(format),
            name: printable(name),
        },
    ))
}
