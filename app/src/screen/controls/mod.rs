//! What a user can do with a screen, the same in every window that shows one: the actions, and the
//! menu that offers them.

mod menu;

use gtk::gio;
use gtk::glib::variant::FromVariant;
use gtk::prelude::*;
use relm4::{Sender, gtk};
use rfb::{ColourDepth, PowerAction};
use vnc_widget::VncDisplay;

use super::actions::ActionsBuilder;
use super::quality::Quality;
use menu::next_size;
pub use menu::{menu, offer_power, tell_protection};

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
/// Fewer colours for speed: the parameter is one of the names of [`COLOURS`].
const COLOURS_ACTION: &str = "screen.colours";
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

/// How many colours there may be: their names, what menus call them, and what is asked for.
const COLOURS: [(&str, &str, ColourDepth); 3] = [
    ("full", "_Full", ColourDepth::Full),
    ("medium", "_Medium (16 Bit)", ColourDepth::Thousands),
    ("low", "_Low (8 Bit)", ColourDepth::Few),
];

/// What a server's machine can be asked for: names, what menus call it, and the act.
const POWER: [(&str, &str, PowerAction); 3] = [
    ("shut-down", "_Shut Down", PowerAction::Shutdown),
    ("restart", "_Restart", PowerAction::Reboot),
    ("reset", "R_eset…", PowerAction::Reset),
];

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
    /// Show so many colours.
    Colours(ColourDepth),
    /// Ask the server to turn its machine off or on.
    Power(PowerAction),
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
        let actions = Self::actions(input, message);
        Self {
            group: actions.install(window, GROUP),
        }
    }

    /// The actions, which send what `message` makes of them to `input`.
    fn actions<M: std::fmt::Debug + 'static>(
        input: &Sender<M>,
        message: fn(ScreenAct) -> M,
    ) -> ActionsBuilder<M> {
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
        actions.choice(local(QUALITY), Quality::default().name(), move |name| {
            message(ScreenAct::Quality(Quality::of_name(&name)))
        });
        actions.choice(local(COLOURS_ACTION), COLOURS[0].0, move |name| {
            let chosen = COLOURS.into_iter().find(|each| each.0 == name);
            let depth = chosen.map_or(ColourDepth::Full, |(_, _, depth)| depth);
            message(ScreenAct::Colours(depth))
        });
        for (name, _, act) in POWER {
            actions.plain(name, move || message(ScreenAct::Power(act)));
        }
        actions.toggle(local(FIGURES), move |on| message(ScreenAct::Figures(on)));
        actions.toggle(local(VIEW_ONLY), move |on| message(ScreenAct::ViewOnly(on)));
        actions.toggle(local(FOLLOW_WINDOW), move |on| {
            message(ScreenAct::FollowWindow(on))
        });
        actions
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
            COLOURS_ACTION,
            RECORD,
        ] {
            self.enable_one(name, live);
        }
    }

    /// What the menu says of the display itself: for one that is made anew.
    pub fn chosen(&self) -> [ScreenAct; 3] {
        [
            ScreenAct::Size(
                self.state::<String>(SIZE)
                    .and_then(|size| size.parse().ok()),
            ),
            ScreenAct::ViewOnly(self.state(VIEW_ONLY).unwrap_or_default()),
            ScreenAct::FollowWindow(self.state(FOLLOW_WINDOW).unwrap_or_default()),
        ]
    }

    /// Tells the menu what quality was chosen, where that was not chosen in it.
    pub fn tell_quality(&self, quality: Quality) {
        self.set_state(QUALITY, quality.name());
    }

    /// What to do to show `display` larger or smaller by a step; nothing while there is no picture.
    pub fn zoom(&self, display: &VncDisplay, step: i8) -> Option<ScreenAct> {
        let now = (display.zoom()? * 100.0).round() as u32;
        let next = next_size(now, step);
        self.set_state(SIZE, &next.to_string());
        Some(ScreenAct::Size(Some(next)))
    }

    fn enable_one(&self, name: &'static str, enabled: bool) {
        if let Some(action) = self.action(name) {
            action.set_enabled(enabled);
        }
    }

    fn action(&self, name: &'static str) -> Option<gio::SimpleAction> {
        self.group.lookup_action(local(name)).and_downcast()
    }

    fn state<T: FromVariant>(&self, name: &'static str) -> Option<T> {
        self.action(name)?.state()?.get()
    }

    /// Sets a state without doing what choosing it does.
    fn set_state(&self, name: &'static str, state: &str) {
        if let Some(action) = self.action(name) {
            action.set_state(&state.to_variant());
        }
    }
}

/// An action's name within the group.
fn local(name: &'static str) -> &'static str {
    name.trim_start_matches("screen.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_display_made_anew_is_told_what_the_menu_says() {
        let (input, heard) = relm4::channel();
        let group = Controls::actions(&input, |act| act).group().clone();
        let controls = Controls { group };
        let fresh = [
            ScreenAct::Size(None),
            ScreenAct::ViewOnly(false),
            ScreenAct::FollowWindow(false),
        ];
        assert_eq!(controls.chosen(), fresh);
        let action = |name| controls.action(name).unwrap();
        action(SIZE).activate(Some(&"150".to_variant()));
        action(VIEW_ONLY).activate(None);
        let chosen = [
            ScreenAct::Size(Some(150)),
            ScreenAct::ViewOnly(true),
            ScreenAct::FollowWindow(false),
        ];
        assert_eq!(controls.chosen(), chosen);
        drop(controls);
        drop(input);
        let heard: Vec<_> = std::iter::from_fn(|| heard.recv_sync()).collect();
        assert_eq!(heard, chosen[..2]);
    }
}
