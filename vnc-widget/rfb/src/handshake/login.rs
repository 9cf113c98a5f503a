//! Telling the server who we are, in the way that was agreed upon.

use crate::{
    bytes::Bytes,
    client::Outbox,
    error::{Error, Result},
    event::{CredentialKind, Event},
    input_buffer::Step,
    security::{
        Login, Security,
        credentials::Credentials,
        plain,
        sasl::{self, Exchange, Progress},
        vnc_auth,
    },
};

/// A login under way.
#[derive(Debug)]
pub(super) enum Authentication {
    /// VNC authentication: the server's challenge is to come.
    Challenge,
    /// It is here, the owner's password is not.
    Password([u8; vnc_auth::CHALLENGE_LENGTH]),
    /// User name and password are awaited from the owner, to be sent as they are.
    Plain {
        /// Whether they are safe on their way.
        tls: bool,
    },
    /// The server's list of SASL mechanisms is to come.
    Mechanisms {
        /// Whether what is sent is safe on its way.
        tls: bool,
    },
    /// A mechanism is chosen, and the owner's answer awaited.
    Mechanism(&'static str),
    /// Messages go back and forth.
    Exchange(Box<Exchange>),
}

impl Authentication {
    /// The beginning of a login; `None` where there is nothing to do.
    pub(super) fn begin(security: Security, outbox: &mut Outbox) -> Option<Self> {
        let login = match security.login {
            Login::None => return None,
            Login::VncPassword => Self::Challenge,
            Login::Plain => Self::Plain { tls: security.tls },
            Login::Sasl(_) => Self::Mechanisms { tls: security.tls },
        };
        login.ask(outbox);
        Some(login)
    }

    /// What the owner is to give now.
    pub(super) fn needed(&self) -> Option<CredentialKind> {
        match self {
            Self::Password(_) => Some(CredentialKind::Password),
            Self::Plain { tls: true } | Self::Mechanism(_) => {
                Some(CredentialKind::UsernameAndPassword)
            }
            Self::Plain { tls: false } => Some(CredentialKind::UsernameAndPasswordInClear),
            Self::Challenge | Self::Mechanisms { .. } | Self::Exchange(_) => None,
        }
    }

    fn ask(&self, outbox: &mut Outbox) {
        if let Some(kind) = self.needed() {
            outbox.event(Event::NeedCredentials(kind));
        }
    }

    /// Whether the server has been told something that it can find wrong.
    pub(super) fn has_answered(&self) -> bool {
        matches!(self, Self::Exchange(_))
    }

    /// The SASL mechanism, once it is chosen.
    pub(super) fn mechanism(&self) -> Option<&'static str> {
        match self {
            Self::Mechanism(name) => Some(name),
            _ => None,
        }
    }

    /// Writes what the owner gave, if that is awaited and fits. `Some(None)`: all is said.
    #[expect(clippy::option_option, reason = "whether it fits, and what comes next")]
    pub(super) fn answer(
        &self,
        credentials: &Credentials,
        out: &mut Vec<u8>,
    ) -> Option<Option<Self>> {
        match self {
            Self::Password(challenge) => {
                let password = credentials.expose_password();
                out.extend_from_slice(&vnc_auth::response(password, *challenge));
                Some(None)
            }
            Self::Plain { tls } if *tls || credentials.allowed_in_clear() => {
                plain::write(credentials, out).then_some(None)
            }
            Self::Mechanism(name) => {
                let exchange = Exchange::begin(name, credentials, out)?;
                Some(Some(Self::Exchange(Box::new(exchange))))
            }
            _ => None,
        }
    }

    /// Takes the next part off the front of `input`. The second part of the result: whether the login
    /// is over, but for its result.
    pub(super) fn step(&mut self, input: &[u8], outbox: &mut Outbox) -> Result<(Step, bool)> {
        match self {
            Self::Challenge => {
                let Some(challenge) = Bytes::new(input).array() else {
                    return Ok((Step::Need(vnc_auth::CHALLENGE_LENGTH), false));
                };
                *self = Self::Password(*challenge);
                self.ask(outbox);
                Ok((Step::Consumed(challenge.len()), false))
            }
            Self::Mechanisms { tls } => match sasl::choose(input, *tls)? {
                Progress::Need(count) => Ok((Step::Need(count), false)),
                Progress::Done(count, name) => {
                    *self = Self::Mechanism(name);
                    self.ask(outbox);
                    Ok((Step::Consumed(count), false))
                }
            },
            Self::Exchange(exchange) => match exchange.step(input, &mut outbox.bytes)? {
                Progress::Need(count) => Ok((Step::Need(count), false)),
                Progress::Done(count, over) => Ok((Step::Consumed(count), over)),
            },
            Self::Password(_) | Self::Plain { .. } | Self::Mechanism(_) if input.is_empty() => {
                Ok((Step::Need(1), false))
            }
            Self::Password(_) | Self::Plain { .. } | Self::Mechanism(_) => Err(Error::protocol(
                "the handshake",
                "something came while the server had to wait for the password",
            )),
        }
    }
}
