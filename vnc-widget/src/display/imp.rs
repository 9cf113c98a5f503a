//! The widget's inside: the connection and what it brings.

use std::{
    cell::{Cell, OnceCell, Ref, RefCell},
    rc::Rc,
    sync::OnceLock,
    time::Duration,
};

use gtk::{
    glib::{
        self, JoinHandle, SourceId,
        subclass::{Signal, prelude::*},
    },
    prelude::*,
    subclass::prelude::*,
};
use rfb::{ClientConfig, ColourDepth};
use tokio::runtime::Handle;

use super::{
    DisplayState, canvas::Canvas, clipboard::Clipboard, hint::Hint, locks::Locks, panning::Panning,
    statistics::Meter, style,
};
use crate::{
    Endpoint, Error, Protection, TlsPolicy,
    transport::{Connection, Delivery, Input, News, Phase, PowerNews},
};

pub(super) const STATE_CHANGED: &str = "state-changed";
pub(super) const DESKTOP_RESIZED: &str = "desktop-resized";
pub(super) const GRAB_CHANGED: &str = "grab-changed";
pub(super) const CAPTURE_CHANGED: &str = "capture-changed";
pub(super) const BELL: &str = "bell";
pub(super) const STATISTICS: &str = "statistics";
pub(super) const AUDIO_AVAILABLE: &str = "audio-available";
pub(super) const POWER_CHANGED: &str = "power-changed";

/// How long the widget must keep its size before the server is asked to follow.
const RESIZE_DELAY: Duration = Duration::from_millis(250);

/// A connection and the future that listens to it.
struct Link {
    connection: Rc<Connection>,
    listener: JoinHandle<()>,
}

impl Drop for Link {
    fn drop(&mut self) {
        // The listener shares the connection, which would stay open with it.
        self.listener.abort();
    }
}

pub struct VncDisplay {
    runtime: OnceCell<Handle>,
    scroller: gtk::ScrolledWindow,
    canvas: Canvas,
    link: RefCell<Option<Link>>,
    state: RefCell<DisplayState>,
    desktop_size: Cell<Option<(u32, u32)>>,
    desktop_name: RefCell<Option<String>>,
    clipboard: Clipboard,
    locks: Locks,
    meter: Meter,
    /// Sound is wanted, from this server and the next.
    audio_wanted: Cell<bool>,
    audio_available: Cell<bool>,
    can_power: Cell<bool>,
    /// JPEG quality and compression to ask for.
    quality: Cell<(Option<u8>, Option<u8>)>,
    /// The colours to ask the next server for.
    colours: Cell<ColourDepth>,
    tls_policy: RefCell<TlsPolicy>,
    protection: Cell<Option<Protection>>,
    follow_window: Cell<bool>,
    resize_timer: RefCell<Option<SourceId>>,
    pub(super) panning: Panning,
    pub(super) hint: Hint,
}

impl Default for VncDisplay {
    fn default() -> Self {
        Self {
            runtime: OnceCell::new(),
            scroller: gtk::ScrolledWindow::new(),
            canvas: Canvas::new(),
            link: RefCell::default(),
            state: RefCell::new(DisplayState::Disconnected { error: None }),
            desktop_size: Cell::default(),
            desktop_name: RefCell::default(),
            clipboard: Clipboard::default(),
            locks: Locks::default(),
            meter: Meter::default(),
            audio_wanted: Cell::default(),
            audio_available: Cell::default(),
            can_power: Cell::default(),
            quality: Cell::default(),
            colours: Cell::default(),
            tls_policy: RefCell::default(),
            protection: Cell::default(),
            follow_window: Cell::default(),
            resize_timer: RefCell::default(),
            panning: Panning::default(),
            hint: Hint::default(),
        }
    }
}

#[glib::object_subclass]
impl ObjectSubclass for VncDisplay {
    const NAME: &'static str = "VncDisplay";
    type Type = super::VncDisplay;
    type ParentType = gtk::Widget;

    fn class_init(class: &mut Self::Class) {
        class.set_css_name("vncdisplay");
    }
}

impl ObjectImpl for VncDisplay {
    fn signals() -> &'static [Signal] {
        static SIGNALS: OnceLock<Vec<Signal>> = OnceLock::new();
        SIGNALS.get_or_init(|| {
            let size = [u32::static_type(), u32::static_type()];
            vec![
                Signal::builder(STATE_CHANGED).build(),
                Signal::builder(DESKTOP_RESIZED).param_types(size).build(),
                Signal::builder(GRAB_CHANGED)
                    .param_types([bool::static_type()])
                    .build(),
                Signal::builder(CAPTURE_CHANGED)
                    .param_types([bool::static_type()])
                    .build(),
                Signal::builder(BELL).build(),
                Signal::builder(STATISTICS).build(),
                Signal::builder(AUDIO_AVAILABLE).build(),
                Signal::builder(POWER_CHANGED)
                    .param_types([bool::static_type()])
                    .build(),
            ]
        })
    }

    fn constructed(&self) {
        self.parent_constructed();
        let viewport = gtk::Viewport::builder()
            // Otherwise the screen would jump to its corner whenever it takes the focus.
            .scroll_to_focus(false)
            .child(&self.canvas)
            .build();
        self.scroller.set_child(Some(&viewport));
        self.scroller.set_propagate_natural_width(true);
        self.scroller.set_propagate_natural_height(true);
        // Scrollbars that lie over the picture would take the clicks at its edge.
        self.scroller.set_overlay_scrolling(false);
        self.scroller.set_kinetic_scrolling(false);
        self.scroller.set_focusable(false);
        self.scroller.set_parent(&*self.obj());
        for adjustment in [self.scroller.hadjustment(), self.scroller.vadjustment()] {
            let canvas = self.canvas.downgrade();
            let moved = move |_: &gtk::Adjustment| {
                if let Some(canvas) = canvas.upgrade() {
                    canvas.moved();
                }
            };
            adjustment.connect_value_changed(moved.clone());
            // The window's size decides how much of the picture is to be seen, too.
            adjustment.connect_page_size_notify(moved);
        }
        style::add(&self.obj().display());
        self.add_panning();
        self.add_hint();
        let display = self.obj().downgrade();
        self.canvas.connect_in_use_notify(move |_| {
            if let Some(display) = display.upgrade() {
                display.exchange_clipboards();
                display.locks_focus_changed();
            }
        });
        let display = self.obj().downgrade();
        self.canvas.connect_grabbed_notify(move |canvas| {
            if let Some(display) = display.upgrade() {
                display.emit_by_name::<()>(GRAB_CHANGED, &[&canvas.is_grabbed()]);
            }
        });
        let display = self.obj().downgrade();
        self.canvas.connect_held_notify(move |canvas| {
            if let Some(display) = display.upgrade() {
                display.imp().capture_changed(canvas.is_held());
                display.emit_by_name::<()>(CAPTURE_CHANGED, &[&canvas.is_held()]);
            }
        });
    }

    fn dispose(&self) {
        self.stop_panning();
        self.remove_hint();
        self.cancel_resize();
        self.canvas.set_connection(None);
        self.link.take();
        self.scroller.unparent();
    }
}

impl WidgetImpl for VncDisplay {
    fn measure(&self, orientation: gtk::Orientation, for_size: i32) -> (i32, i32, i32, i32) {
        self.scroller.measure(orientation, for_size)
    }

    fn size_allocate(&self, width: i32, height: i32, baseline: i32) {
        self.scroller.allocate(width, height, baseline, None);
        self.allocate_hint(width, height);
        self.request_resize_later();
    }

    fn root(&self) {
        self.parent_root();
        self.watch_full_screen();
    }

    fn unroot(&self) {
        self.unwatch_full_screen();
        self.parent_unroot();
    }

    fn grab_focus(&self) -> bool {
        self.canvas.grab_focus()
    }
}

impl VncDisplay {
    pub(super) fn set_runtime(&self, runtime: Handle) {
        // Called once, by the only constructor.
        let _ = self.runtime.set(runtime);
    }

    pub(super) fn canvas(&self) -> &Canvas {
        &self.canvas
    }

    pub(super) fn scroller(&self) -> &gtk::ScrolledWindow {
        &self.scroller
    }

    pub(super) fn clipboard(&self) -> &Clipboard {
        &self.clipboard
    }

    pub(super) fn locks(&self) -> &Locks {
        &self.locks
    }

    pub(super) fn meter(&self) -> &Meter {
        &self.meter
    }

    pub(super) fn connection(&self) -> Option<Rc<Connection>> {
        let link = self.link.borrow();
        link.as_ref().map(|link| Rc::clone(&link.connection))
    }

    pub(super) fn is_audio_wanted(&self) -> bool {
        self.audio_wanted.get()
    }

    pub(super) fn set_audio(&self, wanted: bool) {
        if self.audio_wanted.replace(wanted) != wanted {
            self.send(Input::Audio(wanted));
        }
    }

    pub(super) fn is_audio_available(&self) -> bool {
        self.audio_available.get()
    }

    pub(super) fn can_power(&self) -> bool {
        self.can_power.get()
    }

    pub(super) fn set_quality(&self, quality: Option<u8>, compression: Option<u8>) {
        if self.quality.replace((quality, compression)) != (quality, compression) {
            self.send(Input::Quality {
                quality,
                compression,
            });
        }
    }

    pub(super) fn quality(&self) -> (Option<u8>, Option<u8>) {
        self.quality.get()
    }

    pub(super) fn set_colours(&self, colours: ColourDepth) {
        self.colours.set(colours);
    }

    pub(super) fn state(&self) -> Ref<'_, DisplayState> {
        self.state.borrow()
    }

    pub(super) fn desktop_size(&self) -> Option<(u32, u32)> {
        self.desktop_size.get()
    }

    pub(super) fn desktop_name(&self) -> Option<String> {
        self.desktop_name.borrow().clone()
    }

    pub(super) fn open(&self, endpoint: Endpoint) {
        let Some(runtime) = self.runtime.get() else {
            tracing::error!("a VncDisplay that was not made by VncDisplay::new cannot connect");
            return;
        };
        self.disconnect();
        let policy = self.tls_policy.borrow().clone();
        let (quality, compression) = self.quality.get();
        let config = ClientConfig {
            quality,
            compression,
            colours: self.colours.get(),
            ..ClientConfig::default()
        };
        let connection = Rc::new(Connection::open(runtime, endpoint, config, policy));
        if self.audio_wanted.get() {
            connection.send(Input::Audio(true));
        }
        self.canvas.set_connection(Some(Rc::clone(&connection)));
        let listener =
            glib::spawn_future_local(listen(self.obj().downgrade(), Rc::clone(&connection)));
        self.link.replace(Some(Link {
            connection,
            listener,
        }));
        self.set_state(DisplayState::Connecting);
    }

    pub(super) fn close(&self) {
        if self.link.borrow().is_some() {
            self.disconnect();
            self.set_state(DisplayState::Disconnected { error: None });
        }
    }

    pub(super) fn send(&self, input: Input) {
        if let Some(link) = &*self.link.borrow() {
            link.connection.send(input);
        }
    }

    pub(super) fn set_tls_policy(&self, policy: TlsPolicy) {
        self.tls_policy.replace(policy);
    }

    pub(super) fn protection(&self) -> Option<Protection> {
        self.protection.get()
    }

    /// The server has been answered and is to be waited for again.
    pub(super) fn answered(&self) {
        let asked = matches!(
            *self.state(),
            DisplayState::NeedsCredentials(_) | DisplayState::NeedsTrust(_)
        );
        if asked {
            self.set_state(DisplayState::Connecting);
        }
    }

    pub(super) fn follows_window(&self) -> bool {
        self.follow_window.get()
    }

    pub(super) fn set_follow_window(&self, follow: bool) {
        self.follow_window.set(follow);
        if follow {
            self.request_resize_later();
        } else {
            self.cancel_resize();
        }
    }

    /// Lets go of the connection without a word to anybody.
    fn disconnect(&self) {
        self.cancel_resize();
        // First what was pressed is released, as long as there is someone to be told.
        self.canvas.set_connection(None);
        self.link.take();
        self.desktop_size.set(None);
        self.desktop_name.replace(None);
        self.audio_available.set(false);
        self.can_power.set(false);
        self.obj().set_server_locks(None);
        self.protection.set(None);
    }

    fn set_state(&self, state: DisplayState) {
        if *self.state.borrow() == state {
            return;
        }
        self.canvas.set_live(state == DisplayState::Connected);
        self.canvas.tell_state(&state);
        self.state.replace(state);
        self.obj().emit_by_name::<()>(STATE_CHANGED, &[]);
    }

    /// Whether this is the connection to listen to; a handler of a signal may have replaced it.
    fn is_current(&self, connection: &Rc<Connection>) -> bool {
        self.link
            .borrow()
            .as_ref()
            .is_some_and(|link| Rc::ptr_eq(&link.connection, connection))
    }

    /// Takes over what the connection brought. Returns whether there may be more.
    fn receive(&self, connection: &Rc<Connection>) -> bool {
        let mut news = connection.take_news();
        if self.canvas.wants_frame()
            && let Some(Delivery { frame, input }) = connection.take_frame()
        {
            self.canvas.apply(frame);
            self.obj().count_frame(input);
        }
        if let Some(cursor) = news.cursor.take() {
            self.canvas.set_shape(cursor);
        }
        if news.protection.is_some() {
            self.protection.set(news.protection);
        }
        if let Some(mode) = news.pointer_mode {
            self.canvas.set_pointer_mode(mode);
        }
        if let Some(name) = news.name.take() {
            self.canvas.tell_name(&name);
            self.desktop_name.replace(Some(name));
        }
        let resized = news.size.filter(|&size| {
            let before = self.desktop_size.replace(Some(size));
            before != Some(size)
        });
        match news.phase.take() {
            Some(Phase::NeedsCredentials(kind)) => {
                self.set_state(DisplayState::NeedsCredentials(kind));
            }
            Some(Phase::NeedsTrust(question)) => {
                self.set_state(DisplayState::NeedsTrust(question));
            }
            Some(Phase::Connected) => {
                self.set_state(DisplayState::Connected);
                self.obj().reset_clipboard();
            }
            Some(Phase::Ended(error)) => {
                self.end(error);
                return false;
            }
            None => {}
        }
        if let Some((width, height)) = resized.filter(|_| self.is_current(connection)) {
            self.obj()
                .emit_by_name::<()>(DESKTOP_RESIZED, &[&width, &height]);
            self.request_resize_later();
        }
        self.receive_extras(connection, &mut news);
        self.is_current(connection)
    }

    /// Takes over what goes beyond the screen. Handlers of signals may replace the connection.
    fn receive_extras(&self, connection: &Rc<Connection>, news: &mut News) {
        let display = self.obj();
        if news.bell && self.is_current(connection) {
            display.emit_by_name::<()>(BELL, &[]);
        }
        if let Some(leds) = news.leds.filter(|_| self.is_current(connection)) {
            display.set_server_locks(Some(leds));
        }
        if let Some(clipboard) = news
            .clipboard
            .take()
            .filter(|_| self.is_current(connection))
        {
            display.clipboard_news(clipboard);
        }
        if news.audio_available && self.is_current(connection) {
            self.audio_available.set(true);
            display.emit_by_name::<()>(AUDIO_AVAILABLE, &[]);
        }
        if let Some(power) = news.power.filter(|_| self.is_current(connection)) {
            self.can_power.set(true);
            display.emit_by_name::<()>(POWER_CHANGED, &[&(power == PowerNews::Failed)]);
        }
    }

    fn end(&self, error: Option<Error>) {
        self.disconnect();
        self.set_state(DisplayState::Disconnected { error });
    }

    /// Asks the server for the widget's size once that has settled.
    fn request_resize_later(&self) {
        if !self.follow_window.get() || *self.state() != DisplayState::Connected {
            return;
        }
        self.cancel_resize();
        let display = self.obj().downgrade();
        let timer = glib::timeout_add_local_once(RESIZE_DELAY, move || {
            if let Some(display) = display.upgrade() {
                let this = display.imp();
                // The source is gone with this call, and must not be removed again.
                this.resize_timer.take();
                this.request_resize();
            }
        });
        self.resize_timer.replace(Some(timer));
    }

    fn cancel_resize(&self) {
        if let Some(timer) = self.resize_timer.take() {
            timer.remove();
        }
    }

    fn request_resize(&self) {
        let scale = self.canvas.device_scale();
        let device = |length: i32| (f64::from(length) * scale).floor() as u16;
        let (width, height) = (device(self.obj().width()), device(self.obj().height()));
        let wanted = (u32::from(width), u32::from(height));
        if width > 0 && height > 0 && self.desktop_size.get() != Some(wanted) {
            self.send(Input::DesktopSize { width, height });
        }
    }
}

/// Hands what a connection brings to its display, as long as both exist.
async fn listen(display: glib::WeakRef<super::VncDisplay>, connection: Rc<Connection>) {
    loop {
        connection.changed().await;
        let Some(display) = display.upgrade() else {
            return;
        };
        if !display.imp().receive(&connection) {
            return;
        }
    }
}
