//! What the owner of a client may choose before connecting.

use crate::{decode::Encoding, security::SecurityType};

/// Choices for a connection. Start from `ClientConfig::default()`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientConfig {
    /// Encodings to ask for, best first.
    pub encodings: EncodingPreference,
    /// The colours to ask for (default: all). Fewer make slow connections faster.
    pub colours: ColourDepth,
    /// Let other clients stay connected (default: yes). A server may throw them out otherwise.
    pub shared: bool,
    /// The largest framebuffer to accept, in pixels of four bytes. The default is
    /// 16384 × 16384 (1 GiB, if the server draws on all of it).
    pub max_framebuffer_pixels: u32,
    /// JPEG quality 0 (worst) to 9, of the Tight encoding. `None` (default): lossless, no JPEG.
    pub quality: Option<u8>,
    /// JPEG quality 0 (worst) to 100, for servers that know finer steps than
    /// [`quality`](Self::quality), which they prefer it to (TigerVNC, TurboVNC).
    pub fine_quality: Option<u8>,
    /// How much colour JPEG may drop, for the same servers.
    pub subsampling: Option<Subsampling>,
    /// Compression 0 (fastest) to 9 (smallest). `None` (default): as the server likes.
    pub compression: Option<u8>,
    /// Have the pointer's picture sent, to draw it here without delay, rather than painted into
    /// the framebuffer (default: yes).
    pub local_cursor: bool,
    /// Accept changes of the framebuffer's size (default: yes). Without, servers keep the picture
    /// within the first size or close the connection.
    pub resizable: bool,
    /// Ask for cursors with transparency too, and for the pointer's place when the server moves it,
    /// with [`local_cursor`](Self::local_cursor) (default: yes).
    pub rich_cursors: bool,
    /// Use extensions of input: keys by scancode, relative pointer, the locks' lights, mouse buttons
    /// "back" and "forward" (default: yes).
    pub extended_input: bool,
    /// Offer fences and continuous updates, which the client's owner need not use (default: yes).
    pub flow_control: bool,
    /// Offer the extended clipboard: Unicode, and texts on request only (default: yes).
    pub clipboard: bool,
    /// Offer what goes beyond the screen and its input: sound, and turning the machine off and on.
    /// Neither happens unasked (default: yes).
    pub machine: bool,
    /// Whether the owner can do TLS (default: it cannot).
    pub tls: TlsUse,
    /// Security types not to take, for example because they led to
    /// [`Error::UnsupportedSecurity`](crate::Error::UnsupportedSecurity) before (default: none).
    pub avoid: Vec<SecurityType>,
}

impl ClientConfig {
    /// Only what RFC 6143 has, and `LastRect` and `DesktopName`: for recordings that other programs
    /// are to read.
    pub fn basic() -> Self {
        Self {
            rich_cursors: false,
            extended_input: false,
            flow_control: false,
            clipboard: false,
            machine: false,
            ..Self::default()
        }
    }
}

/// What an owner does about [`Event::StartTls`](crate::Event::StartTls).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum TlsUse {
    /// It cannot do TLS, and the event never comes.
    #[default]
    Never,
    /// It can. TLS is taken wherever it is offered with certificates.
    IfOffered,
    /// It can, and does not want a connection without, for example because the server is known to
    /// have a certificate: whoever sits in between could have taken TLS off the server's list.
    Required,
}

impl Default for ClientConfig {
    fn default() -> Self {
        Self {
            encodings: EncodingPreference::default(),
            colours: ColourDepth::default(),
            shared: true,
            max_framebuffer_pixels: 16384 * 16384,
            quality: None,
            fine_quality: None,
            subsampling: None,
            compression: None,
            local_cursor: true,
            resizable: true,
            rich_cursors: true,
            extended_input: true,
            flow_control: true,
            clipboard: true,
            machine: true,
            tls: TlsUse::Never,
            avoid: Vec::new(),
        }
    }
}

/// How many colours the server is to send. The [`Framebuffer`](crate::Framebuffer) has the same
/// format with each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum ColourDepth {
    /// All: eight bits each of red, green and blue.
    #[default]
    Full,
    /// 65,536: five bits of red, six of green, five of blue.
    Thousands,
    /// 256: three bits of red, three of green, two of blue.
    Few,
    /// Those that the server announces, in the format that it announces: a colour map, more than
    /// eight bits a colour, any order of bytes. For servers that ignore or mistake what is asked
    /// for.
    AsServer,
}

/// How many pixels share a colour in JPEG, where brightness is each pixel's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subsampling {
    /// Every pixel has its colour.
    None = 0,
    /// Four pixels share one.
    Quarter = 1,
    /// Two pixels share one.
    Half = 2,
    /// There are no colours.
    Grey = 3,
    /// Eight pixels share one.
    Eighth = 4,
    /// Sixteen pixels share one.
    Sixteenth = 5,
}

/// Encodings in the order of preference. Raw, which every server may use at any time, need not be
/// named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncodingPreference(Vec<Encoding>);

impl EncodingPreference {
    /// These encodings, best first.
    pub fn new(encodings: impl IntoIterator<Item = Encoding>) -> Self {
        let mut unique = Vec::new();
        for encoding in encodings {
            if !unique.contains(&encoding) {
                unique.push(encoding);
            }
        }
        Self(unique)
    }

    /// Only this encoding (and Raw, where the server insists).
    pub fn only(encoding: Encoding) -> Self {
        Self(vec![encoding])
    }

    /// The encodings, best first.
    pub fn as_slice(&self) -> &[Encoding] {
        &self.0
    }
}

impl Default for EncodingPreference {
    /// Tight before ZRLE: about as small, and it decodes faster. Then what makes larger rectangles,
    /// best first. `CopyRect` is not a rival of any; servers use it wherever something moved.
    fn default() -> Self {
        Self(vec![
            Encoding::Tight,
            Encoding::Zrle,
            Encoding::CopyRect,
            Encoding::TightPng,
            Encoding::ZlibHex,
            Encoding::Zlib,
            Encoding::Trle,
            Encoding::Hextile,
            Encoding::CoRre,
            Encoding::Rre,
            Encoding::Raw,
        ])
    }
}
