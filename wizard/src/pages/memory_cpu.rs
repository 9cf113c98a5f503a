//! Third page: memory, how far it can grow, and processors.

use std::sync::Arc;

use adw::prelude::*;
use relm4::{ComponentParts, ComponentSender, SimpleComponent};

use super::{PageOutput, View, tell};
use crate::draft::{Edit, Field, HostFacts};
use crate::format;
use crate::widgets::{Curve, Mark, SizeRow};

/// The page.
pub(crate) struct MemoryCpuPage {
    view: Option<Arc<View>>,
}

/// What the page is told.
#[derive(Debug)]
pub(crate) enum MemoryCpuInput {
    /// Show this.
    Show(Arc<View>),
}

/// Where the memory sliders begin, in MiB: no installer of today runs in less.
const SLIDER_FROM: u64 = 256;
/// Where they end while the host is not known.
const SLIDER_TO: u64 = 16 * 1024;

#[relm4::component(pub(crate))]
impl SimpleComponent for MemoryCpuPage {
    type Init = ();
    type Input = MemoryCpuInput;
    type Output = PageOutput;

    view! {
        gtk::Box {
            set_orientation: gtk::Orientation::Vertical,
            set_spacing: 18,

            adw::PreferencesGroup {
                set_title: "Memory",
                set_description: Some("It can be changed while the guest runs, up to what it can grow to."),

                #[local_ref]
                add = &memory -> SizeRow {},

                #[local_ref]
                add = &maximum -> SizeRow {},
            },

            adw::PreferencesGroup {
                #[local_ref]
                add = &vcpus -> SizeRow {},
            },
        }
    }

    fn init(
        (): Self::Init,
        root: Self::Root,
        sender: ComponentSender<Self>,
    ) -> ComponentParts<Self> {
        let memory = size_row("Memory", Edit::Memory, &sender);
        let maximum = size_row("Can grow to", Edit::MaximumMemory, &sender);
        let vcpus = SizeRow::new("Processors", "", Curve::Linear, |text| {
            text.trim().parse().ok()
        });
        let output = sender.output_sender().clone();
        vcpus.connect_value_changed(move |count| {
            let count = u32::try_from(count).unwrap_or(u32::MAX);
            drop(output.send(PageOutput::Edit(Edit::Vcpus(count))));
        });
        let model = Self { view: None };
        let widgets = view_output!();
        ComponentParts { model, widgets }
    }

    fn update(&mut self, message: Self::Input, _sender: ComponentSender<Self>) {
        let MemoryCpuInput::Show(view) = message;
        self.view = Some(view);
    }

    fn pre_view() {
        if let Some(view) = &model.view {
            show_memory(memory, view);
            show_maximum(maximum, view);
            show_vcpus(vcpus, view);
        }
    }
}

fn size_row(
    title: &str,
    edit: fn(u64) -> Edit,
    sender: &ComponentSender<MemoryCpuPage>,
) -> SizeRow {
    let row = SizeRow::new(title, "MiB", Curve::Doubling, format::parse_mib);
    let output = sender.output_sender().clone();
    row.connect_value_changed(move |mib| drop(output.send(PageOutput::Edit(edit(mib)))));
    row
}

fn show_memory(row: &SizeRow, view: &View) {
    let draft = &view.draft;
    row.set_range(SLIDER_FROM, slider_end(view.host.as_ref()));
    let mut marks = Vec::new();
    if let Some(tree) = draft.tree() {
        let mut mark = |value, word, above| {
            marks.push(Mark {
                value,
                label: format!("{word} {}", format::mib(value)),
                above,
            });
        };
        mark(tree.recommended_memory_mib, "recommended", true);
        mark(tree.minimum_memory_mib, "least", false);
    }
    if let Some(host) = &view.host {
        marks.push(Mark {
            value: host.free_memory_mib,
            label: format!("free {}", format::mib(host.free_memory_mib)),
            above: false,
        });
    }
    row.set_marks(marks);
    // By hand, the row is ahead of what was told to the dialog.
    if !draft.memory_mib.is_by_hand() {
        row.set_value(draft.memory_mib.get());
    }
    row.set_words(&format::mib(draft.memory_mib.get()));
    tell(row.notice(), view.problem(Field::Memory));
}

fn show_maximum(row: &SizeRow, view: &View) {
    let draft = &view.draft;
    row.set_range(SLIDER_FROM, slider_end(view.host.as_ref()));
    let maximum = draft.maximum_memory();
    let is_lifted = maximum != draft.maximum_memory_mib.get();
    let is_in_use = row.state_flags().contains(gtk::StateFlags::FOCUS_WITHIN);
    if !draft.maximum_memory_mib.is_by_hand() || is_lifted || !is_in_use {
        row.set_value(maximum);
    }
    row.set_words(&format::mib(maximum));
    tell(row.notice(), view.problem(Field::MaximumMemory));
}

fn show_vcpus(row: &SizeRow, view: &View) {
    let draft = &view.draft;
    if let Some(host) = &view.host {
        let cpus = u64::from(host.cpus);
        row.set_range(1, cpus.saturating_mul(2).max(4));
        row.set_marks(vec![Mark {
            value: cpus,
            label: format!("the host's {cpus}"),
            above: false,
        }]);
    }
    if !draft.vcpus.is_by_hand() {
        row.set_value(u64::from(draft.vcpus.get()));
    }
    row.set_words("");
    tell(row.notice(), view.problem(Field::Vcpus));
}

fn slider_end(host: Option<&HostFacts>) -> u64 {
    host.map_or(SLIDER_TO, |host| host.memory_mib)
}
