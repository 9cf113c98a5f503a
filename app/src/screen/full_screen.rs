//! What is left of a window in full screen: a small tab at the top edge, and, for two seconds, how
//! to get the keyboard back.

use std::time::Duration;

use gtk::gio;
use gtk::prelude::*;
use relm4::prelude::*;

/// How long the hint stays.
const HINT: Duration = Duration::from_secs(2);

/// The tab and the hint; laid over the screen.
pub struct FullScreenTab {
    /// What the window is called.
    name: String,
    active: bool,
    open: bool,
    hint: bool,
    /// What gives the keyboard back.
    release_keys: String,
    /// Counts the hints shown, so that an old one's end does not hide a new one.
    shown: u64,
}

/// What the tab is told.
#[derive(Debug)]
pub enum FullScreenInput {
    /// The window entered or left full screen.
    Active(bool),
    /// The window is called so from now on.
    Name(String),
    /// The pointer or the keyboard opened or left the tab.
    Open(bool),
    /// The keyboard was taken for the guest: tell which keys give it back.
    Hint(String),
    /// The user wants the window back.
    Leave,
}

/// What the window is told.
#[derive(Debug)]
pub enum FullScreenOutput {
    /// Leave full screen.
    Leave,
}

/// The hint of that number has been shown long enough.
#[derive(Debug)]
pub struct HintEnds(u64);

#[relm4::component(pub)]
impl Component for FullScreenTab {
    /// The window's name, and the menu of keys.
    type Init = (String, gio::Menu);
    type Input = FullScreenInput;
    type Output = FullScreenOutput;
    type CommandOutput = HintEnds;

    view! {
        #[root]
        gtk::Box {
            set_orientation: gtk::Orientation::Vertical,
            set_halign: gtk::Align::Center,
            set_valign: gtk::Align::Start,
            #[watch]
            set_visible: model.active || model.hint,

            gtk::Box {
                set_orientation: gtk::Orientation::Vertical,
                set_halign: gtk::Align::Center,
                set_css_classes: &["osd", "full-screen-tab"],
                #[watch]
                set_visible: model.active,

                add_controller = gtk::EventControllerMotion {
                    connect_enter[sender] => move |_, _, _| {
                        sender.input_sender().emit(FullScreenInput::Open(true));
                    },
                    connect_leave[sender] => move |_| {
                        // Left when the window is taken apart, too.
                        let _ = sender.input_sender().send(FullScreenInput::Open(false));
                    },
                },
                add_controller = gtk::EventControllerFocus {
                    connect_enter[sender] => move |_| {
                        sender.input_sender().emit(FullScreenInput::Open(true));
                    },
                    connect_leave[sender] => move |_| {
                        // Left when the window is taken apart, too.
                        let _ = sender.input_sender().send(FullScreenInput::Open(false));
                    },
                },

                gtk::Revealer {
                    set_transition_type: gtk::RevealerTransitionType::SlideDown,
                    #[watch]
                    set_reveal_child: model.open,

                    gtk::Box {
                        set_spacing: 6,
                        set_margin_all: 6,

                        gtk::Label {
                            set_ellipsize: gtk::pango::EllipsizeMode::Middle,
                            set_max_width_chars: 30,
                            set_margin_start: 6,
                            add_css_class: "heading",
                            #[watch]
                            set_label: &model.name,
                        },
                        #[name(key_menu)]
                        gtk::MenuButton {
                            set_icon_name: "input-keyboard-symbolic",
                            set_tooltip_text: Some("Send Keys"),
                            set_menu_model: Some(&key_menu_model),
                            add_css_class: "flat",
                            update_property: &[gtk::accessible::Property::Label("Send Keys")],
                        },
                        gtk::Button {
                            set_icon_name: "view-restore-symbolic",
                            set_tooltip_text: Some("Leave Full Screen (F11)"),
                            add_css_class: "flat",
                            update_property: &[
                                gtk::accessible::Property::Label("Leave Full Screen"),
                            ],
                            connect_clicked => FullScreenInput::Leave,
                        },
                    },
                },
                // Always there to be found at the edge, and never gone from under the pointer.
                gtk::Image {
                    set_pixel_size: 10,
                    set_size_request: (60, 10),
                    #[watch]
                    set_icon_name: Some(if model.open { "pan-up-symbolic" } else { "pan-down-symbolic" }),
                },
            },

            gtk::Label {
                set_css_classes: &["osd", "full-screen-hint"],
                set_margin_top: 24,
                #[watch]
                set_label: &format!(
                    "{} gives the keyboard back · F11 then leaves full screen",
                    model.release_keys,
                ),
                set_wrap: true,
                set_can_target: false,
                #[watch]
                set_visible: model.hint,
            },
        }
    }

    fn init(
        (name, key_menu_model): Self::Init,
        root: Self::Root,
        sender: ComponentSender<Self>,
    ) -> ComponentParts<Self> {
        let model = Self {
            name,
            active: false,
            open: false,
            hint: false,
            release_keys: String::new(),
            shown: 0,
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
        match input {
            FullScreenInput::Active(active) => {
                self.active = active;
                self.open = false;
                self.hint = false;
            }
            FullScreenInput::Name(name) => self.name = name,
            // The open menu takes pointer and focus, but it belongs to the tab.
            FullScreenInput::Open(false) if menu_is_open(&widgets.key_menu) => {}
            FullScreenInput::Open(open) => self.open = open,
            FullScreenInput::Hint(keys) => {
                self.release_keys = keys;
                self.hint = true;
                self.end_hint(&sender);
            }
            FullScreenInput::Leave => {
                // A window that is gone has left it.
                let _ = sender.output(FullScreenOutput::Leave);
            }
        }
        self.update_view(widgets, sender);
    }

    fn update_cmd(
        &mut self,
        HintEnds(shown): Self::CommandOutput,
        _sender: ComponentSender<Self>,
        _root: &Self::Root,
    ) {
        if shown == self.shown {
            self.hint = false;
        }
    }
}

impl FullScreenTab {
    fn end_hint(&mut self, sender: &ComponentSender<Self>) {
        self.shown += 1;
        let shown = self.shown;
        sender.oneshot_command(async move {
            tokio::time::sleep(HINT).await;
            HintEnds(shown)
        });
    }
}

fn menu_is_open(button: &gtk::MenuButton) -> bool {
    button.popover().is_some_and(|menu| menu.is_visible())
}
