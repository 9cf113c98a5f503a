//! What this side wants of the server.

use rfb::{ClientConfig, ConnectionState, Credentials, Screen};
use tokio::time::Instant;

use super::Session;
use crate::{
    Error, arrangement,
    transport::{
        Phase,
        attempts::SETUP_LIMIT,
        input::{Input, Taken},
    },
};

/// What this side said before the session ran. An attempt that leads nowhere leaves it to the next one.
#[derive(Default)]
pub(in crate::transport) struct Ahead {
    /// Credentials that were given before they were asked for.
    pub(super) credentials: Option<Credentials>,
    /// Sound is wanted as soon as the server says that it can send any.
    pub(super) audio: bool,
    /// JPEG quality and compression, if others than those of the configuration are wanted.
    quality: Option<(Option<u8>, Option<u8>)>,
}

impl Ahead {
    /// A configuration with what is wanted of it instead.
    pub(super) fn applied_to(&self, mut config: ClientConfig) -> ClientConfig {
        if let Some((quality, compression)) = self.quality {
            (config.quality, config.compression) = (quality, compression);
        }
        config
    }
}

impl Session {
    /// Moves what the user did into the bytes to send, as far as there is room.
    pub(super) fn take_input(&mut self) -> Result<(), Error> {
        loop {
            self.collect_output();
            match self.shared.input.take(self.outgoing.has_room()) {
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

    /// Has the engine tell the server.
    pub(super) fn send(&mut self, input: Input) {
        match input {
            Input::Key { key, pressed } => self.client.key(key.keysym, key.scancode, pressed),
            Input::Pointer { x, y, buttons } => self.client.pointer(x, y, buttons),
            Input::Motion { dx, dy, buttons } => {
                self.client.pointer_motion(dx, dy, buttons);
            }
            Input::DesktopSize { width, height } => {
                self.client.set_desktop_size(width, height);
            }
            Input::ScreenSize { id, width, height } => {
                let screens = arrangement::resized(self.client.screens(), id, width, height);
                self.ask_for(&screens.unwrap_or_default());
            }
            Input::Screens(screens) => self.ask_for(&screens),
            Input::Text(text) => {
                self.client.cut_text(&text);
                self.collect_output();
                self.outgoing.ends_with_text();
            }
            Input::RequestText => {
                self.client.request_clipboard();
            }
            Input::WithdrawText => self.client.withdraw_text(),
            Input::Audio(wanted) => {
                self.ahead.audio = wanted;
                self.update_audio();
            }
            Input::Power(action) => {
                self.client.power(action);
            }
            Input::Quality {
                quality,
                compression,
            } => {
                self.ahead.quality = Some((quality, compression));
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
                    self.ahead.credentials = Some(credentials);
                }
                ConnectionState::Connected | ConnectionState::Failed => {}
            },
            // Answered already, or not asked.
            Input::Trust { .. } => {}
        }
    }

    /// Asks for an arrangement of screens, in a framebuffer that is just large enough for them.
    fn ask_for(&mut self, screens: &[Screen]) {
        if let Some((width, height)) = arrangement::extent(screens) {
            self.client.set_desktop_layout(width, height, screens);
        }
    }

    /// Has somebody asked for credentials, with all the time in the world.
    pub(super) fn ask_credentials(&mut self) {
        self.deadline = None;
        if let Some(kind) = self.needed {
            self.shared
                .mailbox
                .tell(|news| news.phase = Some(Phase::NeedsCredentials(kind)));
        }
    }
}
