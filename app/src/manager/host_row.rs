//! The head of a host's section: its name, its capacity or its trouble in words, what helps, and a
//! fold for its guests.

use std::rc::Rc;

use adw::prelude::*;
use adw::subclass::prelude::*;
use backend::model::HostState;
use gtk::{gio, glib};

use crate::hosts::HostId;
use crate::manager::host_action::{self, HostAction, Means};
use crate::manager::item::{HostContent, RowItem};
use crate::manager::rows::RowKey;
use crate::manager::words;

/// What the head of a section asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostEvent {
    /// Fold or unfold its guests.
    Fold,
    /// Do something with the host.
    Act(HostAction),
}

/// Called with the host and what its row asks for.
pub type OnHostEvent = Rc<dyn Fn(HostId, HostEvent)>;

mod imp {
    use std::cell::{OnceCell, RefCell};

    use adw::subclass::prelude::*;
    use gtk::glib;

    use super::{HostAction, Means, OnHostEvent};
    use crate::manager::item::RowItem;

    #[derive(Default)]
    pub struct HostRow {
        pub item: RefCell<Option<(RowItem, glib::SignalHandlerId)>>,
        pub on_event: OnceCell<OnHostEvent>,
        pub means: OnceCell<Means>,
        pub fold: gtk::Button,
        pub name: gtk::Label,
        /// Its text changes every second while the host is silent; a label's would lay out the whole
        /// list anew each time.
        pub line: gtk::Inscription,
        /// What screen readers were told last.
        pub spoken: RefCell<String>,
        pub spinner: gtk::Spinner,
        pub menu: gtk::MenuButton,
        pub problem: gtk::Box,
        pub message: gtk::Label,
        pub remedy: gtk::Label,
        pub buttons: gtk::Box,
        /// What the menu and the buttons offer now, as labels and names of actions. Made anew only
        /// when it changes: an open menu would close, and the keyboard lose its place.
        pub offered: RefCell<Offer>,
        pub further: gtk::Box,
    }

    /// What is offered in the menu, and in the buttons.
    pub type Offer = (
        Vec<(&'static str, HostAction)>,
        Vec<(&'static str, HostAction)>,
    );

    #[glib::object_subclass]
    impl ObjectSubclass for HostRow {
        const NAME: &'static str = "GuesthouseHostRow";
        type Type = super::HostRow;
        type ParentType = gtk::Box;

        fn class_init(class: &mut Self::Class) {
            class.set_css_name("hostrow");
            class.set_accessible_role(gtk::AccessibleRole::Group);
        }
    }

    impl ObjectImpl for HostRow {
        fn constructed(&self) {
            self.parent_constructed();
            self.obj().build();
        }

        fn dispose(&self) {
            self.obj().unbind();
        }
    }

    impl WidgetImpl for HostRow {}
    impl BoxImpl for HostRow {}
}

glib::wrapper! {
    /// The head of a host's section.
    pub struct HostRow(ObjectSubclass<imp::HostRow>)
        @extends gtk::Box, gtk::Widget,
        @implements gtk::Accessible, gtk::Buildable, gtk::ConstraintTarget, gtk::Orientable;
}

impl HostRow {
    /// A head that shows nothing yet.
    pub fn new(means: Means, on_event: OnHostEvent) -> Self {
        let row: Self = glib::Object::new();
        row.imp().means.get_or_init(|| means);
        row.imp().on_event.get_or_init(|| on_event);
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

    fn build(&self) {
        let imp = self.imp();
        self.set_orientation(gtk::Orientation::Vertical);
        // It cannot be selected, and GTK passes the keyboard on to what a row like that shows.
        self.set_focusable(true);

        imp.fold.add_css_class("flat");
        imp.fold.set_valign(gtk::Align::Center);
        imp.name.set_ellipsize(gtk::pango::EllipsizeMode::Middle);
        imp.name.set_max_width_chars(40);
        imp.name.add_css_class("heading");
        imp.line
            .set_text_overflow(gtk::InscriptionOverflow::EllipsizeEnd);
        imp.line.set_min_chars(0);
        imp.line.set_hexpand(true);
        imp.line.add_css_class("dim-label");
        imp.line.add_css_class("numeric");
        imp.menu.set_icon_name("view-more-symbolic");
        imp.menu.add_css_class("flat");
        imp.menu.set_valign(gtk::Align::Center);
        imp.menu.set_tooltip_text(Some("Host Menu"));
        imp.menu
            .update_property(&[gtk::accessible::Property::Label("Host Menu")]);

        let head = gtk::Box::new(gtk::Orientation::Horizontal, 6);
        for part in [
            imp.fold.upcast_ref::<gtk::Widget>(),
            imp.name.upcast_ref(),
            imp.line.upcast_ref(),
            imp.spinner.upcast_ref(),
            imp.menu.upcast_ref(),
        ] {
            head.append(part);
        }
        imp.line.set_margin_start(6);
        self.append(&head);

        for label in [&imp.message, &imp.remedy] {
            label.set_wrap(true);
            label.set_wrap_mode(gtk::pango::WrapMode::WordChar);
            label.set_xalign(0.0);
        }
        imp.remedy.add_css_class("dim-label");
        imp.buttons.set_spacing(6);
        imp.buttons.set_margin_top(6);
        imp.further.set_spacing(6);
        imp.problem.set_orientation(gtk::Orientation::Vertical);
        imp.problem.set_spacing(6);
        imp.problem.add_css_class("problem");
        imp.problem.append(&imp.message);
        imp.problem.append(&imp.remedy);
        imp.problem.append(&imp.buttons);
        imp.problem.append(&imp.further);
        self.append(&imp.problem);

        let row = self.downgrade();
        imp.fold.connect_clicked(move |_| {
            if let Some(row) = row.upgrade() {
                row.emit(HostEvent::Fold);
            }
        });
        self.add_actions();
    }

    fn add_actions(&self) {
        let group = gio::SimpleActionGroup::new();
        for action in [
            HostAction::Connect,
            HostAction::UseSession,
            HostAction::StartDaemon,
            HostAction::Check,
            HostAction::Disconnect,
            HostAction::Forget,
        ] {
            let entry = gio::SimpleAction::new(action.name(), None);
            let row = self.downgrade();
            entry.connect_activate(move |_, _| {
                if let Some(row) = row.upgrade() {
                    row.emit(HostEvent::Act(action));
                }
            });
            group.add_action(&entry);
        }
        self.insert_action_group("host", Some(&group));
    }

    fn emit(&self, event: HostEvent) {
        let key = self
            .imp()
            .item
            .borrow()
            .as_ref()
            .and_then(|(item, _)| item.key());
        if let (Some(RowKey::Host(id)), Some(on_event)) = (key, self.imp().on_event.get()) {
            on_event(id, event);
        }
    }

    fn draw(&self, item: &RowItem) {
        let Some(content) = item.host() else {
            return;
        };
        let imp = self.imp();
        let entry = &content.entry;
        let state = &entry.snapshot.state;

        let (icon, label) = if content.collapsed {
            ("pan-end-symbolic", "Show Guests")
        } else {
            ("pan-down-symbolic", "Hide Guests")
        };
        imp.fold.set_icon_name(icon);
        imp.fold.set_tooltip_text(Some(label));
        imp.fold
            .update_property(&[gtk::accessible::Property::Label(label)]);

        let line = words::host_line(&entry.snapshot);
        imp.name.set_label(entry.name());
        imp.name.set_tooltip_text(Some(entry.uri()));
        imp.line.set_text(Some(&line));
        imp.line.set_tooltip_text(Some(&line));
        let connecting = *state == HostState::Connecting;
        imp.spinner.set_visible(connecting);
        imp.spinner.set_spinning(connecting);
        let silent = matches!(state, HostState::NotAnswering { .. });
        if silent {
            imp.name.add_css_class("dim-label");
        } else {
            imp.name.remove_css_class("dim-label");
        }
        let spoken = format!(
            "{}, {}",
            entry.name(),
            words::spoken_host_line(&entry.snapshot)
        );
        if *imp.spoken.borrow() != spoken {
            self.update_property(&[gtk::accessible::Property::Label(&spoken)]);
            imp.spoken.replace(spoken);
        }
        self.draw_offer(&content);
        self.draw_problem(&content);
    }

    /// Fills the menu, and the buttons below a problem.
    fn draw_offer(&self, content: &HostContent) {
        let imp = self.imp();
        let state = &content.entry.snapshot.state;
        let labelled = |actions: Vec<HostAction>| {
            let label = |action: HostAction| (action.label(state), action);
            actions.into_iter().map(label).collect::<Vec<_>>()
        };
        let means = imp.means.get().copied().unwrap_or(Means {
            root: false,
            installed: true,
        });
        let offer = (
            labelled(host_action::menu(&content.entry)),
            labelled(host_action::remedies(&content.entry, means)),
        );
        if *imp.offered.borrow() == offer && imp.menu.menu_model().is_some() {
            return;
        }
        let menu = gio::Menu::new();
        for (label, action) in &offer.0 {
            menu.append(Some(label), Some(&format!("host.{}", action.name())));
        }
        imp.menu.set_menu_model(Some(&menu));
        for row in [&imp.buttons, &imp.further] {
            while let Some(button) = row.first_child() {
                row.remove(&button);
            }
        }
        for (label, action) in &offer.1 {
            let button = gtk::Button::with_mnemonic(label);
            button.set_action_name(Some(&format!("host.{}", action.name())));
            // On a line of its own, so that a narrow window holds them all.
            match action {
                HostAction::Check => imp.further.append(&button),
                _ => imp.buttons.append(&button),
            }
        }
        imp.offered.replace(offer);
    }

    fn draw_problem(&self, content: &HostContent) {
        let imp = self.imp();
        let HostState::Failed { error, .. } = &content.entry.snapshot.state else {
            imp.problem.set_visible(false);
            return;
        };
        imp.message.set_label(error.message());
        imp.message.set_tooltip_text(error.detail());
        imp.remedy.set_label(error.remedy().unwrap_or_default());
        imp.remedy.set_visible(error.remedy().is_some());
        imp.problem.set_visible(true);
    }
}
