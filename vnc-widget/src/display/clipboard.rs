//! The clipboards on both sides, kept alike while somebody works with the display.
//!
//! Nothing is exchanged while the display has not the focus, or is for looking only. A text of the
//! server comes here when it is copied there; a text from here is offered when the display is turned
//! to, and servers with the extended clipboard fetch it only when something pastes it.

use std::cell::{Cell, RefCell};

use gtk::{gdk, gio, glib, glib::subclass::prelude::*, prelude::*};

use super::{DisplayState, VncDisplay};
use crate::transport::{ClipboardNews, Input};

/// The longest text that is offered, in bytes; the engine takes no longer ones either.
const MAX_TEXT: usize = 4 << 20;

/// What is known of both clipboards.
pub(super) struct Clipboard {
    /// Texts may go over.
    enabled: Cell<bool>,
    /// What this display put into the clipboard here: not to be sent back.
    ours: RefCell<Option<gdk::ContentProvider>>,
    /// The clipboard here changed since it was last offered.
    changed: Cell<bool>,
    /// The server has a text that it was not asked for yet.
    offered: Cell<bool>,
    /// The server has been asked for its text.
    requested: Cell<bool>,
    /// The last text that went either way: what comes back is no news.
    last: RefCell<String>,
    /// Listens to the clipboard here.
    watch: RefCell<Option<(gdk::Clipboard, glib::SignalHandlerId)>>,
    /// Reads the clipboard here.
    reading: RefCell<Option<gio::Cancellable>>,
}

impl Default for Clipboard {
    fn default() -> Self {
        Self {
            enabled: Cell::new(true),
            ours: RefCell::default(),
            changed: Cell::new(true),
            offered: Cell::default(),
            requested: Cell::default(),
            last: RefCell::default(),
            watch: RefCell::default(),
            reading: RefCell::default(),
        }
    }
}

impl Drop for Clipboard {
    fn drop(&mut self) {
        if let Some((clipboard, handler)) = self.watch.take() {
            clipboard.disconnect(handler);
        }
    }
}

impl VncDisplay {
    fn clipboard_state(&self) -> &Clipboard {
        self.imp().clipboard()
    }

    pub(super) fn is_clipboard_enabled(&self) -> bool {
        self.clipboard_state().enabled.get()
    }

    pub(super) fn enable_clipboard(&self, enabled: bool) {
        let state = self.clipboard_state();
        if state.enabled.replace(enabled) == enabled {
            return;
        }
        if enabled {
            state.changed.set(true);
            self.exchange_clipboards();
        } else {
            self.cancel_reading();
            self.imp().send(Input::WithdrawText);
        }
    }

    /// A session begins: the server knows nothing of the clipboard here.
    pub(super) fn reset_clipboard(&self) {
        let state = self.clipboard_state();
        self.cancel_reading();
        state.changed.set(true);
        state.offered.set(false);
        state.requested.set(false);
        state.last.take();
        self.watch_clipboard();
        self.exchange_clipboards();
    }

    /// Listens to the clipboard of the display that the widget is on.
    fn watch_clipboard(&self) {
        let clipboard = WidgetExt::clipboard(self);
        let mut watch = self.clipboard_state().watch.borrow_mut();
        if watch.as_ref().is_some_and(|(old, _)| *old == clipboard) {
            return;
        }
        let display = self.downgrade();
        let handler = clipboard.connect_changed(move |_| {
            if let Some(display) = display.upgrade() {
                let state = display.clipboard_state();
                state.changed.set(true);
                // What the server was asked for is older than what has been copied here.
                state.requested.set(false);
                display.exchange_clipboards();
            }
        });
        if let Some((old, handler)) = watch.replace((clipboard, handler)) {
            old.disconnect(handler);
        }
    }

    /// Whether texts may go over now.
    fn exchanges_clipboards(&self) -> bool {
        self.is_clipboard_enabled()
            && !self.is_read_only()
            && self.imp().canvas().in_use()
            && *self.imp().state() == DisplayState::Connected
    }

    /// Brings over what is new, if that may be. What was copied here goes first: who turns to the
    /// display after copying something means to paste it.
    pub(super) fn exchange_clipboards(&self) {
        if !self.exchanges_clipboards() {
            return;
        }
        let state = self.clipboard_state();
        let clipboard = WidgetExt::clipboard(self);
        let ours = clipboard.content().is_some() && clipboard.content() == *state.ours.borrow();
        if state.changed.take() && !ours && has_text(&clipboard) {
            state.offered.set(false);
            self.read_clipboard(&clipboard);
        } else if state.offered.take() {
            state.requested.set(true);
            self.imp().send(Input::RequestText);
        }
    }

    fn read_clipboard(&self, clipboard: &gdk::Clipboard) {
        self.cancel_reading();
        let cancellable = gio::Cancellable::new();
        let display = self.downgrade();
        let this_reading = cancellable.clone();
        clipboard.read_text_async(Some(&cancellable), move |text| {
            let Some(display) = display.upgrade() else {
                return;
            };
            let state = display.clipboard_state();
            if this_reading.is_cancelled() {
                return;
            }
            state.reading.take();
            match text {
                Ok(Some(text)) => display.offer_text(&text),
                Ok(None) => {}
                Err(error) => tracing::debug!(%error, "the clipboard could not be read"),
            }
        });
        self.clipboard_state().reading.replace(Some(cancellable));
    }

    fn cancel_reading(&self) {
        if let Some(reading) = self.clipboard_state().reading.take() {
            reading.cancel();
        }
    }

    /// Lets the server have a text that was copied here.
    fn offer_text(&self, text: &str) {
        let state = self.clipboard_state();
        if !self.exchanges_clipboards() {
            // The focus left while the text was on its way here; next time.
            state.changed.set(true);
        } else if text.len() > MAX_TEXT {
            tracing::info!(bytes = text.len(), "a text is too long for the clipboard");
        } else if *state.last.borrow() != text {
            state.last.replace(text.to_owned());
            self.imp().send(Input::Text(text.into()));
        }
    }

    /// The server has something for the clipboard here.
    pub(super) fn clipboard_news(&self, news: ClipboardNews) {
        let state = self.clipboard_state();
        match news {
            ClipboardNews::Offered => {
                state.offered.set(true);
                self.exchange_clipboards();
            }
            ClipboardNews::Text(text) => {
                // What was asked for may arrive after the focus left: somebody wants to paste it.
                let awaited =
                    state.requested.take() && self.is_clipboard_enabled() && !self.is_read_only();
                let known = *state.last.borrow() == text;
                if !known && (awaited || self.exchanges_clipboards()) {
                    self.take_text(text);
                }
            }
        }
    }

    fn take_text(&self, text: String) {
        let state = self.clipboard_state();
        let provider = gdk::ContentProvider::for_value(&text.to_value());
        state.last.replace(text);
        state.ours.replace(Some(provider.clone()));
        if let Err(error) = WidgetExt::clipboard(self).set_content(Some(&provider)) {
            tracing::debug!(%error, "the clipboard was not set");
        }
    }
}

fn has_text(clipboard: &gdk::Clipboard) -> bool {
    let formats = clipboard.formats();
    formats.contains_type(glib::Type::STRING)
        || ["text/plain;charset=utf-8", "text/plain"]
            .iter()
            .any(|mime| formats.contain_mime_type(mime))
}
