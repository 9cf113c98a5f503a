//! A VNC server that does what a test tells it.

use std::time::Duration;

use rfb::{ClientConfig, Rect, Screen};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::UnixStream,
    runtime::Handle,
};

use crate::{
    Endpoint, TlsPolicy,
    transport::{Connection, stream::ByteStream},
};

/// The server's end of a connection.
pub(super) struct Server(
    Box<dyn ByteStream>,
    /// Whether the encodings have been told that every session begins with.
    bool,
);

/// What a client says (RFC 6143, section 7.5).
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Message {
    Update {
        incremental: bool,
    },
    Key {
        keysym: u32,
        pressed: bool,
    },
    Pointer {
        x: u16,
        y: u16,
        buttons: u8,
    },
    /// Continuous updates are wanted, or no longer.
    Continuous(bool),
    /// A fence and what it carries.
    Fence(Vec<u8>),
    /// A cut text: what follows its length, which is negative in the extended clipboard.
    CutText {
        extended: bool,
        body: Vec<u8>,
    },
    /// An operation of QEMU's audio.
    Audio(u8),
    Power(u8),
    /// A framebuffer of this size with these screens is wanted.
    Screens([u16; 2], Vec<Screen>),
    /// What can be sent by the server.
    Encodings(Vec<i32>),
    Other(u8),
}

/// A connection and the server that it is connected to.
pub(super) fn connection() -> (Connection, Server) {
    let (endpoint, server) = endpoint();
    (open(endpoint), server)
}

/// A connection to what is there.
pub(super) fn open(endpoint: Endpoint) -> Connection {
    open_with(endpoint, TlsPolicy::default())
}

/// The same to a server of which something is known.
pub(super) fn open_with(endpoint: Endpoint, policy: TlsPolicy) -> Connection {
    let runtime = Handle::current();
    Connection::open(&runtime, endpoint, ClientConfig::default(), policy)
}

/// A socket and the server at its other end.
pub(super) fn endpoint() -> (Endpoint, Server) {
    let (client, server) = std::os::unix::net::UnixStream::pair().unwrap();
    server.set_nonblocking(true).unwrap();
    let server = Server::on(UnixStream::from_std(server).unwrap());
    (Endpoint::Socket(client), server)
}

/// Waits for what should happen; much longer than any time limit, or a broken test would hang.
pub(super) async fn soon<T>(future: impl Future<Output = T>) -> T {
    let limit = Duration::from_hours(24);
    tokio::time::timeout(limit, future).await.expect("it comes")
}

impl Server {
    /// A server on this stream.
    pub(super) fn on(stream: impl ByteStream + 'static) -> Self {
        Self(Box::new(stream), false)
    }

    /// The stream again.
    pub(super) fn into_stream(self) -> Box<dyn ByteStream> {
        self.0
    }

    pub(super) async fn send(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).await.unwrap();
    }

    pub(super) async fn read<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        soon(self.0.read_exact(&mut bytes)).await.unwrap();
        bytes
    }

    async fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = vec![0; count];
        soon(self.0.read_exact(&mut bytes)).await.unwrap();
        bytes
    }

    pub(super) async fn skip(&mut self, count: usize) {
        self.bytes(count).await;
    }

    /// Versions are exchanged, and one security type is offered and taken.
    pub(super) async fn offer_security(&mut self, kind: u8) {
        self.send(b"RFB 003.008\n").await;
        self.skip(12).await;
        self.send(&[1, kind]).await;
        assert_eq!(self.read().await, [kind]);
    }

    /// VNC authentication (type 2) that takes whatever it is answered.
    pub(super) async fn challenge(&mut self) {
        self.offer_security(2).await;
        self.send(&[7; 16]).await;
    }

    /// The rest of the handshake, after authentication: a screen of this size.
    pub(super) async fn begin(&mut self, width: u16, height: u16) {
        self.send(&[0; 4]).await;
        self.skip(1).await;
        self.send(&width.to_be_bytes()).await;
        self.send(&height.to_be_bytes()).await;
        // 32 bits, depth 24, little-endian, true colour: blue in the first byte.
        self.send(&[32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0])
            .await;
        self.send(&[0, 0, 0, 4]).await;
        self.send(b"test").await;
    }

    /// The whole handshake, without authentication.
    pub(super) async fn handshake(&mut self, width: u16, height: u16) {
        self.offer_security(1).await;
        self.begin(width, height).await;
    }

    async fn screen(&mut self) -> Screen {
        let id = u32::from_be_bytes(self.read().await);
        let area = self.read::<8>().await;
        let area = area.as_chunks().0.iter().copied().map(u16::from_be_bytes);
        let [x, y, width, height] = area.collect::<Vec<_>>()[..] else {
            unreachable!("eight bytes are four numbers")
        };
        Screen {
            id,
            area: Rect::new(x, y, width, height),
            flags: u32::from_be_bytes(self.read().await),
        }
    }

    pub(super) async fn message(&mut self) -> Message {
        match self.read().await {
            [0] => self.skip(19).await,
            [2] => {
                let [_, high, low] = self.read().await;
                let count = usize::from(u16::from_be_bytes([high, low]));
                let numbers = self.bytes(count * 4).await;
                let numbers = numbers.as_chunks().0;
                let numbers: Vec<i32> = numbers.iter().copied().map(i32::from_be_bytes).collect();
                if std::mem::replace(&mut self.1, true) {
                    return Message::Encodings(numbers);
                }
            }
            [3] => {
                let [incremental, ..] = self.read::<9>().await;
                return Message::Update {
                    incremental: incremental != 0,
                };
            }
            [4] => {
                let [pressed, _, _, a, b, c, d] = self.read().await;
                return Message::Key {
                    keysym: u32::from_be_bytes([a, b, c, d]),
                    pressed: pressed != 0,
                };
            }
            [5] => {
                let [buttons, a, b, c, d] = self.read().await;
                return Message::Pointer {
                    x: u16::from_be_bytes([a, b]),
                    y: u16::from_be_bytes([c, d]),
                    buttons,
                };
            }
            [6] => {
                let [_, _, _, a, b, c, d] = self.read().await;
                let length = i32::from_be_bytes([a, b, c, d]);
                return Message::CutText {
                    extended: length < 0,
                    body: self.bytes(length.unsigned_abs() as usize).await,
                };
            }
            [150] => {
                let [enable, ..] = self.read::<9>().await;
                return Message::Continuous(enable != 0);
            }
            [248] => {
                let [.., length] = self.read::<8>().await;
                return Message::Fence(self.bytes(length.into()).await);
            }
            [250] => {
                let [.., code] = self.read::<3>().await;
                return Message::Power(code);
            }
            [251] => {
                let [_, a, b, c, d, count, _] = self.read().await;
                let size = [[a, b], [c, d]].map(u16::from_be_bytes);
                let mut screens = Vec::new();
                for _ in 0..count {
                    screens.push(self.screen().await);
                }
                return Message::Screens(size, screens);
            }
            [255] => {
                let [kind, _, operation] = self.read().await;
                match (kind, operation) {
                    (0, _) => self.skip(8).await,
                    (_, 2) => self.skip(6).await,
                    _ => {}
                }
                return Message::Audio(operation);
            }
            [other] => return Message::Other(other),
        }
        Box::pin(self.message()).await
    }

    /// The encodings that the session begins with, which [`message`](Self::message) passes over.
    pub(super) async fn first_encodings(&mut self) -> Message {
        self.1 = true;
        self.message().await
    }

    /// Waits until the client asks for an update, and whether for an incremental one.
    pub(super) async fn update_request(&mut self) -> bool {
        loop {
            if let Message::Update { incremental } = self.message().await {
                return incremental;
            }
        }
    }

    /// An update of one raw rectangle in one colour.
    pub(super) async fn fill(&mut self, area: [u16; 4], pixel: [u8; 4]) {
        let bytes = raw_update(area, pixel);
        self.send(&bytes).await;
    }

    /// The screen has another size (`DesktopSize`).
    pub(super) async fn resize(&mut self, width: u16, height: u16) {
        self.rectangle([0, 0, width, height], -223, &[]).await;
    }

    /// An update of one rectangle (x, y, width, height).
    pub(super) async fn rectangle(&mut self, area: [u16; 4], encoding: i32, data: &[u8]) {
        self.send(&update(area, encoding, data)).await;
    }

    /// What the client says until it is gone, in good order or not.
    pub(super) async fn rest(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        // What came before a breach is there as well.
        let _ = soon(self.0.read_to_end(&mut rest)).await;
        rest
    }

    /// Waits until the client has closed the connection, and returns what it said before.
    pub(super) async fn until_closed(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        soon(self.0.read_to_end(&mut rest)).await.unwrap();
        rest
    }
}

/// A `FramebufferUpdate` of one raw rectangle (x, y, width, height) in one colour.
pub(super) fn raw_update(area: [u16; 4], pixel: [u8; 4]) -> Vec<u8> {
    let count = usize::from(area[2]) * usize::from(area[3]);
    update(area, 0, &pixel.repeat(count))
}

/// A `FramebufferUpdate` of one rectangle.
fn update(area: [u16; 4], encoding: i32, data: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, 0, 1];
    for number in area {
        bytes.extend(number.to_be_bytes());
    }
    bytes.extend(encoding.to_be_bytes());
    bytes.extend(data);
    bytes
}
