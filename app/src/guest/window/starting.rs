//! Starting the guest from its window: that its saved memory is read takes a while, and how far that
//! is nobody tells; for how long it goes on is said over the picture.

use std::time::{Duration, Instant};

use backend::model::GuestState;
use relm4::prelude::*;

use super::{GuestWindow, GuestWindowAnswer};
use crate::guest::power::Act;
use crate::guest::scene::Scene;

/// How often the time is told.
const TICK: Duration = Duration::from_secs(1);

/// A start under way.
pub(super) struct Starting {
    since: Instant,
    /// Whether it goes on from saved memory.
    restoring: bool,
}

impl Starting {
    /// What lies over the picture meanwhile.
    pub(super) fn scene(&self) -> Scene {
        Scene::Starting {
            restoring: self.restoring,
            seconds: Some(self.since.elapsed().as_secs()),
        }
    }
}

impl GuestWindow {
    /// Starts the guest.
    pub(super) fn start(&mut self, sender: &ComponentSender<Self>) {
        if self.starting.is_some() {
            return;
        }
        self.starting = Some(Starting {
            since: Instant::now(),
            restoring: self.state() == GuestState::Saved,
        });
        self.act(Act::Start, sender);
        self.start_goes_on(sender);
    }

    /// Tells the time, and does so again.
    pub(super) fn start_goes_on(&mut self, sender: &ComponentSender<Self>) {
        if self.starting.is_none() {
            return;
        }
        self.stage_scene();
        sender.oneshot_command(async {
            tokio::time::sleep(TICK).await;
            GuestWindowAnswer::StartGoesOn
        });
    }

    /// The host has started the guest, or has not.
    pub(super) fn started(&mut self) {
        self.starting = None;
        self.stage_scene();
    }
}
