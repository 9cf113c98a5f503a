//! What a user can do with a screen, the same in every window that shows one: the actions, and the
//! menu that offers them.

mod menu;
mod table;

use gtk::gio;
use gtk::glib::variant::FromVariant;
use gtk::prelude::*;
use relm4::{Sender, gtk};
use rfb::{ColourDepth, PowerAction};
use vnc_widget::VncDisplay;

use super::actions::ActionsBuilder;
use super::quality::Quality;
use menu::next_size;
pub use menu::{
    MOST_SCREENS, in_order, menu, menu_of_stills, offer_power, offer_screens, tell_protection,
};
use table::{ACTIONS, ALL, FIT, FOLLOW_WINDOW, Kind, Needs, QUALITY, SCREEN, SIZE, VIEW_ONLY};
pub use table::{
    EDIT_KEYS, FULL_SCREEN, PREFERENCES, SEND_KEYS, TYPE_CLIPBOARD, TYPE_TEXT, shortcuts,
};

/// The group's name: actions are called `screen.NAME`.
const GROUP: &str = "screen";

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
    /// Show that one of several screens, by its id, or all of them.
    OneScreen(Option<u32>),
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
        message: impl Fn(ScreenAct) -> M + Copy + 'static,
    ) -> Self {
        let actions = Self::actions(input, message);
        Self {
            group: actions.install(window, GROUP),
        }
    }

    /// The actions, which send what `message` makes of them to `input`.
    fn actions<M: std::fmt::Debug + 'static>(
        input: &Sender<M>,
        message: impl Fn(ScreenAct) -> M + Copy + 'static,
    ) -> ActionsBuilder<M> {
        let actions = ActionsBuilder::new(input);
        for action in ACTIONS {
            let name = local(action.name);
            match &action.kind {
                Kind::Plain(act) => actions.plain(name, move || message(act.clone())),
                Kind::Toggle(act) => actions.toggle(name, move |on| message(act(on))),
                Kind::Choice(first, act) => {
                    actions.choice(name, first(), move |chosen| message(act(&chosen)));
                }
                Kind::Named(act) => actions.named(name, move |named| message(act(named))),
            }
        }
        actions
    }

    /// What can be used now: `picture`, where there is one to keep; `live`: a display is shown, or a
    /// guest that takes keys without one is `keys` alone.
    pub fn enable(&self, picture: bool, live: bool, keys: bool) {
        for action in ACTIONS {
            let enabled = match action.needs {
                Needs::Nothing => continue,
                Needs::Picture => picture,
                Needs::Keys => keys,
                Needs::Display => live,
            };
            if let Some(known) = self.action(action.name) {
                known.set_enabled(enabled);
            }
        }
    }

    /// What the menu says of the display itself: for one that is made anew.
    pub fn chosen(&self) -> [ScreenAct; 4] {
        let size = self.state::<String>(SIZE);
        [
            ScreenAct::Size(size.and_then(|size| size.parse().ok())),
            ScreenAct::OneScreen(self.screen()),
            ScreenAct::ViewOnly(self.state(VIEW_ONLY).unwrap_or_default()),
            ScreenAct::FollowWindow(self.state(FOLLOW_WINDOW).unwrap_or_default()),
        ]
    }

    /// Tells the menu what was chosen of the display itself where that was not chosen in it.
    pub fn tell(&self, act: &ScreenAct) {
        match act {
            ScreenAct::Quality(quality) => self.set_state(QUALITY, quality.name()),
            ScreenAct::Size(size) => {
                let size = size.map_or(FIT.to_owned(), |percent| percent.to_string());
                self.set_state(SIZE, size);
            }
            ScreenAct::OneScreen(id) => {
                let id = id.map_or(ALL.to_owned(), |id| id.to_string());
                self.set_state(SCREEN, id);
            }
            ScreenAct::ViewOnly(only) => self.set_state(VIEW_ONLY, *only),
            ScreenAct::FollowWindow(follow) => self.set_state(FOLLOW_WINDOW, *follow),
            _ => {}
        }
    }

    /// Whether what only a display can do can be used, to be asked at any time.
    pub fn display_gate(&self) -> impl Fn() -> bool + Clone + 'static {
        let group = self.group.clone();
        move || group.is_action_enabled(local(SIZE))
    }

    /// The id of the one of several screens that is to be shown.
    pub fn screen(&self) -> Option<u32> {
        self.state::<String>(SCREEN)?.parse().ok()
    }

    /// What to do to show `display` larger or smaller by a step; nothing while there is no picture.
    pub fn zoom(&self, display: &VncDisplay, step: i8) -> Option<ScreenAct> {
        let now = (display.zoom()? * 100.0).round() as u32;
        let next = next_size(now, step);
        self.set_state(SIZE, next.to_string());
        Some(ScreenAct::Size(Some(next)))
    }

    fn action(&self, name: &'static str) -> Option<gio::SimpleAction> {
        self.group.lookup_action(local(name)).and_downcast()
    }

    fn state<T: FromVariant>(&self, name: &'static str) -> Option<T> {
        self.action(name)?.state()?.get()
    }

    /// Sets a state without doing what choosing it does.
    fn set_state(&self, name: &'static str, state: impl ToVariant) {
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
            ScreenAct::OneScreen(None),
            ScreenAct::ViewOnly(false),
            ScreenAct::FollowWindow(false),
        ];
        assert_eq!(controls.chosen(), fresh);
        let action = |name| controls.action(name).unwrap();
        action(SIZE).activate(Some(&"150".to_variant()));
        action(SCREEN).activate(Some(&"7".to_variant()));
        action(VIEW_ONLY).activate(None);
        let chosen = [
            ScreenAct::Size(Some(150)),
            ScreenAct::OneScreen(Some(7)),
            ScreenAct::ViewOnly(true),
            ScreenAct::FollowWindow(false),
        ];
        assert_eq!(controls.chosen(), chosen);
        drop(controls);
        drop(input);
        let heard: Vec<_> = std::iter::from_fn(|| heard.recv_sync()).collect();
        assert_eq!(heard, chosen[..3]);
    }
}
