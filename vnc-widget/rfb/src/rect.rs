//! A rectangle of the framebuffer.

/// A rectangle in framebuffer pixels; the origin is the top left corner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct Rect {
    /// Left edge.
    pub x: u16,
    /// Top edge.
    pub y: u16,
    /// Width in pixels.
    pub width: u16,
    /// Height in pixels.
    pub height: u16,
}

impl Rect {
    /// A rectangle from its left and top edge, width and height.
    pub const fn new(x: u16, y: u16, width: u16, height: u16) -> Self {
        Self {
            x,
            y,
            width,
            height,
        }
    }

    /// The first column right of the rectangle.
    pub fn right(self) -> u32 {
        u32::from(self.x) + u32::from(self.width)
    }

    /// The first row below the rectangle.
    pub fn bottom(self) -> u32 {
        u32::from(self.y) + u32::from(self.height)
    }

    /// The number of pixels.
    pub fn area(self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }

    /// Whether there is no pixel in it.
    pub fn is_empty(self) -> bool {
        self.width == 0 || self.height == 0
    }

    /// Whether every pixel of `other` is also in `self`.
    pub fn contains(self, other: Self) -> bool {
        self.x <= other.x
            && self.y <= other.y
            && self.right() >= other.right()
            && self.bottom() >= other.bottom()
    }

    /// The smallest rectangle around both. Edges that do not fit the protocol's 16 bits (no
    /// rectangle of a framebuffer has any) are cut off.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        if self.is_empty() {
            return other;
        }
        if other.is_empty() {
            return self;
        }
        let x = self.x.min(other.x);
        let y = self.y.min(other.y);
        let extent =
            |start: u16, end: u32| (end - u32::from(start)).min(u32::from(u16::MAX)) as u16;
        Self {
            x,
            y,
            width: extent(x, self.right().max(other.right())),
            height: extent(y, self.bottom().max(other.bottom())),
        }
    }

    /// What both have in common, if anything.
    pub fn intersection(self, other: Self) -> Option<Self> {
        let x = self.x.max(other.x);
        let y = self.y.max(other.y);
        let right = self.right().min(other.right());
        let bottom = self.bottom().min(other.bottom());
        (u32::from(x) < right && u32::from(y) < bottom).then(|| Self {
            x,
            y,
            width: (right - u32::from(x)) as u16,
            height: (bottom - u32::from(y)) as u16,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn union_and_intersection() {
        let a = Rect::new(0, 0, 10, 10);
        let b = Rect::new(5, 8, 10, 10);
        assert_eq!(a.union(b), Rect::new(0, 0, 15, 18));
        assert_eq!(a.intersection(b), Some(Rect::new(5, 8, 5, 2)));
        assert_eq!(a.intersection(Rect::new(10, 0, 5, 5)), None);
        assert_eq!(a.union(Rect::new(100, 100, 0, 5)), a);
    }

    #[test]
    fn edges_beyond_16_bits_do_not_wrap() {
        let far = Rect::new(65535, 65535, 65535, 65535);
        assert_eq!(far.right(), 131_070);
        assert!(!Rect::new(0, 0, 65535, 65535).contains(far));
        assert_eq!(Rect::new(0, 0, 1, 1).union(far).width, 65535);
    }
}
