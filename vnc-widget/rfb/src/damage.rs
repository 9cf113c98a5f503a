//! Which parts of the framebuffer changed.

use crate::rect::Rect;

/// The most rectangles a [`Damage`] holds.
const CAPACITY: usize = 32;

/// A set of changed rectangles: few of them, at the price of covering a little more than what
/// changed. It owns no memory, so taking one for each frame costs nothing.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Damage {
    rects: [Rect; CAPACITY],
    count: usize,
}

impl Damage {
    /// The rectangles; together they cover everything that changed. They may overlap.
    pub fn as_slice(&self) -> &[Rect] {
        &self.rects[..self.count]
    }

    /// The rectangles, one by one.
    pub fn iter(&self) -> impl Iterator<Item = Rect> + '_ {
        self.as_slice().iter().copied()
    }

    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The smallest rectangle around everything that changed; empty when nothing did.
    pub fn bounds(&self) -> Rect {
        self.iter().fold(Rect::default(), Rect::union)
    }

    /// Adds a rectangle, joining it with others where that covers nothing more, or where there are
    /// too many.
    pub fn add(&mut self, rect: Rect) {
        if rect.is_empty() || self.iter().any(|other| other.contains(rect)) {
            return;
        }
        let mut rect = rect;
        // Servers cut an area into stripes and squares: those fuse again into what they came from.
        while let Some(index) = self.as_slice().iter().position(|&other| fuses(other, rect)) {
            rect = rect.union(self.remove(index));
        }
        if self.count == CAPACITY {
            let index = self.cheapest_to_join(rect);
            rect = rect.union(self.remove(index));
        }
        self.rects[self.count] = rect;
        self.count += 1;
    }

    fn remove(&mut self, index: usize) -> Rect {
        let removed = self.rects[index];
        self.count -= 1;
        self.rects[index] = self.rects[self.count];
        removed
    }

    /// The index of the rectangle whose union with `rect` covers the fewest pixels that neither of
    /// them does.
    fn cheapest_to_join(&self, rect: Rect) -> usize {
        let waste = |other: Rect| other.union(rect).area() as i64 - other.area() as i64;
        self.iter()
            .enumerate()
            .min_by_key(|&(_, other)| waste(other))
            .map_or(0, |(index, _)| index)
    }
}

/// Whether the union of both covers no pixel that neither of them does.
fn fuses(a: Rect, b: Rect) -> bool {
    let same_columns = a.x == b.x && a.width == b.width;
    let same_rows = a.y == b.y && a.height == b.height;
    let touch = |a_start: u16, a_end: u32, b_start: u16, b_end: u32| {
        u32::from(a_start) <= b_end && u32::from(b_start) <= a_end
    };
    b.contains(a)
        || (same_columns && touch(a.y, a.bottom(), b.y, b.bottom()))
        || (same_rows && touch(a.x, a.right(), b.x, b.right()))
}

impl Default for Damage {
    fn default() -> Self {
        Self {
            rects: [Rect::default(); CAPACITY],
            count: 0,
        }
    }
}

impl std::fmt::Debug for Damage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.as_slice()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_stripes_of_a_screen_become_one_rectangle() {
        let mut damage = Damage::default();
        for y in (0..1080).step_by(34) {
            for x in (0..1920).step_by(480) {
                damage.add(Rect::new(x, y, 480, 34.min(1080 - y)));
            }
        }
        assert_eq!(damage.as_slice(), [Rect::new(0, 0, 1920, 1080)]);
    }

    #[test]
    fn separate_rectangles_stay_separate() {
        let mut damage = Damage::default();
        damage.add(Rect::new(0, 0, 10, 10));
        damage.add(Rect::new(500, 500, 10, 10));
        damage.add(Rect::new(2, 2, 3, 3));
        damage.add(Rect::new(700, 0, 0, 10));
        assert_eq!(damage.as_slice().len(), 2);
        assert_eq!(damage.bounds(), Rect::new(0, 0, 510, 510));
    }

    proptest! {
        #[test]
        fn everything_added_is_covered(
            points in prop::collection::vec((0..2000u16, 0..2000u16, 1..99u16, 1..99u16), 0..200)
        ) {
            let mut damage = Damage::default();
            let rects: Vec<Rect> = points
                .iter()
                .map(|&(x, y, width, height)| Rect::new(x, y, width, height))
                .collect();
            for &rect in &rects {
                damage.add(rect);
            }
            prop_assert!(damage.as_slice().len() <= CAPACITY);
            for rect in rects {
                // Each corner of each rectangle is in some damaged rectangle.
                for x in [rect.x, rect.x + rect.width - 1] {
                    for y in [rect.y, rect.y + rect.height - 1] {
                        prop_assert!(damage.iter().any(|d| d.contains(Rect::new(x, y, 1, 1))));
                    }
                }
            }
        }
    }
}
