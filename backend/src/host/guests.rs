//! What is asked of a guest.

use std::sync::Arc;

use super::{DisplayStream, Host, Still};
use crate::error::{ErrorKind, Result};
use crate::job::Job;
use crate::keeper::Message;
use crate::model::{BalloonReading, GuestDetails, GuestId};
use crate::operation::{Operation, Verb};
use crate::xml::domain as domain_xml;
use crate::{console, domain, install, saving};

/// What to remove together with a guest.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DeleteOptions {
    /// Paths of disks to delete, out of [`GuestDetails::disks`]; never filled in by default.
    pub disks: Vec<String>,
}

impl Host {
    /// Starts a guest that is off, or resumes a saved one.
    ///
    /// # Errors
    /// As the hypervisor says; [`ErrorKind::WrongState`] when it runs already.
    pub async fn start(&self, id: GuestId) -> Result<()> {
        self.on_guest(id, Verb::Start, |_, domain| Ok(domain.create()?))
            .await
    }

    /// Asks the guest politely to shut down. Returns when it was asked, not when it is off.
    ///
    /// # Errors
    /// As for [`Self::start`].
    pub async fn shut_down(&self, id: GuestId) -> Result<()> {
        // Before: the guest may be off before the answer is here.
        install::second_stage::note_stop(id);
        let asked = self
            .on_guest(id, Verb::ShutDown, |_, domain| Ok(domain.shutdown()?))
            .await;
        if let Err(error) = &asked
            && error.kind() != ErrorKind::NotAnswering
        {
            install::second_stage::strike_stop(id);
        }
        asked
    }

    /// Asks the guest politely to reboot.
    ///
    /// # Errors
    /// As for [`Self::start`]; [`ErrorKind::InvalidInput`] while an installer runs in it.
    pub async fn reboot(&self, id: GuestId) -> Result<()> {
        self.on_guest(id, Verb::Reboot, |_, domain| {
            install::second_stage::refuse_reboot(domain)?;
            Ok(domain.reboot(0)?)
        })
        .await
    }

    /// Pulls the plug: what the guest had not written is lost.
    ///
    /// # Errors
    /// As for [`Self::start`].
    pub async fn force_off(&self, id: GuestId) -> Result<()> {
        self.on_guest(id, Verb::ForceOff, |_, domain| Ok(domain.destroy()?))
            .await
    }

    /// Stops the guest where it is; memory is kept.
    ///
    /// # Errors
    /// As for [`Self::start`].
    pub async fn pause(&self, id: GuestId) -> Result<()> {
        self.on_guest(id, Verb::Pause, |_, domain| Ok(domain.suspend()?))
            .await
    }

    /// Lets a paused guest go on, or wakes one asleep.
    ///
    /// # Errors
    /// As for [`Self::start`].
    pub async fn resume(&self, id: GuestId) -> Result<()> {
        self.on_guest(id, Verb::Resume, |_, domain| domain::resume(domain))
            .await
    }

    /// Saves the guest's memory on the host and ends it; started again, it goes on where it was. The
    /// progress is that of the memory written. Cancelled, the guest goes on as if nothing had been.
    pub fn save(&self, id: GuestId) -> Job<()> {
        let host = self.clone();
        Job::spawn(self.runtime(), |control| saving::save(host, id, control))
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

    /// Gives a running guest `kib` of memory, live, and keeps it for its next start. Returns when
    /// the hypervisor took the target; what the guest then does is seen in [`Self::balloon`].
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] above the guest's maximum.
    pub async fn set_memory(&self, id: GuestId, kib: u64) -> Result<()> {
        self.on_guest(id, Verb::SetMemory(kib), move |_, domain| {
            domain::set_memory(domain, kib)
        })
        .await
    }

    /// Reads the balloon now.
    ///
    /// # Errors
    /// [`ErrorKind::WrongState`] when the guest is off.
    pub async fn balloon(&self, id: GuestId) -> Result<BalloonReading> {
        self.on_guest(id, Verb::Balloon, |_, domain| domain::balloon(domain))
            .await
    }

    /// What the guest's definition says; the live one while it runs.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when the guest is gone.
    pub async fn details(&self, id: GuestId) -> Result<Arc<GuestDetails>> {
        self.on_guest(id, Verb::Details, |_, domain| {
            let view = domain_xml::read(&domain::xml(domain, false)?)?;
            Ok(Arc::new(view.details))
        })
        .await
    }

    /// The definition as XML; `inactive`: as of the next start.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when the guest is gone.
    pub async fn xml(&self, id: GuestId, inactive: bool) -> Result<String> {
        self.on_guest(id, Verb::Xml(inactive), move |_, domain| {
            domain::xml(domain, inactive)
        })
        .await
    }

    /// The way to the guest's VNC display number `index`: a descriptor where the driver can and
    /// the connection is local and direct, an address otherwise.
    ///
    /// # Errors
    /// [`ErrorKind::WrongState`] when the guest is off, [`ErrorKind::NotSupported`] when it has no
    /// VNC display.
    pub async fn open_display(&self, id: GuestId, index: u32) -> Result<DisplayStream> {
        let uri = self.uri();
        self.on_guest(id, Verb::OpenDisplay(index), move |link, domain| {
            console::open_display(&uri, link, domain, index)
        })
        .await
    }

    /// A still of the guest's screen.
    ///
    /// # Errors
    /// [`ErrorKind::NotSupported`] where the driver takes none.
    pub async fn screenshot(&self, id: GuestId) -> Result<Still> {
        self.on_guest(id, Verb::Screenshot, console::screenshot)
            .await
    }

    /// Presses and releases keys together, without a display. `keycodes` are Linux key codes
    /// (`KEY_*`), at most 16.
    ///
    /// # Errors
    /// [`ErrorKind::NotSupported`] where the driver sends none.
    pub async fn send_keys(&self, id: GuestId, keycodes: &[u32]) -> Result<()> {
        let keycodes = keycodes.to_vec();
        self.on_guest(id, Verb::SendKeys(keycodes.clone()), move |_, domain| {
            domain::send_keys(domain, &keycodes)
        })
        .await
    }

    /// Adds a VNC display to the definition, beside what it has, from the next start on.
    ///
    /// # Errors
    /// As the hypervisor says.
    pub async fn add_vnc_display(&self, id: GuestId) -> Result<()> {
        self.on_guest(id, Verb::AddVncDisplay, domain::add_vnc_display)
            .await
    }

    /// Opens the guest's first text console. Dropping either side closes it; the guest stays on.
    ///
    /// # Errors
    /// [`ErrorKind::NotSupported`] where it has none.
    pub async fn open_console(&self, id: GuestId) -> Result<tokio::io::DuplexStream> {
        let runtime = self.runtime().clone();
        self.on_guest(id, Verb::OpenConsole, move |link, domain| {
            console::open_console(link, domain, &runtime)
        })
        .await
    }

    /// Defines a new guest by its XML. One that is there is never changed by it.
    ///
    /// # Errors
    /// [`ErrorKind::AlreadyExists`] when there is a guest of that name or identity;
    /// [`ErrorKind::InvalidInput`] for what is no definition; as the hypervisor says.
    pub async fn define(&self, xml: String) -> Result<GuestId> {
        self.run(Operation::Host("define"), move |link| {
            domain::define(link, &xml)
        })
        .await
    }

    /// Renames a guest that is off.
    ///
    /// # Errors
    /// [`ErrorKind::AlreadyExists`], [`ErrorKind::WrongState`] while it runs.
    pub async fn rename(&self, id: GuestId, name: &str) -> Result<()> {
        let name = name.to_owned();
        self.on_guest(id, Verb::Rename(name.clone()), move |link, domain| {
            domain::rename(link, domain, &name)
        })
        .await
    }

    /// Removes a guest that is off, with its saved state, and the disks named.
    ///
    /// # Errors
    /// [`ErrorKind::WrongState`] while it runs. When a disk cannot be deleted the guest stays.
    pub async fn delete(&self, id: GuestId, options: DeleteOptions) -> Result<()> {
        self.on_guest(id, Verb::Delete(options.clone()), move |link, domain| {
            domain::delete(link, domain, &options)
        })
        .await
    }
}
