//! What the guest window shows: decided here from what is known, without any widget.

mod message;

use backend::model::{DisplayKind, Guest, GuestDetails, GuestState, HostState};

use crate::screen::link::Link;
use crate::screen::question::Asked;

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
    /// The face of a guest with this definition on a driver that takes `stills`, or does not.
    pub(super) fn of(details: &GuestDetails, stills: bool) -> Self {
        let has = |kind| details.displays.iter().any(|display| display.kind == kind);
        if has(DisplayKind::Vnc) {
            Self::Vnc
        } else if details.displays.is_empty() {
            Self::NoScreen
        } else if stills {
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
    HostAway {
        /// Since when and why, in sentences.
        words: String,
    },
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
    /// The screen's server asks something.
    Asks(Box<Asked>),
    /// It is Xen's domain 0.
    HostItself,
    /// Its memory is being saved.
    Saving {
        /// What is being done now, as a phrase.
        activity: String,
        /// How much is done, as far as that is known.
        figures: String,
        /// Whether the user wants it to go on instead.
        cancelling: bool,
    },
    /// It is being started.
    Starting {
        /// Whether its saved memory is being read.
        restoring: bool,
        /// For how long, in seconds, where it was begun here.
        seconds: Option<u64>,
    },
    /// Off for a moment, between two runs.
    Rebooting,
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
    /// Since when and why the host is away, in sentences.
    pub(super) absence: &'a str,
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
        let away = || Self::HostAway {
            words: situation.absence.to_owned(),
        };
        match situation.host {
            HostState::Connected => {}
            _ if *link == Link::Up => return Self::Clear,
            HostState::Connecting if guest.is_none() => return Self::HostConnecting,
            HostState::Connecting | HostState::NotAnswering { .. } => return away(),
            HostState::Failed { retry_at, .. } if retry_at.is_some() && guest.is_some() => {
                return away();
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
            GuestState::Starting => Self::Starting {
                restoring: false,
                seconds: None,
            },
            GuestState::Rebooting => Self::Rebooting,
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
            Link::Asks(asked) => Self::Asks(asked.clone()),
            Link::Waiting { reason } => Self::Waiting {
                reason: reason.clone(),
            },
            Link::Ended { reason } => Self::NoWay {
                reason: reason.clone().unwrap_or_default(),
            },
        }
    }
}

#[cfg(test)]
mod tests;
