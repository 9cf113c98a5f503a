//! Ways to log in (RFC 6143, section 7.2, and the security types of rfbproto).

mod choice;
pub(crate) mod credentials;
pub(crate) mod plain;
pub(crate) mod sasl;
pub(crate) mod tight;
pub(crate) mod vencrypt;
pub(crate) mod vnc_auth;

pub(crate) use choice::{in_tight, in_vencrypt, outermost};

/// What a step of a negotiation led to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Progress<S> {
    /// More is needed, nothing was taken.
    Need(usize),
    /// So many bytes were taken, and this is awaited next.
    Next(usize, S),
    /// After so many bytes this type was chosen, and told where that is due.
    Chosen(usize, SecurityType),
}

/// A security type by its number: those of the protocol itself (below 256), and the sub-types of
/// `VeNCrypt` (from 256 on).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SecurityType(pub u32);

impl SecurityType {
    /// No authentication.
    pub const NONE: Self = Self(1);
    /// VNC authentication: a password of up to eight characters, asked for by challenge.
    pub const VNC_AUTH: Self = Self(2);
    /// Tight: a frame around other types.
    pub const TIGHT: Self = Self(16);
    /// `VeNCrypt`: a frame around other types, most of them inside TLS.
    pub const VENCRYPT: Self = Self(19);
    /// SASL: user name and password, by a mechanism that is agreed upon.
    pub const SASL: Self = Self(20);
    /// Tight's Unix login: user name and password as they are.
    pub const UNIX_LOGIN: Self = Self(129);
    /// `VeNCrypt`: user name and password as they are, without TLS.
    pub const PLAIN: Self = Self(256);
    /// `VeNCrypt`: TLS with certificates, no authentication.
    pub const X509_NONE: Self = Self(260);
    /// `VeNCrypt`: TLS with certificates, VNC authentication.
    pub const X509_VNC: Self = Self(261);
    /// `VeNCrypt`: TLS with certificates, user name and password.
    pub const X509_PLAIN: Self = Self(262);
    /// `VeNCrypt`: TLS with certificates, SASL. (Servers and clients use this number; the registry
    /// has it and the one of `TLSSASL` the other way round.)
    pub const X509_SASL: Self = Self(263);

    /// Whether it is TLS without a certificate, which whoever sits in between can take apart.
    fn is_anonymous_tls(self) -> bool {
        matches!(self.0, 18 | 257..=259 | 264)
    }

    fn is_rsa_aes(self) -> bool {
        matches!(self.0, 5 | 6 | 13 | 129 | 130 | 133)
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
            256 => "Plain",
            257 => "TLSNone",
            258 => "TLSVnc",
            259 => "TLSPlain",
            260 => "X509None",
            261 => "X509Vnc",
            262 => "X509Plain",
            263 => "X509SASL",
            264 => "TLSSASL",
            other => return write!(f, "type {other}"),
        };
        f.write_str(name)
    }
}

/// How a connection is protected, as far as it was agreed upon with the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Security {
    /// Whether everything from the login on is inside TLS.
    pub tls: bool,
    /// How the server learns who we are.
    pub login: Login,
}

/// How a server learns who we are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Login {
    /// It does not ask.
    None,
    /// By VNC authentication.
    VncPassword,
    /// User name and password are sent as they are.
    Plain,
    /// By this mechanism of SASL; empty until it is chosen.
    Sasl(&'static str),
}

/// What a server could do that offers only `offered`, none of which can be used: a clause, or
/// nothing where there is nothing to say.
pub(crate) fn remedy(offered: &[SecurityType]) -> &'static str {
    let any = |test: fn(SecurityType) -> bool| offered.iter().copied().any(test);
    if any(SecurityType::is_anonymous_tls) {
        "; TLS without a certificate does not keep anybody out who sits in between, and is not \
         used: give the server a certificate and let it offer an X509 type"
    } else if any(SecurityType::is_rsa_aes) {
        "; let the server offer VeNCrypt with a certificate (X509Vnc, X509Plain), or a VNC password"
    } else if offered.contains(&SecurityType(30)) {
        "; in the settings of the Mac's Screen Sharing, let VNC viewers log in with a password"
    } else {
        "; let the server offer VeNCrypt with a certificate (X509Vnc, X509Plain), or a VNC password"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_have_names() {
        assert_eq!(SecurityType(19).to_string(), "VeNCrypt");
        assert_eq!(SecurityType::X509_SASL.to_string(), "X509SASL");
        assert_eq!(SecurityType(200).to_string(), "type 200");
    }

    #[test]
    fn remedies_fit_what_was_offered() {
        assert!(remedy(&[SecurityType(258)]).contains("certificate"));
        assert!(remedy(&[SecurityType(5)]).contains("X509Plain"));
        assert!(remedy(&[SecurityType(30)]).contains("Mac"));
    }
}
