//! One connection from beginning to end.

mod ending;
mod events;
mod frames;
mod input;
mod outgoing;
mod securing;
mod sound;

use std::{io, sync::Arc, time::Duration};

use rfb::{Client, ClientConfig, ConnectionState, CredentialKind};
use tokio::{
    io::{AsyncReadExt, AsyncWrite, AsyncWriteExt},
    task::yield_now,
    time::{Instant, sleep_until, timeout},
};

use frames::Frames;
pub(super) use input::Ahead;
use outgoing::Outgoing;

use super::{Shared, attempts::Peer, stream::ByteStream, tls};
use crate::{Error, sound::Player, trust::Tls};

/// How long the server may be silent in the middle of a message.
const SILENCE_LIMIT: Duration = Duration::from_mins(1);

/// How long the last keys may take to get out when the connection is closed from here.
const CLOSE_LIMIT: Duration = Duration::from_secs(1);

/// How much is read at once.
const READ_SIZE: usize = 256 * 1024;

/// Why a stream is not read any more.
enum Pause {
    /// This side is done.
    Over,
    /// TLS begins, with these bytes.
    Tls(Box<dyn ByteStream>, Vec<u8>),
}

/// Sends what can be sent now; or, when there is nothing, has all that was sent on its way.
async fn push(writer: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) -> io::Result<usize> {
    if bytes.is_empty() {
        writer.flush().await?;
        return Ok(0);
    }
    writer.write(bytes).await
}

/// A connection to a server, and what both sides have got to. What concerns one purpose is in a file of
/// its own.
pub(super) struct Session {
    shared: Arc<Shared>,
    target: String,
    client: Client,
    outgoing: Outgoing,
    /// When the server must have done what is expected of it.
    deadline: Option<Instant>,
    frames: Frames,
    /// Plays what is heard of the server, while that is wanted.
    player: Option<Player>,
    ahead: Ahead,
    /// What credentials the server asked for.
    needed: Option<CredentialKind>,
    /// How it is encrypted, if it is.
    tls: Option<Tls>,
    /// Whether the server saw a certificate of this side.
    shown: tls::Shown,
    /// This side wants to end the connection.
    closing: bool,
}

impl Session {
    pub(super) fn new(
        shared: Arc<Shared>,
        target: String,
        config: ClientConfig,
        ahead: Ahead,
        deadline: Instant,
    ) -> Self {
        Self {
            shared,
            target,
            client: Client::new(ahead.applied_to(config)),
            outgoing: Outgoing::default(),
            deadline: Some(deadline),
            frames: Frames::default(),
            player: None,
            ahead,
            needed: None,
            tls: None,
            shown: tls::Shown::default(),
            closing: false,
        }
    }

    /// Talks with the server until the end.
    pub(super) async fn run(
        &mut self,
        stream: Box<dyn ByteStream>,
        peer: Peer,
    ) -> Result<(), Error> {
        let mut buffer = vec![0; READ_SIZE];
        match self.talk(stream, &mut buffer, 0).await? {
            Pause::Over => Ok(()),
            Pause::Tls(stream, rest) => {
                let Some((stream, first)) = self.secure(stream, rest, peer, &mut buffer).await?
                else {
                    return Ok(());
                };
                self.client.tls_established();
                self.handle_events();
                // There is no TLS inside TLS, so this comes to an end.
                self.talk(stream, &mut buffer, first).await.map(drop)
            }
        }
    }

    /// What is left of what this side said ahead, for another attempt.
    pub(super) fn into_ahead(self) -> Ahead {
        self.ahead
    }

    /// Listens and speaks until the end, or until TLS begins. The first bytes to be taken are in the
    /// buffer already.
    async fn talk(
        &mut self,
        stream: Box<dyn ByteStream>,
        buffer: &mut [u8],
        first: usize,
    ) -> Result<Pause, Error> {
        let (mut reader, mut writer) = tokio::io::split(stream);
        // What was read and has not been decoded: a few bytes may draw on the whole screen many
        // times, and neither the other tasks nor the keys and the end of this one wait for that.
        let mut unread = 0..first;
        // Something may be on its way only as far as TLS.
        let mut unflushed = false;
        loop {
            if self.client.state() == ConnectionState::AwaitingTls {
                self.collect_output();
                self.flush(&mut writer).await?;
                let rest = buffer[unread].to_vec();
                return Ok(Pause::Tls(reader.unsplit(writer), rest));
            }
            if self.is_running() {
                self.frames.hand_over(&mut self.client, &self.shared)?;
            }
            self.take_input()?;
            if self.closing {
                // The last key releases; a server that does not take them has its own ways.
                let _ = timeout(CLOSE_LIMIT, async {
                    writer.write_all(self.outgoing.rest()).await?;
                    writer.shutdown().await
                })
                .await;
                return Ok(Pause::Over);
            }
            let waits = self.outgoing.waiting() > 0;
            let listens = self.outgoing.has_room_for_answers();
            if unread.is_empty() && listens && self.is_running() && self.deadline.is_some() {
                self.shared.waits.begin();
            }
            tokio::select! {
                read = reader.read(buffer), if unread.is_empty() && listens => {
                    match read {
                        Ok(0) => return self.end_of_input().map(|()| Pause::Over),
                        // TLS that is not taken leave of: what matters is where it ended.
                        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                            return self.end_of_input().map(|()| Pause::Over);
                        }
                        Ok(length) => {
                            self.shared.count_received(length);
                            self.shared.waits.end();
                            unread = 0..length;
                        }
                        Err(error) => return Err(self.broken(&error)),
                    }
                }
                () = yield_now(), if !unread.is_empty() && listens => {}
                written = push(&mut writer, self.outgoing.rest()), if waits || unflushed => {
                    let count = written.map_err(|error| self.broken(&error))?;
                    self.outgoing.advance(count);
                    unflushed = waits;
                }
                () = self.shared.input.changed() => {}
                () = self.shared.mailbox.frame_wanted(), if self.frames.wait() => {}
                () = sleep_until(self.deadline.unwrap_or_else(Instant::now)),
                    if self.deadline.is_some() => return Err(self.too_late()),
            }
            if !unread.is_empty() && self.outgoing.has_room_for_answers() {
                let mut rest = &buffer[unread.clone()];
                self.receive_some(&mut rest)?;
                unread.start = unread.end - rest.len();
            }
        }
    }

    /// Moves what the engine wants to say into the bytes to send.
    fn collect_output(&mut self) {
        if self.client.has_output() {
            self.outgoing.push(self.client.take_output());
        }
        // One text at a time, however often the server asks for it.
        if !self.outgoing.has_text() {
            self.client.hold_text(false);
            self.client.hold_text(true);
            if self.client.has_output() {
                self.outgoing.push(self.client.take_output());
                self.outgoing.ends_with_text();
            }
        }
    }

    /// Decodes from the front of `bytes`, for a moment.
    fn receive_some(&mut self, bytes: &mut &[u8]) -> Result<(), Error> {
        let received = self.client.receive_some(bytes);
        // What was understood before an error is still worth showing, the reason why the last
        // picture stays on the screen.
        self.handle_events();
        received?;
        if self.is_running() {
            let statistics = self.client.statistics();
            let between_messages = statistics.bytes_received == statistics.bytes_understood;
            self.deadline = (!between_messages).then(|| Instant::now() + SILENCE_LIMIT);
        }
        Ok(())
    }

    fn is_running(&self) -> bool {
        self.client.state() == ConnectionState::Connected
    }
}
