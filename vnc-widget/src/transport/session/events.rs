//! What the engine tells.

use std::sync::Arc;

use rfb::Event;

use super::Session;
use crate::{
    transport::{ClipboardNews, CursorShape, Phase, PowerNews},
    trust::Protection,
};

impl Session {
    /// Deals with all that has happened.
    pub(super) fn handle_events(&mut self) {
        while let Some(event) = self.client.next_event() {
            self.handle(event);
        }
    }

    fn handle(&mut self, event: Event) {
        let mailbox = &self.shared.mailbox;
        match event {
            Event::NeedCredentials(kind) => {
                self.needed = Some(kind);
                let given = self.ahead.credentials.take();
                let fit = given.is_some_and(|given| self.client.provide_credentials(&given));
                if !fit {
                    self.ask_credentials();
                }
            }
            Event::Connected {
                name,
                width,
                height,
            } => {
                // Nobody asks for them any more.
                self.ahead.credentials = None;
                let login = self.client.security().map(|security| security.login);
                let protection = Protection {
                    tls: self.tls,
                    login: login.unwrap_or(rfb::Login::None),
                };
                mailbox.tell(|news| {
                    news.phase = Some(Phase::Connected);
                    news.protection = Some(protection);
                    news.name = Some(name);
                    news.size = Some((width.into(), height.into()));
                });
                self.frames.request(&mut self.client);
            }
            Event::FrameComplete => {
                self.frames.update_came(&mut self.client, &self.shared);
                self.shared.publish(*self.client.statistics());
            }
            Event::ContinuousUpdatesOff => self.frames.pace.stopped(&mut self.client),
            Event::ContinuousUpdatesWithdrawn => self.frames.pace.withdrawn(&mut self.client),
            Event::Resized { width, height, .. } => {
                self.frames.resized();
                mailbox.tell(|news| news.size = Some((width.into(), height.into())));
            }
            Event::ScreensChanged => {
                let screens: Arc<[_]> = self.client.screens().into();
                self.frames.rearranged(Arc::clone(&screens));
                mailbox.tell(|news| news.screens = Some(screens));
            }
            Event::CursorChanged(cursor) => {
                let shape = cursor.map_or(CursorShape::Hidden, CursorShape::Shown);
                mailbox.tell(|news| news.cursor = Some(shape));
            }
            Event::DesktopName(name) => mailbox.tell(|news| news.name = Some(name)),
            Event::PointerMode(mode) => mailbox.tell(|news| news.pointer_mode = Some(mode)),
            Event::Bell => mailbox.tell(|news| news.bell = true),
            Event::CutText(text) => {
                mailbox.tell(|news| news.clipboard = Some(ClipboardNews::Text(text.into())));
            }
            Event::ClipboardOffered => {
                mailbox.tell(|news| news.clipboard = Some(ClipboardNews::Offered));
            }
            Event::Audio(event) => self.audio(event),
            Event::Leds(leds) => mailbox.tell(|news| news.leds = Some(leds)),
            Event::PowerAvailable => {
                mailbox.tell(|news| news.power = Some(PowerNews::Available));
            }
            Event::PowerFailed => mailbox.tell(|news| news.power = Some(PowerNews::Failed)),
            Event::ResizeRefused(reason) => {
                tracing::debug!(?reason, "the server keeps its screen size");
            }
            _ => {}
        }
    }
}
