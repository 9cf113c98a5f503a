//! How a server's screens lie in its framebuffer, and how they lie once one of them has another size.

use rfb::{Rect, Screen};

/// Width and height of the smallest framebuffer that has room for these screens. `None` if there are
/// none, or a framebuffer cannot be as large.
pub(crate) fn extent(screens: &[Screen]) -> Option<(u16, u16)> {
    let right = screens.iter().map(|screen| screen.area.right()).max()?;
    let bottom = screens.iter().map(|screen| screen.area.bottom()).max()?;
    Some((right.try_into().ok()?, bottom.try_into().ok()?))
}

/// The arrangement in which one screen has another size, and all others have theirs.
///
/// What lies to the right of it, or below, moves along, so that no gap opens and nothing is covered. If
/// others are in the way of that, none moves. `None` if screens would come to overlap in both cases, if
/// there is no screen with this id, or no framebuffer can be as large.
pub(crate) fn resized(screens: &[Screen], id: u32, width: u16, height: u16) -> Option<Vec<Screen>> {
    let changed = screens.iter().position(|screen| screen.id == id)?;
    let before = screens.get(changed)?.area;
    let right = beyond(screens, changed, |area| {
        (span(area.x, area.width), span(area.y, area.height))
    });
    let below = beyond(screens, changed, |area| {
        (span(area.y, area.height), span(area.x, area.width))
    });
    let moved = |start: u16, moves: bool, from: u16, to: u16| {
        let by = if moves {
            i32::from(to) - i32::from(from)
        } else {
            0
        };
        u16::try_from(i32::from(start) + by).ok()
    };
    let arrange = |along: bool| -> Option<Vec<Screen>> {
        let places = screens.iter().zip(right.iter().zip(&below));
        let mut arranged: Vec<Screen> = places
            .map(|(screen, (&right, &below))| {
                let Rect { x, y, .. } = screen.area;
                let area = Rect {
                    x: moved(x, along && right, before.width, width)?,
                    y: moved(y, along && below, before.height, height)?,
                    ..screen.area
                };
                Some(Screen { area, ..*screen })
            })
            .collect::<Option<_>>()?;
        let area = &mut arranged.get_mut(changed)?.area;
        (area.width, area.height) = (width, height);
        extent(&arranged)?;
        (!covers_more(screens, &arranged)).then_some(arranged)
    };
    arrange(true).or_else(|| arrange(false))
}

/// Where something begins and ends along one direction.
type Span = (u32, u32);

fn span(start: u16, length: u16) -> Span {
    (start.into(), u32::from(start) + u32::from(length))
}

/// Which screens lie behind a certain one, or behind one that does, each with at least one line in
/// common. `spans` gives a screen's span in the direction that is looked along, and across it.
fn beyond(screens: &[Screen], first: usize, spans: impl Fn(Rect) -> (Span, Span)) -> Vec<bool> {
    let spans: Vec<(Span, Span)> = screens.iter().map(|screen| spans(screen.area)).collect();
    let mut order: Vec<usize> = (0..screens.len()).collect();
    // What lies behind something begins after it.
    order.sort_by_key(|&index| spans[index].0);
    let mut reached = vec![first];
    for index in order {
        let (along, across) = spans[index];
        let is_behind = reached.iter().any(|&other| {
            let (other_along, other_across) = spans[other];
            along.0 >= other_along.1 && across.0 < other_across.1 && other_across.0 < across.1
        });
        if is_behind {
            reached.push(index);
        }
    }
    let mut beyond = vec![false; screens.len()];
    for index in reached {
        beyond[index] = index != first;
    }
    beyond
}

/// Whether two screens overlap that did not before. Some do on purpose: they show the same.
fn covers_more(before: &[Screen], after: &[Screen]) -> bool {
    let overlap = |screens: &[Screen], one: usize, other: usize| {
        let (one, other) = (screens[one].area, screens[other].area);
        one.intersection(other).is_some()
    };
    (0..after.len()).any(|other| {
        (0..other).any(|one| overlap(after, one, other) && !overlap(before, one, other))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Screens with the numbers from 0 as ids, and flags that have to stay.
    fn screens(areas: &[[u16; 4]]) -> Vec<Screen> {
        let screen = |(id, &[x, y, width, height]): (u32, &[u16; 4])| Screen {
            id,
            area: Rect::new(x, y, width, height),
            flags: id + 70,
        };
        (0..).zip(areas).map(screen).collect()
    }

    #[track_caller]
    fn becomes(before: &[[u16; 4]], id: u32, (width, height): (u16, u16), after: &[[u16; 4]]) {
        let result = resized(&screens(before), id, width, height);
        assert_eq!(result, Some(screens(after)));
    }

    #[test]
    fn one_screen_alone() {
        becomes(&[[0, 0, 100, 50]], 0, (30, 70), &[[0, 0, 30, 70]]);
        assert_eq!(extent(&screens(&[[0, 0, 30, 70]])), Some((30, 70)));
        assert_eq!(resized(&screens(&[[0, 0, 30, 70]]), 1, 5, 5), None);
        assert_eq!(resized(&[], 0, 5, 5), None);
        assert_eq!(extent(&[]), None);
    }

    #[test]
    fn what_lies_beside_moves_along() {
        let row = [[0, 0, 100, 50], [100, 0, 80, 50], [180, 0, 60, 50]];
        becomes(
            &row,
            0,
            (120, 40),
            &[[0, 0, 120, 40], [120, 0, 80, 50], [200, 0, 60, 50]],
        );
        becomes(
            &row,
            1,
            (20, 90),
            &[[0, 0, 100, 50], [100, 0, 20, 90], [120, 0, 60, 50]],
        );
        becomes(
            &row,
            2,
            (1, 1),
            &[[0, 0, 100, 50], [100, 0, 80, 50], [180, 0, 1, 1]],
        );
    }

    #[test]
    fn what_lies_below_moves_along() {
        becomes(
            &[[0, 0, 100, 50], [0, 50, 200, 60], [0, 110, 10, 10]],
            0,
            (300, 20),
            &[[0, 0, 300, 20], [0, 20, 200, 60], [0, 80, 10, 10]],
        );
    }

    #[test]
    fn a_square_of_four() {
        let square = [
            [0, 0, 100, 50],
            [100, 0, 100, 50],
            [0, 50, 100, 50],
            [100, 50, 100, 50],
        ];
        // The fourth has no line in common with the first, and none of what moved pushes it along.
        becomes(
            &square,
            0,
            (150, 50),
            &[
                [0, 0, 150, 50],
                [150, 0, 100, 50],
                [0, 50, 100, 50],
                [100, 50, 100, 50],
            ],
        );
    }

    #[test]
    fn what_is_in_the_way_keeps_all_in_place() {
        // The second would have to move onto the third, which begins further left and lies lower.
        becomes(
            &[[0, 0, 100, 50], [100, 0, 50, 100], [0, 50, 100, 50]],
            0,
            (60, 50),
            &[[0, 0, 60, 50], [100, 0, 50, 100], [0, 50, 100, 50]],
        );
        // And what would be covered wherever the others are is not asked for.
        let corner = screens(&[[0, 0, 100, 50], [110, 60, 50, 50]]);
        assert_eq!(resized(&corner, 0, 120, 80), None);
        assert!(resized(&corner, 0, 120, 60).is_some());
    }

    #[test]
    fn screens_that_show_the_same_may_go_on_to() {
        becomes(
            &[[0, 0, 100, 50], [0, 0, 100, 50]],
            1,
            (120, 60),
            &[[0, 0, 100, 50], [0, 0, 120, 60]],
        );
    }

    #[test]
    fn no_framebuffer_is_larger_than_the_protocol_can_say() {
        let row = screens(&[[0, 0, 100, 50], [100, 0, 60000, 50]]);
        assert!(resized(&row, 0, 5535, 50).is_some());
        assert_eq!(resized(&row, 0, 5536, 50), None);
        assert_eq!(extent(&screens(&[[65535, 0, 1, 1]])), None);
    }
}
