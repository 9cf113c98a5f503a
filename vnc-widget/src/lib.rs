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
//!     DisplayState::NeedsPassword => display.provide_password("secret"),
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
//! # Clipboard, sound and more
//!
//! Texts that are copied on one side can be pasted on the other while the display has the focus
//! ([`VncDisplay::set_share_clipboard`]), and the lock keys are kept in step. Sound is off until
//! [`VncDisplay::set_audio`] asks for it:
//!
//! ```no_run
//! use gtk::prelude::*;
//! use vnc_widget::VncDisplay;
//!
//! # fn example(display: &VncDisplay, button: &gtk::ToggleButton, strip: &gtk::Label) {
//! display.connect_audio_available({
//!     let button = button.clone();
//!     move |_| button.set_visible(true)
//! });
//! let played = display.clone();
//! button.connect_toggled(move |button| played.set_audio(button.is_active()));
//! // About once a second, for as long as somebody listens.
//! let strip = strip.clone();
//! display.connect_statistics(move |_, figures| {
//!     let megabits = figures.bits_per_second / 1e6;
//!     strip.set_label(&format!("{megabits:.1} Mbit/s, {:.0} pictures/s", figures.frames_per_second));
//! });
//! # }
//! ```
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
mod sound;
mod tiles;
mod transport;

pub use capture::capture;
pub use display::{
    DisplayState, DisplayStatistics, EdgePanning, ParseReleaseKeysError, ParseShortcutError,
    ReleaseKeys, Scaling, Still, VncDisplay,
};
pub use endpoint::{Endpoint, ParseEndpointError};
pub use error::Error;
pub use picture::Picture;
pub use rfb;
