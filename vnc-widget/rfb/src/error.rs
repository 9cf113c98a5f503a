//! What can go wrong, in kinds a person can act on.

use crate::{
    config::{ClientConfig, TlsUse},
    security::{SecurityType, remedy},
};

/// Why a connection cannot go on. Each is final: a [`Client`](crate::Client) that returned an error
/// returns the same error from then on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The other side does not speak RFB at all, for example a web or ssh server.
    #[error("this is not a VNC server: it began with {received:?}")]
    NotVnc {
        /// The first bytes that came, unprintable ones replaced.
        received: String,
    },
    /// An RFB version that this engine cannot follow (below 3.3).
    #[error("the server speaks RFB version {version}, which is not supported (3.3 and later are)")]
    UnsupportedVersion {
        /// The version as announced, for example `002.002`.
        version: String,
    },
    /// None of the ways to log in that the server offers is supported.
    #[error(
        "the server offers no supported way to log in (it offers {}){}",
        list(offered),
        remedy(offered)
    )]
    UnsupportedSecurity {
        /// What the server offered, in its order.
        offered: Vec<SecurityType>,
        /// The type whose own list that is, where it is not the outermost. Another connection that
        /// [avoids](crate::ClientConfig::avoid) it may find another way.
        within: Option<SecurityType>,
    },
    /// [TLS is required](crate::TlsUse::Required), and the server does not offer it, or not with
    /// certificates.
    #[error(
        "the server offers no encryption, although it is known to have a certificate (it offers {})",
        list(offered)
    )]
    EncryptionMissing {
        /// What the server offered, in its order.
        offered: Vec<SecurityType>,
    },
    /// None of the SASL mechanisms that the server offers is supported.
    #[error(
        "the server offers no supported way to check a password (it offers {}){}",
        mechanisms.join(", "), sasl_remedy(*tls)
    )]
    UnsupportedSasl {
        /// Their names, in the server's order.
        mechanisms: Vec<String>,
        /// Whether this is inside TLS.
        tls: bool,
    },
    /// The server turned the connection away before asking who we are.
    #[error("the server refused the connection: {reason}")]
    Refused {
        /// The server's words.
        reason: String,
    },
    /// The server closed the connection before the handshake was over, without a word.
    #[error("the server closed the connection")]
    Closed,
    /// The password (or another credential) was wrong, or the user is not allowed in.
    #[error("authentication failed{}", because(reason.as_deref()))]
    AuthenticationFailed {
        /// The server's words; servers before RFB 3.8 give none.
        reason: Option<String>,
    },
    /// The server blocks us for some time because of too many failed attempts.
    #[error("too many failed attempts to log in{}", because(reason.as_deref()))]
    TooManyAttempts {
        /// The server's words, if it gave any.
        reason: Option<String>,
    },
    /// The screen is larger than [`ClientConfig::max_framebuffer_pixels`] allows, or than memory.
    ///
    /// [`ClientConfig::max_framebuffer_pixels`]: crate::ClientConfig::max_framebuffer_pixels
    #[error("the server's screen of {width} × {height} pixels is too large")]
    ScreenTooLarge {
        /// Announced width in pixels.
        width: u16,
        /// Announced height in pixels.
        height: u16,
    },
    /// The server broke the protocol; nothing that follows could be understood.
    #[error("the server broke the protocol in {during}: {problem}")]
    Protocol {
        /// What was being read, for example `a ZRLE rectangle`.
        during: &'static str,
        /// What was wrong with it.
        problem: String,
    },
}

impl Error {
    /// A violation of the protocol while reading `during`.
    pub(crate) fn protocol(during: &'static str, problem: impl Into<String>) -> Self {
        Self::Protocol {
            during,
            problem: problem.into(),
        }
    }

    /// None of `offered`, which is what stands `within` a type, can be used.
    pub(crate) fn unsupported_security(
        offered: Vec<SecurityType>,
        within: Option<SecurityType>,
        config: &ClientConfig,
    ) -> Self {
        if config.tls == TlsUse::Required {
            Self::EncryptionMissing { offered }
        } else {
            Self::UnsupportedSecurity { offered, within }
        }
    }
}

/// What can be done where a server has other mechanisms only. QEMU without TLS wants one that
/// encrypts by itself, which are DIGEST-MD5 and Kerberos, and leaves out SCRAM.
fn sasl_remedy(tls: bool) -> &'static str {
    if tls {
        "; give it SCRAM-SHA-256 (“mech_list: scram-sha-256” in its SASL settings)"
    } else {
        "; let it use TLS with a certificate (for libvirt “vnc_tls = 1” in qemu.conf), within which \
         SCRAM-SHA-256 works"
    }
}

fn list(offered: &[SecurityType]) -> String {
    if offered.is_empty() {
        return "nothing".to_owned();
    }
    let names: Vec<String> = offered.iter().map(ToString::to_string).collect();
    names.join(", ")
}

fn because(reason: Option<&str>) -> String {
    reason.map_or_else(String::new, |reason| format!(": {reason}"))
}

/// The engine's own result type.
pub(crate) type Result<T> = std::result::Result<T, Error>;
