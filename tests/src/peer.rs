//! Somebody at a VNC server: the program's own engine without a window, which hears what the server
//! says, sees its screen, types and points.

use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rfb::keyboard::key_by_name;
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
        Self::over(socket, config)
    }

    /// Begins a session over a socket that leads to a server.
    ///
    /// # Panics
    /// When none comes of it.
    pub fn over(socket: UnixStream, config: ClientConfig) -> Self {
        socket
            .set_nonblocking(false)
            .and_then(|()| socket.set_read_timeout(Some(Duration::from_millis(50))))
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

    /// Width and height of the screen in pixels.
    pub fn size(&self) -> (u16, u16) {
        let picture = self.client.framebuffer();
        (picture.width(), picture.height())
    }

    /// How many pixels of the picture are not black.
    pub fn lit_pixels(&self) -> usize {
        let pixels = self.client.framebuffer().pixels().chunks_exact(4);
        pixels.filter(|pixel| pixel[..3] != [0, 0, 0]).count()
    }

    /// Takes in pictures until one fits.
    ///
    /// # Panics
    /// As [`until`](Self::until).
    pub fn look_until(&mut self, what: &str, mut fits: impl FnMut(&Self) -> bool) {
        self.until(what, |peer| {
            let is_whole = peer.events().contains(&Event::FrameComplete);
            (is_whole && fits(peer)).then_some(())
        });
    }

    /// Types small letters, digits, blanks, the keyboard's plain signs and a greater-than sign, and
    /// then Enter.
    ///
    /// # Panics
    /// For other characters; when the server is gone.
    pub fn type_line(&mut self, line: &str) {
        for char in line.chars() {
            match char {
                ' ' => self.press("space"),
                '>' => {
                    self.hold("shift", true);
                    self.press(".");
                    self.hold("shift", false);
                }
                _ => self.press(&char.to_string()),
            }
        }
        self.press("enter");
    }

    /// Moves the pointer about.
    ///
    /// # Panics
    /// When the server is gone.
    pub fn point_about(&mut self) {
        for step in 0..20 {
            self.client.pointer(100 + step * 10, 100 + step * 5, 0);
            self.exchange();
        }
    }

    fn press(&mut self, name: &str) {
        self.hold(name, true);
        self.hold(name, false);
    }

    fn hold(&mut self, name: &str, pressed: bool) {
        let key = key_by_name(name).unwrap_or_else(|| panic!("there is no key {name}"));
        self.client.key(key.keysym, Some(key.scancode), pressed);
        // Guests that are emulated are not given all at once.
        self.exchange();
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
            assert!(
                !matches!(event, Event::NeedCredentials(_)),
                "the server wants credentials"
            );
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

    /// Whether it has ended by itself.
    ///
    /// # Panics
    /// When it cannot be asked.
    pub fn has_ended(&mut self) -> bool {
        self.0.try_wait().expect("a child can be asked").is_some()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It is ours, and may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
