//! The task that joins a byte stream to the RFB engine, away from the main thread.
//!
//! The two sides share two small places instead of channels, so that neither can fill memory with
//! what the other has not looked at yet:
//!
//! - the [`Mailbox`] holds what the widget should know: the latest of each kind of news, and at
//!   most one [`Frame`](crate::tiles::Frame). The next update is requested from the server only
//!   when the last one is decoded and its frame has been handed over, so a slow or hidden widget
//!   slows the server down rather than queueing pictures.
//! - the [`InputQueue`] holds what the server should know. Pointer movements replace each other;
//!   clicks and keys keep their order and are never delayed.

mod attempts;
mod input;
mod mailbox;
mod session;
mod stream;
#[cfg(test)]
mod tests;
mod tls;

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering::Relaxed},
};

use rfb::ClientConfig;
use tokio::runtime::Handle;

pub(crate) use input::{Input, KeyStroke};
pub(crate) use mailbox::{CursorShape, News, Phase};

use crate::{Endpoint, TlsPolicy};
use input::InputQueue;
use mailbox::Mailbox;

/// What both sides of a connection see.
#[derive(Default)]
struct Shared {
    mailbox: Mailbox,
    input: InputQueue,
    /// Bytes that came from the server.
    received: AtomicU64,
}

impl Shared {
    fn count_received(&self, bytes: usize) {
        self.received.fetch_add(bytes as u64, Relaxed);
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
        runtime.spawn(attempts::run(Arc::clone(&shared), endpoint, config, policy));
        Self { shared }
    }

    /// Has something sent to the server.
    pub(crate) fn send(&self, input: Input) {
        self.shared.input.push(input);
    }

    /// What happened since the last call, without the frame.
    pub(crate) fn take_news(&self) -> News {
        self.shared.mailbox.take_news()
    }

    /// The frame that waits, if any. Taking it lets the next one come.
    pub(crate) fn take_frame(&self) -> Option<crate::tiles::Frame> {
        self.shared.mailbox.take_frame()
    }

    /// How many bytes have come from the server.
    pub(crate) fn received(&self) -> u64 {
        self.shared.received.load(Relaxed)
    }

    /// Waits until there may be news or a frame.
    pub(crate) async fn changed(&self) {
        self.shared.mailbox.changed().await;
    }

    /// Makes [`changed`](Self::changed) return: a frame that could not be taken before can be now.
    pub(crate) fn look_again(&self) {
        self.shared.mailbox.ring();
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.shared.input.close();
    }
}
