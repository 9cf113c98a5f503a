//! The screen of a guest without VNC: a still every second, and keys through the hypervisor.

mod dark;
mod keys;

use std::time::Duration;

use backend::Host;
use backend::model::GuestId;
use gtk::prelude::*;
use gtk::{gdk, glib};
use relm4::prelude::*;

use crate::screen::keys::Stroke;
use crate::screen::link::Link;
use crate::screen::picture::Pixels;
use crate::screen::typing::Pace;
pub use dark::is_switched_off;
use keys::{Key, Press, Presses};

/// Between two stills: each makes the hypervisor write the whole picture.
const INTERVAL: Duration = Duration::from_secs(1);

/// From one character of a text to the next: each is a question to the host, and none is asked before
/// the last one was answered.
pub const PACE: Pace = Pace {
    pause: Duration::from_millis(100),
    when_taken: true,
};

/// A guest's screen as stills.
pub struct Stills {
    host: Host,
    id: GuestId,
    /// The screen's number, from 0 on.
    screen: u32,
    picture: gtk::Picture,
    /// Whether stills should be taken.
    wanted: bool,
    /// Whether one is being taken or waited for.
    busy: bool,
    last: Option<Pixels>,
    presses: Presses,
    link: Link,
    dark: bool,
    /// Whether a VNC display was added for the next start.
    vnc_added: bool,
}

/// Of what stills are taken.
#[derive(Debug)]
pub struct StillsInit {
    /// The host that the guest is on.
    pub host: Host,
    /// The guest.
    pub id: GuestId,
    /// The screen's number, from 0 on.
    pub screen: u32,
}

/// What the stills are told.
#[derive(Debug)]
pub enum StillsInput {
    /// Whether stills should be taken.
    Wanted(bool),
    /// The widget came into view.
    Mapped,
    /// A VNC display was added for the next start.
    VncAdded,
    /// Press these keys together.
    Press(Stroke),
    /// Press these keys of a text, and tell when they were taken.
    Type(Stroke),
    /// A key went down; by its hardware code, and whether it changes the meaning of others.
    Pressed(Key),
    /// A key went up.
    Released(Key),
    /// All keys are up: the focus went elsewhere.
    Unfocused,
    /// The user took the offer of a VNC display.
    AddVnc,
    /// Let what is typed go to the guest.
    Focus,
}

/// What the window is told.
#[derive(Debug)]
pub enum StillsOutput {
    /// How the way to the screen stands.
    Link(Link),
    /// Whether the screen is dark, because the guest has not switched it on; told before it is said to be up.
    Dark(bool),
    /// Add a VNC display for the next start.
    AddVnc,
    /// The keys of a text were taken, or why not, as a sentence.
    Typed(Result<(), String>),
}

/// What comes back from the host.
#[derive(Debug)]
pub enum StillsAnswer {
    /// A still.
    Still(Result<Pixels, String>),
    /// The time for the next one has come.
    Due,
    /// The keys were sent.
    Sent(Result<(), backend::Error>),
}

#[relm4::component(pub)]
impl Component for Stills {
    type Init = StillsInit;
    type Input = StillsInput;
    type Output = StillsOutput;
    type CommandOutput = StillsAnswer;

    view! {
        #[root]
        gtk::Box {
            set_orientation: gtk::Orientation::Vertical,
            connect_map[sender] => move |_| sender.input_sender().emit(StillsInput::Mapped),

            gtk::Box {
                set_spacing: 12,
                set_margin_all: 6,

                gtk::Label {
                    set_hexpand: true,
                    set_wrap: true,
                    set_xalign: 0.0,
                    #[watch]
                    set_label: model.note(),
                },
                gtk::Button {
                    set_label: "_Add a VNC Display for the Next Start",
                    set_use_underline: true,
                    set_valign: gtk::Align::Center,
                    set_tooltip_text: Some("Added beside what the guest has; nothing is taken away"),
                    #[watch]
                    set_visible: model.screen == 0 && !model.vnc_added,
                    connect_clicked => StillsInput::AddVnc,
                },
            },

            #[local_ref]
            picture -> gtk::Picture {
                set_can_shrink: true,
                set_content_fit: gtk::ContentFit::ScaleDown,
                set_hexpand: true,
                set_vexpand: true,
                set_focusable: true,
                add_css_class: "still",
                // Readers take the alternative text for a description, and would name the widget's kind.
                update_property: &[gtk::accessible::Property::Label("Still of the guest’s screen")],

                add_controller = gtk::EventControllerKey {
                    connect_key_pressed[sender] => move |keys, _, keycode, _| {
                        sender.input_sender().emit(StillsInput::Pressed(key(keys, keycode)));
                        glib::Propagation::Stop
                    },
                    connect_key_released[sender] => move |keys, _, keycode, _| {
                        sender.input_sender().emit(StillsInput::Released(key(keys, keycode)));
                    },
                },
                add_controller = gtk::EventControllerFocus {
                    connect_leave[sender] => move |_| {
                        // The focus leaves when the window is taken apart, too.
                        let _ = sender.input_sender().send(StillsInput::Unfocused);
                    },
                },
                add_controller = gtk::GestureClick {
                    connect_pressed => move |click, _, _, _| {
                        if let Some(widget) = click.widget() {
                            widget.grab_focus();
                        }
                    },
                },
            },
        }
    }

    fn init(
        StillsInit { host, id, screen }: Self::Init,
        root: Self::Root,
        sender: ComponentSender<Self>,
    ) -> ComponentParts<Self> {
        let picture = gtk::Picture::new();
        let model = Self {
            host,
            id,
            screen,
            picture: picture.clone(),
            wanted: false,
            busy: false,
            last: None,
            presses: Presses::default(),
            link: Link::Idle,
            dark: false,
            vnc_added: false,
        };
        let widgets = view_output!();
        ComponentParts { model, widgets }
    }

    fn update(&mut self, input: Self::Input, sender: ComponentSender<Self>, _root: &Self::Root) {
        match input {
            StillsInput::Wanted(wanted) => {
                self.wanted = wanted;
                if wanted {
                    if self.link == Link::Idle {
                        self.tell(Link::Connecting { again: false }, &sender);
                    }
                    self.take(&sender);
                } else {
                    if self.presses.clear() {
                        let gone = "The guest is not running any more.".to_owned();
                        typed(Err(gone), &sender);
                    }
                    self.tell(Link::Idle, &sender);
                }
            }
            StillsInput::Mapped => self.take(&sender),
            StillsInput::VncAdded => self.vnc_added = true,
            StillsInput::Press(stroke) => self.press(Press::of(stroke.keycodes()), &sender),
            StillsInput::Type(stroke) => self.press(Press::of_text(stroke.keycodes()), &sender),
            StillsInput::Pressed(key) => {
                if let Some(press) = self.presses.pressed(key) {
                    self.press(press, &sender);
                }
            }
            StillsInput::Released(key) => {
                if let Some(press) = self.presses.released(key) {
                    self.press(press, &sender);
                }
            }
            StillsInput::Unfocused => self.presses.all_up(),
            StillsInput::Focus => {
                self.picture.grab_focus();
            }
            StillsInput::AddVnc => {
                // A window that is gone needs no telling.
                let _ = sender.output(StillsOutput::AddVnc);
            }
        }
    }

    fn update_cmd(
        &mut self,
        answer: Self::CommandOutput,
        sender: ComponentSender<Self>,
        _root: &Self::Root,
    ) {
        match answer {
            StillsAnswer::Still(still) => {
                self.show(still, &sender);
                sender.oneshot_command(async {
                    tokio::time::sleep(INTERVAL).await;
                    StillsAnswer::Due
                });
            }
            StillsAnswer::Due => {
                self.busy = false;
                self.take(&sender);
            }
            StillsAnswer::Sent(result) => {
                if let Err(error) = &result {
                    tracing::debug!(%error, "keys were not sent");
                }
                let of_text = self.presses.sent(result.is_ok());
                if of_text {
                    let result = result.map_err(|error| error.message().to_owned());
                    typed(result, &sender);
                }
                self.send(&sender);
            }
        }
    }
}

impl Stills {
    fn note(&self) -> &'static str {
        if self.screen > 0 {
            "VNC has the guest’s first display only: of this one a still is shown every second, keys are \
             sent, the pointer is not."
        } else if self.vnc_added {
            "From its next start on, the guest has a VNC display."
        } else {
            "This guest has no VNC display: a still is shown every second, keys are sent, the pointer is \
             not."
        }
    }

    /// The last still, for keeping it as a file.
    pub fn last(&self) -> Option<&Pixels> {
        self.last.as_ref()
    }

    /// Takes a still, where one is wanted and can be seen.
    fn take(&mut self, sender: &ComponentSender<Self>) {
        if !self.wanted || self.busy || !self.picture.is_mapped() {
            return;
        }
        self.busy = true;
        let (host, id, screen) = (self.host.clone(), self.id, self.screen);
        sender.oneshot_command(async move {
            let still = match host.screenshot(id, screen).await {
                Ok(still) => tokio::task::spawn_blocking(move || Pixels::decode(&still.data))
                    .await
                    .unwrap_or_else(|_| Err("the decoder failed".to_owned()))
                    .map_err(|problem| format!("The still cannot be read: {problem}.")),
                Err(error) => Err(error.message().to_owned()),
            };
            StillsAnswer::Still(still)
        });
    }

    fn show(&mut self, still: Result<Pixels, String>, sender: &ComponentSender<Self>) {
        if !self.wanted {
            return;
        }
        match still {
            Ok(pixels) => {
                if self.last.as_ref() != Some(&pixels) {
                    self.picture.set_paintable(Some(&texture(&pixels)));
                    let dark = is_switched_off(&pixels);
                    if self.dark != dark {
                        self.dark = dark;
                        // A window that is gone needs no telling.
                        let _ = sender.output(StillsOutput::Dark(dark));
                    }
                    self.last = Some(pixels);
                }
                self.tell(Link::Up, sender);
            }
            Err(reason) => self.tell(Link::Waiting { reason }, sender),
        }
    }

    fn press(&mut self, press: Press, sender: &ComponentSender<Self>) {
        if self.wanted {
            self.presses.add(press);
            self.send(sender);
        }
    }

    /// Sends what comes next, if nothing is under way.
    fn send(&mut self, sender: &ComponentSender<Self>) {
        let Some(keys) = self.presses.next() else {
            return;
        };
        let (host, id) = (self.host.clone(), self.id);
        sender.oneshot_command(async move { StillsAnswer::Sent(host.send_keys(id, &keys).await) });
    }

    fn tell(&mut self, link: Link, sender: &ComponentSender<Self>) {
        if self.link != link {
            self.link = link.clone();
            // A window that is gone needs no telling.
            let _ = sender.output(StillsOutput::Link(link));
        }
    }
}

/// Tells whoever types a text. A window that is gone needs no telling.
fn typed(result: Result<(), String>, sender: &ComponentSender<Stills>) {
    let _ = sender.output(StillsOutput::Typed(result));
}

/// The key that a controller is being told of.
fn key(controller: &gtk::EventControllerKey, keycode: u32) -> Key {
    let modifier = controller
        .current_event()
        .and_then(|event| event.downcast::<gdk::KeyEvent>().ok())
        .is_some_and(|event| event.is_modifier());
    Key::new(keycode, modifier)
}

fn texture(pixels: &Pixels) -> gdk::MemoryTexture {
    gdk::MemoryTexture::new(
        pixels.width as i32,
        pixels.height as i32,
        gdk::MemoryFormat::R8g8b8,
        &glib::Bytes::from(&pixels.rgb),
        pixels.width as usize * 3,
    )
}
