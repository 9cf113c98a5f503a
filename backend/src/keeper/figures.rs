//! Figures of running guests, while somebody watches.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::{Keeper, Message};
use crate::error::Result;
use crate::model::GuestId;
use crate::stats::{self, Reading};

/// Time between readings of figures.
const STATS_INTERVAL: Duration = Duration::from_secs(1);

impl Keeper {
    pub(super) fn set_interest(&mut self, interest: bool) {
        self.interest = interest;
        self.figures_due = interest.then(Instant::now);
        if !interest {
            self.figures.clear();
            self.changed |= self.guests.take_stats(&HashMap::new());
        }
    }

    pub(super) fn read_figures(&mut self, now: Instant) {
        self.figures_due = Some(now + STATS_INTERVAL);
        let Some((_, epoch)) = self.link() else {
            return;
        };
        let running: Vec<GuestId> = self
            .guests
            .ids()
            .filter(|&id| {
                self.guests
                    .get(id)
                    .is_some_and(|guest| guest.state.is_active())
            })
            .collect();
        if running.is_empty() {
            return;
        }
        self.reading_figures = true;
        let bulk = self.bulk;
        self.spawn_read(
            move |link| stats::read(link, bulk, &running),
            move |result| Message::Figures { epoch, result },
        );
    }

    pub(super) fn take_figures(&mut self, result: Result<Vec<(GuestId, Reading)>>) {
        self.reading_figures = false;
        // A reading that took longer than the interval is not followed by another at once.
        let soonest = Instant::now() + STATS_INTERVAL / 4;
        self.figures_due = self.figures_due.map(|due| due.max(soonest));
        let Ok(readings) = result else { return };
        if !self.interest {
            return;
        }
        let readings: HashMap<GuestId, Reading> = readings.into_iter().collect();
        let figures = readings
            .iter()
            .map(|(&id, reading)| (id, reading.since(self.figures.get(&id))))
            .collect();
        self.changed |= self.guests.take_stats(&figures);
        self.figures = readings;
    }
}
