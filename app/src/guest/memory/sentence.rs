//! What is said below the slider.

use backend::model::GuestState;

use super::amount::size;
use super::{MemoryButton, PAUSED};

impl MemoryButton {
    /// The one sentence of truth.
    pub(super) fn sentence(&self) -> String {
        let Some(guest) = &self.guest else {
            return String::new();
        };
        if !self.reachable {
            return "The host does not answer.".to_owned();
        }
        if !guest.state.is_active() {
            return format!(
                "The guest is off. It starts with {}; while it runs, it can be given more or less.",
                size(guest.memory.current_kib)
            );
        }
        if self.has_balloon == Some(false) {
            return "This guest has no balloon device: its memory cannot change while it runs."
                .to_owned();
        }
        if let Some(problem) = self.problem.as_ref().or(self.unread.as_ref()) {
            return problem.clone();
        }
        if guest.state == GuestState::Paused && self.is_under_way() {
            return PAUSED.to_owned();
        }
        if self.used_kib().is_some_and(|used| self.target_kib < used) {
            return format!(
                "{} Less than it uses now: it may have to end programs.",
                self.follow.verdict(self.maximum_kib(), self.now())
            );
        }
        self.follow
            .verdict(self.maximum_kib(), self.now())
            .to_string()
    }
}
