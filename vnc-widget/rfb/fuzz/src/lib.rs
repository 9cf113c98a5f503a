//! The fuzz targets: a server made of whatever the fuzzer says, and an owner of a client who
//! does all that owners do.
//!
//! In `vnc-widget/rfb/`: `cargo +nightly fuzz run tiles FOLDER fuzz/corpus/tiles -- -max_len=4096`, and
//! likewise `handshake`, `session`, `tight`; what is found goes into FOLDER. The corpus in the tree is
//! small, made by hand and by such runs (`-merge=1`, then the largest). The engine's ordinary tests run
//! all of it (`tests/engine/corpus.rs`), so that each crash becomes a test by being put there.

use rfb::{Client, ClientConfig, ColourDepth, Credentials, Event, TlsUse};

/// Pixel formats as `ServerInit` has them: the usual one, the other end first, 16 and 8 bits, ten bits
/// a colour, colour maps, and one that makes no sense.
const FORMATS: [[u8; 13]; 8] = [
    [32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0],
    [32, 24, 1, 1, 0, 255, 0, 255, 0, 255, 24, 16, 8],
    [16, 16, 0, 1, 0, 31, 0, 63, 0, 31, 11, 5, 0],
    [8, 8, 0, 1, 0, 7, 0, 7, 0, 3, 0, 3, 6],
    [32, 30, 1, 1, 3, 255, 3, 255, 3, 255, 20, 10, 0],
    [8, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    [16, 8, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    [24, 24, 0, 1, 255, 255, 0, 0, 0, 5, 255, 32, 31],
];

/// Bytes that are used up from the front; zero when there are none left.
#[derive(Debug, Clone, Copy)]
struct Choices<'a>(&'a [u8]);

impl<'a> Choices<'a> {
    /// The next byte.
    fn byte(&mut self) -> u8 {
        match self.0.split_first() {
            Some((&byte, rest)) => {
                self.0 = rest;
                byte
            }
            None => 0,
        }
    }

    /// As many bytes as the next byte says, if so many are left.
    fn some(&mut self) -> &'a [u8] {
        let length = usize::from(self.byte()).min(self.0.len());
        let (some, rest) = self.0.split_at(length);
        self.0 = rest;
        some
    }
}

/// The start of a session without security, on a screen of 80 × 70, in one of several formats.
fn server(format: u8) -> Vec<u8> {
    let mut bytes = b"RFB 003.008\n\x01\x01\0\0\0\0\0\x50\0\x46".to_vec();
    bytes.extend(FORMATS[usize::from(format) % FORMATS.len()]);
    bytes.extend([0; 3 + 4]);
    bytes
}

/// An update of one rectangle.
fn update(bytes: &mut Vec<u8>, choices: &mut Choices<'_>, encoding: i32, data: &[u8]) {
    bytes.extend([0, 0, 0, 1]);
    // Mostly within the screen.
    for limit in [40, 35, 41, 36] {
        bytes.extend([0, choices.byte() % limit]);
    }
    bytes.extend(encoding.to_be_bytes());
    bytes.extend(data);
}

/// zlib data that comes out as `data`, without the work of compressing it. `first`: at the start of a
/// stream.
fn stored(first: bool, data: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    if first {
        bytes.extend([0x78, 0x01]);
    }
    let length = data.len() as u16;
    bytes.push(0);
    bytes.extend(length.to_le_bytes());
    bytes.extend((!length).to_le_bytes());
    bytes.extend(&data[..usize::from(length)]);
    bytes
}

/// Feeds a client in pieces, doing all that an owner does, until it has had enough. Returns whether it
/// has not. What comes out of TLS is taken for what went in.
fn endure(config: &ClientConfig, bytes: &[u8], piece: usize) -> (Client, bool) {
    let mut client = Client::new(config.clone());
    for mut rest in bytes.chunks(piece.max(1)) {
        while !rest.is_empty() {
            if client.receive_some(&mut rest).is_err() {
                return (client, false);
            }
            while let Some(event) = client.next_event() {
                match event {
                    Event::NeedCredentials(_) => {
                        client.provide_credentials(
                            &Credentials::user("user", "password").even_in_clear(),
                        );
                    }
                    Event::StartTls => client.tls_established(),
                    Event::Connected { .. } => {
                        client.request_update(true);
                        client.cut_text("text");
                    }
                    Event::FrameComplete => client.request_update(true),
                    Event::ContinuousUpdatesOff => {
                        client.set_continuous_updates(true);
                    }
                    Event::ClipboardOffered => {
                        client.request_clipboard();
                    }
                    _ => {}
                }
            }
            for rect in client.take_damage().iter() {
                assert!(client.framebuffer().bounds().contains(rect));
            }
            client.take_output();
        }
    }
    (client, true)
}

/// Decodes whole and in pieces: what comes of it must be the same.
fn compare(bytes: &[u8], piece: u8) {
    let config = ClientConfig {
        colours: ColourDepth::AsServer,
        tls: TlsUse::IfOffered,
        max_framebuffer_pixels: 1 << 18,
        ..ClientConfig::default()
    };
    let (whole, fine) = endure(&config, bytes, usize::MAX);
    let (cut, cut_fine) = endure(&config, bytes, piece.into());
    // Cut, a fault may take more bytes to show; there is none that only cutting brings.
    assert!(cut_fine || !fine);
    let statistics = whole.statistics();
    if fine && cut_fine && statistics.bytes_understood == statistics.bytes_received {
        assert_eq!(statistics, cut.statistics());
        assert!(whole.framebuffer() == cut.framebuffer());
    }
}

/// Anything instead of a VNC server, from the first byte on.
pub fn handshake(input: &[u8]) {
    let mut choices = Choices(input);
    let piece = choices.byte();
    compare(choices.0, piece);
}

/// A session after an honest handshake, in any pixel format.
pub fn session(input: &[u8]) {
    let mut choices = Choices(input);
    let (piece, format) = (choices.byte(), choices.byte());
    compare(&[&server(format), choices.0].concat(), piece);
}

/// Rectangles of RRE, `CoRRE`, Hextile, Zlib, `ZlibHex`, TRLE and ZRLE. Where a length and zlib data is
/// all there is, the zlib data is sound, and what comes out of it is not.
pub fn tiles(input: &[u8]) {
    let mut choices = Choices(input);
    let (piece, format) = (choices.byte(), choices.byte());
    let mut bytes = server(format);
    let mut used = [false; 2];
    let mut framed = |stream: usize, data: &[u8]| {
        let zlib = stored(!used[stream], data);
        used[stream] = true;
        [&(zlib.len() as u32).to_be_bytes()[..], &zlib].concat()
    };
    while !choices.0.is_empty() {
        let encoding = [2, 4, 5, 6, 8, 15, 16, 16][usize::from(choices.byte() % 8)];
        let data = choices.some();
        let data = match encoding {
            6 => framed(0, data),
            16 => framed(1, data),
            _ => data.to_vec(),
        };
        update(&mut bytes, &mut choices, encoding, &data);
    }
    compare(&bytes, piece);
}

/// Rectangles of Tight and `TightPNG`: each kind of them, over sound zlib data where there is any.
pub fn tight(input: &[u8]) {
    let mut choices = Choices(input);
    let (piece, format) = (choices.byte(), choices.byte());
    let mut bytes = server(format);
    let mut used = [false; 4];
    while !choices.0.is_empty() {
        let encoding = if choices.byte() & 1 == 0 { 7 } else { -260 };
        let control = choices.byte();
        let mut tight = vec![control];
        if control & 0x40 != 0 && control < 0x80 {
            tight.extend(choices.some());
        }
        let data = choices.some();
        if control < 0x80 {
            for (stream, used) in used.iter_mut().enumerate() {
                *used &= control & (1 << stream) == 0;
            }
            let stream = usize::from(control >> 4 & 3);
            let zlib = stored(!used[stream], data);
            used[stream] = true;
            tight.extend(compact(zlib.len()));
            tight.extend(zlib);
        } else if control >> 4 != 8 {
            tight.extend(compact(data.len()));
            tight.extend(data);
        } else {
            tight.extend(data);
        }
        update(&mut bytes, &mut choices, encoding, &tight);
    }
    compare(&bytes, piece);
}

/// A length as Tight has it, in three bytes.
fn compact(length: usize) -> [u8; 3] {
    [
        length as u8 | 0x80,
        (length >> 7) as u8 | 0x80,
        (length >> 14) as u8,
    ]
}
