//! What a certificate says, for people.

use rustls::pki_types::{CertificateDer, SubjectPublicKeyInfoDer};
use x509_cert::der::{Decode, Encode};

use crate::trust::{Certificate, Fingerprint};

/// The longest name shown; there is no end to what can be written into one.
const MAX_NAME: usize = 200;

/// What it says; what cannot be read is empty.
pub(super) fn certificate(der: &CertificateDer<'_>) -> Certificate {
    let fingerprint = Fingerprint::of(der);
    let parsed = x509_cert::Certificate::from_der(der).ok();
    let (subject, issuer) = parsed.map_or_else(Default::default, |parsed| {
        let parsed = parsed.tbs_certificate();
        (name(parsed.subject()), name(parsed.issuer()))
    });
    Certificate {
        fingerprint,
        subject,
        issuer,
    }
}

/// Whether it names itself as the one who made it.
pub(super) fn is_self_issued(der: &CertificateDer<'_>) -> bool {
    x509_cert::Certificate::from_der(der).is_ok_and(|parsed| {
        let parsed = parsed.tbs_certificate();
        parsed.subject() == parsed.issuer()
    })
}

/// Its public key.
pub(super) fn public_key(der: &CertificateDer<'_>) -> Option<SubjectPublicKeyInfoDer<'static>> {
    let parsed = x509_cert::Certificate::from_der(der).ok()?;
    let key = parsed.tbs_certificate().subject_public_key_info().to_der();
    Some(SubjectPublicKeyInfoDer::from(key.ok()?))
}

fn name(name: &x509_cert::name::Name) -> String {
    let text = name.to_string();
    let shown = text.chars().filter(|c| !c.is_control());
    shown.take(MAX_NAME).collect()
}
