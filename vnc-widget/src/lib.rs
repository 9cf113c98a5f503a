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
//! `examples/viewer.rs` is a complete small viewer, with everything that a program has to think of.
//!
//! # The connection and its states
//!
//! [`open`](VncDisplay::open) returns at once; what becomes of it is told by
//! [`connect_state_changed`](VncDisplay::connect_state_changed) and is always to be read from
//! [`state`](VncDisplay::state). Questions of the server are states too: the connection waits in
//! them, for hours if it must, until they are answered or the display is
//! [closed](VncDisplay::close).
//!
//! ```text
//! Disconnected ──open──► Connecting ◄──► NeedsPassword
//!      ▲                     │
//!      ├──── failed ─────────┤
//!      │                     ▼
//!      └── ended, close ── Connected
//! ```
//!
//! When a connection ends, its last picture stays, darkened, for a program to lay its message
//! over. Opening it again replaces the picture when the new one has come and not before, so that a
//! connection that comes back at once is hardly noticed. The widget does not connect again by
//! itself: only the program knows whether that makes sense.
//!
//! # Keyboard
//!
//! | | has the focus | has grabbed the keyboard |
//! |---|---|---|
//! | begins with | Tab, [`grab_focus`](gtk::prelude::WidgetExt::grab_focus) | a click, a touch, [`grab_keyboard`](VncDisplay::grab_keyboard) |
//! | keys | go to the server | go to the server |
//! | shortcuts of the program | work | go to the server |
//! | shortcuts of the desktop | work | go to the server, where the desktop agrees |
//! | ends with | the focus, or the release keys | the same |
//!
//! The keyboard can always leave: the [release keys](VncDisplay::release_keys), Ctrl+Alt at first,
//! give the focus back to the window, and Tab then leads to its other widgets. Tell them where the
//! user looks when [the grab begins](VncDisplay::connect_grab_changed). A user who needs them for
//! the guest [chooses others](VncDisplay::set_release_keys), out of
//! [`ReleaseKeys::CHOICES`] for example. Single shortcuts
//! [stay with the host](VncDisplay::set_host_shortcuts):
//!
//! ```no_run
//! # fn example(display: &vnc_widget::VncDisplay) -> Result<(), Box<dyn std::error::Error>> {
//! display.set_release_keys("Right Ctrl".parse()?);
//! display.set_host_shortcuts(&["<Alt>Tab", "<Super>l"])?;
//! # Ok(())
//! # }
//! ```
//!
//! Keys go out in both ways in which servers know them: by what they mean (X11's keysym) and, where
//! the server takes it (QEMU), by which key of the keyboard it is, so that the guest's own layout
//! is what counts. Whatever is down is released when the focus leaves. Combinations that cannot
//! be typed here are [sent](VncDisplay::send_keys) by the program:
//!
//! ```no_run
//! # fn example(display: &vnc_widget::VncDisplay) {
//! use vnc_widget::rfb::keyboard;
//!
//! if let Some(keys) = keyboard::combination("Ctrl+Alt+Delete") {
//!     display.send_keys(&keys);
//! }
//! # }
//! ```
//!
//! # Pointer
//!
//! The pointer's place goes to the server, in its pixels; movements that it has not taken yet
//! become one, clicks never wait. Fingers and styluses act as a pointer. For servers that want
//! movements instead (QEMU guests without a tablet) a grab
//! [captures](VncDisplay::is_pointer_captured) the pointer: it is hidden and kept in, and how to
//! get it back is told over the picture.
//!
//! # Size
//!
//! [`Scaling`] says how large the picture is: fitted into the widget, pixel by pixel, or zoomed. All
//! of it counts in the monitor's own pixels, so that 1:1 is sharp in double resolution too, and, from
//! GTK 4.12 on, at fractional scales. A picture that is larger than the widget has scrollbars, and
//! [pans](EdgePanning) at the edges in full screen. The other way round the server's screen can
//! [follow the widget](VncDisplay::set_follow_window), where the server lets it.
//!
//! ```no_run
//! # fn example(display: &vnc_widget::VncDisplay) {
//! use vnc_widget::Scaling;
//!
//! // One step closer, from whatever is shown now.
//! let zoom = display.zoom().unwrap_or(1.0);
//! display.set_scaling(Scaling::Zoom(zoom * 1.25));
//! # }
//! ```
//!
//! # Several screens
//!
//! A server with several monitors has them side by side in one framebuffer, and a display shows all of
//! that at first. [`screens`](VncDisplay::screens) tells where each lies, and
//! [`set_shown_screen`](VncDisplay::set_shown_screen) picks one by its id; the display then behaves as if
//! there were no other: it is what is scaled, scrolled, pointed at and photographed, and what follows the
//! window, while the others keep their size. A wish for a screen that is not there (yet, or any more)
//! shows everything until it is. To see two of them at once, use two displays: each has a connection of
//! its own.
//!
//! ```no_run
//! # fn example(display: &vnc_widget::VncDisplay) {
//! // The leftmost.
//! display.connect_screens_changed(|display| {
//!     let screens = display.screens();
//!     let first = screens.iter().min_by_key(|screen| screen.area.x);
//!     display.set_shown_screen(first.map(|screen| screen.id));
//! });
//! # }
//! ```
//!
//! Other arrangements can be [asked for](VncDisplay::request_screens):
//!
//! ```no_run
//! # fn example(display: &vnc_widget::VncDisplay) {
//! use vnc_widget::rfb::{Rect, Screen};
//!
//! // A second screen, to the right of the first.
//! if let [first] = display.screens()[..] {
//!     let mut second = Screen { id: first.id.wrapping_add(1), flags: 0, ..first };
//!     second.area = Rect { x: first.area.x.saturating_add(first.area.width), ..first.area };
//!     display.request_screens(&[first, second]);
//! }
//! # }
//! ```
//!
//! # Pictures
//!
//! [`VncDisplay::still`] holds what is shown at one moment, at next to no cost; its pixels are made
//! on any thread. [`capture`] takes a screenshot of a server without a window, and without GTK.
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
//! # Look and accessibility
//!
//! The widget's CSS name is `vncdisplay`, that of the picture in it `vnccanvas`. What lies around
//! the picture is dark in every theme. Nothing moves for show.
//!
//! To a screen reader the display is a picture with the screen's name; its description says how the
//! connection stands, where keys go and which keys lead out. Programs that show messages beside
//! it make them readable as usual.
//!
//! # Windowing systems
//!
//! Everything works under X11 and Wayland. What GTK cannot do by itself, capturing the pointer, is
//! behind the cargo features `x11` and `wayland` (both on), which need a GTK that was built
//! with them; without them, and elsewhere, everything else works.
//!
//! # Threads and memory
//!
//! The widget lives on GTK's thread like every widget. Connecting, reading and decoding happen on
//! the tokio runtime that it was given (with I/O and time enabled), and pixels become squares or
//! averages on other threads as well; GTK's thread only makes textures from pixels that are ready, and
//! draws them with the frame clock. What changes is sharp when it is first seen; after a change of the
//! zoom the picture may be blurred for the moment that this takes. Pictures do not
//! queue up: while one waits to be drawn, the next is decoded, and no other is asked for. A widget
//! that is not to be seen takes no pictures, and then the server is not asked for any.
//!
//! The memory for one display is bounded: the framebuffer, one copy of it as textures, what changed
//! since the last frame, and, where the picture is zoomed, the tiles of it (256 × 64 pixels each) that
//! are to be seen or nearly, at most sixteen times as wide and as high.
//!
//! The protocol itself is in the [`rfb`] crate, which knows neither GTK nor sockets.

mod arrangement;
mod capture;
mod display;
mod endpoint;
mod error;
mod picture;
mod sound;
mod tiles;
mod transport;
mod trust;

pub use capture::{Answer, Question, capture};
pub use display::{
    DisplayState, DisplayStatistics, EdgePanning, ParseReleaseKeysError, ParseShortcutError,
    ReleaseKeys, Scaling, Still, VncDisplay,
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
