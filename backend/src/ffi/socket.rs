//! Looking at a socket without taking anything from it.

use std::os::fd::AsRawFd as _;
use std::os::unix::net::UnixStream;

/// Whether there is something to read now; not when the other end closed it, or nothing has come.
pub(crate) fn has_bytes(socket: &UnixStream) -> bool {
    let mut byte = 0u8;
    // SAFETY: the descriptor is open while the socket is borrowed, and the buffer is one byte that
    // is valid during the call, as its length says.
    let count = unsafe {
        libc::recv(
            socket.as_raw_fd(),
            (&raw mut byte).cast(),
            1,
            libc::MSG_PEEK | libc::MSG_DONTWAIT,
        )
    };
    count == 1
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};

    use super::*;

    #[test]
    fn what_is_seen_stays() {
        let (mut ours, mut theirs) = UnixStream::pair().unwrap();
        assert!(!has_bytes(&ours));
        theirs.write_all(b"RFB").unwrap();
        assert!(has_bytes(&ours));
        drop(theirs);
        let mut text = String::new();
        ours.read_to_string(&mut text).unwrap();
        assert_eq!(text, "RFB");
        assert!(!has_bytes(&ours));
    }
}
