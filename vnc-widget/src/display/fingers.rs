//! From GDK's touch events to what the pointer does.

use std::{cell::RefCell, time::Duration};

use gtk::{
    gdk,
    glib::{self, SourceId, subclass::prelude::*},
    prelude::*,
};

use super::{
    canvas::Canvas,
    touch::{Act, Touch},
};

/// The fingers on a canvas.
#[derive(Default)]
pub(super) struct Fingers {
    touch: RefCell<Touch<gdk::EventSequence>>,
    /// Runs while a finger rests.
    long_press: RefCell<Option<SourceId>>,
}

impl Canvas {
    /// A finger touches, moves or is lifted. GTK makes no pointer of fingers by itself.
    pub(super) fn touch_event(&self, event: &gdk::Event) -> glib::Propagation {
        let place = event.position().and_then(|point| self.surface_point(point));
        let Some(place) = place else {
            return glib::Propagation::Proceed;
        };
        let finger = event.event_sequence();
        let kind = event.event_type();
        if kind == gdk::EventType::TouchBegin {
            self.pressed_on();
        }
        if !self.takes_input() {
            return glib::Propagation::Proceed;
        }
        let fingers = &self.imp().fingers;
        let mut touch = fingers.touch.borrow_mut();
        let acts = match kind {
            gdk::EventType::TouchBegin => touch.begin(finger, place, self.is_pointer_relative()),
            gdk::EventType::TouchUpdate => {
                let threshold = self.settings().gtk_dnd_drag_threshold();
                touch.update(&finger, place, f64::from(threshold))
            }
            gdk::EventType::TouchEnd => touch.end(&finger),
            _ => touch.cancel(&finger),
        };
        let rests = touch.rests();
        drop(touch);
        if rests != fingers.long_press.borrow().is_some() {
            self.wait_for_long_press(rests);
        }
        self.act(&acts);
        glib::Propagation::Stop
    }

    /// The fingers that are down mean nothing any more.
    pub(super) fn forget_fingers(&self) {
        self.wait_for_long_press(false);
        self.imp().fingers.touch.take();
    }

    fn wait_for_long_press(&self, wait: bool) {
        let timer = wait.then(|| {
            let time = self.settings().gtk_long_press_time();
            let canvas = self.downgrade();
            glib::timeout_add_local_once(Duration::from_millis(time.into()), move || {
                let Some(canvas) = canvas.upgrade() else {
                    return;
                };
                // The source is gone with this call, and must not be removed again.
                canvas.imp().fingers.long_press.take();
                let acts = canvas.imp().fingers.touch.borrow_mut().held();
                canvas.act(&acts);
            })
        });
        if let Some(timer) = self.imp().fingers.long_press.replace(timer) {
            timer.remove();
        }
    }

    fn act(&self, acts: &[Act]) {
        for act in acts {
            match *act {
                Act::Go((x, y)) => self.go_to(x, y),
                Act::Move((dx, dy)) => self.moved_by(dx, dy),
                Act::Press(button) => {
                    if self.imp().pointer.borrow_mut().press(button) {
                        self.send_pointer_buttons();
                    }
                }
                Act::Release(button) => {
                    if self.imp().pointer.borrow_mut().release(button) {
                        self.send_pointer_buttons();
                    }
                }
                Act::Turn((x, y)) => {
                    self.scrolled(x, y);
                }
            }
        }
    }
}
