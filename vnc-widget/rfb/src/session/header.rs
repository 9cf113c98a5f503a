//! Where messages from the server begin: how long is the part of each that comes before what it
//! announces?

use crate::{
    audio,
    error::{Error, Result},
    fence,
};

pub(super) const UPDATE: u8 = 0;
pub(super) const COLOUR_MAP: u8 = 1;
pub(super) const BELL: u8 = 2;
pub(super) const CUT_TEXT: u8 = 3;
pub(super) const END_OF_CONTINUOUS_UPDATES: u8 = 150;
pub(super) const FENCE: u8 = 248;
pub(super) const XVP: u8 = 250;
pub(super) const QEMU: u8 = 255;

/// The only message of QEMU's: sound.
const QEMU_AUDIO: u8 = 1;

/// Bytes in front of what a fence carries.
const FENCE_HEADER: usize = 9;

/// The length of the message's head. `None` if more has to be there to tell.
pub(super) fn length(input: &[u8]) -> Result<Option<usize>> {
    let Some(&kind) = input.first() else {
        return Ok(None);
    };
    match kind {
        UPDATE | XVP => Ok(Some(4)),
        COLOUR_MAP => Ok(Some(6)),
        BELL | END_OF_CONTINUOUS_UPDATES => Ok(Some(1)),
        CUT_TEXT => Ok(Some(8)),
        FENCE => fence(input),
        QEMU => qemu(input),
        other => Err(unknown(format!("there is no message of type {other}"))),
    }
}

fn fence(input: &[u8]) -> Result<Option<usize>> {
    match input.get(FENCE_HEADER - 1).copied().map(usize::from) {
        None => Ok(None),
        Some(length) if length <= fence::MAX_PAYLOAD => Ok(Some(FENCE_HEADER + length)),
        Some(length) => Err(unknown(format!("a fence with {length} bytes"))),
    }
}

fn qemu(input: &[u8]) -> Result<Option<usize>> {
    match *input {
        [_, QEMU_AUDIO, high, low, ..] => {
            let has_length = u16::from_be_bytes([high, low]) == audio::DATA;
            Ok(Some(if has_length { 8 } else { 4 }))
        }
        [] | [_] | [_, QEMU_AUDIO, ..] => Ok(None),
        [_, other, ..] => Err(unknown(format!(
            "there is no message of type {QEMU}, {other}"
        ))),
    }
}

fn unknown(problem: String) -> Error {
    Error::protocol("the session", problem)
}
