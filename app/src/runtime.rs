//! The process's one tokio runtime: timers, HTTP, display transports and libvirt's blocking calls.

use std::sync::{Mutex, OnceLock, PoisonError};

use tokio::runtime::{Builder, Handle, Runtime};

static HANDLE: OnceLock<Handle> = OnceLock::new();
static RUNTIME: Mutex<Option<Runtime>> = Mutex::new(None);

/// Starts the runtime. To be called once, before [`handle`].
///
/// # Errors
/// When the system gives no thread or no event descriptor.
pub fn start() -> std::io::Result<Handle> {
    let runtime = Builder::new_multi_thread()
        // The work here waits rather than computes; libvirt uses blocking threads, and decoding, which
        // does compute, makes room for others after each moment.
        .worker_threads(2)
        .thread_name("guesthouse-io")
        .enable_all()
        .build()?;
    let handle = HANDLE.get_or_init(|| runtime.handle().clone()).clone();
    *RUNTIME.lock().unwrap_or_else(PoisonError::into_inner) = Some(runtime);
    Ok(handle)
}

/// The runtime's handle.
///
/// # Panics
/// Before [`start`], which `main` calls first of all.
pub fn handle() -> Handle {
    HANDLE
        .get()
        .cloned()
        .expect("main starts the runtime before anything else")
}

/// Ends the runtime without waiting for anything: a hypervisor that hangs must not keep the
/// program from ending.
pub fn shut_down() {
    let runtime = RUNTIME
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take();
    if let Some(runtime) = runtime {
        runtime.shutdown_background();
    }
}
