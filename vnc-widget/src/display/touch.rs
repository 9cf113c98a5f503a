//! Fingers as a pointer.
//!
//! | fingers | pointer |
//! |---|---|
//! | tap | click |
//! | touch and hold | click of the right button |
//! | touch and move | drag with the left button |
//! | two fingers that move | wheel |
//!
//! Where the server wants movements, the screen is a touchpad: one finger moves the pointer, and
//! nothing is dragged.

/// A place of the widget or a movement on it, in logical pixels.
pub(super) type Point = (f64, f64);

/// Movement of two fingers that makes one click of the wheel, in logical pixels.
const PIXELS_PER_CLICK: f64 = 24.0;

/// What the pointer does because of fingers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Act {
    /// It goes to a place.
    Go(Point),
    /// It moves by so much.
    Move(Point),
    /// A button, by GDK's number, goes down.
    Press(u32),
    /// A button goes up.
    Release(u32),
    /// The wheel turns by so many clicks to the right and down.
    Turn(Point),
}

/// GDK's numbers of the buttons.
const LEFT: u32 = 1;
const RIGHT: u32 = 3;

/// The fingers on the screen, by whatever tells them apart.
#[derive(Debug)]
pub(super) struct Touch<Id> {
    fingers: Vec<(Id, Point)>,
    stage: Stage,
    /// What the server understands: movements rather than places.
    relative: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Stage {
    /// No finger, or none that means anything any more.
    Idle,
    /// One finger that has not moved from here yet.
    Resting(Point),
    /// One finger that drags, or moves the pointer where that wants movements.
    Moving,
    /// Two fingers that turn the wheel.
    Turning,
}

impl<Id> Default for Touch<Id> {
    fn default() -> Self {
        Self {
            fingers: Vec::new(),
            stage: Stage::Idle,
            relative: false,
        }
    }
}

impl<Id: PartialEq> Touch<Id> {
    /// Whether a finger rests, so that [`held`](Self::held) is to be called if it still does after
    /// the time of a long press.
    pub(super) fn rests(&self) -> bool {
        matches!(self.stage, Stage::Resting(_))
    }

    /// A finger came down.
    pub(super) fn begin(&mut self, id: Id, place: Point, relative: bool) -> Vec<Act> {
        self.fingers.push((id, place));
        match (self.fingers.len(), self.stage) {
            (1, _) => {
                self.relative = relative;
                self.stage = Stage::Resting(place);
                // What is below the finger may want to show itself, and two fingers scroll there.
                self.unless_relative(&[Act::Go(place)])
            }
            (2, Stage::Resting(_)) => {
                self.stage = Stage::Turning;
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    /// A finger moved. It must have moved by more than `threshold` before that means anything.
    pub(super) fn update(&mut self, id: &Id, place: Point, threshold: f64) -> Vec<Act> {
        let Some(index) = self.fingers.iter().position(|(other, _)| other == id) else {
            return Vec::new();
        };
        let before = std::mem::replace(&mut self.fingers[index].1, place);
        let moved = (place.0 - before.0, place.1 - before.1);
        match self.stage {
            Stage::Resting(start) => {
                if (place.0 - start.0).hypot(place.1 - start.1) <= threshold {
                    return Vec::new();
                }
                self.stage = Stage::Moving;
                self.unless_relative(&[Act::Press(LEFT), Act::Go(place)])
            }
            Stage::Moving if index > 0 => Vec::new(),
            Stage::Moving if self.relative => vec![Act::Move(moved)],
            Stage::Moving => vec![Act::Go(place)],
            // Of each movement of both, each finger tells half. What lies below goes along.
            Stage::Turning if index < 2 => {
                let clicks = |moved: f64| -moved / 2.0 / PIXELS_PER_CLICK;
                vec![Act::Turn((clicks(moved.0), clicks(moved.1)))]
            }
            Stage::Turning | Stage::Idle => Vec::new(),
        }
    }

    /// A finger was lifted.
    pub(super) fn end(&mut self, id: &Id) -> Vec<Act> {
        let acts = match self.stage {
            Stage::Resting(_) => vec![Act::Press(LEFT), Act::Release(LEFT)],
            _ => self.drop_drag(id),
        };
        self.lift(id);
        acts
    }

    /// The system took a finger for something of its own.
    pub(super) fn cancel(&mut self, id: &Id) -> Vec<Act> {
        let acts = self.drop_drag(id);
        self.lift(id);
        acts
    }

    /// The time of a long press has passed.
    pub(super) fn held(&mut self) -> Vec<Act> {
        if !self.rests() {
            return Vec::new();
        }
        self.stage = Stage::Idle;
        vec![Act::Press(RIGHT), Act::Release(RIGHT)]
    }

    fn lift(&mut self, id: &Id) {
        let was_first = self.fingers.first().is_some_and(|(first, _)| first == id);
        self.fingers.retain(|(other, _)| other != id);
        // Whatever two fingers did is over with the first that goes; the other means nothing more.
        if was_first || self.stage != Stage::Moving {
            self.stage = Stage::Idle;
        }
    }

    fn drop_drag(&self, id: &Id) -> Vec<Act> {
        let drags = self.stage == Stage::Moving && self.fingers.first().is_some_and(|f| f.0 == *id);
        if drags {
            self.unless_relative(&[Act::Release(LEFT)])
        } else {
            Vec::new()
        }
    }

    fn unless_relative(&self, acts: &[Act]) -> Vec<Act> {
        if self.relative {
            Vec::new()
        } else {
            acts.to_vec()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const THRESHOLD: f64 = 8.0;

    #[test]
    fn a_tap_is_a_click() {
        let mut touch = Touch::default();
        assert_eq!(touch.begin(1, (5.0, 6.0), false), [Act::Go((5.0, 6.0))]);
        assert_eq!(touch.update(&1, (8.0, 9.0), THRESHOLD), []);
        assert_eq!(touch.end(&1), [Act::Press(LEFT), Act::Release(LEFT)]);
        assert!(!touch.rests());
    }

    #[test]
    fn holding_is_a_click_of_the_right_button_and_nothing_after() {
        let mut touch = Touch::default();
        touch.begin(1, (5.0, 6.0), false);
        assert!(touch.rests());
        assert_eq!(touch.held(), [Act::Press(RIGHT), Act::Release(RIGHT)]);
        assert_eq!(touch.update(&1, (80.0, 90.0), THRESHOLD), []);
        assert_eq!(touch.end(&1), []);
        assert_eq!(touch.held(), []);
    }

    #[test]
    fn moving_drags() {
        let mut touch = Touch::default();
        touch.begin(1, (0.0, 0.0), false);
        assert_eq!(
            touch.update(&1, (9.0, 0.0), THRESHOLD),
            [Act::Press(LEFT), Act::Go((9.0, 0.0))]
        );
        assert_eq!(touch.held(), []);
        assert_eq!(
            touch.update(&1, (10.0, 1.0), THRESHOLD),
            [Act::Go((10.0, 1.0))]
        );
        // Another finger neither ends the drag nor takes part in it.
        assert_eq!(touch.begin(2, (50.0, 50.0), false), []);
        assert_eq!(touch.update(&2, (60.0, 50.0), THRESHOLD), []);
        assert_eq!(touch.end(&2), []);
        assert_eq!(
            touch.update(&1, (11.0, 1.0), THRESHOLD),
            [Act::Go((11.0, 1.0))]
        );
        assert_eq!(touch.end(&1), [Act::Release(LEFT)]);
    }

    #[test]
    fn the_button_goes_up_when_the_system_takes_the_finger() {
        let mut touch = Touch::default();
        touch.begin(1, (0.0, 0.0), false);
        touch.update(&1, (9.0, 0.0), THRESHOLD);
        assert_eq!(touch.cancel(&1), [Act::Release(LEFT)]);
        touch.begin(1, (0.0, 0.0), false);
        assert_eq!(touch.cancel(&1), []);
    }

    #[test]
    fn two_fingers_turn_the_wheel() {
        let mut touch = Touch::default();
        touch.begin(1, (0.0, 0.0), false);
        assert_eq!(touch.begin(2, (40.0, 0.0), false), []);
        let mut turned = 0.0;
        for id in [1, 2] {
            for act in touch.update(&id, (20.0, -48.0), THRESHOLD) {
                match act {
                    Act::Turn((_, clicks)) => turned += clicks,
                    other => panic!("{other:?}"),
                }
            }
        }
        assert!((turned - 2.0).abs() < 1e-9, "{turned}");
        // Lifting them clicks nothing, and what is left of them means nothing.
        assert_eq!(touch.end(&2), []);
        assert_eq!(touch.update(&1, (90.0, 90.0), THRESHOLD), []);
        assert_eq!(touch.end(&1), []);
        assert_eq!(touch.begin(3, (1.0, 1.0), false), [Act::Go((1.0, 1.0))]);
    }

    #[test]
    fn a_touchpad_where_the_server_wants_movements() {
        let mut touch = Touch::default();
        assert_eq!(touch.begin(1, (0.0, 0.0), true), []);
        assert_eq!(touch.update(&1, (9.0, 0.0), THRESHOLD), []);
        assert_eq!(
            touch.update(&1, (11.0, 5.0), THRESHOLD),
            [Act::Move((2.0, 5.0))]
        );
        assert_eq!(touch.end(&1), []);
        touch.begin(1, (0.0, 0.0), true);
        assert_eq!(touch.end(&1), [Act::Press(LEFT), Act::Release(LEFT)]);
    }

    #[test]
    fn strangers_mean_nothing() {
        let mut touch = Touch::default();
        assert_eq!(touch.update(&7, (1.0, 1.0), THRESHOLD), []);
        assert_eq!(touch.end(&7), []);
        assert_eq!(touch.cancel(&7), []);
    }
}
