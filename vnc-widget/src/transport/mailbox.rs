//! From the session to the widget.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use rfb::{CredentialKind, Leds, PointerMode, Screen};
use tokio::sync::Notify;

use crate::{
    Error,
    tiles::Frame,
    trust::{Protection, TrustQuestion},
};

/// How far a connection is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Phase {
    /// The server waits for credentials.
    NeedsCredentials(CredentialKind),
    /// Somebody has to say whether the server is trusted.
    NeedsTrust(Box<TrustQuestion>),
    /// The session runs.
    Connected,
    /// It is over: why, or in good order.
    Ended(Option<Error>),
}

/// The pointer's picture.
#[derive(Debug)]
pub(crate) enum CursorShape {
    /// No pointer is to be seen.
    Hidden,
    /// This is it.
    Shown(rfb::Cursor),
}

/// What happened, the latest of each kind.
#[derive(Debug, Default)]
pub(crate) struct News {
    pub(crate) phase: Option<Phase>,
    /// Width and height of the screen.
    pub(crate) size: Option<(u32, u32)>,
    /// The arrangement of screens.
    pub(crate) screens: Option<Arc<[Screen]>>,
    pub(crate) name: Option<String>,
    pub(crate) protection: Option<Protection>,
    pub(crate) cursor: Option<CursorShape>,
    pub(crate) pointer_mode: Option<PointerMode>,
    pub(crate) bell: bool,
    pub(crate) clipboard: Option<ClipboardNews>,
    pub(crate) leds: Option<Leds>,
    /// The server can send sound.
    pub(crate) audio_available: bool,
    pub(crate) power: Option<PowerNews>,
}

/// What became known of the server's clipboard.
pub(crate) enum ClipboardNews {
    /// There is a text, which can be asked for.
    Offered,
    /// This is the text.
    Text(String),
}

impl std::fmt::Debug for ClipboardNews {
    /// People copy passwords.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Offered => "Offered",
            Self::Text(_) => "Text",
        })
    }
}

/// What became known of turning the server's machine off and on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PowerNews {
    /// It can be asked for.
    Available,
    /// It could not be done.
    Failed,
}

/// A frame on its way to the widget.
pub(crate) struct Delivery {
    pub(crate) frame: Frame,
    /// The arrangement of screens that it is a picture of.
    pub(crate) screens: Arc<[Screen]>,
    /// When the input was made that this is the first picture after.
    pub(crate) input: Option<Instant>,
}

#[derive(Default)]
struct Contents {
    news: News,
    delivery: Option<Delivery>,
    /// The last frame was posted and no other has been asked for since.
    sated: bool,
}

/// See [the module](super).
#[derive(Default)]
pub(super) struct Mailbox {
    contents: Mutex<Contents>,
    for_widget: Notify,
    frame_wanted: Notify,
}

impl Mailbox {
    /// Nothing in here can be half changed, so a panic elsewhere does no harm.
    fn contents(&self) -> MutexGuard<'_, Contents> {
        self.contents.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds news.
    pub(super) fn tell(&self, change: impl FnOnce(&mut News)) {
        change(&mut self.contents().news);
        self.ring();
    }

    /// Whether a frame may be [posted](Self::post): the first, or one that was asked for. One that is
    /// made before would be out of date when it is drawn, and memory for nothing until then.
    pub(super) fn wants_frame(&self) -> bool {
        !self.contents().sated
    }

    /// Asks for a frame after the one that was posted last; does nothing while that has not been taken.
    pub(super) fn want_frame(&self) {
        let mut contents = self.contents();
        // A frame has only what changed: another must not take its place.
        if contents.delivery.is_none() {
            contents.sated = false;
            drop(contents);
            self.frame_wanted.notify_one();
        }
    }

    /// Puts a frame where the widget takes it.
    pub(super) fn post(&self, delivery: Delivery) {
        let mut contents = self.contents();
        contents.delivery = Some(delivery);
        contents.sated = true;
        drop(contents);
        self.ring();
    }

    /// Waits until a frame is asked for.
    pub(super) async fn frame_wanted(&self) {
        self.frame_wanted.notified().await;
    }

    pub(super) fn take_news(&self) -> News {
        std::mem::take(&mut self.contents().news)
    }

    pub(super) fn take_frame(&self) -> Option<Delivery> {
        self.contents().delivery.take()
    }

    /// Both at once, where a frame is wanted: what was told of the screen with the picture of it.
    pub(super) fn take(&self, frame: bool) -> (News, Option<Delivery>) {
        let mut contents = self.contents();
        let delivery = if frame {
            contents.delivery.take()
        } else {
            None
        };
        (std::mem::take(&mut contents.news), delivery)
    }

    pub(super) async fn changed(&self) {
        self.for_widget.notified().await;
    }

    pub(super) fn ring(&self) {
        self.for_widget.notify_one();
    }
}
