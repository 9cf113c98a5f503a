//! Which servers are trusted, and how a connection is protected.

use std::{fmt, path::PathBuf, str::FromStr};

use rfb::Login;
use rustls::pki_types::CertificateDer;

/// What is known of a server before it shows its certificate. Give it to
/// [`VncDisplay::set_tls_policy`](crate::VncDisplay::set_tls_policy) before connecting.
///
/// A certificate is accepted silently when it is the one that is pinned, whatever it says, or when
/// an authority that the system trusts vouches for it and for the server's name. Anything else
/// becomes a question ([`DisplayState::NeedsTrust`](crate::DisplayState::NeedsTrust)), except where
/// there is a pin: then the connection ends with
/// [`Error::CertificateChanged`](crate::Error::CertificateChanged), and so does one that is suddenly
/// offered without TLS ([`rfb::Error::EncryptionMissing`]).
///
/// Pins are the program's to keep: from [`TrustQuestion::certificate`] when its user trusts it for
/// good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsPolicy {
    /// The name the server's certificate has to be for. `None`: the host of the
    /// [endpoint](crate::Endpoint), or `localhost` where that is a socket of this computer.
    pub server_name: Option<String>,
    /// The certificate that this server has shown before and that is trusted.
    pub pin: Option<Fingerprint>,
    /// Files in PEM form with authorities to trust beside the system's.
    pub authorities: Vec<PathBuf>,
    /// Who we are, for servers that want to know it by certificate.
    pub client: Option<ClientCertificate>,
    /// Folders in which certificates are looked for in libvirt's order of things, the first that has
    /// one counts: an authority in `CA/cacert.pem` or `libvirt-vnc/ca-cert.pem`, and the client's own
    /// certificate in `libvirt-vnc/clientcert.pem` with `libvirt-vnc/private/clientkey.pem`. At first
    /// `~/.pki` and `/etc/pki`, where gtk-vnc, virt-viewer and virt-manager look.
    pub folders: Vec<PathBuf>,
}

impl Default for TlsPolicy {
    fn default() -> Self {
        let home = std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".pki"));
        Self {
            server_name: None,
            pin: None,
            authorities: Vec::new(),
            client: None,
            folders: home
                .into_iter()
                .chain([PathBuf::from("/etc/pki")])
                .collect(),
        }
    }
}

/// A certificate of this side with its key, both files in PEM form. They are read when a server
/// asks for TLS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientCertificate {
    /// The certificate, and those between it and its authority.
    pub certificate: PathBuf,
    /// Its private key, not encrypted.
    pub key: PathBuf,
}

/// The SHA-256 of a certificate, by which it is recognised.
///
/// Written as people compare it: `AB:CD:…`, 32 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// That of a certificate (DER).
    pub(crate) fn of(certificate: &CertificateDer<'_>) -> Self {
        let digest = ring::digest::digest(&ring::digest::SHA256, certificate);
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest.as_ref());
        Self(bytes)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, byte) in self.0.iter().enumerate() {
            let colon = if index == 0 { "" } else { ":" };
            write!(f, "{colon}{byte:02X}")?;
        }
        Ok(())
    }
}

/// A text is not a fingerprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a fingerprint is 32 bytes in hexadecimal digits, with colons in between or without")]
pub struct ParseFingerprintError;

impl FromStr for Fingerprint {
    type Err = ParseFingerprintError;

    /// Reads it as it is written, colons and the case of letters aside.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits: Vec<u32> = text
            .chars()
            .filter(|&c| c != ':')
            .map(|c| c.to_digit(16).ok_or(ParseFingerprintError))
            .collect::<Result<_, _>>()?;
        if digits.len() != 64 {
            return Err(ParseFingerprintError);
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.as_chunks::<2>().0) {
            *byte = (pair[0] << 4 | pair[1]) as u8;
        }
        Ok(Self(bytes))
    }
}

/// What a server's certificate says. Anybody can write anything into one: only the fingerprint
/// proves something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Its SHA-256.
    pub fingerprint: Fingerprint,
    /// Whom it is for, such as `CN=server.lan`; empty if that cannot be read.
    pub subject: String,
    /// Who made it; empty if that cannot be read.
    pub issuer: String,
}

/// Why a certificate is not trusted by itself. The text is a sentence without its end.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Distrust {
    /// It vouches for itself.
    SelfSigned,
    /// No authority that is trusted here vouches for it.
    UnknownIssuer,
    /// It is for others than this name.
    WrongName {
        /// The name it should be for.
        expected: String,
        /// Those it is for; may be none, for a name in the subject alone does not count.
        names: Vec<String>,
    },
    /// Its time is over.
    Expired,
    /// Its time has not come, or this computer's clock is wrong.
    NotYetValid,
    /// Something else, in the words of the TLS library.
    Other(String),
}

impl fmt::Display for Distrust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SelfSigned => f.write_str("Nobody but the server itself vouches for it"),
            Self::UnknownIssuer => {
                f.write_str("No authority that this computer trusts vouches for it")
            }
            Self::WrongName { expected, names } if names.is_empty() => {
                write!(f, "It does not say that it is for “{expected}”")
            }
            Self::WrongName { expected, names } => write!(
                f,
                "It is for “{}” and not for “{expected}”",
                names.join("”, “")
            ),
            Self::Expired => f.write_str("Its time is over"),
            Self::NotYetValid => {
                f.write_str("Its time has not come yet, or this computer’s clock is wrong")
            }
            Self::Other(reason) => write!(f, "It cannot be checked ({reason})"),
        }
    }
}

/// Whether to trust a server, which is asked before anything of importance is said to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustQuestion {
    /// The name by which the server was reached.
    pub server: String,
    /// What it shows.
    pub certificate: Certificate,
    /// Why that is not enough.
    pub reason: Distrust,
}

/// Why a server's certificate was accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Trust {
    /// It is the one that was [pinned](TlsPolicy::pin).
    Pinned,
    /// An authority vouches for it.
    Authority,
    /// The user said so.
    User,
}

/// How a connection is protected. Displayed in words that can stand alone, such as
/// `TLS 1.3, certificate known` or `unencrypted`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Protection {
    /// How it is encrypted, if it is.
    pub tls: Option<Tls>,
    /// How the server learned who we are.
    pub login: Login,
}

/// How a connection is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Tls {
    /// The version of TLS, such as `1.3`.
    pub version: &'static str,
    /// Why the server is believed to be the right one.
    pub trust: Trust,
}

impl Protection {
    /// Whether nobody on the way can read or change what is sent.
    pub fn is_encrypted(&self) -> bool {
        self.tls.is_some()
    }
}

impl fmt::Display for Protection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(tls) = self.tls else {
            return f.write_str("unencrypted");
        };
        let trust = match tls.trust {
            Trust::Pinned => "certificate known",
            Trust::Authority => "certificate vouched for by an authority",
            Trust::User => "certificate trusted by you",
        };
        write!(f, "TLS {}, {trust}", tls.version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints_are_read_as_they_are_written() {
        let fingerprint = Fingerprint::of(&CertificateDer::from(&b"abc"[..]));
        let text = fingerprint.to_string();
        // The standard's own example of SHA-256.
        assert!(text.starts_with("BA:78:16:BF:"), "{text}");
        assert_eq!(text.parse(), Ok(fingerprint));
        assert_eq!(
            text.to_lowercase().replace(':', "").parse(),
            Ok(fingerprint)
        );
        for bad in [
            "",
            "AB",
            &text[3..],
            &format!("{text}:00"),
            &text.replace('B', "G"),
        ] {
            assert_eq!(bad.parse::<Fingerprint>(), Err(ParseFingerprintError));
        }
    }

    #[test]
    fn protection_in_words() {
        let mut protection = Protection {
            tls: None,
            login: Login::None,
        };
        assert_eq!(protection.to_string(), "unencrypted");
        protection.tls = Some(Tls {
            version: "1.3",
            trust: Trust::Pinned,
        });
        assert_eq!(protection.to_string(), "TLS 1.3, certificate known");
    }
}
