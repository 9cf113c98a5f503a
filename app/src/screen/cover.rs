//! What is said over a dimmed picture, with the one thing to do about it.

use gtk::prelude::*;
use relm4::prelude::*;

use super::link::Link;

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
    /// Label of a second button.
    pub second: Option<&'static str>,
    /// Whether a password is asked; the main button then gives it.
    pub asks_password: bool,
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
    message: Option<Message>,
    below: Below,
}

/// What the cover is told.
#[derive(Debug)]
pub enum CoverInput {
    /// What to show, and over what.
    Show(Option<Message>, Below),
    /// The main button was pressed, or Enter in the password's entry.
    Act,
    /// The second button was pressed.
    Second,
}

/// What the user wants.
#[derive(Debug)]
pub enum CoverOutput {
    /// What the main button says.
    Act,
    /// What the second button says.
    Second,
    /// Go on with this password.
    Password(Secret),
}

/// A password on its way. Messages between components end up in logs, passwords must not.
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
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
                #[name(password)]
                gtk::PasswordEntry {
                    set_show_peek_icon: true,
                    set_width_chars: 30,
                    set_halign: gtk::Align::Center,
                    set_placeholder_text: Some("Password"),
                    update_property: &[
                        gtk::accessible::Property::Label("Password of the screen"),
                    ],
                    #[watch]
                    set_visible: model.asks_password(),
                    connect_activate => CoverInput::Act,
                },
                #[name(act)]
                gtk::Button {
                    set_use_underline: true,
                    set_halign: gtk::Align::Center,
                    set_margin_top: 12,
                    set_css_classes: &["pill", "suggested-action", "cover-act"],
                    #[watch]
                    set_visible: model.act().is_some(),
                    #[watch]
                    set_label: model.act().unwrap_or_default(),
                    connect_clicked => CoverInput::Act,
                },
                gtk::Button {
                    set_use_underline: true,
                    set_halign: gtk::Align::Center,
                    add_css_class: "pill",
                    #[watch]
                    set_visible: model.second().is_some(),
                    #[watch]
                    set_label: model.second().unwrap_or_default(),
                    connect_clicked => CoverInput::Second,
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
            CoverInput::Act if self.asks_password() => {
                let password = Secret(widgets.password.text().into());
                widgets.password.set_text("");
                CoverOutput::Password(password)
            }
            CoverInput::Act => CoverOutput::Act,
            CoverInput::Second => CoverOutput::Second,
        };
        // A window that is gone needs no telling.
        let _ = sender.output(output);
    }
}

impl Cover {
    fn show(
        &mut self,
        message: Option<Message>,
        below: Below,
        widgets: &mut CoverWidgets,
        sender: ComponentSender<Self>,
    ) {
        let asked = self.asks_password();
        let had_act = self.act();
        (self.message, self.below) = (message, below);
        self.update_view(widgets, sender);
        // What to do next is one key away.
        if self.asks_password() && !asked {
            widgets.password.grab_focus();
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

    fn asks_password(&self) -> bool {
        self.message
            .as_ref()
            .is_some_and(|message| message.asks_password)
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
