//! What is heard of the server, played here: by PulseAudio, or by PipeWire, which speaks its
//! protocol.
//!
//! Playing never holds the connection up. Where there is no sound server, or it goes away, it is
//! tried again from time to time, and what comes meanwhile is not heard.

mod pulse;
mod ring;

use std::{sync::Arc, time::Duration};

use rfb::{AudioFormat, Channels, SampleFormat};
use tokio::task::JoinHandle;

use ring::Ring;

/// The form in which sound is asked for and played.
pub(crate) const FORMAT: AudioFormat = AudioFormat {
    samples: SampleFormat::S16,
    channels: Channels::Stereo,
    frequency: 48_000,
};

/// How long a sound server that could not be reached, or went away, is left alone.
const RETRY: Duration = Duration::from_secs(5);

/// Plays sound as long as it lives.
pub(crate) struct Player {
    ring: Arc<Ring>,
    task: JoinHandle<()>,
}

impl Player {
    /// Begins to play, on the runtime that this is called in.
    pub(crate) fn new() -> Self {
        let ring = Arc::new(Ring::default());
        let task = tokio::spawn(run(Arc::clone(&ring)));
        Self { ring, task }
    }

    /// Plays what is in [`FORMAT`] as soon as what was given before is over.
    pub(crate) fn play(&self, data: &[u8]) {
        self.ring.push(data);
    }
}

impl Drop for Player {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn run(ring: Arc<Ring>) {
    loop {
        // A sound server is not bothered before there is something to be heard.
        ring.filled().await;
        if let Err(error) = pulse::play(&ring).await {
            tracing::info!(%error, "no sound");
        }
        tokio::time::sleep(RETRY).await;
        ring.clear();
    }
}
