//! Hands our event loop to libvirt (`virEventRegisterImpl`).

use std::ffi::{c_int, c_void};
use std::os::fd::{BorrowedFd, RawFd};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use virt_sys as sys;

use crate::events::event_loop::{EventLoop, HandleCallback, TimerCallback};
use crate::wire;

/// The loop libvirt was given. Set once, before libvirt learns of the functions below.
static LOOP: OnceLock<&'static EventLoop> = OnceLock::new();

type HandleFn = unsafe extern "C" fn(c_int, c_int, c_int, *mut c_void);
type TimerFn = unsafe extern "C" fn(c_int, *mut c_void);
type FreeFn = unsafe extern "C" fn(*mut c_void);

/// A callback of libvirt's with the data it wants back.
struct Callback<F> {
    function: F,
    opaque: *mut c_void,
    free: Option<FreeFn>,
}

// SAFETY: libvirt's contract for event implementations is that callbacks and free functions may be
// called on the loop's thread, whichever thread registered them; the pointer itself is only handed
// back.
unsafe impl<F: Send> Send for Callback<F> {}
// SAFETY: as above; shared access reads the two pointers and nothing else.
unsafe impl<F: Sync> Sync for Callback<F> {}

impl<F> Drop for Callback<F> {
    fn drop(&mut self) {
        if let Some(free) = self.free {
            // SAFETY: called once, when nobody can call the callback any more, on the loop's
            // thread with no lock of ours held: what libvirt asks for its free functions.
            unsafe { free(self.opaque) }
        }
    }
}

impl HandleCallback for Callback<HandleFn> {
    fn ready(&self, watch: i32, fd: RawFd, events: i32) {
        // SAFETY: function and data came together and the data is freed only on drop.
        unsafe { (self.function)(watch, fd, events, self.opaque) }
    }
}

impl TimerCallback for Callback<TimerFn> {
    fn due(&self, timer: i32) {
        // SAFETY: as for handles.
        unsafe { (self.function)(timer, self.opaque) }
    }
}

/// Makes `events` the loop of this process's libvirt. Only the first call counts; it must come
/// before the first connection is opened.
pub(crate) fn register(events: &'static EventLoop) {
    if LOOP.set(events).is_err() {
        return;
    }
    // SAFETY: the functions live as long as the process and follow the signatures of libvirt.
    unsafe {
        sys::virEventRegisterImpl(
            Some(add_handle),
            Some(update_handle),
            Some(remove_handle),
            Some(add_timeout),
            Some(update_timeout),
            Some(remove_timeout),
        );
    }
}

/// Drops `value` on the loop's thread, outside locks. For data libvirt frees while it holds locks.
pub(super) fn drop_later(value: Box<dyn std::any::Any + Send>) {
    match LOOP.get() {
        Some(events) => events.drop_later(value),
        None => drop(value),
    }
}

/// libvirt's intervals: milliseconds, negative for a stopped timer.
fn interval(milliseconds: c_int) -> Option<Duration> {
    u64::try_from(milliseconds).ok().map(Duration::from_millis)
}

/// What libvirt is told of a registration. One that failed leaves the data libvirt's own: dropped, the
/// callback would free it.
fn number<T>(id: Option<i32>, callback: Arc<T>) -> c_int {
    id.unwrap_or_else(|| {
        std::mem::forget(callback);
        -1
    })
}

unsafe extern "C" fn add_handle(
    fd: c_int,
    events: c_int,
    function: sys::virEventHandleCallback,
    opaque: *mut c_void,
    free: sys::virFreeCallback,
) -> c_int {
    let (Some(registered), Some(function)) = (LOOP.get(), function) else {
        return -1;
    };
    // SAFETY: libvirt owns the descriptor and keeps it open while it asks for it to be watched.
    wire::note(unsafe { BorrowedFd::borrow_raw(fd) });
    let callback = Arc::new(Callback::<HandleFn> {
        function,
        opaque,
        free,
    });
    number(
        registered.add_handle(fd, events, callback.clone()),
        callback,
    )
}

unsafe extern "C" fn update_handle(watch: c_int, events: c_int) {
    if let Some(registered) = LOOP.get() {
        registered.update_handle(watch, events);
    }
}

unsafe extern "C" fn remove_handle(watch: c_int) -> c_int {
    let removed = LOOP.get().is_some_and(|events| events.remove_handle(watch));
    if removed { 0 } else { -1 }
}

unsafe extern "C" fn add_timeout(
    milliseconds: c_int,
    function: sys::virEventTimeoutCallback,
    opaque: *mut c_void,
    free: sys::virFreeCallback,
) -> c_int {
    let (Some(registered), Some(function)) = (LOOP.get(), function) else {
        return -1;
    };
    let callback = Arc::new(Callback::<TimerFn> {
        function,
        opaque,
        free,
    });
    number(
        registered.add_timer(interval(milliseconds), callback.clone()),
        callback,
    )
}

unsafe extern "C" fn update_timeout(timer: c_int, milliseconds: c_int) {
    if let Some(registered) = LOOP.get() {
        registered.update_timer(timer, interval(milliseconds));
    }
}

unsafe extern "C" fn remove_timeout(timer: c_int) -> c_int {
    let removed = LOOP.get().is_some_and(|events| events.remove_timer(timer));
    if removed { 0 } else { -1 }
}
