//! The screen: updates, sizes and screens.

use super::{Client, Phase};
use crate::{
    config::{ClientConfig, EncodingPreference, Subsampling},
    message,
    rect::Rect,
    screen::{self, Screen},
};

impl Client {
    /// Asks for an update of the whole framebuffer: of what changed since the last update
    /// (`incremental`, answered when something has changed), or of everything (at once).
    pub fn request_update(&mut self, incremental: bool) {
        if let Some((session, outbox)) = self.session_mut() {
            let area = session.framebuffer().bounds();
            message::update_request(&mut outbox.bytes, incremental, area);
        }
    }

    /// Whether the server can send updates by itself, which saves the time that requests take. It may
    /// take that back: [`Event::ContinuousUpdatesWithdrawn`](crate::Event::ContinuousUpdatesWithdrawn).
    pub fn can_update_continuously(&self) -> bool {
        self.session()
            .is_some_and(|session| session.desktop.can_update_continuously())
    }

    /// Has the server send updates of the whole framebuffer by itself, of whatever size it comes to
    /// have, or on request only. Between both, when it has stopped,
    /// [`Event::ContinuousUpdatesOff`](crate::Event::ContinuousUpdatesOff) comes; updates may arrive
    /// until then. Returns whether the server can do this.
    ///
    /// How much it sends before knowing that it arrived is the server's affair; fences tell it, see
    /// [`hold_fences`](Self::hold_fences).
    pub fn set_continuous_updates(&mut self, enable: bool) -> bool {
        self.session_mut()
            .is_some_and(|(session, outbox)| session.desktop.update_continuously(enable, outbox))
    }

    /// Holds back the answers to the server's fences from now on, or lets them go. Servers that
    /// update continuously measure with fences how fast a client is, and wait for one that does not
    /// answer: who cannot show what came holds them until it is shown. By default every fence is
    /// answered as soon as everything before it is decoded.
    pub fn hold_fences(&mut self, hold: bool) {
        if let Some((session, outbox)) = self.session_mut() {
            session.fences.hold(hold, &mut outbox.bytes);
        }
    }

    /// Has the server send back `payload`, of at most 64 bytes, once it has dealt with everything
    /// that was sent before:
    /// [`Event::FenceAnswered`](crate::Event::FenceAnswered). Returns whether it could be asked.
    pub fn request_fence(&mut self, payload: &[u8]) -> bool {
        use crate::fence::{Fence, MAX_PAYLOAD};
        let Some((session, outbox)) = self.session_mut() else {
            return false;
        };
        let possible = session.desktop.features.fences && payload.len() <= MAX_PAYLOAD;
        if possible {
            Fence::request(payload).write(&mut outbox.bytes);
        }
        possible
    }

    /// Whether the server has said that its screen can be resized by clients.
    pub fn can_set_desktop_size(&self) -> bool {
        !self.screens().is_empty()
    }

    /// The server's screens within the framebuffer. Empty if it has not told any, which servers do
    /// that let clients change them.
    pub fn screens(&self) -> &[Screen] {
        self.session()
            .map_or(&[], |session| &session.desktop.screens)
    }

    /// Asks the server for another framebuffer size, as one screen. The answer is
    /// [`Event::Resized`](crate::Event::Resized) or
    /// [`Event::ResizeRefused`](crate::Event::ResizeRefused). Returns whether it could be asked: not
    /// if the server does not do this (or has not said so yet) or a side is zero.
    pub fn set_desktop_size(&mut self, width: u16, height: u16) -> bool {
        let Some(&first) = self.screens().first() else {
            return false;
        };
        let area = Rect::new(0, 0, width, height);
        self.set_desktop_layout(width, height, &[Screen { area, ..first }])
    }

    /// Asks the server for another framebuffer size and arrangement of screens in it. Those that
    /// stay keep their [`id`](Screen::id) and flags. The answer is as for
    /// [`set_desktop_size`](Self::set_desktop_size), or
    /// [`Event::ScreensChanged`](crate::Event::ScreensChanged) if the size stays. Returns whether it
    /// could be asked: not if the server does not do this, or if the screens are none or more than
    /// 255, share an id, are empty or lie outside.
    pub fn set_desktop_layout(&mut self, width: u16, height: u16, screens: &[Screen]) -> bool {
        let possible = self.can_set_desktop_size() && screen::is_layout(width, height, screens);
        if let Some((_, outbox)) = self.session_mut().filter(|_| possible) {
            message::set_desktop_size(&mut outbox.bytes, width, height, screens);
        }
        possible
    }

    /// Has pixels sent in these encodings from now on. What is under way still comes in others.
    pub fn set_encodings(&mut self, encodings: EncodingPreference) {
        self.configure(|config| config.encodings = encodings);
    }

    /// Changes [`ClientConfig::quality`] from now on.
    pub fn set_quality(&mut self, quality: Option<u8>) {
        self.configure(|config| config.quality = quality);
    }

    /// Changes [`ClientConfig::fine_quality`] and [`ClientConfig::subsampling`] from now on.
    pub fn set_fine_quality(&mut self, quality: Option<u8>, subsampling: Option<Subsampling>) {
        self.configure(|config| {
            config.fine_quality = quality;
            config.subsampling = subsampling;
        });
    }

    /// Changes [`ClientConfig::compression`] from now on.
    pub fn set_compression(&mut self, compression: Option<u8>) {
        self.configure(|config| config.compression = compression);
    }

    /// Changes what the server is asked for, and tells it if it has been told before.
    fn configure(&mut self, change: impl FnOnce(&mut ClientConfig)) {
        let before = self.engine.config.clone();
        change(&mut self.engine.config);
        if self.engine.config != before && matches!(self.engine.phase, Phase::Session(_)) {
            message::set_encodings(&mut self.engine.outbox.bytes, &self.engine.config);
        }
    }
}
