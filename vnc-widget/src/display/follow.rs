//! The server's screen follows the widget's size.

use std::{
    cell::{Cell, RefCell},
    time::Duration,
};

use gtk::{
    glib::{self, SourceId, subclass::prelude::*},
    prelude::*,
};

use super::{DisplayState, imp::VncDisplay};
use crate::transport::Input;

/// How long the widget must keep its size before the server is asked to follow.
const RESIZE_DELAY: Duration = Duration::from_millis(250);

/// What has to be known for it.
#[derive(Default)]
pub(super) struct Follow {
    wanted: Cell<bool>,
    /// Runs while the widget's size may still change.
    timer: RefCell<Option<SourceId>>,
}

impl VncDisplay {
    pub(super) fn follows_window(&self) -> bool {
        self.follow.wanted.get()
    }

    pub(super) fn set_follow_window(&self, follow: bool) {
        self.follow.wanted.set(follow);
        if follow {
            self.request_resize_later();
        } else {
            self.cancel_resize();
        }
    }

    /// Asks the server for the widget's size once that has settled.
    pub(super) fn request_resize_later(&self) {
        if !self.follow.wanted.get() || *self.state() != DisplayState::Connected {
            return;
        }
        self.cancel_resize();
        let display = self.obj().downgrade();
        let timer = glib::timeout_add_local_once(RESIZE_DELAY, move || {
            if let Some(display) = display.upgrade() {
                let this = display.imp();
                // The source is gone with this call, and must not be removed again.
                this.follow.timer.take();
                this.request_resize();
            }
        });
        self.follow.timer.replace(Some(timer));
    }

    pub(super) fn cancel_resize(&self) {
        if let Some(timer) = self.follow.timer.take() {
            timer.remove();
        }
    }

    fn request_resize(&self) {
        let canvas = self.canvas();
        let scale = canvas.device_scale();
        let device = |length: i32| (f64::from(length) * scale).floor() as u16;
        let (width, height) = (device(self.obj().width()), device(self.obj().height()));
        if width == 0 || height == 0 {
            return;
        }
        match canvas.shown_screen() {
            None if self.desktop_size() != Some((width.into(), height.into())) => {
                self.send(Input::DesktopSize { width, height });
            }
            // All is shown until there is such a screen, and is not to become one screen for that.
            Some(id)
                if canvas
                    .size_of_screen(id)
                    .is_some_and(|size| size != (width, height)) =>
            {
                self.send(Input::ScreenSize { id, width, height });
            }
            None | Some(_) => {}
        }
    }
}
