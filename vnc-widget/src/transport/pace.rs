//! How fast the server sends pictures: one on each request, or by itself where it can.
//!
//! Continuous updates save the time that a request takes to arrive, and need other means against
//! pictures that nobody can show yet. Servers time fences to learn how fast their client is: they are
//! answered when the widget has been given everything in front of them. When more comes nevertheless,
//! because the widget is hidden or the server asks for no fences, continuous updates are turned off
//! until the last frame is taken. What is decoded meanwhile goes into one picture, so that never more
//! than one frame waits.

use rfb::Client;

/// Updates that may come while the widget is behind before the server is told to stop.
const PATIENCE: u32 = 3;

/// See [the module](self).
#[derive(Debug, Default)]
pub(super) struct Pace {
    mode: Mode,
    /// Updates that came while the widget was behind.
    behind: u32,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// The server has not said that it can do otherwise, or has taken that back.
    #[default]
    OnRequest,
    /// The server sends updates by itself.
    Continuous,
    /// It has been told to stop until the widget has caught up.
    Paused,
}

impl Pace {
    /// Whether updates come without being requested.
    pub(super) fn is_continuous(&self) -> bool {
        self.mode == Mode::Continuous
    }

    /// The server says that it sends updates on request only: for the first time, and thereby that
    /// it could do otherwise, or because it was told to.
    pub(super) fn stopped(&mut self, client: &mut Client) {
        if self.mode == Mode::OnRequest && client.set_continuous_updates(true) {
            client.hold_fences(true);
            self.mode = Mode::Continuous;
        }
    }

    /// The server sends updates on request only, because it wants to.
    pub(super) fn withdrawn(&mut self, client: &mut Client) {
        client.hold_fences(false);
        self.mode = Mode::OnRequest;
    }

    /// So many updates have been decoded which the widget cannot be given yet.
    pub(super) fn fell_behind(&mut self, client: &mut Client, updates: u32) {
        self.behind = self.behind.saturating_add(updates);
        if self.behind > PATIENCE && self.mode == Mode::Continuous {
            client.set_continuous_updates(false);
            self.mode = Mode::Paused;
        }
    }

    /// The widget has been given all there is.
    pub(super) fn caught_up(&mut self, client: &mut Client) {
        self.behind = 0;
        match self.mode {
            Mode::OnRequest => return,
            Mode::Continuous => {}
            Mode::Paused => {
                client.set_continuous_updates(true);
                self.mode = Mode::Continuous;
            }
        }
        // Those that came so far are answered, those to come are not.
        client.hold_fences(false);
        client.hold_fences(true);
    }
}
