//! The widget.

mod accessible;
mod canvas;
mod clipboard;
mod controllers;
mod cursor;
mod drawing;
mod extras;
mod fingers;
mod follow;
mod grab;
mod hint;
mod hold;
mod host_shortcuts;
mod imp;
mod keyboard;
mod link;
mod locks;
mod panning;
mod pixel_image;
mod platform;
mod pointer;
mod release_keys;
mod release_watch;
mod render;
mod resample;
mod scale;
mod screens;
mod sharpen;
mod statistics;
mod still;
mod style;
mod surround;
mod tile_image;
mod touch;

use gtk::{
    glib::{self, SignalHandlerId, subclass::prelude::*},
    prelude::*,
};
use rfb::{CredentialKind, Credentials, keyboard::Key};
use tokio::runtime::Handle;

pub use host_shortcuts::ParseShortcutError;
pub use panning::EdgePanning;
pub use release_keys::{ParseReleaseKeysError, ReleaseKeys};
pub use scale::Scaling;
pub use statistics::DisplayStatistics;
pub use still::Still;

use crate::{Endpoint, Error, Protection, TlsPolicy, TrustQuestion, transport::Input};

/// How the connection of a [`VncDisplay`] stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DisplayState {
    /// There is none: not yet, or no longer.
    Disconnected {
        /// Why it could not be made or broke. `None` if there was none yet, if it was
        /// [closed](VncDisplay::close) from here, or if the server ended it in good order.
        error: Option<Error>,
    },
    /// It is being made.
    Connecting,
    /// The server waits for [`VncDisplay::provide_credentials`].
    NeedsCredentials(CredentialKind),
    /// The server is not trusted by itself: it waits for [`VncDisplay::answer_trust`], for as long as
    /// that takes. Nothing has been said to it but what TLS needs.
    NeedsTrust(Box<TrustQuestion>),
    /// The screen is shown, and keys and clicks are sent.
    Connected,
}

impl Default for DisplayState {
    fn default() -> Self {
        Self::Disconnected { error: None }
    }
}

glib::wrapper! {
    /// Shows the screen of a VNC server.
    ///
    /// The screen is scaled to the widget's size or shown pixel by pixel with scrollbars, see
    /// [`Scaling`]. When the connection ends, its last picture stays, darkened, so that a program
    /// can lay a message over it.
    ///
    /// # Keyboard
    ///
    /// The widget takes the focus when it is clicked, and then *grabs* the keyboard: every key goes
    /// to the server, those of the program's own shortcuts and, where the windowing system allows
    /// it, of the desktop's. Pressing and releasing Ctrl and Alt with no other key in between ends
    /// the grab and gives the focus back to the window, so that Tab leads to its other widgets;
    /// [`set_release_keys`](Self::set_release_keys) chooses other keys for it, and
    /// [`set_host_shortcuts`](Self::set_host_shortcuts) what a grab leaves to the host. A widget that has the focus by other means, such as Tab, sends keys as well, but shortcuts
    /// work as everywhere. All keys that are down are released when the focus goes elsewhere.
    ///
    /// # Pointer
    ///
    /// Fingers act as a pointer: a tap is a click, touching and holding clicks the right button,
    /// one finger drags, two turn the wheel. A stylus is a pointer.
    ///
    /// Some servers want movements of the pointer rather than its place (QEMU guests without a
    /// tablet). Then a grab *captures* the pointer as well: it is hidden and stays on the picture,
    /// and its movements go to the server. How to get it back is told for some seconds over the
    /// picture; a program that has [a place of its own](Self::connect_capture_changed) for that
    /// [turns it off](Self::set_capture_hint). X11 (XFIXES 5, XINPUT 2.1) and
    /// Wayland (pointer-constraints and relative-pointer) can do this; elsewhere movements end
    /// at the widget's edge.
    pub struct VncDisplay(ObjectSubclass<imp::VncDisplay>)
        @extends gtk::Widget,
        @implements gtk::Accessible, gtk::Buildable, gtk::ConstraintTarget;
}

impl VncDisplay {
    /// A display without a connection, which will do its work on `runtime`.
    pub fn new(runtime: &Handle) -> Self {
        let display: Self = glib::Object::new();
        display.imp().set_runtime(runtime.clone());
        display
    }

    /// Connects in the background, instead of any present connection. The last picture stays until
    /// a new one comes.
    pub fn open(&self, endpoint: Endpoint) {
        self.imp().open(endpoint);
    }

    /// Ends the connection, or the attempt to make one.
    pub fn close(&self) {
        self.imp().close();
    }

    /// What is known of the server for the next [`open`](Self::open): its certificate, who vouches
    /// for it, and who we are. At first nothing but what is in the system's usual places.
    pub fn set_tls_policy(&self, policy: TlsPolicy) {
        self.imp().set_tls_policy(policy);
    }

    /// Answers [`DisplayState::NeedsCredentials`]; or gives them in advance, right after
    /// [`open`](Self::open). They are not kept. If they do not fit what is asked for, because the
    /// user's name is missing or they [may not be sent in clear](Credentials::even_in_clear), the
    /// question is put again.
    pub fn provide_credentials(&self, credentials: Credentials) {
        self.imp().send(Input::Credentials(credentials));
        self.imp().answered();
    }

    /// Answers [`DisplayState::NeedsCredentials`] where a password alone is asked for. VNC
    /// authentication uses its first eight bytes only.
    pub fn provide_password(&self, password: &str) {
        self.provide_credentials(Credentials::password(password));
    }

    /// Answers [`DisplayState::NeedsTrust`]: whether this is the right server; at other times it does
    /// nothing. Without trust the connection ends with [`Error::NotTrusted`]. To be asked no more, pin
    /// the certificate: [`TlsPolicy::pin`].
    pub fn answer_trust(&self, trusted: bool) {
        let certificate = match &*self.imp().state() {
            DisplayState::NeedsTrust(question) => question.certificate.fingerprint,
            _ => return,
        };
        self.imp().send(Input::Trust {
            certificate,
            trusted,
        });
        self.imp().answered();
    }

    /// How the connection is protected, once it is made.
    pub fn protection(&self) -> Option<Protection> {
        self.imp().protection()
    }

    /// How the connection stands.
    pub fn state(&self) -> DisplayState {
        self.imp().state().clone()
    }

    /// Calls `f` whenever [`state`](Self::state) changes.
    pub fn connect_state_changed<F: Fn(&Self, &DisplayState) + 'static>(
        &self,
        f: F,
    ) -> SignalHandlerId {
        self.connect_local(imp::STATE_CHANGED, false, move |values| {
            let display: Self = values[0].get().ok()?;
            f(&display, &display.state());
            None
        })
    }

    /// Calls `f` with the new width and height when the server's framebuffer changes its size.
    pub fn connect_desktop_resized<F: Fn(&Self, u32, u32) + 'static>(
        &self,
        f: F,
    ) -> SignalHandlerId {
        self.connect_local(imp::DESKTOP_RESIZED, false, move |values| {
            let display: Self = values[0].get().ok()?;
            f(&display, values[1].get().ok()?, values[2].get().ok()?);
            None
        })
    }

    /// Calls `f` when the display begins or ceases to grab the keyboard.
    pub fn connect_grab_changed<F: Fn(&Self, bool) + 'static>(&self, f: F) -> SignalHandlerId {
        self.connect_local(imp::GRAB_CHANGED, false, move |values| {
            let display: Self = values[0].get().ok()?;
            f(&display, values[1].get().ok()?);
            None
        })
    }

    /// Calls `f` when the display begins or ceases to capture the pointer.
    pub fn connect_capture_changed<F: Fn(&Self, bool) + 'static>(&self, f: F) -> SignalHandlerId {
        self.connect_local(imp::CAPTURE_CHANGED, false, move |values| {
            let display: Self = values[0].get().ok()?;
            f(&display, values[1].get().ok()?);
            None
        })
    }

    /// Calls `f` when the server rings its bell.
    pub fn connect_bell<F: Fn(&Self) + 'static>(&self, f: F) -> SignalHandlerId {
        self.connect_local(imp::BELL, false, move |values| {
            f(&values[0].get().ok()?);
            None
        })
    }

    /// Width and height of the server's framebuffer in its pixels, once connected; of all
    /// [screens](Self::screens) together, if there are several.
    pub fn desktop_size(&self) -> Option<(u32, u32)> {
        self.imp().desktop_size()
    }

    /// The name that the server gives its screen, once connected.
    pub fn desktop_name(&self) -> Option<String> {
        self.imp().desktop_name()
    }

    /// How the screen is fitted into the widget; at first, [`Scaling::Fit`].
    pub fn scaling(&self) -> Scaling {
        self.imp().canvas().scaling()
    }

    /// Changes how the screen is fitted into the widget.
    pub fn set_scaling(&self, scaling: Scaling) {
        self.imp().canvas().set_scaling(scaling);
    }

    /// Pixels of the monitor per pixel of the picture as it is shown now, be it by
    /// [fitting](Scaling::Fit). `None` without a picture, or room for it.
    pub fn zoom(&self) -> Option<f64> {
        let placement = self.imp().canvas().placement();
        placement.map(|placement| placement.zoom())
    }

    /// When the picture moves along with the pointer at the edges; at first,
    /// [`EdgePanning::InFullScreen`].
    pub fn edge_panning(&self) -> EdgePanning {
        self.imp().panning.wish.get()
    }

    /// Changes when the picture moves along with the pointer at the edges, where it is larger than
    /// the widget.
    pub fn set_edge_panning(&self, panning: EdgePanning) {
        self.imp().set_edge_panning(panning);
    }

    /// Whether the server is asked to give its screen the widget's size.
    pub fn follows_window(&self) -> bool {
        self.imp().follows_window()
    }

    /// Lets the server's screen follow the widget's size, in device pixels, where the server can
    /// change it (`ExtendedDesktopSize`). Off at first.
    ///
    /// Where [one screen](Self::set_shown_screen) of several is shown, that one gets the widget's size,
    /// and the others keep theirs: what lies to its right or below moves along, and where that would
    /// bring screens to lie over each other nothing is asked for. Where all of the framebuffer is shown,
    /// it becomes one screen of the widget's size.
    pub fn set_follow_window(&self, follow: bool) {
        self.imp().set_follow_window(follow);
    }

    /// Whether keys and clicks are kept from the server.
    pub fn is_read_only(&self) -> bool {
        self.imp().canvas().is_read_only()
    }

    /// Keeps keys and clicks from the server, or no longer. [`send_keys`](Self::send_keys) still
    /// works.
    pub fn set_read_only(&self, read_only: bool) {
        self.imp().canvas().set_read_only(read_only);
        self.exchange_clipboards();
        self.settle_locks();
    }

    /// Whether the display has grabbed the keyboard.
    pub fn is_grabbed(&self) -> bool {
        self.imp().canvas().is_grabbed()
    }

    /// Takes the focus and grabs the keyboard, as a click does. Where the window is not active, or
    /// there is no connection, the grab begins as soon as that changes.
    pub fn grab_keyboard(&self) {
        self.imp().canvas().grab_keyboard();
    }

    /// Whether the pointer is captured: hidden, and kept on the picture.
    pub fn is_pointer_captured(&self) -> bool {
        self.imp().canvas().is_held()
    }

    /// Whether it is told over the picture how to get a captured pointer back.
    pub fn capture_hint(&self) -> bool {
        self.imp().hint.enabled.get()
    }

    /// Has it told over the picture how to get a captured pointer back, or not: for programs that
    /// tell it elsewhere, or in another language. On at first.
    pub fn set_capture_hint(&self, hint: bool) {
        self.imp().hint.enabled.set(hint);
        if !hint {
            self.imp().hide_hint();
        }
    }

    /// The keys that end the grab.
    pub fn release_keys(&self) -> ReleaseKeys {
        self.imp().canvas().release_keys()
    }

    /// Changes the keys that end the grab. There is always a way out: [`ReleaseKeys`] cannot be
    /// none.
    pub fn set_release_keys(&self, keys: ReleaseKeys) {
        self.imp().canvas().set_release_keys(keys);
    }

    /// Leaves shortcuts to the program and the desktop while the keyboard is grabbed, in GTK's
    /// notation: `["<Alt>Tab", "<Super>l"]`. Each needs a modifier; none are left at first.
    ///
    /// Those of the program are let through one by one. The desktop gets all of its shortcuts with
    /// the same modifiers back while these are down, since a key that has come to a window cannot
    /// be given to the desktop any more: with `<Alt>Tab`, Alt+F4 closes the window as well.
    ///
    /// # Errors
    /// When one is not a shortcut; then nothing changes.
    pub fn set_host_shortcuts(&self, accelerators: &[&str]) -> Result<(), ParseShortcutError> {
        self.imp().canvas().set_host_shortcuts(accelerators)
    }

    /// Ends the grab and gives up the focus, as the [release keys](Self::release_keys) do.
    pub fn release_keyboard(&self) {
        self.imp().canvas().release_keyboard();
    }

    /// Presses keys in this order and releases them in the opposite one.
    /// [`rfb::keyboard::combination`] makes them from words such as `Ctrl+Alt+Delete`.
    pub fn send_keys(&self, keys: &[Key]) {
        let stroke = |key: &Key, pressed| Input::Key {
            key: (*key).into(),
            pressed,
        };
        for key in keys {
            self.imp().send(stroke(key, true));
        }
        for key in keys.iter().rev() {
            self.imp().send(stroke(key, false));
        }
    }

    /// Whether the server asks for movements of the pointer rather than its place (QEMU guests
    /// without a tablet). Such guests draw the pointer themselves; as long as it is not
    /// [captured](Self::is_pointer_captured), it may be elsewhere than the one that is seen here.
    pub fn is_pointer_relative(&self) -> bool {
        self.imp().canvas().is_pointer_relative()
    }

    /// The picture that is shown, or was shown last, in the server's pixels: of the
    /// [screen that is shown](Self::set_shown_screen), or of all of them.
    pub fn still(&self) -> Option<Still> {
        let canvas = self.imp().canvas();
        canvas.borrow_picture().still(canvas.part())
    }
}
