//! The dialog on the screen: opened, looked at and acted on.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use adw::prelude::*;
use backend::Host;
use gtk::glib;
use relm4::{Component, ComponentController, Controller};
use tokio::runtime::Runtime;
use wizard::dialog::CreateInput;
use wizard::draft::Draft;
use wizard::{Choices, CreateDialog, CreateInit, CreateOutput};

/// How long anything may take here, on a machine that has much else to do.
const PATIENCE: Duration = Duration::from_mins(2);

pub(crate) static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Runtime::new().expect("the machine has threads"));

/// An open dialog.
pub(crate) struct Screen {
    dialog: Controller<CreateDialog>,
    outputs: Rc<RefCell<Vec<CreateOutput>>>,
}

impl Screen {
    /// Opens the dialog on libvirt's test driver and waits until the host is known.
    pub(crate) fn open(recent_urls: &[String]) -> Self {
        Self::open_with(recent_urls, None)
    }

    /// Opens the dialog once more with what was chosen before.
    pub(crate) fn open_again(draft: Draft) -> Self {
        Self::open_with(&[], Some(draft))
    }

    fn open_with(recent_urls: &[String], draft: Option<Draft>) -> Self {
        let handle = RUNTIME.handle().clone();
        let host = Host::open("test:///default", &handle);
        handle
            .block_on(host.connected())
            .expect("the test driver is in this process");
        let choices = draft.map(|draft| Choices::new(host.clone(), draft));
        let outputs = Rc::new(RefCell::new(Vec::new()));
        let sink = Rc::clone(&outputs);
        let dialog = CreateDialog::builder()
            .launch(CreateInit {
                hosts: vec![host],
                preferred: 0,
                runtime: handle,
                recent_urls: recent_urls.to_vec(),
                parent: None,
                choices,
            })
            .connect_receiver(move |_, output| sink.borrow_mut().push(output));
        Self { dialog, outputs }
    }

    pub(crate) fn window(&self) -> &adw::Window {
        self.dialog.widget()
    }

    pub(crate) fn send(&self, input: CreateInput) {
        self.dialog
            .sender()
            .send(input)
            .expect("the dialog is open");
    }

    /// Whether the dialog said, last of all, that it is gone.
    pub(crate) fn is_closed(&self) -> bool {
        matches!(self.outputs.borrow().last(), Some(CreateOutput::Closed))
    }

    /// The entry with that title.
    pub(crate) fn entry(&self, title: &str) -> adw::EntryRow {
        find(self.window(), |row: &adw::EntryRow| row.title() == title)
            .unwrap_or_else(|| panic!("no entry {title}"))
    }

    /// The button with that label.
    pub(crate) fn button(&self, label: &str) -> gtk::Button {
        find(self.window(), |button: &gtk::Button| {
            button
                .label()
                .is_some_and(|text| text.replace('_', "") == label)
        })
        .unwrap_or_else(|| panic!("no button {label}"))
    }

    /// The page that is shown.
    pub(crate) fn page(&self) -> String {
        find(self.window(), |_: &gtk::Stack| true)
            .and_then(|stack| stack.visible_child_name())
            .expect("a page is always shown")
            .into()
    }

    /// Whether a sentence is to be read on the page that is shown.
    pub(crate) fn says(&self, part: &str) -> bool {
        find(self.window(), |label: &gtk::Label| {
            label.label().contains(part) && label.is_mapped()
        })
        .is_some()
    }

    /// Everything to be read on the page, for reports.
    fn words(&self) -> Vec<String> {
        let mut labels: Vec<gtk::Label> = Vec::new();
        collect(self.window().upcast_ref(), &mut labels);
        labels
            .into_iter()
            .filter(WidgetExt::is_mapped)
            .map(|label| label.label().into())
            .collect()
    }

    /// Lets the program run until something is so.
    pub(crate) fn wait(&self, what: &str, condition: impl Fn(&Self) -> bool) {
        let begun = Instant::now();
        while !condition(self) {
            assert!(
                begun.elapsed() < PATIENCE,
                "{what}: not within {PATIENCE:?}; to be read: {:?}",
                self.words()
            );
            run_a_little();
        }
    }

    /// Waits for a sentence.
    pub(crate) fn wait_for(&self, part: &str) {
        self.wait(part, |screen| screen.says(part));
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.window().destroy();
    }
}

/// Lets the program run; wakes up now and then when it has nothing to do.
fn run_a_little() {
    let wake = glib::timeout_add_local_once(Duration::from_millis(20), || {});
    glib::MainContext::default().iteration(true);
    if let Some(source) = glib::MainContext::default().find_source_by_id(&wake) {
        source.destroy();
    }
}

/// The first widget of that type, in reading order, that fits.
pub(crate) fn find<W: IsA<gtk::Widget>>(
    root: &impl IsA<gtk::Widget>,
    fits: impl Fn(&W) -> bool,
) -> Option<W> {
    let mut all = Vec::new();
    collect(root.upcast_ref(), &mut all);
    all.into_iter().find(|widget| fits(widget))
}

fn collect<W: IsA<gtk::Widget>>(widget: &gtk::Widget, into: &mut Vec<W>) {
    if let Some(found) = widget.downcast_ref::<W>() {
        into.push(found.clone());
    }
    let mut child = widget.first_child();
    while let Some(present) = child {
        collect(&present, into);
        child = present.next_sibling();
    }
}
