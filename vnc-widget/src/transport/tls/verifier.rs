//! Whether a server's certificate is trusted.
//!
//! The signature by which the server proves that the certificate is its own is always verified; what
//! is noted for later is only whether the certificate itself is to be believed. That the handshake
//! goes on meanwhile costs nothing: nothing is said inside TLS before the person has answered.

use std::sync::{Arc, Mutex, PoisonError};

use rustls::{
    CertificateError, DigitallySignedStruct, Error as TlsError, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{
        CryptoProvider, verify_tls12_signature, verify_tls13_signature,
        verify_tls13_signature_with_raw_key,
    },
    pki_types::{CertificateDer, ServerName, UnixTime},
};

use super::describe;
use crate::{
    Error,
    trust::{Distrust, Fingerprint, Trust, TrustQuestion},
};

/// What is thought of the certificate that was shown.
#[derive(Debug, Clone)]
pub(super) enum Verdict {
    Trusted(Trust),
    Question(Box<TrustQuestion>),
    /// Another one is known.
    Changed(Box<Error>),
}

#[derive(Debug)]
pub(super) struct Verifier {
    server: String,
    pin: Option<Fingerprint>,
    /// The system's store with what was added to it; or why there is none.
    system: Result<rustls_platform_verifier::Verifier, String>,
    provider: Arc<CryptoProvider>,
    verdict: Mutex<Option<Verdict>>,
}

impl Verifier {
    /// Reads the system's store, unless there is a pin, which alone counts.
    pub(super) fn new(
        server: &str,
        pin: Option<Fingerprint>,
        authorities: Vec<CertificateDer<'static>>,
        provider: Arc<CryptoProvider>,
    ) -> Self {
        let system = if pin.is_some() {
            Err("there is a pin".to_owned())
        } else {
            let with_them = rustls_platform_verifier::Verifier::new_with_extra_roots(
                authorities,
                Arc::clone(&provider),
            );
            with_them.map_err(|error| error.to_string())
        };
        Self {
            server: server.to_owned(),
            pin,
            system,
            provider,
            verdict: Mutex::default(),
        }
    }

    /// What was thought of the certificate, if one was shown.
    pub(super) fn verdict(&self) -> Option<Verdict> {
        let verdict = self.verdict.lock();
        verdict.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn judge(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Verdict {
        let shown = Fingerprint::of(end_entity);
        match self.pin {
            Some(pin) if pin == shown => return Verdict::Trusted(Trust::Pinned),
            Some(known) => {
                return Verdict::Changed(Box::new(Error::CertificateChanged {
                    server: self.server.clone(),
                    known,
                    shown: Box::new(describe::certificate(end_entity)),
                }));
            }
            None => {}
        }
        let checked = match &self.system {
            Ok(system) => system
                .verify_server_cert(end_entity, intermediates, name, ocsp, now)
                .map_err(|error| self.distrust(&error, end_entity)),
            Err(reason) => Err(Distrust::Other(reason.clone())),
        };
        match checked {
            Ok(_) => Verdict::Trusted(Trust::Authority),
            Err(reason) => Verdict::Question(Box::new(TrustQuestion {
                server: self.server.clone(),
                certificate: describe::certificate(end_entity),
                reason,
            })),
        }
    }

    /// Why a certificate does not pass.
    fn distrust(&self, error: &TlsError, end_entity: &CertificateDer<'_>) -> Distrust {
        use CertificateError as Reason;

        let TlsError::InvalidCertificate(reason) = error else {
            return Distrust::Other(error.to_string());
        };
        match reason {
            Reason::Expired | Reason::ExpiredContext { .. } => Distrust::Expired,
            Reason::NotValidYet | Reason::NotValidYetContext { .. } => Distrust::NotYetValid,
            Reason::NotValidForName => self.wrong_name(Vec::new()),
            Reason::NotValidForNameContext { presented, .. } => self.wrong_name(presented.clone()),
            Reason::UnknownIssuer if describe::is_self_issued(end_entity) => Distrust::SelfSigned,
            Reason::UnknownIssuer => Distrust::UnknownIssuer,
            // Certificates of the first version, which openssl makes when it is told nothing else,
            // and such that are authorities themselves.
            _ if describe::is_self_issued(end_entity) => Distrust::SelfSigned,
            other => Distrust::Other(other.to_string()),
        }
    }

    fn wrong_name(&self, presented: Vec<String>) -> Distrust {
        Distrust::WrongName {
            expected: self.server.clone(),
            names: presented
                .into_iter()
                .map(|name| plain_name(&name))
                .collect(),
        }
    }
}

/// `DnsName("a.lan")` and the like, as the library writes them, are not for people.
fn plain_name(name: &str) -> String {
    let inner = name
        .split_once('(')
        .and_then(|(_, rest)| rest.rsplit_once(')'));
    let bare = inner.map_or(name, |(inner, _)| inner);
    bare.trim_matches('"')
        .chars()
        .filter(|c| !c.is_control())
        .take(100)
        .collect()
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        let verdict = self.judge(end_entity, intermediates, name, ocsp, now);
        let changed = matches!(verdict, Verdict::Changed(_));
        let mut place = self.verdict.lock().unwrap_or_else(PoisonError::into_inner);
        *place = Some(verdict);
        if changed {
            return Err(CertificateError::ApplicationVerificationFailure.into());
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        let algorithms = &self.provider.signature_verification_algorithms;
        // Certificates of the first version cannot be read as such, but their key can.
        match describe::public_key(certificate) {
            Some(key) => verify_tls13_signature_with_raw_key(message, &key, signature, algorithms),
            None => verify_tls13_signature(message, certificate, signature, algorithms),
        }
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let algorithms = &self.provider.signature_verification_algorithms;
        algorithms.supported_schemes()
    }
}
