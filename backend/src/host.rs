//! [`Host`]: a cloneable handle on one connection.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::{broadcast, mpsc, watch};
use virt::domain::Domain;

pub use crate::console::{DisplayStream, Still};
use crate::error::{Error, ErrorKind, Result};
use crate::events::GuestEvent;
#[cfg(feature = "fake")]
use crate::fake::Script;
use crate::install;
use crate::job::Job;
use crate::keeper::{self, Line, Message};
use crate::link::Link;
use crate::model::{
    BalloonReading, GuestDetails, GuestId, HostInfo, HostSnapshot, HostState, Network, Pool, Volume,
};
use crate::operation::{Operation, Verb};
use crate::xml::domain as domain_xml;
use crate::{console, domain, network, saving, storage};

/// A handle on one libvirt connection. Clones share it. Every method may be awaited on any
/// executor, the GTK main loop included: the work itself runs on the runtime given at the start.
#[derive(Debug, Clone)]
pub struct Host {
    shared: Arc<Shared>,
}

/// What clones of a [`Host`] share; the connection closes with the last.
#[derive(Debug)]
struct Shared {
    route: Route,
    runtime: Handle,
    snapshots: watch::Receiver<Arc<HostSnapshot>>,
    events: broadcast::Sender<GuestEvent>,
    /// How many [`StatsInterest`]s live.
    interests: Mutex<usize>,
}

/// Who does the work.
#[derive(Debug)]
enum Route {
    Libvirt {
        line: Line,
        inbox: mpsc::UnboundedSender<Message>,
    },
    #[cfg(feature = "fake")]
    Fake(Arc<Script>),
}

impl Shared {
    fn tell(&self, message: Message) {
        match &self.route {
            Route::Libvirt { inbox, .. } => {
                // The keeper is gone only after closing.
                let _ = inbox.send(message);
            }
            #[cfg(feature = "fake")]
            Route::Fake(script) => script.tell(&message),
        }
    }

    fn change_interest(&self, change: impl FnOnce(usize) -> usize) {
        let mut interests = self
            .interests
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let before = *interests;
        *interests = change(before);
        // Told under the lock, so that it is told in order.
        if (before == 0) != (*interests == 0) {
            self.tell(Message::Interest(*interests > 0));
        }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.tell(Message::Close);
    }
}

/// Keeps the figures of a host's guests up to date while it lives; readings stop when the last one
/// is dropped.
#[derive(Debug)]
#[must_use = "figures are read only while this lives"]
pub struct StatsInterest {
    shared: Arc<Shared>,
}

impl Drop for StatsInterest {
    fn drop(&mut self) {
        self.shared.change_interest(|count| count.saturating_sub(1));
    }
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
        let post = keeper::start(uri, runtime);
        let route = Route::Libvirt {
            line: post.line,
            inbox: post.inbox,
        };
        Self::new(route, runtime, post.snapshots, post.events)
    }

    /// A host whose answers a test gives.
    #[cfg(feature = "fake")]
    pub(crate) fn scripted(
        script: Arc<Script>,
        runtime: &Handle,
        snapshots: watch::Receiver<Arc<HostSnapshot>>,
        events: broadcast::Sender<GuestEvent>,
    ) -> Self {
        Self::new(Route::Fake(script), runtime, snapshots, events)
    }

    fn new(
        route: Route,
        runtime: &Handle,
        snapshots: watch::Receiver<Arc<HostSnapshot>>,
        events: broadcast::Sender<GuestEvent>,
    ) -> Self {
        Self {
            shared: Arc::new(Shared {
                route,
                runtime: runtime.clone(),
                snapshots,
                events,
                interests: Mutex::new(0),
            }),
        }
    }

    /// The connection URI as given.
    pub fn uri(&self) -> String {
        self.shared.snapshots.borrow().uri.clone()
    }

    /// What is known now.
    pub fn snapshot(&self) -> Arc<HostSnapshot> {
        self.shared.snapshots.borrow().clone()
    }

    /// Snapshots as they change.
    pub fn watch(&self) -> watch::Receiver<Arc<HostSnapshot>> {
        self.shared.snapshots.clone()
    }

    /// What happens to guests, as it is reported; the snapshot follows a moment later. A receiver
    /// that is slow is told that it missed some.
    pub fn events(&self) -> broadcast::Receiver<GuestEvent> {
        self.shared.events.subscribe()
    }

    /// Waits until the connection is up and its guests are listed, or until it has failed.
    /// [`HostSnapshot::info`] may come a moment later: see [`Self::info`].
    ///
    /// # Errors
    /// Why it failed; [`ErrorKind::NotAnswering`] when the host neither lets in nor turns away.
    pub async fn connected(&self) -> Result<Arc<HostSnapshot>> {
        self.wait_for(|snapshot| matches!(snapshot.state, HostState::Connected))
            .await
    }

    /// Waits until the connection is up and it is known what the host is and can do.
    ///
    /// # Errors
    /// As for [`Self::connected`].
    pub async fn info(&self) -> Result<Arc<HostInfo>> {
        let snapshot = self.wait_for(|snapshot| snapshot.info.is_some()).await?;
        snapshot.info.clone().ok_or_else(not_connected)
    }

    async fn wait_for(&self, wanted: impl Fn(&HostSnapshot) -> bool) -> Result<Arc<HostSnapshot>> {
        let mut snapshots = self.watch();
        let settled = snapshots
            .wait_for(|snapshot| {
                let failed =
                    !matches!(snapshot.state, HostState::Connecting | HostState::Connected);
                failed || wanted(snapshot)
            })
            .await
            .map_err(|_| not_connected())?
            .clone();
        match &settled.state {
            _ if wanted(&settled) => Ok(settled),
            HostState::Failed { error, .. } => Err(error.clone()),
            HostState::NotAnswering { since } => Err(Error::new(
                ErrorKind::NotAnswering,
                format!(
                    "The host has not answered for {} seconds.",
                    since.elapsed().as_secs()
                ),
            )
            .with_remedy("It is tried further; look whether it is up.")),
            _ => Err(not_connected()),
        }
    }

    /// Tries the connection again now. A host that was closed stays closed.
    pub fn reconnect(&self) {
        self.shared.tell(Message::Reconnect);
    }

    /// Closes the connection; the snapshot then says [`HostState::Closed`].
    pub fn close(&self) {
        self.shared.tell(Message::Close);
    }

    /// Asks for figures (CPU, balloon) of all running guests about once a second while the
    /// returned value lives.
    pub fn watch_stats(&self) -> StatsInterest {
        self.shared.change_interest(|count| count + 1);
        StatsInterest {
            shared: self.shared.clone(),
        }
    }

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
        self.on_guest(id, Verb::OpenDisplay(index), move |_, domain| {
            console::open_display(&uri, domain, index)
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

    /// Storage pools.
    ///
    /// # Errors
    /// As the hypervisor says.
    pub async fn pools(&self) -> Result<Vec<Pool>> {
        self.run(Operation::Host("pools"), storage::pools).await
    }

    /// Volumes of a pool, refreshed first.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is no such pool.
    pub async fn volumes(&self, pool: &str) -> Result<Vec<Volume>> {
        let pool = pool.to_owned();
        self.run(Operation::Host("volumes"), move |link| {
            storage::volumes(link, &pool)
        })
        .await
    }

    /// Virtual networks.
    ///
    /// # Errors
    /// As the hypervisor says.
    pub async fn networks(&self) -> Result<Vec<Network>> {
        self.run(Operation::Host("networks"), network::networks)
            .await
    }

    /// Runs `work` on a guest, on a thread that may block.
    pub(crate) async fn on_guest<T, F>(&self, id: GuestId, verb: Verb, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Link, &Domain) -> Result<T> + Send + 'static,
    {
        let wanted = verb.wants_active();
        self.run(Operation::Guest(id, verb), move |link| {
            let domain = link.domain(id)?;
            work(link, &domain).map_err(|error| domain::recognise_state(error, &domain, wanted))
        })
        .await
    }

    /// Runs `work` on the connection, on a thread that may block, within the operation's time.
    ///
    /// # Errors
    /// What `work` fails with, told in terms of the operation; [`ErrorKind::Disconnected`] when
    /// there is no connection; [`ErrorKind::NotAnswering`] when it takes too long.
    pub(crate) async fn run<T, F>(&self, operation: Operation, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Link) -> Result<T> + Send + 'static,
    {
        self.run_within(operation.limit(), operation, work).await
    }

    /// The same with a time limit of its own.
    ///
    /// # Errors
    /// As for [`Self::run`].
    pub(crate) async fn run_within<T, F>(
        &self,
        limit: Duration,
        operation: Operation,
        work: F,
    ) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Link) -> Result<T> + Send + 'static,
    {
        let result = match &self.shared.route {
            Route::Libvirt { line, .. } => line.call(limit, work).await,
            #[cfg(feature = "fake")]
            Route::Fake(script) => script.answer(operation.clone()).await,
        };
        result.map_err(|error| {
            tracing::debug!(operation = operation.name(), %error, detail = error.detail(), "failed");
            operation.explain(error)
        })
    }

    /// The runtime this host's work runs on.
    pub fn runtime(&self) -> &Handle {
        &self.shared.runtime
    }
}

fn not_connected() -> Error {
    Error::new(ErrorKind::Disconnected, "The host is not connected.")
}
