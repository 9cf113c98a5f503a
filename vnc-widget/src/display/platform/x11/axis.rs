//! What devices tell of movements.

use x11rb::protocol::xinput::Fp3232;

/// What a device tells about one direction.
#[derive(Debug, Clone, Copy)]
pub(super) enum Axis {
    /// Movements, as mice do.
    Relative,
    /// Places, as tablets do and the pointers of virtual machines.
    Absolute {
        pixels_per_unit: f64,
        last: Option<f64>,
    },
}

impl Axis {
    /// The movement that a value means.
    pub(super) fn movement(&mut self, value: f64) -> f64 {
        match self {
            Self::Relative => value,
            Self::Absolute {
                pixels_per_unit,
                last,
            } => last
                .replace(value)
                .map_or(0.0, |last| (value - last) * *pixels_per_unit),
        }
    }
}

/// A number of 32 bits before and 32 after the point.
pub(super) fn number(value: Fp3232) -> f64 {
    f64::from(value.integral) + f64::from(value.frac) / 4_294_967_296.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_that_tell_places() {
        let mut axis = Axis::Absolute {
            pixels_per_unit: 0.5,
            last: None,
        };
        let moved = [1000.0, 1010.0, 990.0].map(|place| axis.movement(place) as i32);
        assert_eq!(moved, [0, 5, -10]);
        assert_eq!(Axis::Relative.movement(3.25).to_bits(), 3.25_f64.to_bits());
    }

    #[test]
    fn numbers_have_fractions() {
        let half = number(Fp3232 {
            integral: -2,
            frac: 1 << 31,
        });
        assert_eq!(half.to_bits(), (-1.5_f64).to_bits());
    }
}
