//! poll(2).

use std::io;

/// Waits until one of `fds` is ready or `timeout` milliseconds (-1: for ever) have passed.
/// An interruption by a signal counts as nothing being ready.
///
/// # Errors
/// As poll(2), `EINTR` excepted.
pub(crate) fn poll(fds: &mut [libc::pollfd], timeout: i32) -> io::Result<()> {
    // SAFETY: pointer and length describe one exclusively borrowed slice, which poll only reads and
    // writes within its length.
    let ready = unsafe { libc::poll(fds.as_mut_ptr(), fds.len() as libc::nfds_t, timeout) };
    if ready >= 0 {
        return Ok(());
    }
    let error = io::Error::last_os_error();
    // What poll leaves in `revents` after a failure is not defined.
    for fd in fds {
        fd.revents = 0;
    }
    if error.kind() == io::ErrorKind::Interrupted {
        return Ok(());
    }
    Err(error)
}
