//! A guest's text console: a libvirt stream joined to an ordinary asynchronous one.

use std::collections::VecDeque;
use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
use tokio::runtime::Handle;
use tokio::sync::Notify;
use virt::domain::Domain;
use virt_sys as sys;

use crate::error::{Error, ErrorKind, Result};
use crate::ffi::stream::{EventStream, READABLE, Readiness, WRITABLE};
use crate::link::Link;
use crate::xml::domain as domain_xml;

/// Bytes on their way to a reader that is slow; older ones are dropped beyond that, because
/// libvirt would pile them up without end.
const BACKLOG: usize = 1 << 20;

/// Read and written at a time.
const PIECE: usize = 16 << 10;

/// Opens the guest's first text console. Blocks.
///
/// # Errors
/// [`crate::ErrorKind::NotSupported`] where it has none.
pub(crate) fn open_console(link: &Link, domain: &Domain, runtime: &Handle) -> Result<DuplexStream> {
    let port = domain_xml::console_alias(&domain.xml_desc(0)?)?;
    let port = port.as_deref();
    let mut stream = EventStream::new(link.connect())?;
    // Safe: not where another holds the console. Drivers without that notion refuse the flag.
    let safely = domain.open_console(port, stream.inner(), sys::VIR_DOMAIN_CONSOLE_SAFE);
    if let Err(error) = safely.map_err(Error::from) {
        // Xen's refuses it as an argument it does not know.
        if !matches!(
            error.kind(),
            ErrorKind::NotSupported | ErrorKind::InvalidInput
        ) {
            return Err(error);
        }
        domain.open_console(port, stream.inner(), 0)?;
    }
    let notify = Arc::new(Notify::new());
    let wake = notify.clone();
    let readiness = stream.watch(move || wake.notify_one())?;
    let (ours, theirs) = tokio::io::duplex(PIECE);
    let pump = Pump {
        stream: Arc::new(stream),
        readiness,
        notify,
        incoming: VecDeque::new(),
        outgoing: Vec::new(),
    };
    runtime.spawn(pump.run(ours));
    Ok(theirs)
}

struct Pump {
    stream: Arc<EventStream>,
    readiness: Readiness,
    notify: Arc<Notify>,
    /// From the guest.
    incoming: VecDeque<u8>,
    /// To the guest; nothing is read from our side while something waits here.
    outgoing: Vec<u8>,
}

impl Pump {
    async fn run(mut self, ours: DuplexStream) {
        let (mut from_user, mut to_user) = tokio::io::split(ours);
        let mut typed = vec![0; PIECE];
        loop {
            let waiting = self.incoming.as_slices().0;
            tokio::select! {
                () = self.notify.notified() => {
                    if !matches!(self.turn().await, Ok(true)) {
                        // The guest is off, or the host is gone: what came last is still shown.
                        let (first, second) = self.incoming.as_slices();
                        let _ = to_user.write_all(&[first, second].concat()).await;
                        break;
                    }
                }
                written = to_user.write(waiting), if !waiting.is_empty() => match written {
                    Ok(count) if count > 0 => drop(self.incoming.drain(..count)),
                    _ => break,
                },
                read = from_user.read(&mut typed), if self.outgoing.is_empty() => match read {
                    Ok(count) if count > 0 => {
                        self.outgoing.extend_from_slice(&typed[..count]);
                        if !matches!(self.turn().await, Ok(true)) {
                            break;
                        }
                    }
                    // Our side was dropped.
                    _ => break,
                },
            }
        }
        // Ending talks to the daemon.
        let stream = self.stream;
        tokio::task::spawn_blocking(move || {
            if let Some(stream) = Arc::into_inner(stream) {
                stream.close();
            }
        });
    }

    /// Moves what can be moved in both directions; `false` at the end of the stream.
    async fn turn(&mut self) -> Result<bool> {
        let stream = self.stream.clone();
        let seen = self.readiness.take();
        let outgoing = std::mem::take(&mut self.outgoing);
        let moved = tokio::task::spawn_blocking(move || exchange(&stream, outgoing, seen)).await;
        let moved = moved.map_err(|error| {
            Error::new(ErrorKind::Cancelled, "The console was closed.")
                .with_detail(error.to_string())
        })??;
        self.outgoing = moved.unsent;
        self.incoming.extend(moved.received);
        let excess = self.incoming.len().saturating_sub(BACKLOG);
        self.incoming.drain(..excess);
        Ok(!moved.ended)
    }
}

struct Moved {
    received: Vec<u8>,
    unsent: Vec<u8>,
    ended: bool,
}

/// Reads and writes until the stream would block, and asks to be woken then. Blocks for a moment.
fn exchange(stream: &EventStream, mut outgoing: Vec<u8>, seen: i32) -> Result<Moved> {
    let mut received = Vec::new();
    let mut ended = false;
    let mut buffer = vec![0; PIECE];
    // Bounded, so that a guest that never pauses does not keep what is typed waiting.
    while received.len() < BACKLOG {
        match stream.receive(&mut buffer)? {
            Some(0) => {
                ended = true;
                break;
            }
            Some(count) => received.extend_from_slice(&buffer[..count]),
            None => {
                ended = Readiness::is_end(seen);
                break;
            }
        }
    }
    while !outgoing.is_empty() && !ended {
        match stream.send(&outgoing)? {
            Some(count) if count > 0 => drop(outgoing.drain(..count)),
            _ => break,
        }
    }
    if !ended {
        let writable = if outgoing.is_empty() { 0 } else { WRITABLE };
        stream.rearm(READABLE | writable)?;
    }
    Ok(Moved {
        received,
        unsent: outgoing,
        ended,
    })
}
