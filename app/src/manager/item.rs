//! The list model's objects: one per row, the same object for as long as its guest or host is
//! there. News are put into it in place, and it tells the row that shows it.

use std::cell::Ref;
use std::sync::Arc;
use std::time::Instant;

use backend::model::{Guest, GuestState, HypervisorKind};
use gtk::glib;
use gtk::prelude::*;
use gtk::subclass::prelude::*;

use crate::hosts::HostEntry;
use crate::manager::action::GuestAction;
use crate::manager::history::History;
use crate::manager::rows::RowKey;
use crate::manager::words;

/// What a guest's row shows.
#[derive(Debug, Clone)]
pub struct GuestContent {
    /// The guest.
    pub guest: Arc<Guest>,
    /// Whether its host answers; grey and without buttons otherwise.
    pub live: bool,
    /// Whether it is the host itself (Xen's domain 0).
    pub host_itself: bool,
    /// What is being done with it.
    pub pending: Option<GuestAction>,
    /// Whether it was saved when that was begun.
    restoring: bool,
    /// Its processor use.
    pub history: History,
}

impl GuestContent {
    /// A guest as first seen.
    pub fn new(guest: Arc<Guest>, live: bool, kind: Option<HypervisorKind>) -> Self {
        let host_itself = guest.is_host_itself(kind);
        let mut history = History::default();
        if let Some(stats) = &guest.stats {
            history.push(stats.cpu, Instant::now());
        }
        Self {
            guest,
            live,
            host_itself,
            pending: None,
            restoring: false,
            history,
        }
    }

    /// What it is and does, as a line.
    pub fn line(&self) -> String {
        words::guest_line(&self.guest, self.host_itself, self.doing())
    }

    /// The row as a screen reader says it.
    pub fn spoken(&self) -> String {
        words::spoken(&self.guest, self.host_itself, self.doing())
    }

    /// Whether `action` can be done now.
    pub fn allows(&self, action: GuestAction) -> bool {
        (self.live || action == GuestAction::Open)
            && self.pending.is_none()
            && action.applies(&self.guest, self.host_itself)
    }

    fn doing(&self) -> Option<&'static str> {
        match self.pending {
            Some(GuestAction::Start) if self.restoring => Some("restoring its memory"),
            pending => pending.and_then(GuestAction::doing),
        }
    }
}

/// What the head of a host's section shows.
#[derive(Debug, Clone)]
pub struct HostContent {
    /// The host.
    pub entry: HostEntry,
    /// Whether its guests are folded away.
    pub collapsed: bool,
}

/// What a row shows.
#[derive(Debug, Clone)]
pub enum Content {
    /// The head of a host's section.
    Host(HostContent),
    /// A guest.
    Guest(GuestContent),
}

mod imp {
    use std::cell::{OnceCell, RefCell};
    use std::sync::OnceLock;

    use gtk::glib;
    use gtk::glib::subclass::Signal;
    use gtk::subclass::prelude::*;

    use super::{Content, RowKey};

    #[derive(Default)]
    pub struct RowItem {
        pub key: OnceCell<RowKey>,
        pub content: RefCell<Option<Content>>,
    }

    #[glib::object_subclass]
    impl ObjectSubclass for RowItem {
        const NAME: &'static str = "GuesthouseRowItem";
        type Type = super::RowItem;
    }

    impl ObjectImpl for RowItem {
        fn signals() -> &'static [Signal] {
            static SIGNALS: OnceLock<Vec<Signal>> = OnceLock::new();
            SIGNALS.get_or_init(|| vec![Signal::builder("changed").build()])
        }
    }
}

glib::wrapper! {
    /// A row of the list model.
    pub struct RowItem(ObjectSubclass<imp::RowItem>);
}

impl RowItem {
    /// A row for `key`, showing `content`.
    pub fn new(key: RowKey, content: Content) -> Self {
        let item: Self = glib::Object::new();
        item.imp().key.get_or_init(|| key);
        item.imp().content.replace(Some(content));
        item
    }

    /// Which row this is.
    pub fn key(&self) -> Option<RowKey> {
        self.imp().key.get().copied()
    }

    /// What it shows, when it is a guest's.
    pub fn guest(&self) -> Option<Ref<'_, GuestContent>> {
        Ref::filter_map(self.imp().content.borrow(), |content| match content {
            Some(Content::Guest(content)) => Some(content),
            _ => None,
        })
        .ok()
    }

    /// What it shows, when it is a host's.
    pub fn host(&self) -> Option<Ref<'_, HostContent>> {
        Ref::filter_map(self.imp().content.borrow(), |content| match content {
            Some(Content::Host(content)) => Some(content),
            _ => None,
        })
        .ok()
    }

    /// Takes in what is newly known of the guest; `now` dates the figures. Tells the row only when
    /// something changed.
    pub fn update_guest(
        &self,
        guest: &Arc<Guest>,
        live: bool,
        kind: Option<HypervisorKind>,
        now: Instant,
    ) {
        self.change_guest(|content| {
            if Arc::ptr_eq(&content.guest, guest) && content.live == live {
                return false;
            }
            content.guest = guest.clone();
            content.live = live;
            content.host_itself = guest.is_host_itself(kind);
            match &guest.stats {
                Some(stats) => content.history.push(stats.cpu, now),
                None if !guest.state.is_active() => content.history.clear(),
                None => {}
            }
            true
        });
    }

    /// Notes what is being done with the guest.
    pub fn set_pending(&self, pending: Option<GuestAction>) {
        self.change_guest(|content| {
            content.restoring = content.guest.state == GuestState::Saved;
            std::mem::replace(&mut content.pending, pending) != pending
        });
    }

    /// Takes in what is newly known of the host.
    pub fn update_host(&self, entry: &HostEntry, collapsed: bool) {
        let changed = match &mut *self.imp().content.borrow_mut() {
            Some(Content::Host(content)) => {
                let same = Arc::ptr_eq(&content.entry.snapshot, &entry.snapshot)
                    && content.entry.role == entry.role
                    && content.entry.instead_of == entry.instead_of
                    && content.collapsed == collapsed;
                content.entry = entry.clone();
                content.collapsed = collapsed;
                !same
            }
            _ => false,
        };
        if changed {
            self.tell();
        }
    }

    /// Tells the row that shows this to draw itself anew.
    pub fn tell(&self) {
        self.emit_by_name::<()>("changed", &[]);
    }

    /// Calls `draw` when what is shown has changed.
    pub fn connect_changed(&self, draw: impl Fn(&Self) + 'static) -> glib::SignalHandlerId {
        self.connect_local("changed", false, move |values| {
            if let Some(item) = values.first().and_then(|value| value.get::<Self>().ok()) {
                draw(&item);
            }
            None
        })
    }

    /// Applies `change`, which says whether it changed something, then tells the row.
    fn change_guest(&self, change: impl FnOnce(&mut GuestContent) -> bool) {
        let changed = match &mut *self.imp().content.borrow_mut() {
            Some(Content::Guest(content)) => change(content),
            _ => false,
        };
        if changed {
            self.tell();
        }
    }
}
