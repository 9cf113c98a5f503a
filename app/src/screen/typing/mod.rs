//! Types a text as keys, for a side that cannot be given it otherwise: an installer, a login, a
//! text console.
//!
//! A keyboard says which keys are pressed, and the other side's layout makes characters of them. So
//! the user says what layout that is.

mod layout;
mod layouts;

use std::time::Duration;

use adw::prelude::*;
use gtk::glib;
use relm4::prelude::*;

use super::keys::Stroke;
use super::preferences::Preferences;
use layout::Layout;
use layouts::LayoutName;

/// From one character to the next, where a display takes them. Faster than anybody reads, and slow
/// enough for a guest that is emulated.
pub const PACE: Duration = Duration::from_millis(20);

/// More than anybody wants to wait for: an hour and a half of typing.
const MOST: usize = 100_000;

/// As many characters as are named that cannot be typed.
const MOST_NAMED: usize = 12;

/// The window in which a text is written and typed.
pub struct TypeText {
    preferences: Preferences,
    pace: Duration,
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
    /// What is left to type, the next stroke last, and how much there was.
    waiting: Vec<Stroke>,
    total: usize,
    typed: bool,
    /// Whether the other side takes keys.
    reachable: bool,
    /// How much was left when it was lost.
    waiting_at_break: usize,
}

/// What the window begins with.
pub struct TypeTextInit {
    /// The window that it is over.
    pub parent: gtk::Window,
    /// What the other side is called.
    pub name: String,
    /// Begin with what is in the clipboard.
    pub from_clipboard: bool,
    /// From one character to the next.
    pub pace: Duration,
    /// What layout was last typed for.
    pub preferences: Preferences,
}

/// What the window is told.
#[derive(Debug)]
pub enum TypeTextInput {
    /// The text changed.
    Changed,
    /// One of the layouts was chosen.
    Chosen,
    /// Type, or stop typing.
    Go,
    /// Whether the other side takes keys.
    Reachable(bool),
    /// The window was closed.
    Closed,
}

/// What the screen is told.
#[derive(Debug)]
pub enum TypeTextOutput {
    /// Press these keys.
    Press(Stroke),
    /// The window was closed.
    Closed,
}

/// What takes a moment.
pub enum TypeTextAnswer {
    /// All layouts, and the one to begin with.
    Layouts(Vec<LayoutName>, Option<String>),
    /// The keys of the layout of that name.
    Layout(String, Option<Layout>),
    /// The next character is due.
    Due,
}

impl std::fmt::Debug for TypeTextAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TypeTextAnswer")
    }
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
                        set_label: if model.typed { "_Close" } else { "_Cancel" },
                        set_use_underline: true,
                        set_action_name: Some("window.close"),
                    },
                    pack_end = &gtk::Button {
                        #[watch]
                        set_label: if model.is_typing() { "_Stop" } else { "_Type" },
                        set_use_underline: true,
                        #[watch]
                        set_css_classes: if model.is_typing() { &[] } else { &["suggested-action"] },
                        #[watch]
                        set_sensitive: model.is_typing() || model.can_type(),
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
                            set_sensitive: !model.is_typing(),
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
                            set_sensitive: !model.is_typing(),
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
                        set_visible: model.total > 0,
                        #[watch]
                        set_fraction: model.fraction(),
                        #[watch]
                        set_text: Some(&model.progress()),
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
            waiting: Vec::new(),
            total: 0,
            typed: false,
            reachable: true,
            waiting_at_break: 0,
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
            TypeTextInput::Go if self.is_typing() => self.waiting.clear(),
            TypeTextInput::Go => self.begin(&sender),
            TypeTextInput::Reachable(reachable) => {
                self.reachable = reachable;
                if !reachable && self.is_typing() {
                    self.waiting_at_break = self.waiting.len();
                    self.waiting.clear();
                }
            }
            TypeTextInput::Closed => {
                self.waiting.clear();
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
            TypeTextAnswer::Due => self.next(&sender),
        }
        self.update_view(widgets, sender);
    }
}

impl TypeText {
    fn is_typing(&self) -> bool {
        !self.waiting.is_empty()
    }

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
        self.typed = false;
        self.total = 0;
        self.waiting_at_break = 0;
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
        self.waiting = strokes(&self.text(), layout);
        self.waiting.reverse();
        self.total = self.waiting.len();
        self.typed = false;
        self.waiting_at_break = 0;
        self.next(sender);
    }

    /// Presses the next keys, if typing was not stopped.
    fn next(&mut self, sender: &ComponentSender<Self>) {
        let Some(stroke) = self.waiting.pop() else {
            return;
        };
        // A window that is gone needs no telling.
        let _ = sender.output(TypeTextOutput::Press(stroke));
        if self.waiting.is_empty() {
            self.typed = true;
            return;
        }
        let pace = self.pace;
        sender.oneshot_command(async move {
            tokio::time::sleep(pace).await;
            TypeTextAnswer::Due
        });
    }

    /// What the user should know of the text.
    fn remark(&self) -> String {
        if self.waiting_at_break > 0 {
            "The connection broke while the text was typed: part of it did not arrive.".to_owned()
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

    fn fraction(&self) -> f64 {
        let done = self.done();
        done as f64 / self.total.max(1) as f64
    }

    /// How many keys have been pressed.
    fn done(&self) -> usize {
        let left = self.waiting.len().max(self.waiting_at_break);
        self.total - left.min(self.total)
    }

    fn progress(&self) -> String {
        let done = self.done();
        match (self.is_typing(), done == self.total) {
            (true, _) => format!("{done} of {} keys", self.total),
            (false, true) => "Typed".to_owned(),
            (false, false) => "Stopped".to_owned(),
        }
    }
}

/// A text with line ends as the Enter key makes them.
fn characters(text: &str) -> impl Iterator<Item = char> {
    let mut last = ' ';
    text.chars().filter_map(move |character| {
        let before = std::mem::replace(&mut last, character);
        match character {
            '\n' if before == '\r' => None,
            '\r' => Some('\n'),
            other => Some(other),
        }
    })
}

/// Everything to press for `text`; characters without keys are left out.
fn strokes(text: &str, layout: &Layout) -> Vec<Stroke> {
    characters(text)
        .filter_map(|character| layout.strokes(character))
        .flatten()
        .collect()
}

/// The characters of `text` that have no keys, each once, fit to be shown in a sentence.
fn missing(text: &str, layout: &Layout) -> String {
    let mut missing = Vec::new();
    for character in characters(text) {
        if !missing.contains(&character) && layout.strokes(character).is_none() {
            missing.push(character);
            if missing.len() > MOST_NAMED {
                break;
            }
        }
    }
    let named: Vec<String> = missing
        .iter()
        .take(MOST_NAMED)
        .map(|character| {
            if character.is_control() || character.is_whitespace() {
                format!("U+{:04X}", u32::from(*character))
            } else {
                character.to_string()
            }
        })
        .collect();
    let more = if missing.len() > MOST_NAMED {
        " and others"
    } else {
        ""
    };
    format!("{}{more}", named.join(" "))
}

/// The list of layouts, which can be searched: it is long.
fn list_of_layouts(
    labels: &gtk::StringList,
    input: &relm4::Sender<TypeTextInput>,
) -> gtk::DropDown {
    let label = gtk::PropertyExpression::new(
        gtk::StringObject::static_type(),
        gtk::Expression::NONE,
        "string",
    );
    let list = gtk::DropDown::new(Some(labels.clone()), Some(label));
    list.set_enable_search(true);
    list.set_valign(gtk::Align::Center);
    let input = input.clone();
    list.connect_selected_notify(move |_| input.emit(TypeTextInput::Chosen));
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_become_strokes_and_what_is_missing_is_named() {
        let layout = Layout::load("us").unwrap();
        let keycodes = |text| -> Vec<Vec<u32>> {
            strokes(text, &layout)
                .iter()
                .map(Stroke::keycodes)
                .collect()
        };
        assert_eq!(keycodes("aB\r\n"), [vec![30], vec![42, 48], vec![28]]);
        assert_eq!(keycodes("a€b"), [vec![30], vec![48]]);
        assert_eq!(missing("a€b€\u{7}\u{a0}", &layout), "€ U+0007 U+00A0");
        assert_eq!(missing("plain\ttext\n", &layout), "");
        let many: String = ('α'..='ω').collect();
        assert!(missing(&many, &layout).ends_with("and others"));
    }
}
