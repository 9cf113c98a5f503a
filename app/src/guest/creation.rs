//! The progress of a guest's creation, shown where its screen will be.

use backend::job::CancelHandle;
use backend::model::GuestId;
use backend::{Error, ErrorKind, Job, Progress};
use gtk::prelude::*;
use relm4::prelude::*;

use crate::{dialogs, progress};

/// Shows a creation under way, or why it failed.
pub(super) struct Creation {
    progress: Progress,
    cancel: CancelHandle,
    cancelling: bool,
    failure: Option<Error>,
    details: gtk::Box,
}

/// What the user does.
#[derive(Debug)]
pub(super) enum CreationInput {
    /// Cancel the creation.
    Cancel,
    /// Close the window after a failure.
    Close,
    /// Go back to the wizard after a failure.
    Back,
}

/// What the window is told.
#[derive(Debug)]
pub(super) enum CreationOutput {
    /// The guest is there and runs.
    Created(GuestId),
    /// It failed; the page says why.
    Failed,
    /// The user cancelled and nothing is left, or wants to leave after a failure.
    Close,
    /// The user wants to change what was asked for.
    BackToSettings,
}

/// What the job says.
#[derive(Debug)]
pub(super) enum CreationNews {
    Progress(Progress),
    Ended(Result<GuestId, Error>),
}

#[relm4::component(pub(super))]
impl Component for Creation {
    type Init = Job<GuestId>;
    type Input = CreationInput;
    type Output = CreationOutput;
    type CommandOutput = CreationNews;

    view! {
        #[root]
        gtk::ScrolledWindow {
            set_hscrollbar_policy: gtk::PolicyType::Never,
            add_css_class: "view",

            gtk::Box {
                set_orientation: gtk::Orientation::Vertical,
                set_valign: gtk::Align::Center,
                set_halign: gtk::Align::Center,
                set_spacing: 12,
                set_margin_all: 24,

                gtk::Box {
                    set_orientation: gtk::Orientation::Vertical,
                    set_spacing: 12,
                    set_width_request: 400,
                    #[watch]
                    set_visible: model.failure.is_none(),

                    gtk::Spinner {
                        set_size_request: (32, 32),
                        set_halign: gtk::Align::Center,
                        #[watch]
                        set_spinning: model.failure.is_none(),
                        #[watch]
                        set_visible: model.progress.fraction().is_none(),
                    },
                    gtk::Label {
                        add_css_class: "title-2",
                        set_wrap: true,
                        set_justify: gtk::Justification::Center,
                        #[watch]
                        set_label: model.activity(),
                    },
                    gtk::ProgressBar {
                        #[watch]
                        set_fraction: model.progress.fraction().unwrap_or(0.0),
                        #[watch]
                        set_visible: model.progress.fraction().is_some(),
                        update_property: &[gtk::accessible::Property::Label("Progress")],
                    },
                    gtk::Label {
                        set_css_classes: &["dim-label", "numeric"],
                        #[watch]
                        set_label: &progress::figures(&model.progress),
                    },
                    gtk::Button {
                        set_label: "_Cancel",
                        set_use_underline: true,
                        set_halign: gtk::Align::Center,
                        set_margin_top: 12,
                        add_css_class: "pill",
                        set_tooltip_text: Some("Stop and remove what was made so far"),
                        #[watch]
                        set_sensitive: !model.cancelling,
                        connect_clicked => CreationInput::Cancel,
                    },
                },

                gtk::Box {
                    set_orientation: gtk::Orientation::Vertical,
                    set_spacing: 12,
                    set_width_request: 400,
                    #[watch]
                    set_visible: model.failure.is_some(),

                    gtk::Image {
                        set_icon_name: Some("dialog-error-symbolic"),
                        set_pixel_size: 64,
                        add_css_class: "dim-label",
                    },
                    gtk::Label {
                        add_css_class: "title-2",
                        set_wrap: true,
                        set_max_width_chars: 40,
                        set_justify: gtk::Justification::Center,
                        #[watch]
                        set_label: model.failure.as_ref().map_or("", Error::message),
                    },
                    gtk::Label {
                        set_wrap: true,
                        set_max_width_chars: 50,
                        set_justify: gtk::Justification::Center,
                        #[watch]
                        set_label: &model.consequence(),
                    },
                    #[local_ref]
                    details -> gtk::Box {
                        set_halign: gtk::Align::Center,
                    },
                    gtk::Box {
                        set_spacing: 12,
                        set_halign: gtk::Align::Center,
                        set_margin_top: 12,

                        gtk::Button {
                            set_label: "C_lose",
                            set_use_underline: true,
                            add_css_class: "pill",
                            connect_clicked => CreationInput::Close,
                        },
                        gtk::Button {
                            set_label: "_Back to the Settings",
                            set_use_underline: true,
                            set_css_classes: &["pill", "suggested-action"],
                            // It comes with the failure, and is what most people want then.
                            connect_map => |button| {
                                button.grab_focus();
                            },
                            connect_clicked => CreationInput::Back,
                        },
                    },
                },
            },
        }
    }

    fn init(
        job: Self::Init,
        root: Self::Root,
        sender: ComponentSender<Self>,
    ) -> ComponentParts<Self> {
        let model = Self {
            progress: job.progress().borrow().clone(),
            cancel: job.cancel_handle(),
            cancelling: false,
            failure: None,
            details: gtk::Box::default(),
        };
        sender.command(move |out, shutdown| {
            shutdown
                .register(async move {
                    let told = |now| out.emit(CreationNews::Progress(now));
                    let outcome = progress::follow(job, told).await;
                    out.emit(CreationNews::Ended(outcome));
                })
                .drop_on_shutdown()
        });
        let details = model.details.clone();
        let widgets = view_output!();
        ComponentParts { model, widgets }
    }

    fn update(&mut self, input: Self::Input, sender: ComponentSender<Self>, _root: &Self::Root) {
        let output = match input {
            CreationInput::Cancel => {
                self.cancelling = true;
                self.cancel.cancel();
                return;
            }
            CreationInput::Close => CreationOutput::Close,
            CreationInput::Back => CreationOutput::BackToSettings,
        };
        // A window that is gone needs no telling.
        let _ = sender.output(output);
    }

    fn update_cmd(
        &mut self,
        news: Self::CommandOutput,
        sender: ComponentSender<Self>,
        _root: &Self::Root,
    ) {
        let output = match news {
            CreationNews::Progress(progress) => {
                self.progress = progress;
                return;
            }
            CreationNews::Ended(Ok(id)) => CreationOutput::Created(id),
            CreationNews::Ended(Err(error)) if error.kind() == ErrorKind::Cancelled => {
                CreationOutput::Close
            }
            CreationNews::Ended(Err(error)) => {
                if let Some(detail) = error.detail() {
                    self.details.append(&dialogs::error::details(detail));
                }
                self.failure = Some(error);
                CreationOutput::Failed
            }
        };
        let _ = sender.output(output);
    }
}

impl Creation {
    /// What it is doing, in a word or two.
    pub(super) fn word(&self) -> &'static str {
        match &self.failure {
            Some(_) => "not made",
            None => "being made",
        }
    }

    fn activity(&self) -> &str {
        if self.cancelling {
            "Removing what was made so far"
        } else if self.progress.activity.is_empty() {
            "Making the virtual machine"
        } else {
            &self.progress.activity
        }
    }

    fn consequence(&self) -> String {
        self.failure.as_ref().map(consequence).unwrap_or_default()
    }
}

/// What to do about a failure, and what is left of the attempt.
fn consequence(failure: &Error) -> String {
    let left = failure.left_behind().unwrap_or("Nothing was left behind.");
    match failure.remedy() {
        Some(remedy) => format!("{remedy} {left}"),
        None => left.to_owned(),
    }
}
