//! The dialog itself: it holds the choices, has the work done, and shows the pages what came of it.

mod state;
mod tasks;
mod window;

use std::sync::Arc;

use adw::prelude::*;
use backend::model::GuestId;
use backend::{Host, Job};
use gtk::glib;
use relm4::{
    Component, ComponentController, ComponentParts, ComponentSender, Controller, SimpleComponent,
};
use tokio::runtime::Handle;

use crate::draft::{Draft, Step};
use crate::pages::{
    MemoryCpuInput, MemoryCpuPage, PageOutput, ReviewInput, ReviewPage, SourceInit, SourceInput,
    SourcePage, StorageInput, StoragePage, SystemInput, SystemPage, View,
};
use crate::rail::{Rail, RailInput};
use crate::unlogged::Unlogged;
use state::State;
use tasks::Tasks;
use window::{add_shortcuts, load_style, read_clipboard, scrolled, turn_to_the_first_field};

pub use tasks::Answer;

/// The guided dialog that creates a virtual machine: a modal window over its parent, which shows
/// itself when launched and closes itself when it is done.
pub struct CreateDialog {
    state: State,
    pages: Pages,
    step: Step,
    root: adw::Window,
}

/// The pages' components.
struct Pages {
    rail: Controller<Rail>,
    source: Controller<SourcePage>,
    system: Controller<SystemPage>,
    memory_cpu: Controller<MemoryCpuPage>,
    storage: Controller<StoragePage>,
    review: Controller<ReviewPage>,
}

/// What the dialog needs to begin.
#[derive(Debug)]
pub struct CreateInit {
    /// The hosts a guest can be made on; at least one.
    pub hosts: Vec<Host>,
    /// Which of them is chosen at first.
    pub preferred: usize,
    /// Where downloads and waiting run.
    pub runtime: Handle,
    /// Install URLs used before, the latest first; a few are offered.
    pub recent_urls: Vec<String>,
    /// The window to lie over.
    pub parent: Option<gtk::Window>,
    /// The choices of an attempt that failed, to begin from; see [`CreateOutput::Creating`].
    pub choices: Option<Choices>,
}

/// What was chosen in a dialog, kept by whoever may open it again.
#[derive(Clone)]
pub struct Choices {
    host: Host,
    draft: Box<Draft>,
}

impl Choices {
    /// These choices, for that host.
    pub fn new(host: Host, draft: Draft) -> Self {
        Self {
            host,
            draft: Box::new(draft),
        }
    }

    /// The host that was chosen.
    pub fn host(&self) -> &Host {
        &self.host
    }
}

/// An install URL can hold a password, and messages are logged.
impl std::fmt::Debug for Choices {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Choices").finish_non_exhaustive()
    }
}

/// What the dialog reports.
#[derive(Debug)]
pub enum CreateOutput {
    /// Creation began: show the guest window for that name with the job's progress. The dialog is
    /// about to close; [`Self::Closed`] follows.
    Creating {
        /// The host the guest is made on.
        host: Host,
        /// The guest's name.
        name: String,
        /// The install URL, to offer next time; without user name and password.
        url: String,
        /// The work.
        job: Job<GuestId>,
        /// What was chosen, to come back to should the work fail.
        choices: Choices,
    },
    /// The dialog is gone; always the last output. Its controller can be dropped.
    Closed,
}

/// What happens inside the dialog.
#[derive(Debug)]
pub enum CreateInput {
    /// A page reports.
    Page(Unlogged<PageReport>),
    /// Work was done.
    Answer(Unlogged<Box<Answer>>),
    /// The text in the clipboard when the dialog opened.
    Clipboard(Unlogged<String>),
    /// To this page.
    Go(Step),
    /// One page on.
    Next,
    /// One page back.
    Back,
    /// To the page that mends what stands in the way.
    Mend,
    /// Create now.
    Create,
    /// The user wants to leave.
    Close,
    /// The user wants to leave and knows what is lost.
    Discard,
}

/// What a page of this dialog reports; made by the pages only.
#[derive(Debug)]
pub struct PageReport(PageOutput);

#[allow(missing_docs, reason = "the macro's own types")]
#[relm4::component(pub)]
impl SimpleComponent for CreateDialog {
    type Init = CreateInit;
    type Input = CreateInput;
    type Output = CreateOutput;

    view! {
        adw::Window {
            set_title: Some("New Virtual Machine"),
            set_modal: true,
            set_default_size: (780, 580),
            set_size_request: (640, 420),
            connect_close_request[sender] => move |_| {
                sender.input(CreateInput::Close);
                glib::Propagation::Stop
            },

            gtk::Box {
                set_orientation: gtk::Orientation::Vertical,

                adw::HeaderBar {
                    #[wrap(Some)]
                    set_title_widget = &adw::WindowTitle {
                        set_title: "New Virtual Machine",
                        #[watch]
                        set_subtitle: &model.state.subtitle(),
                    },
                },

                gtk::Box {
                    set_vexpand: true,

                    model.pages.rail.widget(),

                    gtk::Box {
                        set_orientation: gtk::Orientation::Vertical,
                        set_hexpand: true,

                        #[name = "stack"]
                        gtk::Stack {
                            set_vexpand: true,
                            add_named[Some(Step::From.title())]: &scrolled(model.pages.source.widget()),
                            add_named[Some(Step::System.title())]: &scrolled(model.pages.system.widget()),
                            add_named[Some(Step::Memory.title())]: &scrolled(model.pages.memory_cpu.widget()),
                            add_named[Some(Step::Disk.title())]: &scrolled(model.pages.storage.widget()),
                            add_named[Some(Step::Review.title())]: &scrolled(model.pages.review.widget()),
                            #[watch]
                            set_visible_child_name: model.step.title(),
                        },

                        gtk::Separator {},

                        gtk::Box {
                            set_spacing: 12,
                            set_margin_top: 12,
                            set_margin_bottom: 12,
                            set_margin_start: 18,
                            set_margin_end: 18,

                            gtk::Button {
                                set_label: "_Back",
                                set_use_underline: true,
                                // The text itself names it; GTK 4.8 would add it with the underscore.
                                reset_property: gtk::AccessibleProperty::Label,
                                set_tooltip_text: Some("Alt+Left"),
                                #[watch]
                                set_sensitive: model.step.previous().is_some(),
                                connect_clicked => CreateInput::Back,
                            },

                            gtk::Box {
                                set_hexpand: true,

                                gtk::Button {
                                    set_has_frame: false,
                                    set_hexpand: true,
                                    set_halign: gtk::Align::End,
                                    set_tooltip_text: Some("Show where to mend it"),
                                    #[watch]
                                    set_visible: model.state.lacking(model.step).is_some(),
                                    connect_clicked => CreateInput::Mend,

                                    gtk::Label {
                                        set_ellipsize: gtk::pango::EllipsizeMode::End,
                                        add_css_class: "caption",
                                        #[watch]
                                        set_label: model.state.lacking(model.step).map_or("", |problem| problem.message.as_str()),
                                    },
                                },
                            },

                            #[name = "create"]
                            gtk::Button {
                                set_label: "_Create",
                                set_use_underline: true,
                                // The text itself names it; GTK 4.8 would add it with the underscore.
                                reset_property: gtk::AccessibleProperty::Label,
                                set_tooltip_text: Some("Ctrl+Enter"),
                                #[watch]
                                set_sensitive: model.state.can_create(),
                                #[watch]
                                set_css_classes: if model.step.next().is_none() { &["suggested-action"] } else { &[] },
                                connect_clicked => CreateInput::Create,
                            },

                            #[name = "next"]
                            gtk::Button {
                                set_label: "_Next",
                                set_use_underline: true,
                                // The text itself names it; GTK 4.8 would add it with the underscore.
                                reset_property: gtk::AccessibleProperty::Label,
                                set_tooltip_text: Some("Alt+Right"),
                                add_css_class: "suggested-action",
                                #[watch]
                                set_visible: model.step.next().is_some(),
                                connect_clicked => CreateInput::Next,
                            },
                        },
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
        load_style();
        root.set_transient_for(init.parent.as_ref());
        root.set_destroy_with_parent(true);
        let output = sender.output_sender().clone();
        // A window is unrealized once: when it is destroyed, by itself or with its parent. The
        // signal called "destroy" comes only when nobody holds it any more.
        root.connect_unrealize(move |_| drop(output.send(CreateOutput::Closed)));

        let pages = Pages::launch(init.recent_urls, &sender);
        let tasks = Tasks::new(init.runtime, sender.input_sender().clone());
        // Whoever comes back looks for what to change.
        let step = match &init.choices {
            Some(_) => Step::Review,
            None => Step::From,
        };
        let draft = init.choices.map(|choices| *choices.draft);
        let model = Self {
            state: State::new(init.hosts, init.preferred, draft, tasks),
            pages,
            step,
            root: root.clone(),
        };
        let widgets = view_output!();
        turn_to_the_first_field(&widgets.stack, model.pages.rail.widget());
        add_shortcuts(&root, &sender);
        read_clipboard(&root, &sender);
        model.show_pages();
        root.set_default_widget(Some(&widgets.next));
        root.present();
        ComponentParts { model, widgets }
    }

    fn update(&mut self, message: Self::Input, sender: ComponentSender<Self>) {
        match message {
            CreateInput::Page(Unlogged(PageReport(output))) => self.page_reports(output),
            CreateInput::Answer(Unlogged(answer)) => {
                if self.state.answer(*answer) && self.step == Step::From {
                    self.turn_to(Step::System);
                }
            }
            CreateInput::Clipboard(Unlogged(text)) => self.state.clipboard(&text),
            CreateInput::Go(step) => self.turn_to(step),
            CreateInput::Next => {
                if let Some(step) = self.step.next() {
                    self.turn_to(step);
                }
            }
            CreateInput::Back => {
                if let Some(step) = self.step.previous() {
                    self.turn_to(step);
                }
            }
            CreateInput::Mend => {
                if let Some(problem) = self.state.lacking(self.step) {
                    self.turn_to(problem.field.step());
                }
            }
            CreateInput::Create => {
                if let Some(creating) = self.state.create() {
                    drop(sender.output(creating));
                    self.root.destroy();
                    return;
                }
            }
            CreateInput::Close if self.state.is_touched() => self.ask_before_closing(&sender),
            CreateInput::Close | CreateInput::Discard => {
                self.root.destroy();
                return;
            }
        }
        self.show_pages();
    }

    fn post_view() {
        let default = if model.step.next().is_some() {
            &*next
        } else {
            &*create
        };
        if model.root.default_widget().as_ref() != Some(default.upcast_ref()) {
            model.root.set_default_widget(Some(default));
        }
    }
}

impl CreateDialog {
    fn page_reports(&mut self, output: PageOutput) {
        match output {
            PageOutput::Edit(edit) => self.state.edit(edit),
            PageOutput::Host(index) => self.state.choose_host(index),
            PageOutput::LookNow { advance } => {
                if self.state.look_now(advance) {
                    self.turn_to(Step::System);
                }
            }
            PageOutput::Go(step) => self.turn_to(step),
        }
    }

    fn turn_to(&mut self, step: Step) {
        self.state.stop_advancing();
        self.step = step;
    }

    fn show_pages(&self) {
        self.pages.show(self.step, &Arc::new(self.state.view()));
    }

    /// Says what closing loses; without anything to lose nobody is asked.
    fn ask_before_closing(&self, sender: &ComponentSender<Self>) {
        let name = self.state.guest_name();
        let body = if name.is_empty() {
            "What you entered for the new virtual machine will be lost.".to_owned()
        } else {
            format!("What you entered for {name} will be lost.")
        };
        let dialog = adw::MessageDialog::new(
            Some(&self.root),
            Some("Close without creating?"),
            Some(&body),
        );
        dialog.add_responses(&[("stay", "_Go On Editing"), ("discard", "_Discard")]);
        dialog.set_response_appearance("discard", adw::ResponseAppearance::Destructive);
        dialog.set_default_response(Some("stay"));
        dialog.set_close_response("stay");
        let input = sender.input_sender().clone();
        dialog.connect_response(Some("discard"), move |_, _| {
            drop(input.send(CreateInput::Discard));
        });
        dialog.present();
    }
}

impl Pages {
    fn launch(recent_urls: Vec<String>, sender: &ComponentSender<CreateDialog>) -> Self {
        let input = sender.input_sender();
        let page = |output| CreateInput::Page(Unlogged(PageReport(output)));
        Self {
            rail: Rail::builder().launch(()).forward(input, CreateInput::Go),
            source: SourcePage::builder()
                .launch(SourceInit { recent_urls })
                .forward(input, page),
            system: SystemPage::builder().launch(()).forward(input, page),
            memory_cpu: MemoryCpuPage::builder().launch(()).forward(input, page),
            storage: StoragePage::builder().launch(()).forward(input, page),
            review: ReviewPage::builder().launch(()).forward(input, page),
        }
    }

    /// Shows every page the same moment. A page that is gone has nothing to show.
    fn show(&self, step: Step, view: &Arc<View>) {
        let view = || Arc::clone(view);
        drop(self.rail.sender().send(RailInput::Show(step, view())));
        drop(self.source.sender().send(SourceInput::Show(view())));
        drop(self.system.sender().send(SystemInput::Show(view())));
        drop(self.memory_cpu.sender().send(MemoryCpuInput::Show(view())));
        drop(self.storage.sender().send(StorageInput::Show(view())));
        drop(self.review.sender().send(ReviewInput::Show(view())));
    }
}
