//! What the window is told and tells.

use std::time::Duration;

use relm4::gtk;

use super::layout::Layout;
use super::layouts::LayoutName;
use crate::screen::keys::Stroke;
use crate::screen::preferences::Preferences;

/// When the next character follows.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Not before so long.
    pub pause: Duration,
    /// Not before the last one was [taken](TypeTextInput::Taken).
    pub when_taken: bool,
}

/// Where a display takes them. Faster than anybody reads, and slow enough for a guest that is emulated.
pub const PACE: Pace = Pace {
    pause: Duration::from_millis(20),
    when_taken: false,
};

/// What the window begins with.
pub struct TypeTextInit {
    /// The window that it is over.
    pub parent: gtk::Window,
    /// What the other side is called.
    pub name: String,
    /// Begin with what is in the clipboard.
    pub from_clipboard: bool,
    /// When one character follows another.
    pub pace: Pace,
    /// What layout was last typed for.
    pub preferences: Preferences,
}

/// What the window is told.
#[derive(Debug)]
pub enum TypeTextInput {
    /// The text changed.
    Changed,
    /// One of the layouts was chosen.
    Chosen,
    /// Type, or stop typing.
    Go,
    /// Whether the other side takes keys.
    Reachable(bool),
    /// The last keys were taken, or why not, as a sentence; told where the [pace](Pace) asks for it.
    Taken(Result<(), String>),
    /// The window was closed.
    Closed,
}

/// What the screen is told.
#[derive(Debug)]
pub enum TypeTextOutput {
    /// Press these keys.
    Press(Stroke),
    /// The window was closed.
    Closed,
}

/// What takes a moment.
pub enum TypeTextAnswer {
    /// All layouts, and the one to begin with.
    Layouts(Vec<LayoutName>, Option<String>),
    /// The keys of the layout of that name.
    Layout(String, Option<Layout>),
    /// The next character is due, of the text of that number.
    Due(u64),
}

impl std::fmt::Debug for TypeTextAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TypeTextAnswer")
    }
}
