//! Amounts of memory in words.

/// One GiB in KiB.
const GIB: u64 = 1024 * 1024;

/// An amount for people: MiB below one GiB, GiB with one decimal from there on.
pub(super) fn size(kib: u64) -> String {
    if kib < GIB {
        return format!("{} MiB", mib(kib));
    }
    // Tenths are counted in whole numbers, so that 1023.99 GiB cannot turn into "1024.0" by
    // floating-point luck; u128 because a hostile figure may be near the top of u64.
    let tenths = (u128::from(kib) * 10 + u128::from(GIB / 2)) / u128::from(GIB);
    format!("{}.{} GiB", grouped((tenths / 10) as u64), tenths % 10)
}

/// The amount in MiB, rounded, with the thousands set apart.
pub(super) fn mib(kib: u64) -> String {
    grouped(kib.saturating_add(512) / 1024)
}

/// A number with its thousands set apart by commas.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// The least that domain 0 is given, in MiB: below, a present-day one ends programs that guests need.
const HOST_FLOOR: u64 = 512;

/// The ends and the step of a memory slider, in MiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    /// The least that can be chosen.
    pub(crate) least: u64,
    /// The most that can be chosen: the guest's maximum.
    pub(super) most: u64,
    /// What one arrow key moves, and what dragging snaps to.
    pub(super) step: u64,
}

impl Span {
    /// The span for a guest that can be given `maximum_kib` and has `current_kib` now.
    ///
    /// The least is a sixteenth of the maximum, but not below 64 MiB: less than that no guest
    /// survives, and a Linux guest's own tables, sized for the maximum, take most of it. A guest
    /// that has less already keeps its place on the track.
    pub(crate) fn new(current_kib: u64, maximum_kib: u64) -> Self {
        let most = (maximum_kib / 1024).max(1);
        let step = match most {
            0..=512 => 8,
            513..=2048 => 16,
            2049..=16_384 => 64,
            16_385..=131_072 => 256,
            _ => 1024,
        };
        let floor = (most / 16).max(64).div_ceil(step) * step;
        let least = floor.min(most).min((current_kib / 1024).max(1));
        Self { least, most, step }
    }

    /// The same for a guest that is the host itself, Xen's domain 0: it runs every other guest's disks
    /// and network, so its floor is higher.
    pub(crate) fn of_host(current_kib: u64, maximum_kib: u64) -> Self {
        let span = Self::new(current_kib, maximum_kib);
        let least = HOST_FLOOR.min(span.most).min((current_kib / 1024).max(1));
        Self {
            least: least.max(span.least),
            ..span
        }
    }

    /// Whether there is anything to choose.
    pub(super) fn is_choice(self) -> bool {
        self.least < self.most
    }

    /// The nearest value a drag stops at: whole steps, and the ends themselves.
    pub(super) fn snap(self, value: f64) -> u64 {
        let value = value.clamp(self.least as f64, self.most as f64);
        let stepped = ((value / self.step as f64).round() as u64) * self.step;
        let from_end = self.most as f64 - value;
        if from_end < self.step as f64 / 2.0 {
            return self.most;
        }
        stepped.clamp(self.least, self.most)
    }
}

/// A size, or a dash where it is not known.
pub(super) fn known(kib: Option<u64>) -> String {
    kib.map_or_else(|| "–".to_owned(), size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_use_the_unit_people_use() {
        assert_eq!(size(0), "0 MiB");
        assert_eq!(size(412 * 1024), "412 MiB");
        assert_eq!(size(1023 * 1024), "1,023 MiB");
        assert_eq!(size(GIB), "1.0 GiB");
        assert_eq!(size(2 * GIB), "2.0 GiB");
        assert_eq!(size(1536 * 1024), "1.5 GiB");
        assert_eq!(size(1_500 * GIB), "1,500.0 GiB");
        assert_eq!(size(u64::MAX), "17,592,186,044,416.0 GiB");
    }

    #[test]
    fn mib_are_rounded_and_grouped() {
        assert_eq!(mib(1024 * 1024), "1,024");
        assert_eq!(mib(511), "0");
        assert_eq!(mib(512), "1");
        assert_eq!(mib(1_234_567 * 1024), "1,234,567");
        assert_eq!(mib(u64::MAX), "18,014,398,509,481,983");
    }

    #[test]
    fn a_span_reaches_from_a_sixteenth_to_the_maximum() {
        let span = Span::new(256 * 1024, 256 * 1024);
        assert_eq!((span.least, span.most, span.step), (64, 256, 8));
        let span = Span::new(4 * GIB, 64 * GIB);
        assert_eq!((span.least, span.most, span.step), (4096, 65_536, 256));
    }

    #[test]
    fn a_guest_below_the_usual_least_keeps_its_place() {
        assert_eq!(Span::new(48 * 1024, GIB).least, 48);
        assert_eq!(Span::new(0, GIB).least, 1);
    }

    #[test]
    fn a_tiny_maximum_leaves_no_choice_but_a_sound_span() {
        let span = Span::new(32 * 1024, 32 * 1024);
        assert_eq!((span.least, span.most), (32, 32));
        assert!(!span.is_choice());
        let span = Span::new(0, 0);
        assert_eq!((span.least, span.most), (1, 1));
    }

    #[test]
    fn the_host_itself_keeps_what_its_guests_need() {
        assert_eq!(Span::of_host(768 * 1024, 4 * GIB).least, 512);
        assert_eq!(Span::of_host(300 * 1024, 4 * GIB).least, 300);
        assert_eq!(Span::of_host(32 * GIB, 64 * GIB).least, 4096);
    }

    #[test]
    fn drags_snap_to_steps_and_reach_both_ends() {
        let span = Span::new(GIB, 1000 * 1024);
        assert_eq!(span.step, 16);
        assert_eq!(span.snap(511.0), 512);
        assert_eq!(span.snap(999.0), 1000);
        assert_eq!(span.snap(1e9), 1000);
        assert_eq!(span.snap(-5.0), span.least);
        assert_eq!(span.snap(f64::NAN), span.least);
    }
}
