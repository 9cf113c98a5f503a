//! The clipboard, sound, and the machine's power.

use super::Client;
use crate::{
    audio::{self, AudioFormat},
    clipboard,
    features::Features,
    power::{self, PowerAction},
};

impl Client {
    /// What the server has shown that it can do.
    pub(super) fn features(&self) -> Features {
        self.session()
            .map_or_else(Features::default, |session| session.desktop.features)
    }

    /// Whether the server has the extended clipboard: all of Unicode, and texts go over only when
    /// the other side asks for them. Others know Latin-1, and get each text at once.
    pub fn has_extended_clipboard(&self) -> bool {
        self.session()
            .is_some_and(|session| session.clipboard.is_extended())
    }

    /// Puts a text into the server's clipboard. A server with the extended clipboard is told that
    /// there is one, and is given it whenever it asks. To others it is sent; they know Latin-1 only,
    /// and other characters become question marks. Returns whether this was done: not for texts
    /// above 4 MiB.
    pub fn cut_text(&mut self, text: &str) -> bool {
        let possible = text.len() <= clipboard::MAX_TEXT;
        if let Some((session, outbox)) = self.session_mut().filter(|_| possible) {
            session.clipboard.set(text, outbox);
        }
        possible
    }

    /// Holds back the text that a server with the extended clipboard asks for from now on, or lets it
    /// go, once however often it was asked for. It can be megabytes: who has something to send already
    /// holds it until there is room. By default it goes into the output as soon as it is asked for.
    pub fn hold_text(&mut self, hold: bool) {
        if let Some((session, outbox)) = self.session_mut() {
            session.clipboard.hold(hold, outbox);
        }
    }

    /// Takes back the last [`cut_text`](Self::cut_text), as far as the server has not fetched it.
    pub fn withdraw_text(&mut self) {
        if let Some((session, outbox)) = self.session_mut() {
            session.clipboard.withdraw(outbox);
        }
    }

    /// Asks for the text of which [`Event::ClipboardOffered`](crate::Event::ClipboardOffered) told;
    /// it comes as [`Event::CutText`](crate::Event::CutText). Returns whether it could be asked.
    /// Texts above 4 MiB do not come.
    pub fn request_clipboard(&mut self) -> bool {
        self.session_mut()
            .is_some_and(|(session, outbox)| session.clipboard.request(outbox))
    }

    /// Whether the server can send sound.
    pub fn can_play_audio(&self) -> bool {
        self.features().audio
    }

    /// Has the server send what is heard on it, in this format:
    /// [`Event::Audio`](crate::Event::Audio). Returns whether it can.
    pub fn start_audio(&mut self, format: AudioFormat) -> bool {
        let possible = self.can_play_audio();
        if let Some((session, outbox)) = self.session_mut().filter(|_| possible) {
            session.listening = true;
            audio::start(&mut outbox.bytes, format);
        }
        possible
    }

    /// Has no more sound sent. What is under way is dropped.
    pub fn stop_audio(&mut self) {
        if let Some((session, outbox)) = self.session_mut()
            && std::mem::take(&mut session.listening)
        {
            audio::stop(&mut outbox.bytes);
        }
    }

    /// Whether the server can turn its machine off and on.
    pub fn can_power(&self) -> bool {
        self.features().power
    }

    /// Asks the server to turn its machine off or on (xvp). If it cannot,
    /// [`Event::PowerFailed`](crate::Event::PowerFailed) comes; otherwise nothing may come any more.
    /// Returns whether it could be asked.
    pub fn power(&mut self, action: PowerAction) -> bool {
        let possible = self.can_power();
        if let Some((_, outbox)) = self.session_mut().filter(|_| possible) {
            power::message(&mut outbox.bytes, action);
        }
        possible
    }
}
