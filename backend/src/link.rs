//! One open libvirt connection with its callbacks.

use std::mem::ManuallyDrop;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::runtime::Handle;
use virt::connect::Connect;
use virt::domain::Domain;

use crate::error::{Error, ErrorKind, Result};
use crate::events::{self, EventClass, Happening};
use crate::ffi::{close, domain_events};
use crate::model::GuestId;
use crate::wire::Wire;

/// Seconds between libvirt's keepalive messages, and how many may stay unanswered: a connection
/// that says nothing for half a minute is given up. Local ones too: a stopped daemon hangs as well.
const KEEPALIVE: (i32, u32) = (5, 5);

/// What a connection tells about itself. Called on the event thread: must not block.
pub(crate) trait LinkListener: Send + Sync + 'static {
    /// Something happened to a guest.
    fn happened(&self, id: GuestId, happening: Happening);
    /// The connection broke.
    fn lost(&self);
}

/// An open connection. The last owner may drop it anywhere: closing happens on a thread that may
/// block.
pub(crate) struct Link {
    /// Present until dropped.
    connect: Option<Connect>,
    registrations: Mutex<Vec<i32>>,
    watches_closing: bool,
    wire: Wire,
    runtime: Handle,
    /// Whether lifecycle events come; without them the list has to be read now and then.
    pub(crate) has_events: bool,
}

impl Link {
    /// Opens `uri` and listens to it. Blocks, possibly for ever (a stopped daemon), until `wire` is cut.
    ///
    /// # Errors
    /// Why it cannot be opened.
    pub(crate) fn open<L: LinkListener>(
        uri: &str,
        listener: &Arc<L>,
        wire: &Wire,
        runtime: &Handle,
    ) -> Result<Self> {
        events::ensure_running()?;
        if uri.contains('\0') {
            return Err(Error::new(
                ErrorKind::InvalidInput,
                "A connection address cannot contain a null character.",
            ));
        }
        let connect = wire
            .hold_during(|| Connect::open(Some(uri)))
            .map_err(|error| Error::opening(uri, &error))
            .inspect_err(|_| wire.let_go())?;
        // Drivers within this process have nothing to keep alive.
        if let Err(error) = connect.set_keep_alive(KEEPALIVE.0, KEEPALIVE.1) {
            tracing::debug!(uri, %error, "no keepalive");
        }
        let on_close = listener.clone();
        let watches_closing = match close::register(&connect, move |_reason| on_close.lost()) {
            Ok(()) => true,
            Err(error) => {
                tracing::debug!(uri, %error, "the driver does not report a broken connection");
                false
            }
        };
        let mut link = Self {
            connect: Some(connect),
            registrations: Mutex::default(),
            watches_closing,
            wire: wire.clone(),
            runtime: runtime.clone(),
            has_events: false,
        };
        // Before anything is read, so that no change falls between.
        link.has_events = link.listen(EventClass::Lifecycle, listener);
        Ok(link)
    }

    /// Registers for the events beyond the lifecycle. Blocks.
    pub(crate) fn listen_further<L: LinkListener>(&self, listener: &Arc<L>) {
        for class in EventClass::SECONDARY {
            self.listen(class, listener);
        }
    }

    fn listen<L: LinkListener>(&self, class: EventClass, listener: &Arc<L>) -> bool {
        let listener = listener.clone();
        let told = move |id, happening| listener.happened(id, happening);
        match domain_events::register(self.connect(), class, told) {
            Ok(registration) => {
                self.registrations
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(registration);
                true
            }
            Err(error) => {
                tracing::debug!(?class, %error, "the driver does not report these events");
                false
            }
        }
    }

    /// libvirt's connection.
    pub(crate) fn connect(&self) -> &Connect {
        self.connect
            .as_ref()
            .expect("taken only when dropped, when nobody borrows it")
    }

    /// The guest with that identity.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when it is gone.
    pub(crate) fn domain(&self, id: GuestId) -> Result<Domain> {
        self.connect()
            .lookup_domain_by_uuid(id.0)
            .map_err(|error| Error::from(error).if_not_found("The guest is not there any more."))
    }

    /// Breaks the connection at once; every call that waits on it fails.
    pub(crate) fn cut(&self) {
        self.wire.cut();
    }

    /// Whether the connection still stands, as far as this side knows; asks nobody.
    pub(crate) fn is_alive(&self) -> bool {
        // Drivers that cannot tell are those without a wire to break.
        self.connect().is_alive().unwrap_or(true)
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        let Some(connect) = self.connect.take() else {
            return;
        };
        let registrations = std::mem::take(
            &mut *self
                .registrations
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        );
        let watches_closing = self.watches_closing;
        let wire = self.wire.clone();
        // Closing talks to the daemon. When the runtime is gone the program is ending, and the
        // connection is left to the end of the process rather than waited for.
        let connect = ManuallyDrop::new(connect);
        self.runtime.spawn_blocking(move || {
            let connect = ManuallyDrop::into_inner(connect);
            for registration in registrations {
                domain_events::deregister(&connect, registration);
            }
            if watches_closing {
                close::unregister(&connect);
            }
            drop(connect);
            wire.let_go();
        });
    }
}

impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Link")
            .field("has_events", &self.has_events)
            .finish_non_exhaustive()
    }
}
