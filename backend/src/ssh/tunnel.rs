//! Connections to what listens on the far host, as channels of the session with it.

use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::io::Interest;
use tokio::process::{Child, Command};

use super::words::explain_tunnel;
use super::{Master, Words, reap};
use crate::error::{Error, ErrorKind, Result};
use crate::ffi;

/// How long what listens may take to say its first word. A display speaks first.
const PATIENCE: Duration = Duration::from_secs(8);

/// How long an ssh whose channel has ended may take to end.
const ENDING: Duration = Duration::from_secs(5);

/// Tells the sockets of one folder apart.
static NUMBER: AtomicU32 = AtomicU32::new(0);

impl Master {
    /// Connects to `port` of `address`, as the far host sees it, and waits for the first word from
    /// there; `what` says in words what that is.
    ///
    /// # Errors
    /// Why there is no connection, by what ssh said.
    pub(crate) async fn connect(&self, address: &str, port: u16, what: &str) -> Result<UnixStream> {
        // Addresses of IPv6 stand in brackets.
        let target = if address.contains(':') {
            format!("[{address}]:{port}")
        } else {
            format!("{address}:{port}")
        };
        let broken = |error: std::io::Error| self.broken(what, &error.to_string());
        let before = self.words.so_far();
        let (ours, theirs) = UnixStream::pair().map_err(broken)?;
        let output = theirs.try_clone().map_err(broken)?;
        let mut child = self
            .command(&["-W", &target])
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .stdout(Stdio::from(OwnedFd::from(output)))
            .spawn()
            .map_err(broken)?;
        let mut words = Words::collect(child.stderr.take(), &self.runtime);
        let stream = match first_word(ours).await {
            Ok(Some(stream)) => Ok(stream),
            Ok(None) => {
                // It ends by itself, having said why.
                let _ = tokio::time::timeout(ENDING, child.wait()).await;
                let said = words.last().await;
                // Why there is no channel, the session itself says.
                Err(self.broken(what, &format!("{said}{}", self.words.since(before))))
            }
            Err(error) => Err(error),
        };
        // The other end is closed by whoever has the stream, or was just now.
        reap(child, &self.runtime);
        stream
    }

    /// Connects to a Unix socket of the far host, and waits for the first word from there.
    ///
    /// # Errors
    /// As for [`Self::connect`].
    pub(crate) async fn connect_socket(&self, path: &Path, what: &str) -> Result<UnixStream> {
        let path = path.to_string_lossy();
        if path.contains(':') {
            return Err(Error::new(
                ErrorKind::NotSupported,
                format!("The name of the socket of {what} cannot be passed through ssh."),
            ));
        }
        let local = format!("s{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let local = self.folder.join(local);
        let forward = format!("{}:{path}", local.display());
        let before = self.words.so_far();
        self.tell("forward", &forward, what).await?;
        let stream = match tokio::net::UnixStream::connect(&local).await {
            Ok(stream) => stream.into_std(),
            Err(error) => Err(error),
        };
        // What is connected stays so.
        if let Err(error) = self.tell("cancel", &forward, what).await {
            tracing::debug!(%error, "a forwarded socket stays for this session");
        }
        let _ = tokio::fs::remove_file(&local).await;
        let stream = stream.map_err(|error| self.broken(what, &error.to_string()))?;
        let first = first_word(stream).await?;
        first.ok_or_else(|| self.broken(what, &self.words.since(before)))
    }

    /// Asks the session for something (`ssh -O`).
    async fn tell(&self, request: &str, forward: &str, what: &str) -> Result<()> {
        let child = self
            .command(&["-O", request, "-L", forward])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn();
        let child: Child = child.map_err(|error| self.broken(what, &error.to_string()))?;
        let ended = tokio::time::timeout(PATIENCE, child.wait_with_output()).await;
        match ended {
            Ok(Ok(output)) if output.status.success() => Ok(()),
            Ok(Ok(output)) => Err(self.broken(what, &String::from_utf8_lossy(&output.stderr))),
            Ok(Err(error)) => Err(self.broken(what, &error.to_string())),
            Err(_) => Err(silent()),
        }
    }

    /// A use of the session.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.program());
        command
            .args(arguments)
            .args(self.destination.arguments())
            .stderr(Stdio::piped());
        command
    }

    fn broken(&self, what: &str, said: &str) -> Error {
        explain_tunnel(&self.destination.host, what, said)
    }
}

/// Waits until there is something to read from `stream`; nothing when it was closed instead.
async fn first_word(stream: UnixStream) -> Result<Option<UnixStream>> {
    let failed = |error: std::io::Error| {
        Error::new(ErrorKind::Disconnected, "The tunnel broke.").with_detail(error.to_string())
    };
    stream.set_nonblocking(true).map_err(failed)?;
    let watched = tokio::net::UnixStream::from_std(stream).map_err(failed)?;
    let ready = watched.ready(Interest::READABLE);
    match tokio::time::timeout(PATIENCE, ready).await {
        Err(_) => return Err(silent()),
        Ok(ready) => ready.map_err(failed)?,
    };
    let stream = watched.into_std().map_err(failed)?;
    stream.set_nonblocking(false).map_err(failed)?;
    Ok(ffi::socket::has_bytes(&stream).then_some(stream))
}

fn silent() -> Error {
    Error::new(
        ErrorKind::NotAnswering,
        "The other end of the tunnel says nothing.",
    )
}
