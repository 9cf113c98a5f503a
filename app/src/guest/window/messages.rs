//! What the guest window is told and tells.

use std::sync::Arc;

use backend::model::{GuestDetails, GuestId, HostSnapshot};
use backend::{Error, Host, Job, Progress};

use crate::dialogs::save_to_file::Target;
use crate::guest::display::DisplayOutput;
use crate::guest::power::Act;
use crate::screen::preferences::Preferences;
use crate::screen::question::Answer;
use crate::screen::stills::StillsOutput;
use crate::screen::vnc::VncOutput;
use crate::screen::window::ScreenInput;

/// What a guest window starts with.
#[derive(Debug)]
pub struct GuestWindowInit {
    /// The host that the guest is on.
    pub host: Host,
    /// The guest's name.
    pub name: String,
    /// The guest; `None` while it is being created.
    pub id: Option<GuestId>,
    /// Its creation, to be shown until there is a screen.
    pub creation: Option<Job<GuestId>>,
    /// What the user likes of screens.
    pub preferences: Preferences,
}

/// What a guest window is told, by the program and by its own parts.
#[derive(Debug)]
pub enum GuestWindowInput {
    /// Come to the front.
    Present,
    /// Do this to the guest, by the user's wish.
    Act(Act),
    /// Save the guest into that file.
    SaveTo(Target),
    /// The user confirmed that the guest is to be forced off.
    ForceOff,
    /// Something happened around the screen.
    Around(ScreenInput),
    /// Show the display of that number, from 1 on, in a window of its own.
    OpenDisplay(u32),
    /// The window of the display of that number reports.
    Display(u32, DisplayOutput),
    /// Open the memory slider.
    OpenMemory,
    /// Show the guest list.
    ShowList,
    /// Close the window.
    Close,
    /// The window was closed.
    Closed,
    /// Another page came to the front.
    PageChanged,
    /// The user wants the keyboard back from the text console.
    LeaveConsole,
    /// The creation is over, one way or another.
    CreationEnded(CreationEnd),
    /// The VNC screen reports.
    Vnc(VncOutput),
    /// The stills report, where there is no VNC.
    Stills(StillsOutput),
    /// The button of the message over the picture was pressed.
    CoverAct,
    /// Add a VNC display for the next start.
    AddVnc,
    /// What the screen's server asked was answered.
    Answer(Answer),
}

/// How a creation ended.
#[derive(Debug)]
pub enum CreationEnd {
    /// The guest is there.
    Created(GuestId),
    /// There is none, and the page says why.
    Failed,
    /// There is none; the window has no purpose.
    Close,
    /// There is none; the user wants to change what was asked for.
    BackToSettings,
}

/// What a guest window tells the program.
#[derive(Debug)]
pub enum GuestWindowOutput {
    /// The window was closed: let go of its controller.
    Closed,
    /// Show the guest list.
    ShowManager,
    /// The creation that the window showed has made this guest.
    Created(GuestId),
    /// The creation failed and the user wants to go back to the wizard; the window is closing.
    BackToSettings,
}

/// What comes back from the host.
#[derive(Debug)]
pub enum GuestWindowAnswer {
    /// Something is newly known.
    News(Arc<HostSnapshot>),
    /// The guest's definition.
    Details(Result<Arc<GuestDetails>, Error>),
    /// An act on the guest was taken or refused.
    Acted(Act, Result<(), Error>),
    /// A second of its start has passed.
    StartGoesOn,
    /// Its saving has come this far.
    SaveProgress(Progress),
    /// Its saving is over, into the file of that path where it was one of the user's choice.
    Saved(Option<String>, Result<(), Error>),
    /// The guest was asked for this a while ago, in its run of that number.
    Heeded(Act, Option<u32>),
    /// A second has passed while the host is silent.
    SecondPassed,
    /// A VNC display was added, or not.
    VncAdded(Result<(), Error>),
}
