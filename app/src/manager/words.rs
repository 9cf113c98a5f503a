//! Figures and states in words. Pure functions, so that what people read is tested.

use std::time::{Duration, SystemTime};

use backend::model::{
    Guest, GuestState, HostInfo, HostSnapshot, HostState, HypervisorKind, VirtualizationType,
};
use gtk::glib;

/// Stands between the parts of a line.
pub const SEPARATOR: &str = " · ";

const KIB_PER_MIB: u64 = 1024;
const KIB_PER_GIB: u64 = 1024 * 1024;

/// A number with one decimal, or none where that is nothing.
fn short(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0")
        .map_or_else(|| text.clone(), str::to_owned)
}

/// Whether an amount reads better in MiB.
fn is_small(kib: u64) -> bool {
    kib < KIB_PER_GIB
}

fn number(kib: u64, small: bool) -> String {
    if small {
        short((kib as f64 / KIB_PER_MIB as f64).round())
    } else {
        short(kib as f64 / KIB_PER_GIB as f64)
    }
}

/// An amount of memory: "768 MiB", "1.5 GiB".
pub fn memory(kib: u64) -> String {
    let small = is_small(kib);
    format!(
        "{} {}",
        number(kib, small),
        if small { "MiB" } else { "GiB" }
    )
}

/// A part of an amount of memory: "1.2 of 4 GiB", "512 MiB of 4 GiB"; the whole alone where both
/// are the same.
pub fn memory_of(part: u64, whole: u64) -> String {
    if part == whole {
        memory(whole)
    } else if is_small(part) == is_small(whole) || part == 0 {
        format!("{} of {}", number(part, is_small(whole)), memory(whole))
    } else {
        format!("{} of {}", memory(part), memory(whole))
    }
}

/// A count with its noun: "1 CPU", "16 CPUs".
pub fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// A share from 0 to 1 as a percentage: "12 %".
pub fn percent(share: f64) -> String {
    format!("{} %", (share.clamp(0.0, 1.0) * 100.0).round() as u32)
}

/// The hypervisor as people call it.
fn hypervisor(info: &HostInfo) -> String {
    match info.kind {
        HypervisorKind::Qemu if !info.capabilities.virtualization.is_empty() => {
            if info
                .capabilities
                .virtualization
                .contains(&VirtualizationType::Kvm)
            {
                "QEMU/KVM".to_owned()
            } else {
                "QEMU without KVM".to_owned()
            }
        }
        HypervisorKind::Test => "Test driver".to_owned(),
        _ => info.hypervisor.clone(),
    }
}

/// What a host has and has given away: "QEMU/KVM · 16 CPUs · 23 of 64 GiB given · 5 running". What
/// the host itself has on Xen is given, but it is none of its guests.
pub fn capacity(info: &HostInfo, guests: &[std::sync::Arc<Guest>]) -> String {
    let active = || guests.iter().filter(|guest| guest.state.is_active());
    let is_guest = |guest: &&std::sync::Arc<Guest>| !guest.is_host_itself(Some(info.kind));
    let given = active().fold(0_u64, |given, guest| {
        given.saturating_add(guest.memory.current_kib)
    });
    let running = active().filter(is_guest).count();
    let all = guests.iter().filter(is_guest).count();
    let mut parts = vec![hypervisor(info)];
    if info.session {
        // What tells it from this machine's own, which has the same name.
        parts.push("your session".to_owned());
    }
    parts.push(count(info.cpus as usize, "CPU", "CPUs"));
    if info.memory_kib > 0 {
        parts.push(if given > 0 {
            format!("{} given", memory_of(given, info.memory_kib))
        } else {
            memory(info.memory_kib)
        });
    }
    parts.push(if all == 0 {
        "no guests".to_owned()
    } else if running == 0 {
        format!("{}, none running", count(all, "guest", "guests"))
    } else {
        format!("{running} running")
    });
    parts.join(SEPARATOR)
}

/// The line beside a host's name.
pub fn host_line(snapshot: &HostSnapshot) -> String {
    match &snapshot.state {
        HostState::Connecting => "connecting…".to_owned(),
        HostState::Connected => snapshot
            .info
            .as_ref()
            .map_or_else(String::new, |info| capacity(info, &snapshot.guests)),
        HostState::NotAnswering { since } => with_last_seen(
            &format!("not answering for {}", age(since.elapsed())),
            snapshot,
        ),
        HostState::Failed { .. } => with_last_seen("not connected", snapshot),
        HostState::Closed => with_last_seen("disconnected", snapshot),
    }
}

/// The same for screen readers, which would read a line again with each second that it counts.
pub fn spoken_host_line(snapshot: &HostSnapshot) -> String {
    let line = match snapshot.state {
        HostState::NotAnswering { .. } => with_last_seen("not answering", snapshot),
        _ => host_line(snapshot),
    };
    line.replace(SEPARATOR, ", ")
}

fn with_last_seen(state: &str, snapshot: &HostSnapshot) -> String {
    match snapshot.last_heard.and_then(moment) {
        Some(time) => format!("{state}{SEPARATOR}last seen {time}"),
        None => state.to_owned(),
    }
}

/// How long a host has been away, and why where that is known, in sentences; nothing while it is
/// connected.
pub fn absence(snapshot: &HostSnapshot) -> String {
    let seen = snapshot.last_heard.and_then(moment);
    match (&snapshot.state, seen) {
        (HostState::NotAnswering { since }, Some(seen)) => format!(
            "It has not answered for {}; it was last seen at {seen}.",
            age(since.elapsed())
        ),
        (HostState::NotAnswering { since }, None) => {
            format!("It has not answered for {}.", age(since.elapsed()))
        }
        (HostState::Failed { error, .. }, Some(seen)) => {
            format!("{} It was last seen at {seen}.", error.message())
        }
        (HostState::Failed { error, .. }, None) => error.message().to_owned(),
        _ => String::new(),
    }
}

/// A stretch of time in its largest unit: "12 s", "3 min", "2 h", "4 days".
pub fn age(age: Duration) -> String {
    match age.as_secs() {
        seconds @ 0..60 => format!("{seconds} s"),
        seconds @ 60..3_600 => format!("{} min", seconds / 60),
        seconds @ 3_600..86_400 => format!("{} h", seconds / 3_600),
        seconds => count(
            usize::try_from(seconds / 86_400).unwrap_or(usize::MAX),
            "day",
            "days",
        ),
    }
}

/// A moment as the local time of day, with the date unless it is today's: "14:03", "5 Mar 14:03".
fn moment(moment: SystemTime) -> Option<String> {
    let seconds = moment
        .duration_since(SystemTime::UNIX_EPOCH)
        .ok()?
        .as_secs();
    let local = glib::DateTime::from_unix_local(i64::try_from(seconds).ok()?).ok()?;
    let today = glib::DateTime::now_local().ok()?;
    let format = if local.ymd() == today.ymd() {
        "%H:%M"
    } else {
        "%-d %b %H:%M"
    };
    local.format(format).ok().map(Into::into)
}

/// What a guest is and does: "Debian 12 · running". `doing`: what it was just told to do.
pub fn guest_line(guest: &Guest, host_itself: bool, doing: Option<&str>) -> String {
    if host_itself {
        return ["this host itself", &memory(guest.memory.current_kib)].join(SEPARATOR);
    }
    let os = guest
        .details
        .as_ref()
        .and_then(|details| details.os.as_ref())
        .map(|os| os.name.as_str());
    let state = match (doing, guest.state) {
        (Some(doing), _) => doing,
        (None, GuestState::Running) if guest.installing => "installing",
        (None, state) => state.word(),
    };
    match os {
        Some(os) => [os, state].join(SEPARATOR),
        None => state.to_owned(),
    }
}

/// A guest's memory at a glance: what it has of what it can be given.
pub fn guest_memory(guest: &Guest) -> String {
    let (given, most) = guest_memory_kib(guest);
    memory_of(given, most)
}

/// What a guest has and the most it can be given, in KiB; the balloon's word before the list's.
pub fn guest_memory_kib(guest: &Guest) -> (u64, u64) {
    let given = guest
        .stats
        .map(|stats| stats.balloon.actual_kib)
        .filter(|&actual| actual > 0)
        .unwrap_or(guest.memory.current_kib);
    (given, guest.memory.maximum_kib.max(given))
}

/// A guest as a screen reader says it.
pub fn spoken(guest: &Guest, host_itself: bool, doing: Option<&str>) -> String {
    let mut parts = vec![
        guest.name.clone(),
        guest_line(guest, host_itself, doing).replace(SEPARATOR, ", "),
    ];
    if guest.state.is_active() && !host_itself {
        if let Some(stats) = guest.stats {
            parts.push(format!("CPU {}", percent(stats.cpu)));
        }
        parts.push(format!("memory {}", guest_memory(guest)));
    }
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use backend::model::{GuestDetails, HostCapabilities, MemorySize, OsInfo};

    use super::*;
    use crate::manager::testing::guest;

    const GIB: u64 = KIB_PER_GIB;

    #[test]
    fn memory_is_told_in_the_unit_that_suits_it() {
        assert_eq!(memory(0), "0 MiB");
        assert_eq!(memory(768 * 1024), "768 MiB");
        assert_eq!(memory(GIB), "1 GiB");
        assert_eq!(memory(GIB * 3 / 2), "1.5 GiB");
        assert_eq!(memory_of(GIB * 6 / 5, GIB * 4), "1.2 of 4 GiB");
        assert_eq!(memory_of(GIB / 2, GIB * 4), "512 MiB of 4 GiB");
        assert_eq!(memory_of(GIB / 4, GIB / 2), "256 of 512 MiB");
        assert_eq!(memory_of(GIB * 4, GIB * 4), "4 GiB");
    }

    fn info() -> HostInfo {
        HostInfo {
            hostname: "thishost".to_owned(),
            kind: HypervisorKind::Qemu,
            hypervisor: "QEMU 10.0.2".to_owned(),
            libvirt_version: "11.3.0".to_owned(),
            arch: "x86_64".to_owned(),
            cpus: 16,
            memory_kib: 64 * GIB,
            session: false,
            local: true,
            capabilities: HostCapabilities {
                virtualization: vec![VirtualizationType::Kvm, VirtualizationType::Emulation],
                ..HostCapabilities::default()
            },
        }
    }

    #[test]
    fn a_host_tells_its_capacity_in_words() {
        let mut running = guest("a", GuestState::Running);
        running.memory = MemorySize {
            current_kib: 23 * GIB,
            maximum_kib: 30 * GIB,
        };
        let off = guest("b", GuestState::Off);
        let guests = [Arc::new(running), Arc::new(off.clone())];
        assert_eq!(
            capacity(&info(), &guests),
            "QEMU/KVM · 16 CPUs · 23 of 64 GiB given · 1 running"
        );
        assert_eq!(
            capacity(&info(), &[Arc::new(off)]),
            "QEMU/KVM · 16 CPUs · 64 GiB · 1 guest, none running"
        );
        let mut own = info();
        own.session = true;
        assert_eq!(
            capacity(&own, &[]),
            "QEMU/KVM · your session · 16 CPUs · 64 GiB · no guests"
        );
        let mut slow = info();
        slow.cpus = 1;
        slow.capabilities.virtualization = vec![VirtualizationType::Emulation];
        assert_eq!(
            capacity(&slow, &[]),
            "QEMU without KVM · 1 CPU · 64 GiB · no guests"
        );
    }

    #[test]
    fn a_guest_tells_what_it_is_and_does() {
        let mut it = guest("web", GuestState::Running);
        assert_eq!(guest_line(&it, false, None), "running");
        it.details = Some(Arc::new(GuestDetails {
            os: Some(OsInfo {
                id: String::new(),
                name: "Debian 12".to_owned(),
            }),
            ..GuestDetails::default()
        }));
        assert_eq!(guest_line(&it, false, None), "Debian 12 · running");
        assert_eq!(
            guest_line(&it, false, Some("pausing")),
            "Debian 12 · pausing"
        );
        it.installing = true;
        assert_eq!(guest_line(&it, false, None), "Debian 12 · installing");
        it.memory = MemorySize {
            current_kib: GIB,
            maximum_kib: 4 * GIB,
        };
        assert_eq!(
            spoken(&it, false, None),
            "web, Debian 12, installing, memory 1 of 4 GiB"
        );
    }

    #[test]
    fn domain_0_is_the_host_itself() {
        let mut it = guest("Domain-0", GuestState::Running);
        it.domain_id = Some(0);
        it.memory = MemorySize {
            current_kib: 768 * 1024,
            maximum_kib: GIB,
        };
        assert!(it.is_host_itself(Some(HypervisorKind::Xen)));
        assert!(!it.is_host_itself(Some(HypervisorKind::Qemu)));
        assert_eq!(guest_line(&it, true, None), "this host itself · 768 MiB");
        let mut xen = info();
        xen.kind = HypervisorKind::Xen;
        xen.hypervisor = "Xen 4.17.0".to_owned();
        let line = capacity(&xen, &[Arc::new(it)]);
        assert_eq!(
            line,
            "Xen 4.17.0 · 16 CPUs · 768 MiB of 64 GiB given · no guests"
        );
    }

    #[test]
    fn a_host_that_is_away_tells_since_when() {
        let snapshot = |state, last_heard| HostSnapshot {
            generation: 1,
            uri: "qemu+ssh://far/system".to_owned(),
            state,
            info: None,
            guests: Arc::new([]),
            traits_known: false,
            last_heard,
        };
        let silent = || HostState::NotAnswering {
            since: std::time::Instant::now(),
        };
        let failed = || HostState::Failed {
            error: backend::Error::new(backend::ErrorKind::Unreachable, "It cannot be reached."),
            retry_at: None,
        };
        let never = snapshot(silent(), None);
        assert_eq!(host_line(&never), "not answering for 0 s");
        assert_eq!(spoken_host_line(&never), "not answering");
        assert_eq!(absence(&never), "It has not answered for 0 s.");

        let now = SystemTime::now();
        let time = moment(now).unwrap();
        assert_eq!(time.len(), "14:03".len(), "{time}");
        let once = snapshot(silent(), Some(now));
        assert!(host_line(&once).starts_with("not answering for 0 s · last seen "));
        assert!(spoken_host_line(&once).starts_with("not answering, last seen "));
        assert!(absence(&once).starts_with("It has not answered for 0 s; it was last seen at "));
        let lost = snapshot(failed(), Some(now));
        assert!(host_line(&lost).starts_with("not connected · last seen "));
        assert!(absence(&lost).starts_with("It cannot be reached. It was last seen at "));

        let long_ago = now - Duration::from_hours(100);
        assert!(
            moment(long_ago).unwrap().len() > time.len(),
            "the day is told"
        );
    }

    #[test]
    fn ages_are_told_in_their_largest_unit() {
        for (seconds, words) in [
            (0, "0 s"),
            (59, "59 s"),
            (61, "1 min"),
            (7_300, "2 h"),
            (90_000, "1 day"),
            (200_000, "2 days"),
        ] {
            assert_eq!(age(Duration::from_secs(seconds)), words);
        }
    }
}
