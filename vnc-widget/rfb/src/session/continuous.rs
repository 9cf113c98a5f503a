//! Updates that the server sends by itself (TigerVNC's continuous updates; described in the community's
//! RFB specification).
//!
//! One message of the server, `EndOfContinuousUpdates`, says three things: that it can do this at all,
//! that it has stopped as it was told to, and that it has stopped of its own accord. It follows on each
//! time that it is told to stop, even if there is nothing to stop: counting those tells them apart.

use crate::{client::Outbox, event::Event, message, rect::Rect};

/// Whether updates come by themselves.
#[derive(Debug, Default)]
pub(super) struct ContinuousUpdates {
    /// The server has said that it can send them, and has not taken that back.
    possible: bool,
    /// They come, or will in a moment.
    enabled: bool,
    /// How often the server has been told to stop and has not said that it did.
    stopping: u32,
}

impl ContinuousUpdates {
    /// Whether the server can do this.
    pub(super) fn are_possible(&self) -> bool {
        self.possible
    }

    /// Has updates of an area sent by the server itself, or on request only. Whether it can do this.
    pub(super) fn enable(&mut self, enable: bool, area: Rect, outbox: &mut Outbox) -> bool {
        if self.possible {
            self.enabled = enable;
            if !enable {
                self.stopping = self.stopping.saturating_add(1);
            }
            message::continuous_updates(&mut outbox.bytes, enable, area);
        }
        self.possible
    }

    /// The framebuffer is another area now.
    pub(super) fn area_changed(&mut self, area: Rect, outbox: &mut Outbox) {
        if self.enabled {
            self.enable(true, area, outbox);
        }
    }

    /// The server says that updates come on request only.
    pub(super) fn ended(&mut self, outbox: &mut Outbox) {
        let told_to = self.stopping > 0;
        self.stopping = self.stopping.saturating_sub(1);
        if !told_to && self.enabled {
            (self.possible, self.enabled) = (false, false);
            outbox.event(Event::ContinuousUpdatesWithdrawn);
        } else {
            self.possible = true;
            outbox.event(Event::ContinuousUpdatesOff);
        }
    }
}
