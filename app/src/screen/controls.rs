//! What a user can do with a screen, the same in every window that shows one: the actions, and the
//! menu that offers them.

use gtk::gio;
use gtk::prelude::*;
use relm4::{Sender, gtk};

use super::actions::ActionsBuilder;

/// The group's name: actions are called `screen.NAME`.
const GROUP: &str = "screen";

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
/// Keeps a picture as a file.
pub const PICTURE: &str = "screen.picture";
/// Begins or ends a video.
const RECORD: &str = "screen.record";
/// Keeps what is typed and clicked here from the other side.
const VIEW_ONLY: &str = "screen.view-only";
/// Shows the screen pixel by pixel.
const ACTUAL_SIZE: &str = "screen.actual-size";
/// Lets the other side take the window's size.
const FOLLOW_WINDOW: &str = "screen.follow-window";

/// What can be done with a screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScreenAct {
    /// Press that combination.
    SendKeys(String),
    /// Edit the own combinations.
    EditKeys,
    /// Type a text as keys: one to be written, or what is in the clipboard.
    TypeText {
        /// Begin with what is in the clipboard.
        from_clipboard: bool,
    },
    /// Enter or leave full screen.
    ToggleFullScreen,
    /// Keep a picture as a file.
    KeepPicture,
    /// Record a video, or end that.
    Record,
    /// Keep what is typed and clicked from the other side, or no longer.
    ViewOnly(bool),
    /// Show the screen pixel for pixel, or scaled to fit.
    ActualSize(bool),
    /// Let the other side's screen take the window's size, or not.
    FollowWindow(bool),
}

/// The actions of one window.
pub struct Controls {
    group: gio::SimpleActionGroup,
}

impl Controls {
    /// Adds the actions to `window`; each sends what `message` makes of it to `input`.
    pub fn new<M: std::fmt::Debug + 'static>(
        window: &impl IsA<gtk::Widget>,
        input: &Sender<M>,
        message: fn(ScreenAct) -> M,
    ) -> Self {
        let actions = ActionsBuilder::new(input);
        let plain = |name, act: ScreenAct| {
            actions.plain(local(name), move || message(act.clone()));
        };
        plain(EDIT_KEYS, ScreenAct::EditKeys);
        plain(
            TYPE_TEXT,
            ScreenAct::TypeText {
                from_clipboard: false,
            },
        );
        plain(
            TYPE_CLIPBOARD,
            ScreenAct::TypeText {
                from_clipboard: true,
            },
        );
        plain(FULL_SCREEN, ScreenAct::ToggleFullScreen);
        plain(PICTURE, ScreenAct::KeepPicture);
        plain(RECORD, ScreenAct::Record);
        actions.named(local(SEND_KEYS), move |names| {
            message(ScreenAct::SendKeys(names))
        });
        actions.toggle(local(ACTUAL_SIZE), move |on| {
            message(ScreenAct::ActualSize(on))
        });
        actions.toggle(local(VIEW_ONLY), move |on| message(ScreenAct::ViewOnly(on)));
        actions.toggle(local(FOLLOW_WINDOW), move |on| {
            message(ScreenAct::FollowWindow(on))
        });
        Self {
            group: actions.install(window, GROUP),
        }
    }

    /// What can be used now: `picture`, where there is one to keep; the rest needs a display that is
    /// `live`.
    pub fn enable(&self, picture: bool, live: bool) {
        self.enable_one(PICTURE, picture);
        for name in [ACTUAL_SIZE, FOLLOW_WINDOW, VIEW_ONLY, RECORD] {
            self.enable_one(name, live);
        }
    }

    fn enable_one(&self, name: &'static str, enabled: bool) {
        let action = self.group.lookup_action(local(name));
        if let Some(action) = action.and_downcast::<gio::SimpleAction>() {
            action.set_enabled(enabled);
        }
    }
}

/// An action's name within the group.
fn local(name: &'static str) -> &'static str {
    name.trim_start_matches("screen.")
}

/// The part of a window's main menu that is about its screen; `other_side` is what the screen
/// belongs to: the guest, or the server.
pub fn menu(other_side: &str) -> gio::Menu {
    let menu = gio::Menu::new();
    menu.append(Some("_Full Screen"), Some(FULL_SCREEN));
    menu.append(Some("_Actual Size"), Some(ACTUAL_SIZE));
    menu.append(
        Some(&format!("{other_side} Follows the _Window’s Size")),
        Some(FOLLOW_WINDOW),
    );
    menu.append(Some("_View Only"), Some(VIEW_ONLY));
    let rest = gio::Menu::new();
    rest.append(Some("Keep a _Picture…"), Some(PICTURE));
    rest.append(Some("_Record a Video…"), Some(RECORD));
    menu.append_section(None, &rest);
    menu
}

/// Says in a section of a menu how the connection to the screen is protected, or nothing while there
/// is none.
pub fn tell_protection(section: &gio::Menu, protection: Option<&(String, bool)>) {
    section.remove_all();
    if let Some((words, _)) = protection {
        // Nothing to be done with it: an item without an action is grey.
        section.append(Some(&format!("Connection: {words}")), Some("screen.none"));
    }
}
