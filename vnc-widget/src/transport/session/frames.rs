//! Pictures, from the engine to the widget.

use std::{sync::Arc, time::Instant};

use rfb::{Client, Damage, Screen};

use crate::{
    Error,
    tiles::Frame,
    transport::{Delivery, Shared, pace::Pace},
};

/// What has been decoded and not handed over, and what the server was asked for.
pub(super) struct Frames {
    /// What whole updates changed and has not been handed over.
    damage: Damage,
    /// Updates that came and have not been offered to the widget.
    updates: u32,
    /// The arrangement of screens.
    screens: Arc<[Screen]>,
    /// It is another than that of the last frame.
    rearranged: bool,
    /// The size of the framebuffer in the last frame.
    size: (u16, u16),
    /// When the input was made that `damage` is the first picture after.
    input: Option<Instant>,
    /// The server owes an answer to an update request.
    requested: bool,
    /// The next update is to bring the whole screen.
    wants_everything: bool,
    pub(super) pace: Pace,
}

impl Default for Frames {
    fn default() -> Self {
        Self {
            damage: Damage::default(),
            updates: 0,
            screens: Arc::default(),
            rearranged: false,
            size: (0, 0),
            input: None,
            requested: false,
            wants_everything: true,
            pace: Pace::default(),
        }
    }
}

impl Frames {
    /// Whether something waits for the widget to want it.
    pub(super) fn wait(&self) -> bool {
        !self.damage.is_empty() || self.rearranged
    }

    /// A whole update has been decoded.
    pub(super) fn update_came(&mut self, client: &mut Client, shared: &Shared) {
        self.requested = false;
        self.updates = self.updates.saturating_add(1);
        let damage = client.take_damage();
        if !damage.is_empty() {
            self.input = self.input.or_else(|| shared.answered());
        }
        for rect in damage.iter() {
            self.damage.add(rect);
        }
    }

    /// The screen has another size: the old picture is gone from the engine. Nothing is handed over
    /// until the server has sent the new one, so that the old one stays to be seen.
    pub(super) fn resized(&mut self) {
        self.damage = Damage::default();
        self.wants_everything = true;
    }

    /// There are these screens now. They go with the next frame, which is their picture; where the
    /// framebuffer keeps its size, there is one even if nothing else changed.
    pub(super) fn rearranged(&mut self, screens: Arc<[Screen]>) {
        self.screens = screens;
        self.rearranged = true;
    }

    /// Gives the widget what changed once it has drawn what it was given last, and only then asks
    /// the server for more. An update may also have brought nothing to see, or the pointer alone.
    pub(super) fn hand_over(&mut self, client: &mut Client, shared: &Shared) -> Result<(), Error> {
        if self.requested {
            // Servers may wait for their fences before they answer.
            if self.damage.is_empty() {
                self.pace.caught_up(client);
            }
            return Ok(());
        }
        let updates = std::mem::take(&mut self.updates);
        let framebuffer = client.framebuffer();
        let size = (framebuffer.width(), framebuffer.height());
        if !self.damage.is_empty() || (self.rearranged && size == self.size) {
            if !shared.mailbox.wants_frame() {
                self.pace.fell_behind(client, updates);
                return Ok(());
            }
            let damage = std::mem::take(&mut self.damage);
            let frame = Frame::cut(client.framebuffer(), &damage)?;
            let input = self.input.take();
            let screens = Arc::clone(&self.screens);
            (self.rearranged, self.size) = (false, size);
            shared.mailbox.post(Delivery {
                frame,
                screens,
                input,
            });
        }
        self.pace.caught_up(client);
        if self.wants_everything || !self.pace.is_continuous() {
            self.request(client);
        }
        Ok(())
    }

    /// Asks for the next update, unless one is owed.
    pub(super) fn request(&mut self, client: &mut Client) {
        if !self.requested {
            let everything = std::mem::take(&mut self.wants_everything);
            client.request_update(!everything);
            self.requested = true;
        }
    }
}
