//! What became of a memory target: the balloon's readings over time, told as one sentence.
//!
//! A hypervisor takes any target at once; whether the guest obeys is another matter. It may have
//! no balloon driver, may not have started it yet, or may need the memory itself. So the readings
//! are compared with the target, and the truth is said.

use std::fmt;
use std::time::Duration;

use backend::model::BalloonReading;

use super::amount::{mib, size};

/// Without any movement for this long, the guest counts as not following. A balloon under way
/// moves many times a second even in an emulated guest.
const PATIENCE: Duration = Duration::from_secs(8);

/// Targets asked for within this time belong to one movement of the hand, and are accounted from
/// where that movement began.
const ONE_MOVEMENT: Duration = Duration::from_secs(3);

/// What is said of a target for a guest that stands still: its balloon does so too.
pub(crate) const PAUSED: &str = "The guest is paused; it follows when it runs again.";

/// Compares what a guest was asked to have with what it has.
#[derive(Debug, Default)]
pub(crate) struct Follow {
    asked: Option<Asked>,
    reading: Option<BalloonReading>,
    /// Whether this guest's balloon has moved after being asked, ever: it has a driver.
    has_followed: bool,
}

/// A target and how the guest came along since.
#[derive(Debug, Clone, Copy)]
struct Asked {
    target_kib: u64,
    /// What the guest had when the hand began to move.
    from_kib: u64,
    at: Duration,
    /// The last time the balloon was seen to move, or the time of asking.
    moved_at: Duration,
    last_kib: u64,
    /// Whether the target was reached once.
    arrived: bool,
}

/// How the guest stands to its target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Nothing was read yet.
    Unknown,
    /// It has what it should, and was not asked for anything lately.
    Has {
        /// What it has, in KiB.
        kib: u64,
        /// The most it can be given, in KiB.
        maximum_kib: u64,
    },
    /// It gives memory back.
    GivingBack {
        /// Given back so far, in KiB.
        done_kib: u64,
        /// To be given back in all, in KiB.
        all_kib: u64,
    },
    /// It takes the memory it was offered.
    Taking {
        /// Taken so far, in KiB.
        done_kib: u64,
        /// Offered in all, in KiB.
        all_kib: u64,
    },
    /// It came along, then stopped short of the target.
    StoppedShort {
        /// What it has, in KiB.
        kib: u64,
        /// What it was asked to have, in KiB.
        target_kib: u64,
    },
    /// It never moved.
    DoesNotFollow {
        /// Whether its driver reports figures or has moved before, so that there is one.
        has_driver: bool,
    },
}

impl Follow {
    /// Notes that the guest was asked to have `target_kib`, at `now` (any clock that only grows).
    pub(crate) fn asked(&mut self, target_kib: u64, now: Duration) {
        let Some(has) = self.reading.map(|reading| reading.actual_kib) else {
            // Without a reading there is nothing to account from; the first one will do.
            self.asked = None;
            return;
        };
        let from_kib = match self.asked {
            Some(before)
                if (before.target_kib < before.from_kib) == (target_kib < before.from_kib)
                    && (now.saturating_sub(before.at) < ONE_MOVEMENT
                        || !reached(has, before.target_kib)) =>
            {
                before.from_kib
            }
            _ => has,
        };
        self.asked = Some(Asked {
            target_kib,
            from_kib,
            at: now,
            moved_at: now,
            last_kib: has,
            arrived: false,
        });
    }

    /// Forgets the target: whether it was taken is not known.
    pub(crate) fn forget(&mut self) {
        self.asked = None;
    }

    /// Whether a target of ours stands. Once the guest reached it and then left it again, somebody
    /// else asked for something else, and ours is forgotten.
    pub(crate) fn is_asked(&self) -> bool {
        self.asked.is_some()
    }

    /// Whether the guest is on its way to a target.
    pub(crate) fn is_moving(&self, now: Duration) -> bool {
        self.asked.is_some_and(|asked| {
            !reached(asked.last_kib, asked.target_kib)
                && now.saturating_sub(asked.moved_at) < PATIENCE
        })
    }

    /// Whether the guest has what it was asked to have.
    pub(crate) fn has_arrived(&self) -> bool {
        self.asked
            .is_some_and(|asked| reached(asked.last_kib, asked.target_kib))
    }

    /// Takes a reading made at `now`.
    pub(crate) fn read(&mut self, reading: BalloonReading, now: Duration) {
        if let Some(asked) = &mut self.asked
            && asked.last_kib != reading.actual_kib
        {
            asked.last_kib = reading.actual_kib;
            asked.moved_at = now;
            self.has_followed = true;
        }
        if let Some(asked) = &mut self.asked {
            let there = reached(reading.actual_kib, asked.target_kib);
            if asked.arrived && !there {
                self.asked = None;
            } else {
                asked.arrived |= there;
            }
        }
        self.reading = Some(reading);
    }

    /// The last reading.
    pub(crate) fn reading(&self) -> Option<&BalloonReading> {
        self.reading.as_ref()
    }

    /// How the guest stands at `now`; `maximum_kib` is the most it can be given.
    pub(crate) fn verdict(&self, maximum_kib: u64, now: Duration) -> Verdict {
        let Some(reading) = &self.reading else {
            return Verdict::Unknown;
        };
        let kib = reading.actual_kib;
        let Some(asked) = self.asked else {
            return Verdict::Has { kib, maximum_kib };
        };
        let shrinking = asked.target_kib < asked.from_kib;
        if reached(kib, asked.target_kib) {
            // The full measure needs no account of how it came about.
            if !shrinking || asked.from_kib == asked.target_kib {
                return Verdict::Has { kib, maximum_kib };
            }
        } else if now.saturating_sub(asked.moved_at) >= PATIENCE {
            if kib == asked.from_kib {
                return Verdict::DoesNotFollow {
                    has_driver: self.has_followed || reading.guest_reports(),
                };
            }
            return Verdict::StoppedShort {
                kib,
                target_kib: asked.target_kib,
            };
        }
        let all_kib = asked.from_kib.abs_diff(asked.target_kib);
        if shrinking {
            Verdict::GivingBack {
                done_kib: asked.from_kib.saturating_sub(kib).min(all_kib),
                all_kib,
            }
        } else {
            Verdict::Taking {
                done_kib: kib.saturating_sub(asked.from_kib).min(all_kib),
                all_kib,
            }
        }
    }
}

/// Whether `has` counts as `target`: balloons move in pages, and some drivers keep a little back.
fn reached(has_kib: u64, target_kib: u64) -> bool {
    has_kib.abs_diff(target_kib) <= (target_kib / 256).max(1024)
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Unknown => f.write_str("Asking what the guest has…"),
            Self::Has { kib, maximum_kib } if reached(kib, maximum_kib) => {
                write!(f, "The guest has all {}.", size(maximum_kib))
            }
            Self::Has { kib, maximum_kib } => write!(
                f,
                "The guest has {} and can be given up to {}.",
                size(kib),
                size(maximum_kib)
            ),
            Self::GivingBack { done_kib, all_kib } if reached(done_kib, all_kib) => {
                write!(f, "The guest has given back {} MiB.", mib(all_kib))
            }
            Self::GivingBack { done_kib, all_kib } => write!(
                f,
                "The guest has given back {} of {} MiB.",
                mib(done_kib),
                mib(all_kib)
            ),
            Self::Taking { done_kib, all_kib } => write!(
                f,
                "The guest has taken {} of {} MiB.",
                mib(done_kib),
                mib(all_kib)
            ),
            Self::StoppedShort { kib, target_kib } if kib > target_kib => write!(
                f,
                "The guest stopped at {}: it seems to need the rest itself.",
                size(kib)
            ),
            Self::StoppedShort { kib, target_kib } => write!(
                f,
                "The guest stopped at {} on its way to {}.",
                size(kib),
                size(target_kib)
            ),
            Self::DoesNotFollow { has_driver: false } => {
                f.write_str("The guest does not follow: it seems to have no balloon driver.")
            }
            Self::DoesNotFollow { has_driver: true } => f.write_str(
                "The guest does not follow: its balloon driver answers, but nothing moves.",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1024;

    fn has(mib: u64) -> BalloonReading {
        BalloonReading {
            actual_kib: mib * MIB,
            ..BalloonReading::default()
        }
    }

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn sentence(follow: &Follow, maximum_mib: u64, seconds: u64) -> String {
        follow.verdict(maximum_mib * MIB, at(seconds)).to_string()
    }

    #[test]
    fn at_rest_it_says_what_the_guest_has() {
        let mut follow = Follow::default();
        assert_eq!(follow.verdict(2048 * MIB, at(0)), Verdict::Unknown);
        follow.read(has(2048), at(0));
        assert_eq!(sentence(&follow, 2048, 0), "The guest has all 2.0 GiB.");
        assert_eq!(
            sentence(&follow, 4096, 0),
            "The guest has 2.0 GiB and can be given up to 4.0 GiB."
        );
    }

    #[test]
    fn giving_back_is_counted_from_where_it_began() {
        let mut follow = Follow::default();
        follow.read(has(2048), at(0));
        follow.asked(1024 * MIB, at(1));
        assert_eq!(
            sentence(&follow, 2048, 1),
            "The guest has given back 0 of 1,024 MiB."
        );
        follow.read(has(1636), at(2));
        assert_eq!(
            sentence(&follow, 2048, 2),
            "The guest has given back 412 of 1,024 MiB."
        );
        follow.read(has(1024), at(3));
        assert_eq!(
            sentence(&follow, 2048, 3),
            "The guest has given back 1,024 MiB."
        );
        // Long after it arrived nothing is amiss.
        assert_eq!(
            sentence(&follow, 2048, 300),
            "The guest has given back 1,024 MiB."
        );
    }

    #[test]
    fn taking_back_ends_in_having_it_all() {
        let mut follow = Follow::default();
        follow.read(has(1024), at(0));
        follow.asked(2048 * MIB, at(0));
        follow.read(has(1280), at(1));
        assert_eq!(
            sentence(&follow, 2048, 1),
            "The guest has taken 256 of 1,024 MiB."
        );
        follow.read(has(2048), at(2));
        assert_eq!(sentence(&follow, 2048, 2), "The guest has all 2.0 GiB.");
    }

    #[test]
    fn one_drag_is_one_account() {
        let mut follow = Follow::default();
        follow.read(has(1024), at(0));
        follow.asked(900 * MIB, at(0));
        follow.read(has(900), at(1));
        follow.asked(512 * MIB, at(2));
        assert_eq!(
            follow.verdict(1024 * MIB, at(2)),
            Verdict::GivingBack {
                done_kib: 124 * MIB,
                all_kib: 512 * MIB
            }
        );
    }

    #[test]
    fn a_later_target_begins_a_new_account() {
        let mut follow = Follow::default();
        follow.read(has(1024), at(0));
        follow.asked(900 * MIB, at(0));
        follow.read(has(900), at(1));
        follow.asked(512 * MIB, at(30));
        assert_eq!(
            follow.verdict(1024 * MIB, at(30)),
            Verdict::GivingBack {
                done_kib: 0,
                all_kib: 388 * MIB
            }
        );
    }

    #[test]
    fn turning_round_begins_a_new_account() {
        let mut follow = Follow::default();
        follow.read(has(1024), at(0));
        follow.asked(512 * MIB, at(0));
        follow.read(has(700), at(1));
        follow.asked(1100 * MIB, at(2));
        assert_eq!(
            follow.verdict(2048 * MIB, at(2)),
            Verdict::Taking {
                done_kib: 0,
                all_kib: 400 * MIB
            }
        );
    }

    #[test]
    fn a_guest_that_never_moves_has_no_driver_and_it_is_said() {
        let mut follow = Follow::default();
        follow.read(has(1024), at(0));
        follow.asked(512 * MIB, at(0));
        for second in 1..8 {
            follow.read(has(1024), at(second));
        }
        assert!(matches!(
            follow.verdict(1024 * MIB, at(7)),
            Verdict::GivingBack { .. }
        ));
        assert_eq!(
            sentence(&follow, 1024, 8),
            "The guest does not follow: it seems to have no balloon driver."
        );
        // It may only have been booting.
        follow.read(has(800), at(9));
        assert_eq!(
            sentence(&follow, 1024, 9),
            "The guest has given back 224 of 512 MiB."
        );
    }

    #[test]
    fn a_driver_that_reports_is_not_said_to_be_missing() {
        let mut follow = Follow::default();
        let reading = BalloonReading {
            unused_kib: Some(100),
            last_update: Some(1),
            ..has(1024)
        };
        follow.read(reading, at(0));
        follow.asked(512 * MIB, at(0));
        follow.read(reading, at(9));
        assert_eq!(
            follow.verdict(1024 * MIB, at(9)),
            Verdict::DoesNotFollow { has_driver: true }
        );
    }

    #[test]
    fn stopping_short_names_where() {
        let mut follow = Follow::default();
        follow.read(has(1024), at(0));
        follow.asked(128 * MIB, at(0));
        follow.read(has(300), at(2));
        assert_eq!(
            sentence(&follow, 1024, 20),
            "The guest stopped at 300 MiB: it seems to need the rest itself."
        );
        follow.asked(1024 * MIB, at(21));
        follow.read(has(600), at(22));
        assert_eq!(
            sentence(&follow, 1024, 40),
            "The guest stopped at 600 MiB on its way to 1.0 GiB."
        );
    }

    #[test]
    fn a_target_that_somebody_else_overrules_is_forgotten() {
        let mut follow = Follow::default();
        follow.read(has(1024), at(0));
        follow.asked(512 * MIB, at(0));
        assert!(follow.is_moving(at(1)));
        follow.read(has(512), at(1));
        assert!(follow.is_asked() && !follow.is_moving(at(1)));
        follow.read(has(768), at(60));
        assert!(!follow.is_asked());
        assert_eq!(
            sentence(&follow, 1024, 60),
            "The guest has 768 MiB and can be given up to 1.0 GiB."
        );
    }

    #[test]
    fn a_target_before_the_first_reading_waits_for_it() {
        let mut follow = Follow::default();
        follow.asked(512 * MIB, at(0));
        assert_eq!(follow.verdict(1024 * MIB, at(0)), Verdict::Unknown);
        follow.read(has(512), at(1));
        assert_eq!(
            follow.verdict(1024 * MIB, at(1)),
            Verdict::Has {
                kib: 512 * MIB,
                maximum_kib: 1024 * MIB
            }
        );
    }

    #[test]
    fn absurd_figures_do_no_harm() {
        let mut follow = Follow::default();
        follow.read(has(u64::MAX / MIB), at(0));
        follow.asked(0, at(0));
        follow.read(has(0), at(1));
        let _ = follow.verdict(u64::MAX, at(1)).to_string();
        follow.asked(u64::MAX, at(2));
        let _ = follow.verdict(0, at(90)).to_string();
    }
}
