//! [`Choice`]: a value that remembers who decided it.

/// A value that is proposed until the user decides it; from then on proposals leave it alone.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Choice<T> {
    value: T,
    by_hand: bool,
}

impl<T> Choice<T> {
    /// A value nobody has decided yet.
    pub fn proposed(value: T) -> Self {
        Self {
            value,
            by_hand: false,
        }
    }

    /// The value as it stands.
    pub fn value(&self) -> &T {
        &self.value
    }

    /// Whether the user decided it.
    pub fn is_by_hand(&self) -> bool {
        self.by_hand
    }

    /// The user's decision.
    pub fn choose(&mut self, value: T) {
        self.value = value;
        self.by_hand = true;
    }

    /// A better proposal; without effect once the user decided.
    pub fn propose(&mut self, value: T) {
        if !self.by_hand {
            self.value = value;
        }
    }

    /// Gives the decision back to proposals; the value stays until the next one.
    pub fn release(&mut self) {
        self.by_hand = false;
    }
}

impl<T: Copy> Choice<T> {
    /// The value as it stands.
    pub fn get(&self) -> T {
        self.value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proposal_never_replaces_a_decision() {
        let mut memory = Choice::proposed(1);
        memory.propose(2);
        assert_eq!((memory.get(), memory.is_by_hand()), (2, false));
        memory.choose(3);
        memory.propose(4);
        assert_eq!((memory.get(), memory.is_by_hand()), (3, true));
        memory.release();
        assert_eq!(memory.get(), 3);
        memory.propose(5);
        assert_eq!(memory.get(), 5);
    }
}
