//! How much of a server's picture is given up for speed: as the user chose, or by how the connection
//! does.
//!
//! By itself it begins with nothing, and goes down a step when pictures wait for a slow connection,
//! second after second; when the connection is quiet or turns out to be fast it goes up again. What
//! was wrong before is waited for longer the next time, so that it does not go to and fro.

use std::cell::Cell;

use gtk::glib::SignalHandlerId;
use gtk::prelude::*;
use relm4::gtk;
use vnc_widget::{DisplayStatistics, VncDisplay};

/// What the user chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Quality {
    /// What suits the connection.
    #[default]
    Automatic,
    /// Nothing is given up: every pixel is as the server has it.
    Lossless,
    /// What is hardly seen.
    Good,
    /// What it takes for a slow line.
    Fast,
}

impl Quality {
    /// All of them, in the order of menus.
    pub const ALL: [Self; 4] = [Self::Automatic, Self::Lossless, Self::Good, Self::Fast];

    /// Its name in settings and actions.
    pub fn name(self) -> &'static str {
        match self {
            Self::Automatic => "automatic",
            Self::Lossless => "lossless",
            Self::Good => "good",
            Self::Fast => "fast",
        }
    }

    /// The one of that name. One that is not known, perhaps of another version, is automatic.
    pub fn of_name(name: &str) -> Self {
        let mut all = Self::ALL.into_iter();
        all.find(|each| each.name() == name).unwrap_or_default()
    }

    /// What menus call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Automatic => "_Automatic",
            Self::Lossless => "_Lossless",
            Self::Good => "_Good, for Most Lines",
            Self::Fast => "_Fast, for Slow Lines",
        }
    }

    /// What to ask for, unless it depends on the connection.
    fn levels(self) -> Option<Levels> {
        match self {
            Self::Automatic => None,
            Self::Lossless => Some((None, None)),
            Self::Good => Some((Some(8), None)),
            Self::Fast => Some((Some(3), Some(6))),
        }
    }
}

/// JPEG quality and compression to ask for.
type Levels = (Option<u8>, Option<u8>);

/// From everything to what is still easy to read.
const STEPS: [Levels; 4] = [
    (None, None),
    (Some(8), None),
    (Some(6), Some(4)),
    (Some(4), Some(6)),
];

/// Pictures wait for the connection when so much of the time goes by waiting for them.
const BUSY: f64 = 0.4;
/// They do not when it is no more than this.
const QUIET: f64 = 0.1;
/// Bits per second below which a busy connection is slow, and above which it is fast.
const SLOW: f64 = 10e6;
const FAST: f64 = 20e6;
/// So slow that a step is not enough.
const CRAWLING: f64 = 2e6;

/// Seconds in a row that have to be slow before something is given up.
const SLOW_SECONDS: u32 = 2;
/// Seconds in a row that have to be quiet or fast before it is had again: at first, and at most.
const CALM_SECONDS: u32 = 5;
const MOST_CALM_SECONDS: u32 = 80;
/// A step up that is taken back within so many seconds was a mistake.
const TRIAL_SECONDS: u32 = 30;

/// Finds out what suits a connection, by its figures of each second.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Automatic {
    step: usize,
    /// Seconds in a row that were slow, and that were quiet or fast.
    slow: u32,
    calm: u32,
    /// How many calm ones it takes.
    patience: u32,
    /// Seconds since it went up last.
    since_up: u32,
}

impl Default for Automatic {
    fn default() -> Self {
        Self {
            step: 0,
            slow: 0,
            calm: 0,
            patience: CALM_SECONDS,
            since_up: TRIAL_SECONDS,
        }
    }
}

impl Automatic {
    /// Takes up how the last second was: bits that came, and the part of it in which the rest of an
    /// update was waited for.
    fn second(&mut self, bits: f64, waiting: f64) {
        self.since_up = self.since_up.saturating_add(1);
        let busy = waiting >= BUSY;
        // What would have come, had there been something to come all the time.
        let room = bits / waiting.max(f64::EPSILON);
        let is_slow = busy && room < SLOW;
        let is_calm = waiting <= QUIET || (busy && room > FAST);
        self.slow = if is_slow { self.slow + 1 } else { 0 };
        self.calm = if is_calm { self.calm + 1 } else { 0 };
        if self.slow >= SLOW_SECONDS {
            self.slow = 0;
            self.down(if room < CRAWLING { 2 } else { 1 });
        } else if self.calm >= self.patience {
            self.calm = 0;
            self.up();
        }
    }

    fn down(&mut self, steps: usize) {
        let step = (self.step + steps).min(STEPS.len() - 1);
        if step == self.step {
            return;
        }
        self.step = step;
        if self.since_up < TRIAL_SECONDS {
            self.patience = (self.patience * 2).min(MOST_CALM_SECONDS);
            self.since_up = TRIAL_SECONDS;
        }
    }

    fn up(&mut self) {
        if self.step == 0 {
            return;
        }
        if self.since_up >= 2 * self.patience.max(TRIAL_SECONDS) {
            // The last one was none, or so long ago that the connection may be another by now.
            self.patience = CALM_SECONDS;
        }
        self.step -= 1;
        self.since_up = 0;
    }

    fn levels(&self) -> Levels {
        STEPS[self.step]
    }
}

/// Sees to the quality of one display.
pub struct Ruler {
    display: VncDisplay,
    choice: Cell<Quality>,
    /// While it is automatic: what listens to the figures.
    listener: Cell<Option<SignalHandlerId>>,
}

impl Ruler {
    /// Leaves everything as it is until something is chosen.
    pub fn new(display: &VncDisplay) -> Self {
        Self {
            display: display.clone(),
            choice: Cell::new(Quality::Lossless),
            listener: Cell::default(),
        }
    }

    /// Follows what the user chose.
    pub fn choose(&self, choice: Quality) {
        if self.choice.replace(choice) == choice {
            return;
        }
        if let Some(listener) = self.listener.take() {
            self.display.disconnect(listener);
        }
        if let Some(levels) = choice.levels() {
            apply(&self.display, levels);
            return;
        }
        let automatic = std::cell::RefCell::new(Automatic::default());
        apply(&self.display, automatic.borrow().levels());
        let listener = self.display.connect_statistics(move |display, figures| {
            let mut automatic = automatic.borrow_mut();
            let &DisplayStatistics {
                bits_per_second,
                waiting,
                ..
            } = figures;
            automatic.second(bits_per_second, waiting);
            apply(display, automatic.levels());
        });
        self.listener.set(Some(listener));
    }
}

fn apply(display: &VncDisplay, (jpeg, compression): Levels) {
    display.set_quality(jpeg, compression);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs so many seconds that are all alike, and gives the steps that were taken.
    fn run(automatic: &mut Automatic, seconds: u32, megabits: f64, waiting: f64) -> Vec<usize> {
        let mut steps = vec![automatic.step];
        for _ in 0..seconds {
            automatic.second(megabits * 1e6, waiting);
            if steps.last() != Some(&automatic.step) {
                steps.push(automatic.step);
            }
        }
        steps
    }

    #[test]
    fn a_fast_a_quiet_and_a_local_connection_lose_nothing() {
        for (megabits, waiting) in [(80.0, 0.9), (3.0, 0.05), (0.0, 0.0), (900.0, 0.0)] {
            let mut automatic = Automatic::default();
            assert_eq!(run(&mut automatic, 600, megabits, waiting), [0]);
        }
    }

    #[test]
    fn a_slow_one_goes_down_step_by_step_and_not_below_the_last() {
        let mut automatic = Automatic::default();
        assert_eq!(run(&mut automatic, 1, 5.0, 0.9), [0], "one second is none");
        assert_eq!(run(&mut automatic, 600, 5.0, 0.9), [0, 1, 2, 3]);
        assert_eq!(automatic.levels(), (Some(4), Some(6)));
        let mut automatic = Automatic::default();
        assert_eq!(run(&mut automatic, 4, 0.5, 1.0), [0, 2, 3]);
    }

    #[test]
    fn what_is_neither_slow_nor_fast_stays_as_it_is() {
        let mut automatic = Automatic::default();
        run(&mut automatic, 2, 5.0, 0.9);
        // In between in its rate, and in how much is waited.
        assert_eq!(run(&mut automatic, 600, 13.0, 0.9), [1]);
        assert_eq!(run(&mut automatic, 600, 2.0, 0.3), [1]);
    }

    #[test]
    fn it_comes_back_when_it_is_quiet_or_fast() {
        for (megabits, waiting) in [(0.0, 0.0), (60.0, 0.9)] {
            let mut automatic = Automatic::default();
            run(&mut automatic, 600, 5.0, 0.9);
            assert_eq!(run(&mut automatic, 4, megabits, waiting), [3]);
            assert_eq!(run(&mut automatic, 600, megabits, waiting), [3, 2, 1, 0]);
        }
    }

    #[test]
    fn a_mistake_is_made_more_and_more_rarely() {
        let mut automatic = Automatic::default();
        let mut seconds_up = 0;
        // Slow as soon as everything is wanted, quiet with a little less.
        for _ in 0..1000 {
            if automatic.step == 0 {
                automatic.second(5e6, 0.9);
            } else {
                automatic.second(1e6, 0.05);
            }
            seconds_up += u32::from(automatic.step == 0);
        }
        assert_eq!(automatic.patience, MOST_CALM_SECONDS);
        assert!(seconds_up < 50, "{seconds_up}");
    }

    #[test]
    fn a_connection_that_became_better_is_not_distrusted_for_ever() {
        let mut automatic = Automatic {
            step: 2,
            patience: MOST_CALM_SECONDS,
            ..Automatic::default()
        };
        run(&mut automatic, 600, 60.0, 0.9);
        assert_eq!(automatic.step, 0);
        // Much later something is slow for a moment.
        run(&mut automatic, 2, 5.0, 0.9);
        assert_eq!(run(&mut automatic, MOST_CALM_SECONDS + 6, 0.0, 0.0), [1, 0]);
        assert_eq!(automatic.patience, CALM_SECONDS);
    }

    #[test]
    fn names_are_read_again_and_unknown_ones_are_automatic() {
        for quality in Quality::ALL {
            assert_eq!(Quality::of_name(quality.name()), quality);
        }
        for name in ["", "best", "Lossless"] {
            assert_eq!(Quality::of_name(name), Quality::Automatic);
        }
    }
}
