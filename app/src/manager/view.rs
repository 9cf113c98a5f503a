//! The list view: rows made and filled as they come into sight, keys, context menu.

use std::cell::RefCell;
use std::rc::Rc;

use adw::prelude::*;
use gtk::{gdk, gio, glib};

use crate::manager::action::GuestAction;
use crate::manager::guest_row::{GuestRow, OnAction};
use crate::manager::host_action::Means;
use crate::manager::host_row::{HostEvent, HostRow, OnHostEvent};
use crate::manager::item::RowItem;
use crate::manager::rows::RowKey;
use crate::manager::sight::Sight;

/// The widest the list gets.
const WIDEST: i32 = 1200;

/// What the view tells.
#[derive(Clone)]
pub struct Listeners {
    /// A guest is to be opened, or has a button pressed.
    pub action: OnAction,
    /// A host's head has something pressed.
    pub host_event: OnHostEvent,
    /// The Space key.
    pub run_or_pause: Rc<dyn Fn()>,
    /// A key that acts on the selected guests.
    pub key_action: Rc<dyn Fn(GuestAction)>,
    /// These guests came into sight.
    pub seen: Rc<dyn Fn(Vec<RowKey>)>,
    /// Other guests are selected.
    pub selection: Rc<dyn Fn()>,
}

impl std::fmt::Debug for Listeners {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Listeners").finish_non_exhaustive()
    }
}

/// The list view with its selection.
#[derive(Debug, Clone)]
pub struct View {
    list: gtk::ListView,
    selection: gtk::MultiSelection,
    frame: gtk::Box,
    menu: gtk::PopoverMenu,
    sight: Rc<Sight>,
}

impl View {
    /// A view on `store`.
    pub fn new(store: &gio::ListStore, means: Means, listeners: &Listeners) -> Self {
        let selection = gtk::MultiSelection::new(Some(store.clone()));
        let sight = Rc::new(Sight::default());
        let list = gtk::ListView::builder()
            .model(&selection)
            .factory(&factory(means, listeners, &sight))
            .css_classes(["guests"])
            .build();
        list.update_property(&[gtk::accessible::Property::Label("Virtual Machines")]);
        // On a wide screen a guest's buttons stay within reach of its name.
        let clamp = adw::ClampScrollable::builder()
            .maximum_size(WIDEST)
            .tightening_threshold(WIDEST)
            .child(&list)
            .build();
        let scroller = gtk::ScrolledWindow::builder()
            .hscrollbar_policy(gtk::PolicyType::Never)
            .vexpand(true)
            .child(&clamp)
            .build();
        let frame = gtk::Box::new(gtk::Orientation::Vertical, 0);
        frame.append(&scroller);
        let menu = gtk::PopoverMenu::from_model(Some(&guest_menu()));
        menu.set_has_arrow(false);
        menu.set_halign(gtk::Align::Start);
        menu.set_parent(&frame);
        let popover = menu.clone();
        frame.connect_destroy(move |_| popover.unparent());

        let view = Self {
            list,
            selection,
            frame,
            menu,
            sight,
        };
        view.follow_sight(&scroller, listeners);
        view.connect(listeners);
        view
    }

    /// The widget that holds the view.
    pub fn widget(&self) -> &gtk::Box {
        &self.frame
    }

    /// The selected guests, top down.
    pub fn selected(&self) -> Vec<RowKey> {
        let selection = self.selection.selection();
        let Some((rest, first)) = gtk::BitsetIter::init_first(&selection) else {
            return Vec::new();
        };
        std::iter::once(first)
            .chain(rest)
            .filter_map(|place| self.item(place)?.key())
            .filter(|key| matches!(key, RowKey::Guest(..)))
            .collect()
    }

    /// Selects the row at `place` alone, without taking the keyboard, and shows the list's start.
    pub fn select(&self, place: u32) {
        self.selection.select_item(place, true);
        if let Some(adjustment) = self.list.vadjustment() {
            adjustment.set_value(0.0);
        }
    }

    /// Tells once more which guests are in sight.
    pub fn look_again(&self) {
        self.sight.stale.set(true);
        self.list.queue_allocate();
    }

    /// Gives the keyboard to the first selected guest, not to a button in its row; to the list where
    /// none is selected or it is out of sight.
    pub fn focus_selected(&self) {
        let selected = self.selected();
        let row = selected
            .first()
            .and_then(|wanted| self.sight.row_of(*wanted));
        match row.and_then(|row| row.parent()) {
            Some(holder) => holder.grab_focus(),
            None => self.list.grab_focus(),
        };
    }

    /// Scrolls to the row at `place`.
    pub fn reveal(&self, place: u32) {
        let scrolled = self
            .list
            .activate_action("list.scroll-to-item", Some(&place.to_variant()));
        if let Err(error) = scrolled {
            tracing::debug!(%error, "the list does not scroll");
        }
    }

    /// Gives the keyboard to the list.
    pub fn grab_focus(&self) {
        self.list.grab_focus();
    }

    fn item(&self, place: u32) -> Option<RowItem> {
        self.selection.item(place)?.downcast().ok()
    }

    /// The place of the row under a point of the list.
    fn place_at(&self, x: f64, y: f64) -> Option<u32> {
        let row = self.list.pick(x, y, gtk::PickFlags::DEFAULT)?;
        let row = match row.clone().downcast::<GuestRow>() {
            Ok(row) => row,
            Err(_) => match row.ancestor(GuestRow::static_type()) {
                Some(row) => row.downcast().ok()?,
                // The point lies on the border that GTK puts around the row.
                None => row.first_child()?.downcast().ok()?,
            },
        };
        self.place_of(&row.item()?)
    }

    fn place_of(&self, item: &RowItem) -> Option<u32> {
        (0..self.selection.n_items()).find(|&place| self.item(place).as_ref() == Some(item))
    }

    /// The row that has the keyboard.
    fn focused_item(&self) -> Option<(RowItem, gtk::Widget)> {
        let child = self.list.focus_child()?;
        let row = child.first_child()?;
        let item = match row.clone().downcast::<GuestRow>() {
            Ok(row) => row.item(),
            Err(row) => row.downcast::<HostRow>().ok()?.item(),
        };
        Some((item?, child))
    }

    /// Whether the keyboard is on a button inside a row, which then takes Space for itself.
    fn on_a_button(&self) -> bool {
        self.list
            .root()
            .and_then(|root| root.focus())
            .is_some_and(|focus| {
                focus.is::<gtk::Button>()
                    || focus
                        .parent()
                        .is_some_and(|parent| parent.is::<gtk::MenuButton>())
            })
    }

    fn connect(&self, listeners: &Listeners) {
        let (on_action, on_host_event) = (listeners.action.clone(), listeners.host_event.clone());
        self.list.connect_activate(move |list, place| {
            let item = list.model().and_then(|model| model.item(place));
            let key = item.and_downcast::<RowItem>().and_then(|item| item.key());
            match key {
                Some(key @ RowKey::Guest(..)) => on_action(key, GuestAction::Open),
                Some(RowKey::Host(id)) => on_host_event(id, HostEvent::Fold),
                None => {}
            }
        });
        let on_selection = listeners.selection.clone();
        self.selection
            .connect_selection_changed(move |_, _, _| on_selection());
        let on_selection = listeners.selection.clone();
        self.selection
            .connect_items_changed(move |_, _, _, _| on_selection());

        let click = gtk::GestureClick::builder()
            .button(gdk::BUTTON_SECONDARY)
            .build();
        let view = self.downgrade();
        // On release: a menu that takes the pointer before leaves the row looking pressed.
        click.connect_released(move |gesture, _, x, y| {
            let Some(view) = view() else { return };
            if let Some(place) = view.place_at(x, y) {
                gesture.set_state(gtk::EventSequenceState::Claimed);
                view.pop_up(place, x, y);
            }
        });
        self.list.add_controller(click);
        let view = self.downgrade();
        self.menu.connect_closed(move |_| {
            // Once GTK has put the keyboard where it thinks it belongs.
            let view = view();
            glib::idle_add_local_once(move || {
                if let Some(view) = view {
                    view.focus_selected();
                }
            });
        });
        self.connect_keys(listeners);
    }

    fn connect_keys(&self, listeners: &Listeners) {
        let keys = gtk::EventControllerKey::new();
        // Before the list itself, which would take Space for selecting.
        keys.set_propagation_phase(gtk::PropagationPhase::Capture);
        let view = self.downgrade();
        let listeners = listeners.clone();
        keys.connect_key_pressed(move |_, key, _, modifiers| {
            let Some(view) = view() else {
                return glib::Propagation::Proceed;
            };
            let modifiers = modifiers & gtk::accelerator_get_default_mod_mask();
            let plain = modifiers.is_empty();
            match key {
                gdk::Key::space | gdk::Key::KP_Space if plain && !view.on_a_button() => {
                    (listeners.run_or_pause)();
                }
                gdk::Key::Delete | gdk::Key::KP_Delete if plain => {
                    (listeners.key_action)(GuestAction::Delete);
                }
                gdk::Key::F2 if plain => (listeners.key_action)(GuestAction::Rename),
                gdk::Key::Left | gdk::Key::Right if plain && !view.on_a_button() => {
                    return view.fold_by_key(key, &listeners);
                }
                gdk::Key::Menu if plain => return view.pop_up_focused(),
                gdk::Key::F10 if modifiers == gdk::ModifierType::SHIFT_MASK => {
                    return view.pop_up_focused();
                }
                _ => return glib::Propagation::Proceed,
            }
            glib::Propagation::Stop
        });
        self.list.add_controller(keys);
    }

    /// On a host's head, the arrow that points outward folds and the other unfolds.
    fn fold_by_key(&self, key: gdk::Key, listeners: &Listeners) -> glib::Propagation {
        let Some((item, _)) = self.focused_item() else {
            return glib::Propagation::Proceed;
        };
        let outward = match self.list.direction() {
            gtk::TextDirection::Rtl => gdk::Key::Right,
            _ => gdk::Key::Left,
        };
        let folded = item.host().map(|content| content.collapsed);
        if let (Some(folded), Some(RowKey::Host(id))) = (folded, item.key())
            && folded != (key == outward)
        {
            (listeners.host_event)(id, HostEvent::Fold);
            return glib::Propagation::Stop;
        }
        glib::Propagation::Proceed
    }

    fn pop_up_focused(&self) -> glib::Propagation {
        if let Some((item, child)) = self.focused_item()
            && item.guest().is_some()
            && let Some(place) = self.place_of(&item)
            && let Some(bounds) = child.compute_bounds(&self.list)
        {
            let (x, y) = (
                bounds.x() + bounds.width() / 3.0,
                bounds.y() + bounds.height() / 2.0,
            );
            self.pop_up(place, f64::from(x), f64::from(y));
            return glib::Propagation::Stop;
        }
        glib::Propagation::Proceed
    }

    /// Shows the menu of the selected guests, with the one at `place` among them.
    fn pop_up(&self, place: u32, x: f64, y: f64) {
        if !self.selection.is_selected(place) {
            self.selection.select_item(place, true);
        }
        let (x, y) = self
            .list
            .translate_coordinates(&self.frame, x, y)
            .unwrap_or((x, y));
        self.menu
            .set_pointing_to(Some(&gdk::Rectangle::new(x as i32, y as i32, 1, 1)));
        self.menu.popup();
    }

    /// A way back to the view that does not keep its widgets alive.
    fn downgrade(&self) -> impl Fn() -> Option<Self> + 'static + use<> {
        let (list, frame) = (self.list.downgrade(), self.frame.downgrade());
        let (selection, menu) = (self.selection.downgrade(), self.menu.downgrade());
        let sight = self.sight.clone();
        move || {
            Some(Self {
                list: list.upgrade()?,
                selection: selection.upgrade()?,
                frame: frame.upgrade()?,
                menu: menu.upgrade()?,
                sight: sight.clone(),
            })
        }
    }

    /// Looks after each layout, and before the frame is drawn, which rows are in sight. Rows that
    /// are filled then are laid out again in the same frame, so none is ever seen empty.
    fn follow_sight(&self, scroller: &gtk::ScrolledWindow, listeners: &Listeners) {
        let sight = self.sight.clone();
        let adjustment = scroller.vadjustment();
        let moved = sight.clone();
        adjustment.connect_value_changed(move |_| moved.stale.set(true));
        let moved = sight.clone();
        adjustment.connect_changed(move |_| moved.stale.set(true));

        let on_seen = listeners.seen.clone();
        let clock: Rc<RefCell<Option<(gdk::FrameClock, glib::SignalHandlerId)>>> = Rc::default();
        let current = clock.clone();
        self.list.connect_realize(move |list| {
            let Some(clock) = list.frame_clock() else {
                return;
            };
            let (list, sight, on_seen) = (list.downgrade(), sight.clone(), on_seen.clone());
            let handler = clock.connect_layout(move |_| {
                if let Some(list) = list.upgrade() {
                    sight.look(&list, &on_seen);
                }
            });
            current.replace(Some((clock, handler)));
        });
        self.list.connect_unrealize(move |_| {
            if let Some((clock, handler)) = clock.take() {
                clock.disconnect(handler);
            }
        });
    }
}

fn factory(means: Means, listeners: &Listeners, sight: &Rc<Sight>) -> gtk::SignalListItemFactory {
    let factory = gtk::SignalListItemFactory::new();
    let (on_action, on_host_event) = (listeners.action.clone(), listeners.host_event.clone());
    let sight = sight.clone();
    factory.connect_bind(move |_, object| {
        let Some(list_item) = object.downcast_ref::<gtk::ListItem>() else {
            return;
        };
        let Some(item) = list_item.item().and_downcast::<RowItem>() else {
            return;
        };
        match item.key() {
            Some(RowKey::Guest(..)) => {
                let row = list_item
                    .child()
                    .and_downcast::<GuestRow>()
                    .unwrap_or_else(|| {
                        let row = GuestRow::new(on_action.clone());
                        list_item.set_child(Some(&row));
                        sight.add(&row);
                        row
                    });
                list_item.set_selectable(true);
                row.bind(&item);
            }
            Some(RowKey::Host(_)) => {
                let row = list_item
                    .child()
                    .and_downcast::<HostRow>()
                    .unwrap_or_else(|| {
                        let row = HostRow::new(means, on_host_event.clone());
                        list_item.set_child(Some(&row));
                        row
                    });
                list_item.set_selectable(false);
                row.bind(&item);
            }
            None => {}
        }
        sight.stale.set(true);
    });
    factory.connect_unbind(|_, object| {
        let child = object
            .downcast_ref::<gtk::ListItem>()
            .and_then(gtk::ListItem::child);
        match child.map(Cast::downcast::<GuestRow>) {
            Some(Ok(row)) => row.unbind(),
            Some(Err(child)) => {
                if let Ok(row) = child.downcast::<HostRow>() {
                    row.unbind();
                }
            }
            None => {}
        }
    });
    factory
}

/// The menu of the selected guests. What cannot be done is not shown.
pub fn guest_menu() -> gio::Menu {
    let menu = gio::Menu::new();
    let sections: [&[GuestAction]; 4] = [
        &[GuestAction::Open],
        &[GuestAction::Start, GuestAction::Resume, GuestAction::Pause],
        &[
            GuestAction::ShutDown,
            GuestAction::Reboot,
            GuestAction::Save,
            GuestAction::SaveToFile,
            GuestAction::DiscardSaved,
            GuestAction::ForceOff,
        ],
        &[GuestAction::Rename, GuestAction::Delete],
    ];
    for actions in sections {
        let section = gio::Menu::new();
        for action in actions {
            let item = gio::MenuItem::new(
                Some(action.label()),
                Some(&format!("guest.{}", action.name())),
            );
            item.set_attribute_value("hidden-when", Some(&"action-disabled".to_variant()));
            section.append_item(&item);
        }
        menu.append_section(None, &section);
    }
    menu
}
