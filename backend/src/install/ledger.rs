//! What a creation has made so far, so that all of it can be undone.
//!
//! Things are noted before they are made: a call that is given up may still succeed on the host.
//! Once undoing has begun nothing can be noted any more, so that work that was given up with such a
//! call makes nothing new when the host comes back.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use uuid::Uuid;
use virt::connect::Connect;

use super::storage;
use crate::domain;
use crate::error::{Error, ErrorKind, Result};
use crate::xml::document::Document;

/// Something that was made on the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Made {
    /// A volume: a disk, a kernel, an initrd.
    Volume {
        /// The pool it was made in.
        pool: String,
        /// The pool's folder, where it is one; the pool may be gone when the volume is deleted.
        folder: Option<String>,
        /// Its name.
        name: String,
    },
    /// A network was started.
    NetworkStarted(String),
    /// A guest was defined, and perhaps started.
    Guest(Uuid),
}

/// The list of what was made. Clones share it.
#[derive(Debug, Clone, Default)]
pub(super) struct Ledger(Arc<Mutex<Entries>>);

#[derive(Debug, Default)]
struct Entries {
    made: Vec<Made>,
    /// Whether what was made is being undone.
    closed: bool,
}

impl Ledger {
    /// Notes what is about to be made.
    ///
    /// # Errors
    /// [`ErrorKind::Cancelled`] when the creation was given up: it must not be made then.
    pub(super) fn note(&self, made: Made) -> Result<()> {
        let mut entries = self.lock();
        if entries.closed {
            return Err(given_up());
        }
        entries.made.push(made);
        Ok(())
    }

    /// Whether there is still any use in going on.
    ///
    /// # Errors
    /// [`ErrorKind::Cancelled`] when the creation was given up.
    pub(super) fn check(&self) -> Result<()> {
        if self.lock().closed {
            return Err(given_up());
        }
        Ok(())
    }

    /// Says that it was made. Where the creation was given up meanwhile, undoing may have looked
    /// for it too early: then it is undone now. Blocks.
    ///
    /// # Errors
    /// As for [`Self::check`].
    pub(super) fn was_made(&self, connect: &Connect, made: &Made) -> Result<()> {
        self.check().inspect_err(|_| {
            if let Err(error) = made.undo(connect) {
                tracing::warn!(?made, %error, detail = error.detail(), "could not be undone");
            }
        })
    }

    /// Takes back a note: it was not made after all.
    pub(super) fn strike(&self, made: &Made) {
        self.lock().made.retain(|known| known != made);
    }

    /// Takes all notes, the last first, to undo what they tell; there will be no more.
    pub(super) fn take(&self) -> Vec<Made> {
        let mut entries = self.lock();
        entries.closed = true;
        let mut made = std::mem::take(&mut entries.made);
        made.reverse();
        made
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        // Nothing that can panic happens under the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn given_up() -> Error {
    Error::new(ErrorKind::Cancelled, "The creation was given up.")
}

impl Made {
    /// Undoes it; what is not there counts as undone. Blocks.
    ///
    /// # Errors
    /// As the hypervisor says.
    pub(super) fn undo(&self, connect: &Connect) -> Result<()> {
        match self {
            Self::Volume { pool, folder, name } => {
                storage::delete_noted(connect, pool, folder.as_deref(), name)
            }
            Self::NetworkStarted(name) => stop_network(connect, name),
            Self::Guest(id) => remove_guest(connect, *id),
        }
    }

    /// What it is, for a sentence about what could not be removed.
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Volume {
                folder: Some(folder),
                name,
                ..
            } => format!("the file {}/{name}", folder.trim_end_matches('/')),
            Self::Volume { pool, name, .. } => format!("the volume {name} in the pool {pool}"),
            Self::NetworkStarted(name) => format!("the network {name}, which is still running"),
            Self::Guest(_) => String::from("the guest"),
        }
    }
}

fn stop_network(connect: &Connect, name: &str) -> Result<()> {
    let Ok(network) = connect.lookup_network_by_name(name) else {
        return Ok(());
    };
    if !network.is_active()? {
        return Ok(());
    }
    // Another guest may have joined meanwhile; it keeps the network.
    let description = Document::parse(&network.xml_desc(0)?)?;
    let in_use = description
        .root
        .attribute("connections")
        .and_then(|count| count.parse::<u32>().ok())
        .is_some_and(|count| count > 0);
    if in_use {
        return Ok(());
    }
    network.destroy().map_err(Error::from)
}

fn remove_guest(connect: &Connect, id: Uuid) -> Result<()> {
    let Ok(domain) = connect.lookup_domain_by_uuid(id) else {
        return Ok(());
    };
    if domain.is_active()? {
        match domain.destroy().map_err(Error::from) {
            // It ended by itself at this moment.
            Err(error) if error.kind() == ErrorKind::WrongState => {}
            done => done?,
        }
    }
    match domain::undefine(&domain) {
        // A guest without definition goes when it ends.
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_is_undone_first() {
        let ledger = Ledger::default();
        let network = Made::NetworkStarted(String::from("n"));
        let guest = Made::Guest(Uuid::nil());
        ledger.note(network.clone()).unwrap();
        ledger.note(guest.clone()).unwrap();
        ledger
            .note(Made::NetworkStarted(String::from("not after all")))
            .unwrap();
        ledger.strike(&Made::NetworkStarted(String::from("not after all")));
        assert_eq!(ledger.take(), [guest, network]);
        assert!(ledger.take().is_empty());
    }

    #[test]
    fn nothing_is_made_once_undoing_has_begun() {
        let ledger = Ledger::default();
        ledger.check().unwrap();
        let abandoned = ledger.clone();
        assert!(ledger.take().is_empty());
        let refused = abandoned.note(Made::Guest(Uuid::nil())).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Cancelled);
        assert!(abandoned.check().is_err());
    }

    #[test]
    fn what_was_made_too_late_is_undone_at_once() {
        let connect = crate::testing::own_driver();
        let id = connect
            .lookup_domain_by_name("test")
            .unwrap()
            .uuid()
            .unwrap();
        let ledger = Ledger::default();
        let guest = Made::Guest(id);
        ledger.note(guest.clone()).unwrap();
        ledger.was_made(&connect, &guest).unwrap();
        assert!(connect.lookup_domain_by_uuid(id).is_ok());
        ledger.take();
        let late = ledger.was_made(&connect, &guest).unwrap_err();
        assert_eq!(late.kind(), ErrorKind::Cancelled);
        assert!(connect.lookup_domain_by_uuid(id).is_err());
    }
}
