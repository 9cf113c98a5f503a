//! What a display offers beside the screen and its input: clipboard, sound, quality, power.

use gtk::{
    glib::{SignalHandlerId, subclass::prelude::*},
    prelude::*,
};
use rfb::{ColourDepth, PowerAction};

use super::{VncDisplay, imp};
use crate::transport::Input;

impl VncDisplay {
    /// Whether texts that are copied on one side can be pasted on the other.
    pub fn shares_clipboard(&self) -> bool {
        self.is_clipboard_enabled()
    }

    /// Lets texts that are copied on one side be pasted on the other, or no longer. On at first.
    ///
    /// Texts go over only while the display has the focus and is not
    /// [read-only](Self::set_read_only). Servers with the extended clipboard (QEMU with an agent in
    /// the guest, TigerVNC) are told that there is a text and fetch it when it is pasted; it may have
    /// any characters. Others are sent each text when the display gets the focus, in Latin-1. Texts
    /// above 4 MiB stay where they are.
    pub fn set_share_clipboard(&self, share: bool) {
        self.enable_clipboard(share);
    }

    /// Whether the server can send sound, as far as it has said. QEMU can where its guest has a
    /// sound device and the display an audio backend.
    pub fn audio_available(&self) -> bool {
        self.imp().is_audio_available()
    }

    /// Calls `f` when the server says that it can send sound.
    pub fn connect_audio_available<F: Fn(&Self) + 'static>(&self, f: F) -> SignalHandlerId {
        self.connect_local(imp::AUDIO_AVAILABLE, false, move |values| {
            f(&values[0].get().ok()?);
            None
        })
    }

    /// Whether sound is wanted.
    pub fn plays_audio(&self) -> bool {
        self.imp().is_audio_wanted()
    }

    /// Plays what is heard on the server, through PulseAudio or PipeWire, or no longer. Off at
    /// first. It holds for later connections too, and may be said before sound is
    /// [available](Self::audio_available). Without a sound server nothing is heard, and that is all.
    pub fn set_audio(&self, play: bool) {
        self.imp().set_audio(play);
    }

    /// Changes how much of the picture's quality may be given up for speed, for this connection and
    /// later ones: JPEG quality from 0 to 9 (`None`, as at first: lossless), and compression from 0
    /// (fastest) to 9 (smallest; `None`: as the server likes). Servers follow as they can; QEMU uses
    /// JPEG only where it was started with `lossy=on`.
    pub fn set_quality(&self, quality: Option<u8>, compression: Option<u8>) {
        self.imp().set_quality(quality, compression);
    }

    /// The JPEG quality and the compression that servers are asked for; see
    /// [`set_quality`](Self::set_quality).
    pub fn quality(&self) -> (Option<u8>, Option<u8>) {
        self.imp().quality()
    }

    /// Changes how many colours servers are asked to send, from the next [`open`](Self::open) on.
    /// All at first; fewer make slow connections faster.
    pub fn set_colours(&self, colours: ColourDepth) {
        self.imp().set_colours(colours);
    }

    /// Whether the server can turn its machine off and on, as far as it has said (xvp).
    pub fn can_power(&self) -> bool {
        self.imp().can_power()
    }

    /// Asks the server to turn its machine off or on. Does nothing where it
    /// [cannot](Self::can_power).
    pub fn power(&self, action: PowerAction) {
        self.imp().send(Input::Power(action));
    }

    /// Calls `f` when the server says that it [can](Self::can_power) turn its machine off and on,
    /// with `false`, and when it could not do what it was asked, with `true`.
    pub fn connect_power_changed<F: Fn(&Self, bool) + 'static>(&self, f: F) -> SignalHandlerId {
        self.connect_local(imp::POWER_CHANGED, false, move |values| {
            let display: Self = values[0].get().ok()?;
            f(&display, values[1].get().ok()?);
            None
        })
    }
}
