//! The public face of the engine.

mod desktop;
mod extensions;
mod input;

pub(crate) use crate::outbox::Outbox;
use zeroize::Zeroize;

use crate::{
    config::ClientConfig,
    damage::Damage,
    error::{Error, Result},
    event::Event,
    framebuffer::Framebuffer,
    handshake::{Handshake, Outcome},
    input_buffer::{InputBuffer, Step},
    security::{Security, credentials::Credentials},
    session::Session,
    statistics::Statistics,
};

/// How far a connection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ConnectionState {
    /// Version, security and sizes are being settled.
    Handshake,
    /// The server waits for the owner to give credentials.
    AwaitingCredentials,
    /// The server waits for TLS, see [`Event::StartTls`].
    AwaitingTls,
    /// There is a framebuffer, and input is sent.
    Connected,
    /// [`Client::receive`] returned an error; nothing else will happen.
    Failed,
}

#[derive(Debug)]
enum Phase {
    Handshake(Handshake),
    Session(Box<Session>),
    Failed(Error),
}

/// A VNC client without a connection: see the [crate's documentation](crate) for how to drive it.
#[derive(Debug)]
pub struct Client {
    input: InputBuffer,
    engine: Engine,
}

/// Everything but the input, so that input may be parsed where it lies.
#[derive(Debug)]
struct Engine {
    config: ClientConfig,
    phase: Phase,
    outbox: Outbox,
    statistics: Statistics,
    /// What the handshake agreed upon.
    security: Option<Security>,
    /// Bytes of the input that have been dealt with.
    consumed: u64,
    /// What there is to show before the handshake is over, and after a failure in it.
    nothing: Framebuffer,
}

impl Client {
    /// A client at the beginning of a connection.
    pub fn new(config: ClientConfig) -> Self {
        Self {
            input: InputBuffer::default(),
            engine: Engine {
                config,
                phase: Phase::Handshake(Handshake::new()),
                outbox: Outbox::default(),
                statistics: Statistics::default(),
                security: None,
                consumed: 0,
                nothing: Framebuffer::default(),
            },
        }
    }

    /// Takes any number of bytes from the server. Afterwards take events with
    /// [`next_event`](Self::next_event) and send what [`take_output`](Self::take_output) returns.
    ///
    /// How long this takes is the server's affair, for a few bytes can draw on the whole screen:
    /// who has something else to do meanwhile uses [`receive_some`](Self::receive_some).
    ///
    /// # Errors
    /// When the connection cannot go on, see [`Error`]. The same error is returned ever after; the
    /// framebuffer keeps what it had, unless it was its new size that there was no memory for.
    /// It is also an error to give bytes beyond [`Event::StartTls`], which are not the engine's: where
    /// that may come, use [`receive_some`](Self::receive_some).
    pub fn receive(&mut self, bytes: &[u8]) -> Result<()> {
        let mut rest = bytes;
        loop {
            self.receive_some(&mut rest)?;
            if rest.is_empty() {
                return Ok(());
            }
            if self.state() == ConnectionState::AwaitingTls {
                let error = Error::protocol("the handshake", "something came before TLS");
                self.engine.fail(&error);
                return Err(error);
            }
        }
    }

    /// Like [`receive`](Self::receive), but stops after a moment's work, or when the framebuffer has
    /// taken another size. `bytes` then begins with those that have not been taken yet, which are
    /// to be given again, with or without more behind them, after events and output were taken.
    ///
    /// At [`Event::StartTls`] it stops for good: the bytes that are left belong to TLS, and nothing is
    /// taken before [`tls_established`](Self::tls_established).
    ///
    /// # Errors
    /// As for [`receive`](Self::receive).
    pub fn receive_some(&mut self, bytes: &mut &[u8]) -> Result<()> {
        if let Phase::Failed(error) = &self.engine.phase {
            return Err(error.clone());
        }
        let before = bytes.len();
        let result = self.input.feed(bytes, |input| self.engine.step(input));
        self.engine.statistics.bytes_received += (before - bytes.len()) as u64;
        if let Err(error) = &result {
            self.engine.fail(error);
        }
        result
    }

    /// What it means that the server closed the connection at this point. `None` after the
    /// handshake, where it is the ordinary end; during the handshake it is a refusal, and often the
    /// only sign of a wrong password.
    pub fn end_of_input(&self) -> Option<Error> {
        match &self.engine.phase {
            Phase::Handshake(handshake) => Some(handshake.end_of_input()),
            Phase::Session(_) => None,
            Phase::Failed(error) => Some(error.clone()),
        }
    }

    /// The oldest event not yet taken.
    pub fn next_event(&mut self) -> Option<Event> {
        self.engine.outbox.next_event()
    }

    /// The bytes to send to the server, which are then no longer queued.
    pub fn take_output(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.engine.outbox.bytes)
    }

    /// Whether there are bytes to send.
    pub fn has_output(&self) -> bool {
        !self.engine.outbox.bytes.is_empty()
    }

    /// Answers [`Event::NeedCredentials`]. Returns whether it did: not if the server does not wait for
    /// any, if a user name is asked for and missing, or if they would be sent in clear and
    /// [may not be](Credentials::even_in_clear). Then the server goes on waiting.
    ///
    /// They are used at once and not kept, except by a SASL mechanism for as long as it runs. What is
    /// to be sent may contain the password itself: whoever takes the output wipes it afterwards.
    pub fn provide_credentials(&mut self, credentials: &Credentials) -> bool {
        match &mut self.engine.phase {
            Phase::Handshake(handshake) => handshake.provide(credentials, &mut self.engine.outbox),
            _ => false,
        }
    }

    /// Answers [`Event::NeedCredentials`] where a password alone is asked for; see
    /// [`provide_credentials`](Self::provide_credentials).
    pub fn provide_password(&mut self, password: &str) -> bool {
        self.provide_credentials(&Credentials::password(password))
    }

    /// Goes on after [`Event::StartTls`], once TLS is there and the server's certificate is trusted.
    /// What is received from here on comes out of TLS, and what is sent goes in.
    pub fn tls_established(&mut self) {
        let engine = &mut self.engine;
        if let Phase::Handshake(handshake) = &mut engine.phase {
            handshake.tls_established(&engine.config, &mut engine.outbox);
        }
    }

    /// How the connection is protected, once that was agreed upon with the server.
    pub fn security(&self) -> Option<Security> {
        match &self.engine.phase {
            Phase::Handshake(handshake) => handshake.security(),
            Phase::Session(_) | Phase::Failed(_) => self.engine.security,
        }
    }

    /// How far the connection is.
    pub fn state(&self) -> ConnectionState {
        match &self.engine.phase {
            Phase::Handshake(handshake) if handshake.needs_credentials() => {
                ConnectionState::AwaitingCredentials
            }
            Phase::Handshake(handshake) if handshake.needs_tls() => ConnectionState::AwaitingTls,
            Phase::Handshake(_) => ConnectionState::Handshake,
            Phase::Session(_) => ConnectionState::Connected,
            Phase::Failed(_) => ConnectionState::Failed,
        }
    }

    /// The picture; of no size before [`Event::Connected`].
    pub fn framebuffer(&self) -> &Framebuffer {
        self.session()
            .map_or(&self.engine.nothing, Session::framebuffer)
    }

    /// What changed in the framebuffer since the last call. Right after
    /// [`Event::FrameComplete`] that is whole updates only; at other times part of an update may be
    /// among it.
    pub fn take_damage(&mut self) -> Damage {
        self.session_mut()
            .map_or_else(Damage::default, |(session, _)| session.take_damage())
    }

    /// Counts of what came in.
    pub fn statistics(&self) -> &Statistics {
        &self.engine.statistics
    }

    fn session(&self) -> Option<&Session> {
        match &self.engine.phase {
            Phase::Session(session) => Some(session),
            _ => None,
        }
    }

    fn session_mut(&mut self) -> Option<(&mut Session, &mut Outbox)> {
        match &mut self.engine.phase {
            Phase::Session(session) => Some((session, &mut self.engine.outbox)),
            _ => None,
        }
    }
}

/// Bytes for the server after which [`Client::receive_some`] makes a pause.
const OUTPUT_AT_ONCE: usize = 64 << 10;

impl Engine {
    fn step(&mut self, input: &[u8]) -> Result<Step> {
        let step = self.advance(input)?;
        let Step::Consumed(count) = step else {
            return Ok(step);
        };
        self.consumed += count as u64;
        let Phase::Session(session) = &mut self.phase else {
            return Ok(step);
        };
        if session.at_boundary() {
            self.statistics.bytes_understood = self.consumed;
        }
        // Answers are to get out before more questions are looked at: a few bytes can ask for
        // megabytes of clipboard.
        let said_enough = self.outbox.bytes.len() >= OUTPUT_AT_ONCE;
        Ok(if session.has_worked_enough() || said_enough {
            Step::Pause(count)
        } else {
            step
        })
    }

    fn advance(&mut self, input: &[u8]) -> Result<Step> {
        let step = match &mut self.phase {
            Phase::Failed(error) => return Err(error.clone()),
            Phase::Session(session) => {
                session.step(input, &mut self.outbox, &mut self.statistics)?
            }
            Phase::Handshake(handshake) => {
                match handshake.step(input, &self.config, &mut self.outbox)? {
                    Outcome::Going(step) => step,
                    Outcome::Done(length, init) => {
                        self.security = handshake.security();
                        let session = Session::new(init, &self.config, &mut self.outbox)?;
                        self.phase = Phase::Session(Box::new(session));
                        Step::Consumed(length)
                    }
                }
            }
        };
        Ok(step)
    }

    /// Ends everything but the picture.
    fn fail(&mut self, error: &Error) {
        let phase = std::mem::replace(&mut self.phase, Phase::Failed(error.clone()));
        if let Phase::Session(session) = phase {
            self.nothing = session.into_framebuffer();
        }
        self.outbox.bytes.zeroize();
    }
}
