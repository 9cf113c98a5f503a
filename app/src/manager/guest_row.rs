//! A guest's row: what it is on the first line, figures on the second while it runs, its actions at
//! the end.
//!
//! GTK 4.8 makes a widget for each of two hundred rows, seen or not. So a row is empty at first, no
//! more than a height and a name for screen readers, and is filled when it is about to be seen.

use std::cell::Cell;
use std::rc::Rc;

use adw::prelude::*;
use adw::subclass::prelude::*;
use gtk::glib;

use crate::manager::action::GuestAction;
use crate::manager::figures::Reading;
use crate::manager::item::{GuestContent, RowItem};
use crate::manager::rows::RowKey;
use crate::manager::words;

/// Called with the row and what its button asks for.
pub type OnAction = Rc<dyn Fn(RowKey, GuestAction)>;

thread_local! {
    /// Height of a filled row, for those that are not; a guess until there is one.
    static ROW_HEIGHT: Cell<i32> = const { Cell::new(60) };
}

/// Height of a row.
pub fn row_height() -> i32 {
    ROW_HEIGHT.get()
}

/// Longest name that is shown without a tooltip.
const SHORT_NAME: usize = 20;

/// Letters in a line of a tooltip.
const TOOLTIP_WIDTH: usize = 60;

mod imp {
    use std::cell::{Cell, OnceCell, RefCell};

    use adw::prelude::*;
    use adw::subclass::prelude::*;
    use gtk::glib;

    use super::{OnAction, ROW_HEIGHT};
    use crate::manager::action::GuestAction;
    use crate::manager::figures::Figures;
    use crate::manager::item::RowItem;

    /// Around and between the parts of a row.
    const MARGIN: i32 = 6;
    const SPACING: i32 = 12;
    /// The picture of the guest.
    const TILE: i32 = 40;
    /// The icon of the state.
    const STATE: i32 = 16;
    /// The share of the row that names take, and its bounds.
    const NAME_SHARE: f64 = 0.36;
    const NAME_BOUNDS: (i32, i32) = (90, 420);

    pub struct Parts {
        pub tile: gtk::Image,
        pub name: gtk::Inscription,
        pub state: gtk::Image,
        pub line: gtk::Inscription,
        pub figures: Option<Figures>,
        pub buttons: Vec<(GuestAction, gtk::Button)>,
    }

    #[derive(Default)]
    pub struct GuestRow {
        pub item: RefCell<Option<(RowItem, glib::SignalHandlerId)>>,
        pub parts: RefCell<Option<Parts>>,
        pub on_action: OnceCell<OnAction>,
        pub spoken: RefCell<String>,
        pub stale: Cell<bool>,
    }

    #[glib::object_subclass]
    impl ObjectSubclass for GuestRow {
        const NAME: &'static str = "GuesthouseGuestRow";
        type Type = super::GuestRow;
        type ParentType = gtk::Widget;

        fn class_init(class: &mut Self::Class) {
            class.set_css_name("guestrow");
            class.set_accessible_role(gtk::AccessibleRole::Group);
        }
    }

    impl ObjectImpl for GuestRow {
        fn dispose(&self) {
            self.obj().unbind();
            while let Some(child) = self.obj().first_child() {
                child.unparent();
            }
            self.parts.replace(None);
        }
    }

    impl WidgetImpl for GuestRow {
        fn request_mode(&self) -> gtk::SizeRequestMode {
            gtk::SizeRequestMode::ConstantSize
        }

        fn measure(&self, orientation: gtk::Orientation, _for_size: i32) -> (i32, i32, i32, i32) {
            if orientation == gtk::Orientation::Horizontal {
                return (300, 600, -1, -1);
            }
            let parts = self.parts.borrow();
            let Some(parts) = parts.as_ref() else {
                return (ROW_HEIGHT.get(), ROW_HEIGHT.get(), -1, -1);
            };
            let natural = |widget: &gtk::Widget| widget.measure(orientation, -1).1;
            let line = natural(parts.line.upcast_ref()).max(STATE);
            let name = natural(parts.name.upcast_ref());
            // Two lines whether the guest runs or not, so that no row moves when one starts.
            let text = name.max(2 * line + MARGIN);
            let buttons = parts
                .buttons
                .iter()
                .map(|(_, button)| natural(button.upcast_ref()));
            let height = buttons.fold(text.max(TILE), i32::max) + 2 * MARGIN;
            ROW_HEIGHT.set(height);
            (height, height, -1, -1)
        }

        fn size_allocate(&self, width: i32, height: i32, _baseline: i32) {
            let parts = self.parts.borrow();
            let Some(parts) = parts.as_ref() else {
                return;
            };
            let mirrored = self.obj().direction() == gtk::TextDirection::Rtl;
            let place = |widget: &gtk::Widget, x: i32, middle: i32, width: i32| {
                let natural = widget.measure(gtk::Orientation::Vertical, -1).1;
                let (width, natural) = (width.max(0), natural.min(height));
                let x = if mirrored {
                    self.obj().width() - x - width
                } else {
                    x
                };
                let y = middle - natural / 2;
                widget.size_allocate(&gtk::Allocation::new(x, y, width, natural), -1);
            };
            let middle = height / 2;
            place(parts.tile.upcast_ref(), MARGIN, middle, TILE);

            let mut end = width - MARGIN;
            for (_, button) in parts.buttons.iter().rev() {
                let (least, _, _, _) = button.measure(gtk::Orientation::Horizontal, -1);
                end -= least;
                place(button.upcast_ref(), end, middle, least);
                end -= MARGIN;
            }
            // Names and lines stand in columns: room for two buttons is kept in every row.
            let end = end.min(width - MARGIN - 2 * (34 + MARGIN)) - SPACING;

            let start = MARGIN + TILE + SPACING;
            let room = (end - start).max(0);
            let name = (f64::from(room) * NAME_SHARE) as i32;
            let name = name.clamp(NAME_BOUNDS.0, NAME_BOUNDS.1).min(room);
            place(parts.name.upcast_ref(), start, middle, name);

            let line_height = parts
                .line
                .measure(gtk::Orientation::Vertical, -1)
                .1
                .max(STATE);
            let step = i32::midpoint(line_height, MARGIN);
            let (first, second) = match &parts.figures {
                Some(figures) if figures.is_child_visible() => (middle - step, middle + step),
                _ => (middle, middle),
            };
            let column = start + name + SPACING;
            place(parts.state.upcast_ref(), column, first, STATE);
            let line = column + STATE + MARGIN;
            place(parts.line.upcast_ref(), line, first, end - line);
            if let Some(figures) = &parts.figures
                && figures.is_child_visible()
            {
                place(figures.upcast_ref(), column, second, end - column);
            }
        }
    }
}

glib::wrapper! {
    /// A guest's row.
    pub struct GuestRow(ObjectSubclass<imp::GuestRow>)
        @extends gtk::Widget,
        @implements gtk::Accessible, gtk::Buildable, gtk::ConstraintTarget;
}

impl GuestRow {
    /// An empty row.
    pub fn new(on_action: OnAction) -> Self {
        let row: Self = glib::Object::new();
        row.imp().on_action.get_or_init(|| on_action);
        row
    }

    /// Shows `item`, and follows its changes.
    pub fn bind(&self, item: &RowItem) {
        self.unbind();
        let row = self.downgrade();
        let handler = item.connect_changed(move |item| {
            if let Some(row) = row.upgrade() {
                row.draw(item);
            }
        });
        self.imp().item.replace(Some((item.clone(), handler)));
        self.draw(item);
    }

    /// Lets go of what is shown.
    pub fn unbind(&self) {
        if let Some((item, handler)) = self.imp().item.take() {
            item.disconnect(handler);
        }
    }

    /// What is shown.
    pub fn item(&self) -> Option<RowItem> {
        self.imp()
            .item
            .borrow()
            .as_ref()
            .map(|(item, _)| item.clone())
    }

    /// Whether the row has its parts.
    pub fn is_filled(&self) -> bool {
        self.imp().parts.borrow().is_some()
    }

    /// Makes the row's parts, once, because it is about to be seen.
    pub fn fill(&self) {
        if self.imp().parts.borrow().is_some() {
            return;
        }
        let parts = imp::Parts {
            tile: gtk::Image::builder()
                .icon_name("computer-symbolic")
                // A size that icon themes have as a picture: any other costs the SVG library.
                .pixel_size(24)
                .accessible_role(gtk::AccessibleRole::Presentation)
                .css_classes(["tile"])
                .build(),
            name: gtk::Inscription::builder()
                .text_overflow(gtk::InscriptionOverflow::EllipsizeMiddle)
                .min_chars(0)
                .yalign(0.5)
                .css_classes(["name"])
                .build(),
            state: gtk::Image::builder()
                .pixel_size(16)
                .accessible_role(gtk::AccessibleRole::Presentation)
                .build(),
            line: gtk::Inscription::builder()
                .text_overflow(gtk::InscriptionOverflow::EllipsizeEnd)
                .min_chars(0)
                .yalign(0.5)
                .css_classes(["dim-label"])
                .build(),
            figures: None,
            buttons: Vec::new(),
        };
        for child in [
            parts.tile.upcast_ref::<gtk::Widget>(),
            parts.name.upcast_ref(),
            parts.state.upcast_ref(),
            parts.line.upcast_ref(),
        ] {
            child.set_parent(self);
        }
        self.imp().parts.replace(Some(parts));
        if let Some(item) = self.item() {
            self.draw(&item);
        }
    }

    fn draw(&self, item: &RowItem) {
        let Some(content) = item.guest() else {
            return;
        };
        let spoken = content.spoken();
        if *self.imp().spoken.borrow() != spoken {
            self.update_property(&[gtk::accessible::Property::Label(&spoken)]);
            self.imp().spoken.replace(spoken);
        }
        let stale = !content.live;
        if self.imp().stale.replace(stale) != stale {
            if stale {
                self.add_css_class("stale");
            } else {
                self.remove_css_class("stale");
            }
        }
        if let Some(parts) = self.imp().parts.borrow_mut().as_mut() {
            self.draw_parts(parts, &content, item.key());
        }
    }

    fn draw_parts(&self, parts: &mut imp::Parts, content: &GuestContent, key: Option<RowKey>) {
        let guest = &content.guest;
        if parts.name.text().as_deref() != Some(guest.name.as_str()) {
            parts.name.set_text(Some(&guest.name));
            let long = guest.name.chars().count() > SHORT_NAME;
            parts
                .name
                .set_tooltip_text(long.then(|| in_lines(&guest.name)).as_deref());
        }
        let line = content.line();
        if parts.line.text().as_deref() != Some(line.as_str()) {
            parts.line.set_text(Some(&line));
        }
        let (icon, class) = state_look(content);
        if parts.state.icon_name().as_deref() != Some(icon) {
            parts.state.set_icon_name(Some(icon));
            parts.state.set_css_classes(&["state", class]);
        }
        let active = guest.state.is_active();
        if parts.tile.has_css_class("active") != active {
            parts.tile.set_css_classes(if active {
                &["tile", "active"]
            } else {
                &["tile"]
            });
        }

        let shows_figures = active && !content.host_itself;
        if shows_figures && parts.figures.is_none() {
            let figures = super::figures::Figures::new();
            figures.set_parent(self);
            parts.figures = Some(figures);
        }
        if let Some(figures) = &parts.figures {
            if figures.is_child_visible() != shows_figures {
                figures.set_child_visible(shows_figures);
                self.queue_allocate();
            }
            if shows_figures {
                figures.set(reading(content));
            }
        }
        self.draw_buttons(parts, content, key);
    }

    /// Shows the buttons that suit the guest's state, reusing those there are.
    fn draw_buttons(&self, parts: &mut imp::Parts, content: &GuestContent, key: Option<RowKey>) {
        let wanted = GuestAction::of_row(&content.guest, content.host_itself);
        let same = parts.buttons.iter().map(|(action, _)| action).eq(wanted);
        if !same {
            for (_, button) in parts.buttons.drain(..) {
                button.unparent();
            }
            for &action in wanted {
                let button = self.button(action);
                button.set_parent(self);
                parts.buttons.push((action, button));
            }
        }
        for (action, button) in &parts.buttons {
            button.set_sensitive(key.is_some() && content.allows(*action));
            let label = action.plain_label();
            let tooltip = if content.live {
                label
            } else {
                format!("{label}: not while the host does not answer")
            };
            if button.tooltip_text().as_deref() != Some(tooltip.as_str()) {
                button.set_tooltip_text(Some(&tooltip));
            }
        }
    }

    fn button(&self, action: GuestAction) -> gtk::Button {
        let label = action.plain_label();
        let button = gtk::Button::builder()
            .icon_name(action.icon())
            .tooltip_text(&label)
            .valign(gtk::Align::Center)
            .css_classes(["flat", "circular"])
            .build();
        button.update_property(&[gtk::accessible::Property::Label(&label)]);
        let row = self.downgrade();
        button.connect_clicked(move |_| {
            let Some(row) = row.upgrade() else {
                return;
            };
            // The row may show another guest by now than when the button was made.
            let key = row.item().and_then(|item| item.key());
            if let (Some(key), Some(on_action)) = (key, row.imp().on_action.get()) {
                on_action(key, action);
            }
        });
        button
    }
}

/// The icon of a guest's state, and the style class that colours it.
fn state_look(content: &GuestContent) -> (&'static str, &'static str) {
    use backend::model::GuestState;
    match content.guest.state {
        GuestState::Running => ("media-playback-start-symbolic", "running"),
        GuestState::Paused => ("media-playback-pause-symbolic", "paused"),
        GuestState::PausedOnStorageError => ("dialog-warning-symbolic", "problem"),
        GuestState::Starting => ("content-loading-symbolic", "running"),
        GuestState::Rebooting => ("view-refresh-symbolic", "paused"),
        GuestState::ShuttingDown => ("system-shutdown-symbolic", "paused"),
        GuestState::Off => ("media-playback-stop-symbolic", "off"),
        GuestState::Saved => ("document-save-symbolic", "off"),
        GuestState::Crashed => ("dialog-error-symbolic", "problem"),
        GuestState::Suspended => ("weather-clear-night-symbolic", "paused"),
        GuestState::Unknown => ("dialog-question-symbolic", "off"),
    }
}

/// The figures of a guest, as drawn.
fn reading(content: &GuestContent) -> Reading {
    let guest = &content.guest;
    let (given, most) = words::guest_memory_kib(guest);
    let share = |kib: u64| (u128::from(kib) * 1000 / u128::from(most.max(1))).min(1000) as u16;
    Reading {
        cpu: guest
            .stats
            .map(|stats| (*content.history.percent(), words::percent(stats.cpu))),
        memory_given: share(given),
        memory_used: guest
            .stats
            .and_then(|stats| stats.balloon.used_kib())
            .map(share),
        memory: words::guest_memory(guest),
    }
}
/// A long name in lines that fit a screen: a tooltip breaks none that has no blanks.
fn in_lines(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let lines: Vec<String> = letters
        .chunks(TOOLTIP_WIDTH)
        .map(|line| line.iter().collect())
        .collect();
    lines.join("\n")
}
