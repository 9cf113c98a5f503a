//! How many virtual processors the guest has, to be set while it runs.

use std::sync::Arc;

use backend::model::{Guest, GuestId, VcpuReading};
use backend::{Error, ErrorKind, Host};
use gtk::prelude::*;
use relm4::prelude::*;

use super::{Known, headroom, sentence};
use crate::guest::latest::LatestWins;

/// A row with the guest's processors.
pub(in crate::guest) struct ProcessorsRow {
    host: Host,
    guest: Option<Arc<Guest>>,
    /// Whether the host answers.
    reachable: bool,
    /// What the field shows.
    target: u32,
    commands: LatestWins<u32>,
    reading: Option<VcpuReading>,
    /// The most that was allowed for the next start.
    raised: Option<u32>,
    /// The last failure, until something succeeds.
    problem: Option<String>,
    /// Whether the processors of this run turned out to be fixed.
    fixed: bool,
}

/// What the row is told.
#[derive(Debug)]
pub(in crate::guest) enum ProcessorsInput {
    /// The guest as it is now, and whether its host answers.
    Guest(Option<Arc<Guest>>, bool),
    /// The row came into sight.
    Opened,
    /// The user chose this many.
    Chosen(u32),
    /// The user wants more to be possible from the next start on.
    Raise,
}

/// What comes back from the host.
#[derive(Debug)]
pub(in crate::guest) enum ProcessorsAnswer {
    /// The processors as read.
    Read(Result<VcpuReading, Error>),
    /// Whether a number was taken.
    Set(Result<(), Error>),
    /// Whether that most was taken for the next start.
    Raised(u32, Result<(), Error>),
}

#[relm4::component(pub(in crate::guest))]
impl Component for ProcessorsRow {
    type Init = Host;
    type Input = ProcessorsInput;
    type Output = ();
    type CommandOutput = ProcessorsAnswer;

    view! {
        #[root]
        gtk::Box {
            set_orientation: gtk::Orientation::Vertical,
            set_spacing: 6,

            gtk::Box {
                set_spacing: 6,

                gtk::Label {
                    set_label: "_Processors",
                    set_use_underline: true,
                    set_mnemonic_widget: Some(&count),
                    set_hexpand: true,
                    set_xalign: 0.0,
                    add_css_class: "heading",
                },
                #[name(count)]
                gtk::SpinButton {
                    set_numeric: true,
                    set_width_chars: 3,
                    set_alignment: 1.0,
                    set_increments: (1.0, 1.0),
                    set_tooltip_text: Some("Virtual processors the guest should have"),
                    #[watch]
                    set_sensitive: model.can_choose(),
                    #[watch]
                    set_range: (1.0, f64::from(model.maximum().max(1))),
                    #[watch]
                    set_value: f64::from(model.target.max(1)),
                    connect_value_changed[sender] => move |spin| {
                        let chosen = ProcessorsInput::Chosen(spin.value() as u32);
                        // It changes once more when the window is taken apart.
                        let _ = sender.input_sender().send(chosen);
                    },
                },
            },
            gtk::Label {
                set_wrap: true,
                set_xalign: 0.0,
                set_max_width_chars: 44,
                set_css_classes: &["caption", "dim-label", "numeric"],
                #[watch]
                set_label: &model.sentence(),
            },
            gtk::Button {
                set_use_underline: true,
                set_halign: gtk::Align::Start,
                #[watch]
                set_visible: model.headroom().is_some(),
                #[watch]
                set_label: &format!(
                    "_Allow {} From Its Next Start On",
                    model.headroom().unwrap_or_default()
                ),
                connect_clicked => ProcessorsInput::Raise,
            },
        }
    }

    fn init(
        host: Self::Init,
        root: Self::Root,
        sender: ComponentSender<Self>,
    ) -> ComponentParts<Self> {
        let model = Self {
            host,
            guest: None,
            reachable: false,
            target: 1,
            commands: LatestWins::default(),
            reading: None,
            raised: None,
            problem: None,
            fixed: false,
        };
        let widgets = view_output!();
        ComponentParts { model, widgets }
    }

    fn update(&mut self, input: Self::Input, sender: ComponentSender<Self>, _root: &Self::Root) {
        match input {
            ProcessorsInput::Guest(guest, reachable) => self.take_guest(guest, reachable),
            ProcessorsInput::Opened => self.read(&sender),
            ProcessorsInput::Chosen(count) => self.choose(count, &sender),
            ProcessorsInput::Raise => self.raise(&sender),
        }
    }

    fn update_cmd(
        &mut self,
        answer: Self::CommandOutput,
        sender: ComponentSender<Self>,
        _root: &Self::Root,
    ) {
        match answer {
            ProcessorsAnswer::Read(Ok(reading)) => {
                self.reading = Some(reading);
                self.settle();
            }
            // The list says what there is to say.
            ProcessorsAnswer::Read(Err(_)) => {}
            ProcessorsAnswer::Set(result) => {
                let failed = result.is_err();
                self.take_outcome(result);
                if let Some(next) = self.commands.arrived() {
                    self.send(next, &sender);
                } else {
                    if failed {
                        self.settle();
                    }
                    self.read(&sender);
                }
            }
            ProcessorsAnswer::Raised(maximum, result) => {
                if result.is_ok() {
                    self.raised = Some(maximum);
                }
                self.take_outcome(result);
                self.read(&sender);
            }
        }
    }
}

impl ProcessorsRow {
    fn id(&self) -> Option<GuestId> {
        self.guest.as_ref().map(|guest| guest.id)
    }

    fn current(&self) -> u32 {
        let listed = self.guest.as_ref().map_or(1, |guest| guest.vcpus.current);
        self.reading.map_or(listed, |reading| reading.current)
    }

    fn maximum(&self) -> u32 {
        let listed = self.guest.as_ref().map_or(1, |guest| guest.vcpus.maximum);
        self.reading.map_or(listed, |reading| reading.maximum)
    }

    fn can_choose(&self) -> bool {
        self.reachable && self.guest.is_some() && !self.fixed && self.maximum() > 1
    }

    fn of_host(&self) -> u32 {
        let snapshot = self.host.snapshot();
        snapshot.info.as_ref().map_or(0, |info| info.cpus)
    }

    /// Whether it is Xen's domain 0.
    fn is_host_itself(&self) -> bool {
        let kind = self.host.snapshot().info.as_ref().map(|info| info.kind);
        let guest = self.guest.as_ref();
        guest.is_some_and(|guest| guest.is_host_itself(kind))
    }

    fn known(&self) -> Known {
        Known {
            active: self
                .guest
                .as_ref()
                .is_some_and(|guest| guest.state.is_active()),
            reading: VcpuReading {
                current: self.current(),
                maximum: self.maximum(),
                online: self.reading.and_then(|reading| reading.online),
            },
            of_host: self.of_host(),
            raised: self.raised,
        }
    }

    /// How many could be made possible, where there is nothing left to choose.
    fn headroom(&self) -> Option<u32> {
        let stays = self.guest.as_ref().is_some_and(|guest| guest.persistent);
        let may = self.reachable && stays && !self.is_host_itself();
        headroom(&self.known()).filter(|_| may)
    }

    fn sentence(&self) -> String {
        if self.guest.is_none() || !self.reachable {
            return String::new();
        }
        match &self.problem {
            Some(problem) => problem.clone(),
            None => sentence(&self.known()),
        }
    }

    fn take_guest(&mut self, guest: Option<Arc<Guest>>, reachable: bool) {
        let run = |guest: &Option<Arc<Guest>>| guest.as_ref().and_then(|guest| guest.domain_id);
        let counts = |guest: &Option<Arc<Guest>>| guest.as_ref().map(|guest| guest.vcpus);
        if run(&self.guest) != run(&guest) {
            // Another run of the guest: what was found out about the last one is over.
            self.commands.forget();
            self.problem = None;
            self.raised = None;
            self.fixed = false;
            self.reading = None;
        } else if counts(&self.guest) != counts(&guest) {
            self.reading = None;
        }
        self.reachable = reachable;
        self.guest = guest;
        self.settle();
    }

    /// Shows what is so, unless something else is on its way.
    fn settle(&mut self) {
        if self.commands.is_idle() {
            self.target = self.current();
        }
    }

    fn take_outcome(&mut self, result: Result<(), Error>) {
        match result {
            Ok(()) => self.problem = None,
            Err(error) => {
                self.fixed = error.kind() == ErrorKind::NotSupported;
                let remedy = error.remedy().map(|remedy| format!(" {remedy}"));
                self.problem = Some(format!("{}{}", error.message(), remedy.unwrap_or_default()));
            }
        }
    }

    fn choose(&mut self, count: u32, sender: &ComponentSender<Self>) {
        if count == self.target || !self.can_choose() {
            return;
        }
        self.target = count;
        if let Some(count) = self.commands.offer(count) {
            self.send(count, sender);
        }
    }

    fn send(&self, count: u32, sender: &ComponentSender<Self>) {
        let Some(id) = self.id() else { return };
        let host = self.host.clone();
        sender
            .oneshot_command(async move { ProcessorsAnswer::Set(host.set_vcpus(id, count).await) });
    }

    fn raise(&self, sender: &ComponentSender<Self>) {
        let (Some(id), Some(maximum)) = (self.id(), self.headroom()) else {
            return;
        };
        let host = self.host.clone();
        sender.oneshot_command(async move {
            ProcessorsAnswer::Raised(maximum, host.set_maximum_vcpus(id, maximum).await)
        });
    }

    fn read(&self, sender: &ComponentSender<Self>) {
        let Some(id) = self.id() else { return };
        let host = self.host.clone();
        sender.oneshot_command(async move { ProcessorsAnswer::Read(host.vcpus(id).await) });
    }
}
