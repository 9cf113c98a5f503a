//! From GTK's events to what the server is told.

use gtk::{gdk, glib, glib::subclass::prelude::*, graphene, prelude::*};

use super::{canvas::Canvas, host_shortcuts, pointer::Buttons};
use crate::transport::Input;

/// Pixels of smooth scrolling that make one click of a wheel.
const PIXELS_PER_CLICK: f64 = 15.0;

impl Canvas {
    pub(super) fn add_controllers(&self) {
        self.add_keys();
        // Focus controllers report before the property has changed.
        self.connect_has_focus_notify(Self::focus_changed);
        self.add_pointer();
        self.add_crossing();
        self.add_wheel();
    }

    fn add_keys(&self) {
        let keys = gtk::EventControllerKey::new();
        let canvas = self.downgrade();
        keys.connect_key_pressed(move |_, keyval, keycode, state| match canvas.upgrade() {
            Some(canvas) => canvas.key_pressed(keyval, keycode, state),
            None => glib::Propagation::Proceed,
        });
        let canvas = self.downgrade();
        keys.connect_key_released(move |_, keyval, keycode, state| {
            if let Some(canvas) = canvas.upgrade() {
                canvas.key_released(keyval, keycode, state);
            }
        });
        self.add_controller(keys);
    }

    /// Raw events rather than gestures: those follow one button at a time, and the server wants to
    /// know of all.
    fn add_pointer(&self) {
        let pointer = gtk::EventControllerLegacy::new();
        let canvas = self.downgrade();
        pointer.connect_event(move |_, event| match canvas.upgrade() {
            Some(canvas) => canvas.pointer_event(event),
            None => glib::Propagation::Proceed,
        });
        self.add_controller(pointer);
    }

    fn add_wheel(&self) {
        let wheel = gtk::EventControllerScroll::new(gtk::EventControllerScrollFlags::BOTH_AXES);
        let canvas = self.downgrade();
        wheel.connect_scroll(move |wheel, dx, dy| {
            let per_click = match wheel.unit() {
                gdk::ScrollUnit::Surface => PIXELS_PER_CLICK,
                _ => 1.0,
            };
            match canvas.upgrade() {
                Some(canvas) => canvas.scrolled(dx / per_click, dy / per_click),
                None => glib::Propagation::Proceed,
            }
        });
        self.add_controller(wheel);
    }

    pub(super) fn key_pressed(
        &self,
        keyval: gdk::Key,
        keycode: u32,
        state: gdk::ModifierType,
    ) -> glib::Propagation {
        if !self.takes_input() {
            return glib::Propagation::Proceed;
        }
        self.lend_shortcuts(state | host_shortcuts::modifier_of(keyval));
        if self.imp().host_shortcuts.borrow().contain(keyval, state) {
            self.imp().keyboard.borrow_mut().interrupt_release_keys();
            return glib::Propagation::Proceed;
        }
        let key = self.imp().keyboard.borrow_mut().press(keycode, keyval);
        match key {
            Some(key) => self.send(Input::Key { key, pressed: true }),
            None => self.release_keyboard(),
        }
        glib::Propagation::Stop
    }

    pub(super) fn key_released(&self, keyval: gdk::Key, keycode: u32, state: gdk::ModifierType) {
        self.lend_shortcuts(state.difference(host_shortcuts::modifier_of(keyval)));
        let released = self.imp().keyboard.borrow_mut().release(keycode, keyval);
        if let Some(key) = released.key {
            self.send(Input::Key {
                key,
                pressed: false,
            });
        }
        if released.leave {
            self.release_keyboard();
        }
    }

    fn pointer_event(&self, event: &gdk::Event) -> glib::Propagation {
        let button = event
            .downcast_ref::<gdk::ButtonEvent>()
            .map(gdk::ButtonEvent::button);
        if button.is_some() {
            // What was moved before a click belongs before it.
            self.flush_motion();
        }
        match (event.event_type(), button) {
            (gdk::EventType::ButtonPress, Some(button)) => self.button_pressed(event, button),
            (gdk::EventType::ButtonRelease, Some(button)) => self.button_released(event, button),
            (gdk::EventType::MotionNotify, _) => {
                self.point(event);
                glib::Propagation::Proceed
            }
            (
                gdk::EventType::TouchBegin
                | gdk::EventType::TouchUpdate
                | gdk::EventType::TouchEnd
                | gdk::EventType::TouchCancel,
                _,
            ) => self.touch_event(event),
            _ => glib::Propagation::Proceed,
        }
    }

    fn button_pressed(&self, event: &gdk::Event, button: u32) -> glib::Propagation {
        self.pressed_on();
        if !self.takes_input() {
            return glib::Propagation::Proceed;
        }
        // The place first, as a movement of its own: the press then happens where the pointer is.
        self.point(event);
        if self.imp().pointer.borrow_mut().press(button) {
            self.send_pointer_buttons();
        }
        glib::Propagation::Stop
    }

    /// Somebody clicks or touches here, and means to type here.
    pub(super) fn pressed_on(&self) {
        if self.imp().live.get() {
            self.grab_keyboard();
        } else {
            self.grab_focus();
        }
        self.imp().keyboard.borrow_mut().interrupt_release_keys();
    }

    fn button_released(&self, event: &gdk::Event, button: u32) -> glib::Propagation {
        if !self.takes_input() {
            return glib::Propagation::Proceed;
        }
        self.point(event);
        if self.imp().pointer.borrow_mut().release(button) {
            self.send_pointer_buttons();
        }
        glib::Propagation::Stop
    }

    /// Tells the server where the pointer is, or how far it moved.
    fn point(&self, event: &gdk::Event) {
        // What a held pointer does is told elsewhere.
        if !self.is_held()
            && let Some((x, y)) = event.position().and_then(|point| self.surface_point(point))
        {
            self.go_to(x, y);
        }
    }

    /// The same for a place of another widget in the window, when the picture moves below the
    /// pointer.
    pub(super) fn point_from(&self, widget: &impl IsA<gtk::Widget>, x: f64, y: f64) {
        let place = graphene::Point::new(x as f32, y as f32);
        if !self.is_held()
            && let Some(place) = widget.compute_point(self, &place)
        {
            self.go_to(place.x().into(), place.y().into());
        }
    }

    /// Tells the server that the pointer is at a place of the widget now, or how far it moved to
    /// get there.
    pub(super) fn go_to(&self, x: f64, y: f64) {
        let Some(placement) = self.placement() else {
            return;
        };
        self.set_beside_picture(!placement.contains(x, y));
        if !self.takes_input() {
            return;
        }
        let relative = self.is_pointer_relative();
        let mut pointer = self.imp().pointer.borrow_mut();
        let buttons = pointer.buttons();
        let input = if relative {
            let (dx, dy) = pointer.movement(x, y, placement.logical_zoom());
            if (dx, dy) == (0, 0) {
                return;
            }
            Input::Motion { dx, dy, buttons }
        } else {
            let (x, y) = placement.guest_pixel(x, y);
            if !pointer.moved_to(x, y) {
                return;
            }
            Input::Pointer { x, y, buttons }
        };
        drop(pointer);
        self.send(input);
    }

    /// Tells the server which buttons are down, at the place where the pointer already is.
    pub(super) fn send_pointer_buttons(&self) {
        let buttons = self.imp().pointer.borrow().buttons();
        self.send_buttons(buttons);
    }

    fn send_buttons(&self, buttons: Buttons) {
        let (x, y) = self.imp().pointer.borrow().place();
        self.send(if self.is_pointer_relative() {
            Input::Motion {
                dx: 0,
                dy: 0,
                buttons,
            }
        } else {
            Input::Pointer { x, y, buttons }
        });
    }

    pub(super) fn scrolled(&self, dx: f64, dy: f64) -> glib::Propagation {
        if !self.takes_input() {
            return glib::Propagation::Proceed;
        }
        let clicks = self.imp().pointer.borrow_mut().scroll(dx, dy);
        let held = self.imp().pointer.borrow().buttons();
        for wheel in clicks {
            self.send_buttons(held | wheel.button());
            self.send_buttons(held);
        }
        glib::Propagation::Stop
    }
}
