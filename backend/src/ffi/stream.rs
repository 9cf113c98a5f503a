//! Non-blocking libvirt streams that tell when they are ready. (The `virt` crate hands libvirt a
//! pointer to a stream that may move.)

use std::ffi::{c_int, c_void};
use std::sync::atomic::{AtomicI32, Ordering};

use virt::connect::Connect;
use virt::error::Error;
use virt::stream::Stream;
use virt_sys as sys;

use super::event_impl::drop_later;

pub(crate) const READABLE: i32 = sys::VIR_STREAM_EVENT_READABLE as i32;
pub(crate) const WRITABLE: i32 = sys::VIR_STREAM_EVENT_WRITABLE as i32;
const ENDED: i32 = (sys::VIR_STREAM_EVENT_ERROR | sys::VIR_STREAM_EVENT_HANGUP) as i32;

type Wake = Box<dyn Fn() + Send + Sync>;

/// A stream that does not block. Everything on it may be called from any thread that may block for
/// a moment.
pub(crate) struct EventStream {
    stream: Stream,
    /// Present once watched: what the callback saw and has not been asked for again.
    watched: bool,
}

/// What libvirt's callback gets.
struct Watcher {
    seen: std::sync::Arc<AtomicI32>,
    wake: Wake,
}

/// What a stream was seen to be ready for, shared with the callback.
#[derive(Debug, Clone, Default)]
pub(crate) struct Readiness(std::sync::Arc<AtomicI32>);

impl Readiness {
    /// Takes what was seen since the last time.
    pub(crate) fn take(&self) -> i32 {
        self.0.swap(0, Ordering::SeqCst)
    }

    /// Whether `seen` means that nothing more will come.
    pub(crate) fn is_end(seen: i32) -> bool {
        seen & ENDED != 0
    }
}

impl EventStream {
    /// A stream to hand to the call that opens it.
    ///
    /// # Errors
    /// As libvirt says.
    pub(crate) fn new(connection: &Connect) -> Result<Self, Error> {
        Ok(Self {
            stream: Stream::new(connection, sys::VIR_STREAM_NONBLOCK)?,
            watched: false,
        })
    }

    /// libvirt's stream.
    pub(crate) fn inner(&self) -> &Stream {
        &self.stream
    }

    /// Calls `wake` on the event thread when the stream is readable or has ended; what it is ready
    /// for is then in the result. After that nothing is reported until [`Self::rearm`].
    ///
    /// # Errors
    /// As libvirt says.
    pub(crate) fn watch(
        &mut self,
        wake: impl Fn() + Send + Sync + 'static,
    ) -> Result<Readiness, Error> {
        let readiness = Readiness::default();
        let watcher = Box::new(Watcher {
            seen: readiness.0.clone(),
            wake: Box::new(wake),
        });
        let opaque = Box::into_raw(watcher);
        // SAFETY: the stream is valid while borrowed; `opaque` stays valid until libvirt calls
        // `free_watcher` with it, which it does once.
        let result = unsafe {
            sys::virStreamEventAddCallback(
                self.stream.as_ptr(),
                READABLE | ENDED,
                Some(ready),
                opaque.cast(),
                Some(free_watcher),
            )
        };
        if result < 0 {
            let error = Error::last_error();
            // SAFETY: after a failure libvirt has not kept the pointer and never frees it.
            drop(unsafe { Box::from_raw(opaque) });
            return Err(error);
        }
        self.watched = true;
        Ok(readiness)
    }

    /// Asks to be woken once more: for the end, and for `events`.
    pub(crate) fn rearm(&self, events: i32) -> Result<(), Error> {
        // SAFETY: the stream is valid while borrowed.
        let result =
            unsafe { sys::virStreamEventUpdateCallback(self.stream.as_ptr(), events | ENDED) };
        if result < 0 {
            return Err(Error::last_error());
        }
        Ok(())
    }

    /// Reads what is there; `None` when nothing is, 0 at the end.
    ///
    /// # Errors
    /// As libvirt says.
    pub(crate) fn receive(&self, buffer: &mut [u8]) -> Result<Option<usize>, Error> {
        // -2: it would block.
        Ok(usize::try_from(self.stream.recv(buffer)?).ok())
    }

    /// Writes what the stream takes; `None` when it takes nothing now.
    ///
    /// # Errors
    /// As libvirt says.
    pub(crate) fn send(&self, data: &[u8]) -> Result<Option<usize>, Error> {
        Ok(usize::try_from(self.stream.send(data)?).ok())
    }

    /// Ends the stream and what is at its other side.
    pub(crate) fn close(self) {
        if self.watched {
            // SAFETY: the stream is valid; removing from a stream that ended is only an error.
            unsafe { sys::virStreamEventRemoveCallback(self.stream.as_ptr()) };
        }
        if let Err(error) = self.stream.abort() {
            // It had ended by itself.
            tracing::debug!(%error, "a stream was not aborted");
        }
    }
}

unsafe extern "C" fn ready(stream: sys::virStreamPtr, events: c_int, opaque: *mut c_void) {
    // libvirt reports for as long as it is so; once is enough.
    // SAFETY: the callback's own stream; updating from within is what the function is made for.
    unsafe { sys::virStreamEventUpdateCallback(stream, 0) };
    // SAFETY: the pointer given in `watch`, not freed before the callback is over.
    let watcher = unsafe { &*opaque.cast::<Watcher>() };
    watcher.seen.fetch_or(events, Ordering::SeqCst);
    (watcher.wake)();
}

unsafe extern "C" fn free_watcher(opaque: *mut c_void) {
    // SAFETY: the pointer given to libvirt in `watch`; libvirt frees it once.
    drop_later(unsafe { Box::from_raw(opaque.cast::<Watcher>()) });
}
