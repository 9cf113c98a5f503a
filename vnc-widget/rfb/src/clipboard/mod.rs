//! The server's clipboard: Latin-1 texts of the basic protocol, and the extended clipboard, which
//! knows Unicode and sends a text only when somebody asks for it.

pub(crate) mod extended;
pub(crate) mod latin1;
mod text;

pub use text::ClipboardText;

use extended::{Action, Capabilities, Message, TEXT};

use crate::{client::Outbox, event::Event};

/// The longest text accepted from a server or sent to one, in bytes; longer ones are skipped. It is
/// far above what people copy and far below what hurts.
pub(crate) const MAX_TEXT: usize = 4 << 20;

/// What is known of the clipboard on both sides.
#[derive(Default)]
pub(crate) struct Clipboard {
    /// What the server can do, if it has the extended clipboard.
    server: Option<Capabilities>,
    /// The text that the server may fetch.
    offered: Option<String>,
    /// Whether it waits with the text until it is let go.
    holding: bool,
    /// The server has asked for the text and has not been given it.
    awaited: bool,
}

impl std::fmt::Debug for Clipboard {
    /// Texts are nobody's business: people copy passwords.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Clipboard")
            .field("server", &self.server)
            .finish_non_exhaustive()
    }
}

impl Clipboard {
    /// Whether texts may have any characters.
    pub(crate) fn is_extended(&self) -> bool {
        self.server.is_some()
    }

    /// Deals with a message of the extended clipboard.
    pub(crate) fn receive(&mut self, bytes: &[u8], outbox: &mut Outbox) {
        match extended::read(bytes) {
            Some(Message::Capabilities(server)) => {
                self.server = Some(server);
                extended::capabilities(&mut outbox.bytes);
            }
            Some(Message::Notify) => outbox.event(Event::ClipboardOffered),
            Some(Message::Request) => {
                self.awaited = true;
                self.provide(outbox);
            }
            Some(Message::Peek) => self.notify(outbox),
            Some(Message::Provide(text)) => outbox.event(Event::CutText(text)),
            None => {}
        }
    }

    /// Lets the server have a text: at once, or when it asks for it.
    pub(crate) fn set(&mut self, text: &str, outbox: &mut Outbox) {
        match self.server {
            Some(server) if server.takes(Action::Notify) => {
                self.offered = Some(text.to_owned());
                self.notify(outbox);
            }
            Some(server) if server.takes(Action::Provide) && server.takes_unasked(text) => {
                extended::provide(&mut outbox.bytes, text);
            }
            _ => latin1::cut_text(&mut outbox.bytes, text),
        }
    }

    /// Holds back the text from now on, or lets it go.
    pub(crate) fn hold(&mut self, hold: bool, outbox: &mut Outbox) {
        self.holding = hold;
        self.provide(outbox);
    }

    /// Gives the server the text that it asked for, if there still is one and it may go.
    fn provide(&mut self, outbox: &mut Outbox) {
        if !self.holding
            && std::mem::take(&mut self.awaited)
            && let Some(text) = &self.offered
        {
            extended::provide(&mut outbox.bytes, text);
        }
    }

    /// Takes an offer back. What the server has fetched it has.
    pub(crate) fn withdraw(&mut self, outbox: &mut Outbox) {
        if self.offered.take().is_some() {
            self.notify(outbox);
        }
    }

    /// Asks for the text that the server has. Whether it could be asked.
    pub(crate) fn request(&self, outbox: &mut Outbox) -> bool {
        let asks = self
            .server
            .is_some_and(|server| server.takes(Action::Request));
        if asks {
            extended::send(&mut outbox.bytes, Action::Request, TEXT, &[]);
        }
        asks
    }

    /// Tells the server whether there is something for it.
    fn notify(&self, outbox: &mut Outbox) {
        let formats = if self.offered.is_some() { TEXT } else { 0 };
        extended::send(&mut outbox.bytes, Action::Notify, formats, &[]);
    }
}
