//! Types a text as keys, for a side that cannot be given it otherwise: an installer, a login, a
//! text console.
//!
//! A keyboard says which keys are pressed, and the other side's layout makes characters of them. So
//! the user says what layout that is.

mod course;
mod layout;
mod layouts;
mod messages;
mod text;

use adw::prelude::*;
use gtk::glib;
use relm4::prelude::*;

use super::preferences::Preferences;
use course::Course;
use layout::Layout;
use layouts::{LayoutName, list_of_layouts};
pub use messages::{PACE, Pace, TypeTextAnswer, TypeTextInit, TypeTextInput, TypeTextOutput};
use text::{missing, strokes};

/// More than anybody wants to wait for: an hour and a half of typing.
const MOST: usize = 100_000;

/// The window in which a text is written and typed.
pub struct TypeText {
    preferences: Preferences,
    pace: Pace,
    buffer: gtk::TextBuffer,
    names: Vec<LayoutName>,
    /// The layout that was chosen last, as xkb names it.
    chosen: String,
    labels: gtk::StringList,
    layouts: gtk::DropDown,
    layout: Option<Layout>,
    /// Characters of the text that have no keys, as they are shown.
    missing: String,
    length: usize,
    course: Course,
    /// Whether the other side takes keys.
    reachable: bool,
}

#[relm4::component(pub)]
impl Component for TypeText {
    type Init = TypeTextInit;
    type Input = TypeTextInput;
    type Output = TypeTextOutput;
    type CommandOutput = TypeTextAnswer;

    view! {
        adw::Window {
            set_modal: true,
            set_default_size: (480, 420),
            set_title: Some("Type Text"),
            connect_close_request[sender] => move |_| {
                sender.input_sender().emit(TypeTextInput::Closed);
                glib::Propagation::Proceed
            },

            add_controller = gtk::ShortcutController {
                add_shortcut = gtk::Shortcut {
                    set_trigger: Some(gtk::KeyvalTrigger::new(
                        gtk::gdk::Key::Escape,
                        gtk::gdk::ModifierType::empty(),
                    )),
                    set_action: Some(gtk::NamedAction::new("window.close")),
                },
            },

            #[wrap(Some)]
            set_content = &gtk::Box {
                set_orientation: gtk::Orientation::Vertical,

                adw::HeaderBar {
                    set_show_start_title_buttons: false,
                    set_show_end_title_buttons: false,

                    #[wrap(Some)]
                    set_title_widget = &adw::WindowTitle {
                        set_title: "Type Text",
                        set_subtitle: &name,
                    },
                    pack_start = &gtk::Button {
                        #[watch]
                        set_label: if model.course.is_typed() { "_Close" } else { "_Cancel" },
                        set_use_underline: true,
                        set_action_name: Some("window.close"),
                    },
                    pack_end = &gtk::Button {
                        #[watch]
                        set_label: if model.course.is_typing() { "_Stop" } else { "_Type" },
                        set_use_underline: true,
                        #[watch]
                        set_css_classes: if model.course.is_typing() { &[] } else { &["suggested-action"] },
                        #[watch]
                        set_sensitive: model.course.is_typing() || model.can_type(),
                        connect_clicked => TypeTextInput::Go,
                    },
                },

                gtk::Box {
                    set_orientation: gtk::Orientation::Vertical,
                    set_spacing: 12,
                    set_margin_all: 12,

                    gtk::ScrolledWindow {
                        set_vexpand: true,
                        add_css_class: "card",

                        #[name(text)]
                        gtk::TextView {
                            set_buffer: Some(&model.buffer),
                            set_monospace: true,
                            set_wrap_mode: gtk::WrapMode::WordChar,
                            // Tab leads on, as everywhere; it can be pasted.
                            set_accepts_tab: false,
                            set_top_margin: 9,
                            set_bottom_margin: 9,
                            set_left_margin: 9,
                            set_right_margin: 9,
                            #[watch]
                            set_sensitive: !model.course.is_typing(),
                            update_property: &[gtk::accessible::Property::Label("Text")],
                        },
                    },
                    gtk::ListBox {
                        add_css_class: "boxed-list",
                        set_selection_mode: gtk::SelectionMode::None,

                        adw::ActionRow {
                            set_title: "Keyboard layout",
                            set_subtitle: "As the other side has it. Installers begin with English (US).",
                            set_subtitle_lines: 2,
                            #[watch]
                            set_sensitive: !model.course.is_typing(),
                            set_activatable_widget: Some(&model.layouts),
                            add_suffix: &model.layouts,
                        },
                    },
                    gtk::Label {
                        set_xalign: 0.0,
                        set_wrap: true,
                        set_wrap_mode: gtk::pango::WrapMode::WordChar,
                        set_css_classes: &["caption", "dim-label"],
                        #[watch]
                        set_label: &model.remark(),
                        #[watch]
                        set_visible: !model.remark().is_empty(),
                    },
                    gtk::ProgressBar {
                        set_show_text: true,
                        #[watch]
                        set_visible: model.course.has_begun(),
                        #[watch]
                        set_fraction: model.course.fraction(),
                        #[watch]
                        set_text: Some(&model.course.progress()),
                    },
                },
            },
        }
    }

    fn init(
        init: Self::Init,
        root: Self::Root,
        sender: ComponentSender<Self>,
    ) -> ComponentParts<Self> {
        let buffer = gtk::TextBuffer::new(None);
        buffer.connect_changed({
            let input = sender.input_sender().clone();
            move |_| input.emit(TypeTextInput::Changed)
        });
        let name = init.name;
        let labels = gtk::StringList::default();
        let model = Self {
            preferences: init.preferences,
            pace: init.pace,
            buffer: buffer.clone(),
            names: Vec::new(),
            chosen: String::new(),
            labels: labels.clone(),
            layouts: list_of_layouts(&labels, sender.input_sender()),
            layout: None,
            missing: String::new(),
            length: 0,
            course: Course::default(),
            reachable: true,
        };
        let widgets = view_output!();
        root.set_transient_for(Some(&init.parent));
        if init.from_clipboard {
            let clipboard = root.clipboard();
            relm4::spawn_local(async move {
                // Without a text in it there is nothing to begin with, and the text is empty.
                if let Ok(Some(text)) = clipboard.read_text_future().await {
                    buffer.set_text(&text);
                }
            });
        }
        let last = model.preferences.get().typing_layout;
        sender.spawn_oneshot_command(move || {
            let first = Some(last).filter(|last| !last.is_empty());
            TypeTextAnswer::Layouts(layouts::all(), first.or_else(layouts::of_this_computer))
        });
        root.present();
        widgets.text.grab_focus();
        ComponentParts { model, widgets }
    }

    fn update(&mut self, input: Self::Input, sender: ComponentSender<Self>, _root: &Self::Root) {
        match input {
            TypeTextInput::Changed => self.look(),
            TypeTextInput::Chosen => self.choose(&sender),
            TypeTextInput::Go if self.course.is_typing() => self.course.stop(),
            TypeTextInput::Go => self.begin(&sender),
            TypeTextInput::Reachable(reachable) => {
                self.reachable = reachable;
                if !reachable {
                    self.course
                        .break_off("The connection broke while the text was typed.");
                }
            }
            TypeTextInput::Taken(_) if !self.course.is_told() => {}
            TypeTextInput::Taken(Ok(())) => {
                self.course.taken();
                self.next(&sender);
            }
            TypeTextInput::Taken(Err(reason)) => self.course.break_off(&reason),
            TypeTextInput::Closed => {
                self.course.stop();
                // A window that is gone needs no telling.
                let _ = sender.output(TypeTextOutput::Closed);
            }
        }
    }

    fn update_cmd_with_view(
        &mut self,
        widgets: &mut Self::Widgets,
        answer: Self::CommandOutput,
        sender: ComponentSender<Self>,
        _root: &Self::Root,
    ) {
        match answer {
            TypeTextAnswer::Layouts(names, first) => {
                let labels: Vec<&str> = names.iter().map(|name| name.label.as_str()).collect();
                let place = |id: &str| names.iter().position(|name| name.id == id);
                let place = first.as_deref().and_then(place).or_else(|| place("us"));
                let place = place.unwrap_or(0) as u32;
                // The list chooses its first entry by itself as soon as it has one.
                self.labels.splice(0, self.labels.n_items(), &labels);
                self.layouts.set_selected(place);
                self.names = names;
                self.load(place, &sender);
            }
            // Another one may have been chosen meanwhile.
            TypeTextAnswer::Layout(id, _) if id != self.chosen => {}
            TypeTextAnswer::Layout(_, layout) => {
                self.layout = layout;
                self.look();
            }
            TypeTextAnswer::Due(serial) => {
                self.course.due(serial);
                self.next(&sender);
            }
        }
        self.update_view(widgets, sender);
    }
}

impl TypeText {
    fn can_type(&self) -> bool {
        self.reachable && self.layout.is_some() && self.length > 0 && self.length <= MOST
    }

    fn text(&self) -> glib::GString {
        let (start, end) = self.buffer.bounds();
        self.buffer.text(&start, &end, false)
    }

    /// Finds out what of the text can be typed.
    fn look(&mut self) {
        let text = self.text();
        self.length = text.chars().count();
        self.course.forget();
        self.missing = match &self.layout {
            Some(layout) => missing(&text, layout),
            None => String::new(),
        };
    }

    /// Takes up what is chosen now; notices of earlier choices may still be under way.
    fn choose(&mut self, sender: &ComponentSender<Self>) {
        let before = self.chosen.clone();
        self.load(self.layouts.selected(), sender);
        if self.chosen != before {
            self.preferences
                .update(|settings| settings.typing_layout.clone_from(&self.chosen));
        }
    }

    /// Finds out which keys the layout at that place has.
    fn load(&mut self, place: u32, sender: &ComponentSender<Self>) {
        let Some(name) = self.names.get(place as usize) else {
            return;
        };
        if self.chosen == name.id {
            return;
        }
        self.chosen.clone_from(&name.id);
        self.layout = None;
        let id = name.id.clone();
        sender.spawn_oneshot_command(move || {
            let layout = Layout::load(&id);
            TypeTextAnswer::Layout(id, layout)
        });
    }

    fn begin(&mut self, sender: &ComponentSender<Self>) {
        let Some(layout) = &self.layout else { return };
        self.course.begin(strokes(&self.text(), layout));
        self.next(sender);
    }

    /// Presses the next keys, if it is time for them.
    fn next(&mut self, sender: &ComponentSender<Self>) {
        let Some((serial, stroke)) = self.course.next(self.pace.when_taken) else {
            return;
        };
        // A window that is gone needs no telling.
        let _ = sender.output(TypeTextOutput::Press(stroke));
        let pause = self.pace.pause;
        sender.oneshot_command(async move {
            tokio::time::sleep(pause).await;
            TypeTextAnswer::Due(serial)
        });
    }

    /// What the user should know of the text.
    fn remark(&self) -> String {
        if let Some(reason) = self.course.broken() {
            format!("{reason} Part of the text did not arrive.")
        } else if !self.reachable {
            "Nothing can be typed while there is no connection.".to_owned()
        } else if self.length > MOST {
            format!("This is too long: at most {MOST} characters are typed at once.")
        } else if !self.missing.is_empty() {
            format!(
                "This layout has no keys for {}; they are left out.",
                self.missing
            )
        } else {
            String::new()
        }
    }
}
