//! How full a storage is, and how much more something would take.

use gtk::glib;
use gtk::prelude::*;
use gtk::subclass::prelude::*;

mod imp {
    use std::cell::Cell;

    use super::glib;
    use gtk::prelude::*;
    use gtk::subclass::prelude::*;

    #[derive(Debug)]
    pub struct SpaceBar {
        pub(super) used: gtk::Box,
        pub(super) wanted: gtk::Box,
        pub(super) used_share: Cell<f64>,
        pub(super) wanted_share: Cell<f64>,
    }

    impl Default for SpaceBar {
        fn default() -> Self {
            let part = || gtk::Box::new(gtk::Orientation::Horizontal, 0);
            Self {
                used: part(),
                wanted: part(),
                used_share: Cell::new(0.0),
                wanted_share: Cell::new(0.0),
            }
        }
    }

    #[glib::object_subclass]
    impl ObjectSubclass for SpaceBar {
        const NAME: &'static str = "GuesthouseSpaceBar";
        type Type = super::SpaceBar;
        type ParentType = gtk::Widget;

        fn class_init(class: &mut Self::Class) {
            class.set_css_name("spacebar");
            class.set_accessible_role(gtk::AccessibleRole::Img);
        }
    }

    impl ObjectImpl for SpaceBar {
        fn constructed(&self) {
            self.parent_constructed();
            self.used.add_css_class("used");
            self.wanted.add_css_class("wanted");
            for part in [&self.used, &self.wanted] {
                part.set_parent(&*self.obj());
            }
            self.obj().set_overflow(gtk::Overflow::Hidden);
        }

        fn dispose(&self) {
            self.used.unparent();
            self.wanted.unparent();
        }
    }

    impl WidgetImpl for SpaceBar {
        fn measure(&self, orientation: gtk::Orientation, _for_size: i32) -> (i32, i32, i32, i32) {
            for part in [&self.used, &self.wanted] {
                // GTK wants every visible child measured before it is placed.
                part.measure(orientation, -1);
            }
            match orientation {
                gtk::Orientation::Vertical => (8, 8, -1, -1),
                _ => (60, 120, -1, -1),
            }
        }

        fn size_allocate(&self, width: i32, height: i32, _baseline: i32) {
            let pixels = |share: f64| (f64::from(width) * share).round() as i32;
            let used = pixels(self.used_share.get());
            let wanted = pixels(self.wanted_share.get()).min(width - used);
            let rtl = self.obj().direction() == gtk::TextDirection::Rtl;
            for (part, from, length) in [(&self.used, 0, used), (&self.wanted, used, wanted)] {
                part.set_child_visible(length > 0);
                let x = if rtl { width - from - length } else { from };
                part.size_allocate(&gtk::Allocation::new(x, 0, length.max(0), height), -1);
            }
        }
    }
}

glib::wrapper! {
    /// A bar of a storage: what is used, what something would take beside it, and what is left.
    pub struct SpaceBar(ObjectSubclass<imp::SpaceBar>)
        @extends gtk::Widget,
        @implements gtk::Accessible, gtk::Buildable, gtk::ConstraintTarget;
}

impl Default for SpaceBar {
    fn default() -> Self {
        glib::Object::new()
    }
}

impl SpaceBar {
    /// An empty bar.
    pub fn new() -> Self {
        Self::default()
    }

    /// Shows `used` of `capacity` bytes, and `wanted` beside it; in another colour where it does
    /// not fit.
    pub fn show_space(&self, capacity: u64, used: u64, wanted: u64) {
        let imp = self.imp();
        let share = |bytes: u64| (bytes as f64 / capacity.max(1) as f64).clamp(0.0, 1.0);
        imp.used_share.set(share(used));
        imp.wanted_share.set(share(wanted));
        if used.saturating_add(wanted) > capacity {
            imp.wanted.add_css_class("over");
        } else {
            imp.wanted.remove_css_class("over");
        }
        self.queue_allocate();
    }
}
