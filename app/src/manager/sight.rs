//! Which rows are in sight: they are filled before they are seen, and no others.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use adw::prelude::*;
use gtk::glib;

use crate::manager::guest_row::{self, GuestRow};
use crate::manager::rows::RowKey;

/// Rows so far outside what is seen are filled too.
const MARGIN: f32 = 120.0;

/// Fills the rows that are about to be seen.
#[derive(Debug, Default)]
pub(super) struct Sight {
    rows: RefCell<Vec<glib::WeakRef<GuestRow>>>,
    /// Something moved since the last look.
    pub(super) stale: Cell<bool>,
    row_height: Cell<i32>,
    seen: RefCell<Vec<RowKey>>,
    telling: Cell<bool>,
}

impl Sight {
    /// The row that shows the guest of that key, if there is one.
    pub(super) fn row_of(&self, key: RowKey) -> Option<GuestRow> {
        let rows = self.rows.borrow();
        let mut rows = rows.iter().filter_map(glib::WeakRef::upgrade);
        rows.find(|row| row.is_mapped() && row.item().and_then(|item| item.key()) == Some(key))
    }

    /// Watches a row that was made.
    pub(super) fn add(&self, row: &GuestRow) {
        self.rows.borrow_mut().push(row.downgrade());
    }

    /// Fills what is in sight and tells about it, if something moved since the last time.
    pub(super) fn look(self: &Rc<Self>, list: &gtk::ListView, on_seen: &Rc<dyn Fn(Vec<RowKey>)>) {
        let height = guest_row::row_height();
        if self.row_height.replace(height) != height {
            for row in self.rows.borrow().iter().filter_map(glib::WeakRef::upgrade) {
                if !row.is_filled() {
                    row.queue_resize();
                }
            }
        }
        if !self.stale.replace(false) {
            return;
        }
        let bottom = list.height() as f32 + MARGIN;
        let mut seen = Vec::new();
        self.rows.borrow_mut().retain(|row| {
            let Some(row) = row.upgrade() else {
                return false;
            };
            let in_sight = row.is_mapped()
                && row.compute_bounds(list).is_some_and(|bounds| {
                    bounds.y() < bottom && bounds.y() + bounds.height() > -MARGIN
                });
            if in_sight {
                row.fill();
                seen.extend(row.item().and_then(|item| item.key()));
            }
            true
        });
        *self.seen.borrow_mut() = seen;
        // Told once the frame is out: what follows from it can wait, the frame cannot.
        if !self.telling.replace(true) {
            let (sight, on_seen) = (self.clone(), on_seen.clone());
            glib::idle_add_local_once(move || {
                sight.telling.set(false);
                on_seen(sight.seen.take());
            });
        }
    }
}
