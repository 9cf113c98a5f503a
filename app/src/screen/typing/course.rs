//! How far the typing of a text is.

use crate::screen::keys::Stroke;

/// The course of one text after the other.
#[derive(Default)]
pub(super) struct Course {
    /// Counts texts, so that what was waited for in an earlier one is recognised.
    serial: u64,
    /// What is left to type, the next stroke last, and how much there was.
    waiting: Vec<Stroke>,
    total: usize,
    /// Whether the pause after the last stroke is over.
    is_due: bool,
    /// Whether it is waited for that the last stroke is taken.
    under_way: bool,
    /// How many strokes of texts that ended are still to be taken.
    late: usize,
    end: End,
}

/// How it ended.
#[derive(Debug, Default, PartialEq, Eq)]
enum End {
    /// It did not, or has not begun.
    #[default]
    Open,
    /// All of it was typed.
    Typed,
    /// The user stopped it with so many strokes left.
    Stopped(usize),
    /// Something else did, for that reason.
    Broken(usize, String),
}

impl Course {
    /// Begins with a text.
    pub(super) fn begin(&mut self, mut strokes: Vec<Stroke>) {
        strokes.reverse();
        *self = Self {
            serial: self.serial + 1,
            total: strokes.len(),
            waiting: strokes,
            is_due: true,
            late: self.late + usize::from(self.under_way),
            ..Self::default()
        };
    }

    /// What to press now, if it is time, with the text's number; `when_taken`: the one after it is to
    /// wait until this one is [taken](Self::taken).
    pub(super) fn next(&mut self, when_taken: bool) -> Option<(u64, Stroke)> {
        if !self.is_due || self.under_way {
            return None;
        }
        let stroke = self.waiting.pop()?;
        self.is_due = false;
        self.under_way = when_taken;
        if self.waiting.is_empty() && !when_taken {
            self.end = End::Typed;
        }
        Some((self.serial, stroke))
    }

    /// The pause after the last stroke of that text is over.
    pub(super) fn due(&mut self, serial: u64) {
        self.is_due |= serial == self.serial;
    }

    /// Whether what is told of a stroke is told of this text's last one, and not of one of a text that
    /// ended before it was taken.
    pub(super) fn is_told(&mut self) -> bool {
        let late = self.late > 0;
        self.late -= usize::from(late);
        !late
    }

    /// The last stroke was taken.
    pub(super) fn taken(&mut self) {
        self.under_way = false;
        if self.waiting.is_empty() && self.end == End::Open && self.total > 0 {
            self.end = End::Typed;
        }
    }

    /// The user wants no more of it.
    pub(super) fn stop(&mut self) {
        if let Some(left) = self.leave() {
            self.end = End::Stopped(left);
        }
    }

    /// It cannot go on; why, as a sentence.
    pub(super) fn break_off(&mut self, reason: &str) {
        if let Some(left) = self.leave() {
            self.end = End::Broken(left, reason.to_owned());
        }
    }

    /// Types nothing more; gives how much was left, if something was.
    fn leave(&mut self) -> Option<usize> {
        let left = self.left();
        let was_typing = self.is_typing();
        self.waiting.clear();
        self.late += usize::from(self.under_way);
        self.under_way = false;
        was_typing.then_some(left)
    }

    /// The text is another one.
    pub(super) fn forget(&mut self) {
        self.begin(Vec::new());
    }

    pub(super) fn is_typing(&self) -> bool {
        !self.waiting.is_empty() || self.under_way
    }

    pub(super) fn is_typed(&self) -> bool {
        self.end == End::Typed
    }

    pub(super) fn has_begun(&self) -> bool {
        self.total > 0
    }

    /// Why it could not go on.
    pub(super) fn broken(&self) -> Option<&str> {
        match &self.end {
            End::Broken(_, reason) => Some(reason),
            _ => None,
        }
    }

    fn left(&self) -> usize {
        match &self.end {
            End::Stopped(left) | End::Broken(left, _) => *left,
            End::Open | End::Typed => self.waiting.len() + usize::from(self.under_way),
        }
    }

    fn done(&self) -> usize {
        self.total - self.left().min(self.total)
    }

    pub(super) fn fraction(&self) -> f64 {
        self.done() as f64 / self.total.max(1) as f64
    }

    pub(super) fn progress(&self) -> String {
        if self.is_typing() {
            format!("{} of {} keys", self.done(), self.total)
        } else if self.is_typed() {
            "Typed".to_owned()
        } else {
            "Stopped".to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn course(names: &[&str]) -> Course {
        let mut course = Course::default();
        let strokes = names.iter().map(|name| Stroke::by_names(name).unwrap());
        course.begin(strokes.collect());
        course
    }

    /// The keys that are pressed now.
    fn next(course: &mut Course, when_taken: bool) -> Option<Vec<u32>> {
        let (_, stroke) = course.next(when_taken)?;
        Some(stroke.keycodes())
    }

    #[test]
    fn a_display_gets_a_key_after_each_pause() {
        let mut course = course(&["A", "B"]);
        assert_eq!(next(&mut course, false), Some(vec![30]));
        assert_eq!(course.progress(), "1 of 2 keys");
        assert_eq!(next(&mut course, false), None, "it is too early");
        course.due(course.serial);
        assert_eq!(next(&mut course, false), Some(vec![48]));
        assert_eq!(course.progress(), "Typed");
        assert!(course.is_typed() && !course.is_typing());
        course.due(course.serial);
        assert_eq!(next(&mut course, false), None);
    }

    #[test]
    fn what_is_told_late_belongs_to_the_text_before() {
        let mut course = course(&["A", "B"]);
        assert!(next(&mut course, true).is_some());
        course.stop();
        course.begin(vec![Stroke::by_names("A").unwrap()]);
        assert!(next(&mut course, true).is_some());
        assert!(!course.is_told(), "of the first text");
        assert!(course.is_typing());
        assert!(course.is_told());
        course.taken();
        assert!(course.is_typed());
    }

    #[test]
    fn where_keys_are_waited_for_each_follows_the_last_one_that_was_taken() {
        let mut course = course(&["A", "B"]);
        assert_eq!(next(&mut course, true), Some(vec![30]));
        course.due(course.serial);
        assert_eq!(next(&mut course, true), None, "it is not taken");
        assert_eq!(course.progress(), "0 of 2 keys");
        course.taken();
        assert_eq!(next(&mut course, true), Some(vec![48]));
        course.taken();
        assert_eq!(course.progress(), "Typed");
        // A key that is taken early does not shorten the pause.
        course.begin(vec![Stroke::by_names("A").unwrap(); 2]);
        assert!(next(&mut course, true).is_some());
        course.taken();
        assert_eq!(next(&mut course, true), None);
    }

    #[test]
    fn what_did_not_arrive_is_told() {
        let mut course = course(&["A", "B", "C"]);
        next(&mut course, true);
        course.break_off("The host is gone.");
        assert_eq!(course.broken(), Some("The host is gone."));
        assert_eq!((course.progress().as_str(), course.done()), ("Stopped", 0));
        // What comes late changes nothing.
        course.taken();
        course.due(course.serial);
        assert_eq!(next(&mut course, true), None);
        course.break_off("Another reason.");
        assert_eq!(course.broken(), Some("The host is gone."));
        course.forget();
        assert!(course.broken().is_none() && !course.has_begun());
    }

    #[test]
    fn a_pause_of_an_earlier_text_is_none_of_this_one() {
        let mut course = course(&["A", "B"]);
        let (earlier, _) = course.next(false).unwrap();
        course.stop();
        assert_eq!(course.progress(), "Stopped");
        course.begin(vec![Stroke::by_names("A").unwrap(); 3]);
        assert!(next(&mut course, false).is_some());
        course.due(earlier);
        assert_eq!(next(&mut course, false), None);
    }
}
