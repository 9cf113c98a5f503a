//! Sound, from the engine to its player.

use rfb::AudioEvent;

use super::Session;
use crate::sound::{self, Player};

impl Session {
    /// Plays what the server sends.
    pub(super) fn audio(&mut self, event: AudioEvent) {
        match (event, &self.player) {
            (AudioEvent::Available, _) => {
                self.shared.mailbox.tell(|news| news.audio_available = true);
                self.update_audio();
            }
            (AudioEvent::Data(data), Some(player)) => player.play(&data),
            _ => {}
        }
    }

    /// Begins or ends to listen, as wanted and possible.
    pub(super) fn update_audio(&mut self) {
        let listen = self.ahead.audio && self.client.can_play_audio();
        if listen == self.player.is_some() {
            return;
        }
        self.player = if listen {
            self.client.start_audio(sound::FORMAT);
            Some(Player::new())
        } else {
            self.client.stop_audio();
            None
        };
    }
}
