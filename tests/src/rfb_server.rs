//! VNC servers on loopback that no client should have to meet.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

/// What a server does to those who connect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behaviour {
    /// Closes at once.
    Close,
    /// Accepts and never says anything.
    Silence,
    /// Sends bytes that are no RFB.
    Garbage,
    /// Speaks another protocol politely.
    Http,
    /// Completes the handshake with no authentication, then sends bytes that mean nothing.
    GarbageAfterHandshake,
    /// Completes the handshake and announces a desktop of 65535 x 65535.
    HugeDesktop,
    /// Completes the handshake, then answers the first update request with a rectangle that is
    /// never finished.
    HalfAnUpdate,
    /// Refuses with a reason, as a server does that has had too many failed attempts.
    Refuse,
}

/// A running server. It ends with the process: tests run in sandboxes.
#[derive(Debug)]
pub struct RfbServer {
    port: u16,
}

impl RfbServer {
    /// Starts one.
    ///
    /// # Panics
    /// When loopback has no free port.
    pub fn start(behaviour: Behaviour) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("loopback has a free port");
        let port = listener.local_addr().expect("it is bound").port();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                thread::spawn(move || {
                    // The client may leave at any point.
                    let _ = serve(stream, behaviour);
                });
            }
        });
        Self { port }
    }

    /// Its TCP port.
    pub fn port(&self) -> u16 {
        self.port
    }
}

fn serve(mut stream: TcpStream, behaviour: Behaviour) -> std::io::Result<()> {
    match behaviour {
        Behaviour::Close => Ok(()),
        Behaviour::Silence => until_closed(&mut stream),
        Behaviour::Garbage => babble(&mut stream),
        Behaviour::Http => {
            stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")?;
            until_closed(&mut stream)
        }
        Behaviour::GarbageAfterHandshake => {
            handshake(&mut stream, 640, 480)?;
            babble(&mut stream)
        }
        Behaviour::HugeDesktop => {
            handshake(&mut stream, u16::MAX, u16::MAX)?;
            until_closed(&mut stream)
        }
        Behaviour::HalfAnUpdate => {
            handshake(&mut stream, 640, 480)?;
            // FramebufferUpdate (RFC 6143, 7.6.1): one raw rectangle of 640 x 480, and one pixel.
            stream.write_all(&[0, 0, 0, 1])?;
            stream.write_all(&[0, 0, 0, 0, 2, 128, 1, 224, 0, 0, 0, 0])?;
            stream.write_all(&[0; 4])?;
            until_closed(&mut stream)
        }
        Behaviour::Refuse => {
            version(&mut stream)?;
            // No security types, and the reason (RFC 6143, 7.1.2).
            let reason = b"Too many authentication failures";
            stream.write_all(&[0])?;
            stream.write_all(&(reason.len() as u32).to_be_bytes())?;
            stream.write_all(reason)
        }
    }
}

fn version(stream: &mut TcpStream) -> std::io::Result<()> {
    stream.write_all(b"RFB 003.008\n")?;
    stream.read_exact(&mut [0; 12])
}

/// From the version to `ServerInit` (RFC 6143, 7.1 to 7.3), without authentication.
fn handshake(stream: &mut TcpStream, width: u16, height: u16) -> std::io::Result<()> {
    version(stream)?;
    stream.write_all(&[1, 1])?;
    stream.read_exact(&mut [0; 1])?;
    stream.write_all(&[0; 4])?;
    stream.read_exact(&mut [0; 1])?;
    stream.write_all(&width.to_be_bytes())?;
    stream.write_all(&height.to_be_bytes())?;
    // 32 bits, depth 24, little-endian true colour; red, green and blue in the low bytes.
    stream.write_all(&[32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0])?;
    stream.write_all(&4_u32.to_be_bytes())?;
    stream.write_all(b"test")
}

/// Sends bytes without meaning for ever; the same ones each time.
fn babble(stream: &mut TcpStream) -> std::io::Result<()> {
    let mut state = 0x2545_f491_u32;
    let mut block = [0; 1024];
    loop {
        for byte in &mut block {
            // xorshift: any mixture will do.
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            *byte = state as u8;
        }
        stream.write_all(&block)?;
        thread::sleep(Duration::from_millis(5));
    }
}

fn until_closed(stream: &mut TcpStream) -> std::io::Result<()> {
    let mut buffer = [0; 1024];
    while stream.read(&mut buffer)? > 0 {}
    Ok(())
}
