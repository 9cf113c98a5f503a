//! The memory button of the guest window, and the slider behind it, with the processors below.

mod amount;
mod follow;
mod sentence;
mod track;

use std::sync::Arc;
use std::time::{Duration, Instant};

use backend::model::{BalloonReading, Guest, GuestId, GuestState};
use backend::{ErrorKind, Host};
use gtk::prelude::*;
use relm4::prelude::*;

use crate::guest::latest::LatestWins;
use crate::guest::processors::{ProcessorsInput, ProcessorsRow};

pub(crate) use amount::Span;
use amount::{known, size};
pub(crate) use follow::{Follow, PAUSED};
use track::MemoryTrack;

/// How often the balloon is read while the slider is open and at rest.
const AT_REST: Duration = Duration::from_secs(1);

/// How often it is read while it moves, so that the fill is seen to follow.
const MOVING: Duration = Duration::from_millis(300);

/// A button with a guest's memory on it; it opens a slider that is dragged live.
pub(super) struct MemoryButton {
    host: Host,
    guest: Option<Arc<Guest>>,
    /// Whether the host answers.
    reachable: bool,
    has_balloon: Option<bool>,
    /// Where the thumb stands, in KiB.
    target_kib: u64,
    commands: LatestWins<u64>,
    follow: Follow,
    processors: Controller<ProcessorsRow>,
    /// The clock that [`Follow`] is told.
    since: Instant,
    open: bool,
    /// Which opening of the popover a reading belongs to, so that one left over from an earlier
    /// opening cannot start a second round of readings.
    opening: u64,
    /// The last failure, until something succeeds.
    problem: Option<String>,
    /// Why its memory could not be read the last time.
    unread: Option<String>,
}

/// What the button is told.
#[derive(Debug)]
pub(super) enum MemoryInput {
    /// The guest as it is now, and whether its host answers.
    Guest(Option<Arc<Guest>>, bool),
    /// The popover opened.
    Opened,
    /// The popover closed.
    Closed,
    /// The user chose this many MiB.
    Chosen(u64),
}

/// What comes back from the host.
#[derive(Debug)]
pub(super) enum MemoryAnswer {
    /// A reading of the balloon, for the opening named.
    Read(u64, Result<BalloonReading, backend::Error>),
    /// Whether a target was taken.
    Set(Result<(), backend::Error>),
}

#[relm4::component(pub(super))]
impl Component for MemoryButton {
    type Init = Host;
    type Input = MemoryInput;
    type Output = ();
    type CommandOutput = MemoryAnswer;

    view! {
        #[root]
        gtk::MenuButton {
            set_tooltip_text: Some("Memory and processors of the guest (Ctrl+Shift+M)"),
            #[watch]
            set_visible: model.guest.is_some(),
            update_property: &[gtk::accessible::Property::Label("Memory")],

            #[wrap(Some)]
            set_child = &gtk::Label {
                add_css_class: "numeric",
                #[watch]
                set_label: &model.figure(),
            },

            #[wrap(Some)]
            set_popover = &gtk::Popover {
                connect_show[sender] => move |_| sender.input_sender().emit(MemoryInput::Opened),
                connect_closed[sender] => move |_| {
                    // It closes once more when the window is taken apart.
                    let _ = sender.input_sender().send(MemoryInput::Closed);
                },

                gtk::Box {
                    set_orientation: gtk::Orientation::Vertical,
                    set_spacing: 6,
                    set_margin_all: 12,
                    set_width_request: 372,

                    gtk::Box {
                        set_spacing: 6,

                        gtk::Label {
                            set_label: "_Memory",
                            set_use_underline: true,
                            set_mnemonic_widget: Some(&typed),
                            set_hexpand: true,
                            set_xalign: 0.0,
                            add_css_class: "heading",
                        },
                        #[name(typed)]
                        gtk::SpinButton {
                            set_adjustment: &track.adjustment(),
                            set_numeric: true,
                            // What is no amount is left alone: by default it would mean the least.
                            set_update_policy: gtk::SpinButtonUpdatePolicy::IfValid,
                            // And an amount out of range means the end it lies beyond.
                            connect_input => |spin| Some(typed_amount(spin)),
                            set_width_chars: 7,
                            set_alignment: 1.0,
                            set_tooltip_text: Some("Memory the guest should have, in MiB"),
                            update_property: &[gtk::accessible::Property::Label("Memory in MiB")],
                            #[watch]
                            set_sensitive: model.can_slide(),
                        },
                        gtk::Label {
                            set_label: "MiB",
                            add_css_class: "dim-label",
                        },
                    },

                    #[local_ref]
                    track -> MemoryTrack {
                        set_tooltip_text: Some("Drag to give the guest more or less memory"),
                        update_property: &[
                            gtk::accessible::Property::Label("Memory of the guest, in MiB"),
                        ],
                        #[watch]
                        set_sensitive: model.can_slide(),
                    },

                    gtk::Box {
                        #[name(least)]
                        gtk::Label {
                            set_hexpand: true,
                            set_xalign: 0.0,
                            set_css_classes: &["caption", "dim-label", "numeric"],
                            #[watch]
                            set_label: &format!("least {}", size(model.span().least * 1024)),
                        },
                        #[name(most)]
                        gtk::Label {
                            set_css_classes: &["caption", "dim-label", "numeric"],
                            #[watch]
                            set_label: &format!("most {}", size(model.span().most * 1024)),
                        },
                    },

                    gtk::Box {
                        set_spacing: 12,
                        set_margin_top: 6,
                        set_homogeneous: true,

                        gtk::Box {
                            set_spacing: 6,
                            gtk::Box { set_css_classes: &["memory-swatch", "target"] },
                            gtk::Label {
                                set_css_classes: &["caption", "numeric"],
                                #[watch]
                                set_label: &format!("Target {}", size(model.target_kib)),
                            },
                        },
                        gtk::Box {
                            set_spacing: 6,
                            gtk::Box { set_css_classes: &["memory-swatch", "reached"] },
                            gtk::Label {
                                set_css_classes: &["caption", "numeric"],
                                #[watch]
                                set_label: &format!("Has {}", known(model.reached_kib())),
                            },
                        },
                        gtk::Box {
                            set_spacing: 6,
                            gtk::Box { set_css_classes: &["memory-swatch", "used"] },
                            gtk::Label {
                                set_css_classes: &["caption", "numeric"],
                                #[watch]
                                set_label: &format!("Uses {}", known(model.used_kib())),
                            },
                        },
                    },

                    gtk::Label {
                        set_wrap: true,
                        set_xalign: 0.0,
                        set_max_width_chars: 44,
                        set_margin_top: 6,
                        // The height of two lines, so that the popover does not jump under the
                        // pointer when a longer sentence comes.
                        set_lines: 2,
                        set_height_request: 40,
                        set_valign: gtk::Align::Start,
                        #[watch]
                        set_label: &model.sentence(),
                    },

                    gtk::Separator {},
                    append: model.processors.widget(),
                },
            },
        }
    }

    fn init(
        host: Self::Init,
        root: Self::Root,
        sender: ComponentSender<Self>,
    ) -> ComponentParts<Self> {
        let model = Self {
            processors: ProcessorsRow::builder().launch(host.clone()).detach(),
            host,
            guest: None,
            reachable: false,
            has_balloon: None,
            target_kib: 0,
            commands: LatestWins::default(),
            follow: Follow::default(),
            since: Instant::now(),
            open: false,
            opening: 0,
            problem: None,
            unread: None,
        };
        let track = MemoryTrack::default();
        let input = sender.input_sender().clone();
        track.connect_chosen(move |mib| input.emit(MemoryInput::Chosen(mib)));
        let widgets = view_output!();
        ComponentParts { model, widgets }
    }

    fn post_view() {
        track.settle(model.span(), model.target_kib as f64 / 1024.0);
        track.set_figures(model.reached_kib(), model.used_kib());
    }

    fn update(&mut self, input: Self::Input, sender: ComponentSender<Self>, _root: &Self::Root) {
        match input {
            MemoryInput::Guest(guest, reachable) => {
                let news = ProcessorsInput::Guest(guest.clone(), reachable);
                self.processors.emit(news);
                self.take_guest(guest, reachable);
            }
            MemoryInput::Opened => {
                self.open = true;
                self.opening += 1;
                self.processors.emit(ProcessorsInput::Opened);
                self.read(Duration::ZERO, &sender);
            }
            MemoryInput::Closed => self.open = false,
            MemoryInput::Chosen(mib) => self.choose(mib, &sender),
        }
    }

    fn update_cmd(
        &mut self,
        answer: Self::CommandOutput,
        sender: ComponentSender<Self>,
        _root: &Self::Root,
    ) {
        match answer {
            MemoryAnswer::Read(opening, _) if opening != self.opening => {}
            MemoryAnswer::Read(_, reading) => {
                self.take_reading(reading);
                if self.open {
                    let pause = if self.is_moving() { MOVING } else { AT_REST };
                    self.read(pause, &sender);
                }
            }
            MemoryAnswer::Set(result) => {
                match result {
                    Ok(()) => self.problem = None,
                    Err(error) => {
                        if matches!(
                            error.kind(),
                            ErrorKind::NotAnswering | ErrorKind::Disconnected
                        ) {
                            // What the guest has is read when the host is back; it is not judged
                            // by a target that may never have arrived.
                            self.follow.forget();
                        }
                        self.problem = Some(error.message().to_owned());
                    }
                }
                if let Some(next) = self.commands.arrived() {
                    self.send(next, &sender);
                }
            }
        }
    }
}

impl MemoryButton {
    fn now(&self) -> Duration {
        self.since.elapsed()
    }

    /// The guest, while it runs and can be asked.
    fn running(&self) -> Option<&Guest> {
        self.guest.as_deref().filter(|guest| {
            guest.state.is_active()
                && !matches!(guest.state, GuestState::Starting | GuestState::Rebooting)
        })
    }

    fn maximum_kib(&self) -> u64 {
        let of_guest = self
            .guest
            .as_ref()
            .map_or(0, |guest| guest.memory.maximum_kib);
        // A domain 0 without a limit is told to have one beyond all memory.
        match &self.host.snapshot().info {
            Some(info) if self.is_host_itself() => of_guest.min(info.memory_kib),
            _ => of_guest,
        }
    }

    /// Whether it is Xen's domain 0.
    fn is_host_itself(&self) -> bool {
        let snapshot = self.host.snapshot();
        let kind = snapshot.info.as_ref().map(|info| info.kind);
        self.guest
            .as_ref()
            .is_some_and(|guest| guest.is_host_itself(kind))
    }

    fn span(&self) -> Span {
        let of = if self.is_host_itself() {
            Span::of_host
        } else {
            Span::new
        };
        of(self.target_kib, self.maximum_kib())
    }

    /// Whether a choice can be made now.
    fn can_slide(&self) -> bool {
        self.reachable
            && self.running().is_some()
            && self.has_balloon != Some(false)
            && self.span().is_choice()
    }

    /// What the guest has, by the freshest figure there is.
    fn reached_kib(&self) -> Option<u64> {
        let guest = self.running()?;
        let listed = guest
            .stats
            .map_or(guest.memory.current_kib, |stats| stats.balloon.actual_kib);
        match self.follow.reading() {
            Some(reading) if self.open => Some(reading.actual_kib),
            _ => Some(listed),
        }
    }

    /// What the guest says it uses.
    fn used_kib(&self) -> Option<u64> {
        self.running()?;
        self.follow.reading()?.used_kib()
    }

    /// The figure on the button.
    fn figure(&self) -> String {
        let kib = self.reached_kib().or_else(|| {
            let guest = self.guest.as_ref()?;
            Some(guest.memory.current_kib)
        });
        known(kib)
    }

    fn take_guest(&mut self, guest: Option<Arc<Guest>>, reachable: bool) {
        let run = |guest: &Option<Arc<Guest>>| guest.as_ref().and_then(|guest| guest.domain_id);
        if run(&self.guest) != run(&guest) {
            // Another run of the guest: what the last one was asked means nothing to it.
            self.follow = Follow::default();
            self.commands.forget();
            self.problem = None;
            self.unread = None;
        }
        if reachable && !self.reachable {
            // What failed because the host was away.
            self.problem = None;
            self.unread = None;
        }
        self.reachable = reachable;
        self.guest = guest;
        if let Some(guest) = &self.guest {
            if let Some(details) = &guest.details {
                // Domain 0 has one that its definition does not name.
                self.has_balloon = Some(details.has_balloon || self.is_host_itself());
            }
            if !self.follow.is_asked() {
                self.target_kib = guest.memory.current_kib;
            }
        }
    }

    fn take_reading(&mut self, reading: Result<BalloonReading, backend::Error>) {
        match reading {
            Ok(reading) => {
                self.unread = None;
                let now = self.now();
                self.follow.read(reading, now);
                if !self.follow.is_asked() && self.commands.is_idle() {
                    self.target_kib = reading.actual_kib;
                }
            }
            // It went off meanwhile; the list will say so.
            Err(error) if error.kind() == ErrorKind::WrongState => {}
            Err(error) => self.unread = Some(error.message().to_owned()),
        }
    }

    fn choose(&mut self, mib: u64, sender: &ComponentSender<Self>) {
        if !self.can_slide() {
            return;
        }
        let span = self.span();
        // The maximum need not be whole MiB; its end of the track means all of it.
        let kib = if mib >= span.most {
            self.maximum_kib()
        } else {
            mib.max(span.least) * 1024
        };
        if kib == self.target_kib {
            return;
        }
        self.target_kib = kib;
        let now = self.now();
        self.follow.asked(kib, now);
        if let Some(kib) = self.commands.offer(kib) {
            self.send(kib, sender);
        }
    }

    fn send(&self, kib: u64, sender: &ComponentSender<Self>) {
        let Some(id) = self.id() else { return };
        let host = self.host.clone();
        sender.oneshot_command(async move { MemoryAnswer::Set(host.set_memory(id, kib).await) });
    }

    /// Reads the balloon after `pause`.
    fn read(&self, pause: Duration, sender: &ComponentSender<Self>) {
        let Some(id) = self.id() else { return };
        let host = self.host.clone();
        let opening = self.opening;
        sender.oneshot_command(async move {
            if !pause.is_zero() {
                tokio::time::sleep(pause).await;
            }
            MemoryAnswer::Read(opening, host.balloon(id).await)
        });
    }

    fn id(&self) -> Option<GuestId> {
        self.guest.as_ref().map(|guest| guest.id)
    }

    /// Whether the guest was asked for something it has not reached.
    fn is_under_way(&self) -> bool {
        self.follow.is_asked() && !self.follow.has_arrived()
    }

    /// Whether the balloon is on its way.
    fn is_moving(&self) -> bool {
        !self.commands.is_idle() || self.follow.is_moving(self.now())
    }
}

/// What is typed in a field, within its range.
fn typed_amount(spin: &gtk::SpinButton) -> Result<f64, ()> {
    let adjustment = spin.adjustment();
    let typed: f64 = spin.text().trim().parse().map_err(|_| ())?;
    Ok(typed.clamp(adjustment.lower(), adjustment.upper()))
}
