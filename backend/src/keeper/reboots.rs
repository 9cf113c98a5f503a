//! Guests on their way from one run to the next.
//!
//! libvirt's Xen driver reboots a guest by ending it and starting another run of it. For some seconds
//! the guest is listed as shut off, also after it was told to have started: its events come as
//! "started" before "stopped". What was asked to reboot from here is not taken for off meanwhile.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::listing::Facts;
use crate::model::{GuestId, GuestState};

/// How long a guest gets to shut down its programs, until it is off for the first time.
const PATIENCE: Duration = Duration::from_mins(3);

/// How long after the first sign of its reboot a guest that is off may still come back.
const SETTLE: Duration = Duration::from_mins(1);

#[derive(Debug, Clone, Copy)]
struct Reboot {
    /// The number of the run that ends, where it is known.
    domain_id: Option<u32>,
    /// Until when the guest is waited for.
    until: Instant,
    /// Whether the end of that run, or the next one, was seen.
    begun: bool,
}

/// The guests of one host that were asked to reboot a short while ago. Clones share them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reboots(Arc<Mutex<HashMap<GuestId, Reboot>>>);

impl Reboots {
    /// Notes that the guest, in its run of that number, is asked to reboot.
    pub(crate) fn note(&self, id: GuestId, domain_id: Option<u32>, now: Instant) {
        let reboot = Reboot {
            domain_id,
            until: now + PATIENCE,
            begun: false,
        };
        self.lock().insert(id, reboot);
    }

    /// The guest was not asked after all, or to do something else.
    pub(crate) fn forget(&self, id: GuestId) {
        self.lock().remove(&id);
    }

    /// Whether the guest is waited for.
    pub(crate) fn is_waited_for(&self, id: GuestId, now: Instant) -> bool {
        self.lock()
            .get(&id)
            .is_some_and(|reboot| now < reboot.until)
    }

    /// Corrects what was read of a guest: one that is off and on its way is rebooting.
    pub(super) fn correct(&self, facts: &mut Facts, now: Instant) {
        let mut reboots = self.lock();
        let Some(reboot) = reboots.get_mut(&facts.id) else {
            return;
        };
        if now >= reboot.until {
            return;
        }
        let off = matches!(facts.state, GuestState::Off | GuestState::Unknown);
        let anew = !off && facts.domain_id != reboot.domain_id;
        if (off || anew) && !reboot.begun {
            reboot.begun = true;
            reboot.until = reboot.until.min(now + SETTLE);
        }
        if off {
            facts.state = GuestState::Rebooting;
        }
    }

    /// When the next guest is no longer waited for.
    pub(super) fn next_end(&self) -> Option<Instant> {
        self.lock().values().map(|reboot| reboot.until).min()
    }

    /// Takes the guests that are no longer waited for: what is so with them is to be read.
    pub(super) fn take_ended(&self, now: Instant) -> Vec<GuestId> {
        let mut ended = Vec::new();
        self.lock().retain(|&id, reboot| {
            let waited_for = now < reboot.until;
            if !waited_for {
                ended.push(id);
            }
            waited_for
        });
        ended
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<GuestId, Reboot>> {
        // Only plain changes happen under the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::model::{MemorySize, VcpuCount};

    const ID: GuestId = GuestId(Uuid::from_u128(1));

    /// What the list shows when that is read, so many seconds after `start`.
    fn shown(
        reboots: &Reboots,
        start: Instant,
        seconds: u64,
        state: GuestState,
        domain_id: Option<u32>,
    ) -> GuestState {
        let mut facts = Facts {
            id: ID,
            name: "web".into(),
            domain_id,
            state,
            memory: MemorySize::default(),
            vcpus: VcpuCount::default(),
        };
        reboots.correct(&mut facts, start + Duration::from_secs(seconds));
        facts.state
    }

    use GuestState::{Off, Rebooting, Running};

    #[test]
    fn a_reboot_that_is_told_in_odd_order_never_looks_off() {
        let (reboots, start) = (Reboots::default(), Instant::now());
        reboots.note(ID, Some(3), start);
        let shown = |seconds, state, id| shown(&reboots, start, seconds, state, id);
        assert_eq!(shown(1, Running, Some(3)), Running);
        assert_eq!(shown(9, Off, None), Rebooting);
        // "Started" comes first.
        assert_eq!(shown(11, Running, Some(4)), Running);
        // "Stopped" after it, when the list still has the old run's end.
        assert_eq!(shown(12, Off, None), Rebooting);
        assert_eq!(shown(15, Running, Some(4)), Running);
        // A while later it is over, and off is off.
        assert_eq!(reboots.next_end(), Some(start + Duration::from_secs(69)));
        assert_eq!(shown(69, Off, None), Off);
        assert_eq!(
            reboots.take_ended(start + Duration::from_secs(69)),
            vec![ID]
        );
        assert_eq!(reboots.next_end(), None);
    }

    #[test]
    fn a_guest_that_stays_off_is_off_in_the_end() {
        let (reboots, start) = (Reboots::default(), Instant::now());
        reboots.note(ID, Some(3), start);
        assert_eq!(shown(&reboots, start, 100, Off, None), Rebooting);
        assert_eq!(shown(&reboots, start, 159, Off, None), Rebooting);
        assert_eq!(shown(&reboots, start, 160, Off, None), Off);
        // One that never heeded is not waited for any longer than that.
        reboots.note(ID, Some(3), start);
        assert_eq!(shown(&reboots, start, 179, Running, Some(3)), Running);
        assert_eq!(shown(&reboots, start, 180, Off, None), Off);
    }

    #[test]
    fn what_was_asked_since_counts() {
        let (reboots, start) = (Reboots::default(), Instant::now());
        reboots.note(ID, Some(3), start);
        assert!(reboots.is_waited_for(ID, start));
        reboots.forget(ID);
        assert!(!reboots.is_waited_for(ID, start));
        assert_eq!(shown(&reboots, start, 1, Off, None), Off);
    }
}
