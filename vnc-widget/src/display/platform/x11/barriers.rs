//! Where barriers have to be.

use x11rb::protocol::xfixes::BarrierDirections;

use super::Area;

/// A rectangle in the X server's pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pixels {
    left: i16,
    top: i16,
    right: i16,
    bottom: i16,
}

impl Pixels {
    pub(super) fn of(area: Area, scale: f64) -> Self {
        // Casts of floats saturate.
        Self {
            left: (area.left * scale).round() as i16,
            top: (area.top * scale).round() as i16,
            right: ((area.left + area.width) * scale).round() as i16,
            bottom: ((area.top + area.height) * scale).round() as i16,
        }
    }

    pub(super) fn shifted(self, x: i16, y: i16) -> Self {
        Self {
            left: self.left.saturating_add(x),
            top: self.top.saturating_add(y),
            right: self.right.saturating_add(x),
            bottom: self.bottom.saturating_add(y),
        }
    }
}

/// What the server takes for "without end" in either direction: both ends outside the screen, and
/// not the same. The field is signed, although it is not declared so.
const ENDLESS: [u16; 2] = [-2_i16 as u16, -1_i16 as u16];

/// The lines around an area, each with the direction in which it may be crossed: inwards, should
/// the pointer be outside. Where the area reaches the screen's edge none is needed.
///
/// Lines that end at the corners would let fast movements out: the server looks at one line after
/// the other, from where the last one would have let the pointer go, which may be far beyond.
pub(super) fn barriers(
    area: Pixels,
    (width, height): (u16, u16),
) -> impl Iterator<Item = (BarrierDirections, [u16; 4])> {
    let [from, to] = ENDLESS;
    let vertical = |x: i16| [x as u16, from, x as u16, to];
    let horizontal = |y: i16| [from, y as u16, to, y as u16];
    [
        (
            area.left,
            width,
            BarrierDirections::POSITIVE_X,
            vertical(area.left),
        ),
        (
            area.right,
            width,
            BarrierDirections::NEGATIVE_X,
            vertical(area.right),
        ),
        (
            area.top,
            height,
            BarrierDirections::POSITIVE_Y,
            horizontal(area.top),
        ),
        (
            area.bottom,
            height,
            BarrierDirections::NEGATIVE_Y,
            horizontal(area.bottom),
        ),
    ]
    .into_iter()
    .filter(|(position, length, ..)| *position > 0 && *position < *length as i16)
    .map(|(_, _, inwards, line)| (inwards, line))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCREEN: (u16, u16) = (1600, 1200);

    fn around(left: i16, top: i16, right: i16, bottom: i16) -> Vec<[u16; 4]> {
        let area = Pixels {
            left,
            top,
            right,
            bottom,
        };
        barriers(area, SCREEN).map(|(_, line)| line).collect()
    }

    #[test]
    fn endless_lines_at_each_side() {
        let [from, to] = ENDLESS;
        assert_eq!(
            around(100, 50, 740, 530),
            [
                [100, from, 100, to],
                [740, from, 740, to],
                [from, 50, to, 50],
                [from, 530, to, 530]
            ]
        );
    }

    #[test]
    fn the_edge_of_the_screen_needs_no_line() {
        assert_eq!(around(0, 0, 1600, 1200), Vec::<[u16; 4]>::new());
        let [from, to] = ENDLESS;
        assert_eq!(around(-30, -8, 1700, 600), [[from, 600, to, 600]]);
    }

    #[test]
    fn areas_are_in_the_servers_pixels() {
        let area = Area {
            left: 10.0,
            top: 20.5,
            width: 100.0,
            height: 1e9,
        };
        let expected = Pixels {
            left: 20,
            top: 41,
            right: 220,
            bottom: i16::MAX,
        };
        assert_eq!(Pixels::of(area, 2.0), expected);
        assert_eq!(expected.shifted(-30, 0).left, -10);
    }
}
