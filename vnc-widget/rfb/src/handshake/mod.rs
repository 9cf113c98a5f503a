//! From the server's first byte to `ServerInit` (RFC 6143, sections 7.1 to 7.3).

mod login;
mod refusal;
mod server_init;
mod version;

use crate::{
    bytes::Bytes,
    client::Outbox,
    config::ClientConfig,
    error::{Error, Result},
    event::Event,
    input_buffer::Step,
    security::{
        Login, Progress, Security, SecurityType, credentials::Credentials, outermost, tight,
        vencrypt,
    },
};
use login::Authentication;
use refusal::Refusal;
use server_init::Read;
pub(crate) use server_init::{MAX_NAME, ServerInit};
use version::Version;

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
    VeNCrypt(vencrypt::State),
    /// Whether the server is ready for TLS, inside which it asks who we are.
    TlsAck(Login),
    /// The next byte belongs to TLS.
    Tls(Login),
    Tight(tight::State),
    Login(Authentication),
    /// Whether we may go on, and what it means if not.
    SecurityResult(Refusal),
    Reason(Refusal),
    ServerInit,
    /// What Tight's security type adds to `ServerInit`.
    Capabilities(ServerInit),
    /// So many bytes of it.
    SkipCapabilities(usize, ServerInit),
}

/// The handshake's state machine.
#[derive(Debug)]
pub(crate) struct Handshake {
    state: State,
    version: Version,
    /// `ServerInit` is longer.
    tight: bool,
    security: Option<Security>,
}

impl Handshake {
    pub(crate) fn new() -> Self {
        Self {
            state: State::Version,
            version: Version::V3_8,
            tight: false,
            security: None,
        }
    }

    /// Whether the server waits for credentials.
    pub(crate) fn needs_credentials(&self) -> bool {
        matches!(&self.state, State::Login(login) if login.needed().is_some())
    }

    /// Whether the next byte of the server belongs to TLS.
    pub(crate) fn needs_tls(&self) -> bool {
        matches!(self.state, State::Tls(_))
    }

    /// How it is protected, once that is agreed upon.
    pub(crate) fn security(&self) -> Option<Security> {
        self.security
    }

    /// Answers the server, if it waits; returns whether it did, and the credentials fit.
    pub(crate) fn provide(&mut self, credentials: &Credentials, outbox: &mut Outbox) -> bool {
        let State::Login(login) = &mut self.state else {
            return false;
        };
        let Some(answered) = login.answer(credentials, &mut outbox.bytes) else {
            return false;
        };
        self.state = match answered {
            Some(login) => State::Login(login),
            None => State::SecurityResult(Refusal::Authentication),
        };
        true
    }

    /// Goes on inside TLS.
    pub(crate) fn tls_established(&mut self, config: &ClientConfig, outbox: &mut Outbox) {
        if let State::Tls(login) = self.state {
            self.log_in(Security { tls: true, login }, config, outbox);
        }
    }

    /// What it means that the connection ended here.
    pub(crate) fn end_of_input(&self) -> Error {
        match &self.state {
            // Many servers close the connection rather than say why.
            State::SecurityResult(Refusal::Authentication)
            | State::Reason(Refusal::Authentication) => {
                Error::AuthenticationFailed { reason: None }
            }
            State::Login(login) if login.has_answered() => {
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
        let step = match &mut self.state {
            State::Version => self.version(input, outbox)?,
            State::SecurityType => self.security_type(input, config, outbox)?,
            State::SecurityTypes => self.security_types(input, config, outbox)?,
            State::VeNCrypt(state) => {
                let progress = state.step(input, config, outbox)?;
                self.negotiate(progress, State::VeNCrypt, config, outbox)
            }
            State::Tight(state) => {
                let progress = state.step(input, config, outbox)?;
                self.negotiate(progress, State::Tight, config, outbox)
            }
            State::TlsAck(login) => {
                let login = *login;
                self.tls_ack(input, login, outbox)?
            }
            State::Tls(_) => Step::Stop,
            State::Login(_) => self.login(input, outbox)?,
            State::SecurityResult(failure) => {
                let failure = *failure;
                self.security_result(input, failure, config, outbox)?
            }
            State::Reason(refusal) => refusal.read_reason(input)?,
            State::ServerInit => match server_init::read(input)? {
                Read::Need(count) => Step::Need(count),
                Read::Done(count, init) if !self.tight => return Ok(Outcome::Done(count, init)),
                Read::Done(count, init) => {
                    self.state = State::Capabilities(init);
                    Step::Consumed(count)
                }
            },
            State::Capabilities(init) => match server_init::read_capabilities(input) {
                Read::Need(count) => Step::Need(count),
                Read::Done(count, 0) => return Ok(Outcome::Done(count, init.take())),
                Read::Done(count, rest) => {
                    self.state = State::SkipCapabilities(rest, init.take());
                    Step::Consumed(count)
                }
            },
            State::SkipCapabilities(..) if input.is_empty() => Step::Need(1),
            State::SkipCapabilities(rest, init) => {
                let now = input.len().min(*rest);
                *rest -= now;
                if *rest == 0 {
                    return Ok(Outcome::Done(now, init.take()));
                }
                Step::Consumed(now)
            }
        };
        Ok(Outcome::Going(step))
    }

    fn version(&mut self, input: &[u8], outbox: &mut Outbox) -> Result<Step> {
        let Some(version) = version::read(input)? else {
            return Ok(Step::Need(version::LENGTH));
        };
        self.version = version;
        outbox.bytes.extend_from_slice(version.announcement());
        self.state = match version {
            Version::V3_3 => State::SecurityType,
            Version::V3_7 | Version::V3_8 => State::SecurityTypes,
        };
        Ok(Step::Consumed(version::LENGTH))
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
            self.choose(offered, config, outbox)?;
        }
        Ok(Step::Consumed(1 + offered.len()))
    }

    /// Chooses among `offered`, says so where the version wants it said, and goes on from there.
    fn choose(&mut self, offered: &[u8], config: &ClientConfig, outbox: &mut Outbox) -> Result<()> {
        let Some(chosen) = outermost(offered, config) else {
            let offered = offered.iter().map(|&number| SecurityType(number.into()));
            return Err(Error::unsupported_security(offered.collect(), None, config));
        };
        if self.version > Version::V3_3 {
            // What is chosen was offered, in one byte.
            outbox.bytes.push(chosen.0 as u8);
        }
        self.begin(chosen, config, outbox);
        Ok(())
    }

    /// Goes on with a type that is chosen and told.
    fn begin(&mut self, chosen: SecurityType, config: &ClientConfig, outbox: &mut Outbox) {
        let in_tls = |login| State::TlsAck(login);
        let login = match chosen {
            SecurityType::VENCRYPT => {
                self.state = State::VeNCrypt(vencrypt::State::Version);
                return;
            }
            SecurityType::TIGHT => {
                self.tight = true;
                self.state = State::Tight(tight::State::Tunnels);
                return;
            }
            SecurityType::X509_NONE => return self.state = in_tls(Login::None),
            SecurityType::X509_VNC => return self.state = in_tls(Login::VncPassword),
            SecurityType::X509_PLAIN => return self.state = in_tls(Login::Plain),
            SecurityType::X509_SASL => return self.state = in_tls(Login::Sasl("")),
            SecurityType::VNC_AUTH => Login::VncPassword,
            SecurityType::PLAIN | SecurityType::UNIX_LOGIN => Login::Plain,
            SecurityType::SASL => Login::Sasl(""),
            // Nothing else is ever chosen.
            _ => Login::None,
        };
        self.log_in(Security { tls: false, login }, config, outbox);
    }

    /// Takes a step of a negotiation over.
    fn negotiate<S>(
        &mut self,
        progress: Progress<S>,
        state: fn(S) -> State,
        config: &ClientConfig,
        outbox: &mut Outbox,
    ) -> Step {
        match progress {
            Progress::Need(count) => Step::Need(count),
            Progress::Next(count, next) => {
                self.state = state(next);
                Step::Consumed(count)
            }
            Progress::Chosen(count, chosen) => {
                self.begin(chosen, config, outbox);
                Step::Consumed(count)
            }
        }
    }

    fn tls_ack(&mut self, input: &[u8], login: Login, outbox: &mut Outbox) -> Result<Step> {
        match input.first() {
            None => Ok(Step::Need(1)),
            Some(1) => {
                self.state = State::Tls(login);
                outbox.event(Event::StartTls);
                Ok(Step::Consumed(1))
            }
            Some(_) => Err(Error::Refused {
                reason: "it cannot begin TLS, for which it may lack a certificate".to_owned(),
            }),
        }
    }

    /// Tells the server who we are, in one way or another.
    fn log_in(&mut self, security: Security, config: &ClientConfig, outbox: &mut Outbox) {
        self.security = Some(security);
        let checks_nothing = security.login == Login::None;
        if let Some(login) = Authentication::begin(security, outbox) {
            self.state = State::Login(login);
        } else if checks_nothing && !security.tls && self.version < Version::V3_8 {
            // Before 3.8 there is no result where there was nothing to check.
            self.client_init(config, outbox);
        } else {
            // Nothing was checked, so a failure is no matter of passwords.
            self.state = State::SecurityResult(Refusal::Connection);
        }
    }

    fn login(&mut self, input: &[u8], outbox: &mut Outbox) -> Result<Step> {
        let State::Login(login) = &mut self.state else {
            return Ok(Step::Consumed(0));
        };
        let (step, over) = login.step(input, outbox)?;
        if let (Some(security), Some(mechanism)) = (&mut self.security, login.mechanism()) {
            security.login = Login::Sasl(mechanism);
        }
        if over {
            self.state = State::SecurityResult(Refusal::Authentication);
        }
        Ok(step)
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
            return Err(refusal.explained(None));
        }
        self.state = State::Reason(refusal);
        Ok(Step::Consumed(4))
    }

    fn client_init(&mut self, config: &ClientConfig, outbox: &mut Outbox) {
        outbox.bytes.push(config.shared.into());
        self.state = State::ServerInit;
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
