//! Records what a screen shows as a video. The button is to be seen while that goes on; pressing it
//! ends it.

mod avi;
mod video;

use std::path::PathBuf;
use std::time::Duration;

use adw::prelude::*;
use backend::{Error, ErrorKind};
use relm4::prelude::*;
use vnc_widget::VncDisplay;

use crate::dialogs;
use crate::screen::save::file_stem;
pub use video::finish_all;
use video::{Outcome, RATE, Video};

/// Between two pictures.
const INTERVAL: Duration = Duration::from_millis(1000 / RATE as u64);

/// The button, with the recording behind it.
pub struct Recording {
    parent: adw::ApplicationWindow,
    toasts: adw::ToastOverlay,
    running: Option<Running>,
    /// Tells the pictures of one recording from those of the one before.
    serial: u64,
}

struct Running {
    video: Video,
    display: VncDisplay,
}

/// What the recording is told.
#[derive(Debug)]
pub enum RecordingInput {
    /// Ask for a file and record the display, called so, into it; or end what is being recorded.
    Toggle(VncDisplay, String),
    /// Record the display into that file.
    Begin(VncDisplay, PathBuf),
    /// End it.
    End,
}

/// What happens in the meantime.
#[derive(Debug)]
pub enum RecordingAnswer {
    /// The next picture of the recording of that number is due.
    Due(u64),
    /// All of the recording of that number is written.
    Ended(u64, Result<Vec<PathBuf>, String>),
}

#[relm4::component(pub)]
impl Component for Recording {
    type Init = (adw::ApplicationWindow, adw::ToastOverlay);
    type Input = RecordingInput;
    type Output = ();
    type CommandOutput = RecordingAnswer;

    view! {
        gtk::Button {
            set_focus_on_click: false,
            set_tooltip_text: Some("Stop Recording"),
            #[watch]
            set_visible: model.running.is_some(),
            #[watch]
            update_property: &[gtk::accessible::Property::Label(
                &format!("Stop Recording, {}", model.time()),
            )],
            connect_clicked => RecordingInput::End,

            gtk::Box {
                set_spacing: 6,

                gtk::Image {
                    set_icon_name: Some("media-record-symbolic"),
                    add_css_class: "error",
                },
                gtk::Label {
                    add_css_class: "numeric",
                    #[watch]
                    set_label: &model.time(),
                },
            },
        }
    }

    fn init(
        (parent, toasts): Self::Init,
        root: Self::Root,
        sender: ComponentSender<Self>,
    ) -> ComponentParts<Self> {
        let model = Self {
            parent,
            toasts,
            running: None,
            serial: 0,
        };
        let widgets = view_output!();
        ComponentParts { model, widgets }
    }

    fn update(&mut self, input: Self::Input, sender: ComponentSender<Self>, _root: &Self::Root) {
        match input {
            RecordingInput::Toggle(..) | RecordingInput::End if self.running.is_some() => {
                self.running = None;
            }
            RecordingInput::Toggle(display, name) => {
                let (parent, input) = (self.parent.clone(), sender.input_sender().clone());
                relm4::spawn_local(async move {
                    if let Some(path) = ask(&parent, &name).await {
                        // The window may be gone.
                        let _ = input.send(RecordingInput::Begin(display, path));
                    }
                });
            }
            // The file was chosen while the guest changed to a screen of another kind.
            RecordingInput::Begin(display, _) if display.root().is_none() => self.tell_where(&[]),
            RecordingInput::Begin(display, path) => self.begin(display, path, &sender),
            RecordingInput::End => {}
        }
    }

    fn update_cmd(
        &mut self,
        answer: Self::CommandOutput,
        sender: ComponentSender<Self>,
        _root: &Self::Root,
    ) {
        match answer {
            RecordingAnswer::Due(serial) if serial == self.serial => self.add(&sender),
            RecordingAnswer::Due(_) => {}
            RecordingAnswer::Ended(_, Ok(files)) => self.tell_where(&files),
            RecordingAnswer::Ended(serial, Err(detail)) => {
                if serial == self.serial {
                    self.running = None;
                }
                let error = Error::new(
                    ErrorKind::BadPath,
                    "The recording ended because the video could not be written.",
                )
                .with_remedy(
                    "What was recorded until then is kept. Choose a folder that you may write to \
                     and that has room.",
                )
                .with_detail(detail);
                dialogs::error::tell(&self.parent, &self.toasts, &error);
            }
        }
    }
}

impl Recording {
    fn begin(&mut self, display: VncDisplay, path: PathBuf, sender: &ComponentSender<Self>) {
        match Video::begin(path) {
            Ok((video, outcome)) => {
                self.serial += 1;
                self.running = Some(Running { video, display });
                let serial = self.serial;
                sender.oneshot_command(async move { ended(serial, outcome.await.ok()) });
                self.add(sender);
            }
            Err(error) => sender.command_sender().emit(failed(self.serial, &error)),
        }
    }

    /// Adds a picture, and asks to be called for the next.
    fn add(&mut self, sender: &ComponentSender<Self>) {
        let Some(running) = &mut self.running else {
            return;
        };
        if !running.video.add(running.display.still()) {
            // Why is told by the answer that is on its way.
            self.running = None;
            return;
        }
        let serial = self.serial;
        sender.oneshot_command(async move {
            tokio::time::sleep(INTERVAL).await;
            RecordingAnswer::Due(serial)
        });
    }

    fn time(&self) -> String {
        let seconds = self
            .running
            .as_ref()
            .map_or(0, |running| running.video.seconds());
        format!("{}:{:02}", seconds / 60, seconds % 60)
    }

    fn tell_where(&self, files: &[PathBuf]) {
        let words = match files {
            [] => "There was no picture to record.".to_owned(),
            [file] => format!("The video is in {}.", file.display()),
            // The size of the screen changed, or one file became too large.
            [first, ..] => format!("{} videos are in {}.", files.len(), folder(first)),
        };
        self.toasts.add_toast(dialogs::error::toast(&words));
    }
}

fn folder(file: &std::path::Path) -> String {
    let folder = file.parent().unwrap_or(file);
    folder.display().to_string()
}

fn ended(serial: u64, outcome: Option<Outcome>) -> RecordingAnswer {
    match outcome {
        Some(Ok(files)) => RecordingAnswer::Ended(serial, Ok(files)),
        Some(Err((error, _))) => failed(serial, &error),
        None => RecordingAnswer::Ended(serial, Err("the writer failed".to_owned())),
    }
}

fn failed(serial: u64, error: &std::io::Error) -> RecordingAnswer {
    RecordingAnswer::Ended(serial, Err(error.to_string()))
}

/// Asks for the file. `None` when the user thought better of it.
async fn ask(parent: &adw::ApplicationWindow, name: &str) -> Option<PathBuf> {
    let chooser = gtk::FileChooserNative::new(
        Some("Record a Video"),
        Some(parent),
        gtk::FileChooserAction::Save,
        Some("_Record"),
        Some("_Cancel"),
    );
    chooser.set_modal(true);
    chooser.set_current_name(&format!("{}.avi", file_stem(name)));
    let answer = chooser.run_future().await;
    let file = chooser.file().and_then(|file| file.path());
    chooser.destroy();
    file.filter(|_| answer == gtk::ResponseType::Accept)
}
