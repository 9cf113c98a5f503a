//! What is asked of a guest.

use std::sync::Arc;
use std::time::Instant;

use super::{DisplayStream, Host, Still};
use crate::error::{ErrorKind, Result};
use crate::keeper::Message;
use crate::model::{BalloonReading, GuestDetails, GuestId, VcpuReading};
use crate::operation::{Operation, Verb};
use crate::xml::domain as domain_xml;
use crate::{console, domain, install, vcpus};

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
        let _attention = self.look_after(id);
        let started = self
            .on_guest(id, Verb::Start, |_, domain| Ok(domain.create()?))
            .await;
        let comes_by_itself = || {
            let reboots = self.reboots();
            reboots.is_some_and(|reboots| reboots.is_waited_for(id, Instant::now()))
        };
        match started {
            // Its reboot was quicker: what was wanted is so.
            Err(error) if error.kind() == ErrorKind::WrongState && comes_by_itself() => Ok(()),
            started => started,
        }
    }

    /// Asks the guest politely to shut down. Returns when it was asked, not when it is off.
    ///
    /// # Errors
    /// As for [`Self::start`].
    pub async fn shut_down(&self, id: GuestId) -> Result<()> {
        self.is_to_stay_off(id);
        // Before: the guest may be off before the answer is here.
        install::second_stage::note_stop(id);
        let asked = self
            .on_guest(id, Verb::ShutDown, |_, domain| Ok(domain.shutdown()?))
            .await;
        if let Err(error) = &asked
            && !error.may_be_done()
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
        // Before, too: it may be off before the answer is here.
        if let Some(reboots) = self.reboots() {
            let snapshot = self.snapshot();
            let run = snapshot.guest(id).and_then(|guest| guest.domain_id);
            reboots.note(id, run, Instant::now());
        }
        let asked = self
            .on_guest(id, Verb::Reboot, |_, domain| {
                install::second_stage::refuse_reboot(domain)?;
                Ok(domain.reboot(0)?)
            })
            .await;
        if let Err(error) = &asked
            && error.kind() != ErrorKind::NotAnswering
        {
            self.is_to_stay_off(id);
        }
        // For its time, which the keeper waits for.
        self.shared.tell(Message::Changed(id));
        asked
    }

    /// A guest that goes off now does so to stay.
    pub(super) fn is_to_stay_off(&self, id: GuestId) {
        if let Some(reboots) = self.reboots() {
            reboots.forget(id);
        }
    }

    /// Pulls the plug: what the guest had not written is lost.
    ///
    /// # Errors
    /// As for [`Self::start`].
    pub async fn force_off(&self, id: GuestId) -> Result<()> {
        self.is_to_stay_off(id);
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

    /// Gives the guest `count` virtual processors: at once where it runs, and from its next start on.
    /// Whether the guest brings added ones into use is its own affair.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] above the guest's maximum; [`ErrorKind::NotSupported`] where it
    /// cannot change while the guest runs; [`ErrorKind::Hypervisor`] when the guest does not give
    /// back those that are taken from it.
    pub async fn set_vcpus(&self, id: GuestId, count: u32) -> Result<()> {
        let set = self
            .on_guest(id, Verb::SetVcpus(count), move |_, domain| {
                vcpus::set(domain, count)
            })
            .await;
        // No event tells, and one that failed may have come half the way.
        self.shared.tell(Message::Changed(id));
        set
    }

    /// Lets the guest have up to `maximum` virtual processors, from its next start on.
    ///
    /// # Errors
    /// As the hypervisor says.
    pub async fn set_maximum_vcpus(&self, id: GuestId, maximum: u32) -> Result<()> {
        self.on_guest(id, Verb::SetMaximumVcpus(maximum), move |_, domain| {
            vcpus::set_maximum(domain, maximum)
        })
        .await?;
        self.shared.tell(Message::Changed(id));
        Ok(())
    }

    /// Reads the guest's virtual processors now.
    ///
    /// # Errors
    /// As the hypervisor says.
    pub async fn vcpus(&self, id: GuestId) -> Result<VcpuReading> {
        let tells_online = self.is_of_xen();
        self.on_guest(id, Verb::Vcpus, move |_, domain| {
            vcpus::read(domain, tells_online)
        })
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

    /// A still of the guest's screen number `screen`, counted from 0 over all its video devices
    /// (virDomainScreenshot). Of one that the guest has not switched on, QEMU gives a picture that says so.
    ///
    /// # Errors
    /// [`ErrorKind::NotSupported`] where the driver takes none, [`ErrorKind::NotFound`] where the guest has
    /// no such screen.
    pub async fn screenshot(&self, id: GuestId, screen: u32) -> Result<Still> {
        self.on_guest(id, Verb::Screenshot(screen), move |link, domain| {
            console::screenshot(link, domain, screen)
        })
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
