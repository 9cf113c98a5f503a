//! Ways to log in (RFC 6143, section 7.2, and the registry of security types).

pub(crate) mod vnc_auth;

/// A security type by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SecurityType(pub u8);

impl SecurityType {
    /// No authentication.
    pub const NONE: Self = Self(1);
    /// VNC authentication: a password of up to eight characters, asked for by challenge.
    pub const VNC_AUTH: Self = Self(2);

    /// Picks the type to use among those the server offers. Where no password is needed none is
    /// asked for: VNC authentication protects nothing that follows it.
    pub(crate) fn choose(offered: &[u8]) -> Option<Self> {
        [Self::NONE, Self::VNC_AUTH]
            .into_iter()
            .find(|supported| offered.contains(&supported.0))
    }
}

impl std::fmt::Display for SecurityType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = match self.0 {
            1 => "None",
            2 => "VNC authentication",
            5 => "RSA-AES",
            6 => "RSA-AES unencrypted",
            13 => "RSA-AES two-step",
            16 => "Tight",
            17 => "Ultra",
            18 => "TLS",
            19 => "VeNCrypt",
            20 => "SASL",
            21 => "MD5",
            22 => "XVP",
            30 => "Apple Remote Desktop",
            113 => "MS-Logon",
            129 => "RSA-AES-256",
            130 => "RSA-AES-256 unencrypted",
            133 => "RSA-AES-256 two-step",
            other => return write!(f, "type {other}"),
        };
        f.write_str(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_where_none_is_needed() {
        assert_eq!(SecurityType::choose(&[19, 2, 1]), Some(SecurityType::NONE));
        assert_eq!(SecurityType::choose(&[19, 2]), Some(SecurityType::VNC_AUTH));
        assert_eq!(SecurityType::choose(&[19, 5]), None);
        assert_eq!(SecurityType::choose(&[]), None);
    }

    #[test]
    fn types_have_names() {
        assert_eq!(SecurityType(19).to_string(), "VeNCrypt");
        assert_eq!(SecurityType(200).to_string(), "type 200");
    }
}
