//! Figures of a connection, for a strip that shows how good it is.

use std::{
    cell::RefCell,
    time::{Duration, Instant},
};

use gtk::{
    glib::{self, subclass::prelude::*},
    prelude::*,
};
use rfb::Encoding;

use super::{VncDisplay, imp};
use crate::transport::Connection;

/// How often the figures are made.
const INTERVAL: Duration = Duration::from_secs(1);

/// What a connection brought during about the last second.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[non_exhaustive]
pub struct DisplayStatistics {
    /// The encoding in which most of the pixels came. `None` if none came.
    pub encoding: Option<Encoding>,
    /// Bits per second from the server.
    pub bits_per_second: f64,
    /// The part of the time, 0 to 1, in which the rest of a message was waited for that had begun to
    /// come, such as a rectangle's. Near 1 the way from the server, or the server itself, is what pictures wait for; then
    /// [`bits_per_second`](Self::bits_per_second) is about what that way can carry.
    pub waiting: f64,
    /// Pictures per second that were shown.
    pub frames_per_second: f64,
    /// The time between a key, a click or a movement and the picture that followed it on this
    /// screen: the median. `None` if nobody did anything, or nothing came of it. Pictures that
    /// change by themselves make it shorter than it is.
    pub input_to_picture: Option<Duration>,
}

/// Counts what is shown while somebody wants to know.
#[derive(Default)]
pub(super) struct Meter {
    running: RefCell<Option<Running>>,
}

struct Running {
    start: Start,
    frames: u32,
    /// Times from an input to its picture.
    answers: Vec<Duration>,
    latest: DisplayStatistics,
}

/// Counts at the beginning of an interval.
#[derive(Clone, Copy)]
struct Start {
    time: Instant,
    received: u64,
    waited: Duration,
    decoded: rfb::Statistics,
}

impl Start {
    fn new(connection: Option<&Connection>) -> Self {
        Self {
            time: Instant::now(),
            received: connection.map_or(0, Connection::received),
            waited: connection.map_or(Duration::ZERO, Connection::waited),
            decoded: connection.map_or_else(Default::default, Connection::decoded),
        }
    }

    /// What came between this and `end`, if both are of the same connection.
    fn until(&self, end: &Self, frames: u32, answers: &mut [Duration]) -> DisplayStatistics {
        let seconds = end.time.duration_since(self.time).as_secs_f64();
        if seconds <= 0.0 || end.received < self.received {
            return DisplayStatistics::default();
        }
        answers.sort_unstable();
        let pixels = |encoding: Encoding| {
            let before = self.decoded.pixels_in(encoding);
            end.decoded.pixels_in(encoding).saturating_sub(before)
        };
        DisplayStatistics {
            encoding: Encoding::ALL
                .into_iter()
                .filter(|&encoding| pixels(encoding) > 0)
                .max_by_key(|&encoding| pixels(encoding)),
            bits_per_second: (end.received - self.received) as f64 * 8.0 / seconds,
            // A long wait counts when it is over.
            waiting: (end.waited.saturating_sub(self.waited).as_secs_f64() / seconds).min(1.0),
            frames_per_second: f64::from(frames) / seconds,
            input_to_picture: answers.get(answers.len() / 2).copied(),
        }
    }
}

impl VncDisplay {
    /// The figures of the last second. `None` while nobody
    /// [listens](Self::connect_statistics).
    pub fn statistics(&self) -> Option<DisplayStatistics> {
        let running = self.imp().meter().running.borrow();
        running.as_ref().map(|running| running.latest)
    }

    /// Calls `f` about once a second with [`statistics`](Self::statistics), until the handler is
    /// disconnected. Nothing is counted while there is no such handler.
    pub fn connect_statistics<F: Fn(&Self, &DisplayStatistics) + 'static>(
        &self,
        f: F,
    ) -> glib::SignalHandlerId {
        let handler = self.connect_local(imp::STATISTICS, false, move |values| {
            let display: Self = values[0].get().ok()?;
            if let Some(statistics) = display.statistics() {
                f(&display, &statistics);
            }
            None
        });
        let mut running = self.imp().meter().running.borrow_mut();
        if running.is_none() {
            let display = self.downgrade();
            glib::timeout_add_local(INTERVAL, move || match display.upgrade() {
                Some(display) => display.tell_statistics(),
                None => glib::ControlFlow::Break,
            });
            *running = Some(Running {
                start: Start::new(self.imp().connection().as_deref()),
                frames: 0,
                answers: Vec::new(),
                latest: DisplayStatistics::default(),
            });
        }
        handler
    }

    /// The interval is over.
    fn tell_statistics(&self) -> glib::ControlFlow {
        let meter = self.imp().meter();
        if !self.somebody_listens() {
            meter.running.take();
            return glib::ControlFlow::Break;
        }
        let end = Start::new(self.imp().connection().as_deref());
        if let Some(running) = &mut *meter.running.borrow_mut() {
            running.latest = running
                .start
                .until(&end, running.frames, &mut running.answers);
            running.start = end;
            running.frames = 0;
            running.answers.clear();
        }
        self.emit_by_name::<()>(imp::STATISTICS, &[]);
        glib::ControlFlow::Continue
    }

    fn somebody_listens(&self) -> bool {
        glib::subclass::SignalId::lookup(imp::STATISTICS, Self::static_type()).is_some_and(
            |signal| glib::signal::signal_has_handler_pending(self, signal, None, true),
        )
    }

    /// A picture is about to be drawn: the first after an input that was made at this time.
    pub(super) fn count_frame(&self, input: Option<Instant>) {
        if let Some(running) = &mut *self.imp().meter().running.borrow_mut() {
            running.frames += 1;
            if let (Some(input), Some(clock)) = (input, self.frame_clock()) {
                self.time_drawing(input, &clock);
            }
        }
    }

    /// Notes the time since an input once the picture is with the windowing system.
    fn time_drawing(&self, input: Instant, clock: &gtk::gdk::FrameClock) {
        let display = self.downgrade();
        let handler: std::rc::Rc<RefCell<Option<glib::SignalHandlerId>>> = std::rc::Rc::default();
        let this = std::rc::Rc::clone(&handler);
        let id = clock.connect_after_paint(move |clock| {
            if let Some(id) = this.take() {
                clock.disconnect(id);
            }
            if let Some(display) = display.upgrade()
                && let Some(running) = &mut *display.imp().meter().running.borrow_mut()
            {
                running.answers.push(input.elapsed());
            }
        });
        handler.replace(Some(id));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(time: Instant, received: u64) -> Start {
        Start {
            time,
            received,
            waited: Duration::from_millis(received / 500),
            decoded: rfb::Statistics::default(),
        }
    }

    #[test]
    fn figures_are_per_second() {
        let now = Instant::now();
        let begin = start(now, 1000);
        let end = start(now + Duration::from_secs(2), 251_000);
        let mut answers = [70, 20, 30].map(Duration::from_millis);
        let figures = begin.until(&end, 60, &mut answers);
        assert_eq!(figures.encoding, None);
        assert!((figures.bits_per_second - 1e6).abs() < 1.0);
        assert!((figures.frames_per_second - 30.0).abs() < 0.01);
        assert!((figures.waiting - 0.25).abs() < 0.01);
        assert_eq!(figures.input_to_picture, Some(Duration::from_millis(30)));
    }

    #[test]
    fn another_connection_starts_from_nothing() {
        let now = Instant::now();
        let end = start(now + Duration::from_secs(1), 10);
        let figures = start(now, 1000).until(&end, 5, &mut []);
        assert_eq!(figures, DisplayStatistics::default());
    }
}
