//! The version announcement (RFC 6143, section 7.1.1).

use super::printable;
use crate::error::{Error, Result};

/// Bytes of an announcement, `RFB 003.008\n`.
pub(super) const LENGTH: usize = 12;

/// The versions that differ for a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Version {
    V3_3,
    V3_7,
    V3_8,
}

impl Version {
    /// What the server is answered.
    pub(super) fn announcement(self) -> &'static [u8; LENGTH] {
        match self {
            Self::V3_3 => b"RFB 003.003\n",
            Self::V3_7 => b"RFB 003.007\n",
            Self::V3_8 => b"RFB 003.008\n",
        }
    }
}

/// The version to speak with a server that begins with `input`; `None` as long as that is too short.
pub(super) fn read(input: &[u8]) -> Result<Option<Version>> {
    // A web or ssh server is recognised by its first byte, not after a wait for twelve.
    let prefix = b"RFB ";
    let length = input.len().min(prefix.len());
    if input[..length] != prefix[..length] {
        return Err(not_vnc(input));
    }
    let Some(announcement) = input.get(..LENGTH) else {
        return Ok(None);
    };
    let (major, minor) = parse(announcement).ok_or_else(|| not_vnc(input))?;
    Ok(Some(match (major, minor) {
        (0..=2, _) | (3, 0..=2) => {
            return Err(Error::UnsupportedVersion {
                version: format!("{major:03}.{minor:03}"),
            });
        }
        // Odd versions below 3.7 were made up by servers that speak 3.3 (RFC 6143, 7.1.1),
        // odd later ones (3.889 of Apple, 4.1 and 5.0 of RealVNC) all understand 3.8.
        (3, 3..=6) => Version::V3_3,
        (3, 7) => Version::V3_7,
        _ => Version::V3_8,
    }))
}

/// The numbers of `RFB 003.008\n`. Some servers leave out leading zeros or end with something else
/// than a line feed.
fn parse(announcement: &[u8]) -> Option<(u32, u32)> {
    let text = std::str::from_utf8(announcement).ok()?;
    let (major, minor) = text.strip_prefix("RFB ")?.trim_end().split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

fn not_vnc(input: &[u8]) -> Error {
    let start = &input[..input.len().min(LENGTH)];
    Error::NotVnc {
        received: printable(start),
    }
}
