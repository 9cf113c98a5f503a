//! The hint over the picture: how to get a captured pointer back.

use std::{
    cell::{Cell, RefCell},
    time::Duration,
};

use gtk::{
    glib::{self, SourceId, subclass::prelude::*},
    prelude::*,
};

use super::imp::VncDisplay;

/// How long it stays.
const TIME: Duration = Duration::from_secs(5);

/// How far it is from the lower edge, in logical pixels.
const MARGIN: i32 = 24;

/// The label and what shows it.
pub(super) struct Hint {
    label: gtk::Label,
    /// Whether it is shown at all.
    pub(super) enabled: Cell<bool>,
    /// Takes it away again.
    timer: RefCell<Option<SourceId>>,
}

impl Default for Hint {
    fn default() -> Self {
        Self {
            label: gtk::Label::builder()
                .accessible_role(gtk::AccessibleRole::Alert)
                .css_classes(["osd"])
                .can_target(false)
                .visible(false)
                .wrap(true)
                .build(),
            enabled: Cell::new(true),
            timer: RefCell::default(),
        }
    }
}

impl VncDisplay {
    pub(super) fn add_hint(&self) {
        self.hint.label.set_parent(&*self.obj());
    }

    pub(super) fn remove_hint(&self) {
        self.hide_hint();
        self.hint.label.unparent();
    }

    /// The pointer has been captured, or is free again.
    pub(super) fn capture_changed(&self, captured: bool) {
        self.hide_hint();
        if !captured || !self.hint.enabled.get() {
            return;
        }
        let text = format!(
            "Press {} to release the pointer",
            self.canvas().release_keys()
        );
        self.hint.label.set_label(&text);
        self.hint.label.set_visible(true);
        let display = self.obj().downgrade();
        let timer = glib::timeout_add_local_once(TIME, move || {
            if let Some(display) = display.upgrade() {
                // The source is gone with this call, and must not be removed again.
                display.imp().hint.timer.take();
                display.imp().hide_hint();
            }
        });
        self.hint.timer.replace(Some(timer));
    }

    pub(super) fn hide_hint(&self) {
        self.hint.label.set_visible(false);
        if let Some(timer) = self.hint.timer.take() {
            timer.remove();
        }
    }

    /// Puts the hint into the middle above the lower edge.
    pub(super) fn allocate_hint(&self, width: i32, height: i32) {
        let label = &self.hint.label;
        if !label.should_layout() {
            return;
        }
        let (least, natural, ..) = label.measure(gtk::Orientation::Horizontal, -1);
        let own_width = natural.min(width - 2 * MARGIN).max(least);
        let (own_height, ..) = label.measure(gtk::Orientation::Vertical, own_width);
        let place = gtk::gdk::Rectangle::new(
            (width - own_width) / 2,
            (height - own_height - MARGIN).max(0),
            own_width,
            own_height,
        );
        label.size_allocate(&place, -1);
    }
}
