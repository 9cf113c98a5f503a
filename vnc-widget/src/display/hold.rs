//! Holding the pointer: for servers that want movements rather than places.
//!
//! The pointer is held while the keyboard is grabbed and the server wants movements. It begins when
//! the pointer is on the picture, so that a grab from the keyboard does not snatch it from
//! elsewhere, and ends with the grab.
//!
//! Movements and clicks come by two ways from the windowing system. Within the time that they spend
//! on these, which is a fraction of a millisecond, their order is not known.

use std::cell::{Cell, OnceCell, RefCell};

use gtk::{
    glib::{self, subclass::prelude::*},
    prelude::*,
};

use super::{
    canvas::Canvas,
    platform::{self, Area, Grip, PointerGrip},
};
use crate::transport::Input;

/// What a canvas knows about holding the pointer.
#[derive(Default)]
pub(super) struct Hold {
    /// How it is done here, once it is known; `None` in it where it cannot be done.
    grip: OnceCell<Option<Box<dyn PointerGrip>>>,
    /// It has been asked for.
    asked: Cell<bool>,
    /// The pointer is on the picture.
    over: Cell<bool>,
    /// Movement that has not been sent, in logical pixels.
    pending: Cell<(f64, f64)>,
    /// Runs while the hand moves.
    tick: RefCell<Option<gtk::TickCallbackId>>,
}

impl Canvas {
    /// Notices whether the pointer is on the picture.
    pub(super) fn add_crossing(&self) {
        let crossing = gtk::EventControllerMotion::new();
        let canvas = self.downgrade();
        crossing.connect_contains_pointer_notify(move |crossing| {
            if let Some(canvas) = canvas.upgrade() {
                canvas.imp().hold.over.set(crossing.contains_pointer());
                canvas.imp().pointer.borrow_mut().leave();
                canvas.update_hold();
            }
        });
        self.add_controller(crossing);
    }

    /// Begins or ends holding the pointer as circumstances ask, and keeps it where the picture is.
    pub(super) fn update_hold(&self) {
        let hold = &self.imp().hold;
        let wanted = self.is_grabbed() && self.is_pointer_relative() && self.is_mapped();
        if !wanted {
            if hold.asked.replace(false) {
                if let Some(Some(grip)) = hold.grip.get() {
                    grip.release();
                }
                self.set_held(false);
            }
            return;
        }
        if !hold.asked.get() && !hold.over.get() {
            return;
        }
        let (Some(surface), Some(area)) = (
            self.native().and_then(|native| native.surface()),
            self.visible_area(),
        ) else {
            return;
        };
        let grip = hold.grip.get_or_init(|| {
            let canvas = self.downgrade();
            platform::grip(&self.display(), move |news| {
                if let Some(canvas) = canvas.upgrade() {
                    canvas.gripped(news);
                }
            })
        });
        if let Some(grip) = grip {
            hold.asked.set(true);
            grip.hold(&surface, area);
        }
    }

    fn gripped(&self, news: Grip) {
        if !self.imp().hold.asked.get() {
            return;
        }
        match news {
            Grip::Held => self.set_held(true),
            Grip::Lost => self.set_held(false),
            Grip::Moved(dx, dy) if self.is_held() => self.glide(dx, dy),
            Grip::Moved(..) => {}
        }
    }

    /// Takes up a movement of a held pointer. Mice tell up to a thousand of them a second, which
    /// nobody could see: the first is sent at once, and while the hand goes on, one for each frame.
    /// Whatever else is sent takes along what there is.
    fn glide(&self, dx: f64, dy: f64) {
        let hold = &self.imp().hold;
        let (x, y) = hold.pending.get();
        hold.pending.set((x + dx, y + dy));
        if hold.tick.borrow().is_some() {
            return;
        }
        self.flush_motion();
        let tick = self.add_tick_callback(|canvas, _| {
            if canvas.flush_motion() {
                return glib::ControlFlow::Continue;
            }
            canvas.imp().hold.tick.take();
            glib::ControlFlow::Break
        });
        hold.tick.replace(Some(tick));
    }

    /// Sends the movement that waits. Whether there was any.
    pub(super) fn flush_motion(&self) -> bool {
        let (dx, dy) = self.imp().hold.pending.take();
        let moved = (dx, dy) != (0.0, 0.0);
        if moved {
            self.moved_by(dx, dy);
        }
        moved
    }

    /// The hand moved by so many logical pixels.
    pub(super) fn moved_by(&self, dx: f64, dy: f64) {
        let Some(placement) = self.placement() else {
            return;
        };
        let mut pointer = self.imp().pointer.borrow_mut();
        let buttons = pointer.buttons();
        let (dx, dy) = pointer.moved_by(dx, dy, placement.logical_zoom());
        drop(pointer);
        if (dx, dy) != (0, 0) {
            self.send(Input::Motion { dx, dy, buttons });
        }
    }

    pub(super) fn is_held(&self) -> bool {
        self.held()
    }

    fn set_held(&self, held: bool) {
        if self.imp().held.replace(held) != held {
            self.flush_motion();
            if let Some(tick) = self.imp().hold.tick.take() {
                tick.remove();
            }
            // Where it was seen last has nothing to do with where it comes back.
            self.imp().pointer.borrow_mut().leave();
            self.update_cursor();
            self.notify_held();
        }
    }

    /// The part of the canvas that is to be seen, on the surface.
    fn visible_area(&self) -> Option<Area> {
        let seen = self.seen()?;
        let (left, top) = self.origin()?;
        Some(Area {
            left: left + f64::from(seen.x()),
            top: top + f64::from(seen.y()),
            width: seen.width().into(),
            height: seen.height().into(),
        })
    }
}
