//! Which rows the list has, and how it gets from the old ones to the new ones with the fewest
//! changes, so that selection, focus and scrolling stay where they are.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use backend::model::{Guest, GuestId, HostSnapshot};

use crate::hosts::{HostEntry, HostId};
use crate::manager::search::Query;

/// The identity of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RowKey {
    /// The head of a host's section.
    Host(HostId),
    /// A guest.
    Guest(HostId, GuestId),
}

/// The rows for `hosts`: each host's head, then its guests unless folded away. While something is
/// searched for, folding does not hide hits and hosts without hits are left out.
pub fn arrange(
    hosts: &[HostEntry],
    query: &Query,
    is_collapsed: impl Fn(HostId) -> bool,
) -> Vec<RowKey> {
    let mut rows = Vec::new();
    for entry in hosts {
        let searching = !query.is_empty();
        let head = rows.len();
        rows.push(RowKey::Host(entry.id));
        if searching || !is_collapsed(entry.id) {
            rows.extend(
                in_order(&entry.snapshot)
                    .filter(|guest| query.matches(guest, entry.name()))
                    .map(|guest| RowKey::Guest(entry.id, guest.id)),
            );
        }
        if searching && rows.len() == head + 1 {
            rows.truncate(head);
        }
    }
    rows
}

/// The guests of a host as they are shown: the host itself first, where it is among them.
fn in_order(snapshot: &HostSnapshot) -> impl Iterator<Item = &Arc<Guest>> {
    let kind = snapshot.info.as_deref().map(|info| info.kind);
    let part = move |itself: bool| {
        let guests = snapshot.guests.iter();
        guests.filter(move |guest| guest.is_host_itself(kind) == itself)
    };
    part(true).chain(part(false))
}

/// One change: at `position` (counted after the earlier changes) `removed` rows go, and the rows
/// `added` of the new list come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Splice {
    /// Where.
    pub position: usize,
    /// How many rows go.
    pub removed: usize,
    /// Which rows of the new list come in their place.
    pub added: Range<usize>,
}

/// The changes from `old` to `new`, front to back. Rows that are in both and did not change their
/// order among each other are not touched. Neither list may hold a row twice.
pub fn splices(old: &[RowKey], new: &[RowKey]) -> Vec<Splice> {
    let prefix = old
        .iter()
        .zip(new)
        .take_while(|(old, new)| old == new)
        .count();
    let (old, new) = (&old[prefix..], &new[prefix..]);
    let suffix = old
        .iter()
        .rev()
        .zip(new.iter().rev())
        .take_while(|(old, new)| old == new)
        .count();
    let (old, new) = (&old[..old.len() - suffix], &new[..new.len() - suffix]);

    let places: HashMap<RowKey, usize> = new
        .iter()
        .enumerate()
        .map(|(place, key)| (*key, place))
        .collect();
    // Pairs (place in old, place in new) of the rows in both; those that stay are a longest run of
    // them whose new places grow.
    let common: Vec<(usize, usize)> = old
        .iter()
        .enumerate()
        .filter_map(|(place, key)| places.get(key).map(|&new_place| (place, new_place)))
        .collect();
    let mut staying = longest_growing_run(&common);
    staying.push((old.len(), new.len()));

    let mut result = Vec::new();
    let (mut old_at, mut new_at) = (0, 0);
    for (old_place, new_place) in staying {
        if old_place > old_at || new_place > new_at {
            result.push(Splice {
                position: prefix + new_at,
                removed: old_place - old_at,
                added: prefix + new_at..prefix + new_place,
            });
        }
        (old_at, new_at) = (old_place + 1, new_place + 1);
    }
    result
}

/// A longest subsequence of `pairs` whose second members grow; by patience sorting.
fn longest_growing_run(pairs: &[(usize, usize)]) -> Vec<(usize, usize)> {
    // ends[n]: index of the pair that ends the best run of n + 1 pairs found so far.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(pairs.len());
    for (index, pair) in pairs.iter().enumerate() {
        let length = ends.partition_point(|&end| pairs[end].1 < pair.1);
        before.push(length.checked_sub(1).map(|last| ends[last]));
        if length == ends.len() {
            ends.push(index);
        } else {
            ends[length] = index;
        }
    }
    let mut run = Vec::with_capacity(ends.len());
    let mut at = ends.last().copied();
    while let Some(index) = at {
        run.push(pairs[index]);
        at = before[index];
    }
    run.reverse();
    run
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::manager::testing::{guest, guest_id, host_info};
    use backend::model::{GuestState, HostState, HypervisorKind};

    fn key(number: u128) -> RowKey {
        RowKey::Guest(HostId::default(), guest_id(number))
    }

    fn keys(numbers: &[u128]) -> Vec<RowKey> {
        numbers.iter().copied().map(key).collect()
    }

    fn apply(old: &[RowKey], new: &[RowKey]) -> (Vec<RowKey>, usize) {
        let mut list = old.to_vec();
        let mut touched = 0;
        for splice in splices(old, new) {
            touched += splice.removed + splice.added.len();
            let end = splice.position + splice.removed;
            list.splice(splice.position..end, new[splice.added].iter().copied());
        }
        (list, touched)
    }

    #[test]
    fn only_what_changed_is_touched() {
        for (old, new, touched) in [
            (vec![1, 2, 3], vec![1, 2, 3], 0),
            (vec![], vec![1, 2], 2),
            (vec![1, 2, 3, 4], vec![1, 3, 4], 1),
            (vec![1, 3], vec![1, 2, 3], 1),
            // A guest renamed: it alone moves.
            (vec![1, 2, 3, 4, 5], vec![2, 3, 4, 1, 5], 2),
            (vec![1, 2, 3, 4], vec![9, 2, 8, 4], 4),
        ] {
            let (old, new) = (keys(&old), keys(&new));
            assert_eq!(apply(&old, &new), (new, touched));
        }
    }

    #[test]
    fn domain_0_comes_before_the_guests_it_holds() {
        let mut zero = guest("Domain-0", GuestState::Running);
        zero.domain_id = Some(0);
        let guests = [guest("alpha", GuestState::Off), zero];
        let mut snapshot = HostSnapshot {
            generation: 1,
            uri: "xen:///system".to_owned(),
            state: HostState::Connected,
            info: None,
            guests: guests.map(Arc::new).into(),
            traits_known: true,
            last_heard: None,
        };
        let names = |snapshot: &HostSnapshot| -> Vec<String> {
            in_order(snapshot).map(|guest| guest.name.clone()).collect()
        };
        assert_eq!(names(&snapshot), ["alpha", "Domain-0"]);
        snapshot.info = Some(Arc::new(host_info(HypervisorKind::Xen)));
        assert_eq!(names(&snapshot), ["Domain-0", "alpha"]);
    }

    proptest! {
        #[test]
        fn the_changes_lead_from_the_old_rows_to_the_new_ones(
            old in proptest::sample::subsequence((0..40_u128).collect::<Vec<_>>(), 0..40).prop_shuffle(),
            new in proptest::sample::subsequence((0..40_u128).collect::<Vec<_>>(), 0..40).prop_shuffle(),
        ) {
            let (old, new) = (keys(&old), keys(&new));
            prop_assert_eq!(apply(&old, &new).0, new);
        }

        #[test]
        fn rows_in_the_same_order_are_never_touched(
            old in proptest::sample::subsequence((0..40_u128).collect::<Vec<_>>(), 0..40),
            new in proptest::sample::subsequence((0..40_u128).collect::<Vec<_>>(), 0..40),
        ) {
            let only_one = old.iter().filter(|row| !new.contains(row)).count()
                + new.iter().filter(|row| !old.contains(row)).count();
            let (old, new) = (keys(&old), keys(&new));
            prop_assert_eq!(apply(&old, &new), (new, only_one));
        }
    }
}
