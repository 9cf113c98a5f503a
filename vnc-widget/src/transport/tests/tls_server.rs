//! The server's side of `VeNCrypt` with certificates.

use std::{path::PathBuf, sync::Arc};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    date_time_ymd,
};
use rustls::{
    RootCertStore, ServerConfig, SupportedProtocolVersion,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::{ClientHello, ResolvesServerCert, WebPkiClientVerifier},
    sign::CertifiedKey,
};
use tempfile::TempDir;
use tokio_rustls::TlsAcceptor;

use super::server::Server;
use crate::{ClientCertificate, Fingerprint, TlsPolicy};

/// An authority, which nobody trusts by itself.
pub(super) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(super) fn new() -> Self {
        let mut params = CertificateParams::default();
        params
            .distinguished_name
            .push(rcgen::DnType::CommonName, "Authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        Self(CertifiedIssuer::self_signed(params, key).unwrap())
    }

    /// A certificate for these names.
    pub(super) fn certify(&self, names: &[&str], expired: bool) -> Shown {
        let mut params = params(names);
        params.extended_key_usages = vec![
            ExtendedKeyUsagePurpose::ServerAuth,
            ExtendedKeyUsagePurpose::ClientAuth,
        ];
        if expired {
            params.not_before = date_time_ymd(2001, 1, 1);
            params.not_after = date_time_ymd(2002, 1, 1);
        }
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        Shown {
            certificate: certificate.der().clone(),
            key: PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        }
    }

    fn der(&self) -> CertificateDer<'static> {
        self.0.der().clone()
    }
}

fn params(names: &[&str]) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
    CertificateParams::new(names).unwrap()
}

/// What a side shows, and the key that goes with it.
pub(super) struct Shown {
    pub(super) certificate: CertificateDer<'static>,
    pub(super) key: PrivateKeyDer<'static>,
}

impl Shown {
    pub(super) fn self_signed() -> Self {
        let key = KeyPair::generate().unwrap();
        let certificate = params(&["localhost"]).self_signed(&key).unwrap();
        Self {
            certificate: certificate.der().clone(),
            key: PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        }
    }

    /// As openssl makes it when it is told nothing about extensions: X.509 version 1.
    pub(super) fn version_1() -> Self {
        let certificate = CertificateDer::from_pem_slice(include_bytes!("v1.pem")).unwrap();
        let key = PrivateKeyDer::from_pem_slice(include_bytes!("v1-key.pem")).unwrap();
        Self { certificate, key }
    }

    pub(super) fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.certificate)
    }
}

/// A policy that knows nothing, and files to tell it something.
pub(super) struct Files(TempDir);

impl Files {
    pub(super) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn write(&self, name: &str, kind: &str, der: &[u8]) -> PathBuf {
        use std::fmt::Write;

        let folder = self.0.path();
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let mut pem = format!("-----BEGIN {kind}-----\n");
        for chunk in base64(der).as_bytes().chunks(64) {
            writeln!(pem, "{}", std::str::from_utf8(chunk).unwrap()).unwrap();
        }
        writeln!(pem, "-----END {kind}-----").unwrap();
        std::fs::write(&path, pem).unwrap();
        path
    }

    pub(super) fn authority(&self, name: &str, authority: &Authority) -> PathBuf {
        self.write(name, "CERTIFICATE", &authority.der())
    }

    pub(super) fn client(&self, certificate: &str, key: &str, shown: &Shown) -> ClientCertificate {
        ClientCertificate {
            certificate: self.write(certificate, "CERTIFICATE", &shown.certificate),
            key: self.write(key, "PRIVATE KEY", shown.key.secret_der()),
        }
    }

    pub(super) fn folder(&self) -> PathBuf {
        self.0.path().to_owned()
    }
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let mut three = [0; 3];
        three[..chunk.len()].copy_from_slice(chunk);
        let bits = u32::from_be_bytes([0, three[0], three[1], three[2]]);
        for index in 0..4 {
            if index <= chunk.len() {
                let digit = bits >> (18 - 6 * index) & 63;
                text.push(char::from(DIGITS[digit as usize]));
            } else {
                text.push('=');
            }
        }
    }
    text
}

/// A policy that looks nowhere.
pub(super) fn policy() -> TlsPolicy {
    TlsPolicy {
        folders: Vec::new(),
        ..TlsPolicy::default()
    }
}

#[derive(Debug)]
struct Always(Arc<CertifiedKey>);

impl ResolvesServerCert for Always {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }
}

/// How a server does TLS.
pub(super) struct Tls(TlsAcceptor);

impl Tls {
    pub(super) fn showing(shown: &Shown) -> Self {
        Self::with(shown, rustls::ALL_VERSIONS, None)
    }

    /// With these versions; who connects has to be certified by `clients`, where there is one.
    pub(super) fn with(
        shown: &Shown,
        versions: &[&'static SupportedProtocolVersion],
        clients: Option<&Authority>,
    ) -> Self {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let key = provider
            .key_provider
            .load_private_key(shown.key.clone_key());
        // Not checked, so that the key may be that of another.
        let certified = CertifiedKey::new(vec![shown.certificate.clone()], key.unwrap());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(versions)
            .unwrap();
        let builder = match clients {
            None => builder.with_no_client_auth(),
            Some(authority) => {
                let mut roots = RootCertStore::empty();
                roots.add(authority.der()).unwrap();
                let roots = Arc::new(roots);
                let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider);
                builder.with_client_cert_verifier(verifier.build().unwrap())
            }
        };
        let config = builder.with_cert_resolver(Arc::new(Always(Arc::new(certified))));
        Self(TlsAcceptor::from(Arc::new(config)))
    }

    /// Begins TLS; the server goes on inside of it, unless the client does not.
    pub(super) async fn begin(&self, server: Server) -> std::io::Result<Server> {
        let stream = self.0.accept(server.into_stream()).await?;
        Ok(Server::on(stream))
    }
}

impl Server {
    /// Up to the byte before TLS, with this sub-type of `VeNCrypt`.
    pub(super) async fn vencrypt(&mut self, kind: u32) {
        self.offer_security(19).await;
        self.send(&[0, 2]).await;
        assert_eq!(self.read().await, [0, 2]);
        self.send(&[0, 1]).await;
        self.send(&kind.to_be_bytes()).await;
        assert_eq!(self.read().await, kind.to_be_bytes());
        self.send(&[1]).await;
    }
}
