//! What is said over a dimmed picture, with the one thing to do about it.

use gtk::prelude::*;
use relm4::prelude::*;

use vnc_widget::Credentials;

use super::link::Link;
use super::question::{Answer, Asked, Given};

/// A message over a picture.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Message {
    /// Its icon; a spinner where there is none, because something goes on by itself.
    pub icon: Option<&'static str>,
    /// What is the case, in a few words.
    pub title: String,
    /// More about it, in a sentence or two; may be empty.
    pub text: String,
    /// Label of the main button.
    pub act: Option<&'static str>,
    /// Something to be compared letter by letter.
    pub fact: Option<String>,
    /// Label of a second button.
    pub second: Option<&'static str>,
    /// Label of a third button.
    pub third: Option<&'static str>,
    /// What is asked, if anything is; then the buttons answer it.
    pub asked: Option<Asked>,
    /// Whether it is shown only after a moment, because mostly it is over by then.
    pub late: bool,
}

/// What lies below a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Below {
    /// Nothing to see.
    #[default]
    Nothing,
    /// A picture, to be dimmed rather than hidden.
    Picture,
    /// A picture that its display has dimmed by itself: it is the last one.
    LastPicture,
}

impl Below {
    /// What a VNC display has: it dims what is not live.
    pub fn of_display(has_picture: bool, link: &Link) -> Self {
        match (has_picture, link) {
            (false, _) => Self::Nothing,
            (true, Link::Up) => Self::Picture,
            (true, _) => Self::LastPicture,
        }
    }
}

/// Shows a [`Message`], or nothing.
pub struct Cover {
    message: Option<Box<Message>>,
    below: Below,
}

/// What the cover is told.
#[derive(Debug)]
pub enum CoverInput {
    /// What to show, and over what.
    Show(Option<Box<Message>>, Below),
    /// The button of that number was pressed, or Enter in the password's entry, which is the first.
    Button(usize),
}

/// What the user wants.
#[derive(Debug)]
pub enum CoverOutput {
    /// What the main button says.
    Act,
    /// What the second button says.
    Second,
    /// This is the answer to what was asked.
    Answer(Answer),
}

/// What was typed in, which then is in the entries no longer.
fn given(asked: &Asked, widgets: &CoverWidgets) -> Given {
    let password = widgets.password.text();
    widgets.password.set_text("");
    let mut credentials = if asked.wants_user() {
        Credentials::user(widgets.user.text(), password)
    } else {
        Credentials::password(password)
    };
    if asked.is_in_clear() {
        // The question and the button said so.
        credentials = credentials.even_in_clear();
    }
    Given {
        credentials,
        remember: asked.offers_to_remember() && widgets.remember.is_active(),
    }
}

#[relm4::component(pub)]
impl Component for Cover {
    type Init = ();
    type Input = CoverInput;
    type Output = CoverOutput;
    type CommandOutput = ();

    view! {
        #[root]
        gtk::ScrolledWindow {
            set_hscrollbar_policy: gtk::PolicyType::Never,
            #[watch]
            set_visible: model.message.is_some(),
            #[watch]
            set_css_classes: model.style(),

            gtk::Box {
                add_css_class: "message",
                set_orientation: gtk::Orientation::Vertical,
                set_valign: gtk::Align::Center,
                set_halign: gtk::Align::Center,
                set_spacing: 12,
                set_margin_all: 24,

                gtk::Spinner {
                    set_size_request: (32, 32),
                    set_halign: gtk::Align::Center,
                    #[watch]
                    set_visible: model.icon().is_none(),
                    #[watch]
                    set_spinning: model.message.is_some() && model.icon().is_none(),
                },
                gtk::Image {
                    set_pixel_size: 64,
                    #[watch]
                    set_visible: model.icon().is_some(),
                    #[watch]
                    set_icon_name: model.icon(),
                },
                gtk::Label {
                    add_css_class: "title-1",
                    set_wrap: true,
                    set_wrap_mode: gtk::pango::WrapMode::WordChar,
                    set_max_width_chars: 36,
                    set_justify: gtk::Justification::Center,
                    #[watch]
                    set_label: model.message.as_ref().map_or("", |message| &message.title),
                },
                gtk::Label {
                    set_wrap: true,
                    set_wrap_mode: gtk::pango::WrapMode::WordChar,
                    set_max_width_chars: 54,
                    set_justify: gtk::Justification::Center,
                    #[watch]
                    set_visible: model.message.as_ref().is_some_and(|message| !message.text.is_empty()),
                    #[watch]
                    set_label: model.message.as_ref().map_or("", |message| &message.text),
                },
                gtk::Label {
                    set_css_classes: &["monospace", "fact"],
                    set_selectable: true,
                    // It is for comparing, not for typing over.
                    set_can_focus: false,
                    set_wrap: true,
                    set_wrap_mode: gtk::pango::WrapMode::WordChar,
                    set_justify: gtk::Justification::Center,
                    #[watch]
                    set_visible: model.fact().is_some(),
                    #[watch]
                    set_label: model.fact().unwrap_or_default(),
                },
                #[name(user)]
                gtk::Entry {
                    set_width_chars: 30,
                    set_halign: gtk::Align::Center,
                    set_placeholder_text: Some("User Name"),
                    update_property: &[
                        gtk::accessible::Property::Label("User name for the screen"),
                    ],
                    #[watch]
                    set_visible: model.asks(Asked::wants_user),
                    connect_activate[password] => move |_| {
                        password.grab_focus();
                    },
                },
                #[local_ref]
                password -> gtk::PasswordEntry {
                    set_show_peek_icon: true,
                    set_width_chars: 30,
                    set_halign: gtk::Align::Center,
                    set_placeholder_text: Some("Password"),
                    update_property: &[
                        gtk::accessible::Property::Label("Password of the screen"),
                    ],
                    #[watch]
                    set_visible: model.asks(Asked::wants_password),
                    connect_activate => CoverInput::Button(0),
                },
                #[name(remember)]
                gtk::CheckButton {
                    set_label: Some("_Remember the password"),
                    set_use_underline: true,
                    update_property: &[
                        gtk::accessible::Property::Label("Remember the password"),
                    ],
                    set_halign: gtk::Align::Center,
                    #[watch]
                    set_visible: model.asks(Asked::offers_to_remember),
                },
                #[name(act)]
                gtk::Button {
                    set_use_underline: true,
                    set_halign: gtk::Align::Center,
                    set_margin_top: 12,
                    #[watch]
                    set_css_classes: if model.is_question_of_trust() {
                        &["pill", "cover-act"]
                    } else {
                        &["pill", "suggested-action", "cover-act"]
                    },
                    #[watch]
                    set_visible: model.act().is_some(),
                    #[watch]
                    set_label: model.act().unwrap_or_default(),
                    connect_clicked => CoverInput::Button(0),
                },
                #[name(second)]
                gtk::Button {
                    set_use_underline: true,
                    set_halign: gtk::Align::Center,
                    add_css_class: "pill",
                    #[watch]
                    set_visible: model.second().is_some(),
                    #[watch]
                    set_label: model.second().unwrap_or_default(),
                    connect_clicked => CoverInput::Button(1),
                },
                #[name(third)]
                gtk::Button {
                    set_use_underline: true,
                    set_halign: gtk::Align::Center,
                    add_css_class: "pill",
                    #[watch]
                    set_visible: model.third().is_some(),
                    #[watch]
                    set_label: model.third().unwrap_or_default(),
                    connect_clicked => CoverInput::Button(2),
                },
            },
        }
    }

    fn init(
        (): Self::Init,
        root: Self::Root,
        sender: ComponentSender<Self>,
    ) -> ComponentParts<Self> {
        let model = Self {
            message: None,
            below: Below::default(),
        };
        let password = gtk::PasswordEntry::new();
        let widgets = view_output!();
        ComponentParts { model, widgets }
    }

    fn update_with_view(
        &mut self,
        widgets: &mut Self::Widgets,
        input: Self::Input,
        sender: ComponentSender<Self>,
        _root: &Self::Root,
    ) {
        let output = match input {
            CoverInput::Show(message, below) => {
                if (&message, below) != (&self.message, self.below) {
                    self.show(message, below, widgets, sender);
                }
                return;
            }
            CoverInput::Button(button) => match self.asked() {
                Some(asked) if asked.wants_password() => {
                    let asked = asked.clone();
                    CoverOutput::Answer(Answer::Credentials(given(&asked, widgets)))
                }
                Some(asked) => CoverOutput::Answer(asked.answer(button)),
                None if button == 0 => CoverOutput::Act,
                None => CoverOutput::Second,
            },
        };
        // A window that is gone needs no telling.
        let _ = sender.output(output);
    }
}

impl Cover {
    fn show(
        &mut self,
        message: Option<Box<Message>>,
        below: Below,
        widgets: &mut CoverWidgets,
        sender: ComponentSender<Self>,
    ) {
        let asked = self.asked().cloned();
        let had_act = self.act();
        (self.message, self.below) = (message, below);
        self.update_view(widgets, sender);
        // What to do next is one key away.
        if self.asked().is_some() && self.asked() != asked.as_ref() {
            if self.asks(Asked::wants_user) {
                widgets.user.grab_focus();
            } else if self.asks(Asked::wants_password) {
                widgets.password.grab_focus();
            } else if let Some(careful) = self.careful_button(widgets) {
                careful.grab_focus();
            }
        } else if self.act().is_some() && self.act() != had_act {
            widgets.act.grab_focus();
        }
    }

    fn icon(&self) -> Option<&'static str> {
        self.message.as_ref()?.icon
    }

    fn act(&self) -> Option<&'static str> {
        self.message.as_ref()?.act
    }

    fn second(&self) -> Option<&'static str> {
        self.message.as_ref()?.second
    }

    fn third(&self) -> Option<&'static str> {
        self.message.as_ref()?.third
    }

    fn fact(&self) -> Option<&str> {
        self.message.as_ref()?.fact.as_deref()
    }

    fn asked(&self) -> Option<&Asked> {
        self.message.as_ref()?.asked.as_ref()
    }

    fn asks(&self, test: fn(&Asked) -> bool) -> bool {
        self.asked().is_some_and(test)
    }

    /// Whether the main button is one that nobody should press without thinking.
    fn is_question_of_trust(&self) -> bool {
        matches!(self.asked(), Some(Asked::Trust { .. }))
    }

    /// The button that does no harm.
    fn careful_button<'a>(&self, widgets: &'a CoverWidgets) -> Option<&'a gtk::Button> {
        let buttons = [&widgets.act, &widgets.second, &widgets.third];
        let harmless = |&index: &usize| {
            let asked = self.asked();
            asked.is_some_and(|asked| matches!(asked.answer(index), Answer::Refuse))
        };
        (0..buttons.len())
            .find(harmless)
            .map(|index| buttons[index])
    }

    fn style(&self) -> &'static [&'static str] {
        let late = self.message.as_ref().is_some_and(|message| message.late);
        match (self.below, late) {
            (Below::Picture, true) => &["cover", "over-picture", "scrim", "late"],
            (Below::Picture, false) => &["cover", "over-picture", "scrim"],
            (Below::LastPicture, true) => &["cover", "over-picture", "late"],
            (Below::LastPicture, false) => &["cover", "over-picture"],
            (Below::Nothing, true) => &["cover", "view", "late"],
            (Below::Nothing, false) => &["cover", "view"],
        }
    }
}
