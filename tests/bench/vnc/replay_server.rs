//! A VNC server that says again what another one said.
//!
//! The handshake is a real one, answer by answer. After it the client's messages are read, to know
//! what it asks for, and otherwise thrown away.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// A recording, and where in it each step ends.
pub struct Recording {
    bytes: Vec<u8>,
    steps: Vec<usize>,
}

impl Recording {
    /// Reads a recording and the list of its steps, which is beside it.
    pub fn read(path: &Path) -> Self {
        let bytes = std::fs::read(path).expect("the recording was made");
        let steps = std::fs::read_to_string(path.with_extension("steps"));
        let steps = steps.expect("the recorder writes where the steps are");
        let steps = steps.lines().filter_map(|line| line.parse().ok()).collect();
        Self { bytes, steps }
    }

    /// A screen of one colour and 64 pixels each way: what a viewer costs when there is nothing to
    /// show.
    pub fn tiny() -> Self {
        const SIDE: u16 = 64;
        let mut bytes = b"RFB 003.008\n\x01\x01\0\0\0\0".to_vec();
        bytes.extend([SIDE, SIDE].map(u16::to_be_bytes).as_flattened());
        // 32 bits, depth 24, little-endian true colour: red at bit 16, green at 8, blue at 0.
        bytes.extend([32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0]);
        bytes.extend([0, 0, 0, 4]);
        bytes.extend(b"tiny");
        bytes.extend([0, 0, 0, 1]);
        bytes.extend(
            [0, 0, SIDE, SIDE, 0, 0]
                .map(u16::to_be_bytes)
                .as_flattened(),
        );
        bytes.extend(std::iter::repeat_n(0x80, 4 * usize::from(SIDE * SIDE)));
        let steps = vec![bytes.len()];
        Self { bytes, steps }
    }

    /// Everything the server said.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The lengths of what the server says during the handshake, turn by turn: its version, its
    /// security types, the result, and `ServerInit` (RFC 6143, 7.1 to 7.3).
    fn handshake(&self) -> [usize; 4] {
        let types = 1 + usize::from(self.bytes[12]);
        let init = 12 + types + 4;
        let name = self.bytes[init + 20..init + 24].try_into();
        let name = u32::from_be_bytes(name.expect("four bytes")) as usize;
        [12, types, 4, 24 + name]
    }
}

/// How updates follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// As fast as the client reads.
    Flood,
    /// One step when the client has asked for an update, as servers do.
    Asked,
}

#[derive(Default)]
struct State {
    /// Update requests so far.
    requests: usize,
    /// The updates may begin.
    go: bool,
    /// All has been written.
    sent: bool,
    /// The connection is over.
    gone: bool,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state());
        self.changed.notify_all();
    }

    /// Waits until it is so, or the client is gone; whether it is so.
    fn wait(&self, is_so: impl Fn(&State) -> bool) -> bool {
        let mut state = self.state();
        while !is_so(&state) && !state.gone {
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        is_so(&state)
    }
}

/// A running server, for one client.
pub struct ReplayServer {
    port: u16,
    shared: Arc<Shared>,
}

impl ReplayServer {
    pub fn start(recording: Arc<Recording>, pace: Pace) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("loopback has a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let shared = Arc::new(Shared::default());
        thread::spawn({
            let shared = Arc::clone(&shared);
            move || {
                let (stream, _) = listener.accept().expect("a client comes");
                // The client may leave at any point.
                let _ = serve(&stream, &recording, pace, &shared);
                shared.change(|state| state.gone = true);
            }
        });
        Self { port, shared }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Waits until the client wants a picture.
    pub fn wait_for_request(&self) -> bool {
        self.shared.wait(|state| state.requests > 0)
    }

    /// Lets the pictures come.
    pub fn go(&self) {
        self.shared.change(|state| state.go = true);
    }

    /// Whether all has been written; the system may hold the end of it until the client reads.
    pub fn has_sent_all(&self) -> bool {
        self.shared.state().sent
    }

    /// Whether the client has left.
    pub fn is_gone(&self) -> bool {
        self.shared.state().gone
    }
}

fn serve(
    stream: &TcpStream,
    recording: &Recording,
    pace: Pace,
    shared: &Arc<Shared>,
) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = stream;
    let mut rest = recording.bytes();
    // What the client answers: its version, the type it takes, ClientInit; nothing to ServerInit.
    for (length, answer) in recording.handshake().into_iter().zip([12, 1, 1, 0]) {
        let (now, later) = rest.split_at(length);
        rest = later;
        stream.write_all(now)?;
        stream.read_exact(&mut [0; 12][..answer])?;
    }
    let reader = stream.try_clone()?;
    thread::spawn({
        let shared = Arc::clone(shared);
        move || {
            // Its end is the client's.
            let _ = read_messages(reader, &shared);
            shared.change(|state| state.gone = true);
        }
    });
    let mut start = recording.bytes().len() - rest.len();
    shared.wait(|state| state.go);
    for (number, end) in recording.steps.iter().enumerate() {
        if pace == Pace::Asked && !shared.wait(|state| state.requests > number) {
            return Ok(());
        }
        stream.write_all(&recording.bytes()[start..*end])?;
        start = *end;
    }
    shared.change(|state| state.sent = true);
    shared.wait(|_| false);
    Ok(())
}

/// Reads what the client says, counting its update requests.
fn read_messages(stream: TcpStream, shared: &Shared) -> std::io::Result<()> {
    let mut stream = std::io::BufReader::new(stream);
    let mut skip = |count: usize| {
        let mut bytes = vec![0; count];
        stream.read_exact(&mut bytes).map(|()| bytes)
    };
    loop {
        let kind = skip(1)?[0];
        match kind {
            // SetPixelFormat
            0 => drop(skip(19)?),
            // SetEncodings: how many
            2 => {
                let header = skip(3)?;
                let count = u16::from_be_bytes([header[1], header[2]]);
                skip(4 * usize::from(count))?;
            }
            3 => {
                skip(9)?;
                shared.change(|state| state.requests += 1);
            }
            // KeyEvent, PointerEvent
            4 => drop(skip(7)?),
            5 => drop(skip(5)?),
            // ClientCutText: a negative length is the extended clipboard's
            6 => {
                let header = skip(7)?;
                let length = i32::from_be_bytes([header[3], header[4], header[5], header[6]]);
                skip(length.unsigned_abs() as usize)?;
            }
            // EnableContinuousUpdates
            150 => drop(skip(9)?),
            // ClientFence
            248 => {
                let length = skip(8)?[7];
                skip(length.into())?;
            }
            // SetDesktopSize
            251 => {
                let screens = skip(7)?[5];
                skip(16 * usize::from(screens))?;
            }
            other => panic!("the client sends a message of type {other}, which nobody offered"),
        }
    }
}
