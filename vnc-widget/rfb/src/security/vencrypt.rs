//! The negotiation of `VeNCrypt` 0.2 (rfbproto, "`VeNCrypt`").

use super::{Progress, SecurityType, in_vencrypt};
use crate::{
    bytes::Bytes,
    client::Outbox,
    config::ClientConfig,
    error::{Error, Result},
};

const DURING: &str = "VeNCrypt";

/// What is awaited next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// The highest version of the server.
    Version,
    /// Whether our version is fine with it.
    Ack,
    /// The sub-types to choose from.
    Types,
}

impl State {
    pub(crate) fn step(
        self,
        input: &[u8],
        config: &ClientConfig,
        outbox: &mut Outbox,
    ) -> Result<Progress<State>> {
        match self {
            Self::Version => version(input, outbox),
            Self::Ack => ack(input),
            Self::Types => types(input, config, outbox),
        }
    }
}

fn version(input: &[u8], outbox: &mut Outbox) -> Result<Progress<State>> {
    let Some(&version) = Bytes::new(input).array::<2>() else {
        return Ok(Progress::Need(2));
    };
    if version < [0, 2] {
        return Err(Error::protocol(
            DURING,
            format!("version {}.{} is too old", version[0], version[1]),
        ));
    }
    outbox.bytes.extend_from_slice(&[0, 2]);
    Ok(Progress::Next(2, State::Ack))
}

fn ack(input: &[u8]) -> Result<Progress<State>> {
    match input.first() {
        None => Ok(Progress::Need(1)),
        Some(0) => Ok(Progress::Next(1, State::Types)),
        Some(_) => Err(Error::protocol(
            DURING,
            "the server takes no version that it announced",
        )),
    }
}

fn types(input: &[u8], config: &ClientConfig, outbox: &mut Outbox) -> Result<Progress<State>> {
    let mut bytes = Bytes::new(input);
    let Some(count) = bytes.u8() else {
        return Ok(Progress::Need(1));
    };
    let length = usize::from(count) * 4;
    let Some(list) = bytes.take(length) else {
        return Ok(Progress::Need(1 + length));
    };
    let numbers = list.as_chunks::<4>().0.iter();
    let offered: Vec<SecurityType> = numbers
        .map(|&number| SecurityType(u32::from_be_bytes(number)))
        .collect();
    let Some(chosen) = in_vencrypt(&offered, config) else {
        return Err(Error::unsupported_security(
            offered,
            Some(SecurityType::VENCRYPT),
            config,
        ));
    };
    outbox.bytes.extend_from_slice(&chosen.0.to_be_bytes());
    Ok(Progress::Chosen(1 + length, chosen))
}
