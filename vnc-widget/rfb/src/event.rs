//! What the engine tells its owner.

use crate::{clipboard::ClipboardText, framebuffer::Pixel, led::Leds};

/// Something the owner of a [`Client`](crate::Client) should know or answer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// The server waits for credentials; nothing happens until they are given, with
    /// [`Client::provide_credentials`](crate::Client::provide_credentials).
    NeedCredentials(CredentialKind),
    /// The next byte of the server belongs to TLS, and so does the next byte to it, after what
    /// [`Client::take_output`](crate::Client::take_output) still has. The owner makes a TLS client
    /// connection over the same stream, beginning with the bytes that
    /// [`Client::receive_some`](crate::Client::receive_some) gave back, and calls
    /// [`Client::tls_established`](crate::Client::tls_established) once it trusts the server's
    /// certificate; from then on the engine is given what comes out of TLS, and what it says goes in.
    /// Only seen where [`ClientConfig::tls`](crate::ClientConfig::tls) allows it.
    StartTls,
    /// The handshake is over. The framebuffer has its size and nothing in it; the owner now asks for
    /// pixels with [`Client::request_update`](crate::Client::request_update).
    Connected {
        /// The desktop's name.
        name: String,
        /// Width of the framebuffer in pixels.
        width: u16,
        /// Height of the framebuffer in pixels.
        height: u16,
    },
    /// One update of the server is wholly in the framebuffer: the time to draw what
    /// [`Client::take_damage`](crate::Client::take_damage) returns, which is nothing if the update
    /// brought no pixels, and to request the next update.
    FrameComplete,
    /// The framebuffer has a new size and nothing in it, and nothing of it counts as damaged.
    /// Servers send the new content in answer to the next request; one that is not incremental
    /// makes sure of it.
    Resized {
        /// New width in pixels.
        width: u16,
        /// New height in pixels.
        height: u16,
        /// Who asked for it.
        by: ResizeOrigin,
    },
    /// The server did not do what
    /// [`Client::set_desktop_size`](crate::Client::set_desktop_size) or
    /// [`Client::set_desktop_layout`](crate::Client::set_desktop_layout) asked.
    ResizeRefused(ResizeRefusal),
    /// The pointer's picture changed; the client draws it at the pointer's place. `None`: no
    /// pointer is to be seen.
    CursorChanged(Option<Cursor>),
    /// The server rings.
    Bell,
    /// A text of the server's clipboard: a new one, or the one that was asked for with
    /// [`Client::request_clipboard`](crate::Client::request_clipboard).
    CutText(ClipboardText),
    /// The server's clipboard has a new text, which it keeps until it is asked for with
    /// [`Client::request_clipboard`](crate::Client::request_clipboard).
    ClipboardOffered,
    /// The desktop has a new name.
    DesktopName(String),
    /// The server wants pointer movements in another way from now on (QEMU).
    PointerMode(PointerMode),
    /// The pointer was moved on the server's side, by a program or another client, to this pixel.
    PointerMoved {
        /// Column.
        x: u16,
        /// Row.
        y: u16,
    },
    /// The locks of the server's keyboard, when the server tells them first and whenever one
    /// changes.
    Leds(Leds),
    /// The arrangement of screens is known, or another:
    /// [`Client::screens`](crate::Client::screens). With [`Resized`](Self::Resized) if the
    /// framebuffer has another size with it.
    ScreensChanged,
    /// The server sends updates on request only, and could send them by itself:
    /// [`Client::set_continuous_updates`](crate::Client::set_continuous_updates). Comes once when
    /// this is known, and each time that continuous updates were turned off and have ended.
    ContinuousUpdatesOff,
    /// The server has stopped sending updates by itself without having been told to: they come on
    /// request only, and it is not asked to send them by itself until
    /// [`ContinuousUpdatesOff`](Self::ContinuousUpdatesOff) says anew that it could.
    ContinuousUpdatesWithdrawn,
    /// The server has dealt with everything that was sent before
    /// [`Client::request_fence`](crate::Client::request_fence) with this payload.
    FenceAnswered(Vec<u8>),
    /// What comes of sound on the server.
    Audio(AudioEvent),
    /// The server can turn its machine off and on:
    /// [`Client::power`](crate::Client::power).
    PowerAvailable,
    /// The server could not do what [`Client::power`](crate::Client::power) asked.
    PowerFailed,
}

/// A credential the server asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CredentialKind {
    /// A password alone, of which VNC authentication uses the first eight bytes.
    Password,
    /// A user name and a password. They are sent inside TLS, or not as they are.
    UsernameAndPassword,
    /// A user name and a password, which everybody on the way to the server can read: the server
    /// offers nothing better. Answered only by credentials that are allowed
    /// [even in clear](crate::Credentials::even_in_clear), by somebody who was told.
    UsernameAndPasswordInClear,
}

/// Sound from the server, as [`Client::start_audio`](crate::Client::start_audio) asked for it.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum AudioEvent {
    /// The server can send sound. It comes only once it is asked for.
    Available,
    /// Something begins to play.
    Started,
    /// The next of it, in the format that was asked for: whole samples of all channels, at most
    /// 64 KiB at once.
    Data(Vec<u8>),
    /// Nothing is playing any more.
    Stopped,
}

impl std::fmt::Debug for AudioEvent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Available => f.write_str("Available"),
            Self::Started => f.write_str("Started"),
            Self::Data(data) => write!(f, "Data({} bytes)", data.len()),
            Self::Stopped => f.write_str("Stopped"),
        }
    }
}

/// How the server understands pointer events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum PointerMode {
    /// Positions on the framebuffer: use [`Client::pointer`](crate::Client::pointer).
    #[default]
    Absolute,
    /// Movements: use [`Client::pointer_motion`](crate::Client::pointer_motion).
    Relative,
}

/// Who changed the size of the framebuffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ResizeOrigin {
    /// The server by itself, for example because the guest chose another mode.
    Server,
    /// This client, through [`Client::set_desktop_size`](crate::Client::set_desktop_size).
    ThisClient,
    /// Another client of the same server.
    OtherClient,
}

/// Why the server did not change the size (`ExtendedDesktopSize` status codes).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ResizeRefusal {
    /// The server or its administrator forbids it.
    Prohibited,
    /// Not enough memory or the like.
    OutOfResources,
    /// The server cannot have this arrangement of screens.
    InvalidLayout,
    /// A code with no agreed meaning.
    Other(u16),
}

/// The picture of the pointer.
#[derive(Clone, PartialEq, Eq)]
pub struct Cursor {
    /// Width in pixels.
    pub width: u16,
    /// Height in pixels.
    pub height: u16,
    /// Column of the pixel that points.
    pub hotspot_x: u16,
    /// Row of the pixel that points.
    pub hotspot_y: u16,
    /// `width * height` pixels, row by row: blue, green, red, alpha (straight, not multiplied in).
    pub pixels: Vec<Pixel>,
}

impl Cursor {
    /// The pixels as bytes, four for each: blue, green, red, alpha.
    pub fn bytes(&self) -> &[u8] {
        self.pixels.as_flattened()
    }
}

impl std::fmt::Debug for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Cursor({} x {}, hotspot {}, {})",
            self.width, self.height, self.hotspot_x, self.hotspot_y
        )
    }
}
