//! `ServerInit` (RFC 6143, section 7.3.2), and what Tight's security type adds to it.

use super::printable;
use crate::{
    bytes::Bytes,
    error::{Error, Result},
    pixel_format::PixelFormat,
    security::tight::CAPABILITY_LENGTH,
};

/// The longest desktop name accepted.
pub(crate) const MAX_NAME: u32 = 64 << 10;

/// What the server sends at the end of the handshake.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ServerInit {
    pub(crate) width: u16,
    pub(crate) height: u16,
    /// The format in which the server sends pixels unless it is asked for another.
    pub(crate) format: PixelFormat,
    pub(crate) name: String,
}

impl ServerInit {
    /// Moves it out of a place that is about to be left.
    pub(super) fn take(&mut self) -> Self {
        Self {
            name: std::mem::take(&mut self.name),
            ..*self
        }
    }
}

/// What was read, or how many bytes that takes at least.
pub(super) enum Read<T> {
    Need(usize),
    /// So many bytes, and what they say.
    Done(usize, T),
}

pub(super) fn read(input: &[u8]) -> Result<Read<ServerInit>> {
    const HEADER: usize = 4 + PixelFormat::LENGTH + 4;
    let mut bytes = Bytes::new(input);
    let (Some(width), Some(height), Some(format), Some(length)) =
        (bytes.u16(), bytes.u16(), bytes.array(), bytes.u32())
    else {
        return Ok(Read::Need(HEADER));
    };
    if length > MAX_NAME {
        return Err(Error::protocol(
            "the handshake",
            format!("a desktop name of {length} bytes"),
        ));
    }
    let Some(name) = bytes.take(length as usize) else {
        return Ok(Read::Need(HEADER + length as usize));
    };
    let init = ServerInit {
        width,
        height,
        format: PixelFormat::from_bytes(format),
        name: printable(name),
    };
    Ok(Read::Done(HEADER + name.len(), init))
}

/// The head of what follows after Tight's security type: how many bytes of capabilities there are,
/// none of which is needed here.
pub(super) fn read_capabilities(input: &[u8]) -> Read<usize> {
    let mut bytes = Bytes::new(input);
    // Messages of the server, of the client, encodings, and two bytes of nothing.
    let (Some(server), Some(client), Some(encodings), Some(_)) =
        (bytes.u16(), bytes.u16(), bytes.u16(), bytes.u16())
    else {
        return Read::Need(8);
    };
    let count = usize::from(server) + usize::from(client) + usize::from(encodings);
    Read::Done(8, count * CAPABILITY_LENGTH)
}
