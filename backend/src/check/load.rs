//! How much of the host is given to its guests.

use super::line::{Line, Topic};
use crate::error::Result;
use crate::install::amount;
use crate::link::Link;
use crate::listing::{self, Facts};
use crate::model::GuestState;

/// More processors than this for each of the host's, and guests wait for each other.
const CROWDED: u64 = 4;

/// What is given to guests that run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Load {
    /// Guests that run, without a domain 0.
    guests: usize,
    /// Whether there is a domain 0.
    domain_0: bool,
    /// What they have of memory, in KiB, a domain 0 included.
    memory_kib: u64,
    /// What they may grow to.
    maximum_kib: u64,
    /// What the host has.
    host_kib: u64,
    /// Their processors.
    vcpus: u64,
    /// The host's.
    cpus: u64,
}

/// Asks the host. Blocks.
pub(super) fn read(link: &Link, own: bool) -> Result<Load> {
    let node = link.connect().node_info()?;
    let mut listing = listing::list(link, own)?;
    for id in listing.incomplete {
        // One that vanished meanwhile is no reason to know nothing.
        let looked = link
            .domain(id)
            .and_then(|domain| listing::look_at(&domain, listing.bulk));
        if let Ok((facts, _)) = looked
            && let Some(place) = listing.guests.iter_mut().find(|guest| guest.id == id)
        {
            *place = facts;
        }
    }
    Ok(sum(&listing.guests, node.memory, u64::from(node.cpus)))
}

fn sum(guests: &[Facts], host_kib: u64, cpus: u64) -> Load {
    let mut load = Load {
        host_kib,
        cpus,
        ..Load::default()
    };
    for guest in guests {
        if matches!(guest.state, GuestState::Off | GuestState::Crashed) {
            continue;
        }
        load.memory_kib = load.memory_kib.saturating_add(guest.memory.current_kib);
        // A domain 0 has the number 0; its maximum says nothing.
        if guest.domain_id == Some(0) {
            load.domain_0 = true;
            load.maximum_kib = load.maximum_kib.saturating_add(guest.memory.current_kib);
            continue;
        }
        load.guests += 1;
        load.maximum_kib = load.maximum_kib.saturating_add(guest.memory.maximum_kib);
        load.vcpus = load.vcpus.saturating_add(u64::from(guest.vcpus.current));
    }
    load
}

/// "The guest that runs has", "The 3 guests that run have".
fn who(guests: usize) -> String {
    if guests == 1 {
        "The guest that runs has".to_owned()
    } else {
        format!("The {guests} guests that run have")
    }
}

/// Memory, in a sentence.
pub(super) fn memory(load: &Load) -> Line {
    let topic = Topic::Memory;
    let kib = |kib: u64| amount(kib.saturating_mul(1024));
    let host = kib(load.host_kib);
    if load.guests == 0 {
        return Line::good(
            topic,
            format!("No guest runs; the host has {host} of memory."),
        );
    }
    let with_domain_0 = if load.domain_0 {
        ", with domain 0,"
    } else {
        ""
    };
    let given = format!(
        "{}{with_domain_0} {} of the host's {host} of memory",
        who(load.guests),
        kib(load.memory_kib)
    );
    if load.memory_kib > load.host_kib {
        return Line::problem(topic, format!("{given}: more than it has."))
            .with_advice("Give some guests less, or shut some down, before the host gets slow.");
    }
    if load.maximum_kib > load.host_kib {
        return Line::note(
            topic,
            format!(
                "{given}, and may grow to {}: more than it has.",
                kib(load.maximum_kib)
            ),
        )
        .with_advice("A guest without a balloon driver uses its maximum from the start.");
    }
    Line::good(topic, format!("{given}."))
}

/// Processors, in a sentence.
pub(super) fn processors(load: &Load) -> Line {
    let topic = Topic::Processors;
    let host = match load.cpus {
        1 => "one processor".to_owned(),
        cpus => format!("{cpus} processors"),
    };
    if load.guests == 0 {
        return Line::good(topic, format!("No guest runs; the host has {host}."));
    }
    let vcpus = match load.vcpus {
        1 => "one vCPU".to_owned(),
        vcpus => format!("{vcpus} vCPUs"),
    };
    let given = format!("{} {vcpus} on the host's {host}", who(load.guests));
    if load.vcpus > load.cpus.saturating_mul(CROWDED) {
        return Line::note(
            topic,
            format!("{given}: when many of them work, they wait for each other."),
        )
        .with_advice("Give guests that have more than they use fewer vCPUs.");
    }
    if load.vcpus > load.cpus {
        return Line::good(topic, format!("{given}, which they share."));
    }
    Line::good(topic, format!("{given}."))
}

#[cfg(test)]
mod tests {
    use super::super::line::Verdict;
    use super::*;
    use crate::model::{GuestId, MemorySize, VcpuCount};

    const GIB: u64 = 1 << 20;

    fn guest(number: u32, current: u64, maximum: u64, vcpus: u32) -> Facts {
        Facts {
            id: GuestId(uuid::Uuid::from_u128(u128::from(number))),
            name: format!("g{number}"),
            domain_id: Some(number),
            state: GuestState::Running,
            memory: MemorySize {
                current_kib: current * GIB,
                maximum_kib: maximum * GIB,
            },
            vcpus: VcpuCount {
                current: vcpus,
                maximum: vcpus,
            },
        }
    }

    #[test]
    fn what_runs_is_counted_and_domain_0_is_no_guest() {
        let mut off = guest(3, 100, 100, 100);
        off.state = GuestState::Off;
        let all = [
            guest(0, 1, u64::MAX / GIB, 4),
            guest(1, 2, 4, 2),
            guest(2, 2, 2, 1),
            off,
        ];
        let load = sum(&all, 16 * GIB, 4);
        assert_eq!(
            load,
            Load {
                guests: 2,
                domain_0: true,
                memory_kib: 5 * GIB,
                maximum_kib: 7 * GIB,
                host_kib: 16 * GIB,
                vcpus: 3,
                cpus: 4,
            }
        );
        assert_eq!(memory(&load).verdict, Verdict::Good);
        assert_eq!(
            memory(&load).message,
            "The 2 guests that run have, with domain 0, 5.0 GiB of the host's 16.0 GiB of memory."
        );
        assert_eq!(processors(&load).verdict, Verdict::Good);
    }

    #[test]
    fn more_than_there_is_is_told() {
        let of = |guests: &[Facts]| sum(guests, 4 * GIB, 2);
        let grows = of(&[guest(1, 3, 6, 3)]);
        assert_eq!(memory(&grows).verdict, Verdict::Note);
        assert!(memory(&grows).message.contains("6.0 GiB"));
        assert!(processors(&grows).message.contains("share"));
        let full = of(&[guest(1, 3, 3, 6), guest(2, 3, 3, 6)]);
        assert_eq!(memory(&full).verdict, Verdict::Problem);
        assert_eq!(processors(&full).verdict, Verdict::Note);
        let idle = of(&[]);
        assert_eq!(memory(&idle).verdict, Verdict::Good);
        assert_eq!(processors(&idle).verdict, Verdict::Good);
    }
}
