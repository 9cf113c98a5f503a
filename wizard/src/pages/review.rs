//! Last page: what will be made, in sentences, and behind a disclosure to the letter.

use std::sync::Arc;

use adw::prelude::*;
use backend::model::VirtualizationType;
use relm4::{ComponentParts, ComponentSender, SimpleComponent};

use super::{PageOutput, PreviewState, View, fill_choice};
use crate::draft::{Edit, Field, Severity, Step};
use crate::plan::{self, Topic};
use crate::widgets::{Notice, Tone};

/// The page.
pub(crate) struct ReviewPage {
    view: Option<Arc<View>>,
    lines: gtk::ListBox,
    /// What the lines were made for.
    shown: Vec<Line>,
    xml: gtk::TextBuffer,
}

/// What the page is told.
#[derive(Debug)]
pub(crate) enum ReviewInput {
    /// Show this.
    Show(Arc<View>),
    /// The way to run the guest at this place of the choice was chosen.
    Virtualization(u32),
    /// The line at this place was activated.
    Open(i32),
    /// Put the definition into the clipboard.
    Copy,
}

/// One line of the review.
#[derive(Debug, Clone, PartialEq)]
struct Line {
    step: Step,
    matter: Matter,
    text: String,
    remedy: Option<String>,
}

/// What a line tells.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Matter {
    /// What stands in the way, or may go wrong.
    Problem(Severity),
    /// What will be.
    Plan(Topic),
}

#[relm4::component(pub(crate))]
impl SimpleComponent for ReviewPage {
    type Init = ();
    type Input = ReviewInput;
    type Output = PageOutput;

    view! {
        gtk::Box {
            set_orientation: gtk::Orientation::Vertical,
            set_spacing: 18,

            #[name = "running_notice"]
            Notice {},

            adw::PreferencesGroup {
                #[watch]
                set_title: model.heading(),

                #[local_ref]
                add = &lines -> gtk::ListBox {
                    add_css_class: "boxed-list",
                    set_selection_mode: gtk::SelectionMode::None,
                    update_property: &[gtk::accessible::Property::Label("What will be made")],
                    connect_row_activated[sender] => move |_, row| {
                        sender.input(ReviewInput::Open(row.index()));
                    },
                },
            },

            adw::PreferencesGroup {
                #[watch]
                set_visible: model.ways().len() > 1,

                #[name = "virtualization"]
                add = &adw::ComboRow {
                    set_title: "Run with",
                    connect_selected_notify[sender] => move |row| {
                        sender.input(ReviewInput::Virtualization(row.selected()));
                    } @virtualization_chosen,
                },
            },

            gtk::Expander {
                set_label: Some("What exactly will be done"),
                update_property: &[gtk::accessible::Property::Label("What exactly will be done")],
                #[watch]
                set_visible: model.preview().is_some(),

                gtk::Box {
                    set_orientation: gtk::Orientation::Vertical,
                    set_spacing: 12,
                    set_margin_top: 12,

                    gtk::Label {
                        set_xalign: 0.0,
                        set_wrap: true,
                        set_wrap_mode: gtk::pango::WrapMode::WordChar,
                        set_selectable: true,
                        #[watch]
                        set_label: &model.steps(),
                    },

                    gtk::Overlay {
                        gtk::ScrolledWindow {
                            set_min_content_height: 200,
                            set_max_content_height: 360,
                            set_propagate_natural_height: true,
                            add_css_class: "card",
                            set_overflow: gtk::Overflow::Hidden,

                            gtk::TextView {
                                set_buffer: Some(&model.xml),
                                set_editable: false,
                                set_monospace: true,
                                set_accepts_tab: false,
                                set_top_margin: 12,
                                set_bottom_margin: 12,
                                set_left_margin: 12,
                                set_right_margin: 12,
                                update_property: &[gtk::accessible::Property::Label("Definition as XML")],
                            },
                        },

                        add_overlay = &gtk::Button {
                            set_icon_name: "edit-copy-symbolic",
                            set_tooltip_text: Some("Copy the Definition"),
                            update_property: &[gtk::accessible::Property::Label("Copy the Definition")],
                            set_halign: gtk::Align::End,
                            set_valign: gtk::Align::Start,
                            set_margin_top: 6,
                            set_margin_end: 6,
                            connect_clicked => ReviewInput::Copy,
                        },
                    },
                },
            },
        }
    }

    fn init(
        (): Self::Init,
        root: Self::Root,
        sender: ComponentSender<Self>,
    ) -> ComponentParts<Self> {
        let lines = gtk::ListBox::new();
        let model = Self {
            view: None,
            lines: lines.clone(),
            shown: Vec::new(),
            xml: gtk::TextBuffer::new(None),
        };
        let widgets = view_output!();
        ComponentParts { model, widgets }
    }

    fn update(&mut self, message: Self::Input, sender: ComponentSender<Self>) {
        match message {
            ReviewInput::Show(view) => {
                self.show_lines(lines(&view));
                self.view = Some(view);
                let xml = self.preview().map(|preview| preview.xml.clone());
                let xml = xml.unwrap_or_default();
                let (start, end) = self.xml.bounds();
                if self.xml.text(&start, &end, true) != xml {
                    self.xml.set_text(&xml);
                }
            }
            ReviewInput::Virtualization(index) => {
                if let Some(&kind) = self.ways().get(index as usize) {
                    drop(sender.output(PageOutput::Edit(Edit::Virtualization(kind))));
                }
            }
            ReviewInput::Open(index) => {
                let line = usize::try_from(index)
                    .ok()
                    .and_then(|index| self.shown.get(index));
                if let Some(line) = line {
                    drop(sender.output(PageOutput::Go(line.step)));
                }
            }
            ReviewInput::Copy => {
                if let Some(preview) = self.preview() {
                    self.lines.clipboard().set_text(&preview.xml);
                }
            }
        }
    }

    fn pre_view() {
        if let Some(view) = &model.view {
            let ways = model.ways();
            let names: Vec<String> = ways.iter().map(|&way| way_name(way).to_owned()).collect();
            let chosen = ways
                .iter()
                .position(|&way| way == view.draft.virtualization.get())
                .unwrap_or_default();
            virtualization.block_signal(virtualization_chosen);
            fill_choice(virtualization, &names, chosen);
            virtualization.unblock_signal(virtualization_chosen);
            show_running(running_notice, view);
        }
    }
}

/// How the guest is run, where there is something to say about it.
fn show_running(notice: &Notice, view: &View) {
    let reason = view.host.as_ref().and_then(|host| host.kvm_note.as_deref());
    match (view.problem(Field::Virtualization), reason) {
        (Some(problem), _) => {
            notice.say(Tone::Note, &problem.message, problem.remedy.as_deref());
        }
        (None, Some(reason)) => notice.say(Tone::Note, reason, None),
        (None, None) => notice.clear(),
    }
}

fn way_name(way: VirtualizationType) -> &'static str {
    match way {
        VirtualizationType::Kvm => "KVM (fast)",
        VirtualizationType::Emulation => "Emulation (slow, works everywhere)",
        VirtualizationType::XenPv => "Xen, paravirtual (PV)",
        VirtualizationType::XenPvh => "Xen, with the processor's help (PVH)",
        VirtualizationType::XenHvm => "Xen, fully virtual (HVM)",
    }
}

/// What is to be read: what stands in the way, what may go wrong, and what will be.
fn lines(view: &View) -> Vec<Line> {
    let foreseen = match &view.preview {
        PreviewState::Ready(preview) => preview.warnings.as_slice(),
        _ => &[],
    };
    let mut problems: Vec<(Severity, Line)> = view
        .problems
        .iter()
        .filter(|problem| problem.severity >= Severity::Warning)
        // The backend has looked again, and says it better.
        .filter(|problem| {
            problem.field != Field::DiskSize || problem.blocks() || foreseen.is_empty()
        })
        .map(|problem| {
            let line = Line {
                step: problem.field.step(),
                matter: Matter::Problem(problem.severity),
                text: problem.message.clone(),
                remedy: problem.remedy.clone(),
            };
            (problem.severity, line)
        })
        .collect();
    if let PreviewState::Failed(error) = &view.preview {
        let line = Line {
            step: step_of_error(error),
            matter: Matter::Problem(Severity::Error),
            text: error.message().to_owned(),
            remedy: error.remedy().map(str::to_owned),
        };
        problems.push((Severity::Error, line));
    }
    problems.extend(foreseen.iter().map(|warning| {
        let line = Line {
            step: Step::Disk,
            matter: Matter::Problem(Severity::Warning),
            text: warning.clone(),
            remedy: None,
        };
        (Severity::Warning, line)
    }));
    // What stands in the way comes before what may go wrong.
    problems.sort_by_key(|(severity, _)| std::cmp::Reverse(*severity));
    let mut lines: Vec<Line> = problems.into_iter().map(|(_, line)| line).collect();
    if let (Some(request), Some(host)) = (&view.request, &view.host) {
        let sentences = plan::sentences(request, &view.draft, host);
        lines.extend(sentences.into_iter().map(|(topic, text)| Line {
            step: topic.step(),
            matter: Matter::Plan(topic),
            text,
            remedy: None,
        }));
    }
    lines
}

/// The page that most likely mends what the backend foresees.
fn step_of_error(error: &backend::Error) -> Step {
    use backend::ErrorKind;

    match error.kind() {
        ErrorKind::BadPath | ErrorKind::NoSpace | ErrorKind::PermissionDenied => Step::Disk,
        ErrorKind::NotAnInstallTree
        | ErrorKind::WrongArchitecture
        | ErrorKind::Download
        | ErrorKind::Unreachable => Step::From,
        ErrorKind::AlreadyExists | ErrorKind::InvalidInput => Step::System,
        _ => Step::Review,
    }
}

fn topic_icon(topic: Topic) -> &'static str {
    match topic {
        Topic::Guest => "computer-symbolic",
        Topic::Installation => "folder-download-symbolic",
        Topic::Memory => "media-flash-symbolic",
        Topic::Disk => "drive-harddisk-symbolic",
        Topic::Network => "network-wired-symbolic",
        Topic::Running => "system-run-symbolic",
    }
}

fn row(line: &Line) -> adw::ActionRow {
    let (icon_name, class) = match line.matter {
        Matter::Problem(Severity::Error | Severity::Missing) => ("dialog-error-symbolic", "error"),
        Matter::Problem(_) => ("dialog-warning-symbolic", "warning"),
        Matter::Plan(topic) => (topic_icon(topic), "dim-label"),
    };
    let icon = gtk::Image::from_icon_name(icon_name);
    icon.add_css_class(class);
    let row = adw::ActionRow::builder()
        .use_markup(false)
        .title_lines(0)
        .subtitle_lines(0)
        .build();
    // Set once it is known to be no markup, which the builder may find out too late.
    row.set_title(&line.text);
    row.set_subtitle(line.remedy.as_deref().unwrap_or_default());
    row.add_prefix(&icon);
    if line.step != Step::Review {
        row.set_activatable(true);
        row.set_tooltip_text(Some(&format!("Change under “{}”", line.step.title())));
        let arrow = gtk::Image::from_icon_name("document-edit-symbolic");
        arrow.add_css_class("dim-label");
        row.add_suffix(&arrow);
    }
    row
}

impl ReviewPage {
    fn show_lines(&mut self, lines: Vec<Line>) {
        if self.shown == lines {
            return;
        }
        while let Some(row) = self.lines.first_child() {
            self.lines.remove(&row);
        }
        for line in &lines {
            self.lines.append(&row(line));
        }
        self.shown = lines;
    }

    fn heading(&self) -> &'static str {
        match &self.view {
            Some(view) if view.request.is_some() => "What will be made",
            _ => "What is still needed",
        }
    }

    fn ways(&self) -> &[VirtualizationType] {
        self.view
            .as_ref()
            .and_then(|view| view.host.as_ref())
            .map_or(&[], |host| &host.virtualization)
    }

    fn preview(&self) -> Option<&backend::install::Preview> {
        match &self.view.as_ref()?.preview {
            PreviewState::Ready(preview) => Some(preview),
            _ => None,
        }
    }

    /// The acts, numbered.
    fn steps(&self) -> String {
        let steps = self.preview().map_or(&[][..], |preview| &preview.steps);
        steps
            .iter()
            .zip(1..)
            .map(|(step, number)| format!("{number}. {step}"))
            .collect::<Vec<_>>()
            .join("\n")
    }
}
