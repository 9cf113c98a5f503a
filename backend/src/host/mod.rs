//! [`Host`]: a cloneable handle on one connection.

mod guests;
mod saving;
mod storage;

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::{broadcast, mpsc, watch};
use tokio::task::AbortHandle;
use virt::domain::Domain;

pub use crate::console::{DisplayStream, Still};
use crate::domain;
use crate::error::{Error, ErrorKind, Result};
use crate::events::GuestEvent;
#[cfg(feature = "fake")]
use crate::fake::Script;
use crate::keeper::{self, Line, Message, Reboots};
use crate::link::Link;
use crate::model::{GuestId, HostInfo, HostSnapshot, HostState};
use crate::operation::{Operation, Verb};
use crate::question::Asker;
use crate::uri;
pub use guests::DeleteOptions;

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
                // The keeper is gone only with the last handle.
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
        self.tell(Message::End);
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

/// See [`Host::look_after`].
#[derive(Debug)]
pub(crate) struct Attention {
    looking: AbortHandle,
    shared: Weak<Shared>,
    id: GuestId,
}

impl Drop for Attention {
    fn drop(&mut self) {
        self.looking.abort();
        if let Some(shared) = self.shared.upgrade() {
            shared.tell(Message::Changed(self.id));
        }
    }
}

impl Host {
    /// A host for `uri`. Returns at once: the connection is made in the background, kept alive,
    /// and remade when it breaks. Must be called on a thread that may start threads; never blocks.
    ///
    /// A host that asks something is not connected ([`ErrorKind::AuthenticationFailed`]): nobody is
    /// there to answer.
    pub fn open(uri: &str, runtime: &Handle) -> Self {
        Self::begin(uri, runtime, None)
    }

    /// The same, with somebody to ask for passwords and the like. There is one question at a time;
    /// while it waits for its answer the host is [`HostState::Connecting`]. One that is dropped ends
    /// the attempt ([`ErrorKind::Cancelled`]), and it is not tried again by itself. What a host
    /// accepted is given once more without asking when the connection has to be remade.
    pub fn open_asking(uri: &str, runtime: &Handle, asker: Asker) -> Self {
        Self::begin(uri, runtime, Some(asker))
    }

    fn begin(uri: &str, runtime: &Handle, asker: Option<Asker>) -> Self {
        let post = keeper::start(uri, runtime, asker);
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

    /// The name or address of the computer that the URI leads to, where it is another than this one.
    pub fn remote_name(&self) -> Option<String> {
        uri::remote_host(&self.uri()).map(str::to_owned)
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

    /// Tries the connection again now; opens a host that was closed.
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

    /// Runs `work` on a guest, on a thread that may block. It is not begun any more when the host did
    /// not say in time that it has the guest.
    pub(crate) async fn on_guest<T, F>(&self, id: GuestId, verb: Verb, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Link, &Domain) -> Result<T> + Send + 'static,
    {
        let wanted = verb.wants_active();
        let operation = Operation::Guest(id, verb);
        let find = move |link: &Link| link.domain(id);
        let work = move |link: &Link, domain: Domain| {
            work(link, &domain).map_err(|error| domain::recognise_state(error, &domain, wanted))
        };
        self.run_in_two(operation.limit(), operation, find, work)
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
        self.run_in_two(limit, operation, |_| Ok(()), move |link, ()| work(link))
            .await
    }

    /// The same in two parts, of which the first changes nothing: see [`Line::command`].
    async fn run_in_two<P, T, L, F>(
        &self,
        limit: Duration,
        operation: Operation,
        find: L,
        work: F,
    ) -> Result<T>
    where
        T: Send + 'static,
        L: FnOnce(&Link) -> Result<P> + Send + 'static,
        F: FnOnce(&Link, P) -> Result<T> + Send + 'static,
    {
        let result = match &self.shared.route {
            Route::Libvirt { line, .. } => line.command(limit, find, work).await,
            #[cfg(feature = "fake")]
            Route::Fake(script) => script.answer(operation.clone()).await,
        };
        result.map_err(|error| {
            tracing::debug!(operation = operation.name(), %error, detail = error.detail(), "failed");
            operation.explain(error)
        })
    }

    /// The connection, while it is up: for questions with time limits of their own.
    pub(crate) fn link(&self) -> Option<Arc<Link>> {
        match &self.shared.route {
            Route::Libvirt { line, .. } if self.snapshot().state == HostState::Connected => {
                line.link()
            }
            Route::Libvirt { .. } => None,
            #[cfg(feature = "fake")]
            Route::Fake(_) => None,
        }
    }

    /// The guests that were asked to reboot, where a reboot takes them through being off: on Xen.
    fn reboots(&self) -> Option<&Reboots> {
        match &self.shared.route {
            Route::Libvirt { line, .. } if self.is_of_xen() => Some(&line.reboots),
            Route::Libvirt { .. } => None,
            #[cfg(feature = "fake")]
            Route::Fake(_) => None,
        }
    }

    /// Whether Xen's driver is asked.
    fn is_of_xen(&self) -> bool {
        uri::Route::of(&self.snapshot().uri).driver == "xen"
    }

    /// Has the guest looked at again and again while the returned value lives, and once more then:
    /// QEMU's driver tells of a guest whose saved memory is being read only when it has been read, and
    /// not always when that failed.
    pub(crate) fn look_after(&self, id: GuestId) -> Attention {
        const PACE: Duration = Duration::from_secs(1);
        // Not the host itself, which closes with its last handle.
        let shared = Arc::downgrade(&self.shared);
        let looking = self.runtime().spawn({
            let shared = shared.clone();
            async move {
                loop {
                    tokio::time::sleep(PACE).await;
                    let Some(shared) = shared.upgrade() else {
                        return;
                    };
                    shared.tell(Message::Changed(id));
                }
            }
        });
        Attention {
            looking: looking.abort_handle(),
            shared,
            id,
        }
    }

    /// The runtime this host's work runs on.
    pub fn runtime(&self) -> &Handle {
        &self.shared.runtime
    }
}

fn not_connected() -> Error {
    Error::new(ErrorKind::Disconnected, "The host is not connected.")
}
