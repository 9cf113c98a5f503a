//! Who we are, for servers that want to know it by certificate.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering::Relaxed},
};

use rustls::{SignatureScheme, client::ResolvesClientCert, sign::CertifiedKey};

/// What became of the server's wish to know by certificate who connects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::transport) enum Shown {
    /// It had none.
    #[default]
    NotAsked,
    /// It was shown one.
    Yes,
    /// There is none to show.
    Nothing,
}

/// The certificate of this side, if there is one, and whether the server wanted it.
#[derive(Debug)]
pub(super) struct Identity {
    key: Option<Arc<CertifiedKey>>,
    asked: AtomicBool,
}

impl Identity {
    pub(super) fn new(key: Option<CertifiedKey>) -> Self {
        Self {
            key: key.map(Arc::new),
            asked: AtomicBool::new(false),
        }
    }

    /// What the server was shown.
    pub(super) fn shown(&self) -> Shown {
        match (self.asked.load(Relaxed), &self.key) {
            (false, _) => Shown::NotAsked,
            (true, Some(_)) => Shown::Yes,
            (true, None) => Shown::Nothing,
        }
    }
}

impl ResolvesClientCert for Identity {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.asked.store(true, Relaxed);
        self.key.clone()
    }

    fn has_certs(&self) -> bool {
        // Also without: otherwise it would not be asked, and not know that it was.
        true
    }
}
