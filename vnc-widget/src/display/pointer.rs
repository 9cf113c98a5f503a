//! The pointer's state between events.

use rfb::Rect;

/// Buttons of the mouse as RFB counts them: bit 0 is the left one; 3 to 6 are the wheel's
/// directions, 7 and 8 are "back" and "forward".
pub(crate) type Buttons = u16;

/// A step of the wheel, sent as a click of one of the buttons that RFB reserves for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wheel {
    Up,
    Down,
    Left,
    Right,
}

impl Wheel {
    /// The button that stands for this direction.
    pub(crate) fn button(self) -> Buttons {
        1 << match self {
            Self::Up => 3,
            Self::Down => 4,
            Self::Left => 5,
            Self::Right => 6,
        }
    }
}

/// The most wheel clicks one scroll event may cause: a touchpad that reports nonsense must not
/// flood the guest.
const MAX_CLICKS: f64 = 20.0;

/// What has to be remembered about the pointer.
#[derive(Debug, Default)]
pub(crate) struct Pointer {
    /// Buttons that are down.
    buttons: Buttons,
    /// Scrolling that did not yet amount to a click, in clicks.
    scrolled: (f64, f64),
    /// Last place told to the server, in guest pixels, if one was told.
    place: Option<(u16, u16)>,
    /// Last place in the widget, in logical pixels; for movements.
    last: Option<(f64, f64)>,
    /// Movement in guest pixels that did not yet amount to a whole one.
    rest: (f64, f64),
}

impl Pointer {
    /// The buttons that are down.
    pub(crate) fn buttons(&self) -> Buttons {
        self.buttons
    }

    /// Where the server was last told that the pointer is, in guest pixels.
    pub(crate) fn place(&self) -> (u16, u16) {
        self.place.unwrap_or_default()
    }

    /// The pointer is at this guest pixel. Whether that is news.
    pub(crate) fn moved_to(&mut self, x: u16, y: u16) -> bool {
        self.place.replace((x, y)) != Some((x, y))
    }

    /// Another part of the framebuffer is shown where `before` was: what lies below the pointer has
    /// another place, of which the server hears with the next thing that it is told.
    pub(crate) fn picture_moved(&mut self, before: Rect, after: Rect) {
        let along = |place: u16, before: u16, after: u16, length: u16| {
            let inside = place.saturating_sub(before);
            after.saturating_add(inside.min(length.saturating_sub(1)))
        };
        self.place = self.place.map(|(x, y)| {
            (
                along(x, before.x, after.x, after.width),
                along(y, before.y, after.y, after.height),
            )
        });
    }

    /// There is another server, which has not been told anything.
    pub(crate) fn forget_place(&mut self) {
        self.place = None;
        self.leave();
    }

    /// A mouse button, by GDK's number, went down. Whether the server should know.
    pub(crate) fn press(&mut self, button: u32) -> bool {
        let Some(bit) = bit(button) else { return false };
        self.buttons |= bit;
        true
    }

    /// A mouse button went up. Whether the server should know: not when it went down elsewhere.
    pub(crate) fn release(&mut self, button: u32) -> bool {
        let Some(bit) = bit(button).filter(|bit| self.buttons & bit != 0) else {
            return false;
        };
        self.buttons &= !bit;
        true
    }

    /// All buttons go up. Whether any was down.
    pub(crate) fn release_all(&mut self) -> bool {
        std::mem::take(&mut self.buttons) != 0
    }

    /// Adds scrolling, in clicks of a wheel (fractions from touchpads), down and right being
    /// positive. Returns the clicks that are now complete.
    pub(crate) fn scroll(&mut self, dx: f64, dy: f64) -> impl Iterator<Item = Wheel> + use<> {
        let x = whole(&mut self.scrolled.0, dx);
        let y = whole(&mut self.scrolled.1, dy);
        let repeat = |wheel: Wheel, clicks: f64| std::iter::repeat_n(wheel, clicks as usize);
        let vertical = if y < 0.0 { Wheel::Up } else { Wheel::Down };
        let horizontal = if x < 0.0 { Wheel::Left } else { Wheel::Right };
        repeat(vertical, y.abs()).chain(repeat(horizontal, x.abs()))
    }

    /// The pointer is at a place of the widget now. Returns how far it moved in guest pixels of
    /// `zoom` logical pixels each; fractions are kept for the next time.
    pub(crate) fn movement(&mut self, x: f64, y: f64, zoom: f64) -> (i16, i16) {
        let (last_x, last_y) = self.last.replace((x, y)).unwrap_or((x, y));
        self.moved_by(x - last_x, y - last_y, zoom)
    }

    /// The pointer moved by so many logical pixels, of which `zoom` make a guest pixel. Returns how
    /// far that is in guest pixels; fractions are kept for the next time.
    pub(crate) fn moved_by(&mut self, dx: f64, dy: f64, zoom: f64) -> (i16, i16) {
        let step = |rest: &mut f64, distance: f64| {
            let distance = distance / zoom;
            if distance.is_finite() {
                *rest += distance;
            }
            let whole = rest.trunc();
            *rest -= whole;
            // Casts of floats saturate.
            whole as i16
        };
        (step(&mut self.rest.0, dx), step(&mut self.rest.1, dy))
    }

    /// The pointer left the widget: where it returns is not a movement.
    pub(crate) fn leave(&mut self) {
        self.last = None;
    }
}

/// Adds to a sum of fractions and takes the whole number out of it.
fn whole(sum: &mut f64, change: f64) -> f64 {
    if !change.is_finite() {
        return 0.0;
    }
    // A change of direction counts at once.
    if *sum * change < 0.0 {
        *sum = 0.0;
    }
    *sum += change;
    let whole = sum.trunc();
    *sum -= whole;
    whole.clamp(-MAX_CLICKS, MAX_CLICKS)
}

/// RFB's bit for GDK's number of a mouse button. GDK never uses 4 to 7, which X11 has for the
/// wheel; 8 is the "back" button and 9 "forward".
fn bit(button: u32) -> Option<Buttons> {
    match button {
        1..=3 | 8 | 9 => Some(1 << (button - 1)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buttons_add_up() {
        let mut pointer = Pointer::default();
        assert!(pointer.press(1));
        assert!(pointer.press(3));
        assert_eq!(pointer.buttons(), 0b101);
        assert!(pointer.release(1));
        assert!(!pointer.release(1));
        assert!(!pointer.release(2));
        assert_eq!(pointer.buttons(), 0b100);
        assert!(pointer.release_all());
        assert!(!pointer.release_all());
        assert!(!pointer.press(0) && !pointer.press(77));
        assert!(pointer.press(8) && pointer.press(9));
        assert_eq!(pointer.buttons(), 0b1_1000_0000);
    }

    #[test]
    fn the_first_place_is_news_wherever_it_is() {
        let mut pointer = Pointer::default();
        assert!(pointer.moved_to(0, 0));
        assert!(!pointer.moved_to(0, 0));
        pointer.forget_place();
        assert!(pointer.moved_to(0, 0));
    }

    #[test]
    fn the_place_goes_along_with_the_picture() {
        let mut pointer = Pointer::default();
        let (left, right) = (Rect::new(0, 0, 100, 80), Rect::new(100, 20, 50, 60));
        pointer.picture_moved(left, right);
        assert_eq!(pointer.place(), (0, 0), "none was told");
        pointer.moved_to(10, 70);
        pointer.picture_moved(left, right);
        assert_eq!(pointer.place(), (110, 79));
        pointer.picture_moved(right, left);
        assert_eq!(pointer.place(), (10, 59));
        pointer.picture_moved(left, Rect::default());
        assert_eq!(pointer.place(), (0, 0));
    }

    #[test]
    fn smooth_scrolling_becomes_clicks() {
        let mut pointer = Pointer::default();
        let clicks = |pointer: &mut Pointer, dx, dy| pointer.scroll(dx, dy).collect::<Vec<_>>();
        assert_eq!(clicks(&mut pointer, 0.0, 0.4), []);
        assert_eq!(clicks(&mut pointer, 0.0, 0.4), []);
        assert_eq!(clicks(&mut pointer, 0.0, 0.4), [Wheel::Down]);
        assert_eq!(
            clicks(&mut pointer, -1.0, -2.0),
            [Wheel::Up, Wheel::Up, Wheel::Left]
        );
    }

    #[test]
    fn turning_back_does_not_first_undo_a_fraction() {
        let mut pointer = Pointer::default();
        assert_eq!(pointer.scroll(0.0, 0.9).count(), 0);
        assert_eq!(pointer.scroll(0.0, -1.0).collect::<Vec<_>>(), [Wheel::Up]);
    }

    #[test]
    fn nonsense_does_not_flood_the_guest() {
        let mut pointer = Pointer::default();
        assert_eq!(pointer.scroll(f64::NAN, f64::INFINITY).count(), 0);
        assert_eq!(pointer.scroll(0.0, 1e12).count(), 20);
        assert_eq!(pointer.scroll(0.0, 1.0).count(), 1);
    }

    #[test]
    fn movements_keep_their_fractions() {
        let mut pointer = Pointer::default();
        assert_eq!(pointer.movement(10.0, 10.0, 2.0), (0, 0));
        assert_eq!(pointer.movement(11.0, 10.0, 2.0), (0, 0));
        assert_eq!(pointer.movement(12.0, 7.0, 2.0), (1, -1));
        assert_eq!(pointer.movement(12.0, 6.0, 2.0), (0, -1));
        pointer.leave();
        assert_eq!(pointer.movement(500.0, 500.0, 2.0), (0, 0));
        // Movements without places, as a held pointer makes them.
        assert_eq!(pointer.moved_by(1.5, -1.5, 2.0), (0, 0));
        assert_eq!(pointer.moved_by(0.5, -0.5, 2.0), (1, -1));
        assert_eq!(pointer.moved_by(1e9, f64::NAN, 2.0), (i16::MAX, 0));
        assert_eq!(pointer.moved_by(0.0, 4.0, 2.0), (0, 2));
    }

    #[test]
    fn the_wheel_has_its_own_buttons() {
        let bits = [Wheel::Up, Wheel::Down, Wheel::Left, Wheel::Right].map(Wheel::button);
        assert_eq!(bits, [8, 16, 32, 64]);
    }
}
