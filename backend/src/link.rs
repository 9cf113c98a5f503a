//! One open libvirt connection with its callbacks.

use std::cell::Cell;
use std::ffi::CString;
use std::mem::ManuallyDrop;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::runtime::Handle;
use virt::connect::Connect;
use virt::domain::Domain;

use crate::asking::Attempt;
use crate::error::{Error, ErrorKind, Result};
use crate::events::{self, EventClass, Happening};
use crate::ffi::{auth, close, domain_events};
use crate::model::GuestId;
use crate::question::Field;
use crate::ssh::Master;
use crate::uri::Route;
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
    /// The ssh session it goes through, which ends after it.
    ssh: Option<Arc<Master>>,
    runtime: Handle,
    /// Whether lifecycle events come; without them the list has to be read now and then.
    pub(crate) has_events: bool,
}

impl Link {
    /// Opens the address of `attempt`, through `ssh` where one is given, and listens to it. Asks
    /// through the attempt what the host wants to know. Blocks, possibly for ever (a stopped daemon),
    /// until the attempt is called off.
    ///
    /// # Errors
    /// Why it cannot be opened.
    pub(crate) fn open<L: LinkListener>(
        attempt: &Attempt,
        ssh: Option<Arc<Master>>,
        listener: &Arc<L>,
        runtime: &Handle,
    ) -> Result<Self> {
        events::ensure_running()?;
        let uri = attempt.uri();
        let address = match &ssh {
            Some(master) => CString::new(master.through(uri)),
            None => CString::new(uri),
        };
        let address = address.map_err(|_| {
            Error::new(
                ErrorKind::InvalidInput,
                "A connection address cannot contain a null character.",
            )
        })?;
        let asked = Cell::new(false);
        let mut answer = |fields| {
            asked.set(true);
            attempt.ask_blocking(with_likely_user(uri, fields), runtime)
        };
        let wire = attempt.wire();
        let connect = wire
            .hold_during(|| auth::open(&address, &mut answer))
            .map_err(|error| Error::opening(uri, asked.get(), &error))
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
            ssh,
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

    /// The ssh session the connection goes through, where it does.
    pub(crate) fn ssh(&self) -> Option<&Arc<Master>> {
        self.ssh.as_ref()
    }

    /// The runtime that calls to the outside may use.
    pub(crate) fn runtime(&self) -> &Handle {
        &self.runtime
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

/// Proposes a user name where one is asked for: the address's, or this user's own.
fn with_likely_user(uri: &str, mut fields: Vec<Field>) -> Vec<Field> {
    for field in &mut fields {
        if field.prompt == auth::USER_NAME && field.default.is_none() {
            field.default = Route::of(uri).user().or_else(|| std::env::var("USER").ok());
        }
    }
    fields
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
        let ssh = self.ssh.take();
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
            drop(ssh);
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
