//! The negotiation of Tight's security type (rfbproto, "Tight Security Type").

use super::{Progress, SecurityType, in_tight};
use crate::{
    bytes::Bytes,
    client::Outbox,
    config::ClientConfig,
    error::{Error, Result},
};

const DURING: &str = "the Tight security type";

/// Bytes of a capability: a code, four letters of who made it up, eight of what it is.
pub(crate) const CAPABILITY_LENGTH: usize = 16;

/// No server has more than a handful.
const MAX_CAPABILITIES: u32 = 256;

/// What is awaited next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Tunnels to choose from.
    Tunnels,
    /// Authentication types to choose from.
    Types,
}

/// The authentication types that can be used, with what must stand beside their code.
const TYPES: [(SecurityType, &[u8; 12]); 5] = [
    (SecurityType::NONE, b"STDVNOAUTH__"),
    (SecurityType::VNC_AUTH, b"STDVVNCAUTH_"),
    (SecurityType::VENCRYPT, b"VENCVENCRYPT"),
    (SecurityType::SASL, b"GTKVSASL____"),
    (SecurityType::UNIX_LOGIN, b"TGHTULGNAUTH"),
];

impl State {
    pub(crate) fn step(
        self,
        input: &[u8],
        config: &ClientConfig,
        outbox: &mut Outbox,
    ) -> Result<Progress<State>> {
        let mut bytes = Bytes::new(input);
        let Some(count) = bytes.u32() else {
            return Ok(Progress::Need(4));
        };
        if count > MAX_CAPABILITIES {
            return Err(Error::protocol(DURING, format!("{count} capabilities")));
        }
        let length = count as usize * CAPABILITY_LENGTH;
        let Some(list) = bytes.take(length) else {
            return Ok(Progress::Need(4 + length));
        };
        let capabilities = list.as_chunks::<CAPABILITY_LENGTH>().0;
        match self {
            Self::Tunnels => {
                no_tunnel(capabilities, outbox)?;
                Ok(Progress::Next(4 + length, Self::Types))
            }
            Self::Types => {
                let chosen = authentication(capabilities, config, outbox)?;
                Ok(Progress::Chosen(4 + length, chosen))
            }
        }
    }
}

fn no_tunnel(offered: &[[u8; CAPABILITY_LENGTH]], outbox: &mut Outbox) -> Result<()> {
    if offered.is_empty() {
        return Ok(());
    }
    if !offered.contains(b"\0\0\0\0TGHTNOTUNNEL") {
        return Err(Error::protocol(DURING, "the server insists on a tunnel"));
    }
    outbox.bytes.extend_from_slice(&[0; 4]);
    Ok(())
}

fn authentication(
    offered: &[[u8; CAPABILITY_LENGTH]],
    config: &ClientConfig,
    outbox: &mut Outbox,
) -> Result<SecurityType> {
    let types: Vec<SecurityType> = if offered.is_empty() {
        // Nothing to choose, and nothing is told: it goes on as without authentication.
        vec![SecurityType::NONE]
    } else {
        offered.iter().map(type_of).collect()
    };
    let Some(chosen) = in_tight(&types, config) else {
        return Err(Error::unsupported_security(
            types,
            Some(SecurityType::TIGHT),
            config,
        ));
    };
    if !offered.is_empty() {
        outbox.bytes.extend_from_slice(&chosen.0.to_be_bytes());
    }
    Ok(chosen)
}

/// A code alone does not say what it means: one that stands beside unknown words is another thing.
fn type_of(capability: &[u8; CAPABILITY_LENGTH]) -> SecurityType {
    let [a, b, c, d, words @ ..] = capability;
    let code = u32::from_be_bytes([*a, *b, *c, *d]);
    let known = TYPES.iter().find(|(kind, _)| kind.0 == code);
    match known {
        Some((_, expected)) if *expected != words => SecurityType(u32::MAX),
        _ => SecurityType(code),
    }
}
