//! Domain events: what libvirt reports, as plain data, and the loop that carries it.

pub(crate) mod event_loop;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, OnceLock, PoisonError};

use crate::error::{Error, ErrorKind, Result};
use crate::ffi::event_impl;
use crate::model::GuestId;
use event_loop::EventLoop;

/// Starts libvirt's event loop, once per process. Must come before the first connection.
///
/// # Errors
/// When the process may open no more files or start no more threads.
pub(crate) fn ensure_running() -> Result<()> {
    static STARTED: OnceLock<Result<()>> = OnceLock::new();
    STARTED
        .get_or_init(|| {
            let failed = |error: std::io::Error| {
                Error::new(
                    ErrorKind::Hypervisor,
                    "The program could not start listening to hypervisors.",
                )
                .with_detail(error.to_string())
            };
            // Errors are returned; libvirt need not print them as well.
            virt::error::clear_error_callback();
            let events: &'static EventLoop = Box::leak(Box::new(EventLoop::new().map_err(failed)?));
            event_impl::register(events);
            std::thread::Builder::new()
                .name("libvirt-events".into())
                .spawn(move || events.run())
                .map_err(failed)?;
            Ok(())
        })
        .clone()
}

/// Classes of events that are listened to, each registered by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EventClass {
    Lifecycle,
    Reboot,
    Balloon,
    DeviceAdded,
    DeviceRemoved,
    Metadata,
    Wakeup,
    Sleep,
    DiskSleep,
}

impl EventClass {
    /// All but [`Self::Lifecycle`], which is registered first and apart.
    pub(crate) const SECONDARY: [Self; 8] = [
        Self::Reboot,
        Self::Balloon,
        Self::DeviceAdded,
        Self::DeviceRemoved,
        Self::Metadata,
        Self::Wakeup,
        Self::Sleep,
        Self::DiskSleep,
    ];
}

/// Something that happened to a guest, as libvirt reported it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GuestEvent {
    /// The guest.
    pub id: GuestId,
    /// What happened.
    pub happening: Happening,
}

/// What can happen to a guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Happening {
    /// Its state or its existence changed.
    Lifecycle(Lifecycle),
    /// It rebooted without stopping.
    Rebooted,
    /// Its balloon reached another size.
    Balloon {
        /// What the guest has now, in KiB.
        actual_kib: u64,
    },
    /// A device was plugged in or pulled out.
    Devices,
    /// Its title, description or other metadata changed.
    Metadata,
    /// It fell asleep or woke up.
    Power,
}

/// Changes of a guest's state or existence (`virDomainEventType`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Lifecycle {
    /// A definition was added or changed.
    Defined,
    /// The definition was removed.
    Undefined,
    /// It started.
    Started,
    /// It was paused.
    Suspended,
    /// It went on.
    Resumed,
    /// It stopped.
    Stopped(StopReason),
    /// The guest itself shut down; [`Self::Stopped`] follows.
    ShutDown,
    /// It fell asleep by its own power management.
    Slept,
    /// It crashed and is kept for inspection.
    Crashed,
    /// Something this version does not know.
    Other,
}

/// Why a guest stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopReason {
    /// It shut down by itself, or rebooted where rebooting means stopping.
    ShutDown,
    /// The plug was pulled.
    Destroyed,
    /// It crashed.
    Crashed,
    /// It moved to another host.
    Migrated,
    /// Its memory was saved.
    Saved,
    /// The hypervisor failed.
    Failed,
    /// It went back to a snapshot.
    FromSnapshot,
    /// Something this version does not know.
    Other,
}

impl Lifecycle {
    /// From libvirt's numbers (`virDomainEventType` and its detail).
    pub(crate) fn from_libvirt(event: i32, detail: i32) -> Self {
        match event {
            0 => Self::Defined,
            1 => Self::Undefined,
            2 => Self::Started,
            3 => Self::Suspended,
            4 => Self::Resumed,
            5 => Self::Stopped(match detail {
                0 => StopReason::ShutDown,
                1 => StopReason::Destroyed,
                2 => StopReason::Crashed,
                3 => StopReason::Migrated,
                4 => StopReason::Saved,
                5 => StopReason::Failed,
                6 => StopReason::FromSnapshot,
                _ => StopReason::Other,
            }),
            6 => Self::ShutDown,
            7 => Self::Slept,
            8 => Self::Crashed,
            _ => Self::Other,
        }
    }
}

impl Happening {
    /// Whether what the definition says may have changed, rather than only the state.
    fn touches_definition(self) -> bool {
        match self {
            Self::Lifecycle(change) => !matches!(
                change,
                Lifecycle::Suspended | Lifecycle::Resumed | Lifecycle::Slept | Lifecycle::ShutDown
            ),
            Self::Devices | Self::Metadata => true,
            Self::Rebooted | Self::Balloon { .. } | Self::Power => false,
        }
    }
}

/// Guests to look at again. Filled on the event thread, emptied by the host's keeper; however many
/// events come, it holds each guest once.
#[derive(Debug, Default)]
pub(crate) struct Stale(Mutex<BTreeMap<GuestId, bool>>);

/// What [`Stale`] held.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct StaleGuests {
    /// Guests whose state is to be read.
    pub(crate) state: BTreeSet<GuestId>,
    /// Those among them whose definition is to be read as well.
    pub(crate) definition: BTreeSet<GuestId>,
}

impl Stale {
    /// Notes that something happened to a guest. Returns whether nothing was noted before.
    pub(crate) fn note(&self, id: GuestId, happening: Happening) -> bool {
        let mut guests = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let was_empty = guests.is_empty();
        *guests.entry(id).or_default() |= happening.touches_definition();
        was_empty
    }

    /// Takes everything noted.
    pub(crate) fn take(&self) -> StaleGuests {
        let taken = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        StaleGuests {
            definition: taken
                .iter()
                .filter_map(|(&id, &definition)| definition.then_some(id))
                .collect(),
            state: taken.into_keys().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn many_events_of_a_guest_are_one_refresh() {
        let stale = Stale::default();
        let id = GuestId(Uuid::from_u128(1));
        assert!(stale.note(id, Happening::Balloon { actual_kib: 1 }));
        for actual_kib in 2..100 {
            assert!(!stale.note(id, Happening::Balloon { actual_kib }));
        }
        let taken = stale.take();
        assert_eq!(taken.state, BTreeSet::from([id]));
        assert!(taken.definition.is_empty());
        assert!(stale.note(id, Happening::Metadata));
        stale.note(id, Happening::Power);
        assert_eq!(stale.take().definition, BTreeSet::from([id]));
        assert_eq!(stale.take(), StaleGuests::default());
    }

    #[test]
    fn stopping_says_why() {
        assert_eq!(
            Lifecycle::from_libvirt(5, 0),
            Lifecycle::Stopped(StopReason::ShutDown)
        );
        assert_eq!(
            Lifecycle::from_libvirt(5, 1),
            Lifecycle::Stopped(StopReason::Destroyed)
        );
        assert_eq!(Lifecycle::from_libvirt(77, 0), Lifecycle::Other);
    }
}
