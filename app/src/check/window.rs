//! The window of the host check: what was found, and what helps.

use std::collections::BTreeMap;

use adw::prelude::*;
use backend::check::{Report, Verdict, check_host};
use backend::model::HostState;
use backend::{Host, Result};
use gtk::{gio, glib};
use relm4::prelude::*;

use super::confirm::{self, Means};
use super::rows::{self, Buttons};
use super::text;
use crate::dialogs;

/// Sentences wider than this are hard to read.
const WIDEST: i32 = 640;

/// A check of one host, which begins when the window opens.
#[derive(Debug)]
pub struct CheckWindow {
    host: Host,
    name: String,
    work: Option<Work>,
    found: Option<Found>,
    toasts: adw::ToastOverlay,
    slot: adw::Bin,
}

/// What is going on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Work {
    Checking,
    Mending,
}

/// What a check came to.
#[derive(Debug)]
pub struct Found {
    report: Report,
    /// The remedies that can be brought about from here, by the place of their lines.
    means: BTreeMap<usize, Means>,
}

impl Found {
    async fn look(host: &Host) -> Self {
        let report = check_host(host).await;
        let mends: Vec<_> = report
            .lines
            .iter()
            .enumerate()
            .filter_map(|(place, line)| Some((place, line.remedy.as_ref()?.mend.clone()?)))
            .collect();
        // Files are looked at.
        let means = gio::spawn_blocking(move || {
            mends
                .iter()
                .filter_map(|(place, mend)| Some((*place, Means::of(mend)?)))
                .collect()
        });
        Self {
            report,
            // It does not panic; if it does the log has it, and the commands can be copied.
            means: means.await.unwrap_or_default(),
        }
    }
}

/// What the window starts with.
#[derive(Debug)]
pub struct CheckInit {
    /// The host to check.
    pub host: Host,
    /// Its name for people.
    pub name: String,
    /// The window to lie over.
    pub parent: gtk::Window,
}

/// What happens in the window.
#[derive(Debug)]
pub enum CheckInput {
    /// Bring the window to the front.
    Present,
    /// Check, the first time or again.
    Check,
    /// A check is over.
    Found(Found),
    /// Copy the whole report.
    CopyReport,
    /// Copy this command.
    Copy(String),
    /// Show what the remedy of the line at that place runs.
    Propose(usize),
    /// It was shown, and is wanted.
    Run(usize),
    /// It was run.
    Mended(Result<()>),
    /// The window was closed.
    Closed,
}

/// What the program is told.
#[derive(Debug)]
pub enum CheckOutput {
    /// The window was closed: let go of its controller.
    Closed,
}

#[relm4::component(pub)]
impl Component for CheckWindow {
    type Init = CheckInit;
    type Input = CheckInput;
    type Output = CheckOutput;
    type CommandOutput = ();

    view! {
        adw::Window {
            set_title: Some("Host Check"),
            set_default_size: (640, 640),
            set_size_request: (360, 294),
            connect_close_request[sender] => move |_| {
                sender.input_sender().emit(CheckInput::Closed);
                glib::Propagation::Proceed
            },

            gtk::Box {
                set_orientation: gtk::Orientation::Vertical,

                adw::HeaderBar {
                    #[wrap(Some)]
                    set_title_widget = &adw::WindowTitle::new("Host Check", &model.name) {},

                    #[name = "again"]
                    pack_start = &gtk::Button {
                        set_icon_name: "view-refresh-symbolic",
                        set_tooltip_text: Some("Check Again (F5)"),
                        update_property: &[gtk::accessible::Property::Label("Check Again")],
                        connect_clicked => CheckInput::Check,
                    },
                    pack_end = &gtk::Button {
                        set_icon_name: "edit-copy-symbolic",
                        set_tooltip_text: Some("Copy Report (Ctrl+Shift+C)"),
                        update_property: &[gtk::accessible::Property::Label("Copy Report")],
                        #[watch]
                        set_sensitive: model.found.is_some(),
                        connect_clicked => CheckInput::CopyReport,
                    },
                },

                #[local_ref]
                toasts -> adw::ToastOverlay {
                    set_vexpand: true,

                    gtk::Box {
                        set_orientation: gtk::Orientation::Vertical,

                        adw::Clamp {
                            set_maximum_size: WIDEST,
                            set_margin_top: 18,
                            set_margin_bottom: 12,
                            set_margin_start: 12,
                            set_margin_end: 12,

                            gtk::Box {
                                set_spacing: 12,
                                set_margin_start: 12,
                                set_margin_end: 12,

                                gtk::Spinner {
                                    #[watch]
                                    set_visible: model.work.is_some(),
                                    #[watch]
                                    set_spinning: model.work.is_some(),
                                    set_size_request: (24, 24),
                                },
                                gtk::Image {
                                    set_pixel_size: 24,
                                    #[watch]
                                    set_visible: model.work.is_none(),
                                    #[watch]
                                    set_icon_name: Some(rows::icon(model.verdict())),
                                    #[watch]
                                    set_css_classes: &[rows::colour(model.verdict())],
                                },
                                gtk::Box {
                                    set_orientation: gtk::Orientation::Vertical,
                                    set_hexpand: true,

                                    gtk::Label {
                                        add_css_class: "title-4",
                                        set_xalign: 0.0,
                                        set_wrap: true,
                                        #[watch]
                                        set_label: &model.title(),
                                    },
                                    gtk::Label {
                                        add_css_class: "dim-label",
                                        set_xalign: 0.0,
                                        set_wrap: true,
                                        set_wrap_mode: gtk::pango::WrapMode::WordChar,
                                        #[watch]
                                        set_label: &model.subtitle(),
                                    },
                                },
                            },
                        },

                        gtk::ScrolledWindow {
                            set_vexpand: true,
                            set_hscrollbar_policy: gtk::PolicyType::Never,

                            adw::Clamp {
                                set_maximum_size: WIDEST,
                                #[local_ref]
                                slot -> adw::Bin {
                                    set_margin_top: 12,
                                    set_margin_bottom: 24,
                                    set_margin_start: 12,
                                    set_margin_end: 12,
                                },
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
        root.set_transient_for(Some(&init.parent));
        let toasts = adw::ToastOverlay::new();
        let slot = adw::Bin::new();
        let model = Self {
            host: init.host,
            name: init.name,
            work: None,
            found: None,
            toasts: toasts.clone(),
            slot: slot.clone(),
        };
        let widgets = view_output!();
        root.add_controller(shortcuts(&sender));
        root.present();
        sender.input(CheckInput::Check);
        ComponentParts { model, widgets }
    }

    fn update_with_view(
        &mut self,
        widgets: &mut Self::Widgets,
        message: Self::Input,
        sender: ComponentSender<Self>,
        root: &Self::Root,
    ) {
        match message {
            CheckInput::Present => root.present(),
            CheckInput::Check => self.check(&sender),
            CheckInput::Found(found) => {
                self.work = None;
                if self
                    .slot
                    .state_flags()
                    .contains(gtk::StateFlags::FOCUS_WITHIN)
                {
                    // The rows go, and the keys with them.
                    widgets.again.grab_focus();
                }
                self.show(&found, &sender);
                self.found = Some(found);
            }
            CheckInput::CopyReport => {
                if let Some(found) = &self.found {
                    self.copy(
                        &text::describe(&found.report, false),
                        "The report is copied.",
                    );
                }
            }
            CheckInput::Copy(command) => self.copy(&command, "The command is copied."),
            CheckInput::Propose(place) => self.propose(place, root, &sender),
            CheckInput::Run(place) => self.run(place, &sender),
            CheckInput::Mended(outcome) => {
                self.work = None;
                match outcome {
                    Ok(()) => self.toasts.add_toast(dialogs::error::toast("It is done.")),
                    Err(error) => dialogs::error::present(root, &error),
                }
                // Also where it failed: a part may have been done.
                self.check(&sender);
            }
            CheckInput::Closed => {
                // A program that is ending needs no telling.
                let _ = sender.output(CheckOutput::Closed);
            }
        }
        self.update_view(widgets, sender);
    }
}

impl CheckWindow {
    fn verdict(&self) -> Verdict {
        let found = self.found.as_ref();
        found.map_or(Verdict::Good, |found| found.report.verdict())
    }

    fn title(&self) -> String {
        match (self.work, &self.found) {
            (Some(Work::Mending), _) => "Running…".to_owned(),
            (None, Some(found)) => text::summary(&found.report),
            _ => "Checking…".to_owned(),
        }
    }

    fn subtitle(&self) -> String {
        match (self.work, &self.found) {
            (Some(Work::Checking), _) => {
                "A host that does not answer is given up within a minute.".to_owned()
            }
            (_, Some(found)) => text::subject(&found.report),
            _ => String::new(),
        }
    }

    fn check(&mut self, sender: &ComponentSender<Self>) {
        if self.work.is_some() {
            return;
        }
        self.work = Some(Work::Checking);
        let (host, input) = (self.host.clone(), sender.input_sender().clone());
        relm4::spawn_local(async move {
            // Nobody listens when the window was closed in the meantime.
            let _ = input.send(CheckInput::Found(Found::look(&host).await));
        });
    }

    fn show(&self, found: &Found, sender: &ComponentSender<Self>) {
        let buttons = RowButtons(sender.input_sender().clone());
        let can_run = |place| found.means.contains_key(&place);
        let rows = rows::build(&found.report, can_run, &buttons);
        self.slot.set_child(Some(&rows));
    }

    fn copy(&self, text: &str, told: &str) {
        self.toasts.clipboard().set_text(text);
        self.toasts.add_toast(dialogs::error::toast(told));
    }

    fn propose(&self, place: usize, root: &adw::Window, sender: &ComponentSender<Self>) {
        let Some(found) = self.found.as_ref().filter(|_| self.work.is_none()) else {
            return;
        };
        let line = found.report.lines.get(place);
        let remedy = line.and_then(|line| line.remedy.as_ref());
        if let (Some(remedy), Some(means)) = (remedy, found.means.get(&place)) {
            let input = sender.input_sender().clone();
            confirm::ask(root, &self.name, remedy, means, move || {
                input.emit(CheckInput::Run(place));
            });
        }
    }

    fn run(&mut self, place: usize, sender: &ComponentSender<Self>) {
        let means = self
            .found
            .as_ref()
            .and_then(|found| found.means.get(&place));
        let Some(means) = means.filter(|_| self.work.is_none()).cloned() else {
            return;
        };
        self.work = Some(Work::Mending);
        let (host, input) = (self.host.clone(), sender.input_sender().clone());
        relm4::spawn_local(async move {
            let outcome = means.run(&host).await;
            // A service that was started is wanted in the list too; a host that was disconnected
            // stays so.
            if outcome.is_ok() && host.snapshot().state != HostState::Closed {
                host.reconnect();
            }
            // Nobody listens when the window was closed in the meantime.
            let _ = input.send(CheckInput::Mended(outcome));
        });
    }
}

/// The buttons of the rows, as inputs.
#[derive(Clone)]
struct RowButtons(relm4::Sender<CheckInput>);

impl Buttons for RowButtons {
    fn copy(&self, command: &str) {
        self.0.emit(CheckInput::Copy(command.to_owned()));
    }

    fn run(&self, place: usize) {
        self.0.emit(CheckInput::Propose(place));
    }
}

/// Escape closes, F5 checks again, Ctrl+Shift+C copies.
fn shortcuts(sender: &ComponentSender<CheckWindow>) -> gtk::ShortcutController {
    let controller = gtk::ShortcutController::new();
    let add = |keys: &str, action: gtk::ShortcutAction| {
        let trigger = gtk::ShortcutTrigger::parse_string(keys);
        controller.add_shortcut(gtk::Shortcut::new(trigger, Some(action)));
    };
    let close = || gtk::NamedAction::new("window.close").upcast();
    let tell = |message: fn() -> CheckInput| {
        let input = sender.input_sender().clone();
        gtk::CallbackAction::new(move |_, _| {
            input.emit(message());
            glib::Propagation::Stop
        })
        .upcast()
    };
    add("Escape", close());
    add("<Control>w", close());
    add("F5", tell(|| CheckInput::Check));
    add("<Control><Shift>c", tell(|| CheckInput::CopyReport));
    controller
}
