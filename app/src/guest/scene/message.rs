//! The scenes in words.

use super::Scene;
use crate::screen::cover::Message;

impl Scene {
    /// The scene in words, for the guest called `name`; `vnc_added`: a VNC display was added for
    /// its next start.
    pub(in crate::guest) fn message(&self, name: &str, vnc_added: bool) -> Option<Message> {
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
            Self::HostAway { words } => Message {
                act: Some("_Try Now"),
                ..wait(
                    "The host does not answer",
                    format!("{words} It is tried again by itself. The guest may well be running.")
                        .trim_start(),
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
            Self::Asks(asked) => asked.message("The screen"),
            Self::HostItself => Message {
                icon: Some("computer-symbolic"),
                ..wait(
                    "This is the host itself",
                    "It has no screen here. Its memory can be changed above: what it gives back, guests can have.",
                )
            },
            Self::Saving {
                activity,
                figures,
                cancelling,
            } => Message {
                act: (!cancelling).then_some("_Cancel"),
                ..wait(&format!("{}…", activity.replace('\'', "’")), figures)
            },
            Self::Starting { restoring, seconds } => Message {
                // Mostly it is over before anybody could read it.
                late: !restoring,
                ..wait(
                    if *restoring {
                        "Restoring the guest’s memory…"
                    } else {
                        "Starting…"
                    },
                    &seconds.map(so_far).unwrap_or_default(),
                )
            },
            Self::Rebooting => wait("Rebooting…", ""),
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

/// How long something has gone on of which nobody can tell how far it is.
fn so_far(seconds: u64) -> String {
    match seconds {
        0 => String::new(),
        _ => format!("{} so far", crate::progress::duration(seconds)),
    }
}
