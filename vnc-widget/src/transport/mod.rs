//! The task that joins a byte stream to the RFB engine, away from the main thread.
//!
//! The two sides share two small places instead of channels, so that neither can fill memory with
//! what the other has not looked at yet:
//!
//! - the [`Mailbox`] holds what the widget should know: the latest of each kind of news, and at
//!   most one [`Frame`](crate::tiles::Frame). The next update is requested from the server only
//!   when the last one is decoded and its frame has been handed over, so a slow or hidden widget
//!   slows the server down rather than queueing pictures; a server that sends updates by itself is
//!   slowed down by other means ([`pace`]).
//! - the [`InputQueue`] holds what the server should know. Pointer movements replace each other;
//!   clicks and keys keep their order and are never delayed.

mod attempts;
mod input;
mod mailbox;
mod pace;
mod session;
mod stream;
#[cfg(test)]
mod tests;
mod tls;
mod waits;

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU64, Ordering::Relaxed},
};
use std::time::{Duration, Instant};

use rfb::ClientConfig;
use tokio::runtime::Handle;

pub(crate) use input::{Input, KeyStroke};
pub(crate) use mailbox::{ClipboardNews, CursorShape, Delivery, News, Phase, PowerNews};

use crate::{Endpoint, Error, TlsPolicy};
use input::InputQueue;
use mailbox::Mailbox;
use waits::Waits;

/// Input that no picture has followed for so long changed nothing: the next picture is not its own.
const NO_ANSWER: Duration = Duration::from_secs(1);

/// What both sides of a connection see.
#[derive(Default)]
struct Shared {
    mailbox: Mailbox,
    input: InputQueue,
    /// Bytes that came from the server.
    received: AtomicU64,
    waits: Waits,
    /// What has been decoded.
    decoded: Mutex<rfb::Statistics>,
    /// The oldest input that no picture has followed yet.
    unanswered: Mutex<Option<Instant>>,
}

impl Shared {
    fn count_received(&self, bytes: usize) {
        self.received.fetch_add(bytes as u64, Relaxed);
    }

    fn publish(&self, statistics: rfb::Statistics) {
        *self.decoded.lock().unwrap_or_else(PoisonError::into_inner) = statistics;
    }

    /// The input that the picture which is decoded now follows.
    fn answered(&self) -> Option<Instant> {
        let mut unanswered = self.unanswered.lock();
        unanswered.as_deref_mut().map_or(None, Option::take)
    }
}

/// A connection to a server, being made, made or ended. Dropping it ends it in good order.
pub(crate) struct Connection {
    shared: Arc<Shared>,
}

impl Connection {
    /// Connects in the background.
    pub(crate) fn open(
        runtime: &Handle,
        endpoint: Endpoint,
        config: ClientConfig,
        policy: TlsPolicy,
    ) -> Self {
        let shared = Arc::new(Shared::default());
        let session = runtime.spawn(attempts::run(Arc::clone(&shared), endpoint, config, policy));
        let watched = Arc::clone(&shared);
        runtime.spawn(async move {
            // A fault in it must not leave a window that waits for ever.
            if session.await.is_err_and(|error| error.is_panic()) {
                watched
                    .mailbox
                    .tell(|news| news.phase = Some(Phase::Ended(Some(Error::Fault))));
            }
        });
        Self { shared }
    }

    /// Has something sent to the server.
    pub(crate) fn send(&self, input: Input) {
        if input.may_change_picture()
            && let Ok(mut unanswered) = self.shared.unanswered.lock()
            && unanswered.is_none_or(|input| input.elapsed() > NO_ANSWER)
        {
            *unanswered = Some(Instant::now());
        }
        self.shared.input.push(input);
    }

    /// What happened since the last call, without the frame.
    pub(crate) fn take_news(&self) -> News {
        self.shared.mailbox.take_news()
    }

    /// The frame that waits, if any. The next one comes when it is [wanted](Self::want_frame).
    pub(crate) fn take_frame(&self) -> Option<Delivery> {
        self.shared.mailbox.take_frame()
    }

    /// What happened since the last call and, where one can be shown now, the frame that waits.
    pub(crate) fn take(&self, frame: bool) -> (News, Option<Delivery>) {
        self.shared.mailbox.take(frame)
    }

    /// How many bytes have come from the server.
    pub(crate) fn received(&self) -> u64 {
        self.shared.received.load(Relaxed)
    }

    /// For how long the rest of messages was waited for, up to now.
    pub(crate) fn waited(&self) -> Duration {
        self.shared.waits.total()
    }

    /// What has been decoded so far.
    pub(crate) fn decoded(&self) -> rfb::Statistics {
        *self
            .shared
            .decoded
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until there may be news or a frame.
    pub(crate) async fn changed(&self) {
        self.shared.mailbox.changed().await;
    }

    /// Has the next frame come as soon as there is one, and [`changed`](Self::changed) return: one that
    /// could not be taken before can be now.
    pub(crate) fn want_frame(&self) {
        self.shared.mailbox.want_frame();
        self.shared.mailbox.ring();
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.shared.input.close();
    }
}
