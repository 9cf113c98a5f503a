//! Whether a window can be seen at all.

use std::cell::Cell;
use std::rc::Rc;

use adw::prelude::*;
use gtk::gdk;

/// `GDK_TOPLEVEL_STATE_SUSPENDED` of GTK 4.12 and later: covered, on another workspace, or behind a
/// locked screen.
const SUSPENDED: u32 = 1 << 16;

/// Calls `changed` when `window` comes into view or goes out of it: mapped, and neither minimised
/// nor suspended.
pub fn follow(window: &adw::ApplicationWindow, changed: impl Fn(bool) + 'static) {
    let shown = Rc::new(Cell::new(false));
    let changed = Rc::new(changed);
    let look = move |window: &adw::ApplicationWindow| {
        let hidden =
            gdk::ToplevelState::MINIMIZED | gdk::ToplevelState::from_bits_retain(SUSPENDED);
        let state = window
            .surface()
            .and_downcast::<gdk::Toplevel>()
            .map_or_else(gdk::ToplevelState::empty, |toplevel| toplevel.state());
        let visible = window.is_mapped() && !state.intersects(hidden);
        if shown.replace(visible) != visible {
            changed(visible);
        }
    };
    let looks = Rc::new(look);
    let look = looks.clone();
    window.connect_map(move |window| look(window));
    let look = looks.clone();
    window.connect_unmap(move |window| look(window));
    window.connect_realize(move |window| {
        let Some(toplevel) = window.surface().and_downcast::<gdk::Toplevel>() else {
            return;
        };
        let (window, look) = (window.downgrade(), looks.clone());
        toplevel.connect_state_notify(move |_| {
            if let Some(window) = window.upgrade() {
                look(&window);
            }
        });
    });
}
