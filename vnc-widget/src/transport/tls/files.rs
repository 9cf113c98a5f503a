//! Certificates and keys in files. These are read on a thread that may wait.

use std::{io, path::Path, sync::Arc};

use rustls::{
    crypto::CryptoProvider,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    sign::CertifiedKey,
};

use crate::{
    Error,
    trust::{ClientCertificate, TlsPolicy},
};

/// Where an authority may be in a folder.
const AUTHORITIES: [&str; 2] = ["CA/cacert.pem", "libvirt-vnc/ca-cert.pem"];

/// The authorities to trust beside the system's.
pub(super) fn authorities(policy: &TlsPolicy) -> Result<Vec<CertificateDer<'static>>, Error> {
    let mut found = Vec::new();
    for path in &policy.authorities {
        found.extend(certificates(path)?);
    }
    let usual = policy.folders.iter().flat_map(|folder| {
        let in_folder = AUTHORITIES.into_iter().map(move |name| folder.join(name));
        in_folder.filter(|path| path.is_file())
    });
    for path in usual {
        // Nobody asked for this one; without it there will be a question.
        match certificates(&path) {
            Ok(certificates) => {
                found.extend(certificates);
                break;
            }
            Err(error) => tracing::warn!(%error, "an authority is not used"),
        }
    }
    Ok(found)
}

/// The certificate and key of this side.
pub(super) fn identity(
    policy: &TlsPolicy,
    provider: &Arc<CryptoProvider>,
) -> Result<Option<CertifiedKey>, Error> {
    if let Some(chosen) = &policy.client {
        return certified(chosen, provider).map(Some);
    }
    let usual = policy.folders.iter().map(|folder| ClientCertificate {
        certificate: folder.join("libvirt-vnc/clientcert.pem"),
        key: folder.join("libvirt-vnc/private/clientkey.pem"),
    });
    for files in usual.filter(|files| files.certificate.is_file()) {
        match certified(&files, provider) {
            Ok(key) => return Ok(Some(key)),
            // It may be for the superuser alone.
            Err(error) => tracing::warn!(%error, "a client certificate is not used"),
        }
    }
    Ok(None)
}

fn certified(
    files: &ClientCertificate,
    provider: &Arc<CryptoProvider>,
) -> Result<CertifiedKey, Error> {
    let chain = certificates(&files.certificate)?;
    let key = PrivateKeyDer::from_pem_file(&files.key)
        .map_err(|error| unusable(&files.key, &pem_in_words(error)))?;
    CertifiedKey::from_der(chain, key, provider)
        .map_err(|error| unusable(&files.certificate, &error.to_string()))
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, Error> {
    let read = || CertificateDer::pem_file_iter(path)?.collect::<Result<Vec<_>, _>>();
    let found = read().map_err(|error| unusable(path, &pem_in_words(error)))?;
    if found.is_empty() {
        return Err(unusable(path, "there is no certificate in it"));
    }
    Ok(found)
}

fn unusable(path: &Path, reason: &str) -> Error {
    Error::CertificateFile {
        path: path.to_owned(),
        reason: reason.to_owned(),
    }
}

fn pem_in_words(error: rustls::pki_types::pem::Error) -> String {
    use rustls::pki_types::pem::Error as Pem;

    match error {
        Pem::Io(error) if error.kind() == io::ErrorKind::NotFound => "there is no such file".into(),
        Pem::Io(error) => crate::transport::stream::in_words(&error),
        Pem::NoItemsFound => "there is nothing of the kind in it".into(),
        other => other.to_string(),
    }
}
