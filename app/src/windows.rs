//! The windows beside the guest list: one for each guest that is looked at, viewers, host checks, and
//! the dialog that creates guests.

use adw::prelude::*;
use backend::Host;
use backend::model::GuestId;
use relm4::prelude::*;
use wizard::{Choices, CreateDialog, CreateInit, CreateOutput};

use crate::check::{CheckInit, CheckInput, CheckOutput, CheckWindow};
use crate::creations::Begun;
use crate::guest::{GuestWindow, GuestWindowInit, GuestWindowInput, GuestWindowOutput};
use crate::runtime;
use crate::screen::preferences::Preferences;
use crate::viewer::{ViewerInit, ViewerOutput, ViewerWindow, VncAddress};

/// Owns the windows and routes between them.
pub struct Windows {
    preferences: Preferences,
    guests: Vec<GuestEntry>,
    viewers: Vec<(Serial, Controller<ViewerWindow>)>,
    checks: Vec<(String, Controller<CheckWindow>)>,
    create: Option<Controller<CreateDialog>>,
    last_serial: u64,
}

/// What tells one window from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Serial(u64);

/// A guest's window.
struct GuestEntry {
    serial: Serial,
    host: String,
    /// The guest; `None` while it is being created.
    id: Option<GuestId>,
    /// What it is being created from, to go back to.
    choices: Option<Choices>,
    window: Controller<GuestWindow>,
}

/// What is asked of the windows.
#[derive(Debug)]
pub enum WindowsInput {
    /// Show that guest's window.
    Open {
        /// The host it is on.
        host: Host,
        /// The guest.
        id: GuestId,
        /// Its name.
        name: String,
    },
    /// Open the dialog that creates a guest.
    Create(Box<CreateInit>),
    /// Open a viewer on that address.
    View(VncAddress),
    /// Check a host.
    Check(CheckInit),
    /// The create dialog reports.
    Created(CreateOutput),
    /// A guest's window reports.
    Guest(Serial, GuestWindowOutput),
    /// A viewer reports.
    Viewer(Serial, ViewerOutput),
    /// The check of the host of that URI reports.
    Checked(String, CheckOutput),
}

/// What the program is told.
#[derive(Debug)]
pub enum WindowsOutput {
    /// Bring the guest list to the front.
    ShowManager,
    /// The user wants to create a guest, after an attempt that failed, from what was chosen then.
    CreateAgain(Option<Choices>),
    /// A creation began, from a URL to be offered next time.
    Creating {
        /// The creation.
        creation: Begun,
        /// The URL.
        url: String,
    },
    /// So many windows are open now.
    Open(usize),
}

impl std::fmt::Debug for Windows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Windows")
            .field("guests", &self.guests.len())
            .field("viewers", &self.viewers.len())
            .field("checks", &self.checks.len())
            .finish_non_exhaustive()
    }
}

impl SimpleComponent for Windows {
    type Init = Preferences;
    type Input = WindowsInput;
    type Output = WindowsOutput;
    type Root = ();
    type Widgets = ();

    fn init_root() -> Self::Root {}

    fn init(
        preferences: Self::Init,
        (): Self::Root,
        _sender: ComponentSender<Self>,
    ) -> ComponentParts<Self> {
        ComponentParts {
            model: Self {
                preferences,
                guests: Vec::new(),
                viewers: Vec::new(),
                checks: Vec::new(),
                create: None,
                last_serial: 0,
            },
            widgets: (),
        }
    }

    fn update(&mut self, input: Self::Input, sender: ComponentSender<Self>) {
        match input {
            WindowsInput::Open { host, id, name } => self.open(host, id, name, &sender),
            WindowsInput::Create(init) => self.create(*init, &sender),
            WindowsInput::View(address) => self.view(address, &sender),
            WindowsInput::Check(init) => self.check(init, &sender),
            WindowsInput::Created(CreateOutput::Creating {
                host,
                name,
                url,
                job,
                choices,
            }) => {
                let creation = Begun::new(&name, &job);
                tell(&sender, WindowsOutput::Creating { creation, url });
                let init = GuestWindowInit {
                    host,
                    name,
                    id: None,
                    creation: Some(job),
                    preferences: self.preferences.clone(),
                };
                self.add_guest(init, Some(choices), &sender);
            }
            WindowsInput::Created(CreateOutput::Closed) => self.create = None,
            WindowsInput::Guest(serial, output) => self.guest_reports(serial, &output, &sender),
            WindowsInput::Viewer(serial, ViewerOutput::Closed) => {
                self.viewers.retain(|(each, _)| *each != serial);
            }
            WindowsInput::Checked(uri, CheckOutput::Closed) => {
                self.checks.retain(|(each, _)| *each != uri);
            }
        }
        let open = self.guests.len()
            + self.viewers.len()
            + self.checks.len()
            + usize::from(self.create.is_some());
        tell(&sender, WindowsOutput::Open(open));
    }
}

/// Tells the program. One that is ending needs no telling.
fn tell(sender: &ComponentSender<Windows>, output: WindowsOutput) {
    let _ = sender.output(output);
}

impl Windows {
    fn open(&mut self, host: Host, id: GuestId, name: String, sender: &ComponentSender<Self>) {
        let uri = host.uri();
        let known = self
            .guests
            .iter()
            .find(|entry| entry.id == Some(id) && entry.host == uri);
        if let Some(entry) = known {
            entry.window.emit(GuestWindowInput::Present);
            return;
        }
        let init = GuestWindowInit {
            host,
            name,
            id: Some(id),
            creation: None,
            preferences: self.preferences.clone(),
        };
        self.add_guest(init, None, sender);
    }

    fn add_guest(
        &mut self,
        init: GuestWindowInit,
        choices: Option<Choices>,
        sender: &ComponentSender<Self>,
    ) {
        let serial = self.next_serial();
        let (host, id) = (init.host.uri(), init.id);
        let window = GuestWindow::builder()
            .launch(init)
            .forward(sender.input_sender(), move |output| {
                WindowsInput::Guest(serial, output)
            });
        self.guests.push(GuestEntry {
            serial,
            host,
            id,
            choices,
            window,
        });
    }

    fn guest_reports(
        &mut self,
        serial: Serial,
        output: &GuestWindowOutput,
        sender: &ComponentSender<Self>,
    ) {
        match output {
            GuestWindowOutput::Closed => self.guests.retain(|entry| entry.serial != serial),
            GuestWindowOutput::ShowManager => tell(sender, WindowsOutput::ShowManager),
            GuestWindowOutput::BackToSettings => {
                let choices = self.guest(serial).and_then(|entry| entry.choices.take());
                tell(sender, WindowsOutput::CreateAgain(choices));
            }
            GuestWindowOutput::Created(id) => {
                if let Some(entry) = self.guest(serial) {
                    entry.id = Some(*id);
                    entry.choices = None;
                }
            }
        }
    }

    fn guest(&mut self, serial: Serial) -> Option<&mut GuestEntry> {
        self.guests.iter_mut().find(|entry| entry.serial == serial)
    }

    fn create(&mut self, init: CreateInit, sender: &ComponentSender<Self>) {
        if let Some(dialog) = &self.create {
            dialog.widget().present();
            return;
        }
        self.create = Some(
            CreateDialog::builder()
                .launch(init)
                .forward(sender.input_sender(), WindowsInput::Created),
        );
    }

    fn view(&mut self, address: VncAddress, sender: &ComponentSender<Self>) {
        let serial = self.next_serial();
        let window = ViewerWindow::builder()
            .launch(ViewerInit {
                address,
                preferences: self.preferences.clone(),
                chosen: Vec::new(),
            })
            .forward(sender.input_sender(), move |output| {
                WindowsInput::Viewer(serial, output)
            });
        self.viewers.push((serial, window));
    }

    /// Opens the check of a host, or the one that is open.
    fn check(&mut self, init: CheckInit, sender: &ComponentSender<Self>) {
        let uri = init.host.uri();
        if let Some((_, check)) = self.checks.iter().find(|(each, _)| *each == uri) {
            check.emit(CheckInput::Present);
            return;
        }
        let known = uri.clone();
        let check = CheckWindow::builder()
            .launch(init)
            .forward(sender.input_sender(), move |output| {
                WindowsInput::Checked(known.clone(), output)
            });
        self.checks.push((uri, check));
    }

    fn next_serial(&mut self) -> Serial {
        self.last_serial += 1;
        Serial(self.last_serial)
    }
}

/// What the create dialog starts with.
pub fn create_init(
    hosts: Vec<Host>,
    preferred: usize,
    recent_urls: Vec<String>,
    choices: Option<Choices>,
    parent: &impl IsA<gtk::Window>,
) -> CreateInit {
    CreateInit {
        hosts,
        preferred,
        runtime: runtime::handle(),
        recent_urls,
        parent: Some(parent.clone().upcast()),
        choices,
    }
}
