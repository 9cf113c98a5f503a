//! zlib streams that go on from rectangle to rectangle, and how their data is framed.

use zlib_rs::{Inflate, InflateFlush, Status};

use super::{Piece, Progress};
use crate::{
    bytes::Bytes,
    error::{Error, Result},
    rect::Rect,
};

/// The window every RFB server may use.
const WINDOW_BITS: u8 = 15;

/// Bytes of the length in front of a rectangle's data.
const FRAME_LENGTH: usize = 4;

/// What a server may send beyond what a rectangle needs before that counts as an attack.
const MAX_EXCESS: usize = 64 << 10;

/// Hands out the zlib data of a rectangle as it arrives. Its length in four bytes stands in front, as
/// in the encodings Zlib and ZRLE.
#[derive(Debug)]
pub(crate) struct Reader {
    rect: Rect,
    /// Bytes of zlib data still to come; unknown before the length has been read.
    left: Option<u32>,
}

impl Reader {
    pub(crate) fn new(rect: Rect) -> Self {
        Self { rect, left: None }
    }

    /// The length is part of the first piece.
    pub(crate) fn next(&mut self, input: &[u8]) -> Progress {
        let mut bytes = Bytes::new(input);
        let first = self.left.is_none();
        let left = match self.left {
            Some(left) => left,
            None => match bytes.u32() {
                Some(length) => length,
                None => return Progress::Need(FRAME_LENGTH),
            },
        };
        let now = bytes.remaining().min(left as usize);
        if now == 0 && !first {
            return Progress::Need(1);
        }
        let left = left - now as u32;
        self.left = Some(left);
        Progress::Piece(Piece {
            rect: self.rect,
            work: self.rect.area(),
            length: input.len() - bytes.remaining() + now,
            first,
            last: left == 0,
        })
    }
}

/// The zlib data of a piece: what comes behind the length, in the first.
pub(super) fn data<'a>(piece: &Piece, bytes: &'a [u8]) -> &'a [u8] {
    let start = if piece.first { FRAME_LENGTH } else { 0 };
    bytes.get(start..).unwrap_or_default()
}

/// One stream. It takes memory (about 40 KiB) only when it is first used.
#[derive(Default)]
pub(crate) struct ZlibStream {
    inflate: Option<Inflate>,
    ended: bool,
}

impl ZlibStream {
    /// Starts over: the next byte is the first of a new stream.
    pub(crate) fn reset(&mut self) {
        if let Some(inflate) = &mut self.inflate {
            inflate.reset(true);
        }
        self.ended = false;
    }

    /// Inflates from the front of `input`, which then starts after what was used, until `output` is
    /// full or nothing more comes out. Returns how many bytes came out.
    pub(crate) fn read(
        &mut self,
        during: &'static str,
        input: &mut &[u8],
        output: &mut [u8],
    ) -> Result<usize> {
        let inflate = self
            .inflate
            .get_or_insert_with(|| Inflate::new(true, WINDOW_BITS));
        let mut filled = 0;
        while filled < output.len() && !self.ended {
            let (in_before, out_before) = (inflate.total_in(), inflate.total_out());
            let status = inflate
                .decompress(input, &mut output[filled..], InflateFlush::SyncFlush)
                .map_err(|error| {
                    Error::protocol(during, format!("damaged zlib data ({})", error.as_str()))
                })?;
            let used = (inflate.total_in() - in_before) as usize;
            let made = (inflate.total_out() - out_before) as usize;
            *input = &input[used..];
            filled += made;
            self.ended = status == Status::StreamEnd;
            if used == 0 && made == 0 {
                break;
            }
        }
        if self.ended && !input.is_empty() {
            return Err(Error::protocol(
                during,
                "data after the end of a zlib stream",
            ));
        }
        Ok(filled)
    }

    /// Fills all of `output`.
    pub(crate) fn read_exact(
        &mut self,
        during: &'static str,
        input: &mut &[u8],
        output: &mut [u8],
    ) -> Result<()> {
        let filled = self.read(during, input, output)?;
        if filled < output.len() {
            return Err(Error::protocol(during, "too little zlib data"));
        }
        Ok(())
    }

    /// Takes in the rest of a rectangle's data once all pixels are there: usually the end of a
    /// block, without which the next rectangle could not be read. Some servers send a little too
    /// much, which is dropped.
    pub(crate) fn finish(&mut self, during: &'static str, input: &mut &[u8]) -> Result<()> {
        let mut dropped = [0; 512];
        let mut excess = 0;
        loop {
            let count = self.read(during, input, &mut dropped)?;
            excess += count;
            if count < dropped.len() {
                return Ok(());
            }
            if excess > MAX_EXCESS {
                return Err(Error::protocol(during, "far too much zlib data"));
            }
        }
    }
}

impl std::fmt::Debug for ZlibStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ZlibStream")
            .field("used", &self.inflate.is_some())
            .field("ended", &self.ended)
            .finish()
    }
}
