//! The guest's text console in a terminal.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use backend::Host;
use backend::model::GuestId;
use gtk::prelude::*;
use gtk::{gdk, glib};
use relm4::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, ReadHalf, WriteHalf};
use tokio::sync::mpsc;
use vte::prelude::*;

/// How much is taken from the guest at once, and how long the terminal then gets to draw it. A
/// guest that floods its console is slowed down instead of filling our memory.
const CHUNK: usize = 32 * 1024;
const PAUSE: Duration = Duration::from_millis(8);

/// A console that broke with its host is opened again when that is back. The host may take the old
/// connection for alive for half a minute, and a console serves one at a time: so it is tried again.
const RETRY: Duration = Duration::from_secs(5);
const RETRIES: u32 = 8;

/// Lines kept above the visible ones.
const SCROLLBACK: i64 = 10_000;

/// Ctrl+], by which consoles are left since telnet.
const LEAVE: &str = "\u{1d}";

/// A terminal on a guest's first text console.
pub(super) struct Console {
    host: Host,
    id: GuestId,
    terminal: vte::Terminal,
    /// Whether the console should be open: the guest runs and somebody looked at this page.
    wanted: bool,
    state: State,
    /// Whether the host answers.
    reachable: bool,
    /// How often opening is tried again by itself.
    retries: u32,
    /// Counts connections, so that the end of an old one does not touch the present one.
    connection: u64,
    /// Towards the guest, while connected. Typed text goes this way and not as a message between
    /// components: those are logged, and people type passwords.
    keys: Keys,
}

/// Where typed text goes.
type Keys = Rc<RefCell<Option<mpsc::UnboundedSender<Vec<u8>>>>>;

/// How the console stands.
#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    /// The guest is off.
    Off,
    /// Being opened.
    Opening,
    /// Open.
    Open,
    /// Could not be opened, or ended, for this reason.
    Ended(String),
}

/// What the console is told.
#[derive(Debug)]
pub(super) enum ConsoleInput {
    /// Whether it should be open.
    Wanted(bool),
    /// Whether the host answers.
    Reachable(bool),
    /// Open again, by the user's wish.
    Again,
    /// Open again, unless there was another connection than that one meanwhile.
    Retry(u64),
    /// The connection of that number ended.
    Ended(u64),
    /// Let what is typed go to the guest.
    Focus,
    /// Ctrl+] was typed.
    Leave,
}

/// What the console tells.
#[derive(Debug)]
pub(super) enum ConsoleOutput {
    /// The user wants the keyboard back.
    Leave,
}

/// What comes back from the host: the stream for the connection of that number.
#[derive(Debug)]
pub(super) struct Opened(u64, Result<DuplexStream, backend::Error>);

#[relm4::component(pub(super))]
impl Component for Console {
    type Init = (Host, GuestId);
    type Input = ConsoleInput;
    type Output = ConsoleOutput;
    type CommandOutput = Opened;

    view! {
        #[root]
        gtk::Box {
            set_orientation: gtk::Orientation::Vertical,

            gtk::Revealer {
                #[watch]
                set_reveal_child: model.state != State::Open || !model.reachable,

                gtk::Box {
                    set_spacing: 12,
                    set_margin_all: 6,

                    gtk::Label {
                        set_hexpand: true,
                        set_wrap: true,
                        set_xalign: 0.0,
                        #[watch]
                        set_label: &model.words(),
                    },
                    gtk::Button {
                        set_label: "_Open Again",
                        set_use_underline: true,
                        #[watch]
                        set_visible: matches!(model.state, State::Ended(_)) && model.reachable,
                        connect_clicked => ConsoleInput::Again,
                    },
                },
            },

            gtk::ScrolledWindow {
                set_hscrollbar_policy: gtk::PolicyType::Never,
                set_vexpand: true,

                #[local_ref]
                terminal -> vte::Terminal {
                    set_scrollback_lines: SCROLLBACK,
                    set_audible_bell: false,
                    set_scroll_on_keystroke: true,
                    set_mouse_autohide: true,
                    set_hexpand: true,
                    set_vexpand: true,
                    update_property: &[
                        gtk::accessible::Property::Label("Text console of the guest"),
                    ],
                },
            },

            gtk::Label {
                set_label: "Ctrl+] gives the keyboard back; the guest stays on.",
                set_wrap: true,
                set_margin_all: 6,
                set_css_classes: &["caption", "dim-label"],
                #[watch]
                set_visible: model.state == State::Open,
            },
        }
    }

    fn init(
        (host, id): Self::Init,
        root: Self::Root,
        sender: ComponentSender<Self>,
    ) -> ComponentParts<Self> {
        let terminal = vte::Terminal::new();
        let keys = Keys::default();
        let typed = keys.clone();
        let input = sender.input_sender().clone();
        terminal.connect_commit(move |_, text, _| {
            if text == LEAVE {
                // Whatever the layout needs for it; the guest has other ways to be sent it.
                input.emit(ConsoleInput::Leave);
            } else if let Some(keys) = &*typed.borrow() {
                // Where the connection ended this instant, its end is on its way to be shown.
                let _ = keys.send(text.as_bytes().to_vec());
            }
        });
        terminal.add_controller(clipboard_shortcuts());
        follow_style(&terminal);
        let model = Self {
            host,
            id,
            terminal: terminal.clone(),
            wanted: false,
            state: State::Off,
            reachable: true,
            retries: 0,
            connection: 0,
            keys,
        };
        let widgets = view_output!();
        ComponentParts { model, widgets }
    }

    fn update(&mut self, input: Self::Input, sender: ComponentSender<Self>, _root: &Self::Root) {
        match input {
            ConsoleInput::Wanted(wanted) if wanted == self.wanted => {}
            ConsoleInput::Wanted(wanted) => {
                self.wanted = wanted;
                if wanted {
                    self.open(&sender);
                } else {
                    // Dropping the sender ends the connection; what the guest wrote stays to read.
                    self.keys.take();
                    self.connection += 1;
                    self.state = State::Off;
                }
            }
            ConsoleInput::Reachable(reachable) => {
                let is_back = reachable && !self.reachable;
                self.reachable = reachable;
                if is_back && self.wanted && matches!(self.state, State::Ended(_)) {
                    self.retries = RETRIES;
                    self.open(&sender);
                }
            }
            ConsoleInput::Again => {
                self.retries = 0;
                self.open(&sender);
            }
            ConsoleInput::Retry(connection) if connection == self.connection && self.wanted => {
                self.open(&sender);
            }
            ConsoleInput::Ended(connection) if connection == self.connection => {
                self.keys.take();
                self.state = State::Ended("The console was closed.".to_owned());
            }
            ConsoleInput::Retry(_) | ConsoleInput::Ended(_) => {}
            ConsoleInput::Focus => {
                self.terminal.grab_focus();
            }
            ConsoleInput::Leave => {
                // A window that is gone needs no telling.
                let _ = sender.output(ConsoleOutput::Leave);
            }
        }
    }

    fn update_cmd(
        &mut self,
        Opened(connection, stream): Self::CommandOutput,
        sender: ComponentSender<Self>,
        _root: &Self::Root,
    ) {
        if connection != self.connection {
            return;
        }
        match stream {
            Ok(stream) => {
                self.retries = 0;
                self.join(stream, &sender);
            }
            Err(error) if self.retries > 0 && self.reachable => {
                self.retries -= 1;
                tracing::debug!(%error, "the console is tried again");
                let input = sender.input_sender().clone();
                glib::timeout_add_local_once(RETRY, move || {
                    // The page may be gone with its window.
                    let _ = input.send(ConsoleInput::Retry(connection));
                });
            }
            Err(error) => {
                let mut words = error.message().to_owned();
                if let Some(remedy) = error.remedy() {
                    words.push(' ');
                    words.push_str(remedy);
                }
                self.state = State::Ended(words);
            }
        }
    }
}

impl Console {
    fn words(&self) -> String {
        match &self.state {
            State::Off => "The guest is off.".to_owned(),
            _ if !self.reachable => {
                "The host does not answer. The console comes back with it.".to_owned()
            }
            State::Opening => "Opening the console…".to_owned(),
            State::Open => String::new(),
            State::Ended(reason) => reason.clone(),
        }
    }

    fn open(&mut self, sender: &ComponentSender<Self>) {
        self.keys.take();
        self.connection += 1;
        self.state = State::Opening;
        let (host, id, connection) = (self.host.clone(), self.id, self.connection);
        sender.oneshot_command(async move { Opened(connection, host.open_console(id).await) });
    }

    /// Joins terminal and guest. Both directions run on the main loop, where the terminal is; they
    /// only move bytes that are there already.
    fn join(&mut self, stream: DuplexStream, sender: &ComponentSender<Self>) {
        let (from_guest, to_guest) = tokio::io::split(stream);
        let (keys, typed) = mpsc::unbounded_channel();
        self.keys.replace(Some(keys));
        self.state = State::Open;
        let (connection, input) = (self.connection, sender.input_sender().clone());
        let terminal = self.terminal.downgrade();
        relm4::spawn_local(async move {
            tokio::select! {
                () = show(terminal, from_guest) => {}
                () = send(typed, to_guest) => {}
            }
            // The page may be gone with its window.
            let _ = input.send(ConsoleInput::Ended(connection));
        });
    }
}

/// Shows what the guest writes, until it ends or the terminal is gone.
async fn show(terminal: glib::WeakRef<vte::Terminal>, mut from: ReadHalf<DuplexStream>) {
    let mut chunk = vec![0; CHUNK];
    loop {
        let count = match from.read(&mut chunk).await {
            Ok(0) | Err(_) => return,
            Ok(count) => count,
        };
        let Some(terminal) = terminal.upgrade() else {
            return;
        };
        terminal.feed(&chunk[..count]);
        drop(terminal);
        glib::timeout_future(PAUSE).await;
    }
}

/// Sends what was typed, until the console is closed on either side.
async fn send(mut typed: mpsc::UnboundedReceiver<Vec<u8>>, mut to: WriteHalf<DuplexStream>) {
    while let Some(bytes) = typed.recv().await {
        if to.write_all(&bytes).await.is_err() {
            return;
        }
    }
}

/// Ctrl+Shift+C and Ctrl+Shift+V, as in other terminals: without Shift they are the guest's.
fn clipboard_shortcuts() -> gtk::ShortcutController {
    let controller = gtk::ShortcutController::new();
    // Before the terminal takes the keys for the guest.
    controller.set_propagation_phase(gtk::PropagationPhase::Capture);
    let on = |keys: &str, act: fn(&vte::Terminal)| {
        let action = gtk::CallbackAction::new(move |widget, _| {
            if let Some(terminal) = widget.downcast_ref::<vte::Terminal>() {
                act(terminal);
            }
            glib::Propagation::Stop
        });
        gtk::Shortcut::new(gtk::ShortcutTrigger::parse_string(keys), Some(action))
    };
    controller.add_shortcut(on("<Control><Shift>c", |terminal| {
        terminal.copy_clipboard_format(vte::Format::Text);
    }));
    controller.add_shortcut(on("<Control><Shift>v", TerminalExt::paste_clipboard));
    controller
}

/// Dark on light or light on dark, as the rest of the program.
fn follow_style(terminal: &vte::Terminal) {
    const INK: gdk::RGBA = gdk::RGBA::new(0.12, 0.12, 0.12, 1.0);
    const PAPER: gdk::RGBA = gdk::RGBA::new(1.0, 1.0, 1.0, 1.0);
    let paint = |terminal: &vte::Terminal, dark: bool| {
        let (text, ground) = if dark { (&PAPER, &INK) } else { (&INK, &PAPER) };
        terminal.set_color_foreground(text);
        terminal.set_color_background(ground);
    };
    let style = adw::StyleManager::default();
    paint(terminal, style.is_dark());
    let weak = terminal.downgrade();
    let handler = style.connect_dark_notify(move |style| {
        if let Some(terminal) = weak.upgrade() {
            paint(&terminal, style.is_dark());
        }
    });
    // The style manager outlives every window.
    let handler = RefCell::new(Some(handler));
    terminal.connect_destroy(move |_| {
        if let Some(handler) = handler.take() {
            adw::StyleManager::default().disconnect(handler);
        }
    });
}
