//! Saving guests and restoring them.

use super::Host;
use crate::error::Result;
use crate::job::Job;
use crate::keeper::Message;
use crate::model::{GuestId, SavedFile};
use crate::operation::Verb;
use crate::saving::{self, file, restore};

impl Host {
    /// Saves the guest's memory on the host and ends it; started again, it goes on where it was. The
    /// progress is that of the memory written. Cancelled, the guest goes on as if nothing had been;
    /// where the driver cannot stop (Xen's), the progress says so and it is saved.
    pub fn save(&self, id: GuestId) -> Job<()> {
        self.is_to_stay_off(id);
        let host = self.clone();
        Job::spawn(self.runtime(), |control| saving::save(host, id, control))
    }

    /// The same into the file at `path` on the host, from which [`Self::restore`] takes it up.
    /// `replace`: a guest's saved state that is there is deleted first. A failed or cancelled saving
    /// leaves no file.
    ///
    /// # Errors
    /// [`crate::ErrorKind::AlreadyExists`] for a path where something is; with `replace` only for what
    /// is not a guest's saved state, or where the driver cannot tell. [`crate::ErrorKind::BadPath`],
    /// [`crate::ErrorKind::PermissionDenied`] or [`crate::ErrorKind::NoSpace`] as the host finds it.
    pub fn save_to(&self, id: GuestId, path: &str, replace: bool) -> Job<()> {
        self.is_to_stay_off(id);
        let (host, path) = (self.clone(), path.to_owned());
        Job::spawn(self.runtime(), |control| {
            saving::save_to(host, id, path, replace, control)
        })
    }

    /// Looks into a file that a guest was saved into.
    ///
    /// # Errors
    /// [`crate::ErrorKind::NotFound`], [`crate::ErrorKind::InvalidInput`] for a file of another kind.
    pub async fn saved_file(&self, path: &str) -> Result<SavedFile> {
        file::read(self, path).await
    }

    /// Lets a guest go on from the file at `path` on the host. The file stays. A guest that the host
    /// no longer has runs without a definition, until it stops. No driver tells how far it is.
    ///
    /// Cancelled, the guest is off as before; where the driver cannot stop (Xen's), it goes on.
    ///
    /// # Errors
    /// As for [`Self::saved_file`]; what [`SavedFile::objection`] says.
    pub fn restore(&self, path: &str) -> Job<GuestId> {
        let (host, path) = (self.clone(), path.to_owned());
        Job::spawn(self.runtime(), |control| {
            restore::restore(host, path, control)
        })
    }

    /// Throws the saved memory of a guest away: it starts afresh next time, and what its programs
    /// had not written to its disk is lost.
    ///
    /// # Errors
    /// As the hypervisor says.
    pub async fn discard_saved(&self, id: GuestId) -> Result<()> {
        self.on_guest(id, Verb::DiscardSaved, |_, domain| {
            Ok(domain.managed_save_remove(0)?)
        })
        .await?;
        self.shared.tell(Message::Changed(id));
        Ok(())
    }
}
