//! The rows as GTK sees them: one flat list store, kept in step with the hosts' snapshots.
//!
//! GTK 4.8 has no section headers, and a tree model would cost a model per host; so the heads of
//! the sections are rows among the others.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Instant;

use backend::model::{HostSnapshot, HostState};
use gtk::gio;

use crate::hosts::{HostEntry, HostId};
use crate::manager::item::{Content, GuestContent, HostContent, RowItem};
use crate::manager::rows::{self, RowKey};
use crate::manager::search::Query;

/// The list of hosts and guests.
#[derive(Debug)]
pub struct GuestList {
    store: gio::ListStore,
    shown: Vec<RowKey>,
    items: HashMap<RowKey, RowItem>,
    hosts: Vec<HostEntry>,
    collapsed: HashSet<HostId>,
    query: Query,
}

impl GuestList {
    /// An empty list.
    pub fn new() -> Self {
        Self {
            store: gio::ListStore::new::<RowItem>(),
            shown: Vec::new(),
            items: HashMap::new(),
            hosts: Vec::new(),
            collapsed: HashSet::new(),
            query: Query::default(),
        }
    }

    /// The model for the view.
    pub fn store(&self) -> &gio::ListStore {
        &self.store
    }

    /// The hosts as last told.
    pub fn hosts(&self) -> &[HostEntry] {
        &self.hosts
    }

    /// The host of that identity.
    pub fn host(&self, id: HostId) -> Option<&HostEntry> {
        self.hosts.iter().find(|entry| entry.id == id)
    }

    /// The row of that identity, shown or not.
    pub fn item(&self, key: RowKey) -> Option<&RowItem> {
        self.items.get(&key)
    }

    /// Whether something is searched for.
    pub fn is_searching(&self) -> bool {
        !self.query.is_empty()
    }

    /// Whether no row is shown.
    pub fn is_empty(&self) -> bool {
        self.shown.is_empty()
    }

    /// The place of the first guest's row.
    pub fn first_guest(&self) -> Option<u32> {
        self.shown
            .iter()
            .position(|key| matches!(key, RowKey::Guest(..)))
            .and_then(|place| u32::try_from(place).ok())
    }

    /// The place of a host's head.
    pub fn place_of_host(&self, id: HostId) -> Option<u32> {
        let place = self.shown.iter().position(|key| *key == RowKey::Host(id))?;
        u32::try_from(place).ok()
    }

    /// Whether the guests of `id` are folded away.
    pub fn is_collapsed(&self, id: HostId) -> bool {
        self.collapsed.contains(&id)
    }

    /// Takes in the hosts as they are now. Only what changed since the last time is touched.
    pub fn set_hosts(&mut self, hosts: Vec<HostEntry>) {
        let now = Instant::now();
        let before = std::mem::replace(&mut self.hosts, hosts);
        for entry in &self.hosts {
            let known = before.iter().find(|known| known.id == entry.id);
            if known.is_some_and(|known| Arc::ptr_eq(&known.snapshot, &entry.snapshot)) {
                continue;
            }
            update_guests(
                &mut self.items,
                entry,
                known.map(|known| &*known.snapshot),
                now,
            );
        }
        if before.iter().any(|known| self.host(known.id).is_none()) {
            let here: HashSet<HostId> = self.hosts.iter().map(|entry| entry.id).collect();
            self.items.retain(|key, _| match key {
                RowKey::Host(id) | RowKey::Guest(id, _) => here.contains(id),
            });
        }
        self.update_heads();
        self.show();
    }

    /// Shows only what answers `query`.
    pub fn set_query(&mut self, query: Query) {
        if self.query != query {
            self.query = query;
            self.show();
        }
    }

    /// Folds the guests of a host away, or shows them again.
    pub fn set_collapsed(&mut self, id: HostId, collapsed: bool) {
        let changed = if collapsed {
            self.collapsed.insert(id)
        } else {
            self.collapsed.remove(&id)
        };
        if changed {
            self.update_heads();
            self.show();
        }
    }

    /// Draws the heads of silent hosts anew, whose age grows. Returns whether there are any.
    pub fn tick(&self) -> bool {
        let mut any = false;
        for entry in &self.hosts {
            if matches!(entry.snapshot.state, HostState::NotAnswering { .. }) {
                any = true;
                if let Some(item) = self.items.get(&RowKey::Host(entry.id)) {
                    item.tell();
                }
            }
        }
        any
    }

    fn update_heads(&mut self) {
        for entry in &self.hosts {
            let collapsed = self.collapsed.contains(&entry.id);
            let key = RowKey::Host(entry.id);
            if let Some(item) = self.items.get(&key) {
                item.update_host(entry, collapsed);
            } else {
                let content = HostContent {
                    entry: entry.clone(),
                    collapsed,
                };
                self.items
                    .insert(key, RowItem::new(key, Content::Host(content)));
            }
        }
    }

    /// Brings the store into step with what is to be shown.
    fn show(&mut self) {
        let wanted = rows::arrange(&self.hosts, &self.query, |id| self.collapsed.contains(&id));
        for splice in rows::splices(&self.shown, &wanted) {
            let added: Vec<RowItem> = wanted[splice.added]
                .iter()
                .filter_map(|key| self.items.get(key).cloned())
                .collect();
            // Both fit: the store itself counts in u32.
            self.store
                .splice(splice.position as u32, splice.removed as u32, &added);
        }
        self.shown = wanted;
    }
}

/// Brings the guests' rows of one host into step with its snapshot.
fn update_guests(
    items: &mut HashMap<RowKey, RowItem>,
    entry: &HostEntry,
    before: Option<&HostSnapshot>,
    now: Instant,
) {
    let snapshot = &entry.snapshot;
    let live = snapshot.state == HostState::Connected;
    let kind = snapshot.info.as_ref().map(|info| info.kind);
    let mut gone: HashSet<_> = before
        .into_iter()
        .flat_map(|before| before.guests.iter().map(|guest| guest.id))
        .collect();
    for guest in snapshot.guests.iter() {
        gone.remove(&guest.id);
        let key = RowKey::Guest(entry.id, guest.id);
        if let Some(item) = items.get(&key) {
            item.update_guest(guest, live, kind, now);
        } else {
            let content = GuestContent::new(guest.clone(), live, kind);
            items.insert(key, RowItem::new(key, Content::Guest(content)));
        }
    }
    for id in gone {
        items.remove(&RowKey::Guest(entry.id, id));
    }
}
