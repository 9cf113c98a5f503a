//! The program's own engine at a real VNC server, without a picture: what both say to each other.

use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rfb::{Client, ClientConfig, ConnectionState, Event};

use crate::wait;

/// A connected client and what it has been told.
#[derive(Debug)]
pub struct Peer {
    socket: UnixStream,
    client: Client,
    events: Vec<Event>,
    /// Whether updates are requested one after the other.
    requests: bool,
}

impl Peer {
    /// Connects to the server at `socket` as soon as it listens there.
    ///
    /// # Panics
    /// When no session comes of it.
    pub fn connect(socket: &Path, config: ClientConfig) -> Self {
        let socket = wait::until("the server listens", wait::LIMIT, || {
            UnixStream::connect(socket).ok()
        });
        socket
            .set_read_timeout(Some(Duration::from_millis(50)))
            .expect("a socket has a time-out");
        let mut peer = Self {
            socket,
            client: Client::new(config),
            events: Vec::new(),
            requests: true,
        };
        peer.until("a session", |peer| {
            (peer.client.state() == ConnectionState::Connected).then_some(())
        });
        peer.client.request_update(false);
        peer
    }

    /// The engine, to ask it for something.
    pub fn client(&mut self) -> &mut Client {
        &mut self.client
    }

    /// Requests no more updates.
    pub fn request_nothing(&mut self) {
        self.requests = false;
    }

    /// Waits until `look` finds something.
    ///
    /// # Panics
    /// When it does not, or the server hangs up.
    pub fn until<T>(&mut self, what: &str, mut look: impl FnMut(&mut Self) -> Option<T>) -> T {
        wait::until(what, wait::LIMIT, || {
            self.exchange();
            look(self)
        })
    }

    /// Waits for an event, and forgets it and those before it.
    ///
    /// # Panics
    /// As [`until`](Self::until).
    pub fn event<T>(&mut self, what: &str, kind: impl Fn(&Event) -> Option<T>) -> T {
        self.until(what, |peer| {
            let (place, found) = peer
                .events
                .iter()
                .enumerate()
                .find_map(|(place, event)| Some((place, kind(event)?)))?;
            peer.events.drain(..=place);
            Some(found)
        })
    }

    /// The events since the last call, of those that have come.
    pub fn events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    /// Sends what is to be sent, and takes what has come.
    fn exchange(&mut self) {
        let mut buffer = vec![0; 65_536];
        self.send();
        match self.socket.read(&mut buffer) {
            Ok(0) => panic!("the server hung up"),
            Ok(count) => self
                .client
                .receive(&buffer[..count])
                .expect("it keeps to the protocol"),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(error) => panic!("{error}"),
        }
        while let Some(event) = self.client.next_event() {
            if event == Event::FrameComplete && self.requests {
                self.client.request_update(true);
            }
            self.events.push(event);
        }
        self.send();
    }

    fn send(&mut self) {
        let output = self.client.take_output();
        self.socket.write_all(&output).expect("the server reads");
    }
}

/// A server's process. It ends when it is dropped.
#[derive(Debug)]
pub struct Server(Child);

impl Server {
    /// Starts a program.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn start(command: &mut Command) -> Self {
        let quiet = command.stdin(Stdio::null()).stderr(Stdio::null());
        Self(quiet.spawn().expect("the server starts"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It is ours, and may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
