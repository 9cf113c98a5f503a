//! From an endpoint to a byte stream.

use std::io;
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, UnixStream},
};

use crate::{Endpoint, Error};

/// A server may have nothing to say for hours. One that says nothing because it is gone, or the network
/// is, is told from it by the system, which asks after so much silence, so often.
const SILENCE: Duration = Duration::from_secs(5);
const QUESTIONS: u32 = 3;

/// How long what was sent may stay unacknowledged by the other side's system.
const UNACKNOWLEDGED: Duration = Duration::from_secs(20);

/// Bytes both ways.
pub(super) trait ByteStream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> ByteStream for T {}

/// Connects. How long it may take is the caller's affair.
pub(super) async fn connect(endpoint: Endpoint) -> Result<Box<dyn ByteStream>, Error> {
    let target = endpoint.to_string();
    try_connect(endpoint)
        .await
        .map_err(|error| Error::Unreachable {
            target,
            reason: in_words(&error),
        })
}

async fn try_connect(endpoint: Endpoint) -> io::Result<Box<dyn ByteStream>> {
    Ok(match endpoint {
        Endpoint::Socket(socket) => {
            socket.set_nonblocking(true)?;
            Box::new(UnixStream::from_std(socket)?)
        }
        Endpoint::Path(path) => Box::new(UnixStream::connect(path).await?),
        Endpoint::Tcp { host, port } => {
            let stream = TcpStream::connect((host.as_str(), port)).await?;
            // A click is a few bytes: it must not wait for company.
            stream.set_nodelay(true)?;
            notice_absence(&stream)?;
            Box::new(stream)
        }
    })
}

/// Lets the connection break when the other side's system is not there any more.
fn notice_absence(stream: &TcpStream) -> io::Result<()> {
    let keepalive = TcpKeepalive::new()
        .with_time(SILENCE)
        .with_interval(SILENCE)
        .with_retries(QUESTIONS);
    let socket = SockRef::from(stream);
    socket.set_tcp_keepalive(&keepalive)?;
    // Keepalive asks nothing while something is unacknowledged.
    socket.set_tcp_user_timeout(Some(UNACKNOWLEDGED))
}

/// What the system says, without the number that Rust puts behind it.
pub(super) fn in_words(error: &io::Error) -> String {
    let text = error.to_string();
    match text.find(" (os error") {
        Some(end) => text[..end].to_lowercase(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn system_errors_are_words() {
        let refused = io::Error::from_raw_os_error(libc_refused());
        assert_eq!(in_words(&refused), "connection refused");
        assert_eq!(in_words(&io::Error::other("No route")), "No route");
    }

    /// `ECONNREFUSED` of this system.
    fn libc_refused() -> i32 {
        let error = std::net::TcpStream::connect("127.0.0.1:1").unwrap_err();
        error.raw_os_error().unwrap()
    }
}
