//! The pages of the dialog. Each draws one and the same [`View`] and reports what the user did; none
//! decides anything itself.

mod agreement;
mod memory_cpu;
mod review;
mod source;
mod storage;
mod system;

use backend::Error;
use backend::install::{CreateRequest, Preview};

use crate::draft::{Draft, Edit, Field, HostFacts, Problem, Severity, Step};
use crate::widgets::{Notice, SizeRow, Tone, set_text};

use agreement::Agreement;
pub(crate) use memory_cpu::{MemoryCpuInput, MemoryCpuPage};
pub(crate) use review::{ReviewInput, ReviewPage};
pub(crate) use source::{SourceInit, SourceInput, SourcePage};
pub(crate) use storage::{StorageInput, StoragePage};
pub(crate) use system::{SystemInput, SystemPage};

/// Everything the pages show, at one moment.
#[derive(Clone)]
pub(crate) struct View {
    /// The choices.
    pub(crate) draft: Draft,
    /// The host, once it is known.
    pub(crate) host: Option<HostFacts>,
    /// What is to be said.
    pub(crate) problems: Vec<Problem>,
    /// What would be created now.
    pub(crate) request: Option<CreateRequest>,
    /// What the backend says it would do.
    pub(crate) preview: PreviewState,
    /// The hosts to choose from.
    pub(crate) host_names: Vec<String>,
    /// The chosen one.
    pub(crate) host_index: usize,
    /// An address from the clipboard, to be offered.
    pub(crate) offer: Option<String>,
}

/// The backend's word on the request.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum PreviewState {
    /// There is no request.
    None,
    /// Being asked.
    Working,
    /// What it would do.
    Ready(Preview),
    /// It would fail.
    Failed(Error),
}

/// What a page reports.
#[derive(Debug)]
pub(crate) enum PageOutput {
    /// The user changed a choice.
    Edit(Edit),
    /// The user chose a host.
    Host(usize),
    /// The user wants the URL looked at now and, when it is good, the next page.
    LookNow {
        /// Whether to go on once it is found good.
        advance: bool,
    },
    /// The user wants to see another page.
    Go(Step),
}

/// An install URL can hold a password, and messages are logged.
impl std::fmt::Debug for View {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("View").finish_non_exhaustive()
    }
}

impl View {
    /// What is to be said about a field.
    fn problem(&self, field: Field) -> Option<&Problem> {
        self.problems.iter().find(|problem| problem.field == field)
    }
}

/// Says a problem where it belongs, or nothing. What is merely missing yet is not held against
/// anybody: the empty field says it.
fn tell(notice: &Notice, problem: Option<&Problem>) {
    match problem {
        Some(problem) if problem.severity != Severity::Missing => {
            notice.say(
                tone(problem.severity),
                &problem.message,
                problem.remedy.as_deref(),
            );
        }
        _ => notice.clear(),
    }
}

fn tone(severity: Severity) -> Tone {
    match severity {
        Severity::Note => Tone::Note,
        Severity::Warning => Tone::Warning,
        Severity::Missing | Severity::Error => Tone::Error,
    }
}

/// Marks a field whose content cannot stay so.
fn mark_error(widget: &impl gtk::prelude::IsA<gtk::Widget>, problem: Option<&Problem>) {
    use gtk::prelude::WidgetExt;

    if problem.is_some_and(|problem| problem.severity == Severity::Error) {
        widget.add_css_class("error");
    } else {
        widget.remove_css_class("error");
    }
}

/// Shows a text that the dialog tells, unless the user is ahead of it.
fn show_text(
    field: &impl gtk::prelude::IsA<gtk::Editable>,
    changed: &gtk::glib::SignalHandlerId,
    agreement: &Agreement<String>,
    told: &String,
    by_hand: bool,
) {
    use gtk::prelude::*;

    if agreement.adopts(&field.text().into(), told, by_hand) {
        field.block_signal(changed);
        set_text(field, told);
        field.unblock_signal(changed);
    }
}

/// Shows a size that the dialog tells, unless the user is ahead of it.
fn show_size(row: &SizeRow, agreement: &Agreement<u64>, told: u64, by_hand: bool) {
    if agreement.adopts(&row.value(), &told, by_hand) {
        row.set_value(told);
    }
}

/// Fills a choice with `names` where they changed, and selects one.
fn fill_choice(row: &adw::ComboRow, names: &[String], selected: usize) {
    use adw::prelude::*;

    let model = row.model().and_downcast::<gtk::StringList>();
    let is_same = model.is_some_and(|model| {
        model.n_items() as usize == names.len()
            && names
                .iter()
                .zip(0..)
                .all(|(name, index)| model.string(index).as_deref() == Some(name))
    });
    if !is_same {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        row.set_model(Some(&gtk::StringList::new(&names)));
    }
    let selected = u32::try_from(selected).unwrap_or(gtk::INVALID_LIST_POSITION);
    if row.selected() != selected {
        row.set_selected(selected);
    }
}
