//! The event loop that libvirt's client code runs on: file handles and timers of its connections,
//! watched with poll(2) on one thread for the life of the process.
//!
//! libvirt's own default loop attaches itself to `GLib`'s default main context, which in this
//! program belongs to GTK; its sources would then run on the wrong thread. Hence this one.
//!
//! Rules that keep it sound, all learnt from what libvirt expects of a loop:
//! - callbacks run on the loop's thread, never under its lock, so they may add and remove;
//! - a removed callback is not called again, but one that is running is left to finish;
//! - what a callback owns is freed later, by the loop's thread, outside locks: libvirt removes
//!   handles while it holds locks that freeing would take.

use std::any::Any;
use std::collections::BTreeMap;
use std::io::{self, PipeReader, PipeWriter, Read as _, Write as _};
use std::os::fd::{AsRawFd as _, RawFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::ffi::poll::poll;

/// Readiness bits as libvirt counts them (`virEventHandleType`).
pub(crate) const READABLE: i32 = 1;
pub(crate) const WRITABLE: i32 = 2;
pub(crate) const ERROR: i32 = 4;
pub(crate) const HANGUP: i32 = 8;

/// What is called when a file handle is ready. Dropping it frees what it owns.
pub(crate) trait HandleCallback: Send + Sync {
    /// `fd` of `watch` is ready for `events`.
    fn ready(&self, watch: i32, fd: RawFd, events: i32);
}

/// What is called when a timer is due. Dropping it frees what it owns.
pub(crate) trait TimerCallback: Send + Sync {
    /// `timer` is due.
    fn due(&self, timer: i32);
}

struct Handle {
    fd: RawFd,
    events: i32,
    callback: Arc<dyn HandleCallback>,
}

struct Timer {
    interval: Option<Duration>,
    due: Option<Instant>,
    callback: Arc<dyn TimerCallback>,
}

#[derive(Default)]
struct State {
    handles: BTreeMap<i32, Handle>,
    timers: BTreeMap<i32, Timer>,
    last_id: i32,
    /// Removed callbacks and other things to drop on the loop's thread.
    graveyard: Vec<Box<dyn Any + Send>>,
}

impl State {
    fn next_id(&mut self) -> Option<i32> {
        self.last_id = self.last_id.checked_add(1)?;
        Some(self.last_id)
    }
}

/// See the module.
pub(crate) struct EventLoop {
    state: Mutex<State>,
    wake_reader: PipeReader,
    wake_writer: PipeWriter,
    wake_pending: AtomicBool,
}

impl EventLoop {
    /// A loop with nothing to watch, not running yet.
    ///
    /// # Errors
    /// When the process may open no more files.
    pub(crate) fn new() -> io::Result<Self> {
        let (wake_reader, wake_writer) = io::pipe()?;
        Ok(Self {
            state: Mutex::default(),
            wake_reader,
            wake_writer,
            wake_pending: AtomicBool::new(false),
        })
    }

    /// Watches `fd`; no bits means not yet. `None` when all numbers are used up.
    pub(crate) fn add_handle(
        &self,
        fd: RawFd,
        events: i32,
        callback: Arc<dyn HandleCallback>,
    ) -> Option<i32> {
        let mut state = self.state();
        let id = state.next_id()?;
        let handle = Handle {
            fd,
            events,
            callback,
        };
        state.handles.insert(id, handle);
        drop(state);
        self.wake();
        Some(id)
    }

    /// Changes what is waited for.
    pub(crate) fn update_handle(&self, watch: i32, events: i32) {
        if let Some(handle) = self.state().handles.get_mut(&watch) {
            handle.events = events;
        }
        self.wake();
    }

    /// Stops watching. `false` when there is no such watch.
    pub(crate) fn remove_handle(&self, watch: i32) -> bool {
        let mut state = self.state();
        let Some(handle) = state.handles.remove(&watch) else {
            return false;
        };
        state.graveyard.push(Box::new(handle.callback));
        drop(state);
        self.wake();
        true
    }

    /// Adds a timer that is due every `interval` (`None`: not until updated).
    pub(crate) fn add_timer(
        &self,
        interval: Option<Duration>,
        callback: Arc<dyn TimerCallback>,
    ) -> Option<i32> {
        let mut state = self.state();
        let id = state.next_id()?;
        let timer = Timer {
            interval,
            due: due_after(interval),
            callback,
        };
        state.timers.insert(id, timer);
        drop(state);
        self.wake();
        Some(id)
    }

    /// Restarts a timer with another interval (`None`: stops it).
    pub(crate) fn update_timer(&self, timer: i32, interval: Option<Duration>) {
        if let Some(timer) = self.state().timers.get_mut(&timer) {
            timer.interval = interval;
            timer.due = due_after(interval);
        }
        self.wake();
    }

    /// Removes a timer. `false` when there is no such timer.
    pub(crate) fn remove_timer(&self, timer: i32) -> bool {
        let mut state = self.state();
        let Some(timer) = state.timers.remove(&timer) else {
            return false;
        };
        state.graveyard.push(Box::new(timer.callback));
        drop(state);
        self.wake();
        true
    }

    /// Drops `value` on the loop's thread, outside locks.
    pub(crate) fn drop_later(&self, value: Box<dyn Any + Send>) {
        self.state().graveyard.push(value);
        self.wake();
    }

    /// Runs for ever.
    pub(crate) fn run(&self) -> ! {
        loop {
            if let Err(error) = self.run_once() {
                // Out of memory in the kernel, or a descriptor limit lowered below what is open:
                // nothing to do but to try again, without spinning.
                tracing::error!(%error, "poll failed in the libvirt event loop");
                std::thread::sleep(Duration::from_millis(100));
            }
        }
    }

    /// Waits for something to happen and serves it.
    fn run_once(&self) -> io::Result<()> {
        let (watches, mut fds, timeout) = self.gather();
        poll(&mut fds, timeout)?;
        if fds[0].revents != 0 {
            self.swallow_wake();
        }
        self.serve_timers(Instant::now());
        for (watch, fd) in watches.iter().zip(&fds[1..]) {
            if fd.revents != 0 {
                self.serve_handle(*watch, from_poll(fd.revents));
            }
        }
        let graveyard = std::mem::take(&mut self.state().graveyard);
        drop(graveyard);
        Ok(())
    }

    /// What to poll now: watches, their descriptors after that of the wake-up pipe, and how long.
    fn gather(&self) -> (Vec<i32>, Vec<libc::pollfd>, i32) {
        let state = self.state();
        let mut watches = Vec::with_capacity(state.handles.len());
        let mut fds = Vec::with_capacity(state.handles.len() + 1);
        fds.push(poll_fd(self.wake_reader.as_raw_fd(), READABLE));
        for (&watch, handle) in &state.handles {
            if handle.events != 0 {
                watches.push(watch);
                fds.push(poll_fd(handle.fd, handle.events));
            }
        }
        let now = Instant::now();
        let timeout = if state.graveyard.is_empty() {
            let first = state.timers.values().filter_map(|timer| timer.due).min();
            first.map_or(-1, |due| {
                // Rounded up, or the loop would spin during the last fraction of a millisecond.
                let wait = due
                    .saturating_duration_since(now)
                    .as_nanos()
                    .div_ceil(1_000_000);
                i32::try_from(wait).unwrap_or(i32::MAX)
            })
        } else {
            0
        };
        (watches, fds, timeout)
    }

    fn serve_timers(&self, now: Instant) {
        let due: Vec<i32> = {
            let mut state = self.state();
            let due_timers = state
                .timers
                .iter_mut()
                .filter(|(_, timer)| timer.due.is_some_and(|due| due <= now));
            due_timers
                .map(|(&id, timer)| {
                    timer.due = due_after(timer.interval);
                    id
                })
                .collect()
        };
        for id in due {
            // Looked up anew: an earlier callback may have removed it.
            let callback = self
                .state()
                .timers
                .get(&id)
                .map(|timer| timer.callback.clone());
            if let Some(callback) = callback {
                callback.due(id);
            }
        }
    }

    fn serve_handle(&self, watch: i32, ready: i32) {
        let found = {
            let state = self.state();
            state.handles.get(&watch).map(|handle| {
                // Asked for since, or reported whether asked for or not.
                let events = ready & (handle.events | ERROR | HANGUP);
                (handle.fd, events, handle.callback.clone())
            })
        };
        if let Some((fd, events, callback)) = found
            && events != 0
        {
            callback.ready(watch, fd, events);
        }
    }

    fn wake(&self) {
        // One byte at most is under way, so the write cannot block.
        if !self.wake_pending.swap(true, Ordering::SeqCst)
            && let Err(error) = (&self.wake_writer).write_all(&[0])
        {
            tracing::error!(%error, "the libvirt event loop cannot be woken");
        }
    }

    fn swallow_wake(&self) {
        let mut byte = [0];
        if let Err(error) = (&self.wake_reader).read(&mut byte) {
            tracing::error!(%error, "the libvirt event loop's wake-up pipe broke");
        }
        // Only now: whoever wakes from here on writes again, and what was changed before is seen
        // when the loop gathers next.
        self.wake_pending.store(false, Ordering::SeqCst);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No callback runs under the lock, so a panic cannot leave the tables half changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn due_after(interval: Option<Duration>) -> Option<Instant> {
    interval.and_then(|interval| Instant::now().checked_add(interval))
}

fn poll_fd(fd: RawFd, events: i32) -> libc::pollfd {
    let mut bits = 0;
    if events & READABLE != 0 {
        bits |= libc::POLLIN;
    }
    if events & WRITABLE != 0 {
        bits |= libc::POLLOUT;
    }
    libc::pollfd {
        fd,
        events: bits,
        revents: 0,
    }
}

fn from_poll(revents: libc::c_short) -> i32 {
    let mut events = 0;
    if revents & libc::POLLIN != 0 {
        events |= READABLE;
    }
    if revents & libc::POLLOUT != 0 {
        events |= WRITABLE;
    }
    // A descriptor that was closed behind the loop's back is an error like any other.
    if revents & (libc::POLLERR | libc::POLLNVAL) != 0 {
        events |= ERROR;
    }
    if revents & libc::POLLHUP != 0 {
        events |= HANGUP;
    }
    events
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixStream;
    use std::sync::mpsc;

    use super::*;

    struct Tell(mpsc::Sender<(i32, i32)>);

    impl HandleCallback for Tell {
        fn ready(&self, watch: i32, _: RawFd, events: i32) {
            let _ = self.0.send((watch, events));
        }
    }

    impl TimerCallback for Tell {
        fn due(&self, timer: i32) {
            let _ = self.0.send((timer, 0));
        }
    }

    struct TellDrop(mpsc::Sender<std::thread::ThreadId>);

    impl HandleCallback for TellDrop {
        fn ready(&self, _: i32, _: RawFd, _: i32) {}
    }

    impl Drop for TellDrop {
        fn drop(&mut self) {
            let _ = self.0.send(std::thread::current().id());
        }
    }

    fn running() -> (&'static EventLoop, std::thread::ThreadId) {
        let events: &'static EventLoop = Box::leak(Box::new(EventLoop::new().unwrap()));
        let thread = std::thread::spawn(move || events.run());
        (events, thread.thread().id())
    }

    const LONG: Duration = Duration::from_mins(2);

    #[test]
    fn a_ready_descriptor_is_reported_with_what_was_asked() {
        let (events, _) = running();
        let (ours, theirs) = UnixStream::pair().unwrap();
        let (tell, told) = mpsc::channel();
        let watch = events
            .add_handle(ours.as_raw_fd(), WRITABLE, Arc::new(Tell(tell)))
            .unwrap();
        assert_eq!(told.recv_timeout(LONG).unwrap(), (watch, WRITABLE));
        events.update_handle(watch, READABLE);
        (&theirs).write_all(b"x").unwrap();
        let readable = std::iter::from_fn(|| told.recv_timeout(LONG).ok())
            .find(|&(_, events)| events == READABLE);
        assert_eq!(readable, Some((watch, READABLE)));
    }

    #[test]
    fn hang_up_is_reported_unasked() {
        let (events, _) = running();
        let (ours, theirs) = UnixStream::pair().unwrap();
        let (tell, told) = mpsc::channel();
        events
            .add_handle(ours.as_raw_fd(), READABLE, Arc::new(Tell(tell)))
            .unwrap();
        drop(theirs);
        let (_, seen) = told.recv_timeout(LONG).unwrap();
        assert_ne!(seen & HANGUP, 0);
    }

    #[test]
    fn a_timer_repeats_until_stopped() {
        let (events, _) = running();
        let (tell, told) = mpsc::channel();
        let timer = events
            .add_timer(Some(Duration::from_millis(1)), Arc::new(Tell(tell)))
            .unwrap();
        for _ in 0..3 {
            assert_eq!(told.recv_timeout(LONG).unwrap(), (timer, 0));
        }
        assert!(events.remove_timer(timer));
        assert!(!events.remove_timer(timer));
        // The sender goes with the callback, so the channel closes: nothing comes any more.
        while told.recv_timeout(LONG).is_ok() {}
        assert!(matches!(
            told.try_recv(),
            Err(mpsc::TryRecvError::Disconnected)
        ));
    }

    #[test]
    fn a_stopped_timer_waits_for_its_update() {
        let (events, _) = running();
        let (tell, told) = mpsc::channel();
        let timer = events.add_timer(None, Arc::new(Tell(tell))).unwrap();
        events.update_timer(timer, Some(Duration::ZERO));
        assert_eq!(told.recv_timeout(LONG).unwrap(), (timer, 0));
    }

    #[test]
    fn removed_callbacks_are_dropped_by_the_loop() {
        let (events, loop_thread) = running();
        let (ours, _theirs) = UnixStream::pair().unwrap();
        let (tell, told) = mpsc::channel();
        let watch = events
            .add_handle(ours.as_raw_fd(), 0, Arc::new(TellDrop(tell)))
            .unwrap();
        assert!(events.remove_handle(watch));
        assert_eq!(told.recv_timeout(LONG).unwrap(), loop_thread);
        assert!(!events.remove_handle(watch));
    }
}
