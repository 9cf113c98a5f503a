//! A client engine for RFB, the protocol of VNC (RFC 6143 and its registered extensions).
//!
//! The engine does no input or output of its own: no sockets, threads, timers or files. Whoever
//! owns the connection hands it what the server sent and sends what it asks to be sent:
//!
//! ```
//! use rfb::{Client, ClientConfig, Event};
//!
//! # fn example(mut read: impl FnMut(&mut [u8]) -> usize, mut write: impl FnMut(&[u8])) -> Result<(), rfb::Error> {
//! let mut client = Client::new(ClientConfig::default());
//! let mut buffer = vec![0; 65536];
//! loop {
//!     let length = read(&mut buffer);
//!     if length == 0 {
//!         break;
//!     }
//!     client.receive(&buffer[..length])?;
//!     while let Some(event) = client.next_event() {
//!         match event {
//!             Event::NeedCredentials(_) => {
//!                 client.provide_password("secret");
//!             }
//!             Event::Connected { .. } => client.request_update(false),
//!             Event::FrameComplete => {
//!                 for rect in client.take_damage().iter() {
//!                     // Draw this part of client.framebuffer().
//! #                   let _ = rect;
//!                 }
//!                 client.request_update(true);
//!             }
//!             _ => {}
//!         }
//!     }
//!     write(&client.take_output());
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Pictures
//!
//! Servers pick an [`Encoding`] for each rectangle, among those that were asked for
//! ([`ClientConfig::encodings`]) and Raw, and send pixels in the format that was asked for
//! ([`ClientConfig::colours`]): 32 bits by default, 16 or 8 to save bandwidth, or whatever the server
//! has of its own, a colour map included. Whichever it is, the [`Framebuffer`] holds four bytes a
//! pixel. When a server changes its colour map the picture is asked for anew, by the engine itself.
//!
//! # Beside pictures
//!
//! What a server can do beyond RFC 6143 is learnt in the session: methods that use it do nothing, and
//! say so, before the server has confirmed it.
//!
//! | | tells | asks |
//! |---|---|---|
//! | sizes and screens | [`Event::Resized`], [`Event::ScreensChanged`] | [`Client::set_desktop_size`], [`Client::set_desktop_layout`] |
//! | the pointer | [`Event::CursorChanged`], [`Event::PointerMoved`], [`Event::PointerMode`] | [`Client::pointer`], [`Client::pointer_motion`] |
//! | keys and locks | [`Event::Leds`] | [`Client::key`] |
//! | pace | [`Event::ContinuousUpdatesOff`], [`Event::ContinuousUpdatesWithdrawn`], [`Event::FenceAnswered`] | [`Client::set_continuous_updates`], [`Client::hold_fences`], [`Client::request_fence`] |
//! | clipboard | [`Event::CutText`], [`Event::ClipboardOffered`] | [`Client::cut_text`], [`Client::hold_text`], [`Client::withdraw_text`], [`Client::request_clipboard`] |
//! | sound | [`Event::Audio`] | [`Client::start_audio`], [`Client::stop_audio`] |
//! | power | [`Event::PowerAvailable`], [`Event::PowerFailed`] | [`Client::power`] |
//! | quality | | [`Client::set_quality`], [`Client::set_fine_quality`], [`Client::set_compression`], [`Client::set_encodings`] |
//!
//! # What holds
//!
//! - Parsing resumes at any byte: how the server's bytes are cut into calls of
//!   [`Client::receive`] changes nothing but the time at which events appear.
//! - Every length the server announces is checked before memory is taken for it. Beside the
//!   framebuffer, of which only what was drawn takes memory, a client holds at most about 64 MiB,
//!   whatever the server sends, as long as events are taken after each `receive`. Only a JPEG or PNG
//!   picture larger than 2048 × 2048 takes more while it is drawn: up to twelve bytes for each of its
//!   pixels, of which there may be as many as in 2048 × 16384 (400 MiB).
//! - No call of [`Client::receive_some`] takes long, whatever the server sends: it stops after
//!   about as much work as one screen is.
//! - Pixels go from the decompressor straight into the [`Framebuffer`]; events carry no picture.
//! - No rectangle allocates memory once the buffers have reached their size (JPEG and PNG
//!   excepted: their libraries allocate for themselves).
//! - Nothing a server sends can make the engine panic.

mod audio;
mod bytes;
mod client;
mod clipboard;
mod config;
mod damage;
mod decode;
mod error;
mod event;
mod features;
mod fence;
mod framebuffer;
mod handshake;
mod input_buffer;
pub mod keyboard;
mod led;
mod message;
mod outbox;
mod pixel_format;
mod pointer;
mod power;
mod rect;
mod screen;
mod security;
mod session;
mod statistics;
mod update;

pub use audio::{AudioFormat, Channels, SampleFormat};
pub use client::{Client, ConnectionState};
pub use clipboard::ClipboardText;
pub use config::{ClientConfig, ColourDepth, EncodingPreference, Subsampling, TlsUse};
pub use damage::Damage;
pub use decode::Encoding;
pub use error::Error;
pub use event::{
    AudioEvent, CredentialKind, Cursor, Event, PointerMode, ResizeOrigin, ResizeRefusal,
};
pub use framebuffer::{Framebuffer, Pixel};
pub use led::Leds;
pub use power::PowerAction;
pub use rect::Rect;
pub use screen::Screen;
pub use security::{Login, Security, SecurityType, credentials::Credentials};
pub use statistics::Statistics;
