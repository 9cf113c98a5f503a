//! Adds a host: asks plain questions or takes an address, connects, and explains what stands in the
//! way.

mod answers;
mod draft;
mod failure;
mod form;
mod found;
mod key_row;
mod objection;
mod percent;
mod trial;
mod virt_manager;

use adw::prelude::*;
use backend::{Error, Host, Result};
use gtk::glib;
use relm4::prelude::*;
use wizard::Unlogged;
use wizard::widgets::{Notice, set_text};

use crate::hosts::Opener;
use draft::Draft;
use form::Form;
use found::FoundRow;
use virt_manager::Remembered;

/// Rows wider than this are hard to read.
const WIDEST: i32 = 560;

/// The dialog: a modal window over the list, which closes itself when it is done.
#[derive(Debug)]
pub struct AddHost {
    opener: Opener,
    draft: Draft,
    step: Step,
    /// Counts the attempts: what comes of an earlier one no longer counts.
    attempt: u64,
    found: Vec<Remembered>,
    form: Form,
    found_row: FoundRow,
    notice: Notice,
    failure: adw::Bin,
}

/// Where the dialog stands. A host that was connected or tried is added as it is, not opened again.
#[derive(Debug)]
enum Step {
    Asking,
    Connecting {
        host: Host,
        /// Whether it has said nothing for long.
        silent: bool,
    },
    Failed(Host),
}

impl Step {
    /// The host that may be added although it did not answer.
    fn unproved(&self) -> Option<&Host> {
        match self {
            Self::Asking | Self::Connecting { silent: false, .. } => None,
            Self::Connecting { host, .. } | Self::Failed(host) => Some(host),
        }
    }
}

/// What the dialog starts with.
#[derive(Debug)]
pub struct AddHostInit {
    /// The window to lie over.
    pub parent: gtk::Window,
    /// URIs of the hosts in the list.
    pub known: Vec<String>,
    /// How hosts are opened.
    pub opener: Opener,
}

/// What happens in the dialog.
#[derive(Debug)]
pub enum AddHostInput {
    /// An answer was changed.
    Answered,
    /// The address was changed by hand.
    Typed(Unlogged<String>),
    /// What virt-manager remembers.
    Found(Vec<Remembered>),
    /// Add this one of them.
    Take(String),
    /// Add all of them.
    TakeAll,
    /// Connect, and add what answers.
    Add,
    /// In that attempt the host has said nothing for long.
    Silent(u64),
    /// That attempt to connect came to its end.
    Tried(u64, Result<String>),
    /// Add what could not be connected.
    AddAnyway,
    /// Back to the answers, or away.
    Cancel,
    /// The window was closed.
    Closed,
}

/// A host to be shown and remembered.
#[derive(Debug)]
pub struct Added {
    /// The host, already connected or connecting.
    pub host: Host,
    /// What it is in words, where it has answered.
    pub words: Option<String>,
}

/// Opens the dialog over `parent`; `added` is called for each host the user adds. `known` are the
/// URIs in the list.
pub fn open(
    parent: &impl IsA<gtk::Window>,
    known: Vec<String>,
    opener: Opener,
    added: impl Fn(Added) + 'static,
) {
    let parent = parent.clone().upcast();
    AddHost::builder()
        .launch(AddHostInit {
            parent,
            known,
            opener,
        })
        .connect_receiver(move |_, host| added(host))
        // It lives as long as its window.
        .detach_runtime();
}

#[relm4::component(pub)]
impl Component for AddHost {
    type Init = AddHostInit;
    type Input = AddHostInput;
    type Output = Added;
    type CommandOutput = ();

    view! {
        #[name = "window"]
        adw::Window {
            set_title: Some("Add a Host"),
            set_modal: true,
            set_default_size: (520, 680),
            set_size_request: (360, 294),
            connect_close_request[sender] => move |_| {
                sender.input_sender().emit(AddHostInput::Closed);
                glib::Propagation::Proceed
            },

            gtk::Box {
                set_orientation: gtk::Orientation::Vertical,

                adw::HeaderBar {
                    set_show_start_title_buttons: false,
                    set_show_end_title_buttons: false,
                    #[wrap(Some)]
                    set_title_widget = &adw::WindowTitle::new("Add a Host", "") {},

                    pack_start = &gtk::Button {
                        #[watch]
                        set_label: if matches!(model.step, Step::Failed(_)) { "Back" } else { "Cancel" },
                        connect_clicked => AddHostInput::Cancel,
                    },
                    #[name = "add"]
                    pack_end = &gtk::Button {
                        set_label: "Add",
                        set_tooltip_text: Some("Connects first"),
                        add_css_class: "suggested-action",
                        #[watch]
                        set_visible: matches!(model.step, Step::Asking),
                        #[watch]
                        set_sensitive: model.draft.is_complete(),
                        connect_clicked => AddHostInput::Add,
                    },
                    pack_end = &gtk::Button {
                        set_label: "Add Anyway",
                        set_tooltip_text: Some("It is tried again by itself"),
                        #[watch]
                        set_visible: model.step.unproved().is_some(),
                        connect_clicked => AddHostInput::AddAnyway,
                    },
                },

                #[name = "stack"]
                gtk::Stack {
                    set_vexpand: true,
                    set_vhomogeneous: false,

                    add_named[Some("asking")] = &gtk::Box {
                        set_orientation: gtk::Orientation::Vertical,

                        gtk::ScrolledWindow {
                            set_vexpand: true,
                            set_hscrollbar_policy: gtk::PolicyType::Never,

                            adw::Clamp {
                                set_maximum_size: WIDEST,

                                gtk::Box {
                                    set_orientation: gtk::Orientation::Vertical,
                                    set_spacing: 18,
                                    set_margin_top: 18,
                                    set_margin_bottom: 18,
                                    set_margin_start: 12,
                                    set_margin_end: 12,

                                    append: model.found_row.widget(),
                                    append: model.form.widget(),
                                },
                            },
                        },

                        gtk::Separator {},

                        // What the answers come to stays in sight.
                        adw::Clamp {
                            set_maximum_size: WIDEST,

                            adw::PreferencesGroup {
                                set_margin_top: 12,
                                set_margin_bottom: 12,
                                set_margin_start: 12,
                                set_margin_end: 12,

                                #[name = "address"]
                                add = &form::field("Connection URI") -> adw::EntryRow {
                                    set_input_purpose: gtk::InputPurpose::Url,
                                    connect_changed[sender] => move |row| {
                                        let text = Unlogged(row.text().trim().to_owned());
                                        sender.input_sender().emit(AddHostInput::Typed(text));
                                    } @typed,
                                },

                                add: &model.notice,
                            },
                        },
                    },

                    add_named[Some("connecting")] = &gtk::Box {
                        set_orientation: gtk::Orientation::Vertical,
                        set_spacing: 12,
                        set_valign: gtk::Align::Center,
                        set_margin_start: 24,
                        set_margin_end: 24,

                        gtk::Spinner {
                            set_size_request: (32, 32),
                            #[watch]
                            set_spinning: matches!(model.step, Step::Connecting { .. }),
                        },
                        gtk::Label {
                            set_label: "Connecting…",
                            add_css_class: "title-3",
                        },
                        gtk::Label {
                            set_wrap: true,
                            set_wrap_mode: gtk::pango::WrapMode::WordChar,
                            set_justify: gtk::Justification::Center,
                            add_css_class: "dim-label",
                            #[watch]
                            set_label: model.draft.uri(),
                        },
                        gtk::Label {
                            set_wrap: true,
                            set_justify: gtk::Justification::Center,
                            #[watch]
                            set_visible: matches!(model.step, Step::Connecting { silent: true, .. }),
                            set_label: "It has not answered so far. Go on waiting, look whether it is \
                                        up, or add it as it is.",
                        },
                    },

                    add_named[Some("failed")] = &gtk::ScrolledWindow {
                        set_hscrollbar_policy: gtk::PolicyType::Never,

                        adw::Clamp {
                            set_maximum_size: 480,
                            set_margin_top: 24,
                            set_margin_bottom: 24,
                            set_margin_start: 12,
                            set_margin_end: 12,
                            set_valign: gtk::Align::Center,

                            model.failure.clone() -> adw::Bin {},
                        },
                    },

                    #[watch]
                    set_visible_child_name: model.page(),
                },
            },
        }
    }

    fn init(
        init: Self::Init,
        root: Self::Root,
        sender: ComponentSender<Self>,
    ) -> ComponentParts<Self> {
        root.set_transient_for(Some(&init.parent));
        root.set_destroy_with_parent(true);
        let input = sender.input_sender();
        let (answered, all) = (input.clone(), input.clone());
        let model = Self {
            opener: init.opener,
            draft: Draft::new(init.known),
            step: Step::Asking,
            attempt: 0,
            found: Vec::new(),
            form: Form::new(move || answered.emit(AddHostInput::Answered)),
            found_row: FoundRow::new(move || all.emit(AddHostInput::TakeAll)),
            notice: Notice::new(),
            failure: adw::Bin::new(),
        };
        model.notice.set_margin_top(9);
        model.notice.set_margin_start(6);
        let widgets = view_output!();
        root.add_controller(escape(input.clone()));
        root.set_default_widget(Some(&widgets.add));
        root.present();
        model.form.first().grab_focus();
        let input = input.clone();
        relm4::spawn_local(async move {
            // Nobody listens when the dialog was closed in the meantime.
            let _ = input.send(AddHostInput::Found(virt_manager::remembered().await));
        });
        ComponentParts { model, widgets }
    }

    fn update(&mut self, message: Self::Input, sender: ComponentSender<Self>, root: &Self::Root) {
        match message {
            AddHostInput::Answered => {
                self.draft.answer(self.form.answers());
            }
            AddHostInput::Typed(Unlogged(uri)) => {
                if let Some(answers) = self.draft.type_in(uri) {
                    self.form.show(answers);
                }
            }
            AddHostInput::Found(found) => {
                self.found = found;
                self.show_found(&sender);
            }
            AddHostInput::Take(uri) => self.take(|found| found.uri == uri, &sender),
            AddHostInput::TakeAll => self.take(|_| true, &sender),
            AddHostInput::Add => self.connect(&sender),
            AddHostInput::Tried(attempt, outcome) if attempt == self.attempt => {
                self.tried(outcome, &sender, root);
            }
            AddHostInput::Silent(attempt) if attempt == self.attempt => {
                if let Step::Connecting { silent, .. } = &mut self.step {
                    *silent = true;
                }
            }
            // Cancelled.
            AddHostInput::Tried(..) | AddHostInput::Silent(..) => {}
            AddHostInput::AddAnyway => {
                if let Some(host) = self.step.unproved().cloned() {
                    self.step = Step::Asking;
                    tell(&sender, Added { host, words: None });
                    root.destroy();
                }
            }
            AddHostInput::Cancel => match std::mem::replace(&mut self.step, Step::Asking) {
                Step::Asking => root.close(),
                Step::Connecting { host, .. } | Step::Failed(host) => self.give_up(&host),
            },
            AddHostInput::Closed => {
                if let Step::Connecting { host, .. } | Step::Failed(host) = &self.step {
                    host.close();
                }
            }
        }
    }

    fn pre_view() {
        address.block_signal(typed);
        // What is being typed stays as it is typed.
        if address.text().trim() != model.draft.uri() {
            set_text(address, model.draft.uri());
        }
        address.unblock_signal(typed);
        let (tone, hint) = model.draft.hint();
        model.notice.say(tone, hint, None);
    }

    fn post_view() {
        let default = match model.step {
            Step::Asking => Some(&*add),
            _ => None,
        };
        window.set_default_widget(default);
    }
}

impl AddHost {
    fn page(&self) -> &'static str {
        match self.step {
            Step::Asking => "asking",
            Step::Connecting { .. } => "connecting",
            Step::Failed(_) => "failed",
        }
    }

    fn connect(&mut self, sender: &ComponentSender<Self>) {
        if !matches!(self.step, Step::Asking) || !self.draft.is_complete() {
            return;
        }
        self.attempt += 1;
        let attempt = self.attempt;
        let host = self.opener.open(self.draft.uri());
        self.step = Step::Connecting {
            host: host.clone(),
            silent: false,
        };
        let input = sender.input_sender().clone();
        relm4::spawn_local(async move {
            // Nobody listens when the dialog was closed in the meantime.
            let silent = || drop(input.send(AddHostInput::Silent(attempt)));
            let outcome = trial::connect(&host, silent).await;
            let _ = input.send(AddHostInput::Tried(attempt, outcome));
        });
    }

    fn tried(
        &mut self,
        outcome: Result<String>,
        sender: &ComponentSender<Self>,
        root: &adw::Window,
    ) {
        let Step::Connecting { host, .. } = std::mem::replace(&mut self.step, Step::Asking) else {
            return;
        };
        match outcome {
            Ok(words) => {
                let words = Some(words);
                tell(sender, Added { host, words });
                root.destroy();
            }
            Err(error) => self.explain(host, &error),
        }
    }

    fn explain(&mut self, host: Host, error: &Error) {
        let page = failure::page(self.draft.uri(), error);
        self.failure.set_child(Some(&page));
        self.step = Step::Failed(host);
    }

    fn give_up(&mut self, host: &Host) {
        self.attempt += 1;
        host.close();
    }

    /// Adds what virt-manager remembers and `wanted` picks.
    fn take(&mut self, wanted: impl Fn(&Remembered) -> bool, sender: &ComponentSender<Self>) {
        for found in self.found.iter().filter(|found| wanted(found)) {
            let host = self.opener.open(&found.uri);
            self.draft.know(&found.uri);
            tell(sender, Added { host, words: None });
        }
        self.show_found(sender);
    }

    /// Shows of what virt-manager remembers what can be added.
    fn show_found(&mut self, sender: &ComponentSender<Self>) {
        let draft = &self.draft;
        self.found.retain(|found| draft.is_new(&found.uri));
        let input = sender.input_sender().clone();
        self.found_row.show(&self.found, move |uri| {
            input.emit(AddHostInput::Take(uri.to_owned()));
        });
    }
}

/// Tells the program. One that is ending needs no telling.
fn tell(sender: &ComponentSender<AddHost>, added: Added) {
    let _ = sender.output(added);
}

/// Escape does what the button at the left does.
fn escape(input: relm4::Sender<AddHostInput>) -> gtk::ShortcutController {
    let controller = gtk::ShortcutController::new();
    controller.add_shortcut(gtk::Shortcut::new(
        gtk::ShortcutTrigger::parse_string("Escape"),
        Some(gtk::CallbackAction::new(move |_, _| {
            input.emit(AddHostInput::Cancel);
            glib::Propagation::Stop
        })),
    ));
    controller
}
