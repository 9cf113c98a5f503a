//! From the widget to the session.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use rfb::{ClipboardText, Credentials, PowerAction, Screen, keyboard::Key};
use tokio::sync::Notify;

use crate::trust::Fingerprint;

/// The most that may wait. People do not type this far ahead: a server that lets it come so far
/// has stopped listening.
const CAPACITY: usize = 1024;

/// A key in both of the ways in which servers know keys.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct KeyStroke {
    /// X11 keysym.
    pub(crate) keysym: u32,
    /// Which key it is on a PC keyboard, if it is on one.
    pub(crate) scancode: Option<u32>,
}

impl std::fmt::Debug for KeyStroke {
    /// People type passwords: which key it is is not printed.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KeyStroke")
    }
}

impl From<Key> for KeyStroke {
    fn from(key: Key) -> Self {
        Self {
            keysym: key.keysym,
            scancode: Some(key.scancode),
        }
    }
}

/// Something for the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Input {
    /// A key goes down (or repeats) or up.
    Key { key: KeyStroke, pressed: bool },
    /// The pointer's place in guest pixels and the buttons that are down.
    Pointer { x: u16, y: u16, buttons: u16 },
    /// A movement of the pointer in guest pixels and the buttons that are down.
    Motion { dx: i16, dy: i16, buttons: u16 },
    /// Ask for another size of the framebuffer, as one screen.
    DesktopSize { width: u16, height: u16 },
    /// Ask for another size of one screen, by its id, among those that are there.
    ScreenSize { id: u32, width: u16, height: u16 },
    /// Ask for these screens.
    Screens(Vec<Screen>),
    /// The answer to the question for credentials.
    Credentials(Credentials),
    /// The answer to the question whether the server with this certificate is trusted.
    Trust {
        certificate: Fingerprint,
        trusted: bool,
    },
    /// The server may have this text.
    Text(ClipboardText),
    /// The server is to send the text of its clipboard.
    RequestText,
    /// What the server has not fetched of a text it is not to have any more.
    WithdrawText,
    /// Sound is wanted, or no longer.
    Audio(bool),
    /// The server is to turn its machine off or on.
    Power(PowerAction),
    /// JPEG quality and compression, or as the server likes.
    Quality {
        quality: Option<u8>,
        compression: Option<u8>,
    },
}

impl Input {
    /// Whether people wait to see something of this.
    pub(crate) fn may_change_picture(&self) -> bool {
        matches!(
            self,
            Self::Key { .. } | Self::Pointer { .. } | Self::Motion { .. }
        )
    }

    /// Takes up `next` if nothing is lost by sending both as one: movements with the same buttons.
    fn absorb(&mut self, next: &Self) -> bool {
        match (self, next) {
            (
                Self::Pointer { x, y, buttons },
                &Self::Pointer {
                    x: next_x,
                    y: next_y,
                    buttons: next_buttons,
                },
            ) if *buttons == next_buttons => {
                (*x, *y) = (next_x, next_y);
                true
            }
            (
                Self::Motion { dx, dy, buttons },
                &Self::Motion {
                    dx: more_x,
                    dy: more_y,
                    buttons: next_buttons,
                },
            ) if *buttons == next_buttons => {
                *dx = dx.saturating_add(more_x);
                *dy = dy.saturating_add(more_y);
                true
            }
            _ => false,
        }
    }
}

#[derive(Default)]
struct Queue {
    items: VecDeque<Input>,
    /// The buttons of the last pointer event that was put in.
    buttons: u16,
    /// Whether the item put in last changed the buttons.
    last_is_click: bool,
    overflowed: bool,
    closed: bool,
}

/// What the session finds in the queue.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// The oldest, to be sent.
    Input(Input),
    /// Nothing now.
    Nothing,
    /// Nothing more will come, or will get out: the connection is to end.
    Closed,
    /// Too much has waited for too long.
    Overflowed,
}

/// See [the module](super).
#[derive(Default)]
pub(super) struct InputQueue {
    queue: Mutex<Queue>,
    filled: Notify,
}

impl InputQueue {
    /// Nothing in here can be half changed, so a panic elsewhere does no harm.
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn push(&self, input: Input) {
        let mut queue = self.queue();
        let is_click = match input {
            Input::Pointer { buttons, .. } | Input::Motion { buttons, .. } => {
                std::mem::replace(&mut queue.buttons, buttons) != buttons
            }
            _ => false,
        };
        // A click stays where it was made: no later movement may take its place.
        let may_join = !is_click && !queue.last_is_click;
        let joined = may_join
            && queue
                .items
                .back_mut()
                .is_some_and(|last| last.absorb(&input));
        if !joined {
            queue.last_is_click = is_click;
            if queue.items.len() < CAPACITY {
                queue.items.push_back(input);
            } else {
                queue.overflowed = true;
            }
        }
        drop(queue);
        self.filled.notify_one();
    }

    pub(super) fn close(&self) {
        self.queue().closed = true;
        self.filled.notify_one();
    }

    /// Waits until the connection is no longer wanted, leaving what else is here.
    pub(super) async fn closed(&self) {
        while !self.queue().closed {
            self.filled.notified().await;
        }
    }

    /// What is to be done next. Without `room` no input is taken.
    pub(super) fn take(&self, room: bool) -> Taken {
        let mut queue = self.queue();
        let input = if room { queue.items.pop_front() } else { None };
        match input {
            _ if queue.overflowed => Taken::Overflowed,
            Some(input) => Taken::Input(input),
            None if queue.closed => Taken::Closed,
            None => Taken::Nothing,
        }
    }

    /// Waits until there may be something to [`take`](Self::take).
    pub(super) async fn changed(&self) {
        self.filled.notified().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(x: u16, buttons: u16) -> Input {
        Input::Pointer { x, y: 0, buttons }
    }

    fn by(dx: i16, buttons: u16) -> Input {
        Input::Motion { dx, dy: 1, buttons }
    }

    fn through(inputs: &[Input]) -> Vec<Input> {
        let queue = InputQueue::default();
        for input in inputs {
            queue.push(input.clone());
        }
        std::iter::from_fn(|| match queue.take(true) {
            Taken::Input(input) => Some(input),
            _ => None,
        })
        .collect()
    }

    #[test]
    fn movements_become_one() {
        assert_eq!(through(&[at(1, 0), at(2, 0), at(3, 0)]), [at(3, 0)]);
        assert_eq!(
            through(&[by(1, 0), by(2, 0), by(-5, 0)]),
            [Input::Motion {
                dx: -2,
                dy: 3,
                buttons: 0
            }]
        );
    }

    #[test]
    fn clicks_stay_where_they_were_made() {
        let drag = [
            at(1, 0),
            at(5, 0),
            at(5, 1),
            at(6, 1),
            at(9, 1),
            at(9, 0),
            at(2, 0),
        ];
        assert_eq!(
            through(&drag),
            [at(5, 0), at(5, 1), at(9, 1), at(9, 0), at(2, 0)]
        );
    }

    #[test]
    fn a_double_click_stays_double() {
        let clicks = [at(5, 1), at(5, 0), at(5, 1), at(5, 0)];
        assert_eq!(through(&clicks), clicks);
    }

    #[test]
    fn keys_keep_their_place_among_movements() {
        let key = Input::Key {
            key: KeyStroke {
                keysym: 0x61,
                scancode: None,
            },
            pressed: true,
        };
        let mixed = [at(1, 0), key.clone(), at(2, 0), key.clone(), key];
        assert_eq!(through(&mixed), mixed);
    }

    #[test]
    fn what_nobody_takes_ends_the_connection() {
        let queue = InputQueue::default();
        for index in 0..CAPACITY {
            queue.push(at(0, (index % 2) as u16 + 1));
        }
        for x in 0..10_000 {
            queue.push(at(x, 0));
        }
        assert_eq!(queue.take(true), Taken::Overflowed);
    }

    #[test]
    fn closing_lets_what_waits_out_first() {
        let queue = InputQueue::default();
        queue.push(at(1, 0));
        assert_eq!(queue.take(false), Taken::Nothing);
        queue.close();
        assert_eq!(queue.take(true), Taken::Input(at(1, 0)));
        assert_eq!(queue.take(true), Taken::Closed);
    }

    #[test]
    fn secrets_are_not_printed() {
        let password = Input::Credentials(Credentials::password("secret"));
        assert!(!format!("{password:?}").contains("secret"));
        let key = KeyStroke {
            keysym: 0x73,
            scancode: Some(0x1f),
        };
        let key = format!("{:?}", Input::Key { key, pressed: true });
        assert_eq!(key, "Key { key: KeyStroke, pressed: true }");
        let text = format!("{:?}", Input::Text("secret".into()));
        assert_eq!(text, "Text(ClipboardText(6 bytes))");
    }
}
