//! A small blocking viewer on our own VNC engine: what a test sees of a guest's screen.

use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use rfb::{Client, ClientConfig, Event};

use crate::wait::LIMIT;

/// A connected viewer.
#[derive(Debug)]
pub struct Viewer {
    client: Client,
    stream: UnixStream,
}

impl Viewer {
    /// Connects over a socket that leads to a VNC server, and waits for the first whole picture.
    ///
    /// # Panics
    /// When the server or the engine gives up, or no picture comes.
    pub fn connect(stream: UnixStream) -> Self {
        stream
            .set_nonblocking(false)
            .and_then(|()| stream.set_read_timeout(Some(Duration::from_millis(100))))
            .expect("a socket has a time-out");
        let mut viewer = Self {
            client: Client::new(ClientConfig::default()),
            stream,
        };
        viewer.look_until("a first picture", |_| true);
        viewer
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
    /// When none does after a while, or the connection ends.
    pub fn look_until(&mut self, what: &str, mut fits: impl FnMut(&Self) -> bool) {
        let start = Instant::now();
        loop {
            if self.receive() && fits(self) {
                return;
            }
            assert!(
                start.elapsed() < LIMIT,
                "{what}: not within {} s; {:?}, {} pixels lit",
                LIMIT.as_secs(),
                self.size(),
                self.lit_pixels()
            );
        }
    }

    /// Types a text of lower-case letters, digits and `-=[];'\,./ ` with Enter at its end.
    ///
    /// # Panics
    /// When the connection ends, or a character is not on the keyboard.
    pub fn type_line(&mut self, text: &str) {
        let keys = text.chars().map(|character| match character {
            ' ' => "space".to_owned(),
            other => other.to_string(),
        });
        for name in keys.chain(["enter".to_owned()]) {
            let key = rfb::keyboard::key_by_name(&name).expect("a key of the keyboard");
            self.client.key(key.keysym, Some(key.scancode), true);
            self.client.key(key.keysym, Some(key.scancode), false);
        }
        self.send();
    }

    /// Takes in what there is; whether a picture became whole.
    fn receive(&mut self) -> bool {
        self.send();
        let mut buffer = vec![0; 65536];
        let count = match self.stream.read(&mut buffer) {
            Ok(0) => panic!("the server closed the connection"),
            Ok(count) => count,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                return false;
            }
            Err(error) => panic!("the connection broke: {error}"),
        };
        let received = self.client.receive(&buffer[..count]);
        received.expect("the engine understands the server");
        let mut whole = false;
        while let Some(event) = self.client.next_event() {
            match event {
                Event::Connected { .. } => self.client.request_update(false),
                Event::FrameComplete => {
                    self.client.request_update(true);
                    whole = true;
                }
                Event::NeedCredentials(kind) => panic!("the server wants a {kind:?}"),
                _ => {}
            }
        }
        self.send();
        whole
    }

    fn send(&mut self) {
        let output = self.client.take_output();
        self.stream.write_all(&output).expect("the server reads");
    }
}
