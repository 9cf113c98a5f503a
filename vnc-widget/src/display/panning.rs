//! Panning: a picture that is larger than the room moves along when the pointer comes to an edge.
//!
//! Movements follow the frame clock, as fast as the pointer is close to the edge. This is no
//! ornament that reduced motion would leave out: without scrollbars it is the way to the rest of
//! the picture.

use std::cell::{Cell, RefCell};

use gtk::{glib, glib::subclass::prelude::*, prelude::*};

use super::imp::VncDisplay;

/// How far from the edge panning begins, in logical pixels.
const ZONE: f64 = 32.0;

/// The most that a zone takes of the room.
const ZONE_SHARE: f64 = 0.15;

/// How often the room's length is passed in a second at the very edge.
const LENGTHS_PER_SECOND: f64 = 1.5;

/// After a longer pause between two frames, panning goes on as if it had been so long, in seconds.
const LONGEST_FRAME: f64 = 0.1;

/// When a picture that is larger than the widget moves along with the pointer at the widget's
/// edges, instead of having scrollbars.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum EdgePanning {
    /// While the window is in full screen, where bars would take room, and the edges of the
    /// monitor can be reached without aiming.
    #[default]
    InFullScreen,
    /// At all times.
    Always,
    /// Never: there are scrollbars.
    Never,
}

/// What has to be known for it.
#[derive(Default)]
pub(super) struct Panning {
    pub(super) wish: Cell<EdgePanning>,
    enabled: Cell<bool>,
    /// The window and the handler that hears of its full screen.
    window: RefCell<Option<(glib::WeakRef<gtk::Window>, glib::SignalHandlerId)>>,
    /// Where the pointer is in the room, in logical pixels.
    pointer: Cell<Option<(f64, f64)>>,
    /// Runs while the picture moves.
    tick: RefCell<Option<gtk::TickCallbackId>>,
    /// Time of the last frame in microseconds.
    last_frame: Cell<Option<i64>>,
}

impl VncDisplay {
    /// Follows the pointer. Capture, because the picture takes the events.
    pub(super) fn add_panning(&self) {
        let motion = gtk::EventControllerMotion::new();
        motion.set_propagation_phase(gtk::PropagationPhase::Capture);
        let display = self.obj().downgrade();
        let point = move |place| {
            if let Some(display) = display.upgrade() {
                display.imp().panning.pointer.set(place);
                display.imp().update_panning();
            }
        };
        let enter = point.clone();
        motion.connect_enter(move |_, x, y| enter(Some((x, y))));
        let leave = point.clone();
        motion.connect_leave(move |_| leave(None));
        motion.connect_motion(move |_, x, y| point(Some((x, y))));
        self.obj().add_controller(motion);
    }

    pub(super) fn watch_full_screen(&self) {
        let Some(window) = self.obj().root().and_downcast::<gtk::Window>() else {
            return;
        };
        let display = self.obj().downgrade();
        let handler = window.connect_fullscreened_notify(move |_| {
            if let Some(display) = display.upgrade() {
                display.imp().decide_panning();
            }
        });
        let watched = (window.downgrade(), handler);
        self.panning.window.replace(Some(watched));
        self.decide_panning();
    }

    pub(super) fn unwatch_full_screen(&self) {
        if let Some((window, handler)) = self.panning.window.take()
            && let Some(window) = window.upgrade()
        {
            window.disconnect(handler);
        }
        self.stop_panning();
    }

    pub(super) fn set_edge_panning(&self, wish: EdgePanning) {
        self.panning.wish.set(wish);
        self.decide_panning();
    }

    fn decide_panning(&self) {
        let window = self.obj().root().and_downcast::<gtk::Window>();
        let enabled = match self.panning.wish.get() {
            EdgePanning::InFullScreen => window.is_some_and(|window| window.is_fullscreen()),
            EdgePanning::Always => true,
            EdgePanning::Never => false,
        };
        if self.panning.enabled.replace(enabled) == enabled {
            return;
        }
        let bars = if enabled {
            // Can be scrolled, and has no bars.
            gtk::PolicyType::External
        } else {
            gtk::PolicyType::Automatic
        };
        self.scroller().set_policy(bars, bars);
        self.update_panning();
    }

    /// Starts or stops the frames as the pointer's place asks.
    fn update_panning(&self) {
        let moves = self.pan_speed() != (0.0, 0.0);
        if !moves {
            self.stop_panning();
        } else if self.panning.tick.borrow().is_none() {
            let tick = self.obj().add_tick_callback(|display, clock| {
                display.imp().pan(clock.frame_time());
                glib::ControlFlow::Continue
            });
            self.panning.tick.replace(Some(tick));
        }
    }

    pub(super) fn stop_panning(&self) {
        self.panning.last_frame.set(None);
        if let Some(tick) = self.panning.tick.take() {
            tick.remove();
        }
    }

    /// Logical pixels per second to the right and down.
    fn pan_speed(&self) -> (f64, f64) {
        let Some((x, y)) = self
            .panning
            .pointer
            .get()
            .filter(|_| self.panning.enabled.get())
        else {
            return (0.0, 0.0);
        };
        // A held pointer is nowhere, and its movements are the guest's.
        if self.canvas().is_held() {
            return (0.0, 0.0);
        }
        let along = |place: f64, adjustment: &gtk::Adjustment| {
            let speed = speed(place, adjustment.page_size());
            let end = adjustment.upper() - adjustment.page_size();
            let can_move = if speed < 0.0 {
                adjustment.value() > adjustment.lower()
            } else {
                adjustment.value() < end
            };
            if can_move { speed } else { 0.0 }
        };
        let scroller = self.scroller();
        (
            along(x, &scroller.hadjustment()),
            along(y, &scroller.vadjustment()),
        )
    }

    /// One frame of panning.
    fn pan(&self, time: i64) {
        let before = self.panning.last_frame.replace(Some(time)).unwrap_or(time);
        let seconds = ((time - before) as f64 / 1e6).min(LONGEST_FRAME);
        // The picture has moved below the pointer with the last frame; this one is laid out later.
        if let Some((x, y)) = self.panning.pointer.get() {
            self.canvas().point_from(&*self.obj(), x, y);
        }
        let (x, y) = self.pan_speed();
        if (x, y) == (0.0, 0.0) {
            self.stop_panning();
            return;
        }
        let scroller = self.scroller();
        for (adjustment, speed) in [(scroller.hadjustment(), x), (scroller.vadjustment(), y)] {
            adjustment.set_value(adjustment.value() + speed * seconds);
        }
    }
}

/// How fast to move, in logical pixels per second, with the pointer at this place of a room of this
/// length: not at all in the middle, and ever faster towards the edges.
fn speed(place: f64, length: f64) -> f64 {
    let zone = ZONE.min(length * ZONE_SHARE);
    if zone <= 0.0 || !place.is_finite() {
        return 0.0;
    }
    let closeness = |distance: f64| ((zone - distance) / zone).clamp(0.0, 1.0);
    let (before, after) = (closeness(place), closeness(length - 1.0 - place));
    (after * after - before * before) * length * LENGTHS_PER_SECOND
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_is_at_rest() {
        for place in [32.0, 400.0, 767.0] {
            assert!(speed(place, 800.0).abs() < 1e-9, "{place}");
        }
    }

    #[test]
    fn closer_is_faster() {
        let speeds: Vec<f64> = [31.0, 16.0, 1.0, 0.0].map(|p| speed(p, 800.0)).into();
        assert!(speeds.is_sorted_by(|a, b| a > b), "{speeds:?}");
        assert!((speeds[3] + 1200.0).abs() < 1e-9);
        assert!((speed(799.0, 800.0) - 1200.0).abs() < 1e-9);
        // Beyond the edge it is no faster.
        assert!((speed(-50.0, 800.0) + 1200.0).abs() < 1e-9);
    }

    #[test]
    fn a_small_room_still_has_a_middle() {
        assert!(speed(50.0, 100.0).abs() < 1e-9);
        assert!(speed(14.0, 100.0) < 0.0);
        assert!(speed(0.0, 0.0).abs() < 1e-9);
        assert!(speed(f64::NAN, 100.0).abs() < 1e-9);
    }
}
