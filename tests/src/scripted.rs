//! A VNC server of the tests' own, for what no server at hand does: it has a screen that changes as fast
//! as it is told, and remembers what its clients say.

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// What a client said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// It began a session.
    Session,
    /// It wants pixels of so many bits.
    Bits(u8),
    /// It understands these encodings.
    Encodings(Vec<i32>),
    /// It asks for this act of xvp.
    Power(u8),
}

/// The screen's size.
const WIDTH: u16 = 320;
const HEIGHT: u16 = 240;

/// The pseudo-encoding of xvp.
const XVP: i32 = -309;

/// How often something is sent of a picture that takes long.
const PART: Duration = Duration::from_millis(20);

#[derive(Debug, Default)]
struct Shared {
    heard: Mutex<Vec<Heard>>,
    /// Bytes per second, or nothing: the screen stands still.
    rate: AtomicU32,
    /// The act of xvp that fails.
    failing: u8,
}

/// A running server. It ends with the process: tests run in sandboxes.
#[derive(Debug)]
pub struct ScriptedServer {
    port: u16,
    shared: Arc<Shared>,
}

impl ScriptedServer {
    /// Starts one that offers xvp, of which the act `failing` fails, and whose screen stands still.
    ///
    /// # Panics
    /// When loopback has no free port.
    pub fn start(failing: u8) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("loopback has a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let shared = Arc::new(Shared {
            failing,
            ..Shared::default()
        });
        let served = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&served);
                thread::spawn(move || {
                    // The client may leave at any point.
                    let _ = Session::new(stream, &shared).serve();
                });
            }
        });
        Self { port, shared }
    }

    /// Its TCP port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Has the screen change all the time and be sent in so many bytes per second; 0: stand still.
    pub fn set_rate(&self, rate: u32) {
        self.shared.rate.store(rate, Relaxed);
    }

    /// What was heard since the last call.
    pub fn heard(&self) -> Vec<Heard> {
        std::mem::take(&mut *self.shared.heard())
    }

    /// Forgets what was heard up to the first that fits, if one does; gives that.
    pub fn take(&self, fits: impl Fn(&Heard) -> bool) -> Option<Heard> {
        let mut heard = self.shared.heard();
        let place = heard.iter().position(fits)?;
        heard.drain(..=place).next_back()
    }
}

impl Shared {
    fn heard(&self) -> std::sync::MutexGuard<'_, Vec<Heard>> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One client.
struct Session<'a> {
    stream: TcpStream,
    shared: &'a Shared,
    bytes_per_pixel: usize,
    /// It waits for a picture: for all of it, or for what changed.
    requested: Option<bool>,
    pictures: u8,
}

impl<'a> Session<'a> {
    fn new(stream: TcpStream, shared: &'a Shared) -> Self {
        Self {
            stream,
            shared,
            bytes_per_pixel: 4,
            requested: None,
            pictures: 0,
        }
    }

    fn serve(&mut self) -> std::io::Result<()> {
        self.handshake()?;
        self.shared.heard().push(Heard::Session);
        loop {
            // A message, or a moment to look whether the screen changes now.
            self.stream.set_read_timeout(Some(PART))?;
            let mut kind = [0];
            match self.stream.read(&mut kind) {
                Ok(0) => return Ok(()),
                Ok(_) => {
                    self.stream.set_read_timeout(None)?;
                    self.message(kind[0])?;
                }
                Err(error)
                    if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
                Err(error) => return Err(error),
            }
            let rate = self.shared.rate.load(Relaxed);
            if self.requested == Some(true) || (self.requested.is_some() && rate > 0) {
                self.requested = None;
                self.picture(rate)?;
            }
        }
    }

    /// RFC 6143, 7.1 to 7.3, without authentication.
    fn handshake(&mut self) -> std::io::Result<()> {
        let stream = &mut self.stream;
        stream.write_all(b"RFB 003.008\n")?;
        stream.read_exact(&mut [0; 12])?;
        stream.write_all(&[1, 1])?;
        stream.read_exact(&mut [0; 1])?;
        stream.write_all(&[0; 4])?;
        stream.read_exact(&mut [0; 1])?;
        stream.write_all(&WIDTH.to_be_bytes())?;
        stream.write_all(&HEIGHT.to_be_bytes())?;
        stream.write_all(&[32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0])?;
        stream.write_all(&8_u32.to_be_bytes())?;
        stream.write_all(b"scripted")
    }

    /// RFC 6143, 7.5; and xvp.
    fn message(&mut self, kind: u8) -> std::io::Result<()> {
        match kind {
            0 => {
                let format: [u8; 19] = self.read()?;
                self.bytes_per_pixel = usize::from(format[3] / 8);
                self.shared.heard().push(Heard::Bits(format[3]));
            }
            2 => {
                let [_, high, low] = self.read()?;
                let mut numbers = Vec::new();
                for _ in 0..u16::from_be_bytes([high, low]) {
                    numbers.push(i32::from_be_bytes(self.read()?));
                }
                if numbers.contains(&XVP) {
                    self.stream.write_all(&[250, 0, 1, 1])?;
                }
                self.shared.heard().push(Heard::Encodings(numbers));
            }
            3 => {
                let request: [u8; 9] = self.read()?;
                let whole = request[0] == 0 || self.requested == Some(true);
                self.requested = Some(whole);
            }
            4 => drop(self.read::<7>()?),
            5 => drop(self.read::<5>()?),
            6 => {
                let head: [u8; 7] = self.read()?;
                let length = u32::from_be_bytes([head[3], head[4], head[5], head[6]]);
                self.stream.read_exact(&mut vec![0; length as usize])?;
            }
            250 => {
                let [_, _, act] = self.read()?;
                self.shared.heard().push(Heard::Power(act));
                if act == self.shared.failing {
                    self.stream.write_all(&[250, 0, 1, 0])?;
                }
            }
            other => panic!("the client says {other}, which nobody offered"),
        }
        Ok(())
    }

    fn read<const N: usize>(&mut self) -> std::io::Result<[u8; N]> {
        let mut bytes = [0; N];
        self.stream.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    /// One raw rectangle, another one each time.
    fn picture(&mut self, rate: u32) -> std::io::Result<()> {
        self.pictures = self.pictures.wrapping_add(16);
        let mut update = vec![0, 0, 0, 1, 0, 0, 0, 0];
        update.extend(WIDTH.to_be_bytes());
        update.extend(HEIGHT.to_be_bytes());
        update.extend([0; 4]);
        for row in 0..HEIGHT {
            let shade = (row as u8).wrapping_add(self.pictures);
            update.resize(
                update.len() + usize::from(WIDTH) * self.bytes_per_pixel,
                shade,
            );
        }
        if rate == 0 {
            return self.stream.write_all(&update);
        }
        let part = (f64::from(rate) * PART.as_secs_f64()) as usize;
        for part in update.chunks(part.max(1)) {
            self.stream.write_all(part)?;
            thread::sleep(PART);
        }
        Ok(())
    }
}
