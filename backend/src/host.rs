//! [`Host`]: a cloneable handle on one connection.

use std::os::unix::net::UnixStream;
use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::sync::watch;

use crate::error::{Error, ErrorKind, Result};
use crate::model::{BalloonReading, GuestDetails, GuestId, HostSnapshot, Network, Pool, Volume};

/// A handle on one libvirt connection. Clones share it. Every method may be awaited on any
/// executor, the GTK main loop included: the work itself runs on the runtime given at the start.
#[derive(Debug, Clone)]
pub struct Host {
    snapshots: watch::Receiver<Arc<HostSnapshot>>,
}

/// A guest's screen as bytes: an RFB stream to feed to the engine.
#[derive(Debug)]
pub enum DisplayStream {
    /// A socket handed over by the hypervisor; the server was told to skip authentication.
    Descriptor(UnixStream),
    /// An address to connect to; the server may ask for a password.
    Tcp {
        /// Host name or address.
        host: String,
        /// TCP port.
        port: u16,
    },
    /// A Unix socket of this machine.
    Socket(std::path::PathBuf),
}

/// Keeps the figures of a host's guests up to date while it lives; readings stop when the last one
/// is dropped.
#[derive(Debug)]
#[must_use = "figures are read only while this lives"]
pub struct StatsInterest {}

/// A still of a guest's screen, as the hypervisor took it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Still {
    /// `image/x-portable-pixmap` or `image/png`, as the hypervisor says.
    pub mime_type: String,
    /// The file's bytes.
    pub data: Vec<u8>,
}

/// What to remove together with a guest.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DeleteOptions {
    /// Paths of disks to delete, out of [`GuestDetails::disks`]; never filled in by default.
    pub disks: Vec<String>,
}

impl Host {
    /// A host for `uri`. Returns at once: the connection is made in the background, kept alive,
    /// and remade when it breaks. Must be called on a thread that may start threads; never blocks.
    pub fn open(uri: &str, runtime: &Handle) -> Self {
        let _ = (uri, runtime);
        todo!()
    }

    /// The connection URI as given.
    pub fn uri(&self) -> String {
        self.snapshots.borrow().uri.clone()
    }

    /// What is known now.
    pub fn snapshot(&self) -> Arc<HostSnapshot> {
        self.snapshots.borrow().clone()
    }

    /// Snapshots as they change.
    pub fn watch(&self) -> watch::Receiver<Arc<HostSnapshot>> {
        self.snapshots.clone()
    }

    /// Waits until the connection is up or has failed.
    ///
    /// # Errors
    /// Why it failed.
    pub async fn connected(&self) -> Result<Arc<HostSnapshot>> {
        todo!()
    }

    /// Tries the connection again now.
    pub fn reconnect(&self) {}

    /// Closes the connection; the snapshot then says [`crate::model::HostState::Closed`].
    pub fn close(&self) {}

    /// Asks for figures (CPU, balloon) of all running guests about once a second while the
    /// returned value lives.
    pub fn watch_stats(&self) -> StatsInterest {
        StatsInterest {}
    }

    /// Starts a guest that is off, or resumes a saved one.
    ///
    /// # Errors
    /// As the hypervisor says; [`ErrorKind::WrongState`] when it runs already.
    pub async fn start(&self, id: GuestId) -> Result<()> {
        self.unfinished(id)
    }

    /// Asks the guest politely to shut down. Returns when it was asked, not when it is off.
    ///
    /// # Errors
    /// As for [`Self::start`].
    pub async fn shut_down(&self, id: GuestId) -> Result<()> {
        self.unfinished(id)
    }

    /// Asks the guest politely to reboot.
    ///
    /// # Errors
    /// As for [`Self::start`].
    pub async fn reboot(&self, id: GuestId) -> Result<()> {
        self.unfinished(id)
    }

    /// Pulls the plug: what the guest had not written is lost.
    ///
    /// # Errors
    /// As for [`Self::start`].
    pub async fn force_off(&self, id: GuestId) -> Result<()> {
        self.unfinished(id)
    }

    /// Stops the guest where it is; memory is kept.
    ///
    /// # Errors
    /// As for [`Self::start`].
    pub async fn pause(&self, id: GuestId) -> Result<()> {
        self.unfinished(id)
    }

    /// Lets a paused guest go on, or wakes one asleep.
    ///
    /// # Errors
    /// As for [`Self::start`].
    pub async fn resume(&self, id: GuestId) -> Result<()> {
        self.unfinished(id)
    }

    /// Gives a running guest `kib` of memory, live, and keeps it for its next start. Returns when
    /// the hypervisor took the target; what the guest then does is seen in [`Self::balloon`].
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] above the guest's maximum.
    pub async fn set_memory(&self, id: GuestId, kib: u64) -> Result<()> {
        let _ = kib;
        self.unfinished(id)
    }

    /// Reads the balloon now.
    ///
    /// # Errors
    /// [`ErrorKind::WrongState`] when the guest is off.
    pub async fn balloon(&self, id: GuestId) -> Result<BalloonReading> {
        self.unfinished(id).map(|()| BalloonReading::default())
    }

    /// What the guest's definition says; the live one while it runs.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when the guest is gone.
    pub async fn details(&self, id: GuestId) -> Result<Arc<GuestDetails>> {
        self.unfinished(id).map(|()| Arc::default())
    }

    /// The definition as XML; `inactive`: as of the next start.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when the guest is gone.
    pub async fn xml(&self, id: GuestId, inactive: bool) -> Result<String> {
        let _ = inactive;
        self.unfinished(id).map(|()| String::new())
    }

    /// The way to the guest's VNC display number `index`: a descriptor where the driver can and
    /// the connection is local and direct, an address otherwise.
    ///
    /// # Errors
    /// [`ErrorKind::WrongState`] when the guest is off, [`ErrorKind::NotSupported`] when it has no
    /// VNC display.
    pub async fn open_display(&self, id: GuestId, index: u32) -> Result<DisplayStream> {
        let _ = index;
        Err(self.unfinished(id).expect_err("x"))
    }

    /// A still of the guest's screen.
    ///
    /// # Errors
    /// [`ErrorKind::NotSupported`] where the driver takes none.
    pub async fn screenshot(&self, id: GuestId) -> Result<Still> {
        Err(self.unfinished(id).expect_err("x"))
    }

    /// Presses and releases keys together, without a display. `keycodes` are Linux key codes
    /// (`KEY_*`), at most 16.
    ///
    /// # Errors
    /// [`ErrorKind::NotSupported`] where the driver sends none.
    pub async fn send_keys(&self, id: GuestId, keycodes: &[u32]) -> Result<()> {
        let _ = keycodes;
        self.unfinished(id)
    }

    /// Adds a VNC display to the definition, beside what it has, from the next start on.
    ///
    /// # Errors
    /// As the hypervisor says.
    pub async fn add_vnc_display(&self, id: GuestId) -> Result<()> {
        self.unfinished(id)
    }

    /// Opens the guest's first text console. Dropping either side closes it; the guest stays on.
    ///
    /// # Errors
    /// [`ErrorKind::NotSupported`] where it has none.
    pub async fn open_console(&self, id: GuestId) -> Result<tokio::io::DuplexStream> {
        Err(self.unfinished(id).expect_err("x"))
    }

    /// Renames a guest that is off.
    ///
    /// # Errors
    /// [`ErrorKind::AlreadyExists`], [`ErrorKind::WrongState`] while it runs.
    pub async fn rename(&self, id: GuestId, name: &str) -> Result<()> {
        let _ = name;
        self.unfinished(id)
    }

    /// Removes a guest that is off, with its saved state, and the disks named.
    ///
    /// # Errors
    /// [`ErrorKind::WrongState`] while it runs. When a disk cannot be deleted the guest stays.
    pub async fn delete(&self, id: GuestId, options: DeleteOptions) -> Result<()> {
        let _ = options;
        self.unfinished(id)
    }

    /// Storage pools.
    ///
    /// # Errors
    /// As the hypervisor says.
    pub async fn pools(&self) -> Result<Vec<Pool>> {
        Ok(Vec::new())
    }

    /// Volumes of a pool, refreshed first.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is no such pool.
    pub async fn volumes(&self, pool: &str) -> Result<Vec<Volume>> {
        let _ = pool;
        Ok(Vec::new())
    }

    /// Virtual networks.
    ///
    /// # Errors
    /// As the hypervisor says.
    pub async fn networks(&self) -> Result<Vec<Network>> {
        Ok(Vec::new())
    }

    fn unfinished(&self, _id: GuestId) -> Result<()> {
        Err(Error::new(ErrorKind::NotSupported, "Not here yet."))
    }
}
