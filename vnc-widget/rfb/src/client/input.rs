//! Keys and the pointer.

use super::Client;
use crate::{
    event::PointerMode,
    led::Leds,
    message::{self, extended_pointer_event, pointer_event},
    pointer,
};

/// Bits of buttons that fit in the basic protocol's one byte.
const BASIC_BUTTONS: u16 = 0xff;

impl Client {
    /// Whether the server takes scancodes (QEMU's extended key event).
    pub fn takes_scancodes(&self) -> bool {
        self.features().scancodes
    }

    /// Presses or releases a key: its X11 keysym (0 if unknown) and its scancode as in
    /// [`keyboard`](crate::keyboard). A server that takes scancodes gets both, others the keysym.
    pub fn key(&mut self, keysym: u32, scancode: Option<u32>, pressed: bool) {
        let Some((session, outbox)) = self.session_mut() else {
            return;
        };
        match scancode.filter(|_| session.desktop.features.scancodes) {
            Some(scancode) => {
                message::extended_key_event(&mut outbox.bytes, keysym, scancode, pressed);
            }
            None if keysym != 0 => message::key_event(&mut outbox.bytes, keysym, pressed),
            None => {}
        }
    }

    /// Which locks are on at the server's keyboard. `None`: the server has not told.
    pub fn leds(&self) -> Option<Leds> {
        self.session().and_then(|session| session.desktop.leds)
    }

    /// How the server understands the pointer now.
    pub fn pointer_mode(&self) -> PointerMode {
        self.session().map_or(PointerMode::Absolute, |session| {
            session.desktop.pointer_mode
        })
    }

    /// Whether the server knows the buttons "back" and "forward". Others may take the first of
    /// them for a ninth or not know either.
    pub fn takes_extended_buttons(&self) -> bool {
        self.features().extended_buttons
    }

    /// Tells the pointer's position (kept within the framebuffer) and which buttons are down: bit 0
    /// left, 1 middle, 2 right, 3 and 4 wheel up and down, 5 and 6 wheel left and right, 7 back,
    /// 8 forward.
    pub fn pointer(&mut self, x: u16, y: u16, buttons: u16) {
        if let Some((session, _)) = self.session_mut() {
            let bounds = session.framebuffer().bounds();
            let x = x.min(bounds.width.saturating_sub(1));
            let y = y.min(bounds.height.saturating_sub(1));
            self.pointer_event(x, y, buttons);
        }
    }

    /// Tells a movement of the pointer, for [`PointerMode::Relative`]; positive is right and down.
    /// Buttons as in [`pointer`](Self::pointer).
    pub fn pointer_motion(&mut self, dx: i16, dy: i16, buttons: u16) {
        self.pointer_event(pointer::coordinate(dx), pointer::coordinate(dy), buttons);
    }

    fn pointer_event(&mut self, x: u16, y: u16, buttons: u16) {
        let Some((session, outbox)) = self.session_mut() else {
            return;
        };
        if session.desktop.features.extended_buttons {
            extended_pointer_event(&mut outbox.bytes, x, y, buttons);
        } else {
            pointer_event(&mut outbox.bytes, x, y, (buttons & BASIC_BUTTONS) as u8);
        }
    }
}
