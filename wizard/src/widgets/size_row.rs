//! A row to set a size: a slider with marks for the quick, a typed value for the exact.

use gtk::glib;
use gtk::prelude::*;
use gtk::subclass::prelude::*;

use super::Notice;

/// How the slider's length is shared among the values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Curve {
    /// Evenly: for counts.
    #[default]
    Linear,
    /// Every doubling is as long as the one before: for sizes, where 1 to 2 GiB matters as much as
    /// 32 to 64.
    Doubling,
}

impl Curve {
    /// The place of a value on the slider.
    fn position(self, value: u64) -> f64 {
        match self {
            Self::Linear => value as f64,
            Self::Doubling => (value.max(1) as f64).log2(),
        }
    }

    /// The value at a place on the slider, as round as fits a slider: sixteen to each doubling.
    fn value(self, position: f64) -> u64 {
        match self {
            Self::Linear => position.round().max(0.0) as u64,
            Self::Doubling => {
                let value = position.clamp(0.0, 62.0).exp2();
                let step = 2_f64.powf((value.log2().floor() - 4.0).max(0.0));
                ((value / step).round() * step) as u64
            }
        }
    }
}

/// A mark on the slider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// Where.
    pub value: u64,
    /// What is there: "recommended".
    pub label: String,
    /// Above the slider rather than below.
    pub above: bool,
}

/// Marks of one side nearer than this share of the slider would write over each other.
const MARK_DISTANCE: f64 = 0.2;

/// Reads a typed text.
type Parser = fn(&str) -> Option<u64>;
/// Called with what the user set.
type Callback = Box<dyn Fn(u64)>;

mod imp {
    use std::cell::{Cell, RefCell};

    use super::{Callback, Curve, Mark, Notice, Parser, glib};
    use gtk::subclass::prelude::*;

    #[derive(Default)]
    pub struct SizeRow {
        pub(super) title: gtk::Label,
        pub(super) words: gtk::Label,
        pub(super) spin: gtk::SpinButton,
        pub(super) unit: gtk::Label,
        pub(super) scale: gtk::Scale,
        pub(super) notice: Notice,
        pub(super) curve: Cell<Curve>,
        pub(super) value: Cell<u64>,
        pub(super) range: Cell<(u64, u64)>,
        pub(super) marks: RefCell<Vec<Mark>>,
        pub(super) parser: Cell<Option<Parser>>,
        /// The row itself is setting its parts: nobody else changed anything.
        pub(super) setting: Cell<bool>,
        /// The user is typing: the text stays as it is.
        pub(super) typing: Cell<bool>,
        pub(super) changed: RefCell<Option<Callback>>,
    }

    #[glib::object_subclass]
    impl ObjectSubclass for SizeRow {
        const NAME: &'static str = "GuesthouseSizeRow";
        type Type = super::SizeRow;
        type ParentType = adw::PreferencesRow;
    }

    impl ObjectImpl for SizeRow {
        fn constructed(&self) {
            self.parent_constructed();
            self.obj().build();
        }
    }

    impl WidgetImpl for SizeRow {}
    impl ListBoxRowImpl for SizeRow {}
    impl adw::subclass::prelude::PreferencesRowImpl for SizeRow {}
}

glib::wrapper! {
    /// A row of a preferences group: title, slider with marks, typed value with unit, and a notice.
    pub struct SizeRow(ObjectSubclass<imp::SizeRow>)
        @extends adw::PreferencesRow, gtk::ListBoxRow, gtk::Widget,
        @implements gtk::Accessible, gtk::Actionable, gtk::Buildable, gtk::ConstraintTarget;
}

impl Default for SizeRow {
    fn default() -> Self {
        glib::Object::new()
    }
}

impl SizeRow {
    /// A row named `title`, also to assistive programs, whose typed values are in `unit` unless
    /// they say otherwise to `parser`.
    pub fn new(title: &str, unit: &str, curve: Curve, parser: fn(&str) -> Option<u64>) -> Self {
        let row = Self::default();
        let imp = row.imp();
        imp.curve.set(curve);
        imp.parser.set(Some(parser));
        imp.title.set_label(title);
        imp.unit.set_label(unit);
        imp.unit.set_visible(!unit.is_empty());
        imp.scale
            .adjustment()
            .set_step_increment(if curve == Curve::Doubling {
                1.0 / 16.0
            } else {
                1.0
            });
        imp.scale.adjustment().set_page_increment(1.0);
        let label = gtk::accessible::Property::Label;
        row.update_property(&[label(title)]);
        imp.spin.update_property(&[label(title)]);
        imp.scale
            .update_property(&[label(&format!("{title} slider"))]);
        row
    }

    /// What the slider spans. Typed values may lie beyond it.
    pub fn set_range(&self, lower: u64, upper: u64) {
        let imp = self.imp();
        let upper = upper.max(lower.saturating_add(1));
        if imp.range.replace((lower, upper)) == (lower, upper) {
            return;
        }
        let curve = imp.curve.get();
        imp.setting.set(true);
        imp.scale
            .set_range(curve.position(lower), curve.position(upper));
        imp.scale.set_value(curve.position(imp.value.get()));
        imp.setting.set(false);
        self.draw_marks();
    }

    /// The marks; of two that would write over each other, only the first is shown.
    pub fn set_marks(&self, marks: Vec<Mark>) {
        if *self.imp().marks.borrow() != marks {
            self.imp().marks.replace(marks);
            self.draw_marks();
        }
    }

    /// Shows a value, without telling [`Self::connect_value_changed`].
    pub fn set_value(&self, value: u64) {
        let imp = self.imp();
        if imp.value.replace(value) != value {
            self.show_value();
        }
    }

    /// The value.
    pub fn value(&self) -> u64 {
        self.imp().value.get()
    }

    /// Calls `callback` with each value the user sets, by slider, keys or typing.
    pub fn connect_value_changed(&self, callback: impl Fn(u64) + 'static) {
        self.imp().changed.replace(Some(Box::new(callback)));
    }

    /// The value in words, beside the typed one: "1.5 GiB".
    pub fn set_words(&self, words: &str) {
        let imp = self.imp();
        imp.words.set_label(words);
        imp.scale
            .update_property(&[gtk::accessible::Property::ValueText(words)]);
    }

    /// Where to say what is to be said about the value.
    pub fn notice(&self) -> &Notice {
        &self.imp().notice
    }

    fn build(&self) {
        let imp = self.imp();
        self.set_activatable(false);
        self.set_focusable(false);

        imp.title.set_xalign(0.0);
        imp.title.set_hexpand(true);
        imp.title.set_ellipsize(gtk::pango::EllipsizeMode::End);
        for label in [&imp.words, &imp.unit] {
            label.add_css_class("dim-label");
            label.add_css_class("numeric");
        }
        imp.spin.set_adjustment(&gtk::Adjustment::new(
            0.0,
            0.0,
            9_999_999_999.0,
            1.0,
            10.0,
            0.0,
        ));
        imp.spin.set_width_chars(7);
        imp.spin.set_max_width_chars(7);
        imp.spin.set_valign(gtk::Align::Center);
        imp.spin
            .set_update_policy(gtk::SpinButtonUpdatePolicy::IfValid);
        imp.spin.add_css_class("numeric");
        if let Some(text) = imp.spin.delegate().and_downcast::<gtk::Text>() {
            text.set_activates_default(true);
        }
        imp.scale.set_draw_value(false);
        imp.scale.set_hexpand(true);
        // Marks at the ends write beyond the slider.
        imp.scale.set_margin_start(24);
        imp.scale.set_margin_end(24);

        let head = gtk::Box::new(gtk::Orientation::Horizontal, 12);
        head.append(&imp.title);
        head.append(&imp.words);
        head.append(&imp.spin);
        head.append(&imp.unit);
        let content = gtk::Box::builder()
            .orientation(gtk::Orientation::Vertical)
            .spacing(6)
            .margin_top(9)
            .margin_bottom(9)
            .margin_start(12)
            .margin_end(12)
            .build();
        content.append(&head);
        content.append(&imp.scale);
        content.append(&imp.notice);
        self.set_child(Some(&content));
        self.connect_parts();
    }

    fn connect_parts(&self) {
        let imp = self.imp();
        let row = self.downgrade();
        imp.scale.connect_value_changed(move |scale| {
            let Some(row) = row.upgrade() else { return };
            let imp = row.imp();
            if !imp.setting.get() {
                let (lower, upper) = imp.range.get();
                let value = imp.curve.get().value(scale.value()).clamp(lower, upper);
                row.user_set(value);
            }
        });
        let row = self.downgrade();
        imp.spin.connect_value_changed(move |spin| {
            let Some(row) = row.upgrade() else { return };
            if !row.imp().setting.get() {
                row.user_set(spin.value().round().max(0.0) as u64);
            }
        });
        let row = self.downgrade();
        imp.spin.connect_changed(move |spin| {
            let Some(row) = row.upgrade() else { return };
            let imp = row.imp();
            if imp.setting.get() {
                return;
            }
            if let Some(value) = row.parse(&spin.text()) {
                imp.typing.set(true);
                row.user_set(value);
                imp.typing.set(false);
            }
        });
        let row = self.downgrade();
        imp.spin.connect_input(move |spin| {
            let row = row.upgrade()?;
            Some(row.parse(&spin.text()).map(|value| value as f64).ok_or(()))
        });
        let row = self.downgrade();
        imp.spin.connect_output(move |_| {
            let typing = row.upgrade().is_some_and(|row| row.imp().typing.get());
            if typing {
                glib::Propagation::Stop
            } else {
                glib::Propagation::Proceed
            }
        });
    }

    fn parse(&self, text: &str) -> Option<u64> {
        self.imp().parser.get()?(text)
    }

    fn user_set(&self, value: u64) {
        let imp = self.imp();
        if imp.value.replace(value) == value {
            return;
        }
        self.show_value();
        if let Some(changed) = imp.changed.borrow().as_ref() {
            changed(value);
        }
    }

    fn show_value(&self) {
        let imp = self.imp();
        let value = imp.value.get();
        imp.setting.set(true);
        imp.scale.set_value(imp.curve.get().position(value));
        imp.spin.set_value(value as f64);
        imp.setting.set(false);
    }

    fn draw_marks(&self) {
        let imp = self.imp();
        let (lower, upper) = imp.range.get();
        let curve = imp.curve.get();
        let span = curve.position(upper) - curve.position(lower);
        imp.scale.clear_marks();
        let mut shown: Vec<(bool, f64)> = Vec::new();
        for mark in imp.marks.borrow().iter() {
            if !(lower..=upper).contains(&mark.value) {
                continue;
            }
            let position = curve.position(mark.value);
            let is_crowded = shown.iter().any(|&(above, other)| {
                above == mark.above && (position - other).abs() < span * MARK_DISTANCE
            });
            if is_crowded {
                continue;
            }
            shown.push((mark.above, position));
            let side = if mark.above {
                gtk::PositionType::Top
            } else {
                gtk::PositionType::Bottom
            };
            let label = format!("<small>{}</small>", glib::markup_escape_text(&mark.label));
            imp.scale.add_mark(position, side, Some(&label));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Curve;

    #[test]
    fn a_doubling_slider_gives_round_values() {
        for value in [256, 512, 1024, 2048, 3072, 4096, 65_536] {
            assert_eq!(
                Curve::Doubling.value(Curve::Doubling.position(value)),
                value
            );
        }
        assert_eq!(Curve::Doubling.value(10.01), 1024);
        assert_eq!(Curve::Doubling.value(10.06), 1088);
        assert_eq!(Curve::Doubling.value(f64::MAX), 1 << 62);
        assert_eq!(Curve::Doubling.value(-5.0), 1);
        assert_eq!(Curve::Doubling.value(f64::NAN), 0);
    }

    #[test]
    fn one_key_press_always_moves_the_value() {
        let mut value = 256;
        while value < 1 << 20 {
            let next = Curve::Doubling.value(Curve::Doubling.position(value) + 1.0 / 16.0);
            assert!(next > value, "{value} is a trap");
            value = next;
        }
        while value > 256 {
            let next = Curve::Doubling.value(Curve::Doubling.position(value) - 1.0 / 16.0);
            assert!(next < value, "{value} is a trap");
            value = next;
        }
    }

    #[test]
    fn a_linear_slider_gives_every_value() {
        for value in [0, 1, 7, 255] {
            assert_eq!(Curve::Linear.value(Curve::Linear.position(value)), value);
        }
    }
}
