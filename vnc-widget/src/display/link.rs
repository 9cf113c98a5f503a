//! The connection, and what it brings.

use std::{
    cell::{Cell, OnceCell, Ref, RefCell},
    rc::Rc,
    sync::Arc,
    time::Instant,
};

use gtk::{
    glib::{self, JoinHandle, subclass::prelude::*},
    prelude::*,
};
use rfb::{ClientConfig, ColourDepth, Screen};
use tokio::runtime::Handle;

use super::{
    DisplayState,
    canvas::Canvas,
    imp::{
        AUDIO_AVAILABLE, BELL, DESKTOP_RESIZED, POWER_CHANGED, SCREENS_CHANGED, STATE_CHANGED,
        VncDisplay,
    },
    sharpen::{Prepared, prepare},
};
use crate::{
    Endpoint, Error, Protection, TlsPolicy,
    transport::{Connection, Delivery, Input, News, Phase, PowerNews},
};

/// What is known of the server, and what is wanted of it and the next one.
#[derive(Default)]
pub(super) struct Link {
    runtime: OnceCell<Handle>,
    present: RefCell<Option<Present>>,
    state: RefCell<DisplayState>,
    desktop_size: Cell<Option<(u32, u32)>>,
    desktop_name: RefCell<Option<String>>,
    protection: Cell<Option<Protection>>,
    audio_available: Cell<bool>,
    can_power: Cell<bool>,
    /// Sound is wanted.
    audio_wanted: Cell<bool>,
    /// JPEG quality and compression to ask for.
    quality: Cell<(Option<u8>, Option<u8>)>,
    /// The colours to ask the next server for.
    colours: Cell<ColourDepth>,
    tls_policy: RefCell<TlsPolicy>,
}

/// A connection and the future that listens to it.
struct Present {
    connection: Rc<Connection>,
    listener: JoinHandle<()>,
}

impl Drop for Present {
    fn drop(&mut self) {
        // The listener shares the connection, which would stay open with it.
        self.listener.abort();
    }
}

/// A delivery that can be shown at once.
struct ReadyFrame {
    frame: Prepared,
    screens: Arc<[Screen]>,
    input: Option<Instant>,
}

impl VncDisplay {
    pub(super) fn set_runtime(&self, runtime: Handle) {
        // Called once, by the only constructor.
        let _ = self.canvas().imp().runtime.set(runtime.clone());
        let _ = self.link.runtime.set(runtime);
    }

    pub(super) fn connection(&self) -> Option<Rc<Connection>> {
        let link = self.link.present.borrow();
        link.as_ref().map(|link| Rc::clone(&link.connection))
    }

    pub(super) fn is_audio_wanted(&self) -> bool {
        self.link.audio_wanted.get()
    }

    pub(super) fn set_audio(&self, wanted: bool) {
        if self.link.audio_wanted.replace(wanted) != wanted {
            self.send(Input::Audio(wanted));
        }
    }

    pub(super) fn is_audio_available(&self) -> bool {
        self.link.audio_available.get()
    }

    pub(super) fn can_power(&self) -> bool {
        self.link.can_power.get()
    }

    pub(super) fn set_quality(&self, quality: Option<u8>, compression: Option<u8>) {
        if self.link.quality.replace((quality, compression)) != (quality, compression) {
            self.send(Input::Quality {
                quality,
                compression,
            });
        }
    }

    pub(super) fn quality(&self) -> (Option<u8>, Option<u8>) {
        self.link.quality.get()
    }

    pub(super) fn set_colours(&self, colours: ColourDepth) {
        self.link.colours.set(colours);
    }

    pub(super) fn state(&self) -> Ref<'_, DisplayState> {
        self.link.state.borrow()
    }

    pub(super) fn desktop_size(&self) -> Option<(u32, u32)> {
        self.link.desktop_size.get()
    }

    pub(super) fn desktop_name(&self) -> Option<String> {
        self.link.desktop_name.borrow().clone()
    }

    pub(super) fn open(&self, endpoint: Endpoint) {
        let Some(runtime) = self.link.runtime.get() else {
            tracing::error!("a VncDisplay that was not made by VncDisplay::new cannot connect");
            return;
        };
        let had_screens = self.disconnect();
        let policy = self.link.tls_policy.borrow().clone();
        let (quality, compression) = self.link.quality.get();
        let config = ClientConfig {
            quality,
            compression,
            colours: self.link.colours.get(),
            ..ClientConfig::default()
        };
        let connection = Rc::new(Connection::open(runtime, endpoint, config, policy));
        if self.link.audio_wanted.get() {
            connection.send(Input::Audio(true));
        }
        self.canvas().set_connection(Some(Rc::clone(&connection)));
        let listener =
            glib::spawn_future_local(listen(self.obj().downgrade(), Rc::clone(&connection)));
        self.link.present.replace(Some(Present {
            connection,
            listener,
        }));
        self.set_state(DisplayState::Connecting);
        self.screens_gone(had_screens);
    }

    pub(super) fn close(&self) {
        if self.link.present.borrow().is_some() {
            self.end(None);
        }
    }

    pub(super) fn send(&self, input: Input) {
        if let Some(link) = &*self.link.present.borrow() {
            link.connection.send(input);
        }
    }

    pub(super) fn set_tls_policy(&self, policy: TlsPolicy) {
        self.link.tls_policy.replace(policy);
    }

    pub(super) fn protection(&self) -> Option<Protection> {
        self.link.protection.get()
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

    /// Lets go of the connection, if there is one.
    pub(super) fn let_go(&self) {
        self.cancel_resize();
        // First what was pressed is released, as long as there is someone to be told.
        self.canvas().set_connection(None);
        self.link.present.take();
    }

    /// Ends the connection without a word to anybody. Whether its server had told screens.
    fn disconnect(&self) -> bool {
        self.let_go();
        self.link.desktop_size.set(None);
        self.link.desktop_name.replace(None);
        self.link.audio_available.set(false);
        self.link.can_power.set(false);
        self.obj().set_server_locks(None);
        self.link.protection.set(None);
        self.canvas().forget_screens()
    }

    fn screens_gone(&self, had_any: bool) {
        if had_any {
            self.obj().emit_by_name::<()>(SCREENS_CHANGED, &[]);
        }
    }

    fn set_state(&self, state: DisplayState) {
        if *self.link.state.borrow() == state {
            return;
        }
        self.canvas().set_live(state == DisplayState::Connected);
        self.canvas().tell_state(&state);
        self.link.state.replace(state);
        self.obj().emit_by_name::<()>(STATE_CHANGED, &[]);
    }

    /// Whether this is the connection to listen to; a handler of a signal may have replaced it.
    fn is_current(&self, connection: &Rc<Connection>) -> bool {
        self.link
            .present
            .borrow()
            .as_ref()
            .is_some_and(|link| Rc::ptr_eq(&link.connection, connection))
    }

    /// Takes over what the connection brought. Returns whether there may be more.
    fn receive(
        &self,
        connection: &Rc<Connection>,
        mut news: News,
        frame: Option<ReadyFrame>,
    ) -> bool {
        let rearranged = self.canvas().tell_screens(news.screens.take());
        if let Some(frame) = frame {
            self.canvas().apply(frame.frame, frame.screens);
            self.obj().count_frame(frame.input);
        }
        if let Some(cursor) = news.cursor.take() {
            self.canvas().set_shape(cursor);
        }
        if news.protection.is_some() {
            self.link.protection.set(news.protection);
        }
        if let Some(mode) = news.pointer_mode {
            self.canvas().set_pointer_mode(mode);
        }
        if let Some(name) = news.name.take() {
            self.canvas().tell_name(&name);
            self.link.desktop_name.replace(Some(name));
        }
        let resized = news.size.filter(|&size| {
            let before = self.link.desktop_size.replace(Some(size));
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
        if rearranged && self.is_current(connection) {
            self.obj().emit_by_name::<()>(SCREENS_CHANGED, &[]);
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
            self.link.audio_available.set(true);
            display.emit_by_name::<()>(AUDIO_AVAILABLE, &[]);
        }
        if let Some(power) = news.power.filter(|_| self.is_current(connection)) {
            self.link.can_power.set(true);
            display.emit_by_name::<()>(POWER_CHANGED, &[&(power == PowerNews::Failed)]);
        }
    }

    fn end(&self, error: Option<Error>) {
        let had_screens = self.disconnect();
        self.set_state(DisplayState::Disconnected { error });
        self.screens_gone(had_screens);
    }
}

fn canvas_of(display: &glib::WeakRef<super::VncDisplay>) -> Option<Canvas> {
    Some(display.upgrade()?.imp().canvas().clone())
}

/// Hands what a connection brings to its display, as long as both exist.
async fn listen(display: glib::WeakRef<super::VncDisplay>, connection: Rc<Connection>) {
    loop {
        connection.changed().await;
        let Some(canvas) = canvas_of(&display) else {
            return;
        };
        let (news, delivery) = connection.take(canvas.wants_frame());
        let frame = match delivery {
            Some(Delivery {
                frame,
                screens,
                input,
            }) => {
                let plan = canvas.plan(&frame);
                drop(canvas);
                let prepared = prepare(frame, plan).await;
                Some(prepared.map(|frame| ReadyFrame {
                    frame,
                    screens,
                    input,
                }))
            }
            None => None,
        };
        let Some(display) = display.upgrade() else {
            return;
        };
        let goes_on = match frame.transpose() {
            Ok(frame) => display.imp().receive(&connection, news, frame),
            Err(error) => {
                display.imp().end(Some(error));
                false
            }
        };
        if !goes_on {
            return;
        }
    }
}
