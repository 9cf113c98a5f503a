//! The extended clipboard (pseudo-encoding 0xC0A1E5CE): cut text messages with a negative length,
//! which begin with an action and the formats that it is about. Of the formats (text, RTF, HTML,
//! pictures, files) this client uses text alone.

use zlib_rs::{Deflate, DeflateFlush};

use super::{ClipboardText, MAX_TEXT};
use crate::{bytes::Bytes, decode::ZlibStream};

/// The format of UTF-8 texts.
pub(crate) const TEXT: u32 = 1;

/// All formats there may be.
const FORMATS: u32 = 0xffff;

/// The longest message that is read; compressed text that will not shrink is a little longer than
/// before.
pub(crate) const MAX_MESSAGE: usize = MAX_TEXT + MAX_TEXT / 64;

/// How hard text is compressed: as zlib does by itself.
const LEVEL: i32 = 6;
const WINDOW_BITS: u8 = 15;

/// What a message wants, and a bit of what a side can be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    /// "This is what I can do."
    Capabilities = 1 << 24,
    /// "Send me these formats."
    Request = 1 << 25,
    /// "Tell me what you have."
    Peek = 1 << 26,
    /// "I have this", or with no format: nothing any more.
    Notify = 1 << 27,
    /// "Here it is."
    Provide = 1 << 28,
}

/// What the server can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Capabilities {
    flags: u32,
    /// The longest text it takes without having asked, in bytes.
    text_limit: u32,
}

impl Capabilities {
    /// Whether the server understands such messages about texts.
    pub(crate) fn takes(self, action: Action) -> bool {
        self.flags & action as u32 != 0 && self.flags & TEXT != 0
    }

    /// Whether the server takes this text although it did not ask for it.
    pub(crate) fn takes_unasked(self, text: &str) -> bool {
        text.len() as u64 <= u64::from(self.text_limit)
    }
}

/// A message from the server that means something to us.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Message {
    Capabilities(Capabilities),
    /// The server has a text.
    Notify,
    /// The server wants our text.
    Request,
    /// The server asks whether there is one.
    Peek,
    /// A text of the server.
    Provide(ClipboardText),
}

/// Reads a message. `None` if it has nothing for us: other formats, a text that is too long or
/// damaged. The connection can do without such a text, for it is known where the next message
/// begins.
pub(crate) fn read(bytes: &[u8]) -> Option<Message> {
    let mut bytes = Bytes::new(bytes);
    let flags = bytes.u32()?;
    let is = |action: Action| flags & action as u32 != 0;
    let text = flags & TEXT != 0;
    if is(Action::Capabilities) {
        // A size for each format, in the order of their bits; text is the first.
        let text_limit = if text { bytes.u32()? } else { 0 };
        return Some(Message::Capabilities(Capabilities { flags, text_limit }));
    }
    if is(Action::Peek) {
        return Some(Message::Peek);
    }
    if !text {
        return None;
    }
    if is(Action::Request) {
        Some(Message::Request)
    } else if is(Action::Notify) {
        Some(Message::Notify)
    } else if is(Action::Provide) {
        inflate(bytes.take(bytes.remaining())?).map(Message::Provide)
    } else {
        None
    }
}

/// The text in compressed data, where it comes first: its length, itself and a NUL. Not more than
/// that is inflated, and not if it is too long.
fn inflate(mut data: &[u8]) -> Option<ClipboardText> {
    const DURING: &str = "a clipboard";
    let mut zlib = ZlibStream::default();
    let mut length = [0; 4];
    zlib.read_exact(DURING, &mut data, &mut length).ok()?;
    let length = u32::from_be_bytes(length) as usize;
    if length > MAX_TEXT + 1 {
        return None;
    }
    let mut text = vec![0; length];
    zlib.read_exact(DURING, &mut data, &mut text).ok()?;
    if let Some(end) = text.iter().position(|&byte| byte == 0) {
        text.truncate(end);
    }
    let text = String::from_utf8_lossy(&text).replace("\r\n", "\n");
    Some(text.into())
}

/// Sends a message about these formats.
pub(crate) fn send(out: &mut Vec<u8>, action: Action, formats: u32, data: &[u8]) {
    let length = -(4 + data.len() as i32);
    out.extend_from_slice(&[6, 0, 0, 0]);
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(&(action as u32 | formats & FORMATS).to_be_bytes());
    out.extend_from_slice(data);
}

/// Says what we can do: everything, with texts. None is to be sent unasked, so that a text leaves
/// the guest only when it is wanted.
pub(crate) fn capabilities(out: &mut Vec<u8>) {
    const UNASKED: u32 = 0;
    let start = out.len();
    send(out, Action::Capabilities, TEXT, &UNASKED.to_be_bytes());
    let actions = [
        Action::Capabilities,
        Action::Request,
        Action::Peek,
        Action::Notify,
        Action::Provide,
    ];
    let flags = actions.iter().fold(TEXT, |all, &one| all | one as u32);
    if let Some(place) = out[start..].get_mut(8..12) {
        place.copy_from_slice(&flags.to_be_bytes());
    }
}

/// Sends a text.
pub(crate) fn provide(out: &mut Vec<u8>, text: &str) {
    let mut text = text.replace("\r\n", "\n").replace('\n', "\r\n");
    text.push('\0');
    let data = [&(text.len() as u32).to_be_bytes()[..], text.as_bytes()].concat();
    if let Some(data) = deflate(&data) {
        send(out, Action::Provide, TEXT, &data);
    }
}

/// Compresses without ending the stream, which TigerVNC would take for an error.
fn deflate(data: &[u8]) -> Option<Vec<u8>> {
    let mut deflate = Deflate::new(LEVEL, true, WINDOW_BITS);
    let mut out = vec![0; data.len() + data.len() / 1000 + 64];
    loop {
        let (read, written) = (deflate.total_in() as usize, deflate.total_out() as usize);
        deflate
            .compress(&data[read..], &mut out[written..], DeflateFlush::SyncFlush)
            .ok()?;
        let (read, written) = (deflate.total_in() as usize, deflate.total_out() as usize);
        // All is flushed when there was room for more.
        if read == data.len() && written < out.len() {
            out.truncate(written);
            return Some(out);
        }
        out.resize(out.len() + out.len() / 2, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The body of what was sent: everything behind the length.
    fn body(out: &[u8]) -> &[u8] {
        let length = i32::from_be_bytes(*out[4..].first_chunk().unwrap());
        assert_eq!(-length as usize, out.len() - 8);
        &out[8..]
    }

    fn there_and_back(text: &str) -> Option<Message> {
        let mut out = Vec::new();
        provide(&mut out, text);
        read(body(&out))
    }

    #[test]
    fn texts_there_and_back() {
        for text in [
            "",
            "plain",
            "two\nlines",
            "naïve € 🦀",
            &"x".repeat(MAX_TEXT),
        ] {
            assert_eq!(there_and_back(text), Some(Message::Provide(text.into())));
        }
        let windows = there_and_back("a\r\nb\n");
        assert_eq!(windows, Some(Message::Provide("a\nb\n".into())));
    }

    #[test]
    fn text_that_does_not_shrink() {
        // Characters in no order at all.
        let mut state = 1u32;
        let text: String = (0..100_000)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                char::from(32 + (state >> 24) as u8 % 95)
            })
            .collect();
        assert_eq!(there_and_back(&text), Some(Message::Provide(text.into())));
    }

    #[test]
    fn too_long_is_nothing() {
        assert_eq!(there_and_back(&"x".repeat(MAX_TEXT + 1)), None);
    }

    #[test]
    fn what_we_can_do() {
        let mut out = Vec::new();
        capabilities(&mut out);
        assert_eq!(body(&out), [0x1f, 0, 0, 1, 0, 0, 0, 0]);
    }
}
