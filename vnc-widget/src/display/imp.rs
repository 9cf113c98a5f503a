//! The widget's inside: what GTK has to know of it, and its parts.

use std::sync::OnceLock;

use gtk::{
    glib::{
        self,
        subclass::{Signal, prelude::*},
    },
    prelude::*,
    subclass::prelude::*,
};

use super::{
    canvas::Canvas, clipboard::Clipboard, follow::Follow, hint::Hint, link::Link, locks::Locks,
    panning::Panning, statistics::Meter, style,
};

pub(super) const STATE_CHANGED: &str = "state-changed";
pub(super) const DESKTOP_RESIZED: &str = "desktop-resized";
pub(super) const SCREENS_CHANGED: &str = "screens-changed";
pub(super) const GRAB_CHANGED: &str = "grab-changed";
pub(super) const CAPTURE_CHANGED: &str = "capture-changed";
pub(super) const BELL: &str = "bell";
pub(super) const STATISTICS: &str = "statistics";
pub(super) const AUDIO_AVAILABLE: &str = "audio-available";
pub(super) const POWER_CHANGED: &str = "power-changed";

pub struct VncDisplay {
    scroller: gtk::ScrolledWindow,
    canvas: Canvas,
    clipboard: Clipboard,
    locks: Locks,
    meter: Meter,
    pub(super) link: Link,
    pub(super) follow: Follow,
    pub(super) panning: Panning,
    pub(super) hint: Hint,
}

impl Default for VncDisplay {
    fn default() -> Self {
        Self {
            scroller: gtk::ScrolledWindow::new(),
            canvas: Canvas::new(),
            clipboard: Clipboard::default(),
            locks: Locks::default(),
            meter: Meter::default(),
            link: Link::default(),
            follow: Follow::default(),
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
                Signal::builder(SCREENS_CHANGED).build(),
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
        self.let_go();
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
}
