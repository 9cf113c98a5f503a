//! What a user can do with a screen, the same in every window that shows one: the actions, and the
//! menu that offers them.

use gtk::gio;
use gtk::prelude::*;
use relm4::{Sender, gtk};
use vnc_widget::VncDisplay;

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
/// Shows figures of the connection.
const FIGURES: &str = "screen.figures";
/// Gives up some of the picture for speed: the parameter is one of [`Quality`]'s names.
const QUALITY: &str = "screen.quality";
/// Opens the preferences.
pub const PREFERENCES: &str = "screen.preferences";
/// Fits the screen into the window, or shows it at a zoom: the parameter, `fit` or percent.
const SIZE: &str = "screen.size";
/// Larger, smaller, and fitted again, by keys.
const ZOOM_IN: &str = "screen.zoom-in";
const ZOOM_OUT: &str = "screen.zoom-out";
const FIT: &str = "screen.size::fit";

/// The keys for them.
pub const ZOOM_SHORTCUTS: &[(&str, &str)] = &[
    ("<Control>plus", ZOOM_IN),
    ("<Control>equal", ZOOM_IN),
    ("<Control>minus", ZOOM_OUT),
    ("<Control>0", FIT),
];
/// Lets the other side take the window's size.
const FOLLOW_WINDOW: &str = "screen.follow-window";

/// How much of the picture may be given up for speed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quality {
    /// Nothing: every pixel is as the server has it.
    Lossless,
    /// What is hardly seen.
    Good,
    /// What it takes for a slow line.
    Fast,
}

impl Quality {
    const ALL: [Self; 3] = [Self::Lossless, Self::Good, Self::Fast];

    fn name(self) -> &'static str {
        match self {
            Self::Lossless => "lossless",
            Self::Good => "good",
            Self::Fast => "fast",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Lossless => "_Lossless",
            Self::Good => "_Good, for Most Lines",
            Self::Fast => "_Fast, for Slow Lines",
        }
    }

    /// JPEG quality and compression to ask for.
    pub fn levels(self) -> (Option<u8>, Option<u8>) {
        match self {
            Self::Lossless => (None, None),
            Self::Good => (Some(8), None),
            Self::Fast => (Some(3), Some(6)),
        }
    }
}

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
    /// Show figures of the connection, or no longer.
    Figures(bool),
    /// Open the preferences.
    Preferences,
    /// Fit the screen into the window (`None`), or show each pixel so large, in percent.
    Size(Option<u32>),
    /// Give up so much of the picture for speed.
    Quality(Quality),
    /// Show it larger (positive) or smaller by a step.
    Zoom(i8),
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
        plain(PREFERENCES, ScreenAct::Preferences);
        plain(ZOOM_IN, ScreenAct::Zoom(1));
        plain(ZOOM_OUT, ScreenAct::Zoom(-1));
        actions.named(local(SEND_KEYS), move |names| {
            message(ScreenAct::SendKeys(names))
        });
        actions.choice(local(SIZE), "fit", move |size| {
            message(ScreenAct::Size(size.parse().ok()))
        });
        actions.choice(local(QUALITY), Quality::Lossless.name(), move |name| {
            let chosen = Quality::ALL.into_iter().find(|each| each.name() == name);
            message(ScreenAct::Quality(chosen.unwrap_or(Quality::Lossless)))
        });
        actions.toggle(local(FIGURES), move |on| message(ScreenAct::Figures(on)));
        actions.toggle(local(VIEW_ONLY), move |on| message(ScreenAct::ViewOnly(on)));
        actions.toggle(local(FOLLOW_WINDOW), move |on| {
            message(ScreenAct::FollowWindow(on))
        });
        Self {
            group: actions.install(window, GROUP),
        }
    }

    /// What can be used now: `picture`, where there is one to keep; `live`: a display is shown, or a
    /// guest that takes keys without one is `keys` alone.
    pub fn enable(&self, picture: bool, live: bool, keys: bool) {
        self.enable_one(PICTURE, picture);
        for name in [SEND_KEYS, TYPE_TEXT, TYPE_CLIPBOARD] {
            self.enable_one(name, keys);
        }
        for name in [
            SIZE,
            ZOOM_IN,
            ZOOM_OUT,
            FOLLOW_WINDOW,
            VIEW_ONLY,
            FIGURES,
            QUALITY,
            RECORD,
        ] {
            self.enable_one(name, live);
        }
    }

    /// Tells the menu how large the screen is shown, where that was not chosen in it.
    fn tell_size(&self, percent: Option<u32>) {
        let size = percent.map_or_else(|| "fit".to_owned(), |percent| percent.to_string());
        let action = self.group.lookup_action(local(SIZE));
        if let Some(action) = action.and_downcast::<gio::SimpleAction>() {
            action.set_state(&size.to_variant());
        }
    }

    /// What to do to show `display` larger or smaller by a step; nothing while there is no picture.
    pub fn zoom(&self, display: &VncDisplay, step: i8) -> Option<ScreenAct> {
        let now = (display.zoom()? * 100.0).round() as u32;
        let next = next_size(now, step);
        self.tell_size(Some(next));
        Some(ScreenAct::Size(Some(next)))
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
/// belongs to: the guest, or the server. `quality`: whether it has a choice of quality, which QEMU's
/// server does not heed.
pub fn menu(other_side: &str, quality: bool) -> gio::Menu {
    let menu = gio::Menu::new();
    menu.append(Some("_Full Screen"), Some(FULL_SCREEN));
    menu.append_submenu(Some("_Size"), &sizes());
    if quality {
        menu.append_submenu(Some("_Quality"), &qualities());
    }
    menu.append(
        Some(&format!("{other_side} Follows the _Window’s Size")),
        Some(FOLLOW_WINDOW),
    );
    menu.append(Some("_View Only"), Some(VIEW_ONLY));
    menu.append(Some("Connection F_igures"), Some(FIGURES));
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

/// Sizes to choose from, in percent.
const SIZES: &[u32] = &[25, 50, 75, 100, 125, 150, 200, 300, 400];

fn sizes() -> gio::Menu {
    let menu = gio::Menu::new();
    let item = |label: &str, size: &str| {
        let item = gio::MenuItem::new(Some(label), None);
        item.set_action_and_target_value(Some(SIZE), Some(&size.to_variant()));
        item
    };
    let usual = gio::Menu::new();
    usual.append_item(&item("_Fit the Window", "fit"));
    usual.append_item(&item("_Actual Size", "100"));
    menu.append_section(None, &usual);
    let others = gio::Menu::new();
    for percent in SIZES.iter().filter(|percent| **percent != 100) {
        others.append_item(&item(&format!("{percent} %"), &percent.to_string()));
    }
    menu.append_section(None, &others);
    menu
}

fn qualities() -> gio::Menu {
    let menu = gio::Menu::new();
    for quality in Quality::ALL {
        let item = gio::MenuItem::new(Some(quality.label()), None);
        item.set_action_and_target_value(Some(QUALITY), Some(&quality.name().to_variant()));
        menu.append_item(&item);
    }
    menu
}

/// The next of the [`SIZES`] above (`step` positive) or below `percent`.
fn next_size(percent: u32, step: i8) -> u32 {
    let next = if step > 0 {
        SIZES.iter().find(|size| **size > percent)
    } else {
        SIZES.iter().rev().find(|size| **size < percent)
    };
    next.copied().unwrap_or(percent)
}

#[cfg(test)]
mod tests {
    use super::next_size;

    #[test]
    fn zooming_goes_from_size_to_size_and_stops_at_the_ends() {
        assert_eq!(next_size(87, 1), 100);
        assert_eq!(next_size(87, -1), 75);
        assert_eq!(next_size(100, 1), 125);
        assert_eq!(next_size(400, 1), 400);
        assert_eq!(next_size(10, -1), 10);
    }
}
