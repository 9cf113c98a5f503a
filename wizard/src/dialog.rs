//! The dialog itself: pages, rail and the work behind them.

use adw::prelude::*;
use backend::model::GuestId;
use backend::{Host, Job};
use relm4::{ComponentParts, ComponentSender, SimpleComponent};
use tokio::runtime::Handle;

/// The guided dialog that creates a virtual machine: a modal window over its parent, which shows
/// itself when launched and closes itself when it is done.
#[derive(Debug)]
pub struct CreateDialog {}

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
        /// The install URL, to offer next time.
        url: String,
        /// The work.
        job: Job<GuestId>,
    },
    /// The dialog is gone; always the last output. Its controller can be dropped.
    Closed,
}

/// What happens inside the dialog.
#[derive(Debug)]
pub enum CreateInput {
    /// The user closed the window.
    Close,
}

#[allow(missing_docs)] // what the macro generates
#[relm4::component(pub)]
impl SimpleComponent for CreateDialog {
    type Init = CreateInit;
    type Input = CreateInput;
    type Output = CreateOutput;

    view! {
        adw::Window {
            set_title: Some("New virtual machine"),
            set_modal: true,
            set_default_size: (760, 560),
            connect_close_request[sender] => move |_| {
                sender.input(CreateInput::Close);
                gtk::glib::Propagation::Stop
            },
        }
    }

    fn init(
        init: Self::Init,
        root: Self::Root,
        sender: ComponentSender<Self>,
    ) -> ComponentParts<Self> {
        root.set_transient_for(init.parent.as_ref());
        let model = Self {};
        let widgets = view_output!();
        root.present();
        ComponentParts { model, widgets }
    }

    fn update(&mut self, message: Self::Input, sender: ComponentSender<Self>) {
        match message {
            // Nobody may listen any more; the window goes all the same.
            CreateInput::Close => drop(sender.output(CreateOutput::Closed)),
        }
    }
}
