//! TLS over the stream of a connection, for servers that ask for it.

mod client;
mod describe;
mod files;
pub(super) mod prefixed;
mod verifier;

use std::sync::{Arc, OnceLock};

use rustls::{
    AlertDescription, ClientConfig, ProtocolVersion, crypto::CryptoProvider, pki_types::ServerName,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::stream::ByteStream;
use crate::{
    Error,
    trust::{Tls, TlsPolicy, Trust, TrustQuestion},
};
use client::Identity;
pub(super) use client::Shown;
use prefixed::Prefixed;
use verifier::{Verdict, Verifier};

/// A stream inside TLS, over which nothing has been said yet.
pub(super) struct Secured {
    pub(super) stream: TlsStream<Prefixed<Box<dyn ByteStream>>>,
    /// What the person has to say to it, if it is not trusted by itself.
    pub(super) question: Option<TrustQuestion>,
    /// How it is protected, if the question is answered with yes.
    pub(super) tls: Tls,
    /// Whether the server saw a certificate of ours.
    pub(super) shown: Shown,
}

/// Begins TLS on `stream`, from which `rest` was read already. Nothing is sent but what TLS itself
/// takes. How long it may take is the caller's affair.
pub(super) async fn establish(
    stream: Box<dyn ByteStream>,
    rest: Vec<u8>,
    policy: TlsPolicy,
    host: Option<String>,
) -> Result<Secured, Error> {
    let server = policy.server_name.clone().or(host);
    let server = server.unwrap_or_else(|| "localhost".to_owned());
    // Names with a zone are of this computer alone, and in no certificate.
    let name = server.split('%').next().unwrap_or_default().to_owned();
    let name = ServerName::try_from(name).map_err(|_| Error::Tls {
        reason: format!("“{server}” is no name that a certificate can be for"),
    })?;
    let prepared = tokio::task::spawn_blocking(move || prepare(&policy, &server)).await;
    // The task neither panics nor is it aborted.
    let (config, verifier, identity) = prepared.map_err(|error| Error::Tls {
        reason: error.to_string(),
    })??;
    let stream = Prefixed::new(rest, stream);
    let connected = TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await;
    let verdict = verifier.verdict();
    let stream = match (connected, &verdict) {
        (_, Some(Verdict::Changed(error))) => return Err((**error).clone()),
        (Err(error), _) => return Err(in_words(&error, identity.shown())),
        (Ok(stream), _) => stream,
    };
    let (trust, question) = match verdict {
        Some(Verdict::Trusted(trust)) => (trust, None),
        Some(Verdict::Question(question)) => (Trust::User, Some(*question)),
        // There is no connection without a certificate, and a changed one was told above.
        Some(Verdict::Changed(_)) | None => {
            return Err(Error::Tls {
                reason: "the server showed no certificate".to_owned(),
            });
        }
    };
    let version = match stream.get_ref().1.protocol_version() {
        Some(ProtocolVersion::TLSv1_2) => "1.2",
        _ => "1.3",
    };
    Ok(Secured {
        stream,
        question,
        tls: Tls { version, trust },
        shown: identity.shown(),
    })
}

/// Reads what there is to read; takes a moment.
fn prepare(
    policy: &TlsPolicy,
    server: &str,
) -> Result<(ClientConfig, Arc<Verifier>, Arc<Identity>), Error> {
    let provider = provider();
    let authorities = files::authorities(policy)?;
    let identity = Arc::new(Identity::new(files::identity(policy, &provider)?));
    let verifier = Verifier::new(server, policy.pin, authorities, Arc::clone(&provider));
    let verifier = Arc::new(verifier);
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::Tls {
            reason: error.to_string(),
        })?
        .dangerous()
        .with_custom_certificate_verifier(Arc::clone(&verifier) as Arc<_>)
        .with_client_cert_resolver(Arc::clone(&identity) as Arc<_>);
    // Each connection shows its certificate: what was trusted once may have been for once.
    config.resumption = rustls::client::Resumption::disabled();
    Ok((config, verifier, identity))
}

fn provider() -> Arc<CryptoProvider> {
    static PROVIDER: OnceLock<Arc<CryptoProvider>> = OnceLock::new();
    let provider = PROVIDER.get_or_init(|| Arc::new(rustls::crypto::ring::default_provider()));
    Arc::clone(provider)
}

/// What a failure of TLS means, during the handshake or later. `None`: it is one of the network.
pub(super) fn explain(error: &std::io::Error, shown: Shown) -> Option<Error> {
    use AlertDescription as Alert;

    let inner = error.get_ref()?.downcast_ref::<rustls::Error>()?;
    if let rustls::Error::AlertReceived(alert) = inner {
        let about_us = matches!(
            alert,
            Alert::CertificateRequired
                | Alert::BadCertificate
                | Alert::UnsupportedCertificate
                | Alert::CertificateRevoked
                | Alert::CertificateExpired
                | Alert::CertificateUnknown
                | Alert::UnknownCA
                | Alert::AccessDenied
                | Alert::DecryptError
                | Alert::HandshakeFailure
        );
        match shown {
            Shown::Nothing if about_us => return Some(Error::ClientCertificateNeeded),
            Shown::Yes if about_us => {
                return Some(Error::Tls {
                    reason: "the server does not accept this side’s certificate".to_owned(),
                });
            }
            _ => {}
        }
    }
    let reason = match inner {
        rustls::Error::InvalidMessage(_) => {
            "what the server sends is not TLS, or somebody changed it on its way".to_owned()
        }
        rustls::Error::PeerIncompatible(_) => {
            "the server’s TLS is too old, or has nothing in common with this one".to_owned()
        }
        other => other.to_string(),
    };
    Some(Error::Tls { reason })
}

fn in_words(error: &std::io::Error, shown: Shown) -> Error {
    explain(error, shown).unwrap_or_else(|| Error::Tls {
        reason: match error.kind() {
            std::io::ErrorKind::UnexpectedEof => {
                "the server closed the connection while TLS was being agreed upon".to_owned()
            }
            _ => super::stream::in_words(error),
        },
    })
}
