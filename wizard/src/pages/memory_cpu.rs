//! Third page: memory, how far it can grow, and processors.

use std::sync::Arc;

use adw::prelude::*;
use relm4::{ComponentParts, ComponentSender, SimpleComponent};

use super::{Agreement, PageOutput, View, show_size, tell};
use crate::draft::{Edit, Field, HostFacts};
use crate::format;
use crate::widgets::{Curve, Mark, SizeRow};

/// The page.
pub(crate) struct MemoryCpuPage {
    view: Option<Arc<View>>,
    agreed_memory: Agreement<u64>,
    agreed_maximum: Agreement<u64>,
    agreed_vcpus: Agreement<u64>,
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
        let model = Self {
            view: None,
            agreed_memory: Agreement::new(memory.value()),
            agreed_maximum: Agreement::new(maximum.value()),
            agreed_vcpus: Agreement::new(vcpus.value()),
        };
        let widgets = view_output!();
        ComponentParts { model, widgets }
    }

    fn update(&mut self, message: Self::Input, _sender: ComponentSender<Self>) {
        let MemoryCpuInput::Show(view) = message;
        self.view = Some(view);
    }

    fn pre_view() {
        if let Some(view) = &model.view {
            show_memory(memory, &model.agreed_memory, view);
            show_maximum(maximum, &model.agreed_maximum, view);
            show_vcpus(vcpus, &model.agreed_vcpus, view);
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

fn show_memory(row: &SizeRow, agreed: &Agreement<u64>, view: &View) {
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
    let memory = &draft.memory_mib;
    show_size(row, agreed, memory.get(), memory.is_by_hand());
    row.set_words(&format::mib(memory.get()));
    tell(row.notice(), view.problem(Field::Memory));
}

fn show_maximum(row: &SizeRow, agreed: &Agreement<u64>, view: &View) {
    let draft = &view.draft;
    row.set_range(SLIDER_FROM, slider_end(view.host.as_ref()));
    let maximum = draft.maximum_memory();
    let wish = &draft.maximum_memory_mib;
    let is_in_use = row.state_flags().contains(gtk::StateFlags::FOCUS_WITHIN);
    show_size(row, agreed, wish.get(), true);
    // A wish below the memory gives way to it, but not under the user's hands.
    show_size(row, agreed, maximum, wish.is_by_hand() && is_in_use);
    row.set_words(&format::mib(maximum));
    tell(row.notice(), view.problem(Field::MaximumMemory));
}

fn show_vcpus(row: &SizeRow, agreed: &Agreement<u64>, view: &View) {
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
    let vcpus = &draft.vcpus;
    show_size(row, agreed, u64::from(vcpus.get()), vcpus.is_by_hand());
    row.set_words("");
    tell(row.notice(), view.problem(Field::Vcpus));
}

fn slider_end(host: Option<&HostFacts>) -> u64 {
    host.map_or(SLIDER_TO, |host| host.memory_mib)
}
