//! A VNC screen that is connected, and connected again, for as long as it is wanted.

mod asking;

use backend::model::GuestId;
use backend::{ErrorKind, Host};
use gtk::prelude::*;
use relm4::prelude::*;
use rfb::{ColourDepth, PowerAction};
use vnc_widget::{CredentialKind, DisplayState, Scaling, VncDisplay};

use self::asking::{Anew, Said};
use super::controls::ScreenAct;
use super::keys::Stroke;
use super::link::{Link, pause_before, sentence};
use super::quality::Ruler;
use super::question::Answer;
use super::target::Target;
use crate::keyring::Found;

/// Attempts that fail silently while "connecting" is shown; only then the reason is told. A guest
/// that starts needs one or two.
const SILENT_ATTEMPTS: u32 = 4;

/// How a screen is reached.
#[derive(Debug, Clone)]
pub enum Way {
    /// Through the host that a guest runs on; tried again by itself.
    Guest(Host, GuestId),
    /// At an address; tried again when asked.
    Address {
        /// Name or address.
        host: String,
        /// TCP port.
        port: u16,
    },
}

/// A VNC screen.
pub struct VncScreen {
    display: VncDisplay,
    quality: Ruler,
    /// What connections ask for.
    colours: ColourDepth,
    way: Way,
    wanted: bool,
    stage: Stage,
    /// Counts attempts to connect, so that the answer to an old one is recognised.
    serial: u64,
    /// Attempts that failed since the screen was up last.
    failures: u32,
    /// What the server was told.
    said: Said,
    /// Whether the server is on another machine, over a network.
    is_remote: bool,
    /// Whether there has been a picture, which then still stands.
    has_picture: bool,
    /// What the server's machine was asked for last.
    asked_for: Option<PowerAction>,
    link: Link,
}

/// Where a connection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Nowhere.
    Idle,
    /// The host is being asked for a stream, or a pause is being kept.
    Preparing,
    /// The display has it.
    Joined,
}

/// What the screen is told.
#[derive(Debug)]
pub enum VncInput {
    /// Whether it should be connected.
    Wanted(bool),
    /// Connect again, by the user's wish.
    Again,
    /// The display's state changed.
    Changed,
    /// The server can turn its machine off and on, or could not do what it was asked.
    Power {
        /// The latter.
        failed: bool,
    },
    /// What the server asked was answered.
    Answer(Answer),
    /// Press these keys together.
    Press(Stroke),
    /// Do this with the screen, as far as it is the display's affair.
    Act(ScreenAct),
    /// Give it the focus, so that what is typed goes there.
    Focus,
    /// Give it the keyboard with all shortcuts.
    Grab,
}

/// What the window is told.
#[derive(Debug)]
pub enum VncOutput {
    /// How the way to the screen stands.
    Link(Link),
    /// The keyboard was taken for the guest.
    Grabbed,
    /// The server can turn its machine off and on.
    CanPower,
    /// The server could not do this with its machine.
    PowerFailed(PowerAction),
    /// Something failed that the connection does not depend on.
    Failed(backend::Error),
}

/// What comes back for the attempt of that number.
#[derive(Debug)]
pub enum VncAnswer {
    /// Where the screen is, or why there is no way to it.
    Target(u64, Result<Target, backend::Error>),
    /// The pause before the next attempt is over.
    Paused(u64),
    /// What the keyring holds for what the server asks.
    Found(u64, CredentialKind, Found),
    /// Whether what is trusted could be written down.
    Remembered(Result<(), backend::Error>),
}

impl Component for VncScreen {
    type Init = Way;
    type Input = VncInput;
    type Output = VncOutput;
    type CommandOutput = VncAnswer;
    type Root = VncDisplay;
    type Widgets = ();

    fn init_root() -> Self::Root {
        VncDisplay::new(&crate::runtime::handle())
    }

    fn init(
        way: Self::Init,
        display: Self::Root,
        sender: ComponentSender<Self>,
    ) -> ComponentParts<Self> {
        display.set_hexpand(true);
        display.set_vexpand(true);
        let input = sender.input_sender().clone();
        display.connect_state_changed(move |_, _| {
            // The display may outlive its window by a moment.
            let _ = input.send(VncInput::Changed);
        });
        let output = sender.output_sender().clone();
        display.connect_grab_changed(move |_, grabbed| {
            if grabbed {
                // A window that is gone needs no telling.
                let _ = output.send(VncOutput::Grabbed);
            }
        });
        let input = sender.input_sender().clone();
        display.connect_power_changed(move |_, failed| {
            let _ = input.send(VncInput::Power { failed });
        });
        let model = Self {
            quality: Ruler::new(&display),
            colours: ColourDepth::default(),
            display,
            way,
            wanted: false,
            stage: Stage::Idle,
            serial: 0,
            failures: 0,
            said: Said::default(),
            is_remote: false,
            has_picture: false,
            asked_for: None,
            link: Link::Idle,
        };
        ComponentParts { model, widgets: () }
    }

    fn update(&mut self, input: Self::Input, sender: ComponentSender<Self>, _root: &Self::Root) {
        match input {
            VncInput::Wanted(wanted) if wanted == self.wanted => {}
            VncInput::Wanted(true) => {
                self.wanted = true;
                self.failures = 0;
                self.connect(&sender);
            }
            VncInput::Wanted(false) => {
                self.wanted = false;
                self.serial += 1;
                self.stage = Stage::Idle;
                self.display.close();
                self.tell(Link::Idle, &sender);
            }
            VncInput::Again if self.wanted => {
                self.failures = 0;
                self.connect(&sender);
            }
            VncInput::Again => {}
            VncInput::Changed => self.display_changed(&sender),
            VncInput::Power { failed: false } => tell(&sender, VncOutput::CanPower),
            VncInput::Power { failed: true } => {
                // It may say so unasked.
                if let Some(act) = self.asked_for.take() {
                    tell(&sender, VncOutput::PowerFailed(act));
                }
            }
            VncInput::Answer(answer) => self.answer(answer, &sender),
            VncInput::Press(Stroke(keys)) => self.display.send_keys(&keys),
            VncInput::Act(act) => self.act(&act, &sender),
            VncInput::Focus => {
                self.display.grab_focus();
            }
            VncInput::Grab => self.display.grab_keyboard(),
        }
    }

    fn update_cmd(
        &mut self,
        answer: Self::CommandOutput,
        sender: ComponentSender<Self>,
        _root: &Self::Root,
    ) {
        match answer {
            VncAnswer::Target(serial, _)
            | VncAnswer::Paused(serial)
            | VncAnswer::Found(serial, ..)
                if serial != self.serial => {}
            VncAnswer::Found(_, kind, found) => self.found(kind, found, &sender),
            VncAnswer::Target(_, Ok(mut target)) => {
                if let Anew::By(pin) = self.said.anew {
                    target.policy.pin = pin;
                }
                self.stage = Stage::Joined;
                self.said.server = target.server;
                self.said.account = target.account;
                self.is_remote = target.is_remote;
                self.display.set_tls_policy(target.policy);
                self.display.open(target.endpoint);
            }
            // Another attempt would find the same.
            VncAnswer::Target(_, Err(error)) if error.kind() == ErrorKind::NotSupported => {
                let remedy = error.remedy().unwrap_or_default();
                let reason = format!("{} {remedy}", error.message());
                self.end(Some(reason.trim_end().to_owned()), &sender);
            }
            VncAnswer::Target(_, Err(error)) => {
                self.failed(Some(error.message().to_owned()), &sender);
            }
            VncAnswer::Paused(_) => self.connect(&sender),
            VncAnswer::Remembered(Ok(())) => self.said.anew = Anew::AsWritten,
            VncAnswer::Remembered(Err(error)) => tell(&sender, VncOutput::Failed(error)),
        }
    }
}

impl VncScreen {
    /// Whether there is a picture, be it the last one before the connection ended.
    pub fn has_picture(&self) -> bool {
        self.has_picture
    }

    /// How the connection is protected, while there is one, in words; and whether somebody on the way
    /// could read what is sent.
    pub fn protection(&self) -> Option<(String, bool)> {
        let protection = self.display.protection()?;
        let exposed = self.is_remote && !protection.is_encrypted();
        Some((protection.to_string(), exposed))
    }

    /// Connects once.
    fn connect(&mut self, sender: &ComponentSender<Self>) {
        self.serial += 1;
        self.said.begin();
        // What the next server cannot do is not what this one was asked for.
        self.asked_for = None;
        let serial = self.serial;
        if self.failures < SILENT_ATTEMPTS {
            self.tell(self.connecting(), sender);
        }
        self.stage = Stage::Preparing;
        let way = self.way.clone();
        sender.oneshot_command(async move {
            let target = match way {
                Way::Guest(host, id) => Target::of_guest(&host, id).await,
                Way::Address { host, port } => Target::at(host, port).await,
            };
            VncAnswer::Target(serial, target)
        });
    }

    fn act(&mut self, act: &ScreenAct, sender: &ComponentSender<Self>) {
        match act {
            ScreenAct::Size(None) => self.display.set_scaling(Scaling::Fit),
            ScreenAct::Size(Some(percent)) => {
                let zoom = f64::from(*percent) / 100.0;
                self.display.set_scaling(Scaling::Zoom(zoom));
            }
            ScreenAct::OneScreen(id) => self.display.set_shown_screen(*id),
            ScreenAct::Quality(quality) => self.quality.choose(*quality),
            // Those that are shown can be chosen as well.
            ScreenAct::Colours(depth) if *depth == self.colours => {}
            ScreenAct::Colours(depth) => {
                self.colours = *depth;
                self.display.set_colours(*depth);
                // They are agreed upon with the server when a connection begins.
                if self.stage == Stage::Joined {
                    self.failures = 0;
                    self.connect(sender);
                }
            }
            ScreenAct::Power(act) => {
                self.asked_for = Some(*act);
                self.display.power(*act);
            }
            ScreenAct::ViewOnly(only) => self.display.set_read_only(*only),
            ScreenAct::FollowWindow(follow) => self.display.set_follow_window(*follow),
            // The window's affair.
            _ => {}
        }
    }

    fn connecting(&self) -> Link {
        Link::Connecting {
            again: self.has_picture,
        }
    }

    /// Looks at what the display says now. Only the present state counts: notices of earlier ones
    /// may still be under way.
    fn display_changed(&mut self, sender: &ComponentSender<Self>) {
        if self.stage != Stage::Joined {
            return;
        }
        match self.display.state() {
            DisplayState::Connecting => {}
            DisplayState::NeedsCredentials(kind) => self.asked_who(kind, sender),
            DisplayState::NeedsTrust(question) => self.asked_trust(*question, sender),
            DisplayState::Connected => {
                self.failures = 0;
                self.let_in();
                self.has_picture = true;
                self.tell(Link::Up, sender);
            }
            DisplayState::Disconnected { error } => {
                if !self.ended(error.as_ref(), sender) {
                    self.failed(error.map(|error| sentence(&error.to_string())), sender);
                }
            }
        }
    }

    /// The connection ended or was not made.
    fn failed(&mut self, reason: Option<String>, sender: &ComponentSender<Self>) {
        self.failures = self.failures.saturating_add(1);
        self.serial += 1;
        if let Way::Address { .. } = self.way {
            self.end(reason, sender);
            return;
        }
        self.stage = Stage::Preparing;
        let link = if self.failures < SILENT_ATTEMPTS {
            self.connecting()
        } else {
            Link::Waiting {
                reason: reason.unwrap_or_else(|| "The screen was closed.".to_owned()),
            }
        };
        self.tell(link, sender);
        let (serial, pause) = (self.serial, pause_before(self.failures));
        sender.oneshot_command(async move {
            tokio::time::sleep(pause).await;
            VncAnswer::Paused(serial)
        });
    }

    /// There is no connection until the user asks for one.
    fn end(&mut self, reason: Option<String>, sender: &ComponentSender<Self>) {
        self.stage = Stage::Idle;
        // One may still be there when the way to the next was not found.
        self.display.close();
        self.tell(Link::Ended { reason }, sender);
    }

    fn tell(&mut self, link: Link, sender: &ComponentSender<Self>) {
        if self.link != link {
            self.link = link.clone();
            tell(sender, VncOutput::Link(link));
        }
    }
}

/// Tells the window. One that is gone needs no telling.
fn tell(sender: &ComponentSender<VncScreen>, output: VncOutput) {
    let _ = sender.output(output);
}
