//! Somebody at a VNC display who types and points: the program's own engine over a plain socket.

use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use rfb::keyboard::key_by_name;
use rfb::{Client, ClientConfig, ConnectionState};

use crate::wait;

/// A connected viewer without a picture of its own.
#[derive(Debug)]
pub struct Typist {
    socket: UnixStream,
    client: Client,
}

impl Typist {
    /// Sits down at the display at the other end of `socket`.
    ///
    /// # Panics
    /// When it does not let a client in.
    pub fn over(socket: UnixStream) -> Self {
        socket.set_nonblocking(false).expect("a socket can wait");
        socket
            .set_read_timeout(Some(Duration::from_millis(200)))
            .expect("a socket has a time-out");
        let mut typist = Self {
            socket,
            client: Client::new(ClientConfig::default()),
        };
        wait::until_true("the display lets a client in", wait::LIMIT, || {
            typist.exchange();
            typist.client.state() == ConnectionState::Connected
        });
        typist
    }

    /// Types plain small letters, digits, blanks, slashes and a greater-than sign, and then Enter.
    ///
    /// # Panics
    /// For other characters; when the display is gone.
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
    /// When the display is gone.
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
        self.exchange();
    }

    /// Sends what is to be sent, and takes what has come.
    fn exchange(&mut self) {
        let mut buffer = vec![0; 65_536];
        self.send();
        match self.socket.read(&mut buffer) {
            Ok(0) => panic!("the display hung up"),
            Ok(count) => self
                .client
                .receive(&buffer[..count])
                .expect("it keeps to the protocol"),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(error) => panic!("{error}"),
        }
        while self.client.next_event().is_some() {}
        let _ = self.client.take_damage();
        self.send();
    }

    fn send(&mut self) {
        let output = self.client.take_output();
        self.socket.write_all(&output).expect("the display reads");
    }
}
