//! A guest's virtual processors: what is said about them, and the row that sets them.

mod row;

use backend::model::VcpuReading;

pub(super) use row::{ProcessorsInput, ProcessorsRow};

/// What is known of a guest's processors.
#[derive(Debug, Clone, Copy)]
struct Known {
    /// Whether the guest runs.
    active: bool,
    reading: VcpuReading,
    /// How many the host has of its own; 0 where that is not known.
    of_host: u32,
    /// The most that was allowed for the next start, from here.
    raised: Option<u32>,
}

/// How many to make possible from the next start on, for a guest that has all it can have: twice as
/// many, within what its host has where that is more.
fn headroom(known: &Known) -> Option<u32> {
    let VcpuReading {
        current, maximum, ..
    } = known.reading;
    if current < maximum || (known.active && known.raised.is_some()) {
        return None;
    }
    let double = maximum.saturating_mul(2);
    Some(if maximum < known.of_host {
        double.min(known.of_host)
    } else {
        double
    })
}

/// The one sentence of truth about a guest's processors.
fn sentence(known: &Known) -> String {
    let VcpuReading {
        current, maximum, ..
    } = known.reading;
    if let Some(note) = unused(known.reading) {
        return note;
    }
    if let Some(note) = beyond_host(current, known.of_host) {
        return note;
    }
    match (known.active, known.raised) {
        (true, Some(raised)) => {
            format!(
                "It has up to {maximum} in this run, and up to {raised} from its next start on."
            )
        }
        (true, None) if current == maximum => {
            "It has all it can be given while it runs.".to_owned()
        }
        (true, None) => format!("It can be given up to {maximum} while it runs."),
        (false, _) => format!("It starts with {current} of at most {maximum}."),
    }
}

/// What to say when a guest has more processors than its host.
pub(crate) fn beyond_host(count: u32, of_host: u32) -> Option<String> {
    (of_host > 0 && count > of_host).then(|| {
        format!("The host has {of_host} of its own: with more than that, the guest gets slower.")
    })
}

/// What to say when the guest does not use all it was given, where that is known.
pub(crate) fn unused(reading: VcpuReading) -> Option<String> {
    let online = reading.online.filter(|&online| online < reading.current)?;
    Some(format!(
        "The guest uses {online} of them so far: a system brings added processors into use by \
         itself, or is told to."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(active: bool, current: u32, maximum: u32) -> Known {
        Known {
            active,
            reading: VcpuReading {
                current,
                maximum,
                online: None,
            },
            of_host: 8,
            raised: None,
        }
    }

    #[test]
    fn more_is_offered_where_there_is_nothing_left_to_choose() {
        assert_eq!(headroom(&known(true, 1, 4)), None);
        assert_eq!(headroom(&known(true, 2, 2)), Some(4));
        assert_eq!(headroom(&known(false, 6, 6)), Some(8));
        assert_eq!(headroom(&known(true, 8, 8)), Some(16));
        let raised = Known {
            raised: Some(4),
            ..known(true, 2, 2)
        };
        assert_eq!(headroom(&raised), None);
        assert!(sentence(&raised).contains("up to 4 from its next start"));
    }

    #[test]
    fn the_sentence_fits_the_guest() {
        assert!(sentence(&known(true, 1, 4)).contains("up to 4"));
        assert!(sentence(&known(true, 4, 4)).contains("all it can"));
        assert!(sentence(&known(false, 1, 4)).contains("starts with 1 of"));
        assert!(sentence(&known(true, 9, 16)).contains("slower"));
    }

    #[test]
    fn only_what_is_the_case_is_said() {
        assert!(beyond_host(5, 4).is_some_and(|note| note.contains("has 4")));
        assert_eq!(beyond_host(4, 4), None);
        assert_eq!(beyond_host(4, 0), None);
        let reading = |online| VcpuReading {
            current: 3,
            maximum: 4,
            online,
        };
        assert!(unused(reading(Some(1))).is_some());
        assert_eq!(unused(reading(Some(3))), None);
        assert_eq!(unused(reading(None)), None);
    }
}
