//! One connection from beginning to end.

mod securing;

use std::{io, sync::Arc, time::Duration};

use rfb::{
    AudioEvent, Client, ClientConfig, ConnectionState, CredentialKind, Credentials, Damage, Event,
};
use tokio::{
    io::{AsyncReadExt, AsyncWrite, AsyncWriteExt},
    task::yield_now,
    time::{Instant, sleep_until, timeout},
};
use zeroize::Zeroize;

use super::{
    ClipboardNews, CursorShape, Delivery, Phase, PowerNews, Shared,
    attempts::{Peer, SETUP_LIMIT, no_answer},
    input::{Input, Taken},
    pace::Pace,
    stream::{self, ByteStream},
    tls,
};
use crate::{
    Error,
    sound::{self, Player},
    tiles::Frame,
    trust::{Protection, Tls},
};

/// How long the server may be silent in the middle of a message.
const SILENCE_LIMIT: Duration = Duration::from_mins(1);

/// How long the last keys may take to get out when the connection is closed from here.
const CLOSE_LIMIT: Duration = Duration::from_secs(1);

/// How much is read at once.
const READ_SIZE: usize = 256 * 1024;

/// With so much waiting to be sent, nothing more is read or taken from the input: a server that
/// asks without listening fills its own buffers, not ours.
const SEND_LIMIT: usize = 64 * 1024;

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

pub(super) struct Session {
    shared: Arc<Shared>,
    target: String,
    client: Client,
    /// Bytes for the server, of which `sent` are with it already.
    outgoing: Vec<u8>,
    sent: usize,
    /// How many of those that wait are a text of this side's, or before one.
    bulk: usize,
    /// When the server must have done what is expected of it.
    deadline: Option<Instant>,
    /// Since when the rest of a message is waited for.
    amid: Option<Instant>,
    /// What whole updates changed and has not been handed over.
    damage: Damage,
    /// The server owes an answer to an update request.
    update_requested: bool,
    pace: Pace,
    /// Updates that came and have not been offered to the widget.
    updates: u32,
    /// Plays what is heard of the server, while that is wanted.
    player: Option<Player>,
    /// Sound is wanted as soon as the server says that it can send any.
    wants_audio: bool,
    /// When the input was made that `damage` is the first picture after.
    input: Option<std::time::Instant>,
    /// The next update is to bring the whole screen.
    wants_everything: bool,
    /// Credentials that were given before they were asked for.
    credentials: Option<Credentials>,
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
        deadline: Instant,
    ) -> Self {
        Self {
            shared,
            target,
            client: Client::new(config),
            outgoing: Vec::new(),
            sent: 0,
            bulk: 0,
            deadline: Some(deadline),
            amid: None,
            damage: Damage::default(),
            update_requested: false,
            pace: Pace::default(),
            updates: 0,
            player: None,
            wants_audio: false,
            input: None,
            wants_everything: true,
            credentials: None,
            needed: None,
            tls: None,
            shown: tls::Shown::default(),
            closing: false,
        }
    }

    pub(super) async fn run(
        mut self,
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
            self.hand_over_frame()?;
            self.take_input()?;
            if self.closing {
                // The last key releases; a server that does not take them has its own ways.
                let _ = timeout(CLOSE_LIMIT, async {
                    writer.write_all(&self.outgoing[self.sent..]).await?;
                    writer.shutdown().await
                })
                .await;
                return Ok(Pause::Over);
            }
            let waiting = self.waiting();
            let listens = self.listens();
            if unread.is_empty() && listens && self.is_running() && self.deadline.is_some() {
                self.amid.get_or_insert_with(Instant::now);
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
                            if let Some(since) = self.amid.take() {
                                self.shared.count_waited(since.elapsed());
                            }
                            unread = 0..length;
                        }
                        Err(error) => return Err(self.broken(&error)),
                    }
                }
                () = yield_now(), if !unread.is_empty() && listens => {}
                written = push(&mut writer, &self.outgoing[self.sent..]),
                    if waiting > 0 || unflushed =>
                {
                    self.sent += written.map_err(|error| self.broken(&error))?;
                    unflushed = waiting > 0;
                }
                () = self.shared.input.changed() => {}
                () = self.shared.mailbox.frame_taken(), if !self.damage.is_empty() => {}
                () = sleep_until(self.deadline.unwrap_or_else(Instant::now)),
                    if self.deadline.is_some() => return Err(self.too_late()),
            }
            if !unread.is_empty() && self.listens() {
                let mut rest = &buffer[unread.clone()];
                self.receive_some(&mut rest)?;
                unread.start = unread.end - rest.len();
            }
        }
    }

    /// How many bytes wait to be sent.
    fn waiting(&self) -> usize {
        self.outgoing.len() - self.sent
    }

    /// Whether more is taken in of what the server says: not while its answers pile up. A long text
    /// that this side sends is no reason to turn away: a server that is writing meanwhile may have to
    /// be listened to first.
    fn listens(&self) -> bool {
        let waiting = self.waiting();
        waiting - self.bulk.min(waiting) < SEND_LIMIT
    }

    /// Moves what the engine wants to say into the bytes to send.
    fn collect_output(&mut self) {
        let secret = !self.is_running();
        self.bulk = self.bulk.min(self.waiting());
        if self.sent == self.outgoing.len() {
            if secret {
                self.outgoing.zeroize();
            }
            self.outgoing.clear();
            self.sent = 0;
        } else if self.sent >= SEND_LIMIT {
            // A server that always leaves a little would have everything be kept.
            self.outgoing.drain(..self.sent);
            self.sent = 0;
        }
        if self.client.has_output() {
            let mut output = self.client.take_output();
            self.outgoing.extend_from_slice(&output);
            if secret {
                output.zeroize();
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

    fn handle_events(&mut self) {
        while let Some(event) = self.client.next_event() {
            self.handle(event);
        }
    }

    fn handle(&mut self, event: Event) {
        let mailbox = &self.shared.mailbox;
        match event {
            Event::NeedCredentials(kind) => {
                self.needed = Some(kind);
                let given = self.credentials.take();
                let fit = given.is_some_and(|given| self.client.provide_credentials(&given));
                if !fit {
                    self.ask_credentials();
                }
            }
            Event::Connected {
                name,
                width,
                height,
            } => {
                let login = self.client.security().map(|security| security.login);
                let protection = Protection {
                    tls: self.tls,
                    login: login.unwrap_or(rfb::Login::None),
                };
                mailbox.tell(|news| {
                    news.phase = Some(Phase::Connected);
                    news.protection = Some(protection);
                    news.name = Some(name);
                    news.size = Some((width.into(), height.into()));
                });
                self.request_update();
            }
            Event::FrameComplete => {
                self.update_requested = false;
                self.updates = self.updates.saturating_add(1);
                let damage = self.client.take_damage();
                if !damage.is_empty() {
                    self.input = self.input.or_else(|| self.shared.answered());
                }
                for rect in damage.iter() {
                    self.damage.add(rect);
                }
                self.shared.publish(*self.client.statistics());
            }
            Event::ContinuousUpdatesOff => self.pace.stopped(&mut self.client),
            Event::Resized { width, height, .. } => {
                // The old picture is gone from the engine. Nothing is handed over until the server
                // has sent the new one, so that the old one stays to be seen.
                self.damage = Damage::default();
                self.wants_everything = true;
                mailbox.tell(|news| news.size = Some((width.into(), height.into())));
            }
            Event::CursorChanged(cursor) => {
                let shape = cursor.map_or(CursorShape::Hidden, CursorShape::Shown);
                mailbox.tell(|news| news.cursor = Some(shape));
            }
            Event::DesktopName(name) => mailbox.tell(|news| news.name = Some(name)),
            Event::PointerMode(mode) => mailbox.tell(|news| news.pointer_mode = Some(mode)),
            Event::Bell => mailbox.tell(|news| news.bell = true),
            Event::CutText(text) => {
                mailbox.tell(|news| news.clipboard = Some(ClipboardNews::Text(text)));
            }
            Event::ClipboardOffered => {
                mailbox.tell(|news| news.clipboard = Some(ClipboardNews::Offered));
            }
            Event::Audio(event) => self.audio(event),
            Event::Leds(leds) => mailbox.tell(|news| news.leds = Some(leds)),
            Event::PowerAvailable => {
                mailbox.tell(|news| news.power = Some(PowerNews::Available));
            }
            Event::PowerFailed => mailbox.tell(|news| news.power = Some(PowerNews::Failed)),
            Event::ResizeRefused(reason) => {
                tracing::debug!(?reason, "the server keeps its screen size");
            }
            _ => {}
        }
    }

    /// Gives the widget what changed once it has taken what it was given last, and only then asks
    /// the server for more. An update may also have brought nothing to see, or the pointer alone.
    fn hand_over_frame(&mut self) -> Result<(), Error> {
        if !self.is_running() {
            return Ok(());
        }
        if self.update_requested {
            // Servers may wait for their fences before they answer.
            if self.damage.is_empty() {
                self.pace.caught_up(&mut self.client);
            }
            return Ok(());
        }
        let updates = std::mem::take(&mut self.updates);
        if !self.damage.is_empty() {
            if !self.shared.mailbox.is_free() {
                self.pace.fell_behind(&mut self.client, updates);
                return Ok(());
            }
            let damage = std::mem::take(&mut self.damage);
            let frame = Frame::cut(self.client.framebuffer(), &damage)?;
            let input = self.input.take();
            self.shared.mailbox.post(Delivery { frame, input });
        }
        self.pace.caught_up(&mut self.client);
        if self.wants_everything || !self.pace.is_continuous() {
            self.request_update();
        }
        Ok(())
    }

    fn request_update(&mut self) {
        if !self.update_requested {
            let everything = std::mem::take(&mut self.wants_everything);
            self.client.request_update(!everything);
            self.update_requested = true;
        }
    }

    /// Moves what the user did into the bytes to send, as far as there is room.
    fn take_input(&mut self) -> Result<(), Error> {
        loop {
            self.collect_output();
            let room = self.outgoing.len() - self.sent < SEND_LIMIT;
            match self.shared.input.take(room) {
                Taken::Input(input) => self.send(input),
                Taken::Nothing => return Ok(()),
                Taken::Overflowed => return Err(Error::NotReading),
                Taken::Closed => {
                    self.closing = true;
                    return Ok(());
                }
            }
        }
    }

    fn send(&mut self, input: Input) {
        match input {
            Input::Key { key, pressed } => self.client.key(key.keysym, key.scancode, pressed),
            Input::Pointer { x, y, buttons } => self.client.pointer(x, y, buttons),
            Input::Motion { dx, dy, buttons } => {
                self.client.pointer_motion(dx, dy, buttons);
            }
            Input::DesktopSize { width, height } => {
                self.client.set_desktop_size(width, height);
            }
            Input::Text(text) => {
                self.client.cut_text(&text.0);
                self.collect_output();
                self.bulk = self.waiting();
            }
            Input::RequestText => {
                self.client.request_clipboard();
            }
            Input::WithdrawText => self.client.withdraw_text(),
            Input::Audio(wanted) => {
                self.wants_audio = wanted;
                self.update_audio();
            }
            Input::Power(action) => {
                self.client.power(action);
            }
            Input::Quality {
                quality,
                compression,
            } => {
                self.client.set_quality(quality);
                self.client.set_compression(compression);
            }
            Input::Credentials(credentials) => match self.client.state() {
                ConnectionState::AwaitingCredentials => {
                    if self.client.provide_credentials(&credentials) {
                        self.deadline = Some(Instant::now() + SETUP_LIMIT);
                    } else {
                        self.ask_credentials();
                    }
                }
                ConnectionState::Handshake | ConnectionState::AwaitingTls => {
                    self.credentials = Some(credentials);
                }
                ConnectionState::Connected | ConnectionState::Failed => {}
            },
            // Answered already, or not asked.
            Input::Trust(_) => {}
        }
    }

    /// Has somebody asked for credentials, with all the time in the world.
    fn ask_credentials(&mut self) {
        self.deadline = None;
        if let Some(kind) = self.needed {
            self.shared
                .mailbox
                .tell(|news| news.phase = Some(Phase::NeedsCredentials(kind)));
        }
    }

    fn audio(&mut self, event: AudioEvent) {
        match (event, &self.player) {
            (AudioEvent::Available, _) => {
                self.shared.mailbox.tell(|news| news.audio_available = true);
                self.update_audio();
            }
            (AudioEvent::Data(data), Some(player)) => player.play(&data),
            _ => {}
        }
    }

    /// Begins or ends to listen, as wanted and possible.
    fn update_audio(&mut self) {
        let listen = self.wants_audio && self.client.can_play_audio();
        if listen == self.player.is_some() {
            return;
        }
        self.player = if listen {
            self.client.start_audio(sound::FORMAT);
            Some(Player::new())
        } else {
            self.client.stop_audio();
            None
        };
    }

    fn is_running(&self) -> bool {
        self.client.state() == ConnectionState::Connected
    }

    fn end_of_input(&self) -> Result<(), Error> {
        let statistics = self.client.statistics();
        if let Some(error) = self.client.end_of_input() {
            Err(if self.tls.is_some() && error == rfb::Error::Closed {
                self.ended_in_tls()
            } else if statistics.bytes_received == 0 {
                Error::ClosedEarly
            } else {
                error.into()
            })
        } else if statistics.bytes_received == statistics.bytes_understood {
            Ok(())
        } else {
            Err(Error::CutOff)
        }
    }

    /// What it means that reading or writing failed.
    fn broken(&self, error: &io::Error) -> Error {
        if let Some(reason) = tls::explain(error, self.shown) {
            return reason;
        }
        match self.client.end_of_input() {
            Some(rfb::Error::Closed) if self.tls.is_some() => self.ended_in_tls(),
            Some(reason) if self.client.statistics().bytes_received > 0 => reason.into(),
            Some(_) => Error::ClosedEarly,
            None => Error::Lost {
                reason: stream::in_words(error),
            },
        }
    }

    fn too_late(&self) -> Error {
        if self.is_running() {
            Error::Stalled {
                after: SILENCE_LIMIT,
            }
        } else {
            no_answer(&self.target)
        }
    }
}
