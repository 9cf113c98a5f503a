//! The table of a host's guests: what was read is merged into it, and it says what changed.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use crate::listing::{Facts, Traits};
use crate::model::name_order::compare;
use crate::model::{Guest, GuestId, GuestState, GuestStats};
use crate::xml::domain::DomainView;

/// The order in which readings began. A reading that began earlier never overwrites one that began
/// later.
pub(crate) type Moment = u64;

/// Everything one look at a guest may bring.
#[derive(Debug, Default)]
pub(crate) struct Look {
    pub(super) facts: Option<(Facts, Traits)>,
    pub(super) definition: Option<DomainView>,
}

#[derive(Debug)]
struct Row {
    guest: Arc<Guest>,
    facts_at: Moment,
    definition_at: Moment,
    /// Off with its memory saved; the state libvirt tells does not say so.
    saved: bool,
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Guests {
    rows: BTreeMap<GuestId, Row>,
}

impl Guests {
    /// Takes a whole list; guests not on it are gone. Returns whether anything changed.
    pub(super) fn take_list(&mut self, list: Vec<Facts>, moment: Moment) -> bool {
        let present: HashSet<GuestId> = list.iter().map(|facts| facts.id).collect();
        let before = self.rows.len();
        self.rows
            .retain(|id, row| present.contains(id) || row.facts_at > moment);
        let mut changed = self.rows.len() != before;
        for facts in list {
            changed |= self.take_facts(facts, None, moment);
        }
        changed
    }

    /// Takes the traits of all guests.
    pub(super) fn take_traits(
        &mut self,
        traits: &HashMap<GuestId, Traits>,
        moment: Moment,
    ) -> bool {
        let mut changed = false;
        for (id, row) in &mut self.rows {
            if row.facts_at <= moment {
                let traits = traits.get(id).copied().unwrap_or_default();
                changed |= row.change(|guest, saved| set_traits(guest, saved, traits));
            }
        }
        changed
    }

    /// Takes one look at a guest.
    pub(super) fn take_look(&mut self, id: GuestId, look: Look, moment: Moment) -> bool {
        let mut changed = false;
        if let Some((facts, traits)) = look.facts {
            changed |= self.take_facts(facts, Some(traits), moment);
        }
        if let Some(definition) = look.definition
            && let Some(row) = self.rows.get_mut(&id)
            && row.definition_at <= moment
        {
            row.definition_at = moment;
            changed |= row.change(|guest, _| {
                guest.installing = definition.installing;
                if guest.details.as_deref() != Some(&definition.details) {
                    guest.details = Some(Arc::new(definition.details));
                }
            });
        }
        changed
    }

    /// The guest is gone.
    pub(super) fn remove(&mut self, id: GuestId, moment: Moment) -> bool {
        match self.rows.get(&id) {
            Some(row) if row.facts_at <= moment => self.rows.remove(&id).is_some(),
            _ => false,
        }
    }

    /// Takes figures; guests without are without figures from now on.
    pub(super) fn take_stats(&mut self, figures: &HashMap<GuestId, GuestStats>) -> bool {
        let mut changed = false;
        for (id, row) in &mut self.rows {
            let new = figures
                .get(id)
                .filter(|_| row.guest.state.is_active())
                .copied();
            changed |= row.change(|guest, _| {
                if let Some(stats) = new
                    && stats.balloon.actual_kib > 0
                {
                    guest.memory.current_kib = stats.balloon.actual_kib;
                }
                let same = match (guest.stats, new) {
                    (Some(old), Some(new)) => same_figures(old, new),
                    (old, new) => old == new,
                };
                if !same {
                    guest.stats = new;
                }
            });
        }
        changed
    }

    /// Identities of all guests.
    pub(super) fn ids(&self) -> impl Iterator<Item = GuestId> {
        self.rows.keys().copied()
    }

    /// The guest with that identity.
    pub(super) fn get(&self, id: GuestId) -> Option<&Guest> {
        self.rows.get(&id).map(|row| &*row.guest)
    }

    /// All guests by name.
    pub(super) fn sorted(&self) -> Arc<[Arc<Guest>]> {
        let mut guests: Vec<Arc<Guest>> = self.rows.values().map(|row| row.guest.clone()).collect();
        guests.sort_unstable_by(|a, b| compare(&a.name, &b.name).then(a.id.cmp(&b.id)));
        guests.into()
    }

    fn take_facts(&mut self, facts: Facts, traits: Option<Traits>, moment: Moment) -> bool {
        let Some(row) = self.rows.get_mut(&facts.id) else {
            let mut row = Row {
                guest: Arc::new(new_guest(facts)),
                facts_at: moment,
                definition_at: 0,
                saved: false,
            };
            if let Some(traits) = traits {
                row.change(|guest, saved| set_traits(guest, saved, traits));
            }
            self.rows.insert(row.guest.id, row);
            return true;
        };
        if row.facts_at > moment {
            return false;
        }
        row.facts_at = moment;
        row.change(|guest, saved| {
            guest.name = facts.name;
            guest.domain_id = facts.domain_id;
            guest.state = facts.state;
            if facts.memory.maximum_kib > 0 {
                guest.memory = facts.memory;
            }
            if facts.vcpus.maximum > 0 {
                guest.vcpus = facts.vcpus;
            }
            if facts.state.is_active() {
                *saved = false;
            } else {
                guest.stats = None;
            }
            match traits {
                Some(traits) => set_traits(guest, saved, traits),
                None if *saved && guest.state == GuestState::Off => {
                    guest.state = GuestState::Saved;
                }
                None => {}
            }
        })
    }
}

impl Row {
    /// Changes the guest and keeps the old one where the outcome is the same.
    fn change(&mut self, change: impl FnOnce(&mut Guest, &mut bool)) -> bool {
        let mut guest = Guest::clone(&self.guest);
        change(&mut guest, &mut self.saved);
        if guest == *self.guest {
            return false;
        }
        self.guest = Arc::new(guest);
        true
    }
}

fn set_traits(guest: &mut Guest, saved: &mut bool, traits: Traits) {
    guest.persistent = traits.persistent;
    guest.autostart = traits.autostart;
    *saved = traits.saved;
    guest.state = match guest.state {
        GuestState::Off if traits.saved => GuestState::Saved,
        GuestState::Saved if !traits.saved => GuestState::Off,
        state => state,
    };
}

/// Whether figures differ in nothing anybody looks at: when the guest reported does not count.
fn same_figures(old: GuestStats, mut new: GuestStats) -> bool {
    new.balloon.last_update = old.balloon.last_update;
    old == new
}

fn new_guest(facts: Facts) -> Guest {
    Guest {
        id: facts.id,
        name: facts.name,
        domain_id: facts.domain_id,
        state: facts.state,
        // Most are; the traits say otherwise a moment later.
        persistent: true,
        autostart: false,
        memory: facts.memory,
        vcpus: facts.vcpus,
        stats: None,
        details: None,
        installing: false,
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::model::{BalloonReading, MemorySize, VcpuCount};

    fn facts(number: u128, name: &str, state: GuestState) -> Facts {
        Facts {
            id: GuestId(Uuid::from_u128(number)),
            name: name.into(),
            domain_id: None,
            state,
            memory: MemorySize {
                current_kib: 1024,
                maximum_kib: 2048,
            },
            vcpus: VcpuCount {
                current: 1,
                maximum: 2,
            },
        }
    }

    const SAVED: Traits = Traits {
        persistent: true,
        autostart: false,
        saved: true,
    };

    #[test]
    fn the_same_list_again_changes_nothing() {
        let mut guests = Guests::default();
        let list = || {
            vec![
                facts(1, "b", GuestState::Off),
                facts(2, "a", GuestState::Running),
            ]
        };
        assert!(guests.take_list(list(), 1));
        let first = guests.sorted();
        assert_eq!(first[0].name, "a");
        assert!(!guests.take_list(list(), 2));
        assert!(Arc::ptr_eq(&first[0], &guests.sorted()[0]));
        assert!(guests.take_list(list().split_off(1), 3));
        assert_eq!(guests.sorted().len(), 1);
    }

    #[test]
    fn a_reading_that_began_earlier_does_not_count() {
        let mut guests = Guests::default();
        guests.take_list(vec![facts(1, "a", GuestState::Off)], 1);
        let id = GuestId(Uuid::from_u128(1));
        let look = |state| Look {
            facts: Some((facts(1, "a", state), Traits::default())),
            definition: None,
        };
        assert!(guests.take_look(id, look(GuestState::Running), 5));
        assert!(!guests.take_look(id, look(GuestState::Off), 4));
        assert_eq!(guests.get(id).unwrap().state, GuestState::Running);
        assert!(!guests.remove(id, 4));
        // A list that began before the guest appeared does not remove it.
        guests.take_list(Vec::new(), 4);
        assert!(guests.get(id).is_some());
        assert!(guests.remove(id, 6));
    }

    #[test]
    fn a_saved_guest_is_saved_until_it_runs() {
        let mut guests = Guests::default();
        let id = GuestId(Uuid::from_u128(1));
        guests.take_list(vec![facts(1, "a", GuestState::Off)], 1);
        assert!(guests.take_traits(&HashMap::from([(id, SAVED)]), 1));
        assert_eq!(guests.get(id).unwrap().state, GuestState::Saved);
        assert!(!guests.take_list(vec![facts(1, "a", GuestState::Off)], 2));
        guests.take_list(vec![facts(1, "a", GuestState::Running)], 3);
        guests.take_list(vec![facts(1, "a", GuestState::Off)], 4);
        assert_eq!(guests.get(id).unwrap().state, GuestState::Off);
    }

    #[test]
    fn when_a_guest_reported_is_no_change() {
        let mut guests = Guests::default();
        let id = GuestId(Uuid::from_u128(1));
        guests.take_list(vec![facts(1, "a", GuestState::Running)], 1);
        let figures = |cpu, last_update| {
            let balloon = BalloonReading {
                actual_kib: 1024,
                last_update: Some(last_update),
                ..BalloonReading::default()
            };
            HashMap::from([(id, GuestStats { cpu, balloon })])
        };
        assert!(guests.take_stats(&figures(0.5, 1)));
        assert!(!guests.take_stats(&figures(0.5, 2)));
        assert!(guests.take_stats(&figures(0.6, 2)));
        assert!(guests.take_stats(&HashMap::new()));
        assert_eq!(guests.get(id).unwrap().stats, None);
    }
}
