//! A sentence beside the thing it is about.

use gtk::glib;
use gtk::prelude::*;
use gtk::subclass::prelude::*;

/// How a sentence is meant; shown by icon and colour, never by colour alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    /// Worth knowing.
    #[default]
    Note,
    /// Found to be well.
    Good,
    /// May go wrong.
    Warning,
    /// Does not work so.
    Error,
    /// Being found out.
    Busy,
}

impl Tone {
    fn icon(self) -> &'static str {
        match self {
            Self::Note | Self::Busy => "dialog-information-symbolic",
            Self::Good => "emblem-ok-symbolic",
            Self::Warning => "dialog-warning-symbolic",
            Self::Error => "dialog-error-symbolic",
        }
    }

    fn css_class(self) -> &'static str {
        match self {
            Self::Note | Self::Busy => "dim-label",
            Self::Good => "success",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

mod imp {
    use std::cell::Cell;

    use super::{Tone, glib};
    use gtk::prelude::*;
    use gtk::subclass::prelude::*;

    #[derive(Debug, Default)]
    pub struct Notice {
        pub(super) icon: gtk::Image,
        pub(super) spinner: gtk::Spinner,
        pub(super) message: gtk::Label,
        pub(super) remedy: gtk::Label,
        pub(super) tone: Cell<Tone>,
    }

    #[glib::object_subclass]
    impl ObjectSubclass for Notice {
        const NAME: &'static str = "GuesthouseNotice";
        type Type = super::Notice;
        type ParentType = gtk::Box;
    }

    impl ObjectImpl for Notice {
        fn constructed(&self) {
            self.parent_constructed();
            let root = self.obj();
            root.set_spacing(6);
            root.set_visible(false);
            for label in [&self.message, &self.remedy] {
                label.set_wrap(true);
                label.set_wrap_mode(gtk::pango::WrapMode::WordChar);
                label.set_natural_wrap_mode(gtk::NaturalWrapMode::None);
                label.set_xalign(0.0);
                label.set_selectable(false);
            }
            self.remedy.add_css_class("dim-label");
            let texts = gtk::Box::new(gtk::Orientation::Vertical, 0);
            texts.set_hexpand(true);
            texts.append(&self.message);
            texts.append(&self.remedy);
            for mark in [
                self.icon.upcast_ref::<gtk::Widget>(),
                self.spinner.upcast_ref(),
            ] {
                mark.set_valign(gtk::Align::Start);
                mark.set_margin_top(1);
                root.append(mark);
            }
            root.append(&texts);
            root.add_css_class("caption");
        }
    }

    impl WidgetImpl for Notice {}
    impl BoxImpl for Notice {}
}

glib::wrapper! {
    /// A sentence with an icon, and a second one that says what to do; hidden while it has nothing
    /// to say.
    pub struct Notice(ObjectSubclass<imp::Notice>)
        @extends gtk::Box, gtk::Widget,
        @implements gtk::Accessible, gtk::Buildable, gtk::ConstraintTarget, gtk::Orientable;
}

impl Default for Notice {
    fn default() -> Self {
        glib::Object::new()
    }
}

impl Notice {
    /// One with nothing to say.
    pub fn new() -> Self {
        Self::default()
    }

    /// Says a sentence, and what to do where something is known.
    pub fn say(&self, tone: Tone, message: &str, remedy: Option<&str>) {
        let imp = self.imp();
        let busy = tone == Tone::Busy;
        imp.icon.set_icon_name(Some(tone.icon()));
        imp.icon.set_visible(!busy);
        imp.spinner.set_visible(busy);
        imp.spinner.set_spinning(busy);
        for part in [
            imp.icon.upcast_ref::<gtk::Widget>(),
            imp.message.upcast_ref(),
        ] {
            part.remove_css_class(imp.tone.get().css_class());
            part.add_css_class(tone.css_class());
        }
        imp.tone.set(tone);
        imp.message.set_label(message);
        imp.remedy.set_label(remedy.unwrap_or_default());
        imp.remedy.set_visible(remedy.is_some());
        self.set_visible(true);
    }

    /// Has nothing to say any more.
    pub fn clear(&self) {
        self.imp().spinner.set_spinning(false);
        self.set_visible(false);
    }

    /// The sentence, while there is one.
    pub fn message(&self) -> Option<glib::GString> {
        self.get_visible().then(|| self.imp().message.label())
    }
}
