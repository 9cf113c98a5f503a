//! What can be done with a screen, in one table: how it is called, its keys, when it can be done and
//! what it is. Names have the group before them, as menus and buttons call them.

use rfb::{ColourDepth, PowerAction};

use self::Needs::{Display, Keys, Nothing, Picture};
use super::ScreenAct as Act;
use crate::screen::quality::Quality;

/// Sends the combination whose names are the parameter.
pub const SEND_KEYS: &str = "screen.send-keys";
/// Opens the editor of the user's own combinations.
pub const EDIT_KEYS: &str = "screen.edit-keys";
/// Types a text as keys.
pub const TYPE_TEXT: &str = "screen.type-text";
/// Types what is in the clipboard as keys.
pub const TYPE_CLIPBOARD: &str = "screen.type-clipboard";
/// Enters or leaves full screen.
pub const FULL_SCREEN: &str = "screen.full-screen";
/// Opens the preferences.
pub const PREFERENCES: &str = "screen.preferences";
/// Keeps a picture as a file.
pub(super) const PICTURE: &str = "screen.picture";
/// Begins or ends a video.
pub(super) const RECORD: &str = "screen.record";
/// Keeps what is typed and clicked here from the other side.
pub(super) const VIEW_ONLY: &str = "screen.view-only";
/// Shows figures of the connection.
pub(super) const FIGURES: &str = "screen.figures";
/// Gives up some of the picture for speed: the parameter is one of [`Quality`]'s names.
pub(super) const QUALITY: &str = "screen.quality";
/// Fewer colours for speed: the parameter is one of the names of [`DEPTHS`].
pub(super) const COLOURS: &str = "screen.colours";
/// Fits the screen into the window, or shows it at a zoom: the parameter, `fit` or percent.
pub(super) const SIZE: &str = "screen.size";
/// Larger and smaller by a step.
const ZOOM_IN: &str = "screen.zoom-in";
const ZOOM_OUT: &str = "screen.zoom-out";
/// Fitted into the window.
pub(super) const FIT: &str = "fit";
/// Shows one of the other side's screens, or all: the parameter, its id or `all`.
pub(super) const SCREEN: &str = "screen.one-of-several";
/// All of them.
pub(super) const ALL: &str = "all";
/// Shows each of several screens in a window of its own; not of this group, because only some windows
/// can.
pub(super) const APART: &str = "viewer.screens-apart";
/// Lets the other side take the window's size.
pub(super) const FOLLOW_WINDOW: &str = "screen.follow-window";
/// Ask a server to do this with its machine.
pub(super) const SHUT_DOWN: &str = "screen.shut-down";
pub(super) const RESTART: &str = "screen.restart";
pub(super) const RESET: &str = "screen.reset";

/// How many colours there may be: their names, what menus call them, and what is asked for.
pub(super) const DEPTHS: [(&str, &str, ColourDepth); 3] = [
    ("full", "_Full", ColourDepth::Full),
    ("medium", "_Medium (16 Bit)", ColourDepth::Thousands),
    ("low", "_Low (8 Bit)", ColourDepth::Few),
];

/// Something that can be done with a screen.
pub(super) struct Action {
    /// Its name, with the group's before it.
    pub(super) name: &'static str,
    /// Its keys, in GTK's notation; those of a choice choose what is chosen at first.
    pub(super) keys: &'static [&'static str],
    pub(super) needs: Needs,
    pub(super) kind: Kind,
}

/// What there must be for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Needs {
    /// Only the window.
    Nothing,
    /// A picture to keep.
    Picture,
    /// Somebody who takes keys.
    Keys,
    /// A display. Its keys are those of whatever else the window shows in its place.
    Display,
}

/// What becomes of it.
pub(super) enum Kind {
    /// It is done.
    Plain(Act),
    /// It is on or off, off at first.
    Toggle(fn(bool) -> Act),
    /// It is one of several, by name: the one at first, and what choosing one means.
    Choice(fn() -> &'static str, fn(&str) -> Act),
    /// It is done with what the parameter says.
    Named(fn(String) -> Act),
}

/// A name, with the keys for it.
type Keyed = (&'static str, &'static [&'static str]);

const fn action((name, keys): Keyed, needs: Needs, kind: Kind) -> Action {
    Action {
        name,
        keys,
        needs,
        kind,
    }
}

const fn plain(name: Keyed, needs: Needs, act: Act) -> Action {
    action(name, needs, Kind::Plain(act))
}

const fn type_text(name: &'static str, from_clipboard: bool) -> Action {
    plain((name, &[]), Keys, Act::TypeText { from_clipboard })
}

const fn power(name: &'static str, act: PowerAction) -> Action {
    plain((name, &[]), Nothing, Act::Power(act))
}

/// Everything.
pub(super) const ACTIONS: &[Action] = &[
    action((SEND_KEYS, &[]), Keys, Kind::Named(Act::SendKeys)),
    plain((EDIT_KEYS, &[]), Nothing, Act::EditKeys),
    type_text(TYPE_TEXT, false),
    type_text(TYPE_CLIPBOARD, true),
    plain((FULL_SCREEN, &["F11"]), Nothing, Act::ToggleFullScreen),
    plain(
        (PREFERENCES, &["<Control>comma"]),
        Nothing,
        Act::Preferences,
    ),
    plain((PICTURE, &["<Control><Shift>p"]), Picture, Act::KeepPicture),
    plain((RECORD, &[]), Display, Act::Record),
    plain(
        (ZOOM_IN, &["<Control>plus", "<Control>equal"]),
        Display,
        Act::Zoom(1),
    ),
    plain((ZOOM_OUT, &["<Control>minus"]), Display, Act::Zoom(-1)),
    action((SIZE, &["<Control>0"]), Display, Kind::Choice(|| FIT, size)),
    action((SCREEN, &[]), Display, Kind::Choice(|| ALL, screen)),
    action(
        (QUALITY, &[]),
        Display,
        Kind::Choice(|| Quality::default().name(), quality),
    ),
    action(
        (COLOURS, &[]),
        Display,
        Kind::Choice(|| DEPTHS[0].0, colours),
    ),
    action((FIGURES, &[]), Display, Kind::Toggle(Act::Figures)),
    action((VIEW_ONLY, &[]), Display, Kind::Toggle(Act::ViewOnly)),
    action(
        (FOLLOW_WINDOW, &[]),
        Display,
        Kind::Toggle(Act::FollowWindow),
    ),
    power(SHUT_DOWN, PowerAction::Shutdown),
    power(RESTART, PowerAction::Reboot),
    power(RESET, PowerAction::Reset),
];

fn size(chosen: &str) -> Act {
    Act::Size(chosen.parse().ok())
}

fn screen(chosen: &str) -> Act {
    Act::OneScreen(chosen.parse().ok())
}

fn quality(chosen: &str) -> Act {
    Act::Quality(Quality::of_name(chosen))
}

/// All of them, where the name is not known.
fn colours(chosen: &str) -> Act {
    let depth = DEPTHS.into_iter().find(|each| each.0 == chosen);
    Act::Colours(depth.map_or(ColourDepth::Full, |(_, _, depth)| depth))
}

/// The keys of all actions, as pairs of keys and detailed action names; of those that need a display,
/// or of the others.
pub fn shortcuts(of_display: bool) -> Vec<(&'static str, String)> {
    ACTIONS
        .iter()
        .filter(|action| (action.needs == Display) == of_display)
        .flat_map(|action| {
            let detailed = match action.kind {
                Kind::Choice(first, _) => format!("{}::{}", action.name, first()),
                _ => action.name.to_owned(),
            };
            let keys = action.keys.iter();
            keys.map(move |keys| (*keys, detailed.clone()))
        })
        .collect()
}
