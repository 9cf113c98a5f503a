//! A GTK 4 widget that shows the screen of a VNC server and sends it keys and clicks.
//!
//! [`VncDisplay`] is a widget like any other: put it into a window, tell it where the server is,
//! and listen to what becomes of the connection.
//!
//! ```no_run
//! use gtk::prelude::*;
//! use vnc_widget::{DisplayState, Endpoint, VncDisplay};
//!
//! # fn example(runtime: &tokio::runtime::Runtime, window: &gtk::Window) {
//! let display = VncDisplay::new(runtime.handle());
//! display.connect_state_changed(|display, state| match state {
//!     DisplayState::NeedsCredentials(_) => display.provide_password("secret"),
//!     // Somebody has to look at the fingerprint; here nobody does.
//!     DisplayState::NeedsTrust(_) => display.answer_trust(false),
//!     DisplayState::Disconnected { error: Some(error) } => eprintln!("{error}"),
//!     _ => {}
//! });
//! window.set_child(Some(&display));
//! display.open(Endpoint::Tcp {
//!     host: "localhost".to_owned(),
//!     port: 5901,
//! });
//! # }
//! ```
//!
//! # Threads
//!
//! The widget lives on GTK's thread like every widget. Connecting, reading and decoding happen on
//! the tokio runtime that it was given (with I/O and time enabled); GTK's thread only
//! makes textures from pixels that are ready. A widget that is not to be seen takes no pictures,
//! and then the server is not asked for any.
//!
//! # Without a window
//!
//! [`capture`] takes a screenshot of a server without GTK.
//!
//! The protocol itself is in the [`rfb`] crate; [`rfb::keyboard`] names the keys for
//! [`VncDisplay::send_keys`].

mod capture;
mod display;
mod endpoint;
mod error;
mod picture;
mod tiles;
mod transport;
mod trust;

pub use capture::{Answer, Question, capture};
pub use display::{
    DisplayState, EdgePanning, ParseReleaseKeysError, ParseShortcutError, ReleaseKeys, Scaling,
    Still, VncDisplay,
};
pub use endpoint::{Endpoint, ParseEndpointError};
pub use error::Error;
pub use picture::Picture;
pub use rfb;
pub use rfb::{CredentialKind, Credentials};
pub use trust::{
    Certificate, ClientCertificate, Distrust, Fingerprint, ParseFingerprintError, Protection, Tls,
    TlsPolicy, Trust, TrustQuestion,
};
