//! A server made of bytes.

use std::io::Write;

use flate2::{Compress, Compression, FlushCompress};
use rfb::{Client, ClientConfig, Event, Framebuffer};

pub(crate) const RAW: i32 = 0;
pub(crate) const COPY_RECT: i32 = 1;
pub(crate) const RRE: i32 = 2;
pub(crate) const CORRE: i32 = 4;
pub(crate) const HEXTILE: i32 = 5;
pub(crate) const ZLIB: i32 = 6;
pub(crate) const TIGHT: i32 = 7;
pub(crate) const ZLIB_HEX: i32 = 8;
pub(crate) const TRLE: i32 = 15;
pub(crate) const ZRLE: i32 = 16;
pub(crate) const TIGHT_PNG: i32 = -260;
pub(crate) const AUDIO: i32 = -259;
pub(crate) const CURSOR: i32 = -239;
pub(crate) const CURSOR_WITH_ALPHA: i32 = -314;
pub(crate) const DESKTOP_SIZE: i32 = -223;
pub(crate) const LAST_RECT: i32 = -224;
pub(crate) const POINTER_MOTION: i32 = -257;
pub(crate) const EXTENDED_KEY: i32 = -258;
pub(crate) const DESKTOP_NAME: i32 = -307;
pub(crate) const EXTENDED_DESKTOP_SIZE: i32 = -308;
pub(crate) const EXTENDED_MOUSE_BUTTONS: i32 = -316;
pub(crate) const LED_STATE: i32 = -261;
pub(crate) const POINTER_POSITION: i32 = -232;
pub(crate) const VMWARE_CURSOR: i32 = 0x574d_5664;
pub(crate) const VMWARE_LED_STATE: i32 = 0x574d_5668;
pub(crate) const VMWARE_POINTER_POSITION: i32 = 0x574d_5666;
pub(crate) const X_CURSOR: i32 = -240;

/// What a server sends, written down call by call.
#[derive(Clone, Default)]
pub(crate) struct Server {
    pub(crate) bytes: Vec<u8>,
}

impl Server {
    /// A server of RFB 3.8 without security, up to and with `ServerInit`.
    pub(crate) fn new(width: u16, height: u16) -> Self {
        Self::default()
            .raw(b"RFB 003.008\n\x01\x01\0\0\0\0")
            .init(width, height, "test")
    }

    pub(crate) fn raw(mut self, bytes: &[u8]) -> Self {
        self.bytes.write_all(bytes).unwrap();
        self
    }

    pub(crate) fn u16s(mut self, values: &[u16]) -> Self {
        for value in values {
            self.bytes.extend_from_slice(&value.to_be_bytes());
        }
        self
    }

    pub(crate) fn u32(self, value: u32) -> Self {
        self.raw(&value.to_be_bytes())
    }

    pub(crate) fn init(self, width: u16, height: u16, name: &str) -> Self {
        self.u16s(&[width, height])
            .raw(&[32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0])
            .u32(name.len() as u32)
            .raw(name.as_bytes())
    }

    /// The head of an update.
    pub(crate) fn update(self, rectangles: u16) -> Self {
        self.raw(&[0, 0]).u16s(&[rectangles])
    }

    /// The head of a rectangle.
    pub(crate) fn rect(self, [x, y, width, height]: [u16; 4], encoding: i32) -> Self {
        self.u16s(&[x, y, width, height]).u32(encoding as u32)
    }

    /// An update of one rectangle.
    pub(crate) fn update_of(self, place: [u16; 4], encoding: i32, data: &[u8]) -> Self {
        self.update(1).rect(place, encoding).raw(data)
    }
}

/// A connected client that has nothing to tell yet.
pub(crate) fn connected(width: u16, height: u16) -> Client {
    let mut client = client(&Server::new(width, height));
    events(&mut client);
    client.take_output();
    client.take_damage();
    client
}

/// What a client tells its owner on receiving this.
pub(crate) fn send(client: &mut Client, server: &Server) -> Vec<Event> {
    client.receive(&server.bytes).unwrap();
    events(client)
}

/// What connected clients tell their owners and answer the server on receiving this, each by
/// itself: whole, in two pieces cut anywhere, and byte by byte. All must do the same.
pub(crate) fn however_cut(server: &Server) -> (Vec<Event>, Vec<u8>) {
    let bytes = &server.bytes;
    let run = |pieces: &mut dyn Iterator<Item = &[u8]>| {
        let mut client = connected(300, 200);
        let mut told = Vec::new();
        for piece in pieces {
            client.receive(piece).unwrap();
            told.extend(events(&mut client));
        }
        let statistics = client.statistics();
        assert_eq!(statistics.bytes_received, statistics.bytes_understood);
        (told, client.take_output())
    };
    let whole = run(&mut [&bytes[..]].into_iter());
    for cut in 1..bytes.len() {
        let (start, end) = bytes.split_at(cut);
        assert_eq!(run(&mut [start, end].into_iter()), whole, "cut at {cut}");
    }
    assert_eq!(run(&mut bytes.chunks(1)), whole, "byte by byte");
    whole
}

/// A client after receiving all of this.
pub(crate) fn client(server: &Server) -> Client {
    let mut client = Client::new(ClientConfig::default());
    client.receive(&server.bytes).unwrap();
    client
}

/// The error that this leads to.
pub(crate) fn error(server: &Server) -> rfb::Error {
    let mut client = Client::new(ClientConfig::default());
    let error = client.receive(&server.bytes).unwrap_err();
    assert_eq!(
        client.receive(b"more"),
        Err(error.clone()),
        "errors are final"
    );
    assert_eq!(client.state(), rfb::ConnectionState::Failed);
    error
}

/// The problem of a protocol violation, which this must lead to.
pub(crate) fn problem(server: &Server) -> String {
    match error(server) {
        rfb::Error::Protocol { problem, .. } => problem,
        other => panic!("expected a protocol violation: {other}"),
    }
}

pub(crate) fn events(client: &mut Client) -> Vec<Event> {
    std::iter::from_fn(|| client.next_event()).collect()
}

/// The pixels as 0xRRGGBB; all that were drawn must be opaque, and the others nothing.
pub(crate) fn rgb(framebuffer: &Framebuffer) -> Vec<u32> {
    framebuffer
        .pixels()
        .as_chunks::<4>()
        .0
        .iter()
        .map(|&pixel| {
            let argb = u32::from_le_bytes(pixel);
            assert!(argb >> 24 == 0xff || argb == 0, "{argb:x}");
            argb & 0xff_ffff
        })
        .collect()
}

/// A zlib stream that goes on from call to call.
pub(crate) struct Zlib(Compress);

impl Zlib {
    pub(crate) fn new() -> Self {
        Self(Compress::new(Compression::default(), true))
    }

    /// Compresses and flushes, as servers do at the end of a rectangle.
    pub(crate) fn compress(&mut self, data: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(data.len() * 2 + 1024);
        self.0
            .compress_vec(data, &mut out, FlushCompress::Sync)
            .unwrap();
        out
    }

    /// Compressed data with its length in four bytes, as in ZRLE.
    pub(crate) fn zrle(&mut self, data: &[u8]) -> Vec<u8> {
        let data = self.compress(data);
        [&(data.len() as u32).to_be_bytes()[..], &data].concat()
    }

    /// Compressed data with its compact length, as in Tight.
    pub(crate) fn tight(&mut self, data: &[u8]) -> Vec<u8> {
        let data = self.compress(data);
        [compact(data.len()), data].concat()
    }
}

/// A length as in Tight.
pub(crate) fn compact(length: usize) -> Vec<u8> {
    match length {
        0..0x80 => vec![length as u8],
        0x80..0x4000 => vec![length as u8 | 0x80, (length >> 7) as u8],
        _ => vec![
            length as u8 | 0x80,
            (length >> 7) as u8 | 0x80,
            (length >> 14) as u8,
        ],
    }
}
