//! Figures of running guests: CPU and balloon, in one call where the driver can, else guest by
//! guest (Xen).

use std::time::Instant;

use virt_sys as sys;

use crate::error::{ErrorKind, Result};
use crate::ffi::stats::{self, Record};
use crate::link::Link;
use crate::listing::NOWAIT;
use crate::model::{BalloonReading, GuestId, GuestStats};

const GROUPS: u32 = sys::VIR_DOMAIN_STATS_STATE
    | sys::VIR_DOMAIN_STATS_CPU_TOTAL
    | sys::VIR_DOMAIN_STATS_BALLOON
    | sys::VIR_DOMAIN_STATS_VCPU;

/// Shares finer than this are noise to whoever looks at a list, and would redraw it every second.
const SHARE_STEP: f64 = 0.01;

/// One reading of a guest's figures.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Reading {
    at: Instant,
    /// Processor time used since the guest started, in nanoseconds.
    cpu_ns: u64,
    vcpus: u32,
    balloon: BalloonReading,
}

impl Reading {
    /// Figures out of this reading and the one before.
    pub(crate) fn since(&self, before: Option<&Self>) -> GuestStats {
        GuestStats {
            cpu: before.map_or(0.0, |before| self.share_since(before)),
            balloon: self.balloon,
        }
    }

    fn share_since(&self, before: &Self) -> f64 {
        let elapsed = self.at.saturating_duration_since(before.at).as_nanos() as f64;
        let available = elapsed * f64::from(self.vcpus.max(1));
        // A guest that was restarted counts from nothing again.
        let used = self.cpu_ns.saturating_sub(before.cpu_ns) as f64;
        if available <= 0.0 {
            return 0.0;
        }
        let share = (used / available).clamp(0.0, 1.0);
        (share / SHARE_STEP).round() * SHARE_STEP
    }
}

/// Reads the figures of all running guests; `running` names them for drivers without a bulk call.
/// Blocks.
///
/// # Errors
/// As libvirt says. A guest that stopped meanwhile is left out.
pub(crate) fn read(
    link: &Link,
    bulk: bool,
    running: &[GuestId],
) -> Result<Vec<(GuestId, Reading)>> {
    if bulk {
        let flags = NOWAIT | sys::VIR_CONNECT_GET_ALL_DOMAINS_STATS_ACTIVE;
        let records = stats::all(link.connect(), GROUPS, flags)?;
        let at = Instant::now();
        let with_figures = records
            .into_iter()
            .filter_map(|(id, record)| Some((id, from_record(&record, at)?)))
            .collect::<Vec<_>>();
        // The test driver has the call and no figures in it.
        if !with_figures.is_empty() {
            return Ok(with_figures);
        }
    }
    let mut readings = Vec::with_capacity(running.len());
    for &id in running {
        match read_one(link, id) {
            Ok(reading) => readings.push((id, reading)),
            Err(error) if error.kind() == ErrorKind::Disconnected => return Err(error),
            Err(error) => tracing::debug!(guest = %id.0, %error, "no figures"),
        }
    }
    Ok(readings)
}

fn read_one(link: &Link, id: GuestId) -> Result<Reading> {
    let domain = link.domain(id)?;
    let info = domain.info()?;
    let balloon = domain
        .memory_stats(0)
        .map(|stats| balloon_from_stats(&stats))
        .unwrap_or_default();
    Ok(Reading {
        at: Instant::now(),
        cpu_ns: info.cpu_time,
        vcpus: info.nr_virt_cpu,
        balloon: BalloonReading {
            actual_kib: if balloon.actual_kib > 0 {
                balloon.actual_kib
            } else {
                info.memory
            },
            ..balloon
        },
    })
}

fn from_record(record: &Record, at: Instant) -> Option<Reading> {
    let vcpus = record
        .get("vcpu.current")
        .and_then(|count| u32::try_from(count).ok())
        .unwrap_or(1);
    Some(Reading {
        at,
        cpu_ns: record.get("cpu.time")?,
        vcpus,
        balloon: BalloonReading {
            actual_kib: record.get("balloon.current").unwrap_or_default(),
            available_kib: record.get("balloon.available"),
            usable_kib: record.get("balloon.usable"),
            unused_kib: record.get("balloon.unused"),
            last_update: record.get("balloon.last-update"),
        },
    })
}

/// From `virDomainMemoryStats`.
pub(crate) fn balloon_from_stats(stats: &[virt::domain::MemoryStat]) -> BalloonReading {
    let mut reading = BalloonReading::default();
    for stat in stats {
        match stat.tag {
            sys::VIR_DOMAIN_MEMORY_STAT_ACTUAL_BALLOON => reading.actual_kib = stat.val,
            sys::VIR_DOMAIN_MEMORY_STAT_AVAILABLE => reading.available_kib = Some(stat.val),
            sys::VIR_DOMAIN_MEMORY_STAT_USABLE => reading.usable_kib = Some(stat.val),
            sys::VIR_DOMAIN_MEMORY_STAT_UNUSED => reading.unused_kib = Some(stat.val),
            sys::VIR_DOMAIN_MEMORY_STAT_LAST_UPDATE => reading.last_update = Some(stat.val),
            _ => {}
        }
    }
    reading
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn reading(at: Instant, cpu_ns: u64, vcpus: u32) -> Reading {
        Reading {
            at,
            cpu_ns,
            vcpus,
            balloon: BalloonReading::default(),
        }
    }

    #[test]
    fn the_share_is_that_of_all_processors() {
        let start = Instant::now();
        let before = reading(start, 1_000_000_000, 2);
        let after = reading(start + Duration::from_secs(1), 2_000_000_000, 2);
        assert!((after.since(Some(&before)).cpu - 0.5).abs() < 1e-9);
        assert!(after.since(None).cpu.abs() < 1e-9);
        // More than everything, or less than nothing, does not exist.
        let busy = reading(start + Duration::from_secs(1), 9_000_000_000, 2);
        assert!((busy.since(Some(&before)).cpu - 1.0).abs() < 1e-9);
        let restarted = reading(start + Duration::from_secs(1), 5, 2);
        assert!(restarted.since(Some(&before)).cpu.abs() < 1e-9);
        assert!(before.since(Some(&before)).cpu.abs() < 1e-9);
    }
}
