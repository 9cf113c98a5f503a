//! Why a connection could not be made or ended before its time.

use std::{path::PathBuf, time::Duration};

use crate::trust::{Certificate, Fingerprint};

/// Why there is no connection (any more). The text of each is a clause that can stand alone or
/// follow a colon.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Nothing could be reached at the endpoint.
    #[error("could not connect to {target}: {reason}")]
    Unreachable {
        /// The endpoint.
        target: String,
        /// What the operating system says.
        reason: String,
    },
    /// The endpoint took the connection, or was asked for one, and then said too little for too
    /// long. The time during which the user looks for the password does not count.
    #[error("{target} did not answer within {} seconds", after.as_secs())]
    NoAnswer {
        /// The endpoint.
        target: String,
        /// How long it was waited for.
        after: Duration,
    },
    /// The server closed the connection before the session began. Many servers do so when they
    /// serve another client already or do not want this one.
    #[error("the server closed the connection before showing anything")]
    ClosedEarly,
    /// The server closed the connection in the middle of a message.
    #[error("the connection was cut off in the middle of a picture")]
    CutOff,
    /// The server stopped in the middle of a message and sent nothing more.
    #[error("the server fell silent in the middle of a picture for {} seconds", after.as_secs())]
    Stalled {
        /// How long it was silent.
        after: Duration,
    },
    /// The server no longer takes in keys and pointer movements.
    #[error("the server stopped taking in what is typed")]
    NotReading,
    /// This program made a mistake with what the server sent.
    #[error("the connection ended because of a fault of this program")]
    Fault,
    /// The connection broke.
    #[error("the connection was lost: {reason}")]
    Lost {
        /// What the operating system says.
        reason: String,
    },
    /// The server asked for a password and there was none to give
    /// ([`capture`](crate::capture) only; a display asks for one).
    #[error("the server asks for a password")]
    PasswordNeeded,
    /// The server shows another certificate than the one that is [known](crate::TlsPolicy::pin).
    /// Either it has a new one, or this is not the server. It must not be passed over: only somebody
    /// who knows of the change may put the new fingerprint into the old one's place.
    #[error(
        "the certificate of {server} is not the one that is known: it has the fingerprint {} \
         instead of {known}",
        shown.fingerprint
    )]
    CertificateChanged {
        /// The name by which the server was reached.
        server: String,
        /// The fingerprint that it should have.
        known: Fingerprint,
        /// What it shows.
        shown: Box<Certificate>,
    },
    /// The question whether the server is trusted was answered with no.
    #[error("the server’s certificate was not trusted")]
    NotTrusted,
    /// The server wants to know by certificate who connects, and there is none for this side.
    #[error(
        "the server wants a client certificate, and there is none (libvirt-vnc/clientcert.pem and \
         libvirt-vnc/private/clientkey.pem are looked for in ~/.pki and /etc/pki)"
    )]
    ClientCertificateNeeded,
    /// A file of the [policy](crate::TlsPolicy) cannot be used.
    #[error("{} cannot be used: {reason}", path.display())]
    CertificateFile {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The encrypted connection could not be made, or broke.
    #[error("the encrypted connection failed: {reason}")]
    Tls {
        /// What went wrong, as a clause.
        reason: String,
    },
    /// The server refused, or sent what cannot be understood.
    #[error(transparent)]
    Rfb(#[from] rfb::Error),
}

impl Error {
    /// Whether another password may help.
    pub fn is_wrong_password(&self) -> bool {
        matches!(
            self,
            Self::PasswordNeeded | Self::Rfb(rfb::Error::AuthenticationFailed { .. })
        )
    }
}
