//! What the guest window shows: decided here from what is known, without any widget.

use backend::model::{DisplayKind, Guest, GuestDetails, GuestState, HostCapabilities, HostState};

use crate::screen::cover::Message;
use crate::screen::link::Link;

/// How a guest's screen can be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Face {
    /// Through VNC.
    Vnc,
    /// By stills of its screen and keys sent through the hypervisor: it has a screen, but no VNC.
    Stills,
    /// It has a screen that cannot be shown here.
    OutOfReach,
    /// It has no screen.
    NoScreen,
}

impl Face {
    /// The face of a guest with this definition on a driver with these capabilities.
    pub(super) fn of(details: &GuestDetails, capabilities: &HostCapabilities) -> Self {
        let has = |kind| details.displays.iter().any(|display| display.kind == kind);
        if has(DisplayKind::Vnc) {
            Self::Vnc
        } else if details.displays.is_empty() {
            Self::NoScreen
        } else if capabilities.screenshot {
            Self::Stills
        } else {
            Self::OutOfReach
        }
    }
}

/// What lies over the picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Scene {
    /// Nothing.
    Clear,
    /// The host is being connected to for the first time.
    HostConnecting,
    /// The host stopped answering; it comes back by itself.
    HostAway,
    /// The host cannot be connected to.
    HostFailed {
        /// Why.
        message: String,
        /// What to do about it.
        remedy: Option<String>,
    },
    /// The guest was deleted.
    Gone,
    /// The way to the screen is being made; `again`: remade.
    Connecting {
        /// Whether a picture was there before.
        again: bool,
    },
    /// The way to the screen broke and is tried again.
    Waiting {
        /// Why.
        reason: String,
    },
    /// There is no way to the screen, which another attempt would not change.
    NoWay {
        /// Why, and what would.
        reason: String,
    },
    /// The screen's password is asked.
    NeedsPassword {
        /// Whether one was given and not accepted.
        refused: bool,
    },
    /// It is Xen's domain 0.
    HostItself,
    /// Its memory is being saved.
    Saving {
        /// How much is done, as far as that is known.
        figures: String,
        /// Whether the user wants it to go on instead.
        cancelling: bool,
    },
    /// Stopped where it is.
    Paused,
    /// Paused by the hypervisor: its storage is full or failed.
    StorageError,
    /// Asleep by its own power management.
    Asleep,
    /// Off between the two stages of its installation; it starts again by itself.
    BetweenStages,
    /// Off.
    Off,
    /// Off, its memory saved.
    Saved,
    /// Ended with a crash.
    Crashed,
    /// Its screen cannot be shown here.
    OutOfReach,
    /// It has no screen; `console`: but a text console.
    NoScreen {
        /// Whether it has a text console.
        console: bool,
    },
}

/// What is known, as [`Scene::of`] judges it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Situation<'a> {
    pub(super) host: &'a HostState,
    pub(super) guest: Option<&'a Guest>,
    /// What its definition says, and how its screen can be shown; absent until fetched.
    pub(super) face: Option<Face>,
    pub(super) has_console: bool,
    pub(super) link: &'a Link,
}

impl Scene {
    /// The scene for a situation. The host goes before the guest: what is known of a guest on a
    /// host that does not answer is only what was true before. A picture that still moves is
    /// left alone even then.
    pub(super) fn of(situation: Situation<'_>) -> Self {
        let Situation { link, guest, .. } = situation;
        match situation.host {
            HostState::Connected => {}
            _ if *link == Link::Up => return Self::Clear,
            HostState::Connecting if guest.is_none() => return Self::HostConnecting,
            HostState::Connecting | HostState::NotAnswering { .. } => return Self::HostAway,
            HostState::Failed { retry_at, .. } if retry_at.is_some() && guest.is_some() => {
                return Self::HostAway;
            }
            HostState::Failed { error, .. } => {
                return Self::HostFailed {
                    message: error.message().to_owned(),
                    remedy: error.remedy().map(ToOwned::to_owned),
                };
            }
            HostState::Closed => {
                return Self::HostFailed {
                    message: "The connection to the host was closed.".to_owned(),
                    remedy: None,
                };
            }
        }
        let Some(guest) = guest else {
            return Self::Gone;
        };
        match guest.state {
            GuestState::Off if guest.installing => Self::BetweenStages,
            GuestState::Off => Self::Off,
            GuestState::Saved => Self::Saved,
            GuestState::Crashed => Self::Crashed,
            GuestState::Paused => Self::Paused,
            GuestState::PausedOnStorageError => Self::StorageError,
            GuestState::Suspended => Self::Asleep,
            GuestState::Running | GuestState::ShuttingDown | GuestState::Unknown => {
                Self::of_running(situation.face, situation.has_console, link)
            }
        }
    }

    fn of_running(face: Option<Face>, has_console: bool, link: &Link) -> Self {
        match face {
            Some(Face::OutOfReach) => return Self::OutOfReach,
            Some(Face::NoScreen) => {
                return Self::NoScreen {
                    console: has_console,
                };
            }
            Some(Face::Vnc | Face::Stills) | None => {}
        }
        match link {
            Link::Up => Self::Clear,
            Link::Idle => Self::Connecting { again: false },
            Link::Connecting { again } => Self::Connecting { again: *again },
            Link::NeedsPassword { refused } => Self::NeedsPassword { refused: *refused },
            Link::Waiting { reason } => Self::Waiting {
                reason: reason.clone(),
            },
            Link::Ended { reason } => Self::NoWay {
                reason: reason.clone().unwrap_or_default(),
            },
        }
    }

    /// The scene in words, for the guest called `name`; `vnc_added`: a VNC display was added for
    /// its next start.
    pub(super) fn message(&self, name: &str, vnc_added: bool) -> Option<Message> {
        let say = |icon, title: &str, text: &str, act| Message {
            icon: Some(icon),
            title: title.to_owned(),
            text: text.to_owned(),
            act: Some(act),
            ..Message::default()
        };
        let wait = |title: &str, text: &str| Message {
            title: title.to_owned(),
            text: text.to_owned(),
            ..Message::default()
        };
        let offer = |title: &str, text: &str, act| Message {
            icon: Some("video-display-symbolic"),
            title: title.to_owned(),
            text: if vnc_added {
                "From its next start on, the guest has a VNC display.".to_owned()
            } else {
                text.to_owned()
            },
            act,
            second: (!vnc_added).then_some("_Add a VNC Display for the Next Start"),
            ..Message::default()
        };
        Some(match self {
            Self::Clear => return None,
            Self::HostConnecting => wait("Connecting to the host…", ""),
            Self::HostAway => Message {
                act: Some("_Try Now"),
                ..wait(
                    "The host does not answer",
                    "It is tried again by itself. The guest may well be running.",
                )
            },
            Self::HostFailed { message, remedy } => say(
                "network-error-symbolic",
                message,
                remedy.as_deref().unwrap_or_default(),
                "_Try Again",
            ),
            Self::Gone => say(
                "edit-delete-symbolic",
                &format!("“{name}” is no longer there"),
                "It was deleted, here or by someone else.",
                "_Close",
            ),
            Self::Connecting { again } => Message {
                late: true,
                ..wait(
                    if *again {
                        "Reconnecting to the screen…"
                    } else {
                        "Connecting to the screen…"
                    },
                    "",
                )
            },
            Self::Waiting { reason } => wait("Reconnecting to the screen…", reason),
            Self::NoWay { reason } => say(
                "network-error-symbolic",
                "This screen cannot be shown here",
                reason,
                "_Try Again",
            ),
            Self::NeedsPassword { refused } => Message {
                asks_password: true,
                ..say(
                    "dialog-password-symbolic",
                    "The screen asks for a password",
                    if *refused {
                        "The last one was not accepted."
                    } else {
                        ""
                    },
                    "_Open",
                )
            },
            Self::HostItself => Message {
                icon: Some("computer-symbolic"),
                ..wait(
                    "This is the host itself",
                    "It has no screen here. Its memory can be changed above: what it gives back, guests can have.",
                )
            },
            Self::Saving { cancelling, .. } if *cancelling => wait("Letting the guest go on…", ""),
            Self::Saving { figures, .. } => Message {
                act: Some("_Cancel"),
                ..wait("Saving the guest’s memory…", figures)
            },
            Self::Paused => say(
                "media-playback-pause-symbolic",
                "Paused",
                "The guest stands still; its memory is kept.",
                "_Resume",
            ),
            Self::StorageError => say(
                "drive-harddisk-symbolic",
                "Paused: its storage is full or failed",
                "Make room on the host’s storage, then let the guest go on. Nothing is lost so far.",
                "_Resume",
            ),
            Self::Asleep => say(
                "weather-clear-night-symbolic",
                "Asleep",
                "The guest sleeps by its own power management.",
                "_Wake",
            ),
            // After a restart of libvirtd nobody knows that it was the installer that ended, and the
            // host may lack the memory: then it is the user's turn.
            Self::BetweenStages => Message {
                act: Some("_Start Now"),
                ..wait(
                    "Starting the installed system…",
                    "The installer has ended; the guest starts again from its disk. Should it stay off, start it here.",
                )
            },
            Self::Off => say("system-shutdown-symbolic", "Off", "", "_Start"),
            Self::Saved => say(
                "document-save-symbolic",
                "Saved",
                "Its memory is kept on the host; it goes on where it was.",
                "_Start",
            ),
            Self::Crashed => say(
                "dialog-warning-symbolic",
                "Crashed",
                "The guest ended by itself. What it had not written to its disk is lost.",
                "_Start",
            ),
            Self::OutOfReach => offer(
                "This screen cannot be shown here",
                "The guest has no VNC display, and the hypervisor takes no stills of it.",
                None,
            ),
            Self::NoScreen { console } => offer(
                "This guest has no screen",
                if *console {
                    "It has a text console."
                } else {
                    "It has no text console either."
                },
                console.then_some("Open the _Console"),
            ),
        })
    }
}

#[cfg(test)]
mod tests;
