//! The sockets of a connection, to cut it where libvirt itself does not let go.
//!
//! libvirt waits without limit for a host that vanished while it was being connected to. And when
//! keepalive gives a connection up, libvirt (seen with 11.3) releases the first of the calls that wait
//! on it and leaves the others waiting until the network notices by itself, if ever. A socket that is
//! shut down ends them all.

use std::cell::RefCell;
use std::net::{Shutdown, TcpStream};
use std::os::fd::{BorrowedFd, OwnedFd};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

thread_local! {
    /// Whose sockets are being opened on this thread.
    static OPENING: RefCell<Option<Wire>> = const { RefCell::new(None) };
}

/// See the module. Clones are the same wire.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wire(Arc<Mutex<Ends>>);

#[derive(Debug, Default)]
struct Ends {
    /// Duplicates: libvirt may close its own descriptors, and their numbers be used anew, at any
    /// time.
    sockets: Vec<OwnedFd>,
    is_cut: bool,
}

impl Wire {
    /// Runs `open`, and keeps hold of every socket that libvirt begins to watch on this thread
    /// meanwhile.
    pub(crate) fn hold_during<T>(&self, open: impl FnOnce() -> T) -> T {
        OPENING.set(Some(self.clone()));
        let opened = open();
        OPENING.set(None);
        opened
    }

    /// Ends the connection, or the attempt to make one, without a word to the other side. Whatever
    /// waits for an answer fails. Never blocks.
    pub(crate) fn cut(&self) {
        let mut ends = self.lock();
        ends.is_cut = true;
        for socket in ends.sockets.drain(..) {
            shut_down(socket);
        }
    }

    /// Lets go of the sockets: they are closed when libvirt closes them.
    pub(crate) fn let_go(&self) {
        self.lock().sockets.clear();
    }

    fn hold(&self, socket: OwnedFd) {
        let mut ends = self.lock();
        if ends.is_cut {
            shut_down(socket);
        } else {
            ends.sockets.push(socket);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Ends> {
        // Nothing that can panic happens under the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Notes that libvirt begins to watch `descriptor` on this thread.
pub(crate) fn note(descriptor: BorrowedFd<'_>) {
    OPENING.with_borrow(|wire| {
        let Some(wire) = wire else { return };
        match descriptor.try_clone_to_owned() {
            Ok(socket) => wire.hold(socket),
            Err(error) => tracing::debug!(%error, "a connection could not be cut if it hung"),
        }
    });
}

/// The system call is the same for all kinds of sockets, and fails without harm on what is none.
fn shut_down(socket: OwnedFd) {
    if let Err(error) = TcpStream::from(socket).shutdown(Shutdown::Both) {
        tracing::debug!(%error, "a socket could not be shut down");
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;
    use std::os::fd::AsFd as _;
    use std::os::unix::net::UnixStream;

    use super::*;

    #[test]
    fn whoever_waits_on_a_wire_is_released_when_it_is_cut() {
        let (mut ours, _theirs) = UnixStream::pair().unwrap();
        let wire = Wire::default();
        wire.hold_during(|| note(ours.as_fd()));
        let waiting = std::thread::spawn(move || ours.read(&mut [0]).unwrap());
        wire.cut();
        assert_eq!(waiting.join().unwrap(), 0, "as if the other side had gone");
    }

    #[test]
    fn a_socket_of_an_attempt_that_was_given_up_is_cut_at_once() {
        let (mut ours, _theirs) = UnixStream::pair().unwrap();
        let wire = Wire::default();
        wire.cut();
        wire.hold_during(|| note(ours.as_fd()));
        assert_eq!(ours.read(&mut [0]).unwrap(), 0);
    }

    #[test]
    fn a_wire_that_was_let_go_keeps_nothing_open() {
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        let wire = Wire::default();
        wire.hold_during(|| note(ours.as_fd()));
        // Nobody is opening any more: not held.
        note(ours.as_fd());
        drop(ours);
        wire.let_go();
        assert_eq!(theirs.read(&mut [0]).unwrap(), 0);
    }
}
