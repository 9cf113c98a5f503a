//! What lies around the picture, and nothing below it: in software, what is drawn over takes its time
//! as well.

use gtk::{gdk, graphene, prelude::*};

/// Dark in every theme: a bright frame would outshine the screen.
const COLOUR: gdk::RGBA = gdk::RGBA::new(28.0 / 255.0, 28.0 / 255.0, 31.0 / 255.0, 1.0);

/// Draws what lies around `area` in `room`.
pub(super) fn append_to(snapshot: &gtk::Snapshot, area: &graphene::Rect, room: &graphene::Rect) {
    for side in around(area, room) {
        snapshot.append_color(&COLOUR, &side);
    }
}

/// The parts of `room` outside of `area`, and a little of its edge where that lies between logical
/// pixels.
fn around(area: &graphene::Rect, room: &graphene::Rect) -> impl Iterator<Item = graphene::Rect> {
    let (left, right) = (area.x().ceil(), (area.x() + area.width()).floor());
    let (top, bottom) = (area.y().ceil(), (area.y() + area.height()).floor());
    let between = |left: f32, top: f32, right: f32, bottom: f32| {
        graphene::Rect::new(left, top, (right - left).max(0.0), (bottom - top).max(0.0))
    };
    let room = *room;
    [
        between(room.x(), room.y(), room.x() + room.width(), top),
        between(room.x(), top, left, bottom),
        between(right, top, room.x() + room.width(), bottom),
        between(
            room.x(),
            bottom,
            room.x() + room.width(),
            room.y() + room.height(),
        ),
    ]
    .into_iter()
    .filter_map(move |side| side.intersection(&room))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sides(area: (f32, f32, f32, f32)) -> Vec<(f32, f32, f32, f32)> {
        let area = graphene::Rect::new(area.0, area.1, area.2, area.3);
        let room = graphene::Rect::new(0.0, 0.0, 100.0, 80.0);
        around(&area, &room)
            .map(|side| (side.x(), side.y(), side.width(), side.height()))
            .filter(|side| side.2 > 0.0 && side.3 > 0.0)
            .collect()
    }

    #[test]
    fn nothing_is_drawn_below_the_picture() {
        assert_eq!(
            sides((10.0, 20.0, 80.0, 40.0)),
            [
                (0.0, 0.0, 100.0, 20.0),
                (0.0, 20.0, 10.0, 40.0),
                (90.0, 20.0, 10.0, 40.0),
                (0.0, 60.0, 100.0, 20.0),
            ]
        );
        assert_eq!(sides((0.0, 0.0, 100.0, 80.0)), []);
        // A picture that is larger than the room, in the middle of being scrolled.
        assert_eq!(sides((-50.0, -50.0, 500.0, 500.0)), []);
    }

    #[test]
    fn without_a_picture_there_is_all_of_it() {
        assert_eq!(sides((0.0, 0.0, 0.0, 0.0)), [(0.0, 0.0, 100.0, 80.0)]);
    }

    #[test]
    fn edges_between_logical_pixels_are_drawn_below() {
        assert_eq!(
            sides((0.0, 0.5, 99.5, 79.5)),
            [(0.0, 0.0, 100.0, 1.0), (99.0, 1.0, 1.0, 79.0)]
        );
    }
}
