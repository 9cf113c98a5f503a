//! A row that says where a disk goes: typed as a path, or picked from the host's pools.

use backend::model::Pool;
use gtk::glib;
use gtk::prelude::*;
use gtk::subclass::prelude::*;

use crate::format;

/// Called with the name of a pool.
type PoolCallback = Box<dyn Fn(&str)>;

mod imp {
    use std::cell::RefCell;

    use super::{Pool, PoolCallback, glib};
    use gtk::subclass::prelude::*;

    #[derive(Default)]
    pub struct StoragePicker {
        pub(super) list: gtk::ListBox,
        pub(super) button: gtk::MenuButton,
        pub(super) pools: RefCell<Vec<Pool>>,
        pub(super) picked: RefCell<Option<PoolCallback>>,
    }

    #[glib::object_subclass]
    impl ObjectSubclass for StoragePicker {
        const NAME: &'static str = "GuesthouseStoragePicker";
        type Type = super::StoragePicker;
        type ParentType = adw::EntryRow;
    }

    impl ObjectImpl for StoragePicker {
        fn constructed(&self) {
            self.parent_constructed();
            self.obj().build();
        }
    }

    impl WidgetImpl for StoragePicker {}
    impl ListBoxRowImpl for StoragePicker {}
    impl adw::subclass::prelude::PreferencesRowImpl for StoragePicker {}
    impl adw::subclass::prelude::EntryRowImpl for StoragePicker {}
}

glib::wrapper! {
    /// An entry row with a button that lists pools and what is free in each.
    pub struct StoragePicker(ObjectSubclass<imp::StoragePicker>)
        @extends adw::EntryRow, adw::PreferencesRow, gtk::ListBoxRow, gtk::Widget,
        @implements gtk::Accessible, gtk::Actionable, gtk::Buildable, gtk::ConstraintTarget,
            gtk::Editable;
}

impl Default for StoragePicker {
    fn default() -> Self {
        glib::Object::new()
    }
}

impl StoragePicker {
    /// A row named `title`.
    pub fn new(title: &str) -> Self {
        let row = Self::default();
        adw::prelude::PreferencesRowExt::set_title(&row, title);
        row
    }

    /// The pools to pick from; those that are off are left out.
    pub fn set_pools(&self, pools: &[Pool]) {
        let imp = self.imp();
        let active: Vec<Pool> = pools.iter().filter(|pool| pool.active).cloned().collect();
        if *imp.pools.borrow() == active {
            return;
        }
        while let Some(row) = imp.list.first_child() {
            imp.list.remove(&row);
        }
        for pool in &active {
            imp.list.append(&pool_row(pool));
        }
        imp.button.set_sensitive(!active.is_empty());
        imp.pools.replace(active);
    }

    /// Calls `callback` with the name of the pool that is picked.
    pub fn connect_pool_picked(&self, callback: impl Fn(&str) + 'static) {
        self.imp().picked.replace(Some(Box::new(callback)));
    }

    fn build(&self) {
        let imp = self.imp();
        imp.list.set_selection_mode(gtk::SelectionMode::None);
        imp.list.add_css_class("pools");
        let scroller = gtk::ScrolledWindow::builder()
            .hscrollbar_policy(gtk::PolicyType::Never)
            .propagate_natural_height(true)
            .propagate_natural_width(true)
            .max_content_height(300)
            .child(&imp.list)
            .build();
        let popover = gtk::Popover::builder().child(&scroller).build();
        popover.add_css_class("menu");
        imp.button.set_popover(Some(&popover));
        imp.button.set_icon_name("drive-harddisk-symbolic");
        imp.button.set_tooltip_text(Some("Pick a storage pool"));
        imp.button
            .update_property(&[gtk::accessible::Property::Label("Storage pool")]);
        imp.button.set_valign(gtk::Align::Center);
        imp.button.add_css_class("flat");
        imp.button.set_sensitive(false);
        adw::prelude::EntryRowExt::add_suffix(self, &imp.button);

        let picker = self.downgrade();
        imp.list.connect_row_activated(move |_, row| {
            let Some(picker) = picker.upgrade() else {
                return;
            };
            let imp = picker.imp();
            imp.button.popdown();
            let name = usize::try_from(row.index())
                .ok()
                .and_then(|index| Some(imp.pools.borrow().get(index)?.name.clone()));
            if let (Some(name), Some(picked)) = (name, imp.picked.borrow().as_ref()) {
                picked(&name);
            }
        });
    }
}

fn pool_row(pool: &Pool) -> gtk::ListBoxRow {
    let label = |text: &str, class: Option<&str>| {
        let label = gtk::Label::builder()
            .label(text)
            .xalign(0.0)
            .ellipsize(gtk::pango::EllipsizeMode::Middle)
            .max_width_chars(40)
            .build();
        if let Some(class) = class {
            label.add_css_class(class);
            label.add_css_class("caption");
        }
        label
    };
    let content = gtk::Box::builder()
        .orientation(gtk::Orientation::Vertical)
        .margin_top(6)
        .margin_bottom(6)
        .margin_start(6)
        .margin_end(6)
        .build();
    content.append(&label(&pool.name, None));
    let free = format!("{} free", format::bytes(pool.available));
    let detail = match &pool.path {
        Some(path) => format!("{path} · {free}"),
        None => free,
    };
    content.append(&label(&detail, Some("dim-label")));
    let row = gtk::ListBoxRow::builder().child(&content).build();
    row.update_property(&[gtk::accessible::Property::Label(&format!(
        "{}, {detail}",
        pool.name
    ))]);
    row
}
